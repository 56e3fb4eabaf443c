"""Sheets: a zone is one person's at a time, the first answer counts, an undo is all or nothing."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from ledger_steps import register, sha

from schemas.dossier import Stage
from schemas.errors import Conflict, NotFound
from schemas.work import DecisionKind
from storage import Document, Ledger, NewDecision, NewZone

LENGTH = timedelta(minutes=20)


class Clock:
    now = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def timed(ledger_url: str, clock: Clock) -> Iterator[Ledger]:
    with Ledger.open(ledger_url, clock=clock) as opened:
        yield opened
        assert opened.examine() == ()


def in_review(ledger: Ledger, claim: str) -> Document:
    (document,) = register(ledger, claim, claim).documents
    ledger.advance(
        document.id, Stage.received, Stage.digitised, actor="flow",
        manifest=claim.encode(), pdfa_sha256=sha("p"),
    )  # fmt: skip
    return ledger.advance(document.id, Stage.digitised, Stage.in_review, actor="flow", doubts=3)


def zones(document: Document, *paths: str, **more: object) -> list[NewZone]:
    seen = document.manifest_sha256
    return [
        NewZone(document_id=document.id, manifest_sha256=seen, path=one, **more) for one in paths
    ]


def paths(ledger: Ledger, key: str) -> list[str]:
    return [one.path for one in ledger.sheets.zones(key)]


def test_a_zone_is_on_one_sheet_at_a_time(timed: Ledger, clock: Clock) -> None:
    document = in_review(timed, "c1")
    mine = timed.sheets.open("date", zones(document, "a", "b"), "an", LENGTH)
    assert mine is not None
    theirs = timed.sheets.open("date", zones(document, "b", "c"), "binh", LENGTH)
    assert theirs is not None and paths(timed, theirs.key) == ["c"]
    assert timed.sheets.open("date", zones(document, "a", "b", "c"), "chi", LENGTH) is None
    assert {path for _, _, path in timed.sheets.taken()} == {"a", "b", "c"}
    clock.now += LENGTH
    assert timed.sheets.taken() == set()
    again = timed.sheets.open("date", zones(document, "a", "b", "c"), "chi", LENGTH)
    assert again is not None and paths(timed, again.key) == ["a", "b", "c"]


def test_of_many_at_once_nobody_gets_the_same(timed: Ledger) -> None:
    document = in_review(timed, "c1")
    wanted = zones(document, *(f"f{n}" for n in range(10)))

    def ask(number: int) -> list[str]:
        mine = wanted[number % 4 :]
        found = timed.sheets.open("date", mine, f"user:{number}", LENGTH)
        return paths(timed, found.key) if found else []

    with ThreadPoolExecutor(6) as threads:
        given = [path for found in threads.map(ask, range(12)) for path in found]
    assert sorted(given) == sorted(set(given))
    assert len(given) == 10


def test_looking_again_prolongs_and_what_is_over_stays_over(timed: Ledger, clock: Clock) -> None:
    document = in_review(timed, "c1")
    mine = timed.sheets.open("date", zones(document, "a"), "an", LENGTH)
    assert mine is not None
    clock.now += LENGTH / 2
    timed.sheets.hold(mine.key, LENGTH)
    clock.now += LENGTH * 0.9
    assert timed.sheets.present("an") is not None
    clock.now += LENGTH
    timed.sheets.hold(mine.key, LENGTH)
    assert timed.sheets.present("an") is None


def test_a_sheet_is_its_persons_alone(timed: Ledger) -> None:
    mine = timed.sheets.open("date", zones(in_review(timed, "c1"), "a"), "an", LENGTH)
    assert mine is not None and timed.sheets.find(mine.key, "an") == mine
    for key, who in ((mine.key, "binh"), ("0" * 32, "an")):
        with pytest.raises(NotFound):
            timed.sheets.find(key, who)
    assert timed.sheets.present("binh") is None


def test_the_first_answer_counts_and_planted_values_are_forgotten(
    timed: Ledger, clock: Clock
) -> None:
    document = in_review(timed, "c1")
    new = [*zones(document, "a", "b"), *zones(document, "a", planted=True, shown="2000-01-01")]
    mine = timed.sheets.open("date", new, "an", LENGTH)
    assert mine is not None
    assert [one.shown for one in timed.sheets.zones(mine.key)] == [None, None, "2000-01-01"]
    timed.sheets.answer(mine.key, [2])
    again = timed.sheets.answer(mine.key, [1, 3])
    assert [one.wrong for one in again] == [False, True, False]
    timed.sheets.close(mine.key, {})
    assert all(one.shown is None for one in timed.sheets.zones(mine.key))
    assert [one.wrong for one in timed.sheets.planted_lately("an", 9)] == [False]
    assert timed.sheets.planted_lately("binh", 9) == []
    assert {path for _, _, path in timed.sheets.taken()} == {"b"}, "marked as wrong: for a review"
    assert timed.sheets.last("an", clock.now) is not None
    assert timed.sheets.last("an", clock.now + LENGTH) is None


def decided(ledger: Ledger, document: Document, path: str) -> int:
    new = NewDecision(path=path, kind=DecisionKind.confirmed)
    return ledger.decide(document.id, [new], "an", based_on=document.manifest_sha256 or "")[0].id


def test_an_undo_is_all_or_nothing(timed: Ledger) -> None:
    one, other = in_review(timed, "c1"), in_review(timed, "c2")
    mine = timed.sheets.open("date", [*zones(one, "a"), *zones(other, "a")], "an", LENGTH)
    assert mine is not None
    timed.sheets.answer(mine.key, [])
    timed.sheets.close(mine.key, {1: decided(timed, one, "a"), 2: decided(timed, other, "a")})
    timed.settle(other.id, sha("m"), "binh", based_on=other.manifest_sha256 or "")
    with pytest.raises(Conflict):
        timed.undo_sheet(mine.key, "an")
    assert len(timed.standing_decisions(one)) == 1, "not the half of it"
    assert timed.sheets.find(mine.key, "an").undone_at is None


def test_what_is_undone_is_an_event_a_document(timed: Ledger) -> None:
    one, other = in_review(timed, "c1"), in_review(timed, "c2")
    mine = timed.sheets.open("date", [*zones(one, "a"), *zones(other, "a")], "an", LENGTH)
    assert mine is not None
    timed.sheets.answer(mine.key, [])
    timed.sheets.close(mine.key, {1: decided(timed, one, "a"), 2: decided(timed, other, "a")})
    assert timed.undo_sheet(mine.key, "an") == 2
    timed.undo_sheet(mine.key, "an")
    kinds = [event.kind for event in timed.events()]
    assert kinds.count("decision_undone") == 2
    assert timed.standing_decisions(one) == timed.standing_decisions(other) == []


def test_old_sheets_are_forgotten(timed: Ledger, clock: Clock) -> None:
    document = in_review(timed, "c1")
    mine = timed.sheets.open("date", zones(document, "a"), "an", LENGTH)
    clock.now += timedelta(days=91)
    timed.sheets.open("date", zones(document, "b"), "an", LENGTH)
    assert mine is not None
    with pytest.raises(NotFound):
        timed.sheets.find(mine.key, "an")


def test_what_people_settled_is_found_by_department(timed: Ledger) -> None:
    document = in_review(timed, "c1")
    decided(timed, document, "a")
    missing = NewDecision(path="b", kind=DecisionKind.missing)
    timed.decide(document.id, [missing], "an", based_on=document.manifest_sha256 or "")
    (found,) = timed.sheets.settled_lately(frozenset({"mot-cua"}), 9)
    assert (found.path, found.kind, found.value) == ("a", DecisionKind.confirmed, None)
    assert timed.sheets.settled_lately(None, 9) == [found]
    assert timed.sheets.settled_lately(frozenset({"thue"}), 9) == []
