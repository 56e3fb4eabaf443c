"""Two pages side by side on one sheet: found by their words, and read one after the other.

Pages on a sheet are told from columns of one page by what crosses the middle: a page's title, its
header or a full line always does somewhere, two pages leave a gutter from top to foot.
"""

from collections.abc import Sequence
from itertools import groupby, pairwise

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


def halves(words: Sequence[Word], width: float, height: float) -> tuple[Box, Box] | None:
    """The two pages of a sheet, left and right, in points; None where it is one page.

    ``words`` are those of an upright sheet of ``width`` x ``height`` points.
    """
    if width < LANDSCAPE * height:
        return None
    solid = [w for w in words if w.confidence >= SURE and any(map(str.isalnum, w.text))]
    middle = _gutter(solid, width)
    if middle is None:
        return None
    for left in (True, False):
        side = [w for w in solid if (_centre(w)[0] < middle) is left]
        rows = len({w.line for w in side})
        if rows < LINES or sum(len(w.text) for w in side) < LETTERS:
            return None
    return (0.0, 0.0, middle, height), (middle, 0.0, width, height)


def _gutter(words: Sequence[Word], width: float) -> float | None:
    """The middle of the widest gap between words that runs from top to foot, near the centre."""
    low, high = (part * width for part in MIDDLE)
    spans = sorted((max(w.box[0], low), min(w.box[2], high)) for w in words)
    edges = [(low, low), *(s for s in spans if s[0] < s[1]), (high, high)]
    reach, best, at = low, 0.0, None
    for _, (start, end) in pairwise(edges):
        if start - reach > best:
            best, at = start - reach, (start + reach) / 2
        reach = max(reach, end)
    return at if best >= GUTTER else None


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
