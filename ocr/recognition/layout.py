"""Where Tesseract's layout analysis sees text: the pieces of lines that its own network gets."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ocr.recognition.cutting import Bounds

_PIECE, _LINE = 3, 2
"""Levels of Tesseract's iterator: what it calls a word is here a run of words without wide gaps."""
_STANDING = 3.0
"""How many times higher than wide text on end is; a single digit is not."""
_ROOM = 3.0
"""Most times the height of the ink; what Tesseract says of the rows of a drawing is beyond it."""
_INK = 160
"""Below this grey level something is ink in a picture made dark on white."""
RULE_POINTS = 5.0
RULE_SHAPE = 15.0
"""A piece thinner than this, and so many times longer, is a rule or a row of dots."""

Grey = NDArray[np.uint8]


@dataclass(frozen=True)
class Piece:
    """A run of words on a line.

    ``ink`` bounds its ink, ``room`` has the height of a line with ascenders and descenders;
    ``line`` counts lines in reading order; turned by ``turn`` degrees clockwise it may be upright.
    """

    ink: Bounds
    room: Bounds
    line: int
    turn: int = 0


def pieces(api: Any, dpi: float) -> Iterator[Piece]:
    """The pieces of the page that was set in ``api``, in reading order; rules are left out.

    Text on end comes twice, for both ways to turn it: Tesseract does not tell which is right.
    """
    if api.AnalyseLayout(merge_similar_words=True) is None:
        return
    iterator = api.GetIterator()
    if iterator is None:
        return
    iterator.SetBoundingBoxComponents(True, True)
    line = -1
    while not iterator.Empty(_PIECE):
        if line < 0 or iterator.IsAtBeginningOf(_LINE):
            line += 1
        ink = iterator.BoundingBox(_PIECE)
        if ink is not None and not _is_rule(ink, dpi):
            if ink[3] - ink[1] >= _STANDING * (ink[2] - ink[0]):
                yield from (Piece(ink, ink, line, turn) for turn in (90, 270))
            else:
                yield Piece(ink, _room(iterator, ink), line)
        if not iterator.Next(_PIECE):
            break


def stacked(images: Sequence[Grey]) -> tuple[Grey, list[Piece]]:
    """Pictures of a line each, one over the other on white, and the piece that each is.

    No layout analysis is asked: a picture without ink gives no piece.
    """
    width = max((image.shape[1] for image in images), default=1)
    height = sum(image.shape[0] for image in images)
    stack = np.full((max(height, 1), width), 255, np.uint8)
    found, top = list[Piece](), 0
    for line, image in enumerate(images):
        stack[top : top + image.shape[0], : image.shape[1]] = image
        rows, columns = np.nonzero(image < _INK)
        if len(rows):
            left, right = int(columns.min()), int(columns.max()) + 1
            ink = (left, top + int(rows.min()), right, top + int(rows.max()) + 1)
            found.append(Piece(ink, ink, line))
        top += image.shape[0]
    return stack, found


def _is_rule(ink: Bounds, dpi: float) -> bool:
    thin, long = sorted((ink[2] - ink[0], ink[3] - ink[1]))
    return thin * 72 < RULE_POINTS * dpi and long >= RULE_SHAPE * thin


def _room(iterator: Any, ink: Bounds) -> Bounds:
    """The height that a line has at its baseline, and what of the ink lies beyond."""
    line, row = iterator.Baseline(_PIECE), iterator.RowAttributes()
    if not line or row["row_height"] <= 0:
        return ink
    (x0, y0), (x1, y1) = line
    middle = (ink[0] + ink[2]) / 2
    base = y0 + (y1 - y0) * (middle - x0) / max(x1 - x0, 1)
    below = -row["descenders"]
    top = min(ink[1], math.floor(base - (row["row_height"] - below)))
    bottom = max(ink[3], math.ceil(base + below))
    if bottom - top > _ROOM * (ink[3] - ink[1]):
        return ink
    return ink[0], top, ink[2], bottom
