"""Typed or penned? Figures beside print are typed when they look like the print beside them."""

from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

import cv2
import numpy as np

from ocr.fields.zone_reader import Image

HEIGHT_TOLERANCE = 0.14
"""Typed figures are as tall as the print beside them, to this part of a capital; pens are not."""

BASELINE_TOLERANCE = 0.12
STROKE_RANGE = (0.6, 1.6)
GAP = 0.55
"""Widest space between figures and what follows them, in heights of a capital."""


class Mark(NamedTuple):
    """One connected piece of ink of a strip, pixels, and its picture without its neighbours."""

    x0: int
    y0: int
    x1: int
    y1: int
    stroke: float
    picture: Image

    @property
    def height(self) -> int:
        """Pixels."""
        return self.y1 - self.y0

    @property
    def centre(self) -> float:
        """Pixels from the left."""
        return (self.x0 + self.x1) / 2


def marks(image: Image) -> list[Mark]:
    """The pieces of ink of a strip, left to right; specks under 25 pixels are left out."""
    _, ink = cv2.threshold(image, 0, 255, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    inside = cv2.distanceTransform(ink, cv2.DIST_L2, 3)
    paper = int(np.percentile(image, 90))
    found = []
    for index in range(1, count):
        x, y, w, h, area = (int(v) for v in stats[index])
        if area < 25:
            continue
        window = (slice(max(y - 2, 0), y + h + 2), slice(max(x - 2, 0), x + w + 2))
        own = labels[window] == index
        stroke = float(np.percentile(inside[window][own], 90))
        near = cv2.dilate(own.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
        picture = np.where(near, image[window], paper).astype(np.uint8)
        found.append(Mark(x, y, x + w, y + h, stroke, picture))
    return sorted(found, key=lambda mark: mark.x0)


def between(every: Sequence[Mark], left: float, right: float) -> list[Mark]:
    """The marks whose centre lies in a span, without commas, dots and hyphens."""
    inside = [m for m in every if left <= m.centre <= right]
    highest = max((m.height for m in inside), default=0)
    return [m for m in inside if m.height >= 0.6 * highest and m.height > 6]


def looks_typed(
    figures: Sequence[Mark], print_: Sequence[Mark], *, until: int | None = None
) -> bool:
    """Whether ``figures`` have the height, baseline and stroke of the print beside them.

    Args:
        figures: the marks in question.
        print_: printed capitals or figures of the same line, lines level.
        until: pixel where the character after the figures begins; None where a space is usual.
    """
    if not figures or not print_:
        return False
    tall = median(m.height for m in print_)
    base = median(m.y1 for m in print_)
    stroke = median(m.stroke for m in print_)
    if until is not None and until - max(m.x1 for m in figures) > GAP * tall:
        return False
    return all(
        abs(m.height - tall) <= HEIGHT_TOLERANCE * tall
        and abs(m.y1 - base) <= BASELINE_TOLERANCE * tall
        and STROKE_RANGE[0] <= m.stroke / stroke <= STROKE_RANGE[1]
        for m in figures
    )
