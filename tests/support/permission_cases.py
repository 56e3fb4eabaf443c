"""Who may do what: every use case with who may and a call, and an office to ask it of."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import permission_cases_review
import pytest

from ocr import ReaderPool, ReadingOptions
from schemas.department import Department
from schemas.dossier import Role, Stage
from schemas.errors import NotFound, SohoaError
from schemas.field import Field, FieldStatus
from schemas.manifest import Manifest, Source
from schemas.work import DecisionKind
from signing import SignerRole, Trust
from storage import (
    Document,
    Dossier,
    Ledger,
    NewAccount,
    NewClaim,
    NewDecision,
    NewFile,
    ObjectKind,
    StoredObject,
)
from usecases import (
    accounts,
    approval,
    archive,
    batch,
    departments,
    evidence,
    exporting,
    fetch,
    figures,
    find,
    following,
    look,
    office_keys,
    pictures,
    published,
    retrying,
    review,
    route,
    splitting,
    submission,
    tokens,
    trust,
    withdrawal,
)
from usecases.caller import Caller, Duty
from usecases.rooms import Rooms
from usecases.workspace import Workspace

OWN, OTHER, NONE = "H17-261123-0001", "H17-261123-0002", "H17-261123-0003"
HERE, ELSEWHERE = "mot-cua", "thue"
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
NOBODY_SIGNS: Any = None

CLERK, SIGNER, OPERATOR, READER = Duty.clerk, Duty.signer, Duty.operator, Duty.reader
LOOKING = {CLERK, SIGNER, OPERATOR}
TAKING = {READER, CLERK, SIGNER}


@dataclass(frozen=True)
class Asked:
    """What a use case is asked with."""

    caller: Caller
    rooms: Rooms
    code: str
    dossier: Dossier | None
    department: str
    folder: Path


@dataclass(frozen=True)
class Case:
    """Who may, and the call. ``names_dossier``: it is about one that is named by its code."""

    allowed: set[Duty]
    call: Callable[[Asked], Any]
    names_dossier: bool = False


def _moved(_held: str, _unit: str) -> None:
    raise NotFound("flow.not_held")


def _picture(asked: Asked) -> Any:
    pool = ReaderPool(ReadingOptions(), 1)  # nothing is drawn, none is started
    return asyncio.run(
        pictures.page_picture(asked.caller, asked.rooms, pool, asked.code, 1, 1, zone=None)
    )


def _submission(asked: Asked) -> submission.Submission:
    return submission.Submission(asked.code, False, (asked.folder / "none",))


CASES: dict[str, Case] = {
    "look.dossiers": Case(LOOKING, lambda a: look.dossiers(a.caller, a.rooms)),
    "look.moved": Case(LOOKING, lambda a: look.moved(a.caller, a.rooms, LONG_AGO)),
    "look.names": Case(LOOKING, lambda a: look.names(a.caller, a.rooms, [])),
    "look.dossier": Case(LOOKING, lambda a: look.dossier(a.caller, a.rooms, a.code), True),
    "look.waiting": Case(LOOKING, lambda a: look.waiting(a.caller, a.rooms, a.code), True),
    "look.fields": Case(LOOKING, lambda a: look.fields(a.caller, a.rooms, a.code, 1), True),
    "pictures.page_picture": Case(LOOKING, _picture, True),
    "pictures.kept_picture": Case(
        LOOKING, lambda a: pictures.kept_picture(a.caller, a.rooms, a.code, 1, "a" * 64), True
    ),
    "find.results": Case(TAKING, lambda a: find.results(a.caller, a.rooms)),
    "fetch.fetch": Case(TAKING, lambda a: fetch.fetch(a.caller, a.rooms, a.code, a.folder), True),
    "published.published": Case(TAKING, lambda a: list(published.published(a.caller, a.rooms))),
    "exporting.export": Case(
        TAKING,
        lambda a: exporting.export(
            a.caller, a.rooms, exporting.ExportFormat.csv, ZoneInfo("Asia/Ho_Chi_Minh")
        ),
    ),
    "evidence.export": Case(
        TAKING,
        lambda a: evidence.export(
            a.caller, a.rooms, a.code, a.folder / "e.asice", NOBODY_SIGNS, hashes_only=True
        ),
        True,
    ),
    "submission.submit": Case(
        {CLERK},
        lambda a: submission.submit(a.caller, a.folder / "inbox", a.department, _submission(a)),
    ),
    "following.stage_reached": Case(
        LOOKING,
        lambda a: following.stage_reached(
            a.caller, a.rooms, a.code, a.department, since=LONG_AGO, seconds=1, sleep=_nap
        ),
    ),
    "following.resting_claims": Case(
        {OPERATOR}, lambda a: following.resting_claims(a.caller, a.rooms, "inbox")
    ),
    "review.settle": Case(
        {CLERK, SIGNER},
        lambda a: review.settle(
            a.caller, a.rooms.ledger, a.rooms.work, _known(a), (), accept=False
        ),
        True,
    ),
    "review.save_decision": Case(
        {CLERK, SIGNER},
        lambda a: review.save_decision(
            a.caller, a.rooms.ledger, a.rooms.work, _first(a).id,
            NewDecision(path="full_name", kind=DecisionKind.confirmed), seen="0" * 64,
        ),
    ),
    "review.undo_decisions": Case(
        {CLERK, SIGNER},
        lambda a: review.undo_decisions(a.caller, a.rooms.ledger, _first(a).id, [1]),
    ),
    "review.finish_review": Case(
        {CLERK, SIGNER},
        lambda a: review.finish_review(
            a.caller, a.rooms.ledger, a.rooms.work, _first(a).id, seen="0" * 64
        ),
    ),
    "approval.approve": Case(
        {SIGNER}, lambda a: approval.approve(a.caller, a.rooms.ledger, _first(a).id, seen="")
    ),
    "approval.approve_many": Case(
        {SIGNER}, lambda a: approval.approve_many(a.caller, a.rooms.ledger, {})
    ),
    "approval.approve_waiting": Case(
        {SIGNER}, lambda a: approval.approve_waiting(a.caller, a.rooms.ledger, _known(a)), True
    ),
    "approval.refuse": Case(
        {SIGNER},
        lambda a: approval.refuse(a.caller, a.rooms.ledger, _known(a), None, "ảnh mờ"),
        True,
    ),
    "approval.reopen": Case(
        {CLERK, SIGNER},
        lambda a: approval.reopen(a.caller, a.rooms.ledger, _known(a), 2, "ảnh mờ"),
        True,
    ),
    "withdrawal.withdraw": Case(
        {SIGNER},
        lambda a: withdrawal.withdraw(a.caller, a.rooms, _known(a), _first(a), "ban hành nhầm"),
        True,
    ),
    "withdrawal.withdrawn": Case(
        TAKING, lambda a: withdrawal.withdrawn(a.caller, a.rooms, a.code), True
    ),
    "withdrawal.withdrawn_since": Case(
        TAKING, lambda a: withdrawal.withdrawn_since(a.caller, a.rooms)
    ),
    "splitting.split_by_person": Case(
        {CLERK, SIGNER},
        lambda a: splitting.split_by_person(
            a.caller, a.rooms.ledger, a.rooms.work, _known(a), 1, ()
        ),
        True,
    ),
    "retrying.retry": Case({OPERATOR}, lambda a: retrying.retry(a.caller, a.rooms, a.code), True),
    "departments.departments": Case(LOOKING, lambda a: departments.departments(a.caller, a.rooms)),
    "departments.add": Case({OPERATOR}, lambda a: departments.add(a.caller, a.rooms, HERE)),
    "departments.rename": Case(
        {OPERATOR}, lambda a: departments.rename(a.caller, a.rooms, HERE, "Một cửa")
    ),
    "departments.assign": Case(
        {OPERATOR}, lambda a: departments.assign(a.caller, a.rooms, "CHO-1", HERE, _moved)
    ),
    "trust.findings": Case(LOOKING, lambda a: trust.findings(a.caller, a.rooms)),
    "trust.examine": Case({OPERATOR}, lambda a: trust.examine(a.caller, a.rooms)),
    "trust.check": Case({OPERATOR}, lambda a: trust.check(a.caller, a.rooms)),
    "trust.answer": Case(
        {OPERATOR}, lambda a: trust.answer(a.caller, a.rooms, " ", restore=False)),
    "trust.look_through_store": Case(
        {OPERATOR}, lambda a: trust.look_through_store(a.caller, a.rooms, Trust())
    ),
    "office_keys.root": Case({OPERATOR}, lambda a: office_keys.root(a.caller, a.rooms, "a" * 64)),
    "office_keys.replace_root": Case(
        {OPERATOR},
        lambda a: office_keys.replace_root(
            a.caller, a.rooms, "a" * 64, confirmed="a" * 16, reason="x"
        ),
    ),
    "figures.figures": Case(LOOKING, lambda a: figures.figures(a.caller, a.rooms)),
    "route.begin": Case(
        {SIGNER}, lambda a: route.begin(a.caller, a.rooms.ledger, a.folder, a.folder, ())
    ),
    "route.show": Case(LOOKING, lambda a: route.show(a.caller, a.rooms.ledger, a.folder)),
    "route.look": Case(LOOKING, lambda a: route.look(a.caller, a.rooms.ledger, "none")),
    "route.routes": Case(LOOKING, lambda a: route.routes(a.caller, a.rooms.ledger)),
    "route.take_turn": Case(
        {SIGNER},
        lambda a: route.take_turn(
            a.caller, a.rooms.ledger, a.folder, NOBODY_SIGNS, person="x", moment=LONG_AGO
        ),
    ),
    "route.refuse": Case(
        {SIGNER},
        lambda a: route.refuse(
            a.caller, a.rooms.ledger, a.folder, person="x", reason="", moment=LONG_AGO
        ),
    ),
    "batch.approve": Case(
        {SIGNER},
        lambda a: batch.approve(
            a.caller, a.rooms.ledger, a.folder, [a.folder / "none"], profile="sao-y",
            role=SignerRole.seal, person="x", moment=LONG_AGO,
        ),
    ),
    "batch.show": Case(LOOKING, lambda a: batch.show(a.caller, a.rooms.ledger, a.folder)),
    "batch.look": Case(LOOKING, lambda a: batch.look(a.caller, a.rooms.ledger, "none")),
    "batch.batches": Case(LOOKING, lambda a: batch.batches(a.caller, a.rooms.ledger)),
    "batch.run": Case(
        {SIGNER}, lambda a: batch.run(a.caller, a.rooms.ledger, a.folder, NOBODY_SIGNS)
    ),
    "accounts.accounts": Case({OPERATOR}, lambda a: accounts.accounts(a.caller, a.rooms)),
    "accounts.add": Case(
        {OPERATOR}, lambda a: accounts.add(a.caller, a.rooms, "x y", [CLERK], [HERE])
    ),
    "accounts.add_first": Case({OPERATOR}, lambda a: accounts.add_first(a.caller, a.rooms, "x y")),
    "accounts.disable": Case({OPERATOR}, lambda a: accounts.disable(a.caller, a.rooms, "lan")),
    "accounts.enable": Case({OPERATOR}, lambda a: accounts.enable(a.caller, a.rooms, "lan")),
    "accounts.reset": Case({OPERATOR}, lambda a: accounts.reset(a.caller, a.rooms, "lan")),
    "accounts.change_own_password": Case(
        set(Duty), lambda a: accounts.change_own_password(a.caller, a.rooms, "wrong", "new")
    ),
    "accounts.end_own_sessions": Case(
        set(Duty), lambda a: accounts.end_own_sessions(a.caller, a.rooms)
    ),
    "tokens.tokens": Case({OPERATOR}, lambda a: tokens.tokens(a.caller, a.rooms)),
    "tokens.add": Case({OPERATOR}, lambda a: tokens.add(a.caller, a.rooms, "x y", [CLERK], [HERE])),
    "tokens.end": Case({OPERATOR}, lambda a: tokens.end(a.caller, a.rooms, "dvc")),
    "archive.renew_stored": Case(
        {OPERATOR}, lambda a: archive.renew_stored(a.caller, NOBODY_SIGNS)
    ),
    **permission_cases_review.cases(Case),
}  # fmt: skip


def _nap(_seconds: float) -> None:
    """No test waits."""


def _known(asked: Asked) -> Dossier:
    """The dossier, as a face that was careless enough to look it up itself would have it."""
    if asked.dossier is None:
        raise NotFound("cli.no_dossier")
    return asked.dossier


def _first(asked: Asked) -> Document:
    """The document under review, or the one of the caller's own department."""
    dossier = _known(asked) if asked.dossier else asked.rooms.ledger.dossier(OWN)
    return asked.rooms.ledger.documents(dossier.id if dossier else 0)[0]


