"""Coloured ink told from black print: what stands under a seal is read."""

from pathlib import Path

import numpy as np
import pytest
from drawn_pages import draw_page, print_font, saved
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from ocr import ReadingOptions, page_image, read_page
from ocr.cleaning import ink as inks
from ocr.cleaning.borders import without_borders
from ocr.cleaning.ink import Ink

RED, BLUE = (214, 52, 60), (52, 60, 170)
LINES = (
    "Thời hạn giải quyết là bảy ngày làm việc kể từ ngày nhận đủ hồ sơ hợp lệ.",
    "Đề nghị công dân mang theo giấy hẹn và giấy tờ tùy thân khi đến nhận kết quả.",
    "TM. ỦY BAN NHÂN DÂN",
    "KT. CHỦ TỊCH",
    "PHÓ CHỦ TỊCH",
    "Nguyễn Thị Thử Nghiệm",
)
DPI = 200


def stamped(tint: tuple[int, int, int] = (255, 255, 255)) -> Image.Image:
    """A page with a seal over its last lines, and a number penned beside the text in blue."""
    black = np.asarray(draw_page(LINES, DPI).image, np.float32)[:, :, None] / 255
    sheet = Image.fromarray((black * np.array(tint)).astype(np.uint8))
    over = Image.new("RGB", sheet.size, "white")
    pen = ImageDraw.Draw(over)
    x, y, font = 300, 680, print_font(9, DPI)
    for radius, width in ((140, 6), (128, 2), (84, 3)):
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), outline=RED, width=width)
    for angle in range(0, 360, 30):
        part = Image.new("L", (280, 280), 0)
        ImageDraw.Draw(part).text((140, 18), "NHÂN", font=font, fill=255, anchor="mt")
        over.paste(RED, (x - 140, y - 140), part.rotate(angle))
    pen.text((1100, 900), "2417", font=print_font(22, DPI), fill=BLUE)
    darker = np.minimum(np.asarray(sheet, np.float32), np.asarray(over, np.float32) / 255 * tint)
    return Image.fromarray(darker.astype(np.uint8))


@pytest.mark.parametrize("name", ["a.jpg", "a.png"])
def test_what_stands_under_a_seal_is_read_and_a_penned_number_stays(
    tmp_path: Path, name: str
) -> None:
    how = {"quality": 88} if name.endswith("jpg") else {}
    reading = read_page(saved(stamped(), tmp_path / name, DPI, **how), 1, ReadingOptions())
    text = " ".join(word.text for word in reading.words)
    for line in LINES:
        assert line in text
    assert "2417" in text


def test_each_ink_of_a_page(tmp_path: Path) -> None:
    path = saved(stamped((250, 244, 226)), tmp_path / "a.png", DPI)
    every = page_image(path, 1, 0, DPI)
    black = page_image(path, 1, 0, DPI, ink=Ink.black)
    colour = page_image(path, 1, 0, DPI, ink=Ink.colour)
    assert every.shape == black.shape == colour.shape
    seal, line = np.s_[810:824, 280:320], np.s_[240:320, 200:1400]
    assert every[seal].min() < 140
    assert black[seal].min() > 170
    assert colour[seal].min() < 140
    assert black[line].min() < 60
    assert colour[line].min() == 255


def test_a_page_without_colours_is_all_black_print(tmp_path: Path) -> None:
    path = saved(draw_page(LINES, 100).image, tmp_path / "a.png", 100)
    assert np.array_equal(page_image(path, 1, 0, 100, ink=Ink.black), page_image(path, 1, 0, 100))
    assert page_image(path, 1, 0, 100, ink=Ink.colour).min() == 255


def test_old_paper_is_no_ink() -> None:
    page = np.asarray(draw_page(LINES, 100).image, np.float32)[:, :, None] / 255
    yellow = (page * np.array((190, 225, 245))).astype(np.uint8)
    assert not inks.is_coloured(yellow)
    assert inks.kept(yellow, 100, 100) is None
    yellow[200:240, 200:240] = (40, 40, 200)
    kept = inks.kept(yellow, 100, 50)
    assert kept is not None
    assert kept.shape[0] == pytest.approx(yellow.shape[0] / 2, abs=1)


@given(
    size=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    fill=st.sampled_from([(0, 0, 0), (255, 255, 255), (30, 20, 200), None]),
    dpi=st.sampled_from([10.0, 72.0, 200.0, 1_200.0]),
)
def test_pictures_of_any_size_are_taken(
    size: tuple[int, int], fill: tuple[int, int, int] | None, dpi: float
) -> None:
    noise = np.random.default_rng(size).integers(0, 256, (*size, 3), np.uint8)
    pixels = noise if fill is None else np.full((*size, 3), fill, np.uint8)
    assert inks.for_reading(pixels, dpi).shape == size
    assert without_borders(inks.without_red(pixels), dpi).shape == size
    for ink in Ink:
        assert inks.of(pixels, ink).shape == size
    kept = inks.kept(pixels, dpi, 100)
    assert kept is None or min(kept.shape[:2]) >= 1


@pytest.mark.parametrize("size", [(1, 1), (3, 2), (2, 300)])
def test_tiny_pictures_are_blank_pages(tmp_path: Path, size: tuple[int, int]) -> None:
    path = saved(Image.new("RGB", size, (200, 20, 30)), tmp_path / "a.jpg", 1_200)
    assert read_page(path, 1, ReadingOptions()).blank
