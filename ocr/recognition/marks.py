"""Lost tone marks of ordinary words, restored by the neighbouring words.

Small print loses the mark above a vowel: "tổ chức" is read "tô chức", and the engine is sure of it.
A syllable is changed only when with its neighbour it makes no known word, when exactly one other
tone (or đ for d) makes one, and when neither of the two belongs to a word with what stands on its
other side. Names, numbers and words in capitals are left alone; what was read stays in
:attr:`schemas.page.Word.raw`.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files

from schemas.page import Word

SURE = 0.985
"""A word read with more confidence than this is left alone."""
_ABOVE = "\u0300\u0301\u0303\u0309"
"""Grave, acute, tilde, hook."""
_I_WITH_HOOK = "i\u0309"
_BELOW = "\u0323"
_SHAPES = "\u0302\u0306\u031b"
"""Circumflex, breve, horn: parts of a letter, not tones."""
_EDGES = "\"'“”‘’(),.;:!?…-–"
_D = {"d": "đ", "đ": "d"}

Pair = tuple[str, str]


@cache
def compounds() -> frozenset[Pair]:
    """The two-syllable words of ``lexicon/compounds.txt``, in lower case and NFC."""
    text = files("ocr.lexicon").joinpath("compounds.txt").read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    entries = (entry.split() for line in lines for entry in line.split(",") if entry.strip())
    return frozenset((first, second) for first, second in entries)


def remarked(words: Sequence[Word]) -> list[Word]:
    """The same words, some with another tone mark and their first reading in ``raw``."""
    bare = [_bare(word) for word in words]
    joined = [_joins(words, index) for index in range(len(words))]
    known = [
        joined[at] and (bare[at].lower(), bare[at + 1].lower()) in compounds()
        for at in range(len(words))
    ]
    out = list(words)
    for at in range(len(words) - 1):
        engaged = known[at] or (at > 0 and known[at - 1]) or known[at + 1]
        if not joined[at] or engaged or not _ordinary(bare[at], bare[at + 1]):
            continue
        found = _only((bare[at].lower(), bare[at + 1].lower()))
        if found is None:
            continue
        place = at if found[0] != bare[at].lower() else at + 1
        if words[place].confidence <= SURE:
            out[place] = _changed(words[place], bare[place], found[place - at])
            known[at] = True
    return out


def _bare(word: Word) -> str:
    return word.text.strip(_EDGES)


def _joins(words: Sequence[Word], at: int) -> bool:
    """Whether a word and the next may be one: nothing but a comma between them."""
    if at + 1 >= len(words) or words[at + 1].line - words[at].line not in {0, 1}:
        return False
    first, second = words[at].text, words[at + 1].text
    return first.rstrip(",")[-1:].isalpha() and second[:1].isalpha()


def _ordinary(first: str, second: str) -> bool:
    """No names (each syllable capital), no capitals, no figures."""
    return first.isalpha() and second.isalpha() and first[1:].islower() and second.islower()


def _only(pair: Pair) -> Pair | None:
    """The one known word that differs from ``pair`` in the tone, or the d, of one syllable."""
    first, second = pair
    near = {(other, second) for other in near_syllables(first)}
    near |= {(first, other) for other in near_syllables(second)}
    near &= compounds()
    return near.pop() if len(near) == 1 else None


@cache
def near_syllables(syllable: str) -> frozenset[str]:
    """What ``syllable`` may be a misreading of: small shapes over the vowel taken for one another.

    Grave, acute, hook and tilde in each other's place; any of them lost over a vowel that has a
    mark of its own (â, ê, ô, ă, ơ, ư); the dot of i taken for a hook; d and đ in front.
    """
    return frozenset(_near(syllable)) - {syllable}


def _near(syllable: str) -> Iterator[str]:
    if syllable[0] in _D:
        yield _D[syllable[0]] + syllable[1:]
    letters = unicodedata.normalize("NFD", syllable)
    above = [index for index, char in enumerate(letters) if char in _ABOVE]
    if len(above) == 1:
        at = above[0]
        dotted = letters[at - 1 : at + 1] == _I_WITH_HOOK
        letters = letters[:at] + letters[at + 1 :]
        if dotted:
            yield unicodedata.normalize("NFC", letters)
        places = [at]
    elif above or _BELOW in letters:
        return
    else:
        places = [index + 1 for index, char in enumerate(letters) if char in _SHAPES]
    for place in places:
        for tone in _ABOVE:
            yield unicodedata.normalize("NFC", letters[:place] + tone + letters[place:])


def _changed(word: Word, bare: str, syllable: str) -> Word:
    """The word with another syllable in its place, its first letter as large as before."""
    if bare[0].isupper():
        syllable = syllable[0].upper() + syllable[1:]
    return word.model_copy(update={"text": word.text.replace(bare, syllable), "raw": word.text})
