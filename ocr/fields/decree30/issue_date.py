"""Place and date of issue, ``Đà Nẵng, ngày 05 tháng 3 năm 2025``; the day is often a pen's."""

import re
from calendar import monthrange
from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

import numpy as np

from ocr.fields.context import Context
from ocr.fields.decree30.header import Header, Strip, date_strip, stamped
from ocr.fields.decree30.printed import Printed, printed_evidence
from ocr.fields.evidence import Evidence, nothing
from ocr.fields.lines import Phrase
from ocr.fields.pen.pens import NOTHING_WRITTEN, Guess, beside_print, penned_day
from ocr.fields.sureness import LIKELY_DAY, OF_PRINT, SIGNED_WITHIN, TOLD
from ocr.fields.voting import Voted, voted
from ocr.fields.zone_reader import Image, read_line
from ocr.recognition.line_reader import Line, line_reader
from schemas.errors import MissingDependency
from schemas.field import Check, Reading
from schemas.page import Box
from schemas.validators import FieldType, folded
from schemas.validators.dates import made

LAST_DAY = 31

MONTH = r"(?:[^\W\d_]|(?<=[0-9]))h\w{1,3}ng"
"""*tháng*, whose first letter a pen may run into or be read for."""

_DATE = re.compile(
    rf"ng\w{{0,2}}y\W{{0,2}}(?P<day>.*?)\s*{MONTH}\s*(?P<month>.*?)\s*n\w{{1,2}}m\s*(?P<year>[0-9]{{4}})"
)
_LINE = re.compile(
    rf"ng\w{{0,2}}y[.,]?\s*(?P<day>.{{0,6}}?)\s*{MONTH}\s*(?P<month>\S{{1,3}})"
    r"\s*n\w{1,2}m\s*[0-9]{4}"
)
"""The row as the line model reads it; a pen may run into *tháng*."""


class DateLooks(NamedTuple):
    """What was read in the date's row."""

    guess: Guess
    month_year: tuple[int, int] | None
    month_year_agreed: bool
    places: tuple[tuple[str, str], ...]
    """Kind of reader and the place it read."""
    readings: tuple[Reading, ...]


def read_date(context: Context, header: Header) -> dict[str, Evidence]:
    """The fields ``issue_date`` and ``issue_place``."""
    page, row, strip = header.page, header.date, date_strip(context, header)
    if row is None and strip is None:
        absent = nothing(FieldType.date, required=True)
        return {"issue_place": nothing(FieldType.text), "issue_date": absent}
    seen = _seen(context, header, row, strip)
    box = row.box if row is not None else strip.box if strip is not None else None
    day, proven = seen.guess.text, seen.guess.proven
    readings = list(seen.readings)
    month_year = seen.month_year
    if box and month_year is not None and (stamp := stamped(context, page, box)):
        day, proven = f"{int(stamp):02d}", True
        text = f"{day}/{month_year[0]:02d}/{month_year[1]}"
        readings.append(Reading(reader="annotation", text=text, confidence=TOLD))
    found = made(int(day), *month_year) if day and month_year else None
    checks = [Check(name="readers_agree", passed=proven and seen.month_year_agreed)]
    first = context.signed.first
    if found is not None and first is not None:
        # signed after it was issued; a much later signature is an archive's and says nothing more
        checks.append(Check(name="before_signing", passed=found <= first))
        near = timedelta(0) <= first - found <= SIGNED_WITHIN
        if near and seen.guess.share >= LIKELY_DAY and not proven:
            checks[0] = Check(name="readers_agree", passed=seen.month_year_agreed)
            checks.append(Check(name="near_signing", passed=True))
    value = found.isoformat() if found else None
    if found is None and month_year is not None:
        value = f"{month_year[1]}-{month_year[0]:02d}"
        checks.append(Check(name="date", passed=False))
    date = Evidence(
        FieldType.date,
        value,
        row.text if row is not None else None,
        tuple(readings),
        tuple(checks),
        required=True,
        page=page.number,
        box=box,
    )
    return {"issue_place": _place(context, header, box, seen), "issue_date": date}


class _Looks:
    """What was read in the date's row, gathered look by look."""

    def __init__(self) -> None:
        self.readings: list[Reading] = []
        self.places: list[tuple[str, str]] = []
        self.days: list[str] = []
        self.dated: list[tuple[str, tuple[int, int]]] = []
        self.years: list[tuple[str, int]] = []

    def take(self, kind: str, text: str, confidence: float) -> None:
        """One reading of the row, where it is one."""
        parts = _date_parts(text)
        if parts is None:
            return
        family = kind.split("-", maxsplit=1)[0]
        self.places.append((kind, parts[0]))
        self.days.append(parts[1])
        self.years.append((family, int(parts[3])))
        if (found := _month_year(parts)) is not None:
            self.dated.append((family, found))
        self.readings.append(Reading(reader=kind, text=_figures(parts), confidence=confidence))

    def lacks_month(self) -> bool:
        """Whether only the line model knows the month."""
        return all(kind == "line" for kind, _ in self.dated)


