"""What is looked for, as words: cut, folded, and near ones. Pure.

A word is kept twice: *plain*, without accents and tones, and *marked*, as it is written (``=văn``).
Each is kept with its neighbour, too (``nguyen_van``), and a short value as one word
(``nguyen_van_an``), so that a phrase or a whole name is found as quickly as a rare word.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import pairwise

from schemas.validators.text import plain, same_tones

MOST_WORDS = 12
"""Words of a question; what comes after them is not looked for."""
MOST_INDEXED = 16_000
"""Words of a document that are indexed."""
LONGEST = 60
"""Letters of a word; longer ones are noise of reading."""
VALUE_WORDS = range(2, 8)
"""So many words make a value that is indexed as one."""

_WORD = re.compile(r"[^\W_]+")
_DAY = re.compile(r"(?<![0-9])([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})(?![0-9])")
_ISO_DAY = re.compile(r"(?<![0-9])([0-9]{4})-([0-9]{2})-([0-9]{2})(?![0-9])")
_NUMBER = re.compile(r"(?<![0-9])(?:[0-9]{12}|[0-9]{9})(?![0-9])")
_LETTERS = "abcdefghijklmnopqrstuvwxyz_"


def marked_words(text: str) -> list[str]:
    """The words as they are written, in small letters and with the tones on the usual vowels.

    Days are three words, ``24 11 2026``, however they are written. Identity numbers are none:
    they are looked up by themselves (:func:`numbers`).
    """
    whole = same_tones(unicodedata.normalize("NFC", text)).casefold()
    whole = _ISO_DAY.sub(r"\3 \2 \1", whole)
    whole = _DAY.sub(lambda day: f"{day[1]:0>2} {day[2]:0>2} {day[3]}", whole)
    whole = _NUMBER.sub(" ", unicodedata.normalize("NFC", whole))
    return [word for word in _WORD.findall(whole) if len(word) <= LONGEST]


def numbers(text: str) -> set[str]:
    """The identity numbers in a text: twelve figures, or nine of the older cards."""
    return set(_NUMBER.findall(text))


def identity_number(text: str) -> str | None:
    """The number, where a question is nothing but one; people part its figures as they like."""
    bare = re.sub(r"[\s.]", "", text)
    return bare if _NUMBER.fullmatch(bare) else None


def as_one(words: Iterable[str]) -> str:
    """A value as one word."""
    return "_".join(words)


def pairs(words: Sequence[str]) -> list[str]:
    """Each word with the one that follows, as one word; ``=`` stands before marked ones once."""
    return [as_one((first, second.removeprefix("="))) for first, second in pairwise(words)]


def as_marked(words: Iterable[str]) -> list[str]:
    """As the index tells words as they are written from plain ones."""
    return [f"={word}" for word in words]


def near(term: str) -> set[str]:
    """Every spelling of a plain word or value that is one mistake away.

    One letter left out, put in, or another one, or two changed places (Damerau, 1964: so are four
    of five mistakes). After: Norvig, How to Write a Spelling Corrector (2007).
    """
    cuts = [(term[:at], term[at:]) for at in range(len(term) + 1)]
    found = {left + right[1:] for left, right in cuts if right}
    found |= {left + right[1] + right[0] + right[2:] for left, right in cuts if len(right) > 1}
    for letter in _LETTERS:
        found |= {left + letter + right for left, right in cuts}
        found |= {left + letter + right[1:] for left, right in cuts if right}
    return {one for one in found if one.strip("_")} - {term}


def unmarked(words: Iterable[str]) -> list[str]:
    """The same words without accents and tones."""
    return [plain(word) for word in words]


def identity_free(text: str) -> str:
    """A text with its identity numbers covered."""
    return _NUMBER.sub(lambda number: "•" * len(number[0]), text)
