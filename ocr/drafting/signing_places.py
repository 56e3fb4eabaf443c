"""Places to sign at a form's foot: a date line, a heading in capitals, free paper below."""

from collections.abc import Sequence
from typing import NamedTuple

from rapidfuzz import fuzz

from ocr.drafting.places import Place
from ocr.drafting.rows import DateLine, Row
from ocr.drafting.runs import Run
from ocr.drafting.sheet import Line
from schemas.label_names import bare, named
from schemas.page import Box
from schemas.validators import FieldType, plain

UNDER_DATE = 26.0
"""Points from a date line to the heading under it."""

HEADING_LINES = 15.0
"""Points between the lines of a heading, and to the remark (Ký, ghi rõ họ tên) below it."""

WIDEST = 115.0
"""Points to either side of a heading's middle at most."""

TALLEST, LOWEST, LOWEST_DATED = 92.0, 38.0, 24.0
"""Free paper under a heading: so many points at most, and at least; at least under a date."""

SMALL_NAME = 70.0
"""Likeness from which small print says *Họ và tên*."""

FOOT = 36.0
"""Points of margin at a page's foot."""


class SigningPlace(NamedTuple):
    """Where somebody agrees or signs, points of the level page."""

    heading: str
    box: Box
    """Of the heading's first line."""
    free: Box
    date: DateLine | None
    name: Line | None
    pid: Line | None


def signing_places(
    page_rows: Sequence[Row],
    dates: Sequence[DateLine],
    places: list[Place],
    used: Sequence[Run],
    size: tuple[float, float],
    title_foot: float,
) -> list[SigningPlace]:
    """The places to sign of a page, left to right, top to bottom.

    Answers that lie on them (a name, a number) are taken out of ``places``; ``used`` is text that
    is a label already, be it in capitals.
    """
    runs = [t.run for row in page_rows for t in row.tokens if t.run]
    heads = [r for r in runs if r.is_capitals and r.base > title_foot and r not in used]
    blocks = [_Block(run, runs, _date_over(run, dates)) for run in heads]
    firsts = [b for b in blocks if not any(b.run in other.lines[1:] for other in blocks)]
    found = []
    for block in firsts:
        free = _free(block, firsts, runs, size)
        least = LOWEST_DATED if block.date else LOWEST
        if free[3] - free[1] < least or (block.date is None and ":" in block.text):
            continue
        name = _taken(places, free, FieldType.name)
        pid = _taken(places, free, FieldType.personal_id)
        found.append(SigningPlace(block.text, block.run.box, free, block.date, name, pid))
    return sorted(found, key=lambda one: (round(one.box[1] / 20), one.box[0]))


class _Block:
    """A heading with its further lines."""

    def __init__(self, run: Run, runs: Sequence[Run], date: DateLine | None) -> None:
        self.run, self.date = run, date
        self.lines = [run]
        for below in sorted(runs, key=lambda r: r.base):
            last = self.lines[-1]
            near = 0 < below.base - last.base < HEADING_LINES
            over = min(below.box[2], run.box[2]) - max(below.box[0], run.box[0])
            remark = below.text.startswith("(") or last.text.startswith("(")
            if near and over > 0 and (below.is_capitals or remark):
                self.lines.append(below)

    @property
    def text(self) -> str:
        return " ".join(r.text for r in self.lines if r.is_capitals)

    @property
    def middle(self) -> float:
        return (self.run.box[0] + self.run.box[2]) / 2

    @property
    def foot(self) -> float:
        return max(r.box[3] for r in self.lines)


def _date_over(run: Run, dates: Sequence[DateLine]) -> DateLine | None:
    over = [
        date
        for date in dates
        if 0 < run.base - date.y < UNDER_DATE and date.x0 < run.box[2] and date.x1 > run.box[0]
    ]
    return max(over, key=lambda d: min(d.x1, run.box[2]) - max(d.x0, run.box[0]), default=None)


def _free(
    block: _Block, blocks: Sequence[_Block], runs: Sequence[Run], size: tuple[float, float]
) -> Box:
    """The paper under a heading, up to its neighbours and to what is printed below."""
    beside = [b.middle for b in blocks if b is not block and abs(b.run.base - block.run.base) < 30]
    left = max([(m + block.middle) / 2 for m in beside if m < block.middle], default=0.0)
    right = min([(m + block.middle) / 2 for m in beside if m > block.middle], default=size[0])
    x0 = max(left + 2, block.middle - WIDEST, 14.0)
    x1 = min(right - 2, block.middle + WIDEST, size[0] - 14.0)
    top = block.foot + 1.5
    below = [
        r.box[1]
        for r in runs
        if r.base > block.foot + 4 and r.box[0] < x1 and r.box[2] > x0 and r not in block.lines
    ]
    bottom = min([*(y - 2.0 for y in below), top + TALLEST, size[1] - FOOT])
    return (round(x0, 1), round(top, 1), round(x1, 1), round(bottom, 1))


def _taken(places: list[Place], free: Box, kind: FieldType) -> Line | None:
    """The line for a name or a number right under the free paper."""
    for place in places:
        if place.kind != "line" or place.box is None:
            continue
        under = -4 < place.y - free[3] < 45 and free[0] - 8 <= place.box[0] <= free[2]
        alike = named(place.label).type is kind
        if kind is FieldType.name:  # small print
            alike = (
                alike
                or fuzz.ratio(plain(bare(place.label)).replace(" ", ""), "hovaten") > SMALL_NAME
            )
        if under and alike:
            places.remove(place)
            x0, x1, y = place.zones[0]
            return (x0, max(x1, free[2]), y)
    return None
