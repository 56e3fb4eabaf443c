"""Where Tesseract's layout analysis sees text: the pieces of lines that its own network gets."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ocr.recognition.cutting import Bounds

_PIECE, _LINE = 3, 2
"""Levels of Tesseract's iterator: what it calls a word is here a run of words without wide gaps."""
_ON_END = {1: 270, 3: 90}
"""Degrees clockwise that set text upright, by the side its top points to (right, left)."""
_STANDING = 3.0
"""How many times higher than wide text on end is; a single digit is not."""
RULE_POINTS = 5.0
RULE_SHAPE = 15.0
"""A piece thinner than this, and so many times longer, is a rule or a row of dots."""


@dataclass(frozen=True)
class Piece:
    """A run of words on a line.

    ``ink`` bounds its ink, ``room`` has the height of a line with ascenders and descenders;
    ``line`` counts lines in reading order; ``turn`` is how many degrees clockwise set it upright.
    """

    ink: Bounds
    room: Bounds
    line: int
    turn: int = 0


def pieces(api: Any, dpi: float) -> Iterator[Piece]:
    """The pieces of the page that was set in ``api``, in reading order; rules are left out."""
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
            turn = _ON_END.get(iterator.Orientation()[0], 0)
            if turn and ink[3] - ink[1] >= _STANDING * (ink[2] - ink[0]):
                yield Piece(ink, ink, line, turn)
            else:
                yield Piece(ink, _room(iterator, ink), line)
        if not iterator.Next(_PIECE):
            break


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
    top = math.floor(base - (row["row_height"] - below))
    return ink[0], min(ink[1], top), ink[2], max(ink[3], math.ceil(base + below))
