"""Dates written in words, as civil status papers repeat them: *ngày mười lăm tháng ba năm ...*."""

import re
from datetime import date

from schemas.validators.dates import made
from schemas.validators.text import folded

_DIGITS = {
    "không": 0, "một": 1, "mốt": 1, "hai": 2, "ba": 3, "bốn": 4, "tư": 4, "năm": 5, "lăm": 5,
    "nhăm": 5, "sáu": 6, "bảy": 7, "bẩy": 7, "tám": 8, "chín": 9,
}  # fmt: skip
_MONTHS = {"giêng": 1, "chạp": 12}
_DATE = re.compile(r"ngày\s+(?P<day>.+?)[,\s]+tháng\s+(?P<month>.+?)[,\s]+năm\s+(?P<year>.+)")
_IN_DAYS = ("mùng ", "mồng ")


def number_in_words(text: str) -> int | None:
    """A number below 10,000 in Vietnamese words; None where the words make none.

    ``hai mươi mốt`` is 21, ``một nghìn chín trăm chín mươi lăm`` 1995, ``hai nghìn không trăm linh
    tư`` 2004, ``hai nghìn hai mươi`` 2020; years may leave ``nghìn`` and ``trăm`` out as ``một chín
    chín lăm`` does.
    """
    words = folded(text).lower().replace("ngàn", "nghìn").strip(" .,;()").split()
    if not words:
        return None
    if len(words) == 4 and all(word in _DIGITS for word in words):
        return int("".join(str(_DIGITS[word]) for word in words))
    total = 0
    for unit, name in ((1000, "nghìn"), (100, "trăm")):
        if name in words:
            at = words.index(name)
            head = _small(words[:at])
            if head is None or head > 9:
                return None
            total += head * unit
            words = words[at + 1 :]
    if not words:
        return total or None
    rest = _small(words)
    return None if rest is None else total + rest


def _small(words: list[str]) -> int | None:
    """Below 100."""
    if words and words[0] in {"linh", "lẻ"}:
        words = words[1:]
        return _DIGITS.get(words[0]) if len(words) == 1 else None
    if len(words) == 1:
        return 10 if words[0] == "mười" else _DIGITS.get(words[0])
    if words and words[0] == "mười":
        return 10 + _DIGITS[words[1]] if len(words) == 2 and words[1] in _DIGITS else None
    if len(words) in {2, 3} and words[1] in {"mươi", "mười"} and words[0] in _DIGITS:
        if len(words) == 2:
            return 10 * _DIGITS[words[0]]
        return 10 * _DIGITS[words[0]] + _DIGITS[words[2]] if words[2] in _DIGITS else None
    if len(words) == 2 and all(word in _DIGITS for word in words):  # "hai lăm"
        return 10 * _DIGITS[words[0]] + _DIGITS[words[1]]
    return None


def date_in_words(text: str) -> date | None:
    """The date that words say; None where they say none."""
    match = _DATE.search(folded(text).lower())
    if match is None:
        return None
    said = match["day"]
    for prefix in _IN_DAYS:
        said = said.removeprefix(prefix)
    day, year = number_in_words(said), number_in_words(match["year"])
    month = _MONTHS.get(match["month"].strip()) or number_in_words(match["month"])
    if day is None or month is None or year is None:
        return None
    return made(day, month, year)
