"""Black around the sheet, and pages that show only their other side."""

from pathlib import Path

import numpy as np
import pytest
from drawn_pages import LINES, character_error, draw_page, saved, scan_pdf
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from ocr import ReadingOptions, read_page
from ocr.cleaning.borders import without_borders
from schemas.page import Blankness

OPTIONS = ReadingOptions()


def on_black(angle: float, dpi: int = 150) -> Image.Image:
    """A sheet lying askew on the glass, the lid open."""
    page = draw_page(dpi=dpi).image
    wide = Image.new("L", (page.width + 160, page.height + 200), 12)
    mask = Image.new("L", wide.size, 0)
    wide.paste(page, (80, 100))
    mask.paste(255, (80, 100, 80 + page.width, 100 + page.height))
    wide, mask = (one.rotate(-angle, Image.Resampling.BICUBIC) for one in (wide, mask))
    return Image.composite(wide, Image.new("L", wide.size, 12), mask)


@pytest.mark.parametrize("angle", [0.0, 4.0])
def test_a_sheet_on_black_is_read_like_one_on_white(tmp_path: Path, angle: float) -> None:
    black = on_black(angle)
    clean = without_borders(np.asarray(black), 150)
    assert (clean < 60).mean() < 0.06  # letters only
    reading = read_page(saved(black, tmp_path / "a.png", 150), 1, OPTIONS)
    assert reading.skew == pytest.approx(angle, abs=0.15)
    text = " ".join(word.text for word in reading.words)
    assert character_error(text, " ".join(LINES)) < 0.02


def test_pages_without_black_edges_stay_as_they_are() -> None:
    page = np.asarray(draw_page(dpi=150).image).copy()
    page[:, 700:703] = 0  # a rule, up to both edges
    assert without_borders(page, 150) is page
    night = np.full((1200, 900), 30, np.uint8)
    night[500:520, 300:600] = 240
    assert without_borders(night, 150) is night


def test_print_that_touches_the_border_stays() -> None:
    page = np.asarray(draw_page(dpi=150).image).copy()
    page[:, :60] = 5
    page[400:406, 60:400] = 5  # a rule that grows out of the black
    clean = without_borders(page, 150)
    assert clean[400:406, 100:400].max() < 60
    assert clean[:, :55].min() > 200


def through(page: NDArray[np.uint8], strength: float) -> NDArray[np.uint8]:
    """Paper with grain that shows the back of a page."""
    rng = np.random.default_rng(3)
    paper = rng.normal(238, 3, page.shape)
    back = (250 - page[:, ::-1].astype(np.float32)) * strength
    return np.clip(paper - back, 0, 255).astype(np.uint8)


def test_what_shines_through_is_no_text_but_faded_print_is(tmp_path: Path) -> None:
    page = np.asarray(draw_page((*LINES, *LINES), dpi=150).image)
    shown = Image.fromarray(through(page, 0.12))
    reading = read_page(saved(shown, tmp_path / "a.png", 150), 1, OPTIONS)
    assert reading.blank
    assert reading.words == ()
    assert reading.blankness is Blankness.faint, "its other side is not there to be compared"
    assert reading.warnings == ("reading.shines_through", "reading.ink_unread")
    faded = Image.fromarray(through(page[:, ::-1], 0.12))
    reading = read_page(saved(faded, tmp_path / "b.png", 150), 1, OPTIONS)
    assert not reading.blank
    assert len(reading.words) > 100


def test_the_back_of_a_seal_is_no_page(tmp_path: Path) -> None:
    sheet = Image.new("RGB", (1240, 1754), (250, 250, 248))
    pen = ImageDraw.Draw(sheet)
    for radius in (100, 92, 60, 40):
        pen.ellipse((600 - radius, 900 - radius, 600 + radius, 900 + radius), outline=(224, 90, 96))
    for row in range(20):
        x, y = 540 + row % 5 * 26, 850 + row // 5 * 26
        pen.line((x, y, x + 9, y + 14), fill=(214, 60, 70), width=4)
    reading = read_page(saved(sheet, tmp_path / "a.png", 150), 1, OPTIONS)
    assert reading.blank
    assert reading.blankness is Blankness.faint
    assert reading.warnings == ("reading.shines_through", "reading.ink_unread")


def test_text_over_a_blank_picture_is_no_blank_page(tmp_path: Path) -> None:
    said = b"0.5 g BT /F1 12 Tf 72 700 Td (Van ban nay co chu that tren mot hinh trang) Tj ET"
    path = scan_pdf(tmp_path / "a.pdf", Image.new("L", (827, 1170), 245), 100, extra=said)
    reading = read_page(path, 1, OPTIONS)
    assert not reading.blank
    assert reading.warnings == ()
    assert len(reading.words) == 10
