"""Double entry in the ledger: one turn a person, even where many begin at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from ledger_steps import register, sha

from schemas.dossier import Stage
from schemas.errors import Conflict, SohoaError
from schemas.work import DecisionKind
from storage import Document, Ledger, NewDecision


def in_review(ledger: Ledger) -> Document:
    (document,) = register(ledger, "c1", "một").documents
    ledger.advance(
        document.id, Stage.received, Stage.digitised, actor="flow", manifest=b"m",
        pdfa_sha256=sha("p"),
    )  # fmt: skip
    return ledger.advance(document.id, Stage.digitised, Stage.in_review, actor="flow", doubts=2)


def say(ledger: Ledger, document: Document, who: str, path: str, value: str) -> int:
    new = NewDecision(path=path, kind=DecisionKind.value, value=value)
    return ledger.entries.save(document.id, new, who, based_on=document.manifest_sha256 or "").id


def end(ledger: Ledger, document: Document, who: str) -> tuple[str, ...]:
    return ledger.entries.end(document.id, who, based_on=document.manifest_sha256 or "")


def standing(ledger: Ledger, document: Document) -> dict[str, tuple[str | None, str]]:
    return {one.path: (one.value, one.made_by) for one in ledger.standing_decisions(document)}


def test_of_many_who_begin_at_once_one_is_first(ledger: Ledger) -> None:
    document = in_review(ledger)

    def begin(number: int) -> str | None:
        try:
            say(ledger, document, f"user:{number}", "a", f"{number}")
        except Conflict as error:
            return error.code
        return None

    with ThreadPoolExecutor(6) as threads:
        told = list(threads.map(begin, range(12)))
    assert told.count(None) == 1
    assert set(told) == {None, "storing.being_entered"}
    (turn,) = ledger.entries.entered(document).turns
    assert turn.made_by == f"user:{told.index(None)}"


def test_what_is_alike_is_decided_with_the_second_turn(ledger: Ledger) -> None:
    document = in_review(ledger)
    for who, b in (("an", "1"), ("binh", "2")):
        say(ledger, document, who, "a", "0")
        say(ledger, document, who, "b", b)
        assert standing(ledger, document) == {}
        assert end(ledger, document, who) == (("b",) if who == "binh" else ())
    assert standing(ledger, document) == {"a": ("0", "binh")}
    kinds = [one.kind for one in ledger.events()][-3:]
    assert kinds == ["entered", "entered", "decided"]


def test_what_only_one_entered_is_left_for_the_third(ledger: Ledger) -> None:
    document = in_review(ledger)
    say(ledger, document, "an", "a", "0")
    end(ledger, document, "an")
    say(ledger, document, "binh", "b", "0")
    assert end(ledger, document, "binh") == ("a", "b")
    assert standing(ledger, document) == {}


def test_nothing_is_entered_of_a_document_that_went_on(ledger: Ledger) -> None:
    document = in_review(ledger)
    say(ledger, document, "an", "a", "0")
    ledger.settle(document.id, sha("n"), "x", based_on=document.manifest_sha256 or "")
    for act in (
        lambda: say(ledger, document, "an", "b", "0"),
        lambda: end(ledger, document, "an"),
    ):
        with pytest.raises(SohoaError):
            act()


def test_entries_are_of_one_reading(ledger: Ledger) -> None:
    document = in_review(ledger)
    with pytest.raises(Conflict):
        ledger.entries.save(
            document.id, NewDecision(path="a", kind=DecisionKind.missing), "an", based_on=sha("o")
        )
    assert ledger.entries.entered(document).turns == ()
