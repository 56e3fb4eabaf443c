"""Labels and the places after them where somebody writes, row by row down a page."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from ocr.drafting.leaders import Leader
from ocr.drafting.rows import DateLine, Row, Token
from ocr.drafting.ruled import Grid
from ocr.drafting.runs import Run
from ocr.drafting.sheet import Line
from schemas.label_names import bare, named, number_of
from schemas.page import Box
from schemas.validators import plain

Kind = Literal["line", "date_parts", "cells", "ticks"]

NEXT_LINE = 34.0
"""Points from a line to the next one of the same answer at most."""

FULL_LINE = 0.8
"""A line of text that runs so far over the page, in parts of its width, goes on below."""

LABEL_LINES = 19.0
"""Points between the lines of one label at most."""

BESIDE = 14.0
"""Points between pieces of one leader at most."""

STROKE = 1.2
"""Points that the strokes of a date lean over the dots beside them."""

BEFORE_TEXT = 2.4
"""Points between the end of a place and the text after it, at least."""

SHORTEST = 14.0
"""Points: nobody writes on less, but in a date."""

LONE = 60.0
"""Points: a leader without a label of its own is dirt where it is shorter."""

TAIL = 6
"""Words before a leader in running text that are looked at as its label."""

NOTES = ("chu thich", "ghi chu:")
"""Below such a heading are notes; nobody writes there."""


@dataclass
class Place:
    """One answer: its label and where it is written, points of the level page."""

    kind: Kind
    y: float
    x: float
    label: str = ""
    """The whole label, over all its lines."""
    printed: str = ""
    """Its last line, as it stands in ``box``."""
    box: Box | None = None
    zones: list[Line] = field(default_factory=list)
    area: Box | None = None
    cells: int = 0
    choices: list[tuple[str, Box]] = field(default_factory=list)
    section: str = ""
    before: "Place | None" = None
    """The answer before it in the same row."""
    doubts: set[str] = field(default_factory=set)


class Walk:
    """Goes down the rows of a page and gathers places."""

    def __init__(self, width: float, slashed: Callable[[float, float, float], bool]) -> None:
        self.width, self.slashed = width, slashed
        self.places: list[Place] = []
        self.dates: list[DateLine] = []
        self.used: list[Run] = []
        self.open: Place | None = None
        """The answer that may go on in the next row."""
        self.hanging: list[Run] = []
        """Lines of text that wait for their leader."""

    def row(self, row: Row, cells: Sequence[Grid]) -> None:
        """Take one row."""
        pending: Run | None = None
        before: Place | None = None
        first = True
        tokens = [t for t in row.tokens if t.leader is None or t.leader.wide >= SHORTEST]
        if any(t.tick for t in tokens):
            self._ticks(tokens)
            self.open, self.hanging = None, []
            return
        for group in _groups(tokens):
            if isinstance(group, Run) and before is not None and before.kind == "line":
                _ends_before(before, group.box[0])
            if isinstance(group, Run):
                pending = group if pending is None else _joined(pending, group)
                if self._number_gap(pending, group):
                    pending = None
            else:
                place = self._answer(group, pending, first=first)
                if place is not None:
                    place.before = before
                    before = place
                pending = None
            first = False
        for grid in cells:
            if pending is not None or self.hanging:
                before = self._cells(grid, pending, before)
                pending = None
        for date in row.dates:
            self._date(date, pending, before)
            pending = None
        self._end(row, pending)

    def _end(self, row: Row, pending: Run | None) -> None:
        """What the next row may go on with."""
        if row.is_text and pending is not None:
            self._hang(pending)
            self.open = None
        elif pending is not None:  # text after the last leader
            self.hanging, self.open = [pending], None
        elif row.tokens:
            self.hanging = []
        else:
            self.hanging, self.open = [], None

    def _hang(self, run: Run) -> None:
        last = self.hanging[-1] if self.hanging else None
        goes_on = (
            last is not None
            and last.box[2] > FULL_LINE * self.width
            and run.base - last.base < LABEL_LINES
            and not number_of(run.text)
        )
        self.hanging = [*self.hanging, run] if goes_on else [run]

    def _answer(self, group: Sequence[Leader], pending: Run | None, *, first: bool) -> Place | None:
        """A leader or the pieces of one: a new place, or more of an old one."""
        zones = self._zones(group)
        if pending is None and zones[-1][1] - zones[0][0] < LONE:
            return None  # dirt
        if pending is None and first:
            near = self.open is not None and self.open.kind == "line"
            if near and self.open and zones[0][2] - self.open.zones[-1][2] < NEXT_LINE:
                self.open.zones += zones
                return None
            pending = self._waiting(zones[0][2])
        dated = len(zones) == 3 and len(group) >= 3
        place = Place("date_parts" if dated else "line", zones[0][2], zones[0][0], zones=zones)
        self._label(place, pending)
        self.places.append(place)
        self.open = place
        return place

    def _waiting(self, y: float) -> Run | None:
        """The last line of text above a leader that has no label of its own."""
        if self.hanging and y - self.hanging[-1].base < NEXT_LINE:
            return self.hanging[-1]
        return None

    def _zones(self, group: Sequence[Leader]) -> list[Line]:
        """Day, month and year where strokes part them; else one line."""
        gaps = [self.slashed(a.x1, b.x0, b.y) for a, b in itertools.pairwise(group)]
        if len(group) == 3 and all(gaps):
            first, second, last = (one.zone for one in group)
            lean = STROKE
            return [
                (first[0], round(first[1] - lean, 1), first[2]),
                (round(second[0] + lean, 1), round(second[1] - lean, 1), second[2]),
                (round(last[0] + lean, 1), *last[1:]),
            ]
        y = sum(one.y * one.wide for one in group) / sum(one.wide for one in group)
        return [(group[0].x0, group[-1].x1, round(y, 1))]

    def _label(self, place: Place, run: Run | None) -> None:
        """Give a place its label: of running text only its end."""
        if run is None:
            place.doubts.add("labels")
            return
        lines = [run]
        alone = not number_of(run.text) and not named(run.text).id_known
        if run in self.hanging:
            lines = self.hanging[: self.hanging.index(run) + 1]
        elif alone and self._goes_on(run):
            lines = [*self.hanging, run]
        words: Sequence[tuple[str, Box]] = run.words
        whole = " ".join(one.text for one in lines)
        if len(lines) > 1 and (number_of(whole) or named(whole).id_known):
            place.label = whole
        else:
            words = self._tail(run) if alone else run.words
            place.label = " ".join(word for word, _ in words)
        place.printed = " ".join(word for word, _ in words).strip(" .:;,…-")
        left = run.box[0] if words[0] == run.words[0] else words[0][1][0]
        right = run.box[2] if words[-1] == run.words[-1] else words[-1][1][2]
        place.box = (left, run.box[1], right, run.box[3])
        if not run.agreed and not named(place.label).id_known:
            place.doubts.add("labels")
        self.used += lines

    def _goes_on(self, run: Run) -> bool:
        last = self.hanging[-1] if self.hanging else None
        return (
            last is not None
            and last.box[2] > FULL_LINE * self.width
            and 0 < run.base - last.base < LABEL_LINES
        )

    def _tail(self, run: Run) -> Sequence[tuple[str, Box]]:
        """Of running text the last words that name something; else its last part."""
        words = run.words
        for count in range(min(TAIL, len(words)), 0, -1):
            if named(" ".join(w for w, _ in words[-count:])).id_known:
                return words[-count:]
        starts = [i + 1 for i, (w, _) in enumerate(words[:-1]) if w[-1:] in ",;:" or not bare(w)]
        cut = words[starts[-1] :] if starts else words
        lower = cut[0][0][:1].islower()
        return cut[-TAIL:] if lower else cut

    def _number_gap(self, pending: Run, group: Run) -> bool:
        """``Số:      /XN``: the gap between is where a number is written."""
        if not group.text.startswith("/") or plain(bare(pending.words[0][0])) != "so":
            return False
        first = pending.words[0][1]
        zone = (first[2] + 3.0, group.box[0] - 0.5, pending.base)
        if zone[1] - zone[0] < 12:
            return False
        place = Place("line", pending.base, first[0], zones=[zone])
        place.label = place.printed = pending.words[0][0].strip(" .:;,")
        place.box = (first[0], pending.box[1], first[2], pending.box[3])
        place.doubts.add("zones")
        self.places.append(place)
        return True

    def _cells(self, grid: Grid, pending: Run | None, before: Place | None) -> Place:
        run = pending or self.hanging[-1]
        place = Place("cells", run.base, grid.box[0], area=grid.box)
        place.cells = len(grid.uprights) - 1
        self._label(place, run)
        place.before = before
        self.places.append(place)
        self.open = None
        return place

    def _date(self, date: DateLine, pending: Run | None, before: Place | None) -> None:
        """A date with printed words; one that is labelled by them alone stands over a signature."""
        if not date.before and pending is None:
            self.dates.append(date)
            return
        place = Place("date_parts", date.y, date.zones[0][0], zones=list(date.zones))
        if date.before and date.before_box:
            place.label = f"{date.before} ngày"
            place.printed, place.box = date.before, date.before_box
        else:
            self._label(place, pending)
        place.before = before
        self.places.append(place)
        self.open = None

    def head(self, row: Row, right: float) -> None:
        """Take a row above the title: leaders of the issuing office, a number, a date."""
        issuer = [t.leader for t in row.tokens if t.leader and t.leader.x1 < right]
        if sum(one.wide for one in issuer) >= LONE * 0.75:
            x0, x1 = issuer[0].x0, max(one.x1 for one in issuer)
            y = sorted(one.y for one in issuer)[len(issuer) // 2]
            self.places.append(Place("line", y, x0, zones=[(x0, x1, y)]))
        pending: Run | None = None
        for token in row.tokens:
            if token.run is not None:
                if pending is not None:
                    self._number_gap(pending, token.run)
                pending = token.run
        self.dates += row.dates

    def _ticks(self, tokens: Sequence[Token]) -> None:
        """Boxes to tick in a row, each with its word before or after it."""
        after = tokens[-1].tick is None
        label, choices = "", []
        box: Box | None = None
        for index, token in enumerate(tokens):
            if token.tick is None:
                continue
            near = tokens[index + 1 : index + 2] if after else tokens[max(0, index - 1) : index]
            run = near[0].run if near else None
            words = run.words if run else ()
            colon = next((i for i, (w, _) in enumerate(words) if w.endswith(":")), None)
            if colon is not None and run is not None and not label:
                label = " ".join(w for w, _ in words[: colon + 1])
                box = (words[0][1][0], run.box[1], words[colon][1][2], run.box[3])
                words = words[colon + 1 :]
            choices.append((bare(" ".join(w for w, _ in words)), token.tick))
        ahead = tokens[0].run
        if not label and after and ahead is not None:
            label, box = ahead.text, ahead.box
        if not label and self.hanging:
            label, box = self.hanging[-1].text, self.hanging[-1].box
        place = Place("ticks", tokens[0].y, tokens[0].x0, label=label, box=box, choices=choices)
        place.printed = label.strip(" .:;,")
        self.places.append(place)


def _groups(tokens: Sequence[Token]) -> list[Run | list[Leader]]:
    """Runs one by one; leaders that stand beside each other together."""
    found: list[Run | list[Leader]] = []
    for token in tokens:
        if token.run is not None:
            found.append(token.run)
        elif token.leader is not None:
            last = found[-1] if found else None
            if isinstance(last, list) and token.leader.x0 - last[-1].x1 < BESIDE:
                last.append(token.leader)
            else:
                found.append([token.leader])
    return found


def _ends_before(place: Place, x: float) -> None:
    """Keep the last line of a place clear of the text that follows in its row."""
    x0, x1, y = place.zones[-1]
    if x0 < x - BEFORE_TEXT < x1:
        place.zones[-1] = (x0, round(x - BEFORE_TEXT, 1), y)


def _joined(one: Run, other: Run) -> Run:
    """Two runs of one row as one."""
    box = (
        one.box[0],
        min(one.box[1], other.box[1]),
        other.box[2],
        max(one.box[3], other.box[3]),
    )
    return Run(
        (*one.words, *other.words),
        box,
        other.base,
        min(one.confidence, other.confidence),
        one.agreed and other.agreed,
    )


def is_notes(row: Row) -> bool:
    """Whether a row begins the notes of a form."""
    text = plain(row.text)
    return any(text.startswith(start) for start in NOTES)
