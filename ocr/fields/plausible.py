"""How likely a reading is as language: signals, and what a person is proposed, never repairs."""

import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise

from rapidfuzz.distance import Levenshtein

from ocr.fields.language import language
from ocr.fields.sureness import NO_SUCH, ODD
from schemas.validators import (
    FieldType,
    is_email,
    is_family_name,
    is_mobile,
    is_name,
    is_syllable,
    is_usual_name,
    personal_number,
    places,
    plain,
)
from schemas.validators.text import family_names, has_usual_twin, is_usual_syllable

_DOT = "\u0323"

_WORD = re.compile(r"[^\W\d_]+")
_MIXED = re.compile(r"[^\W\d_]\d|\d[^\W\d_]{2}")
"""A figure grown together with letters (``3ó5``)."""

_HOUSE = re.compile(r"[A-ZĐ]{0,2}\d+[A-Za-z]?(?:[/.-][A-ZĐ]?\d+[A-Za-z]?)*")
"""Numbers of houses, lanes and floors: ``12A``, ``K295/28``, ``H12/3``, ``A5.03``."""

_STRANGE = re.compile(r"[^\w\s.,;:/()\-–&'\"+@]")
"""Signs that do not occur in what people write on forms."""

INNER_CAPITALS = 0.35
"""Of a name's letters, from which all of them are meant to be capitals."""

NOTHING_SAID = 4
"""Oddities of a text without letters and figures: dirt, a rule, a dot leader."""


def plausibility(kind: FieldType, text: str) -> float:
    """1 for a usual value of that kind, less for each thing that is odd about it, over 0."""
    if kind is FieldType.name:
        return _name(text)
    if kind is FieldType.email:
        if not is_email(text):
            return NO_SUCH
        return ODD if re.search(r"[._-]{2}|[._-]@|@[^a-z]|O", text) else 1.0
    if kind is FieldType.text:
        return float(ODD ** _oddities(text))
    if kind is FieldType.personal_id:
        number = personal_number(text)
        return 1.0 if number is not None and number.province is not None else NO_SUCH
    if kind is FieldType.phone:
        return 1.0 if is_mobile(text) else ODD
    return 1.0


def _oddities(text: str) -> int:
    """How many things in a text are odd: impossible syllables, unknown units, grown-in figures.

    Names of known units are none, however they are spelled (*La Êê*).
    """
    named = places(text)
    rest = list(text)
    for place in named:
        if place.known:
            rest[place.start : place.end] = " " * (place.end - place.start)
    left = "".join(rest)
    known = language().abbreviations
    words = [word for word in _WORD.findall(left) if len(word) > 1 and word not in known]
    odd = sum(not is_syllable(word.lower()) for word in words)
    odd += sum(not place.known for place in named)
    tokens = [token.strip(",.;:()") for token in left.split()]
    odd += sum(len(_MIXED.findall(token)) for token in tokens if not _HOUSE.fullmatch(token))
    odd += sum(a.islower() and b.isupper() for a, b in pairwise(text))  # DuY
    odd += NOTHING_SAID * (not any(c.isalnum() for c in text))
    return odd + 2 * len(_STRANGE.findall(text))


def _name(text: str) -> float:
    if not is_name(text):
        return NO_SUCH
    likely = 1.0 if is_usual_name(text) else ODD
    words = text.split()
    likely *= ODD ** sum(not is_syllable(word) for word in words)
    likely *= ODD ** sum(has_usual_twin(word, family=not at) for at, word in enumerate(words))
    if not (text == text.upper() or all(word[0].isupper() for word in words)):
        likely *= ODD
    return likely


def with_family_name(text: str, others: Sequence[str] = ()) -> str:
    """A name whose first syllable only other marks make a usual family name, with that: ``Trẫn Văn
    Thử`` is some ``Trần``. For a person to see: nobody read it.

    Args:
        text: the name as read.
        others: further readings of it.

    Empty where its first syllable is a usual family name, or no other marks make it one; where
    several readings have not its letters, the one of the most usual family names they are near to.
    """
    first, _, rest = text.partition(" ")
    found = family_names(first)
    if not rest or is_family_name(first) or len(found) > 1:
        return ""
    likely = found[0] if found else _near_family(text, others)
    if not likely:
        return ""
    return f"{likely.upper() if text.isupper() else likely} {rest}"


def _near_family(text: str, others: Sequence[str]) -> str:
    size = len(text.split())
    said = [plain(words[0]) for words in map(str.split, (text, *others)) if len(words) == size]
    if len(said) < 2:
        return ""
    far = {
        name: sum(Levenshtein.distance(plain(name), word) for word in said)
        for name in language().common_families
    }
    nearest = sorted(far, key=lambda name: far[name])[:2]
    sure = far[nearest[0]] <= 1.5 * len(said) and far[nearest[0]] < far[nearest[1]]
    return nearest[0] if sure else ""


def is_usual_word(word: str) -> bool:
    """Whether a word is usual in an address by itself: *tại*, *phường*, *TP.*, a house's number, a
    syllable of names."""
    bare = word.strip(",.")
    if bare in language().places or bare == "tại" or word == "TP.":
        return True
    if any(c.isdigit() for c in bare):
        return _HOUSE.fullmatch(bare) is not None
    return bare[:1].isupper() and is_usual_syllable(bare)


def evened(text: str) -> str:
    """A name in capitals whose letters of one shape (o, v, x) were read as small ones."""
    letters = [c for c in text if c.isalpha()]
    inner = sum(c.isupper() for word in text.split() for c in word[1:])
    return text.upper() if inner >= max(3, INNER_CAPITALS * len(letters)) else text


def dots_below(text: str) -> tuple[bool, ...]:
    """For each word, whether a vowel of it carries the dot below."""
    return tuple(_DOT in unicodedata.normalize("NFD", word) for word in text.split())
