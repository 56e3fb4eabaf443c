"""Dates written in words, as civil status papers repeat them: *ngày mười lăm tháng ba năm ...*."""

import re
from datetime import date

from schemas.validators.dates import made
from schemas.validators.text import folded
from schemas.validators.vietnamese import vietnamese

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
    digits = vietnamese().digits
    if len(words) == 4 and all(word in digits for word in words):
        return int("".join(str(digits[word]) for word in words))
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
    digits = vietnamese().digits
    if words and words[0] in {"linh", "lẻ"}:
        words = words[1:]
        return digits.get(words[0]) if len(words) == 1 else None
    if len(words) == 1:
        return 10 if words[0] == "mười" else digits.get(words[0])
    if words and words[0] == "mười":
        return 10 + digits[words[1]] if len(words) == 2 and words[1] in digits else None
    if len(words) in {2, 3} and words[1] in {"mươi", "mười"} and words[0] in digits:
        if len(words) == 2:
            return 10 * digits[words[0]]
        return 10 * digits[words[0]] + digits[words[2]] if words[2] in digits else None
    if len(words) == 2 and all(word in digits for word in words):  # "hai lăm"
        return 10 * digits[words[0]] + digits[words[1]]
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
    month = vietnamese().months.get(match["month"].strip()) or number_in_words(match["month"])
    if day is None or month is None or year is None:
        return None
    return made(day, month, year)
