"""Two pages side by side on one sheet: found by their words, and read one after the other.

Pages on a sheet are told from columns of one page by what crosses the middle: a page's title, its
header or a full line always does somewhere, two pages leave a gutter from top to foot. A wide list
leaves one, too, between two of its columns: but its rules go on through it, and it leaves others.
"""

from collections.abc import Callable, Sequence
from itertools import groupby

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr import geometry
from schemas.page import Box, Word

LANDSCAPE = 1.2
"""Least width of the sheet, in heights."""
MIDDLE = (0.38, 0.62)
"""Where the gutter lies, parts of the width."""
GUTTER = 20.0
"""Least width of the gutter, points; columns of one page stand closer."""
LINES = 6
LETTERS = 80
"""Each side has at least so many lines and letters."""
SURE = 0.4
"""Less sure words in the gutter are folds and shadows."""
COLUMN_GAP = 8.0
"""Points; so much stays free from top to foot between two columns of a list."""
COLUMN_GAPS = 3
"""A list has so many of them besides the gutter; a page with a signer beside its recipients has
one."""
WIDER = 1.25
"""The gutter is so many times wider than any gap between columns of either page."""
RULES = 3
"""So many rules that run through the gutter are those of a list; the frame of a sheet has two."""
RULE_REACH = 8.0
"""Points that a rule goes on to either side of the gutter."""
RULE_INK = 0.85
"""Part of a rule that must be dark: scanned ones have gaps."""
RULE_CONTRAST = 30
"""Grey levels by which a rule is darker than the paper; grain is less."""
RULE_TALL = 3.0
"""Points; what is taller is a picture or a shadow."""

Rules = Callable[[float, float], int]
"""How many rules run through the sheet from one x to another (points)."""


def halves(
    words: Sequence[Word], width: float, height: float, rules: Rules | None = None
) -> tuple[Box, Box] | None:
    """The two pages of a sheet, left and right, in points; None where it is one page.

    Args:
        words: those of an upright sheet.
        width: of the sheet in points.
        height: of the sheet in points.
        rules: counts rules through a part of the sheet; only asked where there is a gutter.
    """
    if width < LANDSCAPE * height:
        return None
    solid = [w for w in words if w.confidence >= SURE and any(map(str.isalnum, w.text))]
    gutter = _gutter(solid, width)
    if gutter is None:
        return None
    low, high = (part * width for part in MIDDLE)
    middle = (max(gutter[0], low) + min(gutter[1], high)) / 2
    for left in (True, False):
        side = [w for w in solid if (_centre(w)[0] < middle) is left]
        rows = len({w.line for w in side})
        if rows < LINES or sum(len(w.text) for w in side) < LETTERS:
            return None
    if _is_list(solid, gutter, rules):
        return None
    return (0.0, 0.0, middle, height), (middle, 0.0, width, height)


def _gutter(words: Sequence[Word], width: float) -> tuple[float, float] | None:
    """The widest gap between words that runs from top to foot, near the centre: its two sides."""
    low, high = (part * width for part in MIDDLE)
    found = [
        (start, end)
        for start, end in _gaps(words, GUTTER)
        if min(end, high) - max(start, low) >= GUTTER
    ]
    return max(found, key=lambda gap: min(gap[1], high) - max(gap[0], low), default=None)


def _gaps(words: Sequence[Word], least: float) -> list[tuple[float, float]]:
    """Gaps of that width between words that run from top to foot, left to right."""
    found, reach = [], float("inf")
    for start, end in sorted((word.box[0], word.box[2]) for word in words):
        if start - reach >= least:
            found.append((reach, start))
        reach = end if reach == float("inf") else max(reach, end)
    return found


def _is_list(words: Sequence[Word], gutter: tuple[float, float], rules: Rules | None) -> bool:
    """Whether the gutter is a gap between two columns of a list.

    Its rules run through, or both sides are parted into columns by gaps that are nearly as wide as
    the gutter, and have no rules that end at it.
    """
    if rules is not None and rules(*gutter) >= RULES:
        return True
    gaps = [gap for gap in _gaps(words, COLUMN_GAP) if gap != gutter]
    sides = {gap[0] < gutter[0] for gap in gaps}
    widest = max((end - start for start, end in gaps), default=0.0)
    alike = len(sides) == 2 and len(gaps) >= COLUMN_GAPS and gutter[1] - gutter[0] < WIDER * widest
    return alike and not (rules is not None and any(rules(*gap) >= RULES for gap in gaps))


def rules_through(image: NDArray[np.uint8], dpi: float, x0: float, x1: float) -> int:
    """How many rules of a level sheet run from ``x0`` to ``x1`` (points) and beyond.

    ``image`` is grey, uint8, shape (height, width), paper bright.
    """
    scale = dpi / 72
    left, right = max(0, round((x0 - RULE_REACH) * scale)), round((x1 + RULE_REACH) * scale)
    strip = geometry.ink(image, RULE_CONTRAST)[:, left:right].astype(np.uint8)
    if strip.shape[1] < 4:
        return 0
    # a scanned rule is not perfectly straight: three rows of pixels count as one
    thick = cv2.dilate(strip, np.ones((3, 1), np.uint8))
    dark = np.asarray(thick.mean(axis=1) >= RULE_INK)
    edges = np.flatnonzero(np.diff(np.concatenate(([False], dark, [False])).astype(np.int8)))
    tall = edges[1::2] - edges[::2]
    return int((tall <= RULE_TALL * scale + 2).sum())


def in_order(words: Sequence[Word], sides: Sequence[Box]) -> list[Word]:
    """The words side by side made one after the other; a line that ran across becomes two."""
    found: list[Word] = []
    crossed = _crossed(words, sides)
    for x0, _, x1, _ in sides:
        rows = [
            part
            for _, line in groupby(words, key=lambda w: w.line)
            if (part := [w for w in line if x0 <= _centre(w)[0] < x1])
        ]
        if crossed:  # their order is that of the whole sheet
            rows.sort(key=lambda row: _centre(row[0])[1])
        for row in rows:
            number = found[-1].line + 1 if found else 0
            found += [word.model_copy(update={"line": number}) for word in row]
    return found


def _crossed(words: Sequence[Word], sides: Sequence[Box]) -> bool:
    """Whether a line has words on both sides."""
    middle = sides[0][2]
    return any(
        len({_centre(word)[0] < middle for word in line}) > 1
        for _, line in groupby(words, key=lambda w: w.line)
    )


def _centre(word: Word) -> tuple[float, float]:
    x0, y0, x1, y1 = word.box
    return (x0 + x1) / 2, (y0 + y1) / 2
