"""Where a stamp fits: free paper near the top right corner of the first page, or in a place sought.

Text, pictures, handwriting and scan borders all count as taken, because the page is looked at as a
reader sees it: rendered, annotations included. What another reader would show besides (notes
without an appearance, fields to be filled in) counts by its rectangle. A stamp goes on light, even
paper only: first in the region of the corner, then anywhere on the page, else nowhere.
"""

import ctypes
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
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

_DIFFERENT = 20
"""Levels of a colour by which ink differs from its paper; letters in light grey do by 25."""

_PATTERNED = 35
"""The same where the paper of the whole page is too uneven for that, as certificates print it."""

_SAMPLED = 7  # one pixel of so many tells the colour of the paper
_LIGHT = 110  # grey level of paper on which black letters are read
_AROUND = 41  # pixels around one in which its paper is sought; lines of text fill less than half
_LARGEST = 2384 * 3370 * 2  # square points: two sheets A0
_SPECK, _APART = 3, 5  # pixels: dust is no larger, and further than that from anything else


Picture = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]
Mask = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
Table = np.ndarray[tuple[int, int], np.dtype[np.int32]]


@dataclass(frozen=True)
class FirstPage:
    """The first page: what is needed to place something on it."""

    width: float
    height: float
    rotation: int
    corners: tuple[tuple[float, float], tuple[float, float]]
    """The top left and the bottom right corner of the upright page in PDF user space."""
    picture: Picture
    """The region (the whole page, where that was looked at) in colour, one pixel a point."""
    noted: Mask
    """Pixels of it that annotations take which are not drawn here."""

    @property
    def ways(self) -> Iterator[Mask]:
        """Pixels that are taken, by less and less strict ways to tell paper from ink."""
        yield without_specks(_taken(self.picture, _even(self.picture), _DIFFERENT) | self.noted)
        yield from self.uneven

    @property
    def uneven(self) -> Iterator[Mask]:
        """The same where paper is what is around, for photographs and paper with a pattern."""
        paper = _around(self.picture)
        yield without_specks(_taken(self.picture, paper, _DIFFERENT) | self.noted)
        yield without_specks(_taken(self.picture, paper, _PATTERNED) | self.noted)

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


def first_page(path: Path, unit: float = 1.0, *, whole: bool = False) -> FirstPage:
    """Look at the region of the corner, or the ``whole``, of the first page of a PDF.

    ``unit``: its UserUnit.

    Raises:
        InputRejected: PDFium cannot open it, or it has no page.
    """
    try:
        document = pdfium.PdfDocument(path)
    except (pdfium.PdfiumError, OSError) as exc:
        raise InputRejected("signing.not_a_pdf") from exc
    try:
        document.init_forms()  # without it form fields are not drawn
        page = document[0]  # PDFium reads a page anew each time it is asked for
        width, height = page.get_size()
        cut = (0.0, 0.0, 0.0, 0.0) if whole else (width * REGION[0], height * (1 - REGION[1]), 0, 0)
        return inspect_page(page, cut, unit)
    except (pdfium.PdfiumError, IndexError) as exc:
        raise InputRejected("signing.not_a_pdf") from exc
    finally:
        document.close()


def inspect_page(
    page: pdfium.PdfPage, cut: tuple[float, float, float, float] = (0, 0, 0, 0), unit: float = 1.0
) -> FirstPage:
    """What is taken on a page without ``cut`` (its left, bottom, right and top).

    ``cut`` is in PDF user space; everything else in points as they are printed. PDFium knows
    nothing of the page's UserUnit (ISO 32000-2, 14.11.2.1), so it is given as ``unit``.

    Raises:
        InputRejected: the page is larger than anything an office prints.
    """
    width, height = (side * unit for side in page.get_size())
    if width * height > _LARGEST:
        raise InputRejected("signing.page_too_large")
    # asked before it draws: PDFium then makes appearances of its own, for some of them empty
    boxes = list(_undrawn(page, (round(width), round(height))))
    bitmap = page.render(scale=unit, crop=cut, rev_byteorder=True)
    picture = bitmap.to_numpy()[..., :3].copy()
    bitmap.close()
    noted = np.zeros(picture.shape[:2], np.bool_)
    left, top = round(cut[0] * unit), round(cut[3] * unit)
    for x0, y0, x1, y1 in boxes:
        noted[max(0, y0 - top) : max(0, y1 - top), max(0, x0 - left) : max(0, x1 - left)] = True
    return FirstPage(width, height, page.get_rotation(), _corners(page), picture, noted)


def _undrawn(page: pdfium.PdfPage, size: tuple[int, int]) -> Iterator[tuple[int, int, int, int]]:
    """Annotations that another reader may draw, and fields to be filled in, on the upright page."""
    for number in range(raw.FPDFPage_GetAnnotCount(page)):
        note = raw.FPDFPage_GetAnnot(page, number)
        if not note:
            continue
        rectangle = raw.FS_RECTF()
        hidden = raw.FPDFAnnot_GetFlags(note) & raw.FPDF_ANNOT_FLAG_HIDDEN
        kind = raw.FPDFAnnot_GetSubtype(note)
        drawn = raw.FPDFAnnot_GetAP(note, raw.FPDF_ANNOT_APPEARANCEMODE_NORMAL, None, 0) > 2
        found = raw.FPDFAnnot_GetRect(note, rectangle)
        raw.FPDFPage_CloseAnnot(note)
        if found and not hidden and not drawn and kind not in _SHOW_NOTHING:
            xs, ys = [], []
            for x, y in ((rectangle.left, rectangle.bottom), (rectangle.right, rectangle.top)):
                across, down = ctypes.c_int(), ctypes.c_int()
                raw.FPDF_PageToDevice(page, 0, 0, *size, 0, x, y, across, down)
                xs.append(across.value)
                ys.append(down.value)
            yield min(xs), min(ys), max(xs), max(ys)


