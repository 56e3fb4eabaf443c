"""Dates as Vietnamese papers write them."""

import re
from datetime import date

FIRST_YEAR, LAST_YEAR = 1850, 2199

_FIGURES = re.compile(r"([0-9]{1,2})\s*[/.\-]\s*([0-9]{1,2})\s*[/.\-]\s*([0-9]{4})")
_WORDS = re.compile(r"ngày\s*([0-9]{1,2})\s*tháng\s*([0-9]{1,2})\s*năm\s*([0-9]{4})", re.IGNORECASE)


def parse_date(text: str) -> date | None:
    """The date in ``dd/mm/yyyy`` or ``ngày .. tháng .. năm ....``; None where it is none.

    Decree 30/2020 pads the day and the months 1 and 2 only; real papers pad everything, so
    padding is not asked for. The whole text must be the date (*ngày*, and a place before it, are
    allowed).
    """
    cleaned = " ".join(text.split()).strip(" .,;")
    match = _FIGURES.fullmatch(re.sub(r"(?i)^ngày\s+", "", cleaned))
    if match is None and (found := _WORDS.search(cleaned)) and found.end() == len(cleaned):
        match = found
    return made(*(int(part) for part in match.groups())) if match else None


def made(day: int, month: int, year: int) -> date | None:
    """The date, or None where the calendar has no such day (years 1850 to 2199)."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def parse_iso(text: str) -> date | None:
    """The date in ``yyyy-mm-dd``, or None."""
    match = re.fullmatch(r"([0-9]{4})-(\d{2})-(\d{2})", text, re.ASCII)
    return made(int(match[3]), int(match[2]), int(match[1])) if match else None


def parse_year(text: str) -> int | None:
    """A year that stands alone, or None."""
    match = re.fullmatch(r"([0-9]{4})", text.strip(" .,;"), re.ASCII)
    year = int(match[1]) if match else 0
    return year if FIRST_YEAR <= year <= LAST_YEAR else None
