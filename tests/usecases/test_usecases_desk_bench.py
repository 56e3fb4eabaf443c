"""What ``bench desk`` counts: keys of the review page, seconds of the model, a ledger in bulk."""

from pathlib import Path

import pytest

from schemas.dossier import Stage
from schemas.review_views import Span
from storage import Ledger
from training.benches.desk_sizes import PageSize
from training.benches.keystrokes import (
    CONSTANTS,
    cheapest,
    looked_at,
    repair,
    selection,
    sheet_seconds,
    typed,
)
from training.benches.many_dossiers import BLOCK, fill


@pytest.mark.parametrize(
    ("text", "keys"),
    [("an", 2), ("An", 3), ("đường", 9), ("Đặng", 8), ("Nguyễn", 9), ("01/02", 5)],
)
def test_telex_takes_a_key_for_each_mark_and_tone(text: str, keys: int) -> None:
    assert typed(text) == keys


def test_what_is_right_is_accepted_by_one_key() -> None:
    way = cheapest("Lê Văn An", "Lê Văn An")
    assert (way.name, way.keys) == ("accepted", 1)
    assert way.seconds == pytest.approx(CONSTANTS["K"] + CONSTANTS["M"])


def test_nothing_on_the_paper_is_one_key() -> None:
    assert (cheapest("x", "").name, cheapest("x", "").keys) == ("missing", 1)


def test_a_candidate_costs_the_way_down_to_it_and_two_times_enter() -> None:
    way = cheapest("Lê Văn Au", "Trần Thị Mẫu", candidates=["Lê Văn A", "Trần Thị Mẫu"])
    assert (way.name, way.keys) == ("candidate", 4)


def test_a_marked_letter_is_typed_over() -> None:
    way = cheapest("048326000123", "048326000128", [Span(start=11, end=12)])
    assert (way.name, way.keys) == ("corrected", 2)


def test_what_has_nothing_in_common_is_typed_anew() -> None:
    way = cheapest("~~~~~~~~~~~~~~~~~~~~", "Cam")
    assert (way.name, way.keys) == ("retyped", 2 + 4 + 1)


def test_the_caret_stands_where_the_page_puts_it() -> None:
    assert selection("abcdefgh", []) == (8, 8)
    assert selection("abcdefgh", [Span(start=2, end=4)]) == (2, 4)
    assert selection("abcdefgh", [Span(start=2, end=7)]) == (2, 2)


def test_a_repair_counts_moves_deletions_and_letters() -> None:
    assert repair("abcd", "abXd", 4, 4) == (2 + 1 + 2, 1)  # two to the left, Delete, X with Shift
    assert repair("abcd", "abd", 2, 3) == (1, 1)
    assert repair("abcd", "xbcy", 0, 1)[1] == 2


def test_a_sheet_costs_looks_and_what_is_marked() -> None:
    values = ["012345678901"] * 40
    keys, seconds = sheet_seconds(values, [], across=5)
    assert keys == 1
    assert seconds == pytest.approx(40 * looked_at(values[0]) + CONSTANTS["K"] + CONSTANTS["M"])
    assert sheet_seconds(values, [7], across=5)[0] == 1 + 1 + 2 + 1
    assert looked_at("x" * 13) > looked_at("x" * 12)


def test_a_page_that_is_too_large_does_not_pass() -> None:
    page = PageSize(page="x", html_kb=30, styles_kb=10, scripts_kb=20, all_kb=60)
    assert page.passed
    assert not page.model_copy(update={"all_kb": 60.1}).passed
    assert not page.model_copy(update={"scripts_kb": 25.1}).passed


def test_a_ledger_made_in_bulk_is_one_that_pages_can_read(tmp_path: Path) -> None:
    dossiers, waiting = 2 * BLOCK + 50, 30
    fill(tmp_path / "ledger.sqlite", dossiers, waiting, lambda _: None)
    with Ledger.open(f"sqlite:///{tmp_path}/ledger.sqlite") as ledger:
        first, later = ledger.dossier_by_id(7), ledger.dossier_by_id(BLOCK + 7)
        last = ledger.dossier_by_id(dossiers)
        assert first.created_at < later.created_at < last.created_at
        assert first.code != later.code
        assert len(ledger.documents(7)) == len(ledger.documents(BLOCK + 7))
        assert ledger.objects(BLOCK + 7)
        kinds = [[one.kind for one in ledger.events(number)] for number in (7, BLOCK + 7)]
        assert kinds[0] == kinds[1]
        waits = ledger.queue_totals(Stage.in_review).documents
        assert 0 < waits <= 2 * waiting
