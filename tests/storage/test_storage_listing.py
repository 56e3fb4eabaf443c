"""Lists page by page: what is of the asked departments, each row once, in an order that stays."""

from datetime import timedelta

import pytest
from ledger_steps import a_claim, bring_to, register

from schemas.department import Department
from schemas.dossier import Role, Stage
from schemas.errors import InputRejected
from storage import DossierFilter, Ledger, PublishedFilter

HERE, ELSEWHERE = frozenset({"mot-cua"}), frozenset({"thue"})


@pytest.fixture
def filled(ledger: Ledger) -> Ledger:
    """Seven dossiers of here, two of elsewhere; those with even numbers are published."""
    ledger.add_department(Department(id="thue", name="Thuế"), "test")
    for number in range(1, 10):
        made = register(
            ledger, f"c{number}", f"tờ {number}", code=f"H17-261123-{number:04d}",
            department="thue" if number > 7 else "mot-cua",
        )  # fmt: skip
        if number % 2 == 0:
            bring_to(ledger, made.documents[0], Stage.published)
    return ledger


def numbers(ledger: Ledger, wanted: DossierFilter, limit: int) -> list[list[int]]:
    """The numbers of the dossiers of every page."""
    pages, after = [], None
    while True:
        found, after = ledger.dossier_page(wanted, after=after, limit=limit)
        pages.append([int(one.code[-4:]) for one in found])
        if after is None:
            return pages


def test_dossiers_come_page_by_page_the_newest_first(filled: Ledger) -> None:
    here = DossierFilter(departments=HERE)
    assert numbers(filled, here, 3) == [[7, 6, 5], [4, 3, 2], [1]]
    assert numbers(filled, here, 7) == [[7, 6, 5, 4, 3, 2, 1]], "no empty page at the end"
    assert numbers(filled, DossierFilter(), 50) == [[9, 8, 7, 6, 5, 4, 3, 2, 1]]
    assert numbers(filled, DossierFilter(departments=frozenset()), 5) == [[]]


def test_a_dossier_that_comes_meanwhile_moves_no_page(filled: Ledger) -> None:
    first, after = filled.dossier_page(DossierFilter(departments=HERE), limit=3)
    register(filled, "c10", "mới", code="H17-261123-0010")
    second, _ = filled.dossier_page(DossierFilter(departments=HERE), after=after, limit=3)
    assert not {one.id for one in first} & {one.id for one in second}
    assert [int(one.code[-4:]) for one in second] == [4, 3, 2]


def test_dossiers_are_found_by_a_part_of_their_code(filled: Ledger) -> None:
    def found(code: str) -> list[int]:
        return [number for page in numbers(filled, DossierFilter(code=code), 9) for number in page]

    assert found("h17-261123-0003") == [3] == found("0003")
    assert found("%") == found("_") == [], "signs of the database's own mean themselves"
    assert DossierFilter(departments=HERE, code="0008") and found("0008") == [8]
    assert numbers(filled, DossierFilter(departments=HERE, code="0008"), 9) == [[]]
    claim = a_claim("c11", "tạm", code="TAM-261123-7F3K2A9Q").model_copy(
        update={"provisional": True}
    )
    held = filled.register(claim)
    filled.recode(held.dossier.id, "H17-261123-0077", "test")
    assert found("7F3K") == [77], "by the provisional code that it had"


def test_dossiers_are_found_by_stage(filled: Ledger) -> None:
    wanted = DossierFilter(departments=HERE, stage=Stage.published)
    assert numbers(filled, wanted, 2) == [[6, 4], [2]]


def test_what_was_published_comes_page_by_page(filled: Ledger) -> None:
    pages, after = [], None
    while True:
        found, after = filled.published_page(PublishedFilter(), after=after, limit=3)
        pages.append([int(one.dossier[-4:]) for one in found])
        if after is None:
            break
    assert pages == [[8, 6, 4], [2]]
    here, _ = filled.published_page(PublishedFilter(departments=HERE))
    assert [one.department for one in here] == ["mot-cua"] * 3
    middle = here[1].published_at
    since, _ = filled.published_page(PublishedFilter(departments=HERE, since=middle))
    until, _ = filled.published_page(PublishedFilter(departments=HERE, until=middle))
    assert [one.dossier[-1] for one in since] == ["6", "4"]
    assert [one.dossier[-1] for one in until] == ["2"]
    assert filled.published_page(PublishedFilter(role=Role.result)) == ([], None)
    assert filled.published_page(PublishedFilter(document_type="ct01")) == ([], None)
    assert len(filled.published_page(PublishedFilter(code="0004"))[0]) == 1


@pytest.mark.parametrize("after", ["", "x", "2026-11-23/x", "x/1", "2026-11-23T08:00:00"])
def test_a_place_that_is_none_is_refused(filled: Ledger, after: str) -> None:
    with pytest.raises(InputRejected) as refused:
        filled.published_page(PublishedFilter(), after=after)
    assert refused.value.code == "storing.bad_cursor"


def test_what_waits_is_counted_by_department(filled: Ledger) -> None:
    assert filled.waiting_counts([Stage.in_review]) == []
    found = filled.waiting_counts([Stage.received, Stage.published])
    counted = {(one.department, one.stage): one.documents for one in found}
    assert counted == {
        ("mot-cua", Stage.received): 4, ("mot-cua", Stage.published): 3,
        ("thue", Stage.received): 1, ("thue", Stage.published): 1,
    }  # fmt: skip
    before = max(one.moved_at for one in found)
    document = filled.documents(1)[0]
    filled.advance(
        document.id, Stage.received, Stage.digitised, actor="t", manifest_sha256="a" * 64
    )
    after = filled.waiting_counts([Stage.digitised])
    assert after[0].moved_at > before - timedelta(seconds=1)
