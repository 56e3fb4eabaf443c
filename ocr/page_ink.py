"""What stands on a page that shows little or nothing to read: ink, dirt, its other side, nothing.

The page is looked at as a viewer shows it, in colour and with its annotations, which the picture
that is read does not have. Where something stands on it, the pages before and after it in its file
are asked whether it is theirs.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from ocr.cleaning.backs import left_over
from ocr.cleaning.blankness import LOOK_DPI, PER_MM, Mask, PageContent, Traces, sorted_out, traces
from ocr.files.viewed import viewed
from ocr.options import ReadingOptions
from ocr.values import FileKind
from schemas.errors import InputRejected
from schemas.page import Blankness, Word

SURE = 0.6
"""Least confidence of a word that counts as read."""
READ_WORDS = 5
"""So many words that are sure make a page one that was read; a mark beside them is no question."""
MOST = 0.5
"""Part of the words; on a page by hand some are sure by chance."""
FEW_WORDS = 40
"""Up to so many words, a page is looked through for a line that was not read."""
LETTER_MM, GAP_MM, LINE_MM = (0.9, 5.0), 3.2, 14.0
"""Height of letters, gaps between them, and length of a line of them."""
CORE = 0.45
"""Part of the depth around that the core of a letter has."""
TINTED = 0.4
"""Part of the depth that is tint in coloured ink."""
AROUND_MM = 1.5
"""Ink so near a word's box is that word's."""


@dataclass(frozen=True)
class PageInk:
    """The marks on a page, and why they are none; None where they are ink."""

    traces: Traces
    blankness: Blankness | None


def page_ink(path: Path, kind: FileKind, number: int, options: ReadingOptions) -> PageInk:
    """Look at page ``number`` (from 1); 0.1 s where nothing stands on it, 1 s with its neighbours.

    Raises:
        InputRejected: as :func:`ocr.files.viewed.viewed`.
    """
    page = _traces(path, kind, number, options)
    if page.found is not PageContent.ink:
        return of_traces(page)
    if any(
        left_over(page, other) is not PageContent.ink
        for other in _beside(path, kind, number, options)
    ):
        return PageInk(page, Blankness.back)
    return PageInk(page, None)


def of_traces(page: Traces) -> PageInk:
    """The same by the marks of a page alone, whatever the pages beside it are."""
    none = {PageContent.nothing: Blankness.empty, PageContent.dirt: Blankness.dirt}
    return PageInk(page, none.get(page.found))


def _traces(path: Path, kind: FileKind, number: int, options: ReadingOptions) -> Traces:
    seen = viewed(path, kind, number, LOOK_DPI, options)
    return traces(seen.pixels, seen.dpi, exact=seen.exact)


def _beside(path: Path, kind: FileKind, number: int, options: ReadingOptions) -> Iterable[Traces]:
    """The pages before and after, where there are any and they can be drawn."""
    if kind not in {FileKind.pdf, FileKind.tiff}:
        return
    for other in (number - 1, number + 1):
        if other >= 1:
            try:
                yield _traces(path, kind, other, options)
            except InputRejected:
                continue


def unread(
    seen: Traces, words: Iterable[Word], rotation: int, upright: tuple[float, float]
) -> bool:
    """Whether ink stands on a page beside what was surely read.

    Args:
        seen: the marks on the page as it lies in its file.
        words: all of the page's words.
        rotation: degrees clockwise by which it was turned upright.
        upright: its width and height in points, turned.
    """
    ink = _beside_words(seen.ink, words, rotation, upright, SURE)
    depth = np.rot90(seen.depth, -(rotation // 90) % 4)
    return sorted_out(ink, depth) is PageContent.ink


def missed_line(
    seen: Traces, words: Iterable[Word], rotation: int, upright: tuple[float, float]
) -> bool:
    """Whether a row of letters stands on a page where no word was read; as :func:`unread`.

    Seals, signatures and rules, which stand beside the words of any page, are no row of letters.
    """
    around = cv2.dilate(seen.depth, np.ones((13, 13), np.uint8))
    core = seen.depth >= CORE * around  # or softened letters hang together
    black = seen.ink & core & (seen.tint <= TINTED * seen.depth)
    ink = _beside_words(black, words, rotation, upright, 0.0)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    wide, high = stats[:, cv2.CC_STAT_WIDTH] / PER_MM, stats[:, cv2.CC_STAT_HEIGHT] / PER_MM
    letter = (high >= LETTER_MM[0]) & (high <= LETTER_MM[1]) & (wide <= 3 * LETTER_MM[1])
    letter[0] = False
    bridge = np.ones((1, round(GAP_MM * PER_MM)), np.uint8)
    rows = cv2.dilate(letter[labels].astype(np.uint8), bridge)
    _, _, boxes, _ = cv2.connectedComponentsWithStats(rows, connectivity=8)
    long = boxes[1:, cv2.CC_STAT_WIDTH] >= LINE_MM * PER_MM
    low = boxes[1:, cv2.CC_STAT_HEIGHT] <= 1.6 * LETTER_MM[1] * PER_MM
    return bool((long & low).any())


def _beside_words(
    mask: Mask,
    words: Iterable[Word],
    rotation: int,
    upright: tuple[float, float],
    least: float,
) -> Mask:
    """Marks of the upright page that are not those of words read with ``least`` confidence."""
    ink = np.rot90(mask, -(rotation // 90) % 4).copy()
    height, width = ink.shape
    across, down = width / upright[0], height / upright[1]
    around = AROUND_MM * PER_MM
    for word in words:
        if word.confidence >= least:
            x0, y0, x1, y1 = word.box
            left, right = max(0, round(x0 * across - around)), round(x1 * across + around)
            top, foot = max(0, round(y0 * down - around)), round(y1 * down + around)
            ink[top:foot, left:right] = False
    return ink


def surely_read(words: Iterable[Word]) -> bool:
    """Whether enough words, and most of all, are sure, so that a page counts as read."""
    found = [word for word in words if sum(map(str.isalnum, word.text)) >= 2]
    sure = sum(word.confidence >= SURE for word in found)
    return sure >= READ_WORDS and sure >= MOST * len(found)


def few_words(words: Sequence[Word]) -> bool:
    """Whether a page has so few words that a whole line more would matter."""
    return len(words) <= FEW_WORDS
