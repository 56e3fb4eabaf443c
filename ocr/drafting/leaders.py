"""Dot leaders of a blank: rows of dots, or a rule of dashes, over which somebody writes."""

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.drafting.sheet import Line, Mask, Piece, closed, pieces
from ocr.fields.context import POINT

LARGEST_DOT = 2.6
"""Points: dots are lower; where they run into each other they are as low, but wider."""

SMALLEST_DOT = 0.35
"""Points: smaller is dust."""

BETWEEN = 6.5
"""Points between neighbouring dots at most: one of them may be lost."""

FEWEST_DOTS = 3

SHORTEST = 5.5
"""Points."""

LONGEST_DASH = 14.0
"""Points: a stroke that is no longer is a dash between words."""

SLASH = 5.0
"""Points: what stands so tall in a row of dots parts it (the strokes of a date)."""

COLON = (2.0, 6.5)
"""Points between the two dots of a colon."""

COVERED = 0.35
"""A row of dots with letters close under so much of it is their marks."""


SAME_ROW, NEAR = 1.6, 3.0
"""Points: parts of one leader lie so level and so close."""


CLOSE = 9.0
"""Points: nobody writes on two lines so close."""


class Leader(NamedTuple):
    """A row of dots: where it begins and ends and how high it lies, points."""

    x0: float
    x1: float
    y: float
    left_y: float
    """Where it begins; scans bend."""
    right_y: float

    @property
    def wide(self) -> float:
        """Points."""
        return self.x1 - self.x0

    def is_beside(self, other: "Leader") -> bool:
        """Whether the two are parts of one line: level, and close or over each other."""
        level = abs(self.y - other.y) < SAME_ROW
        return level and self.x0 - other.x1 < NEAR and other.x0 - self.x1 < NEAR

    @property
    def zone(self) -> Line:
        """The line to write on."""
        return (self.x0, self.x1, self.y)


def leaders(ink: Mask) -> tuple[list[Leader], Mask]:
    """The dot leaders of a page, without those of letters, and their ink."""
    found, labels = pieces(ink)
    small = [p for p in found if _is_dot(p)]
    dots = _drawn(small, labels)
    tall = _drawn([p for p in found if p.tall >= SLASH * POINT], labels)
    joined = cv2.bitwise_and(closed(dots, BETWEEN, 1.0), cv2.bitwise_not(_grown(tall)))
    rows, numbers = pieces(np.asarray(joined, np.uint8))
    kept = np.zeros_like(ink)
    leaders: list[Leader] = []
    for row in rows:
        if row.wide < SHORTEST * POINT or row.tall > 2.2 * LARGEST_DOT * POINT:
            continue
        here = (slice(row.y, row.foot), slice(row.x, row.right))
        own = (numbers[here] == row.label) & (dots[here] > 0)
        count = len(set(np.unique(labels[here][own]).tolist()))
        solid = own.any(axis=0).mean() >= 0.7 and row.wide >= LONGEST_DASH * POINT
        if count < FEWEST_DOTS and not solid:
            continue
        if _over_letters(row, tall):
            continue
        start = _after_colon(row, small)
        own[:, : start - row.x] = False
        if own.any():
            leaders.append(_leader(row, own))
            kept[here][own] = 255
    return sorted(leaders, key=lambda one: (one.y, one.x0)), kept


def _leader(row: Piece, own: NDArray[np.bool_]) -> Leader:
    ys, xs = np.nonzero(own)
    first, last = int(xs.min()), int(xs.max()) + 1
    middle = (first + last) / 2
    parts = (ys, ys[xs <= middle], ys[xs > middle])
    at = [float(np.median(part)) if len(part) else float(np.median(ys)) for part in parts]
    ends = ((row.x + v) / POINT for v in (first, last))
    return Leader(*(round(v, 1) for v in (*ends, *((row.y + v) / POINT for v in at))))


def _is_dot(piece: Piece) -> bool:
    low, high = SMALLEST_DOT * POINT, LARGEST_DOT * POINT
    return low <= piece.tall <= high and low <= piece.wide


def _drawn(wanted: Sequence[Piece], labels: NDArray[np.int32]) -> Mask:
    """The picture of these pieces alone."""
    kept = np.zeros(int(labels.max()) + 1, np.uint8)
    kept[[p.label for p in wanted]] = 255
    return np.asarray(kept[labels], np.uint8)


def _grown(mask: Mask) -> Mask:
    return np.asarray(cv2.dilate(mask, np.ones((5, 5), np.uint8)), np.uint8)


def _over_letters(row: Piece, tall: Mask) -> bool:
    """Whether the dots of a short row lie on letters: they are the letters' marks."""
    if row.wide > 30 * POINT:
        return False
    under = tall[row.foot : row.foot + round(4.5 * POINT), row.x : row.right]
    return bool((under > 0).any(axis=0).mean() > COVERED)


def _after_colon(row: Piece, small: Sequence[Piece]) -> int:
    """The column where the row's own dots begin: the foot of a label's colon is none of them."""
    first = [
        p for p in small if row.x - 2 <= p.x < row.x + 3 * POINT and row.y - 2 <= p.y < row.foot
    ]
    for dot in sorted(first, key=lambda p: p.x)[:1]:
        low, high = (COLON[0] * POINT, COLON[1] * POINT)
        if any(abs(p.x - dot.x) < POINT and low <= dot.y - p.y <= high for p in small):
            return dot.right + 1
    return row.x


def as_leaders(rules: Sequence[Line]) -> list[Leader]:
    """Rules to write on as leaders; pieces of one rule are joined."""
    found: list[Line] = []
    for x0, x1, y in sorted(rules, key=lambda r: (round(r[2] / 3), r[0])):
        if found and abs(found[-1][2] - y) < 1.0 and x0 - found[-1][1] < 9.0:
            found[-1] = (found[-1][0], x1, y)
        else:
            found.append((x0, x1, y))
    return [Leader(x0, x1, y, y, y) for x0, x1, y in found]


def merged(found: Sequence[Leader]) -> list[Leader]:
    """Leaders and rules to write on, pieces of one line put together, top to bottom."""
    whole: list[Leader] = []
    for one in sorted(found, key=lambda one: (round(one.y / 4), one.x0)):
        last = whole[-1] if whole else None
        if (
            last is not None
            and one.x0 - last.x1 < 0.3
            and last.is_beside(one)
            and one.wide + last.wide > 2 * BETWEEN
        ):
            whole[-1] = Leader(last.x0, max(one.x1, last.x1), last.y, last.left_y, one.right_y)
        else:
            whole.append(one)
    clean = [one for one in whole if not any(_is_dirt(one, other) for other in whole)]
    return sorted(clean, key=lambda one: (one.y, one.x0))


def _is_dirt(one: Leader, other: Leader) -> bool:
    """Whether a short row lies right over or under a long one: a dash of dirt, an underline."""
    near = 0 < abs(one.y - other.y) < CLOSE
    return near and 2 * one.wide < other.wide and other.x0 <= one.x0 and one.x1 <= other.x1
