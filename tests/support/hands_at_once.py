"""Two processes that decide at once on one document, again and again, and what must hold after.

``PYTHONPATH=.:tests/support python tests/support/hands_at_once.py sqlite 1000`` (or ``postgresql``)
runs more rounds than the tests do, and prints what was kept and what was refused.
"""

import json
import multiprocessing
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
from callers import person
from postgres_server import postgres_server

from schemas.dossier import Role, Stage
from schemas.errors import SohoaError
from schemas.field import Field, FieldStatus
from schemas.manifest import Manifest, Source
from schemas.work import ApprovalOptions, ApprovalRule, DecisionKind
from storage import Decision, Document, Ledger, NewClaim, NewDecision, NewFile
from usecases.approval import approve, refuse, reopen
from usecases.review import finish_review, save_decision, undo_decisions
from usecases.workspace import Workspace, load_manifest

FORK = multiprocessing.get_context("fork")
PEOPLE = ("an", "binh")
FIELDS = ("full_name", "father", "mother")
APPROVAL = ApprovalOptions(components=ApprovalRule.one)
ACTS = 4


class Said(NamedTuple):
    """What one person was told in one round: of each act its name, and the outcome."""

    act: str
    kept: int | None
    """Id of the decision that stands for what was said."""
    value: str | None
    refused: str | None
    """The code of the sentence."""


class Hand:
    """One person at one document."""

    def __init__(self, who: str, ledger: Ledger, work: Path, document: Document) -> None:
        self.caller = person(who)
        self.ledger, self.work, self.first = ledger, work, document
        self.mine: list[Decision] = []
        self.turns = random.Random(f"{who}-{document.id}")

    def act(self) -> Said:
        """Something a person may do now, as far as they know."""
        acts: list[tuple[str, Callable[[], Decision | None]]] = [
            ("save", self.save),
            ("save", self.save),
            ("undo", self.undo),
            ("finish", self.finish),
            ("approve", self.approve),
            ("refuse", self.refuse),
            ("reopen", self.reopen),
        ]
        name, act = self.turns.choice(acts)
        try:
            made = act()
        except SohoaError as error:
            for language in ("vi", "en"):
                assert error.sentence(language)  # type: ignore[arg-type]
            return Said(name, None, None, error.code)
        return Said(name, made.id if made else None, made.value if made else None, None)

    @property
    def now(self) -> Document:
        return self.ledger.document(self.first.id)

    def save(self) -> Decision:
        path = self.turns.choice(FIELDS)
        seen = self.now
        before = [one for one in self.ledger.standing_decisions(seen) if one.path == path]
        new = NewDecision(
            path=path,
            kind=DecisionKind.value,
            value=f"Lê Thử {self.turns.randrange(4)}",
            replaces=before[0].id if before else None,
        )
        made = save_decision(
            self.caller, self.ledger, self.work, seen.id, new, seen=seen.manifest_sha256 or ""
        )
        assert (made.path, made.value) == (path, new.value)
        self.mine.append(made)
        return made

    def undo(self) -> None:
        ids = [one.id for one in self.mine[-1:]]
        undo_decisions(self.caller, self.ledger, self.first.id, ids)

    def finish(self) -> None:
        seen = self.now.manifest_sha256 or ""
        finish_review(
            self.caller,
            self.ledger,
            self.work,
            self.first.id,
            seen=seen,
            accept=True,
            approval=APPROVAL,
        )  # fmt: skip

    def approve(self) -> None:
        seen = self.now.manifest_sha256 or ""
        approve(self.caller, self.ledger, self.first.id, seen=seen, options=APPROVAL)

    def refuse(self) -> None:
        dossier = self.ledger.dossier_by_id(self.first.dossier_id)
        refuse(self.caller, self.ledger, dossier, 1, "dấu mờ")

    def reopen(self) -> None:
        reopen(
            self.caller, self.ledger, self.ledger.dossier_by_id(self.first.dossier_id), 1, "nhầm"
        )


