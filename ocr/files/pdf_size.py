"""Pages of a PDF at the size of their paper, where the page box says another.

Programs that know no resolution write a point for each pixel, or take a scan of 300 dots per inch
for one of 1,200: the page is then a poster or a stamp, and its letters are of no size that anybody
prints. The page box is believed unless :mod:`ocr.files.paper_size` finds another size likelier.
"""

from collections.abc import Sequence
from dataclasses import replace
from statistics import median

import cv2
import numpy as np
import pypdfium2 as pdfium
from numpy.typing import NDArray

from ocr.files import open_pages, pdfpages
from ocr.files.digital import text_words
from ocr.files.paper_size import (
    COPY_PIXELS,
    DEFAULTS,
    FEWEST_LETTERS,
    SHEETS,
    SQUARE,
    USUAL_HEIGHT,
    USUAL_SHAPE,
    Letters,
    Resolution,
    Stated,
    letters_of,
    resolution,
)
from ocr.files.pictures import Scan, squared
from ocr.options import ReadingOptions
from schemas.page import Box, PageKind, Word

SAME = 0.02
"""Part by which a size found may differ from the stated one, which is then kept."""
CAPITALS = 0.6
"""Height of capital letters in heights of a word's box in a text layer."""
READABLE = (0.35, 3.5)
"""Heights of a digital page's letters, in usual ones, that need no explanation."""

Size = tuple[float, float]
"""Width and height in points."""
Pixels = NDArray[np.uint8]


def sized_scan(
    page: "pdfium.PdfPage",
    made: pdfpages.Makeup,
    dpi: float,
    options: ReadingOptions,
    size: Size | None = None,
) -> Scan:
    """As :func:`ocr.files.pdfpages.scan`, at the size of its paper.

    ``dpi`` is of that size. ``size`` is it, as the page is viewed, where it is known.

    Raises:
        InputRejected: ``reading.broken``.
    """
    stated = open_pages.page_size(page)
    if size is None:
        size = paper_size(page, made, dpi, options)
    factors = _factors(size, stated)
    if not changed(factors):
        return pdfpages.scan(page, made, dpi, options)
    scan = pdfpages.scan(page, made, dpi * max(factors), options)
    return on_paper(scan, size, stated)


def changed(factors: Size) -> bool:
    """Whether a page is to be scaled at all."""
    return any(abs(factor - 1) > SAME for factor in factors)


def enlarged(size: Size, stated: Size) -> float:
    """How much larger the paper is than the page's box, on the side where it is most."""
    return max(_factors(size, stated)) if min(stated) > 0 else 1.0


def paper_size(
    page: "pdfium.PdfPage", made: pdfpages.Makeup, dpi: float, options: ReadingOptions
) -> Size:
    """The likeliest size of an open page, by its text layer where pictures do not cover it.

    A page is drawn at ``dpi`` to measure its letters, where that is needed.

    Raises:
        InputRejected: ``reading.broken``.
    """
    stated = open_pages.page_size(page)
    if made.kind is PageKind.digital and min(stated) > 0 and not is_usual(stated):
        words = text_words(page, made.visible)
        if not made.drawn or _measured(words):
            return _if_changed(digital_size(stated, words), stated)
    return _if_changed(judged_size(page, made, stated, dpi, options), stated)


def _if_changed(size: Size, stated: Size) -> Size:
    """The stated size where the found one is nearly that: such a page is not scaled."""
    return size if min(stated) > 0 and changed(_factors(size, stated)) else stated


def _factors(size: Size, stated: Size) -> Size:
    return size[0] / stated[0], size[1] / stated[1]


def judged_size(
    page: "pdfium.PdfPage",
    made: pdfpages.Makeup,
    stated: Size,
    dpi: float,
    options: ReadingOptions,
) -> Size:
    """The likeliest size of a page; the stated one where nothing speaks against it."""
    if min(stated) <= 0 or is_usual(stated):
        return stated
    longest = max(stated)
    sheet = SHEETS[0] <= longest / 72 <= SHEETS[1]
    scan = pdfpages.scan(page, made, dpi if sheet else COPY_PIXELS * 72 / longest, options)
    pixels = (scan.grey.shape[1], scan.grey.shape[0])
    said = Stated.of(pixels[0] * 72 / stated[0], pixels[1] * 72 / stated[1])
    unknown = any(abs(made.source_dpi - one) < 1 for one in DEFAULTS)
    found = resolution(pixels, said._replace(default=unknown), lambda: letters_of(scan.grey))
    return stated if found.stated else _size(pixels, found, stated)


