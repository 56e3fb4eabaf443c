"""A blank's page as drafting looks at it: level, 300 dpi, ink told from paper."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.fields.binarisation import ink_of
from ocr.fields.context import POINT, Context
from ocr.fields.zone_reader import Image
from schemas.page import Box, PageReading

Mask = NDArray[np.uint8]
"""uint8, shape (height, width): 255 where something is, else 0."""

Line = tuple[float, float, float]
"""``x0, x1, y`` in points of the level page."""


class Sheet(NamedTuple):
    """A page of a blank, brought level."""

    page: PageReading
    grey: Image
    """300 dpi, paper 255."""
    ink: Mask


class Piece(NamedTuple):
    """A connected piece of ink: pixels."""

    x: int
    y: int
    wide: int
    tall: int
    label: int

    @property
    def right(self) -> int:
        """First column after it."""
        return self.x + self.wide

    @property
    def foot(self) -> int:
        """First row after it."""
        return self.y + self.tall


def sheet_of(context: Context, page: PageReading) -> Sheet:
    """The page's picture, level, and its ink."""
    grey = context.cut(page, (0.0, 0.0, page.width, page.height))
    return Sheet(page, grey, np.asarray(ink_of(grey), np.uint8))


def pieces(ink: Mask) -> tuple[list[Piece], NDArray[np.int32]]:
    """The connected pieces of ink, and the picture of their numbers."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    found = []
    for i in range(1, count):
        x, y, wide, tall = (int(v) for v in stats[i][:4])
        found.append(Piece(x, y, wide, tall, i))
    return found, np.asarray(labels, np.int32)


def points(x0: float, y0: float, x1: float, y1: float) -> Box:
    """Pixels as points, to a tenth."""
    return tuple(round(v / POINT, 1) for v in (x0, y0, x1, y1))  # type: ignore[return-value]


def stroke(ink: Mask, wide: float, tall: float) -> Mask:
    """What of the ink belongs to runs at least so wide and tall, points."""
    kernel = np.ones((max(1, round(tall * POINT)), max(1, round(wide * POINT))), np.uint8)
    return np.asarray(cv2.morphologyEx(ink, cv2.MORPH_OPEN, kernel), np.uint8)


def closed(ink: Mask, wide: float, tall: float) -> Mask:
    """The ink with gaps up to so wide and tall filled, points."""
    kernel = np.ones((max(1, round(tall * POINT)), max(1, round(wide * POINT))), np.uint8)
    return np.asarray(cv2.morphologyEx(ink, cv2.MORPH_CLOSE, kernel), np.uint8)


def inside(box: Box, other: Box, margin: float = 1.0) -> bool:
    """Whether ``box`` lies in ``other``, give or take a margin in points."""
    return (
        box[0] >= other[0] - margin
        and box[1] >= other[1] - margin
        and box[2] <= other[2] + margin
        and box[3] <= other[3] + margin
    )