_SHOW_NOTHING = frozenset({raw.FPDF_ANNOT_LINK, raw.FPDF_ANNOT_POPUP})


def _corners(page: pdfium.PdfPage) -> tuple[tuple[float, float], tuple[float, float]]:
    """Asked of PDFium as it draws, because its page boxes leave out what a page inherits."""
    canvas = 10_000
    found = []
    for corner in (0, canvas):
        x, y = ctypes.c_double(), ctypes.c_double()
        raw.FPDF_DeviceToPage(page, 0, 0, canvas, canvas, 0, corner, corner, x, y)
        found.append((x.value, y.value))
    return found[0], found[1]


def _even(picture: Picture) -> Picture:
    """The colour of paper that is the same everywhere."""
    some = picture.reshape(-1, 3)[::_SAMPLED]
    return np.asarray(np.partition(some, len(some) // 2, axis=0)[len(some) // 2], np.uint8)


def _around(picture: Picture) -> Picture:
    """The colour of the paper around each pixel."""
    return np.asarray(cv2.medianBlur(picture, _AROUND), np.uint8)


def _taken(picture: Picture, paper: Picture, difference: int) -> Mask:
    """Pixels that differ from the paper in any colour, and those too dark to be written on."""
    taken = np.zeros(picture.shape[:2], np.bool_)
    light = np.zeros(picture.shape[:2], np.bool_)
    for channel in range(3):  # one after the other: numpy is slow along an axis of three
        seen = picture[..., channel].astype(np.int16)
        taken |= np.abs(seen - paper[..., channel].astype(np.int16)) > difference
        light |= seen >= _LIGHT
    return taken | ~light


def without_specks(taken: Mask) -> Mask:
    """The same without dust: what is tiny, and far from everything else.

    Letters stand close to each other; a figure that stands alone is higher than that.
    """
    kernel = np.ones((_APART, _APART), np.uint8)
    joined = cv2.dilate(taken.astype(np.uint8), kernel)
    _, numbered = cv2.connectedComponents(joined)
    if np.bincount(numbered.ravel()).min() > (_SPECK + _APART - 1) ** 2:
        return taken  # nothing is so small, and their sides take longer to find
    _, numbered, found, _ = cv2.connectedComponentsWithStats(joined)
    sides = found[:, cv2.CC_STAT_WIDTH : cv2.CC_STAT_HEIGHT + 1]
    dust = np.asarray((sides <= _SPECK + _APART - 1).all(axis=1), np.bool_)
    if not dust.any():
        return taken
    return np.asarray(taken & ~np.take(dust, np.asarray(numbered, np.intp)), np.bool_)


def _summed(taken: Mask) -> Table:
    """Summed-area table, with one row and column of zeros before."""
    return np.asarray(cv2.integral(taken.view(np.uint8)), np.int32)


def free_box(page: FirstPage, sizes: Sequence[tuple[float, float]]) -> tuple[int, Box] | None:
    """The best place for one of several stamps, given as (width, height) in points.

    The nearest to the corner, each later size counting as :data:`LATER` points farther away.

    Returns:
        The index of the size taken and its box on the upright page; ``None`` where nothing is free.
    """
    for taken in page.ways:
        table = _summed(taken)
        best: tuple[float, int, Box] | None = None
        for index, (width, height) in enumerate(sizes):
            if best is not None and LATER * index >= best[0]:
                break  # not even in the corner itself would it be better
            found = _nearest(page, table, width, height)
            if found is not None and (best is None or found.away + LATER * index < best[0]):
                best = (found.away + LATER * index, index, found.box)
        if best is not None:
            return best[1], best[2]
    return None


@dataclass(frozen=True)
class _FreeBox:
    box: Box
    away: float


def _nearest(page: FirstPage, table: Table, width: float, height: float) -> _FreeBox | None:
    """The place nearest to the corner with nothing in it."""
    rows, columns = table.shape
    wide, high = int(np.ceil(width + 2 * GAP)), int(np.ceil(height + 2 * GAP))
    if wide >= columns or high >= rows:
        return None
    ends, starts = table[high:], table[:-high]
    under = ends[:, wide:] - starts[:, wide:] - ends[:, :-wide] + starts[:, :-wide]
    # pixel (0, 0) of the region is the point (x0, 0) of the page
    x0 = page.width - (columns - 1)
    left = x0 + np.arange(under.shape[1]) + GAP
    top = np.arange(under.shape[0]) + GAP
    across = (left >= EDGE) & (left + width <= page.width - EDGE)
    down = (top >= EDGE) & (top + height <= page.height - EDGE)
    free = (under == 0) & across[None, :] & down[:, None]
    if not free.any():
        return None
    away = (page.width - EDGE - width - left)[None, :] + 1.5 * (top - EDGE)[:, None]
    row, column = np.unravel_index(int(np.argmin(np.where(free, away, np.inf))), away.shape)
    x, y = float(left[column]), float(top[row])
    return _FreeBox((x, y, x + width, y + height), float(away[row, column]))