class Kept:
    """A store that is there, and has nothing."""

    def __getattr__(self, name: str) -> Any:
        raise NotFound("storing.no_object")


def _opened(ledger: Ledger, work: Path, code: str, department: str, number: int) -> None:
    """A dossier with one document under review and one that is published."""
    files = tuple(
        NewFile(
            relative=f"{at}.pdf", name=f"{at}.pdf", role=Role.component,
            sha256=f"{10 * number + at:064x}", bytes=1,
        )
        for at in (1, 2)
    )  # fmt: skip
    claim = NewClaim(
        claim_id=code, department=department, code=code, folder=code, files=files, actor="test"
    )
    waiting, done = ledger.register(claim).documents
    manifest = Manifest(
        source=Source(name="1.pdf", sha256="0" * 64, bytes=1, media_type="application/pdf"),
        document_type=None, form_version=None, legal_basis=None, pages=(),
        fields={"full_name": Field(value="Nguyễn Thị Mẫu", status=FieldStatus.review)},
    )  # fmt: skip
    content = Workspace(work / str(waiting.id)).keep_manifest
    Workspace(work / str(waiting.id)).folder.mkdir(parents=True)
    ledger.advance(
        waiting.id, Stage.received, Stage.digitised, actor="test", manifest=content(manifest),
        pdfa_sha256="a" * 64, pages=1, document_type="quyet_dinh",
    )  # fmt: skip
    ledger.advance(waiting.id, Stage.digitised, Stage.in_review, actor="test")
    way = [Stage.received, Stage.digitised, Stage.ready_to_sign, Stage.signed, Stage.stored]
    told = {
        Stage.digitised: {"manifest_sha256": "b" * 64},
        Stage.signed: {"signed_sha256": "c" * 64},
    }
    for one, to in zip(way, [*way[1:], Stage.published], strict=True):
        ledger.advance(done.id, one, to, actor="test", **told.get(to, {}))
    ledger.record_object(
        StoredObject(
            bucket="results", key=f"{department}/{code}/component-002.json", version_id=None,
            sha256="b" * 64, bytes=1, retain_until=None,
        ),
        kind=ObjectKind.manifest, dossier_id=done.dossier_id, document_id=done.id, actor="test",
    )  # fmt: skip
    ledger.found("object_missing", f"results/{code}", dossier_id=done.dossier_id)


