"""Where a stamp fits: free paper near the top right corner of the first page, or in a place sought.

Text, pictures, handwriting and scan borders all count as taken, because the page is looked at as a
reader sees it: rendered, annotations included.
"""

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pypdfium2 as pdfium
from pypdfium2 import raw

from schemas.errors import InputRejected
from schemas.page import Box

REGION = (0.35, 0.42)
"""How much of the page counts as its top right: from 35 % of the width, to 42 % of the height."""

EDGE = 17.0
"""Points kept free along the edges of the page: 6 mm, what printers leave white."""

GAP = 3.0
"""Points kept free around the stamp."""

LATER = 8.0
"""Points nearer to the corner that make up for a less wanted size."""

_DARKER = 35  # grey levels below the paper that count as ink
_LARGEST = 2384 * 3370 * 2  # square points: two sheets A0
_SPECKS = 0.003  # share of dark pixels that is dust, where no clean place is left


@dataclass(frozen=True)
class Page:
    """The first page: what is needed to place something on it."""

    width: float
    height: float
    rotation: int
    corners: tuple[tuple[float, float], tuple[float, float]]
    """The top left and the bottom right corner of the upright page in PDF user space."""
    ink: np.ndarray[tuple[int, int], np.dtype[np.int64]]
    """Summed-area table of taken pixels of the region (of the whole page, where that was looked
    at), one pixel a point, one row and column of zeros before."""

    def to_user_space(self, box: Box) -> tuple[float, float, float, float]:
        """A box of the upright page (origin top left) as a rectangle in PDF user space."""
        ends = [self._point(box[0], box[1]), self._point(box[2], box[3])]
        (x0, x1), (y0, y1) = (sorted(axis) for axis in zip(*ends, strict=True))
        return x0, y0, x1, y1

    def _point(self, u: float, v: float) -> tuple[float, float]:
        across, down = u / self.width, v / self.height
        if self.rotation in {90, 270}:
            across, down = down, across
        (x0, y0), (x1, y1) = self.corners
        return x0 + across * (x1 - x0), y0 + down * (y1 - y0)


def first_page(path: Path, unit: float = 1.0) -> Page:
    """Look at the first page of a PDF, whose UserUnit is ``unit``.

    Raises:
        InputRejected: PDFium cannot open it, or it has no page.
    """
    try:
        document = pdfium.PdfDocument(path)
    except (pdfium.PdfiumError, OSError) as exc:
        raise InputRejected("signing.not_a_pdf") from exc
    try:
        document.init_forms()  # without it form fields are not drawn
        width, height = document[0].get_size()
        return look(document[0], (width * REGION[0], height * (1 - REGION[1]), 0, 0), unit)
    except (pdfium.PdfiumError, IndexError) as exc:
        raise InputRejected("signing.not_a_pdf") from exc
    finally:
        document.close()


def look(
    page: pdfium.PdfPage, cut: tuple[float, float, float, float] = (0, 0, 0, 0), unit: float = 1.0
) -> Page:
    """What is taken on a page without ``cut`` (its left, bottom, right and top).

    ``cut`` is in PDF user space; everything else in points as they are printed. PDFium knows
    nothing of the page's UserUnit (ISO 32000-2, 14.11.2.1), so it is given as ``unit``.

    Raises:
        InputRejected: the page is larger than anything an office prints.
    """
    width, height = (side * unit for side in page.get_size())
    if width * height > _LARGEST:
        raise InputRejected("signing.page_too_large")
    picture = page.render(scale=unit, crop=cut, grayscale=True).to_numpy()
    return Page(width, height, page.get_rotation(), _corners(page), _ink(picture))


def _corners(page: pdfium.PdfPage) -> tuple[tuple[float, float], tuple[float, float]]:
    """Asked of PDFium as it draws, because its page boxes leave out what a page inherits."""
    canvas = 10_000
    found = []
    for corner in (0, canvas):
        x, y = ctypes.c_double(), ctypes.c_double()
        raw.FPDF_DeviceToPage(page, 0, 0, canvas, canvas, 0, corner, corner, x, y)
        found.append((x.value, y.value))
    return found[0], found[1]


def _ink(
    picture: np.ndarray[tuple[int, ...], np.dtype[np.uint8]],
) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    grey = picture.reshape(picture.shape[0], picture.shape[1]).astype(np.int16)
    taken = grey < float(np.median(grey)) - _DARKER
    table = np.zeros((taken.shape[0] + 1, taken.shape[1] + 1), np.int64)
    table[1:, 1:] = taken.cumsum(0).cumsum(1)
    return table


def place(page: Page, sizes: Sequence[tuple[float, float]]) -> tuple[int, Box, bool]:
    """The best place for one of several stamps, given as (width, height) in points.

    The nearest to the corner, each later size counting as :data:`LATER` points farther away.

    Returns:
        The index of the size taken, its box on the upright page, and whether the place is free.
        Where nothing is free it is the last size, in the place with the least under it.
    """
    for tolerance in (0.0, _SPECKS):
        best: tuple[float, int, Box] | None = None
        for index, (width, height) in enumerate(sizes):
            if best is not None and LATER * index >= best[0]:
                break  # not even in the corner itself would it be better
            found = _nearest(page, width, height, tolerance)
            if found is not None and (best is None or found.away + LATER * index < best[0]):
                best = (found.away + LATER * index, index, found.box)
        if best is not None:
            return best[1], best[2], True
    width, height = sizes[-1]
    least = _nearest(page, width, height, None)
    if least is not None:
        return len(sizes) - 1, least.box, False
    left = max(page.width - EDGE - width, 0.0)
    return len(sizes) - 1, (left, EDGE, left + width, EDGE + height), False


@dataclass(frozen=True)
class _Place:
    box: Box
    away: float


def _nearest(page: Page, width: float, height: float, tolerance: float | None) -> _Place | None:
    """The place nearest to the corner with at most ``tolerance`` taken; None: with the least."""
    rows, columns = page.ink.shape
    wide, high = int(np.ceil(width + 2 * GAP)), int(np.ceil(height + 2 * GAP))
    if wide >= columns or high >= rows:
        return None
    ends, starts = page.ink[high:], page.ink[:-high]
    under = ends[:, wide:] - starts[:, wide:] - ends[:, :-wide] + starts[:, :-wide]
    # pixel (0, 0) of the region is the point (x0, 0) of the page
    x0 = page.width - (columns - 1)
    left = x0 + np.arange(under.shape[1]) + GAP
    top = np.arange(under.shape[0]) + GAP
    inside = (left + width <= page.width - EDGE)[None, :] & (top >= EDGE)[:, None]
    away = (page.width - EDGE - width - left)[None, :] + 1.5 * (top - EDGE)[:, None]
    if tolerance is None:
        cost = under * 1e6 + away
    else:
        cost = np.where(under <= tolerance * wide * high, away, np.inf)
    cost = np.where(inside, cost, np.inf)
    row, column = np.unravel_index(int(np.argmin(cost)), cost.shape)
    if not np.isfinite(cost[row, column]):
        return None
    x, y = float(left[column]), float(top[row])
    return _Place((x, y, x + width, y + height), float(away[row, column]))
