"""Vietnamese text: folding, names, syllables, sex, e-mail."""

import re
import unicodedata
from functools import cache, lru_cache
from typing import Literal

from schemas.shipped_data import shipped_data
from schemas.validators.vietnamese import vietnamese

Sex = Literal["Nam", "Nữ"]

_EMAIL = re.compile(
    r"[A-Za-z0-9](?:[A-Za-z0-9._%+-]{0,62}[A-Za-z0-9_%+-])?@"
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,24}"
)
_APOSTROPHES = "'’"
_TONES = {"\u0300", "\u0301", "\u0303", "\u0309", "\u0323"}
_SHARP_OR_HEAVY = {"\u0301", "\u0323"}
_OPEN = re.compile(r"(?<!q)(o[àáảãạ]|o[èéẻẽẹ]|u[ỳýỷỹỵ])(?!\w)", re.IGNORECASE)
"""Open syllables whose tone may stand on either vowel: hoà, hòa."""


def folded(text: str) -> str:
    """``text`` in NFC, white space folded to single spaces, none at the ends."""
    return " ".join(unicodedata.normalize("NFC", text).split())


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """``text`` without accents and in lower case, for comparing; ``đ`` becomes ``d``."""
    decomposed = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    kept = "".join(c for c in decomposed if not unicodedata.combining(c))
    return " ".join(kept.casefold().split())


def same_tones(text: str) -> str:
    """``text`` (NFC) with the tones of open oa, oe, uy on the first vowel: HOÀ as HÒA, UỶ as ỦY.

    Both ways are in use; laws and the lists of administrative units have this one.
    """
    return _OPEN.sub(_moved, text)


def _moved(rhyme: re.Match[str]) -> str:
    first, second = (unicodedata.normalize("NFD", letter) for letter in rhyme[0])
    return unicodedata.normalize("NFC", first + second[1:] + second[0])


def is_name(text: str) -> bool:
    """Whether ``text`` can be a person's name: NFC letters, single spaces, apostrophes.

    Minority names (``Y``, ``H'``, ``Êê``) break every rule of syllables lawfully, so none is
    asked here (``validation.md``, *Vietnamese text*).
    """
    if not text or text != folded(text) or len(text) > 120:
        return False
    return all(c.isalpha() or c == " " or c in _APOSTROPHES for c in text) and any(
        c.isalpha() for c in text
    )


def is_capitalised_name(text: str) -> bool:
    """A name of at least two words, each beginning with a capital letter, none all noise."""
    words = text.split(" ")
    return (
        is_name(text)
        and len(words) >= 2
        and all(word[0].isupper() for word in words)
        and (text.isupper() or all(word[1:] == word[1:].lower() for word in words))
    )


@cache
def _usual() -> tuple[frozenset[str], frozenset[str]]:
    loaded = shipped_data("schemas.validators", "names")
    return frozenset(loaded["surnames"].split()), frozenset(loaded["syllables"].split())


def usual_surnames() -> tuple[str, ...]:
    """The usual family names, in order of the alphabet."""
    return tuple(sorted(_usual()[0]))


def usual_syllables() -> tuple[str, ...]:
    """The usual syllables of given names, in order of the alphabet."""
    return tuple(sorted(_usual()[1]))


def is_usual_name(text: str) -> bool:
    """Whether a name begins with a usual family name and goes on with usual syllables.

    A signal for confidence: many lawful names are not usual.
    """
    surnames, syllables = _usual()
    words = [word.capitalize() for word in text.split()]
    if len(words) < 2 or words[0] not in surnames:
        return False
    return all(word in syllables or word in surnames for word in words[1:])


def family_names(syllable: str) -> tuple[str, ...]:
    """The usual family names with the letters of ``syllable``, whatever their marks."""
    surnames, _ = _usual()
    return tuple(sorted(name for name in surnames if plain(name) == plain(syllable)))


def has_usual_twin(word: str, *, family: bool) -> bool:
    """Whether a word that is not usual in names is one with other marks: *Ly* beside *Lý*.

    ``family``: as a family name, else as any other part.
    """
    surnames, syllables = _usual()
    usual = surnames if family else surnames | syllables
    return word.capitalize() not in usual and plain(word) in _letters(family)


@cache
def _letters(family: bool) -> frozenset[str]:
    surnames, syllables = _usual()
    return frozenset(map(plain, surnames if family else surnames | syllables))


def is_family_name(word: str) -> bool:
    """Whether a word is a usual family name."""
    return word.capitalize() in _usual()[0]


def is_usual_syllable(word: str) -> bool:
    """Whether a word is usual in names of persons: a family name or a syllable of given names."""
    surnames, syllables = _usual()
    return word.capitalize() in surnames | syllables


def is_syllable(word: str) -> bool:
    """Whether ``word`` is a possible Vietnamese syllable (spelling rules, not a word list).

    Onsets, rhymes, ``k/gh/ngh`` only before e, ê, i, y; syllables that end in c, ch, p, t carry
    the tones sắc or nặng only. A signal for confidence, never a reason to change a word.
    """
    letters: list[str] = []
    tones: list[str] = []
    for c in unicodedata.normalize("NFD", unicodedata.normalize("NFC", word).lower()):
        (tones if c in _TONES else letters).append(c)
    base = unicodedata.normalize("NFC", "".join(letters))
    if len(tones) > 1:
        return False
    onsets = [onset for onset in (*vietnamese().onsets, "") if base.startswith(onset)]
    return any(_possible(onset, base[len(onset) :], tones) for onset in onsets)


def _possible(onset: str, rhyme: str, tones: list[str]) -> bool:
    if rhyme not in vietnamese().rhymes:
        return False
    front = rhyme[0] in "eêiy"
    if onset in {"k", "gh", "ngh"} and not front:
        return False
    if onset in {"c", "g", "ng"} and front and not (onset == "g" and rhyme[0] == "i"):
        return False
    closed = rhyme.endswith(("c", "ch", "p", "t"))
    return not closed or (len(tones) == 1 and tones[0] in _SHARP_OR_HEAVY)


def parse_sex(text: str) -> Sex | None:
    """``Nam`` or ``Nữ`` from a word as printed, whatever its case; None for anything else."""
    word = folded(text).casefold().strip(" .,:;")
    if word == "nam":
        return "Nam"
    return "Nữ" if word == "nữ" else None


def is_email(text: str) -> bool:
    """Whether ``text`` is an address of everyday form (a subset of RFC 5321)."""
    return len(text) <= 254 and ".." not in text and _EMAIL.fullmatch(text) is not None
