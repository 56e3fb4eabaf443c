"""Three departments with published, withdrawn and unfinished papers, for what they share.

Every document's file says whose it is, so that a leak is seen in what comes back. What should reach
whom is said here once more, in plain Python: tests hold the ledger's one rule against it.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from desk_office import HERE, PASSWORD, Browser, DeskOffice, a_desk
from httpx import Response

from schemas.department import Department
from schemas.dossier import Role, Stage
from schemas.field import Field, FieldStatus
from schemas.manifest import Manifest, Source
from schemas.sharing import Shared
from storage import Grant, Ledger, NewClaim, NewFile, NewGrant, ObjectKind, StoredObject
from usecases import accounts
from usecases.caller import Caller, Duty, local_operator

TAX, JUSTICE = "thue", "tu-phap"
DEPARTMENTS = (HERE, TAX, JUSTICE)
BIRTH, STAYING, LIVING = "1.001193", "1.004194", "1.004222"
ONE, TWO, THREE = "H17-261130-0011", "H17-261130-0012", "H17-261130-0013"
MISSING = "H17-261130-0099"
CARD = "can_cuoc"
DAY = timedelta(days=1)


Reading = tuple[str, str, int]
"""A document: department, dossier, number."""
SAID = {"Sohoa-Purpose": "%C4%91%E1%BB%91i%20chi%E1%BA%BFu"}


ALL: dict[str, list[Duty]] = {**{one.value: [one] for one in Duty}, "all": list(Duty)}
"""Accounts of each department, by what they are called: ``reader.thue``."""


class Paper(NamedTuple):
    """A document of the office."""

    department: str
    code: str
    number: int
    kind: str
    stage: Stage

    @property
    def mark(self) -> str:
        """What its file says."""
        return f"paper of {self.department} {self.code} {self.number}"


PROCEDURES = {(HERE, ONE): (BIRTH,), (HERE, TWO): (LIVING, STAYING)}
PAPERS = (
    Paper(HERE, ONE, 1, "to_khai_khai_sinh", Stage.published),
    Paper(HERE, ONE, 2, CARD, Stage.published),
    Paper(HERE, ONE, 3, "giay_khai_sinh", Stage.published),
    Paper(HERE, ONE, 4, "ct01", Stage.in_review),
    Paper(HERE, ONE, 5, "quyet_dinh", Stage.withdrawn),
    Paper(HERE, TWO, 1, "ct01", Stage.published),
    Paper(TAX, THREE, 1, "quyet_dinh", Stage.published),
    Paper(JUSTICE, ONE, 1, "quyet_dinh", Stage.published),
)


@dataclass(frozen=True)
class Given:
    """A grant of a scenario; days are counted from now."""

    kind: Shared
    subject: str
    giver: str = HERE
    receiver: str = TAX
    first: int = -1
    last: int = 1
    ended: bool = False

    def enter(self, desk: DeskOffice) -> Grant:
        ledger, now = desk.rooms.ledger, desk.clock()
        dossier = ledger.dossier(self.subject, self.giver) if self.kind is Shared.dossier else None
        new = NewGrant(
            giver=self.giver, receiver=self.receiver, kind=self.kind, subject=self.subject,
            dossier_id=dossier.id if dossier else None, begins_at=now + self.first * DAY,
            ends_at=now + self.last * DAY, reason="phối hợp",
        )  # fmt: skip
        made = ledger.grants.add(new, "test")
        return ledger.grants.end(made.id, "test") if self.ended else made

    def stands(self) -> bool:
        return self.first <= 0 < self.last and not self.ended


def reaches(paper: Paper, department: str, given: tuple[Given, ...]) -> bool:
    """Whether a document is of a department or shared with it, whatever its stage."""
    mine = [
        one
        for one in given
        if one.stands() and (one.giver, one.receiver) == (paper.department, department)
    ]
    codes = PROCEDURES.get((paper.department, paper.code), ())
    granted = {one.subject for one in mine if one.kind is Shared.procedure}
    return (
        paper.department == department
        or (bool(codes) and set(codes) <= granted)
        or any(one.kind is Shared.document_type and one.subject == paper.kind for one in mine)
        or any(one.kind is Shared.dossier and one.subject == paper.code for one in mine)
    )


class MarkedFiles:
    """A store whose files say whose they are."""

    def get(self, _bucket: str, key: str, out: Path, **_more: object) -> None:
        department, code, name = key.split("/")
        mark = Paper(department, code, int(name.partition(".")[0]), "", Stage.published).mark
        if not name.endswith(".manifest"):
            out.write_text(f"%PDF-1.7 {mark}")
            return
        source = Source(name="1.pdf", sha256="0" * 64, bytes=1, media_type="application/pdf")
        manifest = Manifest(
            source=source, document_type=None, form_version=None, legal_basis=None, pages=(),
            fields={"full_name": Field(value=mark, status=FieldStatus.accepted)},
        )  # fmt: skip
        out.write_text(manifest.model_dump_json())


@contextmanager
def sharing_office(folder: Path, **options: Any) -> Iterator[DeskOffice]:
    """The office, with the accounts of :data:`ALL` in each department."""
    with a_desk(folder, waiting=False, **options) as desk:
        ledger = desk.rooms.ledger
        ledger.add_department(Department(id=JUSTICE, name="Tư pháp"), "test")
        for unit in DEPARTMENTS:
            for name, duties in ALL.items():
                accounts.add(
                    local_operator(), desk.rooms, f"{name}.{unit}", duties, [unit],
                    password=PASSWORD,
                )  # fmt: skip
        for unit, code in dict.fromkeys((one.department, one.code) for one in PAPERS):
            _enter(ledger, unit, code)
        store: Any = MarkedFiles()
        object.__setattr__(desk.rooms, "objects", lambda: store)
        yield desk


def caller(duty: Duty, department: str) -> Caller:
    return Caller(f"user:{duty}.{department}", frozenset({duty}), frozenset({department}))


def _enter(ledger: Ledger, department: str, code: str) -> None:
    papers = [one for one in PAPERS if (one.department, one.code) == (department, code)]
    files = tuple(
        NewFile(
            relative=f"{one.number}.pdf", name=f"{one.number}.pdf", role=Role.result,
            sha256=f"{abs(hash(one.mark)):064x}"[-64:], bytes=1,
        )
        for one in papers
    )  # fmt: skip
    claim = NewClaim(
        claim_id=f"{department}-{code}", department=department, code=code, folder=code,
        files=files, actor="test",
    )  # fmt: skip
    made = ledger.register(claim)
    for paper, document in zip(papers, made.documents, strict=True):
        _bring(ledger, document.id, paper)
        for kind in (ObjectKind.signed, ObjectKind.manifest, ObjectKind.original):
            ledger.record_object(
                StoredObject(
                    bucket="results", key=f"{department}/{code}/{paper.number}.{kind.value}",
                    version_id=None, sha256="c" * 64, bytes=15, retain_until=None,
                ),
                kind=kind, dossier_id=document.dossier_id, document_id=document.id, actor="test",
            )  # fmt: skip
    ledger.set_due(made.dossier.id, PROCEDURES.get((department, code), ()), None, "test")


def _bring(ledger: Ledger, document_id: int, paper: Paper) -> None:
    way = [Stage.received, Stage.digitised]
    way += (
        [Stage.in_review]
        if paper.stage is Stage.in_review
        else [Stage.ready_to_sign, Stage.signed, Stage.stored, Stage.published]
    )
    told: dict[Stage, Any] = {
        Stage.digitised: {
            "manifest_sha256": "b" * 64, "pdfa_sha256": "d" * 64, "document_type": paper.kind,
            "pages": 2,
        },
        Stage.signed: {"signed_sha256": "c" * 64},
    }  # fmt: skip
    for one, to in pairwise(way):
        ledger.advance(document_id, one, to, actor="test", **told.get(to, {}))
    if paper.stage is Stage.withdrawn:
        ledger.withdraw(document_id, "nhầm", "test")


def marks(text: str) -> set[Reading]:
    """Whose papers a text holds."""
    found = re.findall(r"paper of (\S+) (H17-\d+-\d+) (\d+)", text)
    return {(unit, code, int(number)) for unit, code, number in found}


def asked(browser: Browser, paper: Paper, file: str, **more: dict[str, str]) -> Response:
    path = f"/results/{paper.code}/{paper.number}/{file}?department={paper.department}"
    return browser.get(path, **more)  # type: ignore[arg-type]
