"""Pictures of pages that were read, upright: for fields, marks and people to look at."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr import geometry
from ocr.cleaning import ink as inks
from ocr.cleaning.ink import Ink
from ocr.files import open_pages, pdfpages, pictures
from ocr.files.photographed import pdf_page, picture_page
from ocr.options import ReadingOptions
from ocr.taken import kind_of
from ocr.values import FileKind


@dataclass(frozen=True)
class UprightPage:
    """An upright page: ``grey`` uint8, shape (height, width), 255 is paper; ``colour`` the same
    with blue, green and red where the page has coloured ink, else None."""

    grey: NDArray[np.uint8]
    colour: NDArray[np.uint8] | None


def page_picture(
    path: Path,
    number: int,
    rotation: int,
    dpi: float,
    options: ReadingOptions | None = None,
    size: tuple[float, float] | None = None,
    photographed: bool | None = None,
) -> UprightPage:
    """The page upright, in grey and, where it has coloured ink, in colour.

    ``rotation`` and ``size`` are :attr:`~schemas.page.PageReading.rotation` and
    :attr:`~schemas.page.PageReading.size_as_stored` of the page's reading (``size`` is found out
    again where it is not given), ``photographed`` likewise; a pixel is ``72 / dpi`` points of the
    page's boxes.
    Not deskewed, and without the appearances of annotations.

    Raises:
        InputRejected: as :func:`read_page`.
    """
    scan, pixels = _scanned(path, number, dpi, options or ReadingOptions(), size, photographed)
    colour = None if scan.colour is None else _sized(scan.colour, pixels, rotation)
    return UprightPage(_sized(scan.grey, pixels, rotation), colour)


def page_image(
    path: Path,
    number: int,
    rotation: int,
    dpi: float,
    options: ReadingOptions | None = None,
    ink: Ink = Ink.every,
    size: tuple[float, float] | None = None,
) -> NDArray[np.uint8]:
    """The page in grey, upright, as :func:`page_picture`: uint8, shape (height, width).

    With ``ink`` only the black print is shown, or only what is coloured (seals, stamps, pens); the
    rest is paper.

    Raises:
        InputRejected: as :func:`read_page`.
    """
    scan, pixels = _scanned(path, number, dpi, options or ReadingOptions(), size)
    return _sized(inks.of_scan(scan.grey, scan.colour, ink), pixels, rotation)


def _scanned(
    path: Path,
    number: int,
    dpi: float,
    options: ReadingOptions,
    page_size: tuple[float, float] | None = None,
    photographed: bool | None = None,
) -> tuple[pictures.Scan, tuple[int, int]]:
    """The page as it lies in its file, and its width and height in pixels at ``dpi``."""
    kind = kind_of(path)
    if kind is FileKind.pdf:
        with open_pages.open_page(path, number) as page:
            made = pdfpages.makeup(page, options)
            scan = pdf_page(page, made, dpi, options, page_size, photographed)
    else:
        scan = picture_page(path, kind, number, dpi, options, page_size, photographed)
    size = (max(1, round(scan.width * dpi / 72)), max(1, round(scan.height * dpi / 72)))
    pictures.within_limit(*size, options)
    return scan, size


def _sized(image: NDArray[np.uint8], size: tuple[int, int], rotation: int) -> NDArray[np.uint8]:
    if size != image.shape[1::-1]:
        way = cv2.INTER_AREA if size[0] < image.shape[1] else cv2.INTER_CUBIC
        image = np.asarray(cv2.resize(image, size, interpolation=way), dtype=np.uint8)
    return geometry.turned_image(image, rotation)
