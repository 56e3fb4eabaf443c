"""Marks that a dot leader hides, leaves or takes from a reading: dots below vowels, commas.

A leader's dot may hide a letter's own (*tại* read *tai*), or stay and be taken for one, and readers
see the same. Language says where that is open, and what is likelier: proposals for a person, never
silent repairs.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache

from ocr.fields.language import language
from ocr.recognition.marks import compounds
from schemas.validators import (
    FieldType,
    NamedUnit,
    is_family_name,
    is_syllable,
    is_usual_name,
    likely_name,
    others,
    places,
    provinces,
    streets,
)
from schemas.validators.text import is_usual_syllable

_DOT = "\u0323"
_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")

_WORD = re.compile(r"[^\W\d_]+")
_AFTER_COMMA = re.compile(r"[,.]\s*([^\W\d_]+(?:\s+[^\W\d_]+)*)")


def dots_settled(
    kind: FieldType, text: str, usual: Sequence[str] = (), *, erased_to_the_pixel: bool
) -> bool:
    """Whether no dot below a vowel is open where a dot leader ran under the letters.

    A leader's dot may hide a letter's own (*tại* read *tai*); where the leader was found by its
    beat alone, not by a blank, one may also stay and be taken for a letter's. What is open is
    asked of words: a dot is settled where the other reading is no usual name, no word.
    """
    if kind is FieldType.email:
        # a point or an underscore may be the leader's
        local = text.partition("@")[0]
        return erased_to_the_pixel or not re.search(r"[._]", local)
    if kind is FieldType.name:
        words = text.split()
        for at, word in enumerate(words):
            if word.lower() in language().undotted:
                continue
            for other in _toggled(word, only_lost=erased_to_the_pixel):
                if is_usual_name(" ".join([*words[:at], other, *words[at + 1 :]])):
                    return False
        return True
    if text not in usual and any(_undotted(text) == _undotted(word) for word in usual):
        return False
    left = list(text)
    for place in (*places(text), *streets(text)):
        if place.known:
            left[place.start : place.end] = "," * (place.end - place.start)
            if any(_undotted(name) == _undotted(place.name) for name in others(place)):
                return False
    words = [word.lower() for word in _WORD.findall("".join(left))]
    return all(
        _known_company(words, at)
        or not any(other in _syllables() for other in _toggled(word, only_lost=erased_to_the_pixel))
        for at, word in enumerate(words)
    )


def with_likely_dots(
    kind: FieldType, text: str, usual: Sequence[str] = (), *, erased_to_the_pixel: bool
) -> str:
    """The text with the dots a leader hid or left, where language knows only that reading.

    A proposal for the person who looks at it: a changed value is accepted only where what was read
    cannot be (:func:`dots_certain`).
    """
    same = [value for value in usual if _undotted(value) == _undotted(text)]
    if len(same) == 1:
        return same[0]
    if kind is FieldType.text:
        text = with_likely_units(text, only_dots=True)
    words = text.split()
    if kind is FieldType.name:
        if is_usual_name(text) and "Thi" not in words[1:-1]:
            return text
        return " ".join(_in_a_name(word, at, len(words)) for at, word in enumerate(words))
    bare = [word.strip(",.;:()").lower() for word in words]
    for at, word in enumerate(bare):
        if _known_company(bare, at):
            continue
        for other in _toggled(word, only_lost=erased_to_the_pixel):
            if _known_company([*bare[:at], other, *bare[at + 1 :]], at):
                found = _toggled(words[at], only_lost=erased_to_the_pixel)
                words[at] = next((w for w in found if w.lower().startswith(other)), words[at])
                bare[at] = other
                break
        else:
            core = words[at].strip(",.;:()")
            if core[:1].isupper() and core.lower() not in _syllables():  # a street's name
                words[at] = words[at].replace(core, _in_a_name(core, 1, 3, only_lost=True))
    return " ".join(words)


def _in_a_name(word: str, at: int, count: int, *, only_lost: bool = False) -> str:
    """A word of a name with the dot without which, or without the dot with which, it is in none.

    ``at`` of ``count`` words. *Thi* between others is hundreds of times rarer than *Thị*.
    """
    if word == "Thi" and 0 < at < count - 1:
        return "Thị"
    usual = is_usual_syllable if at else is_family_name
    if usual(word):
        return word
    likely = [other for other in _toggled(word, only_lost=only_lost) if usual(other)]
    return likely[0] if len(likely) == 1 else word


def with_likely_units(text: str, *, only_dots: bool = False, said: str | None = None) -> str:
    """The text with each unknown unit, and street, as the only known one with the same letters.

    *phường Điện Bàn Động* is none, *Điện Bàn Đông* is. ``only_dots``: where they differ by dots
    below alone; ``said``: where another reading has it.
    """
    for place in sorted((*places(text), *streets(text)), reverse=True, key=lambda p: p.start):
        name = likely_name(place)
        if name is None or (said is not None and name not in said):
            continue
        if not only_dots or _undotted(name) == _undotted(place.name):
            written = name.upper() if place.name.isupper() else name
            text = text[: place.start] + written + text[place.end :]
    return text


def dots_certain(before: str, after: str, usual: Sequence[str] = ()) -> bool:
    """Whether what was read could not be as it stands: it is one of few usual values, a known
    unit, or a syllable without the tone it must have (*Ngoc*, *Đat*: endings in a stop)."""
    if after in usual and before not in usual:
        return True
    before = with_likely_units(before, only_dots=True)
    return all(
        old == new
        or new.lower() == "tại"  # *tai*, the ear, is followed by no place
        or not is_syllable(old.strip(",.;:()").lower())
        for old, new in zip(before.split(), after.split(), strict=True)
    )


def with_likely_commas(text: str) -> str:
    """The text with the commas a leader took from before its wards, or the province it ends with,
    and without one that a dot leader put into a unit's name.

    *Quế Sơn thành phố Đà Nẵng*: after a name, never after *Công an* or *TP.*; a proposal for the
    person who looks at it, since some people write none.
    """
    for place in reversed(places(text)):
        rest = text[place.end :]
        if not place.known and (more := _AFTER_COMMA.match(rest)):
            whole = NamedUnit(place.rank, f"{place.name} {more[1]}", place.start, place.end)
            if whole.known:
                text = text[: place.end] + " " + rest[more.start(1) :]
    words = text.split()
    for at in range(2, len(words)):
        before = words[at - 1]
        named = before.istitle() and before.isalpha() and words[at - 2].istitle()
        if not named or (words[at - 2], before) == ("Công", "An"):
            continue
        last = " ".join(words[at:]).rstrip(".") in _large_places()
        if last or words[at] in language().after_comma or words[at : at + 2] == ["đặc", "khu"]:
            words[at - 1] += ","
    return " ".join(words)


@cache
def _large_places() -> frozenset[str]:
    """Provinces and cities, alone and after what they are."""
    ranks = ("", "TP. ", "TP.", "TP ", "thành phố ", "tỉnh ")
    return frozenset(rank + name for name in provinces().values() for rank in ranks)


def _undotted(text: str) -> str:
    return unicodedata.normalize("NFD", text.casefold()).replace(_DOT, "")


def _known_company(words: list[str], at: int) -> bool:
    """Whether the word and its neighbour are a known word of two syllables."""
    before = at > 0 and _company(words[at - 1], words[at])
    return before or (at + 1 < len(words) and _company(words[at], words[at + 1]))


def _company(first: str, second: str) -> bool:
    return (first, second) in compounds() or (first == "tại" and second in language().places)


def _toggled(word: str, *, only_lost: bool) -> Iterator[str]:
    """The word with the dot below its vowel put in or taken away; none where it has another tone.

    ``only_lost``: dots were lost, none were added, so that a dot that is there is believed.
    """
    spread = unicodedata.normalize("NFD", word)
    tones = [c for c in spread if c in _TONES]
    if tones == [_DOT]:
        if not only_lost:
            yield unicodedata.normalize("NFC", spread.replace(_DOT, ""))
        return
    if tones:
        return
    for at, character in enumerate(spread):
        if character.lower() in "aeiouy":
            dotted = unicodedata.normalize("NFC", spread[: at + 1] + _DOT + spread[at + 1 :])
            if is_syllable(dotted.lower()):
                yield dotted


@cache
def _syllables() -> frozenset[str]:
    """Syllables of known words."""
    return frozenset(syllable for pair in compounds() for syllable in pair)
