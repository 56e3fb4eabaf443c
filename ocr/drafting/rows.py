"""A page's printed things in rows: text, leaders and boxes to tick, from left to right."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from rapidfuzz import fuzz

from ocr.drafting.leaders import Leader
from ocr.drafting.runs import Run
from ocr.drafting.sheet import Line
from schemas.page import Box
from schemas.validators import plain

SAME_ROW = 3.6
"""Points: things of one row stand so level."""

DATE_WORDS = (("ngay", 60.0), ("thang", 70.0), ("nam", 60.0))
"""Between the leaders of a date, small and slanted: read badly."""

DATE_REACH = 75.0
"""Points from one of these words to the next at most."""

DATE_GAP = 5.0
"""Points between these words at least: there are dots in between."""

YEAR, YEAR_NEAR = 24.0, 6.0
"""Points that a year takes where its leader was not found; from the word to its leader."""

PLACE_BEFORE = 14.0
"""Points from the leader for a place to the word *ngày* at most."""

LONGEST_DATE_WORD = 6

_NOTE = re.compile(r"^[\W_]*\d{0,2}[\W_]*$")


class Token(NamedTuple):
    """One printed thing of a row, points."""

    x0: float
    x1: float
    y: float
    run: Run | None = None
    leader: Leader | None = None
    tick: Box | None = None


class DateLine(NamedTuple):
    """A printed *ngày ... tháng ... năm ...*: where day, month and year are written."""

    zones: tuple[Line, Line, Line]
    x0: float
    """Where the words begin, or the leader of the place before them."""
    x1: float
    y: float
    before: str
    """Text that stands before the word *ngày*, in its own run."""
    before_box: Box | None


class Row(NamedTuple):
    """Things that stand level, left to right, and the dates among them."""

    tokens: tuple[Token, ...]
    y: float
    dates: tuple[DateLine, ...] = ()

    @property
    def is_text(self) -> bool:
        """Nobody writes in it."""
        return not self.dates and all(token.run is not None for token in self.tokens)

    @property
    def text(self) -> str:
        """All its words."""
        return " ".join(token.run.text for token in self.tokens if token.run)


def rows(runs: Sequence[Run], leaders: Sequence[Leader], ticks: Sequence[Box]) -> list[Row]:
    """The rows of a page from top to bottom."""
    tokens = [
        Token(run.box[0], run.box[2], run.base, run=run)
        for run in runs
        if not _NOTE.match(run.text)
    ]
    tokens += [Token(one.x0, one.x1, one.y, leader=one) for one in leaders]
    tokens += [Token(box[0], box[2], box[3] - 1.0, tick=box) for box in ticks]
    found: list[list[Token]] = []
    for token in sorted(tokens, key=lambda t: t.y):
        if found and token.y - sum(t.y for t in found[-1]) / len(found[-1]) <= SAME_ROW:
            found[-1].append(token)
        else:
            found.append([token])
    return [_row(tokens) for tokens in found]


def _row(tokens: Sequence[Token]) -> Row:
    ordered = tuple(sorted(tokens, key=lambda t: t.x0))
    y = sum(t.y for t in ordered) / len(ordered)
    dates = tuple(_dates(ordered))
    kept = tuple(t for t in ordered if not any(_of_date(t, date) for date in dates))
    return Row(kept, round(y, 1), dates)


def _of_date(token: Token, date: DateLine) -> bool:
    return date.x0 - 0.5 <= (token.x0 + token.x1) / 2 <= date.x1 + 0.5


def _dates(tokens: Sequence[Token]) -> list[DateLine]:
    """The dates whose words are printed in a row."""
    words = [(text, box) for t in tokens if t.run for text, box in t.run.words]
    if not any(t.leader for t in tokens):
        return []
    found = []
    for index in range(len(words)):
        named = _date_at(words, index)
        if named is None:
            continue
        day, month, year = named
        found.append(_date_line(tokens, day, month, year))
    return found


def _date_at(words: Sequence[tuple[str, Box]], index: int) -> tuple[Box, Box, Box] | None:
    """The boxes of *ngày*, *tháng*, *năm* where these words begin at ``index``."""
    boxes: list[Box] = []
    for (wanted, least), (text, box) in zip(DATE_WORDS, words[index : index + 3], strict=False):
        said = plain(text).strip(" .,:;-_")
        near = not boxes or DATE_GAP < box[0] - boxes[-1][2] < DATE_REACH
        # of the last word, small and slanted, little may be left: its place tells
        alike = fuzz.ratio(said, wanted) >= least or len(boxes) == 2
        if not near or len(said) > LONGEST_DATE_WORD or not alike:
            return None
        boxes.append(box)
    return (boxes[0], boxes[1], boxes[2]) if len(boxes) == 3 else None


def _date_line(tokens: Sequence[Token], day: Box, month: Box, year: Box) -> DateLine:
    leaders = [t.leader for t in tokens if t.leader]
    after = [one for one in leaders if year[2] - 3 <= one.x0 <= year[2] + YEAR_NEAR]
    own = [one for one in leaders if day[2] - 3 <= one.x0 <= year[2] + 12]
    end = after[0].x1 if after else year[2] + YEAR
    y = round(sum(one.y for one in own) / len(own), 1) if own else round(day[3] - 2.5, 1)
    zones: tuple[Line, Line, Line] = (
        (day[2] + 0.5, month[0] - 0.5, y),
        (month[2] + 0.5, year[0] - 0.5, y),
        (year[2] + 0.5, end, y),
    )
    start, before, place = day[0], "", None
    holder = next(t.run for t in tokens if t.run and any(b == day for _, b in t.run.words))
    ahead = [(text, box) for text, box in holder.words if box[2] <= day[0] + 0.5]
    if ahead and any(c.isalnum() for text, _ in ahead for c in text):
        before = " ".join(text for text, _ in ahead)
        place = (ahead[0][1][0], holder.box[1], ahead[-1][1][2], holder.box[3])
    else:
        head = [one for one in leaders if -6 <= holder.box[0] - one.x1 <= PLACE_BEFORE]
        start = head[0].x0 if head else holder.box[0]
    return DateLine(zones, start, end, y, before, place)
