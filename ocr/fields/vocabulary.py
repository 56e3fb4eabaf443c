"""Usual values: a reading that is nearly one of them is taken for it."""

from collections.abc import Sequence

from rapidfuzz import fuzz

from schemas.validators import folded

LEAST = 78.0
"""Likeness (0 to 100, accents compared) from which a reading is taken for a usual value."""

AHEAD = 8.0
"""The best must lead by so much: *Con đẻ* and *Con rể* are near each other."""


def snapped(text: str, words: Sequence[str]) -> str:
    """``text`` with its beginning replaced by the usual value it almost is.

    A usual value that has fewer words than ``text`` is a beginning (*Công an phường* ...); the
    rest stays as read. Anything unlike all of ``words`` is left alone.
    """
    if not text or not words:
        return text
    parts = text.split()
    scored: list[tuple[float, str, int]] = []
    for word in words:
        size = len(word.split())
        head = " ".join(parts[:size])
        scored.append((fuzz.ratio(word.casefold(), head.casefold()), word, size))
    scored.sort(key=lambda item: (item[0], item[2]), reverse=True)
    best = scored[0]
    second = next((s for s in scored[1:] if not best[1].startswith(s[1])), None)
    if best[0] < LEAST or (second and best[0] - second[0] < AHEAD and best[0] < 100):
        return text
    return folded(" ".join([best[1], *parts[best[2] :]]))
