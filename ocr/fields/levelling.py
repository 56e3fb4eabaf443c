"""Pages brought level before their lines are looked for, and places brought back.

Two degrees lift one end of a header over the other by more than a line: rows of two columns, strips
and the blank between lines are found on a page that was turned about its middle.
"""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from schemas.field import Field, FieldValue, Table
from schemas.page import Box, PageReading

TURNED_FROM = 0.4
"""Degrees of skew from which a page is turned; less is taken out zone by zone."""

LEAST_HEIGHT = 0.6
"""Of a word's height, what is left of it at least once the slope is taken off."""


class LevelPage(PageReading):
    """A page whose words were turned level; its picture is still to be turned."""

    turned: float
    """Degrees counter-clockwise about the page's middle."""


def level_page(page: PageReading) -> PageReading:
    """The page with its words level; itself where it is nearly so."""
    if abs(page.skew) < TURNED_FROM:
        return page
    slope = math.tan(math.radians(abs(page.skew)))
    turn = _turn(page.width, page.height, page.skew)
    words = []
    for word in page.words:
        x0, y0, x1, y1 = word.box
        tall = max((y1 - y0) - (x1 - x0) * slope, LEAST_HEIGHT * (y1 - y0))
        box = _moved(word.box, turn, tall)
        words.append(word.model_copy(update={"box": box}))
    known = {name: getattr(page, name) for name in PageReading.model_fields}
    known |= {"words": tuple(words), "skew": 0.0}
    return LevelPage.model_construct(**known, turned=page.skew)


def level_picture(pixels: NDArray[np.uint8], page: PageReading) -> NDArray[np.uint8]:
    """A page's picture, turned as its words were; what comes in at the edges is paper.

    ``pixels`` is uint8, shape (height, width) or (height, width, 3), of any resolution.
    """
    if not isinstance(page, LevelPage):
        return pixels
    height, width = pixels.shape[:2]
    turn = _turn(width, height, page.turned)
    paper = (255,) * 3
    level = cv2.warpAffine(pixels, turn, (width, height), flags=cv2.INTER_LINEAR, borderValue=paper)
    return np.asarray(level, np.uint8)


def as_scanned(value: FieldValue, pages: dict[int, PageReading]) -> FieldValue:
    """A field read on level pages, its place as the page lies; ``pages`` by their numbers."""
    if isinstance(value, Table):
        rows = tuple({key: _back(cell, pages) for key, cell in row.items()} for row in value.rows)
        return Table(rows=rows)
    return _back(value, pages)


def _back(field: Field, pages: dict[int, PageReading]) -> Field:
    page = pages.get(field.page or 0)
    if field.box is None or not isinstance(page, LevelPage):
        return field
    x0, y0, x1, y1 = field.box
    tall = (y1 - y0) + (x1 - x0) * math.tan(math.radians(abs(page.turned)))
    turn = _turn(page.width, page.height, -page.turned)
    return field.model_copy(update={"box": _moved(field.box, turn, tall)})


def _turn(width: float, height: float, degrees: float) -> NDArray[np.float64]:
    return np.asarray(cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0), np.float64)


def _moved(box: Box, turn: NDArray[np.float64], tall: float) -> Box:
    """A box of the same width around its moved middle."""
    half = (box[2] - box[0]) / 2
    x, y = turn @ ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2, 1.0)
    return float(x) - half, float(y) - tall / 2, float(x) + half, float(y) + tall / 2
