"""Whether the PDF/A shows what its source shows: both drawn small, and compared.

Only pages that hold anything but one picture kept byte for byte are looked at. What is lost or
added is found also where it is one line of text, for besides the difference of the pixels the ink
of each block is weighed.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pypdfium2 as pdfium
from numpy.typing import NDArray

from ocr.files.open_pages import KEPT_BYTES, open_page, page_size, user_unit
from ocr.files.pdf_size import enlarged, in_shape_of
from schemas.errors import InputRejected
from schemas.page import PageReading

DPI, FINER = 36.0, 4
"""Pages are compared at this resolution, averaged from drawings so many times finer: drawn small at
once, letters come out bolder than in a picture of them that is made small (measured: a page of text
5.4 levels apart in the mean at 72 dpi, 1.5 when averaged)."""
MOST_PIXELS = 8_000_000
"""Of a drawing."""
BLOCK_MM = 5.0
MEAN_DIFFERENCE = 3.0
"""Of 255, over the page."""
BLOCK_DIFFERENCE = 40.0
"""Of 255, over any block of :data:`BLOCK_MM`."""
INK_DIFFERENCE, INK_SHARE = 8.0, 0.5
"""Mean darkness under the paper of a block, and part of it, that is not lost or added."""

Image = NDArray[np.uint8]


@dataclass(frozen=True)
class Likeness:
    """How far two drawings of a page are apart, in grey levels of 255."""

    mean: float
    block: float
    """Of the block in which they differ most."""
    ink: float
    """Of the block in which most ink is lost or added: how much, 0 where none is to speak of."""
    same_shape: bool = True

    @property
    def alike(self) -> bool:
        """Whether they show the same."""
        return (
            self.same_shape
            and self.mean <= MEAN_DIFFERENCE
            and self.block <= BLOCK_DIFFERENCE
            and self.ink == 0
        )


def compare(one: Image, other: Image, dpi: float) -> Likeness:
    """Compare two drawings in colour, uint8, shape (height, width, 3), of resolution ``dpi``."""
    height, width = one.shape[:2]
    across = abs(other.shape[1] - width) / max(width, 1)
    down = abs(other.shape[0] - height) / max(height, 1)
    same_shape = max(across, down) < 0.02 or max(
        abs(other.shape[1] - width), abs(other.shape[0] - height)
    ) <= 2  # fmt: skip
    if one.shape != other.shape:
        other = np.asarray(cv2.resize(other, (width, height), interpolation=cv2.INTER_AREA))
    apart = cv2.absdiff(one, other).max(axis=2).astype(np.float32)
    side = max(2, round(BLOCK_MM / 25.4 * dpi))
    ink, theirs = _ink(one, side), _ink(other, side)
    lost = np.abs(ink - theirs)
    lost[lost <= np.maximum(INK_DIFFERENCE, INK_SHARE * np.maximum(ink, theirs))] = 0
    return Likeness(
        mean=float(apart.mean()),
        block=float(_blocks(apart, side).max()),
        ink=float(lost.max()),
        same_shape=same_shape,
    )


def _ink(pixels: Image, side: int) -> NDArray[np.float32]:
    """Of each block, how much darker it is in the mean than its own paper."""
    darkest = pixels.min(axis=2)
    paper = cv2.dilate(darkest, np.ones((side, side), np.uint8))
    return _blocks((paper - darkest).astype(np.float32), side)


def _blocks(values: NDArray[np.float32], side: int) -> NDArray[np.float32]:
    """The mean of each block; a rest at the edge belongs to the block before."""
    rows = range(0, max(1, values.shape[0] - side // 2), side)
    columns = range(0, max(1, values.shape[1] - side // 2), side)
    sums = np.add.reduceat(np.add.reduceat(values, rows, axis=0), columns, axis=1)
    heights = np.diff([*rows, values.shape[0]])
    widths = np.diff([*columns, values.shape[1]])
    return np.asarray(sums / np.outer(heights, widths), np.float32)


def unlike(source: Path, written: Path, pages: Iterable[PageReading]) -> dict[int, Likeness]:
    """Those of ``pages`` that ``written`` shows otherwise than ``source``, with how far.

    ``written`` is the PDF/A of all pages of ``source``. A page that cannot be drawn is unlike.
    """
    found = {}
    with _kept_open(written) as page_of:
        for reading in pages:
            likeness = _likeness(source, page_of, reading)
            if not likeness.alike:
                found[reading.number] = likeness
    return found


def likeness(source: Path, written: Path, reading: PageReading) -> Likeness:
    """How far the page is apart in ``source`` and in ``written``, its PDF/A."""
    with _kept_open(written) as page_of:
        return _likeness(source, page_of, reading)


def _likeness(source: Path, written: "_Pages", reading: PageReading) -> Likeness:
    try:
        with open_page(source, reading.number, forms=True) as page:
            stated, size = page_size(page), reading.size_as_stored  # as large as its paper
            most = 72 * float(np.sqrt(MOST_PIXELS / max(size[0] * size[1], 1.0)))
            dpi = min(DPI, most / FINER)
            before = _drawn(page, FINER * dpi * user_unit(page) * enlarged(size, stated))
            before = in_shape_of(size, before, stated)
        after = written.drawn(reading.number, FINER * dpi, max(before.shape[:2]))
    except (InputRejected, pdfium.PdfiumError, ValueError):
        return Likeness(255.0, 255.0, 255.0)
    before = np.ascontiguousarray(np.rot90(before, -(reading.rotation // 90) % 4))
    return compare(_reduced(before), _reduced(after), dpi)


def _reduced(pixels: Image) -> Image:
    size = [max(1, round(side / FINER)) for side in pixels.shape[1::-1]]
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def _drawn(page: "pdfium.PdfPage", dpi: float) -> Image:
    bitmap = page.render(
        scale=dpi / 72, draw_annots=True, may_draw_forms=True, prefer_bgrx=False, rev_byteorder=True
    )
    pixels = np.asarray(bitmap.to_numpy(), np.uint8)
    if pixels.ndim == 2:
        pixels = pixels[:, :, None]
    return np.repeat(pixels, 3, axis=2) if pixels.shape[2] == 1 else np.array(pixels[:, :, :3])


class _Pages:
    """The pages of a written file, which is opened anew after :data:`KEPT_BYTES`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._pdf: pdfium.PdfDocument | None = None
        self._left = 0

    def drawn(self, number: int, dpi: float, longest: int) -> Image:
        if self._pdf is None or self._left <= 0:
            self.close()
            self._pdf = pdfium.PdfDocument(self._path)
            self._left = KEPT_BYTES // max(1, self._path.stat().st_size // max(1, len(self._pdf)))
        self._left -= 1
        page = self._pdf[number - 1]
        try:
            most = max(page.get_size()) * dpi / 72
            scale = longest / most if abs(longest - most) > 0.02 * longest else 1.0
            return _drawn(page, dpi * scale)  # pages beyond PDF/A's limit are scaled down
        finally:
            page.close()

    def close(self) -> None:
        if self._pdf is not None:
            self._pdf.close()
        self._pdf = None


@contextmanager
def _kept_open(path: Path) -> Iterator[_Pages]:
    pages = _Pages(path)
    try:
        yield pages
    finally:
        pages.close()
