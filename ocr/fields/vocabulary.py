"""Usual values: a reading that is nearly one of them is taken for it."""

import re
from collections.abc import Sequence
from functools import lru_cache

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from schemas.validators import folded, plain

LEAST = 78.0
"""Likeness (0 to 100, accents compared) from which a reading is taken for a usual value."""

AHEAD = 8.0
"""The best must lead by so much: *Con đẻ* and *Con rể* are near each other."""


def snapped(text: str, words: Sequence[str]) -> str:
    """``text`` with its beginning replaced by the usual value it almost is.

    What has the letters of one usual value only is that value, however its marks were read (*Vơ*).
    A usual value that has fewer words than ``text`` is a beginning (*Công an phường* ...); the
    rest stays as read. Anything unlike all of ``words`` is left alone.
    """
    if not text or not words:
        return text
    marked = [word for word in words if plain(word) == plain(text)]
    if len(marked) == 1:
        return marked[0]
    parts = text.split()
    scored: list[tuple[float, str, int]] = []
    for word in words:
        size = len(word.split())
        if size < len(parts) and any(longer.startswith(word + " ") for longer in words):
            continue  # *Con* of *Con đẻ*: no beginning, a value of its own
        head = " ".join(parts[:size])
        scored.append((fuzz.ratio(word.casefold(), head.casefold()), word, size))
    scored.sort(key=lambda item: (item[0], item[2]), reverse=True)
    best = scored[0]
    second = next((s for s in scored[1:] if not best[1].startswith(s[1])), None)
    if best[0] < LEAST or (second and best[0] - second[0] < AHEAD and best[0] < 100):
        return text
    last = parts[best[2] - 1] if len(parts) >= best[2] else ""
    mark = last[-1] if last.endswith((",", ":", ";")) else ""
    return folded(" ".join([best[1] + mark, *parts[best[2] :]]))


def without_usual(text: str, words: Sequence[str]) -> str:
    """What follows the usual value ``text`` begins with; all of it where it begins otherwise."""
    heads = [word for word in words if text == word or text.startswith(word + " ")]
    return text[len(max(heads, key=len)) :].strip() if heads else text


NEAR_ENDING = 74.0
"""Likeness from which the end of an address is taken for a usual one."""

_SIGN_TWICE = re.compile(r"(?<=[0-9])[aeoqcQ](?=@)")

_RESERVED = re.compile(r"(@[a-z0-9.-]*[a-z0-9])\.?(edu|gov)\.?vn$")
_COUNTRY = re.compile(r"(@[a-z0-9.-]*\.(?:com|edu|gov|net|org))\.[uvyw][nm]$")
_OPEN = re.compile(r"(@[a-z0-9.-]*(?:com|net|org))vn$")

TAKEN_FOR_AT = frozenset("aeoqgcdQOGC0689€$©®&*")
"""What readers make of the sign ``@``, which they know least."""


def ended(text: str, usual: Sequence[str]) -> str:
    """An e-mail address whose end is almost a usual one (``@gmail.com``), with that end."""
    found = endings(text, usual)
    return found[0] if found else with_levels("".join(text.split()))


def with_levels(address: str) -> str:
    """An address under ``.vn`` with the dots a leader took from it.

    *dtuedu.vn*, *fpt.comvn* and *fpt.com.un* are none; *vinacom.vn* may be one and stays.
    """
    address = _COUNTRY.sub(r"\1.vn", address)
    return _OPEN.sub(r"\1.vn", _RESERVED.sub(r"\1.\2.vn", address))


def signed_once(address: str) -> str:
    """An address without the letter that Tesseract sees in the round of the sign ``@``.

    After figures nobody writes one letter more (*vanmai56e@*); elsewhere it cannot be told.
    """
    return _SIGN_TWICE.sub("", address)


def endings(text: str, usual: Sequence[str]) -> tuple[str, ...]:
    """The address with each cut after which it may end in one of ``usual``, the likeliest first.

    The sign ``@`` comes as a letter, as a letter and itself, or not at all, so that there may be
    several cuts. What stands before it is left as it is.
    """
    squeezed = "".join(text.split())
    scored: dict[str, float] = {}
    for ending in usual:
        for size in range(len(ending) - 2, len(ending) + 3):
            start = len(squeezed) - size
            if start < 1:
                continue
            tail = squeezed[start:].casefold()
            as_read = fuzz.ratio(tail, ending)
            # a letter for the sign, or a letter and the sign, or only the rest
            signed = fuzz.ratio("@" + tail[1:], ending) if tail[0] in TAKEN_FOR_AT else 0.0
            twice = (
                fuzz.ratio(tail[1:], ending) - 1
                if tail[0] in TAKEN_FOR_AT and tail[1:2] == "@"
                else 0.0
            )
            score = max(as_read, signed - 1, twice)
            if score >= NEAR_ENDING:
                form = squeezed[:start].rstrip("@") + ending
                scored[form] = max(scored.get(form, 0.0), score)
    return tuple(sorted(scored, key=lambda form: -scored[form])[:6])


NEAR_NAME = 66.0
"""Likeness from which the beginning of an address is taken for a form of its owner's name."""

MOST_FORMS = 8
"""Forms of an address that are weighed."""

_FIGURES = str.maketrans("loiszbgq", "10152699")
"""Letters that figures are taken for."""


@lru_cache(maxsize=64)
def handles(name: str) -> tuple[str, ...]:
    """How people make addresses of their names: *hanhtruong*, *hanh.truong*, *tbhanh*.

    ``name`` is a full name, the family name first; nothing is made of a single word.
    """
    words = plain(name).split()
    if len(words) < 2 or not all(word.isalpha() for word in words):
        return ()
    family, given = words[0], words[-1]
    first = "".join(word[0] for word in words[:-1])
    pairs = [(given, family), (family, given), (words[-2], given), (first, given), (given, first)]
    made = ["".join(words), given, *(a + b for a, b in pairs)]
    made += [a + mark + b for a, b in pairs for mark in "._"]
    return tuple(dict.fromkeys(made))


@lru_cache(maxsize=256)
def named(local: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """Forms of an address's local part beginning with a form of a name, likest first.

    Where what is read is nearly such a form; the rest stays as read, and as figures too, since
    figures follow a name.
    """
    scored: dict[str, float] = {}
    for name in names:
        for handle in handles(name):
            for size in (len(handle), len(handle) - 1, len(handle) + 1):
                head, rest = local[:size], local[size:]
                score = fuzz.ratio(head, handle, score_cutoff=NEAR_NAME) if len(head) > 2 else 0.0
                if score == 0.0:
                    continue
                for form in (handle + rest, handle + rest.translate(_FIGURES)):
                    scored[form] = max(scored.get(form, 0.0), score)
    return tuple(sorted(scored, key=lambda form: -scored[form])[:MOST_FORMS])


def is_named(local: str, names: Sequence[str]) -> bool:
    """Whether a local part is a form of one of ``names``, with figures after it or none."""
    bare = re.sub(r"[._-]?[0-9]{0,6}$", "", local)
    return any(bare in handles(name) for name in names)


FEWEST_LETTERS = 5
"""Letters of an address from which one that is wrong can be told."""


def is_nearly_named(local: str, names: Sequence[str]) -> bool:
    """Whether a local part would be a form of one of ``names`` but for a letter."""
    bare = re.sub(r"[._-]?[0-9]{0,6}$", "", local)
    if len(bare) < FEWEST_LETTERS:
        return False
    return any(
        Levenshtein.distance(bare, handle, score_cutoff=1) == 1
        for name in names
        for handle in handles(name)
    )
