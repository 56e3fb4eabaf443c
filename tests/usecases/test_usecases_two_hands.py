"""Two people, or two processes, decide at once: one decision counts, the other one is told so."""

import json
import multiprocessing
from collections.abc import Callable, Iterator
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
import pytest
from postgres_server import postgres_server

from schemas.dossier import Role, Stage
from schemas.errors import Conflict
from schemas.field import Field, FieldStatus
from schemas.manifest import (
    SEVERAL_DOCUMENTS,
    Manifest,
    PageReport,
    Part,
    PartReason,
    Region,
    Source,
)
from storage import Document, Dossier, Ledger, NewClaim, NewFile
from usecases.caller import Caller, Duty
from usecases.review import Assignment, doubts, settle
from usecases.splitting import parse_ranges, split_by_person
from usecases.workspace import Workspace, load_manifest

ROUNDS = 12


def caller(name: str) -> Caller:
    return Caller(name, frozenset(Duty))


FORK = multiprocessing.get_context("fork")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.service)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/ledger.sqlite"
        return
    with postgres_server() as folder:
        with psycopg.connect(host=str(folder), user="postgres", autocommit=True) as connection:
            connection.execute("CREATE DATABASE two_hands")
        yield f"postgresql://postgres@/two_hands?host={folder}"


class Place(NamedTuple):
    """What both processes know."""

    url: str
    work: Path


def page(number: int) -> PageReport:
    return PageReport(
        number=number, width=595, height=842, dpi=300, rotation=0, skew=0, blank=False, words=9,
        confidence=0.9,
    )  # fmt: skip


def manifest(digest: str) -> Manifest:
    """Of a file with a doubtful name, that seems to hold two documents."""
    parts = tuple(
        Part(regions=(Region(page=at),), reason=PartReason.header, confidence=0.5) for at in (1, 2)
    )
    return Manifest(
        source=Source(name="a.pdf", sha256=digest, bytes=1, media_type="application/pdf"),
        document_type="ct01",
        form_version="66/2023",
        legal_basis=None,
        pages=(page(1), page(2)),
        fields={"full_name": Field(value="?", confidence=0.1, status=FieldStatus.review)},
        warnings=(SEVERAL_DOCUMENTS,),
        parts=parts,
    )


def code(number: int) -> str:
    return f"H17-261123-{number:04d}"


def in_review(place: Place, ledger: Ledger, number: int) -> Document:
    """Document 1 of a new dossier, waiting for a person."""
    digest = f"{number:064x}"
    file = NewFile(relative="a.pdf", name="a.pdf", role=Role.component, sha256=digest, bytes=1)
    claim = NewClaim(
        claim_id=f"c{number}", department="mot-cua", code=code(number), folder="a", files=(file,),
        actor="test",
    )  # fmt: skip
    (document,) = ledger.register(claim).documents
    content = Workspace(place.work / str(document.id)).keep_manifest(manifest(digest))
    ledger.advance(
        document.id, Stage.received, Stage.digitised, actor="test", manifest=content,
        pdfa_sha256="a" * 64,
    )  # fmt: skip
    return ledger.advance(document.id, Stage.digitised, Stage.in_review, actor="test")


Decision = Callable[[Place, Ledger, Dossier, str], object]


def keep(place: Place, ledger: Ledger, dossier: Dossier, who: str) -> object:
    named = [Assignment(None, "full_name", f"Người {who}")]
    return settle(caller(who), ledger, place.work, dossier, named, accept=True, keep_together=True)


def accept(place: Place, ledger: Ledger, dossier: Dossier, who: str) -> object:
    """Both decide the very same."""
    return settle(caller("x"), ledger, place.work, dossier, (), accept=True, keep_together=True)


def split(place: Place, ledger: Ledger, dossier: Dossier, who: str) -> object:
    ranges = parse_ranges("1,2" if who == "an" else "1-2")
    return split_by_person(caller(who), ledger, place.work, dossier, None, ranges)


def split_alike(place: Place, ledger: Ledger, dossier: Dossier, who: str) -> object:
    return split_by_person(caller("x"), ledger, place.work, dossier, None, ())


def retry(place: Place, ledger: Ledger, dossier: Dossier, who: str) -> object:
    return ledger.retry(dossier.id, who, seen=ledger.documents(dossier.id))


def each_round(place: Place, who: str, decision: Decision, start: Barrier, out: Path) -> None:
    """Decide in every round; what came of it goes to ``out``. Both look before either writes."""
    said = []
    with Ledger.open(place.url) as ledger:
        for name in ("settle_all", "split", "retry"):
            setattr(ledger, name, _after(start, getattr(ledger, name)))
        for number in range(1, ROUNDS + 1):
            dossier = ledger.dossier(code(number))
            assert dossier is not None
            try:
                decision(place, ledger, dossier, who)
                said.append("done")
            except Conflict as error:
                said.append(error.code)
    out.write_text(json.dumps(said))


