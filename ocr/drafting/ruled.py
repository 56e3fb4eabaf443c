"""What rules make on a blank: rows of cells, tables, boxes to tick, rules to write on."""

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np

from ocr.drafting.sheet import Line, Mask, Piece, closed, inside, pieces, points, stroke
from ocr.fields.context import POINT
from schemas.page import Box

LONG_LEVEL, LONG_UPRIGHT = 18.0, 11.0
"""Points: shorter strokes belong to letters."""

LONG_ALONE = 30.0
"""Points: a rule that stands alone is as long; shorter ones are dashes and dirt."""

SMALLEST_GRID = 12.0
"""Points: what crosses within less is a letter or a seal."""

NARROWEST_TABLE = 120.0
"""Points."""

BESIDE = 0.12
"""So much ink may lie close over or under a rule that stands alone, in parts of its length."""

THICKEST = 3.0
"""Points: a rule is no thicker."""

FEWEST_CELLS = 6
"""Boxes in a row from which each takes a character."""

UNEVEN = 0.25
"""Cells of one row differ by less, in parts of their width."""

TICK = (6.8, 16.0)
"""Sides of a box to tick, points."""

SIDE_INKED, MIDDLE_INKED = 0.9, 0.06
"""Of a box to tick: so much of each side is drawn at least, so much of its middle at most."""


class Grid(NamedTuple):
    """Rules that hang together: the places of its uprights and levels, points."""

    box: Box
    uprights: tuple[float, ...]
    levels: tuple[float, ...]

    @property
    def is_cells(self) -> bool:
        """One row of even boxes."""
        widths = np.diff(self.uprights)
        even = len(widths) >= FEWEST_CELLS and bool(
            (np.abs(widths - np.median(widths)) < UNEVEN * np.median(widths)).all()
        )
        return len(self.levels) == 2 and even

    @property
    def is_table(self) -> bool:
        """Rows under a heading."""
        large = self.box[2] - self.box[0] >= NARROWEST_TABLE
        return large and len(self.levels) >= 3 and len(self.uprights) >= 3


class Ruled(NamedTuple):
    """All that rules make on a page."""

    grids: tuple[Grid, ...]
    ticks: tuple[Box, ...]
    rules: tuple[Line, ...]
    """Level rules that stand alone."""
    mask: Mask
    """Their ink."""

    @property
    def cells(self) -> tuple[Grid, ...]:
        """Rows of boxes for one character each."""
        return tuple(grid for grid in self.grids if grid.is_cells)

    @property
    def tables(self) -> tuple[Grid, ...]:
        """Tables, outer ones alone."""
        return tuple(grid for grid in self.grids if grid.is_table)


def ruled(ink: Mask) -> Ruled:
    """The rules of a page and what they make."""
    level = stroke(closed(ink, 1.2, 0.25), LONG_LEVEL, 0.2)
    upright = stroke(closed(ink, 0.25, 1.2), 0.2, LONG_UPRIGHT)
    level, upright = _thin(level, across=True), _thin(upright, across=False)
    both = cv2.dilate(cv2.bitwise_or(level, upright), np.ones((5, 5), np.uint8))
    grids: list[Grid] = []
    rules: list[Line] = []
    found, labels = pieces(np.asarray(both, np.uint8))
    for piece in found:
        part = labels[piece.y : piece.foot, piece.x : piece.right] == piece.label
        here = (slice(piece.y, piece.foot), slice(piece.x, piece.right))
        levels = _places(level[here] * part, across=True, least=0.5)
        uprights = _places(upright[here] * part, across=False, least=0.5)
        crossed = len(levels) >= 2 and len(uprights) >= 2
        if crossed and min(piece.wide, piece.tall) >= SMALLEST_GRID * POINT:
            grids.append(_grid(piece, uprights, levels))
        elif len(levels) == 1 and _alone(ink, piece):
            y = (piece.y + levels[0]) / POINT
            rules.append((round(piece.x / POINT, 1), round(piece.right / POINT, 1), round(y, 1)))
        else:  # strokes of letters
            both[here][part] = 0
    ticks, mask = _ticks(ink)
    for tick in ticks:
        x0, y0, x1, y1 = (round(v * POINT) for v in tick)
        both[y0 : y1 + 1, x0 : x1 + 1] = 255
    whole = cv2.bitwise_or(cv2.bitwise_and(np.asarray(both, np.uint8), ink), mask)
    joined, left = _joined_ticks(ticks)
    outer = [g for g in grids if not any(g is not o and inside(g.box, o.box) for o in grids)]
    return Ruled((*outer, *joined), tuple(left), tuple(rules), np.asarray(whole, np.uint8))


