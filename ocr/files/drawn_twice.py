"""A page drawn with its text and without: the difference is what the text adds to what is seen."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import pypdfium2 as pdfium
from numpy.typing import NDArray

from ocr import geometry
from ocr.files import pdfpages
from ocr.files.digital import LaidWord
from ocr.files.open_pages import page_size
from ocr.files.pdf_size import Size
from ocr.options import ReadingOptions
from schemas.page import Box

ADDED = 24
"""Grey levels by which text differs from what lies under it to be seen."""
ADDED_COLUMNS = 0.2
"""Part of a word's columns in which it must."""
SMALLEST_POINTS = 2.6
"""Height of a line below which nobody reads it: about two points of type."""
FINE_POINTS, FINE_DPI = 8.0, 300.0
"""Below this mean height of lines, pages are drawn finer."""
MOST_PIXELS = 60_000_000
"""Of a drawing: there are two at a time, in colour, and what they differ by."""
PAPER = 160.0
"""Grey level from which a ground is paper, on which white letters are not seen."""

Image = NDArray[np.uint8]


@dataclass(frozen=True)
class DrawnTwice:
    """A page drawn with its text and without."""

    whole: Image
    bare: Image
    added: Image
    """How much the text adds, shape (height, width)."""
    dpi: float
    """Pixels of the drawings for an inch of the page's box."""
    size: tuple[float, float]
    """Of the page's box in points, as it is viewed."""
    factors: Size = (1.0, 1.0)
    """How much wider and higher the paper is than the page's box: letters are measured on it."""

    @classmethod
    def of(
        cls,
        page: "pdfium.PdfPage",
        made: pdfpages.Makeup,
        laid: Sequence[LaidWord],
        options: ReadingOptions,
        paper: Size,
    ) -> "DrawnTwice":
        """Draw an open page twice, as fine as its words need.

        ``paper`` is the size of the paper, as the page is viewed.

        Raises:
            InputRejected: ``reading.broken``.
        """
        size = page_size(page)
        factors = (paper[0] / size[0], paper[1] / size[1])
        scale = max(factors)
        heights = [scale * min(sides(one.word.box)) for one in laid if len(one.word.text) > 2]
        fine = bool(heights) and float(np.median(heights)) < FINE_POINTS
        width, height = (side * scale for side in size)
        most = 72 * float(np.sqrt(MOST_PIXELS / max(width * height, 1.0)))
        dpi = min(FINE_DPI if fine else float(options.ocr_dpi), most)
        whole, dpi = pdfpages.drawn(page, dpi * scale, options)
        with pdfpages.without(made.visible.values()):
            rest, _ = pdfpages.drawn(page, dpi, options)
        if whole.shape != rest.shape:  # PDFium draws in grey what has no colour
            whole, rest = _three(whole), _three(rest)
        added = cv2.absdiff(whole, rest)
        if added.ndim == 3:
            added = added.max(axis=2)
        return cls(whole, rest, np.asarray(added, np.uint8), dpi, size, factors)

    @property
    def paper_dpi(self) -> float:
        """Pixels of the drawings for an inch of the paper."""
        return self.dpi / max(self.factors)

    def shows(self, one: LaidWord) -> bool:
        """Whether a word adds anything to the page that can be seen and is large enough."""
        x0, y0, x1, y1 = one.word.box
        inside = geometry.clipped(one.word.box, *self.size)
        full = (x1 - x0) * (y1 - y0)
        area = (inside[2] - inside[0]) * (inside[3] - inside[1])
        side = 1 - one.turn // 90 % 2
        tall = self.factors[side] * sides(one.word.box)[side]
        if full <= 0 or area < 0.5 * full or tall < SMALLEST_POINTS:
            return False
        ink = self.crop(self.added, one.word.box) >= ADDED
        if ink.size == 0 or int(ink.sum()) < 2 or self._only_erases(one.word.box, ink):
            return False
        return float(ink.any(axis=one.turn // 90 % 2).mean()) >= ADDED_COLUMNS

    def _only_erases(self, box: Box, ink: NDArray[np.bool_]) -> bool:
        """Whether text as bright as the paper is seen only where it crosses other ink."""
        under, over = (_grey(self.crop(image, box)) for image in (self.bare, self.whole))
        paper = float(np.median(under))
        lightened = over[ink] > under[ink]
        return paper >= PAPER and float(lightened.mean()) > 0.9

    def crop(self, image: Image, box: Box) -> Image:
        """The part of a picture of the page in a box of points."""
        height, width = image.shape[:2]
        x0, y0, x1, y1 = (value * self.dpi / 72 for value in box)
        left, top = max(0, int(x0)), max(0, int(y0))
        return image[top : min(height, int(y1) + 1), left : min(width, int(x1) + 1)]


def sides(box: Box) -> tuple[float, float]:
    """Width and height."""
    return box[2] - box[0], box[3] - box[1]


def _grey(pixels: Image) -> Image:
    return pixels if pixels.ndim == 2 else np.asarray(pixels.mean(axis=2), np.uint8)


def _three(pixels: Image) -> Image:
    if pixels.ndim == 2:
        pixels = pixels[:, :, None]
    return np.repeat(pixels, 3, axis=2) if pixels.shape[2] == 1 else pixels[:, :, :3]
