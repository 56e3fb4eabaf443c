"""Writing that is taller than its line: what of its letters lies over the next lines.

A pen does not keep to the height of a printed line or a table's row. Ink that hangs together
belongs to the place where most of it lies: letters of a line are followed over its upper and lower
side, and what hangs in from the line above or below is taken out of it.
"""

from collections.abc import Callable
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.fields.binarisation import ink_of, shades
from ocr.fields.context import POINT
from ocr.fields.zone_reader import Image

REACH = 7.0
"""Points over and under a place that its letters are followed."""

OWN = 0.5
"""Of ink that hangs together this part at least lies in the place that it belongs to."""

MARK_APART, MARK_LEAST, MARK_TALL, MARK_WIDE = 3.5, 1.8, 5.0, 16.0
"""Points: ink that stands alone over a letter may be its mark, or the bar of a T."""

LOW = 4.0
"""Points: what hangs in from a line beside is no taller in the place."""

RULE, THICK = 30.0, 2.2
"""Points: a level line of ink that is so long is a printed rule; none is thicker."""

EDGE = 2
"""Pixels: letters that come so near to a side may run over it."""

Ink = NDArray[np.uint8]


class Followed(NamedTuple):
    """A place's picture with all of its letters, and how many rows it was grown by."""

    image: Image
    above: int
    below: int


def followed(
    cleaned: Image, scan: Callable[[], Image], above: int, base: int | None = None
) -> Followed:
    """``cleaned`` with what of its letters lies over its upper and lower side.

    Args:
        cleaned: what was written in a place, without print: grey, paper bright.
        scan: gives the scan there, as wide, with rows more above and below; asked only where
            letters come near a side.
        above: how many more above.
        base: row of ``cleaned`` under which no letter of its begins; None: close to its end.
    """
    tall = cleaned.shape[0]
    inside = ink_of(cleaned)
    if not (inside[:EDGE].any() or inside[-EDGE:].any() or _may_have_marks(inside)):
        return Followed(cleaned, 0, 0)
    around = scan()
    ink = ink_of(around)
    ink[above : above + tall] = inside
    rules = _rules_in(ink)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    whole = stats[:, cv2.CC_STAT_AREA]
    low = tall - round(LOW * POINT) if base is None else base
    places = (above, above + low, above + tall)
    own = np.bincount(labels[above : above + tall].ravel(), minlength=count)
    mine = (own >= OWN * whole) & (own > 0) & ~_hanging_in(np.asarray(stats), places)
    strange = (own > 0) & ~mine
    mine[0] = strange[0] = False
    mine |= _marks(np.asarray(stats, np.int64), mine, above)
    held = mine[labels]
    rows = np.flatnonzero(held.any(axis=1))
    if not rows.size:
        return Followed(cleaned, 0, 0)
    up, down = max(0, above - int(rows[0])), max(0, int(rows[-1]) + 1 - above - tall)
    paper = int(shades(cleaned, 0.8)[0])
    square = np.ones((5, 5), np.uint8)
    near = cv2.dilate(held.astype(np.uint8), square) > 0
    grown = np.where(near, around, paper).astype(np.uint8)
    middle = cleaned.copy()
    if strange.any() or rules.any():
        other = cv2.dilate((strange[labels] | rules).astype(np.uint8), square) > 0
        middle[other[above : above + tall] & ~held[above : above + tall]] = paper
    grown[above : above + tall] = middle
    return Followed(grown[above - up : above + tall + down], up, down)


def _hanging_in(stats: NDArray[np.int32], places: tuple[int, int, int]) -> NDArray[np.bool_]:
    """Which pieces come over a side and end close to it; ``places``: where the upper side is, under
    what no letter begins, the lower side."""
    upper, base, lower = places
    top, foot = stats[:, cv2.CC_STAT_TOP], stats[:, cv2.CC_STAT_TOP] + stats[:, cv2.CC_STAT_HEIGHT]
    from_above = (top < upper) & (foot - upper < LOW * POINT)
    return np.asarray(from_above | ((foot > lower) & (top > base)), np.bool_)


def _may_have_marks(inside: Ink) -> bool:
    """Whether letters stand so high that their marks may lie over the upper side."""
    rows = np.flatnonzero(inside.any(axis=1))
    return bool(rows.size) and rows[0] < MARK_APART * POINT


def _marks(stats: NDArray[np.int64], mine: NDArray[np.bool_], above: int) -> NDArray[np.bool_]:
    """Which pieces at the upper side and over it are marks of letters that stand under it."""
    x, y, wide, tall = (stats[:, k] for k in range(4))
    foot = y + tall
    free = ~mine & (tall <= MARK_TALL * POINT) & (wide <= MARK_WIDE * POINT)
    free &= np.maximum(tall, wide) >= MARK_LEAST * POINT
    free &= (y < above) & (foot >= above - MARK_APART * POINT) & (foot < above + LOW * POINT)
    free[0] = False
    under = np.flatnonzero(mine & (y <= above + (LOW + MARK_APART) * POINT))
    for k in np.flatnonzero(free):
        lies = (x[under] < x[k] + wide[k]) & (x[k] < x[under] + wide[under])
        near = np.abs(y[under] - foot[k]) <= MARK_APART * POINT
        free[k] = bool((lies & near).any())
    return np.asarray(free, np.bool_)


def _rules_in(ink: Ink) -> NDArray[np.bool_]:
    """Takes printed rules out of ``ink``, what crosses them left in; where they were."""
    rules = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((1, round(RULE * POINT)), np.uint8))
    rules = cv2.dilate(rules, np.ones((3, 1), np.uint8))
    if not rules.any():
        return np.zeros(ink.shape, np.bool_)
    rest = cv2.bitwise_and(ink, cv2.bitwise_not(rules))
    crossing = cv2.morphologyEx(rest, cv2.MORPH_CLOSE, np.ones((round(THICK * POINT), 1), np.uint8))
    ink[:] = cv2.bitwise_or(rest, cv2.bitwise_and(crossing, rules))
    return np.asarray((rules > 0) & (ink == 0), np.bool_)