def _after(start: Barrier, write: Callable[..., Any]) -> Callable[..., Any]:
    def waiting(*arguments: Any, **named: Any) -> Any:
        start.wait(300)
        return write(*arguments, **named)

    return waiting


def both(place: Place, one: Decision, other: Decision) -> list[tuple[str, str]]:
    """What the two were told, round by round."""
    start = FORK.Barrier(2)
    told = {who: place.work / f"{who}.json" for who in ("an", "binh")}
    hands = [
        FORK.Process(target=each_round, args=(place, who, decision, start, told[who]))
        for who, decision in (("an", one), ("binh", other))
    ]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join(120)
        assert hand.exitcode == 0
    first, second = (json.loads(path.read_text()) for path in told.values())
    return list(zip(first, second, strict=True))


@pytest.mark.parametrize(
    ("one", "other"),
    [(keep, keep), (accept, accept), (split, split), (split_alike, split_alike), (keep, split)],
)
def test_of_two_decisions_one_counts_and_its_manifest_stands(
    url: str, tmp_path: Path, one: Decision, other: Decision
) -> None:
    place = Place(url, tmp_path / "work")
    place.work.mkdir()
    with Ledger.open(url) as ledger:
        documents = [in_review(place, ledger, number) for number in range(1, ROUNDS + 1)]
    told = both(place, one, other)
    assert {frozenset(pair) for pair in told} == {frozenset({"done", "storing.decided_before"})}
    with Ledger.open(url) as ledger:
        assert ledger.verify_chain().intact
        for document, (first, _) in zip(documents, told, strict=True):
            now = ledger.document(document.id)
            events = [
                event
                for event in ledger.events(now.dossier_id)
                if event.document_id == now.id and event.kind in {"reviewed", "split"}
            ]
            assert [event.hash_after for event in events] == [now.manifest_sha256]
            made = load_manifest(Workspace(place.work / str(now.id)), now, ledger)
            if {one, other} <= {keep, split}:
                winner = "an" if first == "done" else "binh"
                assert events[0].actor == winner
                name = made.fields["full_name"]
                assert isinstance(name, Field)
                if now.stage is Stage.ready_to_sign:
                    assert name.value == f"Người {winner}"
                else:
                    assert len(made.parts) == (2 if winner == "an" else 1)


def test_of_two_who_try_again_one_does(url: str, tmp_path: Path) -> None:
    place = Place(url, tmp_path / "work")
    place.work.mkdir()
    with Ledger.open(url) as ledger:
        for number in range(1, ROUNDS + 1):
            document = in_review(place, ledger, number)
            ledger.settle(document.id, "b" * 64, "x", based_on=document.manifest_sha256 or "")
            ledger.fail(document.id, "flow.source_damaged", {"document": "x"}, "test")
    told = both(place, retry, retry)
    assert {frozenset(pair) for pair in told} == {frozenset({"done", "storing.decided_before"})}
    with Ledger.open(url) as ledger:
        retried = [event for event in ledger.events() if event.kind == "retried"]
        assert len(retried) == ROUNDS


def test_a_decision_names_what_it_was_based_on(url: str, tmp_path: Path) -> None:
    """The document came back for review with another manifest while the person looked."""
    place = Place(url, tmp_path / "work")
    with Ledger.open(url) as ledger:
        seen = in_review(place, ledger, 1)
        ledger.begin_again(seen.id, seen.manifest_sha256 or "", "test")
        workspace = Workspace(place.work / str(seen.id))
        other = manifest(seen.source_sha256).model_copy(update={"document_type": "ct07"})
        ledger.advance(
            seen.id, Stage.received, Stage.digitised, actor="test",
            manifest=workspace.keep_manifest(other), pdfa_sha256="c" * 64,
        )  # fmt: skip
        ledger.advance(seen.id, Stage.digitised, Stage.in_review, actor="test")
        with pytest.raises(Conflict) as refused:
            ledger.settle(seen.id, "d" * 64, "x", based_on=seen.manifest_sha256 or "")
        assert refused.value.code == "storing.decided_before"
        dossier = ledger.dossier(code(1))
        assert dossier is not None
        assert doubts(ledger, place.work, dossier)[0].manifest.document_type == "ct07"


def test_folders_with_fixed_names_go_on_working(url: str, tmp_path: Path) -> None:
    """Work folders of an earlier version: nothing is in the ledger but hashes."""
    place = Place(url, tmp_path / "work")
    with Ledger.open(url) as ledger:
        document = in_review(place, ledger, 1)
        workspace = Workspace(place.work / str(document.id))
        found = workspace.find_manifest(document.manifest_sha256)
        assert found is not None
        found.rename(workspace.folder / "manifest.json")
        ledger.manifest = lambda *_: None  # type: ignore[method-assign]
        dossier = ledger.dossier(code(1))
        assert dossier is not None
        keep(place, ledger, dossier, "an")
        now = ledger.document(document.id)
        assert load_manifest(workspace, now, ledger).doubtful() == ()