@pytest.fixture(scope="module", name="rooms")
def office_rooms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rooms]:
    folder = tmp_path_factory.mktemp("office")
    with Ledger.open(f"sqlite:///{folder}/ledger.sqlite") as ledger:
        ledger.add_department(Department(id=ELSEWHERE, name="Thuế"), "test")
        mine = NewAccount(
            name="test", folded="test", password=None, duties=frozenset({"clerk"}), departments=None
        )
        ledger.accounts.add(mine, "test")
        store: Any = Kept()
        made = Rooms(ledger=ledger, work=folder / "work", objects=lambda: store)
        _opened(ledger, made.work, OWN, HERE, 1)
        _opened(ledger, made.work, OTHER, ELSEWHERE, 2)
        yield made


def caller(*duties: Duty) -> Caller:
    return Caller("user:test", frozenset(duties), frozenset({HERE}))


def outcome(case: Case, asked: Asked) -> SohoaError | None:
    try:
        case.call(asked)
    except SohoaError as error:
        return error
    except (AttributeError, OSError):  # it went on to a signer or a file that is not there
        return None
    return None


def asked(rooms: Rooms, who: Caller, code: str, folder: Path) -> Asked:
    department = ELSEWHERE if code == OTHER else HERE
    return Asked(who, rooms, code, rooms.ledger.dossier(code), department, folder)


from permission_cases_approve import OF_APPROVAL  # noqa: E402 - it is made of what stands above
from permission_cases_carpet import OF_SHEETS  # noqa: E402
from permission_cases_finding import FINDING  # noqa: E402
from permission_cases_learning import OF_LEARNING  # noqa: E402
from permission_cases_lists import LISTS  # noqa: E402
from permission_cases_papers import OF_PAPERS  # noqa: E402
from permission_cases_rescan import OF_RESCAN  # noqa: E402
from permission_cases_sharing import OF_SHARING  # noqa: E402

CASES |= FINDING | LISTS | OF_APPROVAL | OF_LEARNING | OF_PAPERS | OF_SHEETS | OF_RESCAN
CASES |= OF_SHARING
