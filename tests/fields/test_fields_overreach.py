"""Writing taller than its line: its letters are followed, those of its neighbours left out."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr.fields.context import POINT
from ocr.fields.forms.overreach import REACH, followed
from ocr.fields.zone_reader import Image

ABOVE, TALL, WIDE = round(REACH * POINT), 90, 400


def place(*strokes: tuple[tuple[int, int], tuple[int, int]], thick: int = 5) -> Image:
    """The scan around a place, with strokes in pixels from the place's upper left corner."""
    around = np.full((TALL + 2 * ABOVE, WIDE), 245, np.uint8)
    for (x0, y0), (x1, y1) in strokes:
        cv2.line(around, (x0, y0 + ABOVE), (x1, y1 + ABOVE), (30,), thick)
    return around


def inside(around: Image) -> Image:
    return around[ABOVE : ABOVE + TALL].copy()


LETTER = ((100, -20), (100, 60))


def test_a_letter_is_followed_over_the_upper_side() -> None:
    around = place(LETTER)
    found = followed(inside(around), lambda: around, ABOVE)
    assert 20 <= found.above <= 24 and found.below == 0
    assert found.image.shape == (TALL + found.above, WIDE)
    assert (found.image[:10, 95:106] < 100).any()


def test_a_letter_is_followed_below() -> None:
    around = place(((100, 20), (100, 110)))
    found = followed(inside(around), lambda: around, ABOVE)
    assert found.above == 0 and found.below >= 20


def test_what_hangs_in_from_above_is_taken_out() -> None:
    around = place(LETTER, ((300, -25), (300, 8)))
    found = followed(inside(around), lambda: around, ABOVE)
    assert not (found.image[:, 280:320] < 200).any()
    assert (found.image[:, 95:106] < 100).any()


def test_what_begins_under_the_line_is_the_next_line_s() -> None:
    around = place(LETTER, ((300, 66), (300, 100)))
    kept = followed(inside(around), lambda: around, ABOVE)
    assert (kept.image[:, 280:320] < 200).any()
    found = followed(inside(around), lambda: around, ABOVE, base=55)
    assert not (found.image[:, 280:320] < 200).any()


def test_a_mark_over_its_letter_is_kept_and_one_over_nothing_is_not() -> None:
    mark, other = ((90, -12), (112, -6)), ((200, -12), (222, -6))
    around = place(((100, 3), (100, 60)), mark, other)
    found = followed(inside(around), lambda: around, ABOVE)
    assert (found.image[:12, 85:116] < 100).any()
    assert not (found.image[:, 190:230] < 200).any()


def test_a_rule_that_a_letter_crosses_stays_out() -> None:
    around = place(LETTER)
    cv2.line(around, (0, ABOVE - 8), (WIDE, ABOVE - 8), (30,), 3)
    found = followed(inside(around), lambda: around, ABOVE)
    assert found.above >= 20
    assert not (found.image[: found.above, 150:] < 200).any()
    assert (found.image[: found.above, 97:104] < 100).all(axis=1).sum() >= found.above - 4


def test_print_in_the_middle_is_left_as_it_is() -> None:
    around = place(((100, 30), (100, 60)))
    cleaned = inside(around)
    found = followed(cleaned, lambda: around, ABOVE)
    assert found.image is cleaned and (found.above, found.below) == (0, 0)


@pytest.mark.parametrize("shade", [0, 120, 255])
def test_a_place_of_one_shade_is_nothing(shade: int) -> None:
    around = np.full((TALL + 2 * ABOVE, WIDE), shade, np.uint8)
    found = followed(inside(around), lambda: around, ABOVE)
    assert found.image.shape[1] == WIDE


@given(
    st.lists(
        st.tuples(*[st.tuples(st.integers(0, WIDE), st.integers(-30, TALL + 30))] * 2), max_size=6
    )
)
def test_whatever_stands_there_the_middle_gets_no_darker(
    strokes: list[tuple[tuple[int, int], tuple[int, int]]],
) -> None:
    around = place(*strokes)
    cleaned = inside(around)
    found = followed(cleaned, lambda: around, ABOVE)
    assert 0 <= found.above <= ABOVE and 0 <= found.below <= ABOVE
    middle = found.image[found.above : found.above + TALL]
    assert middle.shape == cleaned.shape
    assert (middle >= cleaned).all()