def _seen(context: Context, header: Header, row: Phrase | None, strip: Strip | None) -> DateLooks:
    """Every look at the date: the page's words, the strip alone, the line model, its figures."""
    looks, digital = _Looks(), context.digital(header.page)
    if row is not None:
        kind = "text-layer" if digital else "tesseract"
        looks.take(kind, row.text, 1.0 if digital else row.confidence)
    guess = NOTHING_WRITTEN
    if digital or strip is None:
        days = looks.days
        written = days[0] if days and days[0].isdecimal() and 1 <= int(days[0]) <= 31 else ""
        guess = Guess(f"{int(written):02d}", 1.0, True) if written and digital else guess
    else:
        guess = _strip_looks(context, strip, looks)
    printed = _date_parts(row.text) if row is not None else None
    if row is not None and printed is not None and printed[1].isdecimal():
        day = int(printed[1])
        if 1 <= day <= LAST_DAY:  # what no month has says nothing: a flagged 1 read as 4
            guess = beside_print(guess, f"{day:02d}", row.confidence)
    counted = [value for _, value in looks.dated]
    best = max(counted, key=counted.count, default=None)
    kinds = {kind for kind, value in looks.dated if value == best}
    agreed = (digital or len(kinds) > 1) and best is not None
    return DateLooks(guess, best, agreed, tuple(looks.places), tuple(looks.readings))


def _strip_looks(context: Context, strip: Strip, looks: _Looks) -> Guess:
    """The looks at the row's own picture, and the day in it."""
    second = read_line(strip.image, context.options)
    looks.take("tesseract-zone", second.text, second.confidence)
    try:
        model = line_reader()
        line = model.look(strip.image)
    except MissingDependency:
        return NOTHING_WRITTEN
    text = "".join(letter.text for letter in line.letters()) if line is not None else ""
    match = _LINE.search(text)
    if line is None or match is None:
        return NOTHING_WRITTEN
    looks.take("line", text, OF_PRINT)
    if looks.lacks_month():  # the pen is in its way
        parts = _beside(strip.image, line, match.span("day"))
        pieces = [read_line(part, context.options) for part in parts]
        said = " ".join(piece.text for piece in pieces)
        looks.take("tesseract-zone", said, min(piece.confidence for piece in pieces))
    if looks.lacks_month():  # the month is a pen's, too
        month = penned_day(model, line, strip.image, match.span("month"), range(1, 13))
        if month.proven:
            others = [(kind, year) for kind, year in looks.years if kind != "line"]
            looks.dated += [(kind, (int(month.text), year)) for kind, year in others]
    guess = penned_day(model, line, strip.image, match.span("day"), _likely_days(looks.dated))
    for name, day, share in guess.looks:
        if name != "line":
            looks.readings.append(Reading(reader=name, text=day, confidence=min(share, 1.0)))
    return guess


def _beside(image: Image, line: Line, span: tuple[int, int]) -> tuple[Image, Image]:
    """The picture of the row without the day: what is printed on its left and on its right."""
    letters = line.letters()
    left = letters[span[0] - 1].x1 if span[0] else line.x[0]
    right = letters[span[1]].x0 if span[1] < len(letters) else line.x[-1]
    cuts = int(left) + 3, max(0, int(right) - 3)
    return np.ascontiguousarray(image[:, : cuts[0]]), np.ascontiguousarray(image[:, cuts[1] :])


def _month_year(parts: tuple[str, str, str, str]) -> tuple[int, int] | None:
    month = parts[2].replace(" ", "")
    if not month.isdecimal() or not 1 <= int(month) <= 12:
        return None
    return int(month), int(parts[3])


def _likely_days(dated: Sequence[tuple[str, tuple[int, int]]]) -> range:
    """The days the month has, where the readers agree on it."""
    if not dated:
        return range(1, 32)
    month, year = dated[-1][1]
    if any(value != (month, year) for _, value in dated) or not 1850 < year < 2200:
        return range(1, 32)
    return range(1, monthrange(year, month)[1] + 1)


def _place(context: Context, header: Header, box: Box | None, seen: DateLooks) -> Evidence:
    """``issue_place``: what stands before *ngày*."""
    line = next((place for kind, place in seen.places if kind == "line"), "")
    looks = [place for kind, place in seen.places if kind != "line" and place]
    digital = context.digital(header.page)
    read = voted(looks, line) if not digital else Voted(looks[0] if looks else "", True, 0)
    if not read.text or box is None:
        return nothing(FieldType.text)
    printed = Printed(read, tuple(looks[:2]), line, OF_PRINT, box)
    check = Check(name="place_letters", passed=_is_place(read.text))
    return printed_evidence(
        [printed], header.page, digital=digital, checks=(check,), value=read.text
    )


def _is_place(text: str) -> bool:
    """Words with capitals at their beginning, and nothing but letters, dots and hyphens."""
    words = text.replace("-", " ").split()
    return bool(words) and all(
        word[0].isupper() and all(c.isalpha() or c in ".'’" for c in word) for word in words
    )


def _date_parts(text: str) -> tuple[str, str, str, str] | None:
    """Place, day, month, year as read."""
    cleaned = folded(text)
    match = _DATE.search(cleaned)
    if match is None:
        return None
    place = cleaned[: match.start()].strip(" ,.;'`‘’-_~")
    return (place, match["day"].strip(" .,"), match["month"].strip(" .,"), match["year"])


def _figures(parts: tuple[str, str, str, str]) -> str:
    return "/".join(parts[1:])
