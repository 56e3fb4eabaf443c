"""Pages that lie turned and skewed are read as well as upright ones; bar 3 in small."""

from pathlib import Path

import numpy as np
import pytest
from drawn_pages import saved
from PIL import Image, ImageDraw

from ocr import ReadingOptions, geometry, read_page
from ocr.cleaning.orientation import look
from schemas.errors import InputRejected, NotFound
from schemas.manifest import PageReport
from schemas.page import PageKind, PageReading, Word
from training.benches.geometry import distance
from training.benches.geometry import geometry as measure
from training.benches.skew import Kind, Lay, Mode, Upright, draw, lay
from training.benches.skew import save as save_lay

OPTIONS = ReadingOptions()
LAYS = [
    (Kind.last, Lay(90, -8.0, 150, Mode.bilevel)),
    (Kind.last, Lay(180, 7.5, 150, Mode.grey)),
    (Kind.form, Lay(270, 6.0, 150, Mode.bilevel)),
    (Kind.table, Lay(90, 5.0, 150, Mode.grey)),
]


@pytest.mark.parametrize(("kind", "how"), LAYS)
def test_sparse_pages_are_set_upright(kind: Kind, how: Lay) -> None:
    looked = look(lay(draw(kind, 150), how), how.dpi, OPTIONS)
    assert looked.rotation == -how.turn % 360
    assert looked.skew == pytest.approx(how.skew, abs=0.3)
    assert not looked.warnings


def test_the_steepest_page_is_read_like_the_upright_one(tmp_path: Path) -> None:
    page = draw(Kind.notice, 200)
    errors = []
    for name, how in (("flat", Lay(0, 0.0, 150, Mode.bilevel)), ("laid", LAYS[0][1])):
        found = read_page(save_lay(lay(page, how), how, tmp_path / name), 1, OPTIONS)
        edits, letters = distance(page.texts, found)
        errors.append(edits / letters)
    assert errors[1] <= 1.5 * max(errors[0], 0.01)


def test_a_streak_on_the_glass_does_not_say_how_the_page_lies() -> None:
    page = draw(Kind.last, 100).grey.copy()
    page[:, 600:603] = 90
    lies = geometry.slant(page, 100)
    assert lies.strength > lies.upended
    assert lies.angle == pytest.approx(0, abs=0.15)


def test_a_laid_page_keeps_all_of_its_sheet() -> None:
    black = Upright(np.zeros((200, 140), np.uint8), 50, ())
    laid = lay(black, Lay(90, 8.0, 50, Mode.grey))
    assert laid.shape[0] < laid.shape[1]
    assert (laid < 128).sum() == pytest.approx(200 * 140, rel=0.02)


def test_texts_are_found_in_any_order_and_too_much_is_an_error() -> None:
    words = tuple(
        Word(text=text, box=(0.0, 0.0, 1.0, 1.0), confidence=1.0, line=line)
        for line, text in enumerate(("sau", "trước"))
    )
    page = PageReading(
        number=1, width=10, height=10, dpi=200, rotation=0, skew=0, blank=False,
        kind=PageKind.scan, words=words, confidence=1,
    )  # fmt: skip
    assert distance(("trước", "sau"), page) == (0, 8)
    assert distance(("trước",), page) == (3, 5)


def test_there_must_be_something_to_lay(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        measure([tmp_path / "no.pdf"], OPTIONS, print)
    with pytest.raises(InputRejected) as caught:
        measure([tmp_path], OPTIONS, print)
    assert caught.value.code == "bench.nothing_to_read"


def test_a_page_that_nobody_can_read_is_left_and_said(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    sheet = Image.new("L", (900, 1273), 245)
    pen = ImageDraw.Draw(sheet)
    for _ in range(60):
        at = rng.integers(100, 800), rng.integers(100, 1150)
        steps = np.cumsum(rng.integers(-14, 15, (8, 2)), axis=0) + at
        pen.line([tuple(map(int, point)) for point in steps], fill=40, width=3)
    reading = read_page(saved(sheet, tmp_path / "a.png", 110), 1, OPTIONS)
    assert reading.rotation == 0
    assert reading.warnings == ("reading.orientation_unsure", "reading.ink_unread")
    assert PageReport.of(reading).warnings == reading.warnings