def _alone(ink: Mask, piece: Piece) -> bool:
    """Whether a level stroke is a rule and no part of letters or of a seal."""
    if piece.wide < LONG_ALONE * POINT or piece.tall > THICKEST * POINT:
        return False
    reach = round(1.2 * POINT)
    over = ink[max(0, piece.y - reach) : piece.y, piece.x : piece.right]
    under = ink[piece.foot : piece.foot + reach, piece.x : piece.right]
    return all(side.size and (side > 0).any(axis=0).mean() <= BESIDE for side in (over, under))


def _thin(mask: Mask, *, across: bool) -> Mask:
    """Without what is too thick for a rule: black bars, photographs."""
    thick = stroke(mask, 0.2 if across else THICKEST, THICKEST if across else 0.2)
    return np.asarray(cv2.subtract(mask, thick), np.uint8)


def _places(mask: Mask, *, across: bool, least: float) -> list[float]:
    """Where rules lie that run over ``least`` of the mask: pixels, each the middle of its rule.

    A scan bends: pieces of one rule are joined where they lie within a point and a half.
    """
    found, _ = pieces(mask)
    whole = mask.shape[1] if across else mask.shape[0]
    spans: list[list[tuple[float, int, int]]] = []
    lines = [
        (p.y + p.tall / 2, p.x, p.right) if across else (p.x + p.wide / 2, p.y, p.foot)
        for p in found
    ]
    for line in sorted(lines):
        near = [one for one in spans if abs(_middle(one) - line[0]) < 1.8 * POINT]
        if near:
            near[-1].append(line)
        else:
            spans.append([line])
    return [_middle(s) for s in spans if sum(b - a for _, a, b in s) >= least * whole]


def _middle(span: Sequence[tuple[float, int, int]]) -> float:
    return sum(at * (b - a) for at, a, b in span) / max(1, sum(b - a for _, a, b in span))


def _grid(piece: Piece, uprights: Sequence[float], levels: Sequence[float]) -> Grid:
    xs = tuple(round((piece.x + x) / POINT, 1) for x in sorted(uprights))
    ys = tuple(round((piece.y + y) / POINT, 1) for y in sorted(levels))
    return Grid((xs[0], ys[0], xs[-1], ys[-1]), xs, ys)


def _ticks(ink: Mask) -> tuple[list[Box], Mask]:
    """Empty boxes of a letter's size, and their ink."""
    mask = np.zeros_like(ink)
    boxes = []
    found, labels = pieces(ink)
    low, high = TICK[0] * POINT, TICK[1] * POINT
    for p in found:
        if not (low <= p.wide <= high and low <= p.tall <= high and 0.75 < p.wide / p.tall < 1.34):
            continue
        own = labels[p.y : p.foot, p.x : p.right] == p.label
        edge = max(2, round(0.14 * min(p.wide, p.tall)))
        sides = (own[:edge], own[-edge:], own[:, :edge].T, own[:, -edge:].T)
        rim = round(0.28 * min(p.wide, p.tall))
        middle = ink[p.y + rim : p.foot - rim, p.x + rim : p.right - rim] > 0
        corners = own[:edge, :edge].any() and own[:edge, -edge:].any()
        corners = corners and own[-edge:, :edge].any() and own[-edge:, -edge:].any()
        drawn = all(side.any(axis=0).mean() >= SIDE_INKED for side in sides)
        if corners and drawn and middle.mean() <= MIDDLE_INKED:
            boxes.append(points(p.x, p.y, p.right, p.foot))
            mask[p.y : p.foot, p.x : p.right][own] = 255
    return boxes, mask


def _joined_ticks(ticks: Sequence[Box]) -> tuple[list[Grid], list[Box]]:
    """Boxes that stand close in one row are cells; the others are there to be ticked."""
    rows: list[list[Box]] = []
    for box in sorted(ticks, key=lambda b: (round(b[1] / 4), b[0])):
        last = rows[-1] if rows else []
        wide = box[2] - box[0]
        if last and abs(last[-1][1] - box[1]) < 3 and -2 < box[0] - last[-1][2] < 0.7 * wide:
            last.append(box)
        else:
            rows.append([box])
    grids, left = [], []
    for row in rows:
        if len(row) < FEWEST_CELLS:
            left += row
            continue
        top, foot = min(b[1] for b in row), max(b[3] for b in row)
        xs = (*(b[0] for b in row), row[-1][2])
        grids.append(Grid((xs[0], top, xs[-1], foot), xs, (top, foot)))
    return grids, left
