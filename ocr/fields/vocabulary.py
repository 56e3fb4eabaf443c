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


NEAR_ENDING = 74.0
"""Likeness from which the end of an address is taken for a usual one."""


def ended(text: str, endings: Sequence[str]) -> str:
    """An e-mail address whose end is almost one of ``endings`` (``@gmail.com``), with that end.

    The sign ``@`` is what readers know least: it comes as ``a``, ``e``, ``€``, ``$`` or not at
    all. What stands before it is left as it is.
    """
    squeezed = "".join(text.split())
    best: tuple[float, int, str] | None = None
    for ending in endings:
        for size in range(len(ending) - 2, len(ending) + 2):
            start = len(squeezed) - size
            if start < 1 or size < 1:
                continue
            score = fuzz.ratio(squeezed[start:].casefold(), ending)
            # of equal likeness the cut that takes a sign for the @ is right
            if best is None or (score, -abs(size - len(ending))) > (
                best[0],
                -abs(len(squeezed) - best[1] - len(best[2])),
            ):
                best = (score, start, ending)
    if best is None or best[0] < NEAR_ENDING:
        return squeezed
    return squeezed[: best[1]] + best[2]
