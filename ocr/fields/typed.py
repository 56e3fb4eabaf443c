"""Typed or penned? Digits beside print are typed when they look like the print beside them."""

from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

import cv2
import numpy as np

from ocr.fields.zone_reader import Glyph, Image

HEIGHT_TOLERANCE = 0.14
"""Typed digits are as tall as the print beside them, to this part of a capital; pens are not."""

BASELINE_TOLERANCE = 0.12
STROKE_RANGE = (0.6, 1.6)
GAP = 0.55
"""Widest space between digits and what follows them, in heights of a capital."""


class Mark(NamedTuple):
    """One connected piece of ink, pixels."""

    x0: int
    y0: int
    x1: int
    y1: int
    stroke: float

    @property
    def height(self) -> int:
        """Pixels."""
        return self.y1 - self.y0


def marks(image: Image) -> list[Mark]:
    """The pieces of ink of a strip, left to right; specks under 25 pixels are left out."""
    _, ink = cv2.threshold(image, 0, 255, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    inside = cv2.distanceTransform(ink, cv2.DIST_L2, 3)
    found = []
    for index in range(1, count):
        x, y, w, h, area = (int(v) for v in stats[index])
        if area < 25:
            continue
        part = inside[y : y + h, x : x + w][labels[y : y + h, x : x + w] == index]
        found.append(Mark(x, y, x + w, y + h, float(np.percentile(part, 90))))
    return sorted(found)


def looks_typed(
    image: Image, digits: Sequence[Glyph], reference: Sequence[Glyph], *, until: int | None
) -> bool:
    """Whether ``digits`` have the height, baseline and stroke of the print in ``reference``.

    Args:
        image: the strip both stand in, lines level.
        digits: the characters in question.
        reference: printed capitals or figures of the same line.
        until: pixel where the character after the digits begins; None where a space is usual.
    """
    if not digits or not reference:
        return False
    every = marks(image)
    ours = _within(every, digits)
    print_ = _tall(_within(every, reference))
    ours = [m for m in ours if m not in print_]
    if not print_ or not ours:
        return False
    tall = median(m.height for m in print_)
    base = median(m.y1 for m in print_)
    stroke = median(m.stroke for m in print_)
    if until is not None and until - max(m.x1 for m in ours) > GAP * tall:
        return False
    if len(ours) != len(digits):
        return False
    return all(
        abs(m.height - tall) <= HEIGHT_TOLERANCE * tall
        and abs(m.y1 - base) <= BASELINE_TOLERANCE * tall
        and STROKE_RANGE[0] <= m.stroke / stroke <= STROKE_RANGE[1]
        for m in ours
    )


def _within(every: Sequence[Mark], glyphs: Sequence[Glyph]) -> list[Mark]:
    left = min(g.box[0] for g in glyphs) - 3
    right = max(g.box[2] for g in glyphs) + 3
    top = min(g.box[1] for g in glyphs)
    bottom = max(g.box[3] for g in glyphs)
    return [
        m
        for m in every
        if left <= (m.x0 + m.x1) / 2 <= right and m.y1 > top and m.y0 < bottom and m.height > 6
    ]


def _tall(found: list[Mark]) -> list[Mark]:
    """Capitals and figures: what reaches 70 % of the tallest; hyphens and commas fall out."""
    highest = max((m.height for m in found), default=0)
    return [m for m in found if m.height >= 0.7 * highest]
