"""Vietnamese words as people type them: by Telex and VNI, and what input methods make of it.

Telex doubles a letter or adds w, VNI adds a figure; the mark of the tone comes last (both as in
Unikey and EVKey, which send Backspaces and letters, and IBus Bamboo, which composes).
"""

import random
import unicodedata
from collections.abc import Iterator

ONSETS = (
    "", "b", "c", "ch", "d", "đ", "g", "gh", "h", "kh", "l", "m", "n", "ng", "ngh", "nh", "ph",
    "qu", "r", "s", "t", "th", "tr", "v", "x",
)  # fmt: skip
RHYMES = (
    "a", "ă", "â", "e", "ê", "i", "o", "ô", "ơ", "u", "ư", "y", "ai", "ao", "au", "âu", "ây",
    "eo", "êu", "ia", "iê", "oa", "oă", "oe", "oi", "ôi", "ơi", "ua", "uâ", "uê", "ui", "uô",
    "uơ", "uy", "ưa", "ưi", "ươ", "ưu", "iêu", "yê", "oai", "oay", "uây", "uôi", "uya", "uyê",
    "ươi", "ươu", "oeo", "uyu",
)  # fmt: skip
CODAS = ("", "", "c", "ch", "m", "n", "ng", "nh", "p", "t")
TONES = {"": ("", ""), "\u0301": ("s", "1"), "\u0300": ("f", "2"), "\u0309": ("r", "3"),
         "\u0303": ("x", "4"), "\u0323": ("j", "5")}  # fmt: skip
"""A tone, its key by Telex, and by VNI."""
SHAPES = {"ă": ("aw", "a8"), "â": ("aa", "a6"), "ê": ("ee", "e6"), "ô": ("oo", "o6"),
          "ơ": ("ow", "o7"), "ư": ("uw", "u7"), "đ": ("dd", "d9")}  # fmt: skip
TELEX, VNI = 0, 1
METHODS = {"telex": TELEX, "vni": VNI}


def words(count: int, seed: int = 20261123) -> list[str]:
    """So many different syllables, in lower, upper and mixed case, NFC; not all of them exist."""
    dice = random.Random(seed)
    made: dict[str, None] = {}
    while len(made) < count:
        rhyme, tone = dice.choice(RHYMES), dice.choice(list(TONES))
        toned = _toned(rhyme, tone)
        coda = "" if len(rhyme) > 2 else dice.choice(CODAS)
        word = unicodedata.normalize("NFC", dice.choice(ONSETS) + toned + coda)
        made[dice.choice((str.lower, str.capitalize, str.capitalize, str.upper))(word)] = None
    return list(made)


def _toned(rhyme: str, tone: str) -> str:
    marked = [at for at, letter in enumerate(rhyme) if letter in SHAPES]
    at = marked[-1] if marked else max(0, len(rhyme) - 2 if len(rhyme) > 1 else 0)
    return rhyme[: at + 1] + tone + rhyme[at + 1 :]


def keys(word: str, method: int) -> str:
    """The keys that are pressed for a word: its letters, and its tone at the end."""
    pressed, tone = "", ""
    for letter in word:
        plain, mark = _without_tone(letter)
        tone = mark or tone
        shaped = SHAPES.get(plain.lower(), (plain, plain))[method]
        pressed += shaped.upper() if plain.isupper() else shaped
    key = TONES[tone][method]
    return pressed + (key.upper() if word.isupper() else key)


def _without_tone(letter: str) -> tuple[str, str]:
    parts = unicodedata.normalize("NFD", letter)
    tone = next((one for one in parts if one in TONES), "")
    return unicodedata.normalize("NFC", parts.replace(tone, "") if tone else parts), tone


def shown(word: str, method: int) -> Iterator[tuple[str, str]]:
    """Each key, and what the field shows after it."""
    text, typed = "", ""
    bare = ""
    for letter in word:
        plain, _ = _without_tone(letter)
        pressed = SHAPES.get(plain.lower(), (plain, plain))[method]
        pressed = pressed.upper() if plain.isupper() else pressed
        for at, key in enumerate(pressed):
            bare = text + (plain if at == len(pressed) - 1 else key)
            yield key, bare
        text = bare
        typed += pressed
    last = keys(word, method)[len(typed) :]
    if last:
        yield last, word
