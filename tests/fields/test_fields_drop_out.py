"""Coloured writing parted from black print: strips drawn here."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from ocr.fields.binarisation import ink_of
from ocr.fields.forms.dot_leader_removal import ABOVE, BELOW, find_row
from ocr.fields.forms.drop_out import coloured_writing
from ocr.fields.zone_reader import read_line
from ocr.options import ReadingOptions
from sohoa.sheet import font_file

SCALE = 300 / 72
BLUE, NAVY, BLACK, RED = (40, 60, 160), (25, 30, 95), (25, 25, 25), (200, 40, 40)
PAPER = (246, 244, 238)


def strip(*texts: tuple[str, tuple[int, int, int]], dots: bool = True, foot: float = 0.6):
    """Texts one after the other on a black leader, as a colour scan: blue, green, red."""
    size = (round(330 * SCALE), round((ABOVE + BELOW) * SCALE))
    y = ABOVE * SCALE
    font = ImageFont.truetype(str(font_file("Regular")), 12 * SCALE)
    # inks darken one another
    page = np.full((size[1], size[0], 3), PAPER, np.float64)
    leader = Image.new("L", size, 255)
    for x in np.arange(6.0, size[0] if dots else 0, 12.5):
        ImageDraw.Draw(leader).ellipse((x - 3, y - 3, x + 3, y + 3), fill=25)
    page *= np.asarray(leader)[:, :, None] / 255.0
    x = 50.0
    for text, ink in texts:
        layer = Image.new("RGB", size, (255, 255, 255))
        ImageDraw.Draw(layer).text((x, y + foot * SCALE), text, fill=ink, font=font, anchor="ls")
        page *= np.asarray(layer) / 255.0
        x += font.getlength(text) + 4 * SCALE
    return np.ascontiguousarray(page.astype(np.uint8)[:, :, ::-1])


@pytest.mark.parametrize("ink", [BLUE, NAVY])
@pytest.mark.parametrize("text", ["hanhtruong22@gmail.com", "Lý Đình Phương Anh", "Người thuê"])
def test_letters_come_off_their_leader(text: str, ink: tuple[int, int, int]) -> None:
    pen = coloured_writing(strip((text, ink)))
    assert pen is not None
    assert find_row(pen, ABOVE * SCALE) is None
    bare = coloured_writing(strip((text, ink), dots=False))
    assert bare is not None
    left, meant = ink_of(pen) > 0, ink_of(bare) > 0
    assert (left & meant).sum() > 0.94 * meant.sum()
    assert (left & ~meant).sum() < 0.08 * meant.sum()
    read = read_line(pen, ReadingOptions()).text.replace(" ", "")
    assert read.startswith(text.partition("@")[0].replace(" ", ""))


@pytest.mark.parametrize(
    "texts",
    [
        [],
        [("Lý Đình Đạt", BLACK)],
        [("Lý Đình Đạt", RED)],
        [("Lý Đình", BLUE), ("Đạt", BLACK)],
    ],
    ids=["nothing", "black", "a stamp", "two pens"],
)
def test_what_is_not_coloured_alone_is_left_to_others(
    texts: list[tuple[str, tuple[int, int, int]]],
) -> None:
    assert coloured_writing(strip(*texts)) is None


def test_a_leader_in_colour_stays_with_the_letters() -> None:
    drawn = strip(("Lý Đình Đạt", BLUE), dots=False)
    y = round(ABOVE * SCALE)
    for x in range(6, drawn.shape[1], 13):
        drawn[y - 3 : y + 3, x - 3 : x + 3] = BLUE[::-1]
    pen = coloured_writing(drawn)
    assert pen is None or find_row(pen, ABOVE * SCALE) is not None
