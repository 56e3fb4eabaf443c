"""Requests for new scans, changes by people and leases of reviews, as both databases keep them."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from ledger_steps import bring_to, register, sha

from schemas.changes import Changes, NewPage
from schemas.dossier import Stage
from schemas.errors import Conflict, InputRejected, NotFound
from storage import Document, Ledger, NewPart, NewScan, Picture

LONG = timedelta(minutes=5)


def waiting(ledger: Ledger) -> Document:
    """A document under review."""
    done = register(ledger, "c1", "one")
    read = bring_to(ledger, done.documents[0], Stage.digitised)
    return ledger.advance(read.id, Stage.digitised, Stage.in_review, actor="flow")


def seen(ledger: Ledger, document: Document) -> str:
    return ledger.document(document.id).manifest_sha256 or ""


def asked(ledger: Ledger, document: Document, page: int | None = 1) -> str:
    made = ledger.rescans.ask(document.id, page, "mờ", "user:lan", based_on=seen(ledger, document))
    return made.code


def scan(name: str) -> NewScan:
    return NewScan(
        claim_id=f"claim-{name}", name=f"{name}.jpg", sha256=sha(name), size=9,
        media_type="image/jpeg", manifest=b"{}",
    )  # fmt: skip


def arrive(ledger: Ledger, code: str, name: str) -> None:
    picture = Picture(sha256=sha(name), bytes=9, media_type="image/jpeg", by="phone")
    ledger.rescans.arrived(code, picture)


def test_of_many_who_accept_one_does(ledger: Ledger) -> None:
    document = waiting(ledger)
    code = asked(ledger, document)
    arrive(ledger, code, "new")

    def accept(number: int) -> int:
        one = scan("new").model_copy(update={"claim_id": f"claim-{number}"})
        return ledger.rescans.accept(code, one, "user:lan")[1].id

    with ThreadPoolExecutor(4) as threads:
        assert set(threads.map(accept, range(4))) == {document.id}
    (kept,) = [one for one in ledger.documents(document.dossier_id) if one.id != document.id]
    assert (kept.stage, kept.split, kept.source_sha256) == (Stage.split_up, True, sha("new"))
    now = ledger.document(document.id)
    assert now.stage is Stage.received
    assert now.changes == Changes(pages={1: NewPage(document=kept.id, sha256=sha("new"))})
    assert now.new_pages == (kept.id,)
    kinds = [one.kind for one in ledger.events(document.dossier_id)]
    assert kinds.count("page_replaced") == 1
    assert ledger.examine() == ()


def test_two_pages_may_be_asked_for_and_come_one_after_the_other(ledger: Ledger) -> None:
    document = waiting(ledger)
    first, second = asked(ledger, document, 1), asked(ledger, document, 2)
    for code, name in ((first, "a"), (second, "b")):
        arrive(ledger, code, name)
    ledger.rescans.accept(first, scan("a"), "user:lan")
    assert [one.code for one in ledger.rescans.open(None)] == [second], "it waits still"
    with pytest.raises(Conflict) as caught:
        ledger.rescans.accept(second, scan("b"), "user:lan")
    assert caught.value.code == "storing.rescan_reading"
    ledger.advance(
        document.id, Stage.received, Stage.digitised, actor="flow", manifest=b"again",
        pdfa_sha256=sha("pdf"), pages=2,
    )  # fmt: skip
    ledger.advance(document.id, Stage.digitised, Stage.in_review, actor="flow")
    ledger.rescans.accept(second, scan("b"), "user:lan")
    changes = ledger.document(document.id).changes
    assert changes is not None and sorted(changes.pages) == [1, 2]
    assert ledger.examine() == ()


def test_a_whole_document_names_its_successor(ledger: Ledger) -> None:
    document = waiting(ledger)
    code = asked(ledger, document, None)
    arrive(ledger, code, "whole")
    _, new = ledger.rescans.accept(code, scan("whole"), "user:lan")
    old = ledger.document(document.id)
    assert (new.stage, new.split) == (Stage.received, False)
    assert (old.stage, old.split, old.superseded_by) == (Stage.split_up, True, new.id)
    assert ledger.rescans.accept(code, scan("whole"), "user:lan")[1].id == new.id
    assert ledger.examine() == ()


def test_the_same_picture_handed_in_later_is_a_paper_of_its_own(ledger: Ledger) -> None:
    document = waiting(ledger)
    code = asked(ledger, document)
    arrive(ledger, code, "one-more")
    ledger.rescans.accept(code, scan("one-more"), "user:lan")
    (later,) = register(ledger, "c2", "one-more").documents
    assert later.duplicate_of is None


def test_requests_end_with_what_they_are_about(ledger: Ledger) -> None:
    document = waiting(ledger)
    with pytest.raises(InputRejected):
        ledger.rescans.ask(document.id, 1, " ", "user:lan", based_on=seen(ledger, document))
    with pytest.raises(Conflict):
        ledger.rescans.ask(document.id, 1, "x", "user:lan", based_on=sha("other"))
    with pytest.raises(NotFound):
        ledger.rescans.named("QL-222222")
    code = asked(ledger, document)
    ledger.rescans.link(code, sha("link"), LONG)
    assert ledger.rescans.linked(sha("link")) is not None
    ledger.reject_by_person(document.id, "không nhận", "user:lan", based_on=seen(ledger, document))
    assert ledger.rescans.linked(sha("link")) is None
    assert ledger.rescans.open(None) == []
    with pytest.raises(Conflict):
        arrive(ledger, code, "late")
    assert ledger.document(document.id).stage is Stage.rejected
    assert ledger.examine() == ()


def test_a_split_scan_hands_its_changes_on(ledger: Ledger) -> None:
    document = waiting(ledger)
    said = Changes(document_type="ct01", turned={2: 90})
    ledger.change(document.id, said, "page_turned", "user:lan", based_on=seen(ledger, document))
    again = ledger.change(document.id, said, "page_turned", "user:lan", based_on=sha("m"))
    assert again.stage is Stage.received, "said again it changes nothing"
    parts = [NewPart(pages=(1,)), NewPart(pages=(2,))]
    made = ledger.split(
        document.id, parts, "user:lan", media_type="application/pdf", pages=2, manifest=b"x"
    )
    assert [one.changes for one in made] == [Changes(turned={2: 90})] * 2
    assert ledger.examine() == ()


def test_a_forged_change_is_found_and_set_back(ledger: Ledger) -> None:
    document = waiting(ledger)
    said = Changes(turned={2: 90})
    ledger.change(document.id, said, "page_turned", "user:lan", based_on=seen(ledger, document))
    with ledger._database.write() as connection:
        connection.exec_driver_sql('UPDATE document SET changes = \'{"turned":{"2":180}}\'')
    assert [one.place for one in ledger.examine()] == [f"document {document.id}.changes"]
    ledger.accept("set back", "cli:op", restore=True)
    assert ledger.document(document.id).changes == said


def test_of_many_who_open_a_document_one_has_it(ledger: Ledger) -> None:
    document, leases = waiting(ledger), ledger.review_leases
    names = [f"user:{number}" for number in range(8)]
    with ThreadPoolExecutor(8) as threads:
        found = set(
            threads.map(lambda name: leases.take(document.id, name, LONG, mark="m").holder, names)
        )
    assert len(found) == 1
    (holder,) = found
    assert leases.of([document.id])[document.id].holder == holder
    other = next(one for one in names if one != holder)
    assert leases.take_over(document.id, other, LONG).holder == other
    leases.let_go(document.id, holder)
    leases.let_go(document.id, other, "another page")
    assert leases.of([document.id])[document.id].holder == other
    leases.let_go(document.id, other)
    assert leases.of([document.id]) == {}
    assert leases.take(document.id, holder, -LONG).holder == holder
    assert leases.of([document.id]) == {}, "it has run out"
    assert leases.take(document.id, other, LONG).holder == other
    assert ledger.examine() == ()