def _size(pixels: tuple[int, int], found: Resolution, stated: Size) -> Size:
    size = (pixels[0] * 72 / found.across, pixels[1] * 72 / found.down)
    factors = _factors(size, stated)
    if abs(factors[0] / factors[1] - 1) <= SQUARE:  # of one shape, to the last digit
        return (stated[0] * factors[1], stated[1] * factors[1])
    return size


def is_usual(size: Size) -> bool:
    """Whether a page of ``size`` is A4, letter, legal or folio, whose letters nobody looks at."""
    pixels = (max(1, round(size[0] * 10)), max(1, round(size[1] * 10)))
    asked: list[None] = []

    def letters() -> Letters | None:
        asked.append(None)
        return None

    resolution(pixels, Stated(720.0, 720.0), letters)
    return not asked


def on_paper(scan: Scan, size: Size, stated: Size) -> Scan:
    """A scan taken at the stated size, at the other one; its pixels are made square."""
    factors = _factors(size, stated)
    if not changed(factors):
        return scan
    across, down = scan.dpi / factors[0], scan.dpi / factors[1]
    grey, colour = scan.grey, scan.colour
    if abs(across / down - 1) > SQUARE:
        fine = max(across, down)
        shape = (max(1, round(size[1] * fine / 72)), max(1, round(size[0] * fine / 72)))
        if colour is not None:
            part = max(colour.shape[0] / grey.shape[0], colour.shape[1] / grey.shape[1])
            less = (max(1, round(shape[0] * part)), max(1, round(shape[1] * part)))
            colour = squared(colour, less)
        grey, across = squared(grey, shape), fine
    return replace(
        scan,
        grey=grey,
        colour=colour,
        dpi=across,
        source_dpi=scan.source_dpi / max(factors),
        width=size[0],
        height=size[1],
    )


def digital_size(size: Size, words: Sequence[Word]) -> Size:
    """The likeliest size of a page without a scan, by the letters of its text layer."""
    sides = _measured(words)
    if not sides or min(size) <= 0 or is_usual(size):
        return size
    tall = median(sides) * CAPITALS
    if tall <= 0 or READABLE[0] <= tall / USUAL_HEIGHT <= READABLE[1]:
        return size
    unit = 2_400 / max(size)  # any number of pixels would do
    pixels = (max(1, round(size[0] * unit)), max(1, round(size[1] * unit)))
    letters = Letters(tall * unit, USUAL_SHAPE)
    found = resolution(pixels, Stated.of(72 * unit, 72 * unit), lambda: letters)
    return size if found.stated else _size(pixels, found, size)


def _measured(words: Sequence[Word]) -> list[float]:
    """The heights of lines of a text layer; none where they are too few to tell a size."""
    sides = [min(_sides(word.box)) for word in words if len(word.text) > 1]
    return sides if len(sides) >= FEWEST_LETTERS else []


def _sides(box: Box) -> Size:
    return box[2] - box[0], box[3] - box[1]


def in_shape_of(size: Size, pixels: Pixels, stated: Size) -> Pixels:
    """A drawing of the page's box as that of its paper, whose pixels are square."""
    across, down = _factors(size, stated)
    if abs(across / down - 1) <= SQUARE:
        return pixels
    height, width = pixels.shape[:2]
    most = max(across, down)
    shape = (max(1, round(width * across / most)), max(1, round(height * down / most)))
    return np.asarray(cv2.resize(pixels, shape, interpolation=cv2.INTER_AREA), np.uint8)


def scaled(words: Sequence[Word], factors: Size) -> list[Word]:
    """Words of a page that becomes so many times wider and higher."""
    if factors == (1.0, 1.0):
        return list(words)
    across, down = factors
    return [
        word.model_copy(
            update={
                "box": (
                    word.box[0] * across,
                    word.box[1] * down,
                    word.box[2] * across,
                    word.box[3] * down,
                )
            }
        )
        for word in words
    ]
