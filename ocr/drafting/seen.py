"""What is printed on a page of a blank: rules and what they make, leaders, text, in rows."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from ocr.drafting.leaders import Leader, as_leaders, leaders, merged
from ocr.drafting.places import SHORTEST, is_notes
from ocr.drafting.rows import Row, rows
from ocr.drafting.ruled import Grid, Ruled, ruled
from ocr.drafting.runs import Run, runs
from ocr.drafting.sheet import Sheet
from ocr.drafting.tables import outside
from ocr.options import ReadingOptions
from schemas.page import Box

LONG_RULE = 250.0
"""Points: a rule without a label is written on where it is as long."""

UNDERLINED = 6.0
"""Points between a line of text and the rule that underlines it."""

PICTURE = 0.45
"""A frame that is smaller, in parts of the page, is for a photograph; a larger one is a border."""


class Seen(NamedTuple):
    """A page's print."""

    sheet: Sheet
    rules: Ruled
    runs: tuple[Run, ...]
    """All text, that of tables and notes, too."""
    rows: tuple[Row, ...]
    """What stands outside of tables and above the notes."""


def see(sheet: Sheet, options: ReadingOptions) -> Seen:
    """Everything that is printed on a page."""
    rules = ruled(sheet.ink)
    ink = sheet.ink.copy()
    ink[rules.mask > 0] = 0
    dotted, mask = leaders(ink)
    every = runs(sheet, np.asarray(rules.mask | mask, np.uint8), options)
    closed = [grid.box for grid in rules.grids if not _is_border(grid, sheet)]
    outer = outside(every, [g.box for g in rules.grids if not g.is_cells and g.box in closed])
    lines = [one for one in dotted if not _in_any(one, closed)]
    lines = merged([*lines, *_written_on(rules, outer, lines)])
    lines = [one for one in lines if one.wide >= SHORTEST or _by_text(one, outer)]
    above = _without_notes(rows(outer, lines, rules.ticks))
    return Seen(sheet, rules, tuple(every), tuple(above))


def _is_border(grid: Grid, sheet: Sheet) -> bool:
    """Whether a frame goes around much of the page."""
    x0, y0, x1, y1 = grid.box
    wide = x1 - x0 > PICTURE * sheet.page.width or y1 - y0 > PICTURE * sheet.page.height
    return wide and not grid.is_table and not grid.is_cells


def _written_on(rules: Ruled, outer: Sequence[Run], dotted: Sequence[Leader]) -> Iterator[Leader]:
    """Rules that one writes on: not those that underline a text or part two."""
    for rule in as_leaders(rules.rules):
        over = [
            run
            for run in outer
            if 0 < rule.y - run.base < UNDERLINED + 3
            and min(run.box[2], rule.x1) - max(run.box[0], rule.x0) > 0.3 * rule.wide
        ]
        beside = [r for r in outer if abs(r.base - rule.y) < 4 and -2 < rule.x0 - r.box[2] < 20]
        same = [one for one in dotted if one.is_beside(rule)]  # fine dots that run together
        if same or (not over and (beside or rule.wide > LONG_RULE)):
            yield rule


def _by_text(one: Leader, outer: Sequence[Run]) -> bool:
    """Whether text stands right beside a leader."""
    near = (r for r in outer if abs(r.base - one.y) < 3.6)
    return any(-6 < one.x0 - r.box[2] < 6 or -6 < r.box[0] - one.x1 < 6 for r in near)


def _in_any(one: Leader, boxes: Sequence[Box]) -> bool:
    x, y = (one.x0 + one.x1) / 2, one.y
    return any(b[0] < x < b[2] and b[1] < y < b[3] for b in boxes)


def _without_notes(page_rows: Sequence[Row]) -> list[Row]:
    """The rows above the notes."""
    end = next((i for i, row in enumerate(page_rows) if is_notes(row)), len(page_rows))
    return list(page_rows[:end])
