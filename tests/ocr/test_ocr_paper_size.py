"""How large a page is: its letters and known papers are weighed against what the file states."""

import math

import numpy as np
import pytest
from drawn_pages import draw_page
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from ocr.files.paper_size import (
    USUAL_SHAPE,
    Letters,
    Resolution,
    Stated,
    letters_of,
    resolution,
)

A4 = (1654, 2338)
"""Pixels at 200 dpi."""
FAX = (1728, 1145)
PRINT = 8.8
"""Points; the height of usual letters."""


def inches(
    size: tuple[int, int], stated: Stated, letters: Letters | None = None
) -> tuple[float, float]:
    found = resolution(size, stated, lambda: letters)
    return (size[0] / found.across, size[1] / found.down)


def printed(dpi: float, points: float = PRINT, ratio: float = 1.0) -> Letters:
    """Letters of a page whose pixels are ``ratio`` times finer across than down."""
    return Letters(points * dpi / 72, USUAL_SHAPE * ratio)


def is_a4(sides: tuple[float, float]) -> bool:
    return sides == pytest.approx((8.27, 11.69), rel=0.01)


@pytest.mark.parametrize("stated", [10, 36, 50, 72, 96, 100, 150, 300, 400, 600, 900, 1200, 2400])
def test_letters_tell_that_a_resolution_is_not_true(stated: float) -> None:
    assert is_a4(inches(A4, Stated.of(stated, stated), printed(200)))


@pytest.mark.parametrize("stated", [0, -200, math.nan, math.inf, None, "x", 1, 9_999, (3, 4)])
def test_what_is_no_resolution_is_not_believed(stated: object) -> None:
    assert is_a4(inches(A4, Stated.of(stated, stated)))


def test_a_usual_paper_is_believed_without_a_look() -> None:
    def look() -> Letters | None:
        raise AssertionError("nobody asks")

    assert resolution(A4, Stated.of(200, 200), look) == Resolution(200, 200, True)


@pytest.mark.parametrize(
    ("millimetres", "points"),
    [((297, 420), 13), ((148, 210), 10), ((85.6, 54), 6.5), ((105, 148), 8), ((80, 200), 9),
     ((594, 841), 10), ((203, 254), 12), ((420, 297), 11)],
)  # fmt: skip
def test_other_papers_are_believed_where_their_letters_are_of_a_size_that_is_printed(
    millimetres: tuple[float, float], points: float
) -> None:
    size = (round(millimetres[0] / 25.4 * 300), round(millimetres[1] / 25.4 * 300))
    letters = printed(300, PRINT * points / 13)
    assert resolution(size, Stated.of(300, 300), lambda: letters) == Resolution(300, 300, True)


@pytest.mark.parametrize(
    ("stated", "ratio"),
    [(Stated.of(204, 98), 2.08), (Stated.of(98, 204), 2.08), (Stated.of(204, 204), 2.08),
     (Stated.of(2, 1, absolute=False), 2.08), (Stated(), 2.08), (Stated.of(72, 72), 2.08)],
)  # fmt: skip
def test_pixels_of_a_fax_are_not_square(stated: Stated, ratio: float) -> None:
    letters = printed(98, ratio=ratio)
    assert inches(FAX, stated, letters) == pytest.approx((210 / 25.4, 297 / 25.4))


def test_a_blank_fax_is_what_it_says() -> None:
    assert is_a4(inches(FAX, Stated.of(204, 98)))
    assert is_a4(inches((1728, 2291), Stated.of(204, 196)))


def test_a_stated_shape_of_pixels_must_fit_the_letters() -> None:
    narrow = (2480, 1754)
    assert is_a4(inches(narrow, Stated.of(300, 150), printed(150, ratio=2)))
    lying = inches(narrow, Stated.of(300, 150), printed(212))
    assert lying == pytest.approx((11.69, 8.27), rel=0.01)
    assert is_a4(inches(narrow, Stated.of(300, 300), printed(150, ratio=2)))


def test_a_photograph_is_as_long_as_a4() -> None:
    for stated in (1, 72, 1200):
        width, height = inches((3024, 4032), Stated.of(stated, stated), printed(345))
        assert height == pytest.approx(11.69, rel=0.01)
        assert width == pytest.approx(height * 0.75)


def test_the_card_that_fills_a_photograph_is_a_card() -> None:
    letters = printed(1187, 4.2)
    assert inches((4000, 2523), Stated.of(72, 72), letters)[0] == pytest.approx(3.37, rel=0.01)


def test_a_page_without_letters_keeps_a_size_that_can_be() -> None:
    assert inches((2000, 2500), Stated.of(300, 300)) == pytest.approx((6.67, 8.33), rel=0.01)
    assert max(inches((2000, 2500), Stated.of(1200, 1200))) == pytest.approx(11.69, rel=0.01)


@given(
    size=st.tuples(st.integers(1, 40_000), st.integers(1, 40_000)),
    across=st.one_of(st.floats(), st.integers(), st.none(), st.text(max_size=3)),
    down=st.one_of(st.floats(), st.integers(), st.none()),
    absolute=st.booleans(),
    letters=st.one_of(st.none(), st.builds(Letters, st.floats(0.5, 2_000), st.floats(0.05, 20))),
)
def test_whatever_is_stated_a_page_has_a_size(
    size: tuple[int, int], across: object, down: object, absolute: bool, letters: Letters | None
) -> None:
    found = resolution(size, Stated.of(across, down, absolute=absolute), lambda: letters)
    assert all(math.isfinite(one) and one > 0 for one in found[:2])


@pytest.mark.parametrize("dpi", [100, 200, 400])
def test_letters_are_measured_at_any_resolution(dpi: int) -> None:
    found = letters_of(np.asarray(draw_page(dpi=dpi).image))
    assert found is not None
    assert found.height * 72 / dpi == pytest.approx(PRINT, rel=0.15)
    assert found.shape == pytest.approx(USUAL_SHAPE, rel=0.2)


def test_dots_and_drawings_are_no_letters() -> None:
    page = np.full((2338, 1654), 255, np.uint8)
    assert letters_of(page) is None
    page[300:2000:60, 100:1500:8] = 0  # leaders
    assert letters_of(page) is None
    page[500:1800, 300:1300] = 120
    assert letters_of(page) is None


def test_squeezed_letters_are_wide() -> None:
    page = draw_page(dpi=200).image
    found = letters_of(np.asarray(page.resize((page.width, page.height // 2))))
    assert found is not None
    assert found.shape == pytest.approx(2 * USUAL_SHAPE, rel=0.2)


def test_a_strip_of_pixels_has_a_size() -> None:
    assert letters_of(np.asarray(Image.new("L", (3, 900)))) is None
    assert resolution((1, 20_000), Stated(), lambda: None).across > 0