def in_review(ledger: Ledger, work: Path, number: int) -> Document:
    """A new dossier's document whose fields are all doubtful."""
    digest = f"{number:064x}"
    file = NewFile(relative="a.pdf", name="a.pdf", role=Role.component, sha256=digest, bytes=1)
    claim = NewClaim(
        claim_id=f"c{number}", department="mot-cua", code=f"H17-261123-{number:04d}", folder="a",
        files=(file,), actor="test",
    )  # fmt: skip
    (document,) = ledger.register(claim).documents
    doubtful = Field(value="?", confidence=0.1, status=FieldStatus.review)
    made = Manifest(
        source=Source(name="a.pdf", sha256=digest, bytes=1, media_type="application/pdf"),
        document_type="ct01", form_version="66/2023", legal_basis=None, pages=(),
        fields=dict.fromkeys(FIELDS, doubtful),
    )  # fmt: skip
    content = Workspace(work / str(document.id)).keep_manifest(made)
    ledger.advance(
        document.id, Stage.received, Stage.digitised, actor="test", manifest=content,
        pdfa_sha256="a" * 64,
    )  # fmt: skip
    return ledger.advance(
        document.id, Stage.digitised, Stage.in_review, actor="test", doubts=len(FIELDS)
    )


def _rounds(url: str, work: Path, who: str, ids: list[int], start: Barrier, out: Path) -> None:
    told: list[list[Said]] = []
    with Ledger.open(url) as ledger:
        for document_id in ids:
            hand = Hand(who, ledger, work, ledger.document(document_id))
            start.wait(120)
            told.append([hand.act() for _ in range(ACTS)])
    out.write_text(json.dumps(told))


def at_once(url: str, work: Path, rounds: int) -> Counter[str]:
    """Let two processes act at once in every round; how many acts came out how.

    Raises:
        AssertionError: a decision was lost or made up, or rows and events differ.
    """
    with Ledger.open(url) as ledger:
        ids = [in_review(ledger, work, number).id for number in range(1, rounds + 1)]
    start = FORK.Barrier(len(PEOPLE))
    out = {who: work / f"{who}.json" for who in PEOPLE}
    hands = [
        FORK.Process(target=_rounds, args=(url, work, who, ids, start, out[who])) for who in PEOPLE
    ]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join(3600)
        assert hand.exitcode == 0
    told = {who: json.loads(path.read_text()) for who, path in out.items()}
    with Ledger.open(url) as ledger:
        for turn, document_id in enumerate(ids):
            said = [Said(*one) for who in PEOPLE for one in told[who][turn]]
            _nothing_lost(ledger, work, ledger.document(document_id), said)
        assert ledger.examine() == ()
    every = (Said(*one) for who in PEOPLE for turn in told[who] for one in turn)
    return Counter(f"{one.act}: {one.refused or 'kept'}" for one in every)


def _nothing_lost(ledger: Ledger, work: Path, now: Document, said: list[Said]) -> None:
    assert now.stage in {Stage.in_review, Stage.awaiting_approval, Stage.ready_to_sign}
    rows = {one.id: one for one in ledger.decisions(now.id)}
    values = {one.id: one.value for one in rows.values() if one.kind is DecisionKind.value}
    kept = {one.kept: one.value for one in said if one.kept is not None}
    assert kept == values, "each that was confirmed is there, and no other"
    assert all((one.undone_by is None) == (one.undone_at is None) for one in rows.values())
    standing = ledger.standing_decisions(now)
    assert len({one.path for one in standing}) == len(standing)
    if now.stage is Stage.in_review:
        assert now.manifest_sha256 == now.reading_sha256
        return
    manifest = load_manifest(Workspace(work / str(now.id)), now, ledger)
    fields: dict[str, Any] = dict(manifest.walk())
    for one in standing:
        if one.kind is DecisionKind.value:
            assert fields[one.path].value == one.value, "what stands is in the manifest"


@contextmanager
def a_ledger(kind: str, folder: Path) -> Iterator[str]:
    """The address of an empty ledger of this kind."""
    if kind == "sqlite":
        yield f"sqlite:///{folder}/ledger.sqlite"
        return
    with postgres_server() as server:
        with psycopg.connect(host=str(server), user="postgres", autocommit=True) as connection:
            connection.execute("CREATE DATABASE at_once")
        yield f"postgresql://postgres@/at_once?host={server}"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name, a_ledger(sys.argv[1], Path(name)) as address:
        for outcome, count in sorted(at_once(address, Path(name), int(sys.argv[2])).items()):
            print(f"{count:6} {outcome}")
