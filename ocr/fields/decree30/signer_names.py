"""What can be a signer's name, where it stands, what stands before it: degrees, pens' strokes."""

from collections.abc import Sequence

import numpy as np

from ocr.fields.decree30.printed import PIXELS, line_extent
from ocr.fields.zone_reader import Image
from schemas.validators import plain

SIGNED_COPY = "da ky"
"""*Đã ký*, on copies, where the signature was."""

NAME_DROP = (14.0, 150.0)
"""The name stands so many points under the last line of the title."""

REACH = 110.0
"""To either side of the title's middle, points."""

STROKES = 9
"""A row of pixels through a name crosses so many strokes; through a signature, few."""

BAND = (0.3, 1.3)
"""How tall a name's small letters are, in heights of a title's line."""


def bare_name(text: str, ranks: Sequence[str]) -> str:
    """A name without the degree or rank before it: ``TS. Lê Văn Thử``, ``Thượng tá Lê Văn Thử``.

    No syllable of a name has a point in it.
    """
    known = [plain(rank).split() for rank in ranks]
    words = text.split()
    while words and _scrawl(words[0]):
        words = words[1:]
    while len(words) > 2:
        start = [plain(word).strip(".,:;") for word in words[:2]]
        size = next((len(rank) for rank in known if start[: len(rank)] == rank), 0)
        if not size and not any(c in words[0][1:] for c in ".:"):
            break
        words = words[max(size, 1) :]
    # every word of a signer's name begins with a capital
    return " ".join(word[:1].upper() + word[1:] for word in words)


def _scrawl(word: str) -> bool:
    """Whether a word before a name is what a signature's stroke was read as: ``\\_>``, ``C)``."""
    letters = [c for c in word if c.isalpha()]
    strange = any(not c.isalpha() and c not in ".,:'’-" for c in word)
    return not letters or strange or (len(letters) == 1 and word[0] not in "YHK")


def can_be_name(text: str) -> bool:
    """Whether a line has the form of a name: two to six words of letters, each with a capital."""
    words = text.split()
    letters = sum(c.isalpha() or c == " " for c in text)
    capitals = sum(word[0].isupper() for word in words)
    if plain(text).strip("().") == SIGNED_COPY:
        return False
    return 2 <= len(words) <= 6 and letters >= 0.9 * len(text) >= 5 and capitals == len(words)


def name_place(
    image: Image, under: tuple[float, float], tall: float
) -> tuple[float, float, float, float] | None:
    """Where a name stands under a title, by its many strokes: a signature may run through it.

    Args:
        image: the block's print, grey, ink dark.
        under: the middle of the title's lines, and the foot of the last.
        tall: the height of a line; all in pixels, as what is given back.
    """
    x0, x1 = (max(0, int(under[0] + side * REACH * PIXELS)) for side in (-1, 1))
    y0, y1 = (max(0, int(under[1] + drop * PIXELS)) for drop in NAME_DROP)
    inked = np.asarray(image[y0:y1, x0:x1] < 128, np.int8)
    if inked.shape[0] < tall or inked.shape[1] < tall:
        return None
    strokes = (np.diff(inked, axis=1) == 1).sum(axis=1)
    many = np.flatnonzero(strokes >= STROKES)
    bands = np.split(many, np.flatnonzero(np.diff(many) > 0.15 * tall) + 1) if many.size else []
    fits = [band for band in bands if BAND[0] * tall <= np.ptp(band) + 1 <= BAND[1] * tall]
    if not fits:
        return None
    band = max(fits, key=lambda rows: int(strokes[rows].sum()))
    small = float(np.ptp(band) + 1)
    top, foot = y0 + band[0] - 0.4 * small, y0 + band[-1] + 0.3 * small
    middle = under[0] - x0
    own = (middle - tall, middle + tall)
    row = image[y0 + int(band[0]) : y0 + int(band[-1]) + 1, x0:x1]
    left, right = line_extent(row, own, tall)
    return (x0 + float(left), max(0.0, float(top)), x0 + float(right), float(foot))
