"""The benchmark's own parts: the alignment with a truth, the pages it draws."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from ocr import ReadingOptions
from schemas.errors import InputRejected, MissingDependency, NotFound
from training.benches.alignment import character_error, infix_distance
from training.benches.drawn import STYLES, draw_pages
from training.benches.ocr import ocr

LETTERS = st.text(alphabet="abổ ", max_size=40)


def by_table(truth: str, read: str) -> int:
    row = [0] * (len(read) + 1)
    for index, wanted in enumerate(truth, start=1):
        now = [index]
        for at, char in enumerate(read, start=1):
            now.append(min(row[at - 1] + (wanted != char), row[at] + 1, now[-1] + 1))
        row = now
    return min(row)


@given(LETTERS, LETTERS)
def test_the_distance_is_that_of_the_whole_table(truth: str, read: str) -> None:
    assert infix_distance(truth, read) == by_table(truth, read)


def test_what_stands_around_the_truth_is_free_and_what_stands_in_it_is_not() -> None:
    assert character_error("tổ chức", "QUỐC HỘI\n tổ  chức Nơi nhận") == 0
    assert character_error("một tổ chức", "x một tô 2 chức") == pytest.approx(3 / 11)
    with pytest.raises(ValueError, match="no truth"):
        character_error(" \n", "a")


def test_the_drawn_pages_are_read_and_scored(tmp_path: Path) -> None:
    one = draw_pages(tmp_path / "a", [STYLES[2]._replace(pages=1)])
    again = draw_pages(tmp_path / "b", [STYLES[2]._replace(pages=1)])
    truths = [path.with_suffix(".gt.txt").read_text() for path in (*one, *again)]
    assert truths[0] == truths[1]
    assert len(truths[0]) > 1000
    nobody = tmp_path / "ocrmypdf"
    with pytest.raises(MissingDependency) as missing:
        ocr(one, ReadingOptions(), print, program=nobody)
    assert missing.value.code == "bench.ocr_no_ocrmypdf"
    report = ocr(one, ReadingOptions(), lambda _: None, rounds=1, cores=1)
    assert report.pages == 1
    ours = report.sides[0]
    assert ours.name == "sohoa"
    assert ours.times_slower == 1
    (score,) = ours.files
    assert score.archivable
    assert score.error is not None
    assert score.error < 0.02


def test_only_pdfs_that_are_there(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        ocr([tmp_path / "no.pdf"], ReadingOptions(), print)
    Image.new("L", (9, 9)).save(tmp_path / "a.png")
    with pytest.raises(InputRejected) as caught:
        ocr([tmp_path / "a.png"], ReadingOptions(), print)
    assert caught.value.code == "bench.ocr_no_pdf"
