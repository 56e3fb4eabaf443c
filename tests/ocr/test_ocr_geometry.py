"""Turning boxes and pictures, and measuring how lines lie."""

import numpy as np
import pytest
from drawn_pages import draw_page, print_font, rotate_point, skewed
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from ocr import ReadingOptions, geometry
from ocr.cleaning import orientation
from ocr.cleaning.orientation import is_blank

side = st.floats(50, 1_500)
share = st.floats(0, 1)


@given(width=side, height=side, shares=st.tuples(share, share, share, share))
def test_four_quarter_turns_bring_a_box_back(
    width: float, height: float, shares: tuple[float, float, float, float]
) -> None:
    x0, x1 = sorted((shares[0] * width, shares[1] * width))
    y0, y1 = sorted((shares[2] * height, shares[3] * height))
    box = (x0, y0, x1, y1)
    once = geometry.turned(box, width, height, 90)
    assert 0 <= once[0] <= once[2] <= height + 1e-9
    twice = geometry.turned(once, height, width, 90)
    assert twice == pytest.approx(geometry.turned(box, width, height, 180))
    assert geometry.turned(twice, width, height, 180) == pytest.approx(box)
    assert geometry.turned(once, height, width, 270) == pytest.approx(box)


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_boxes_turn_as_pictures_do(rotation: int) -> None:
    picture = np.zeros((40, 100), np.uint8)
    picture[5:10, 20:50] = 255
    turned = geometry.turned_image(picture, rotation)
    x0, y0, x1, y1 = (int(v) for v in geometry.turned((20, 5, 50, 10), 100, 40, rotation))
    expected = np.zeros_like(turned)
    expected[y0:y1, x0:x1] = 255
    assert np.array_equal(turned, expected)


@given(angle=st.floats(-8, 8), x=st.floats(100, 900), y=st.floats(100, 1_300))
def test_straightening_and_back(angle: float, x: float, y: float) -> None:
    fallen = rotate_point(x, y, angle, 1_000, 1_400)
    back = geometry.unstraightened((x - 5, y - 2, x + 5, y + 2), angle, 1_000, 1_400)
    assert ((back[0] + back[2]) / 2, (back[1] + back[3]) / 2) == pytest.approx(fallen)
    assert back[2] - back[0] == pytest.approx(10)


@pytest.mark.parametrize("angle", [-6.0, -1.5, -0.3, 0.0, 0.4, 2.2, 7.0])
def test_skew_is_measured_to_a_tenth_of_a_degree(angle: float) -> None:
    page = np.asarray(skewed(draw_page(dpi=150).image, angle))
    lies = geometry.slant(page, 150)
    assert lies.angle == pytest.approx(angle, abs=0.12)
    assert lies.strength > lies.upended


def test_straightened_pages_are_level() -> None:
    page = np.asarray(skewed(draw_page(dpi=150).image, 3.0))
    level = geometry.straightened(page, geometry.slant(page, 150).angle)
    assert geometry.slant(level, 150).angle == pytest.approx(0, abs=0.15)


def test_lines_that_run_down_are_noticed() -> None:
    page = np.asarray(draw_page(dpi=150).image.rotate(90, expand=True))
    lies = geometry.slant(page, 150)
    assert lies.upended > lies.strength


def test_an_empty_page_claims_no_direction() -> None:
    assert geometry.slant(np.full((1200, 900), 250, np.uint8), 100).angle == 0


def test_blank_pages() -> None:
    rng = np.random.default_rng(7)
    paper = rng.normal(235, 4, (1654, 1169)).clip(0, 255).astype(np.uint8)
    assert is_blank(paper, 150)
    through = np.asarray(draw_page(dpi=150).image.resize((1169, 1654)), np.float32)[:, ::-1]
    shining = (paper - (250 - through) * 0.12).clip(0, 255).astype(np.uint8)
    assert is_blank(shining, 150)
    bordered = paper.copy()
    bordered[:, :20] = 0
    bordered[800:803, 400:403] = 30
    assert is_blank(bordered, 150)
    page = draw_page(("Trang này có chữ.",), dpi=150).image
    assert not is_blank(np.asarray(page), 150)


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_table_of_names_is_set_upright(turn: int) -> None:
    """No line of prose: all cells are short, and rules stand around each of them."""
    font, page = print_font(12, 200), Image.new("L", (1654, 2338), 250)
    pen = ImageDraw.Draw(page)
    pen.text((527, 140), "DANH SÁCH HỘ GIA ĐÌNH", font=font, fill=25)
    columns = [140, 260, 720, 1000, 1240, 1514]
    head = ("TT", "Họ và tên", "Năm sinh", "Giới tính", "Địa chỉ")
    people = [
        ("Lê Văn Sáu", "1968", "Nam", "Tổ 4"),
        ("Trần Thị Mười", "1975", "Nữ", "Tổ 12"),
        ("Phạm Hữu Nghĩa", "1990", "Nam", "Tổ 7"),
    ]
    for row in range(12):
        y = 260 + 84 * row
        pen.line([140, y, 1514, y], fill=30, width=2)
        cells = (str(row), *people[row % 3]) if row else head
        for x, cell in zip(columns, cells, strict=False):
            if row < 11:
                pen.text((x + 16, y + 20), cell, font=font, fill=25)
    for x in columns:
        pen.line([x, 260, x, 260 + 84 * 11], fill=30, width=2)
    laid = page.rotate(-turn, expand=True).rotate(5.1, expand=True, fillcolor=247)
    looked = orientation.look(np.asarray(laid, np.uint8), 200, ReadingOptions())
    assert looked.rotation == 360 - turn
    assert looked.skew == pytest.approx(-5.1, abs=0.5)
