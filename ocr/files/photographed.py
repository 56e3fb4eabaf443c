"""Pages that came as photographs, laid flat when they are opened.

Whoever asks for a page gets an upright, flat, evenly lit sheet on white paper, and its resolution,
as from a scanner. Scans go through untouched. A photograph is decoded whole each time, so that its
sheet is found at the same place for words, for fields and for the page that people see.
"""

from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import pypdfium2 as pdfium
from numpy.typing import NDArray
from PIL import ImageOps

from ocr.cleaning import ink
from ocr.files import open_pages, pdfpages, pictures
from ocr.files.paper_size import DEFAULTS, Letters, Stated, letters_of, resolution
from ocr.files.pdf_size import sized_scan
from ocr.files.pictures import Scan
from ocr.options import ReadingOptions
from ocr.photographs.flat import coarser, flattened
from ocr.photographs.light import WHITE, denoised, evened
from ocr.photographs.outline import Outline
from ocr.photographs.recognised import Photograph, Said, camera_of, glance, recognised
from ocr.photographs.usable import faults
from ocr.values import FileKind
from schemas.page import PHOTOGRAPH, PageKind

Colour = NDArray[np.uint8]
Size = tuple[float, float]
"""Width and height in points."""

SHOWN_DPI = 300.0
"""Of the page that people see, at most; otherwise that of the photograph."""
DRAWN_PIXELS = 12_000_000
"""Of a PDF's page that is drawn to see whether it is a photograph."""
MOST_ENLARGING = 4.0
"""Of a photograph, to the resolution asked for; beyond it, nothing is gained."""
TRIM_MM = 1.4
"""Of a seen edge, in which nothing is written; the outline is that exact."""
LEAST_STATED = 100.0
"""Pixels per inch; what cameras write is less."""


class Flat(NamedTuple):
    """A photographed sheet laid flat: blue, green, red; its resolution, and its size in points."""

    pixels: Colour
    dpi: float
    size: Size
    source_dpi: float
    """That of the photograph on the sheet."""


def picture_page(
    path: Path,
    kind: FileKind,
    number: int,
    dpi: float,
    options: ReadingOptions,
    size: Size | None = None,
    photographed: bool | None = None,
) -> Scan:
    """As :func:`ocr.files.pictures.load_picture`; a photograph as the sheet that it shows.

    Args:
        path, kind, number, dpi, options: as there.
        size: the page's width and height in points, where they are known.
        photographed: whether it is a photograph, where that is known.

    Raises:
        InputRejected: ``reading.broken``, ``reading.too_many_pixels``.
    """
    if photographed is not True:
        scan = pictures.load_picture(path, kind, number, dpi, options, size)
        if photographed is False or scan.bilevel:
            return scan
        said = _said(path, kind, number, options)
        if not glance(scan.grey, said):
            return scan
    else:
        said = Said(camera=True)
    pixels = _decoded(path, kind, number, options)
    found = recognised(pixels, said)
    return scan if found is None else _as_scan(pixels, found, dpi, size)


def pdf_page(
    page: "pdfium.PdfPage",
    made: pdfpages.Makeup,
    dpi: float,
    options: ReadingOptions,
    size: Size | None = None,
    photographed: bool | None = None,
) -> Scan:
    """As :func:`ocr.files.pdf_size.sized_scan`; a photograph as the sheet that it shows.

    Raises:
        InputRejected: ``reading.broken``.
    """
    if photographed is not True:
        scan = sized_scan(page, made, dpi, options, size)
        one_picture = made.kind is PageKind.scan and len(made.pictures) == 1 and not made.stamped
        if photographed is False or scan.bilevel or not one_picture:
            return scan
        if not glance(scan.grey, Said()):
            return scan
    pixels = _drawn(page, made, options)
    found = recognised(pixels, Said(camera=photographed is True))
    return scan if found is None else _as_scan(pixels, found, dpi, size)


def shown_picture(
    path: Path, kind: FileKind, number: int, size: Size, options: ReadingOptions
) -> tuple[Colour, float]:
    """The page that people see of a photograph, in blue, green and red, and its resolution.

    Raises:
        InputRejected: as :func:`picture_page`.
    """
    return _shown(_decoded(path, kind, number, options), size)


def shown_pdf_page(
    page: "pdfium.PdfPage", size: Size, options: ReadingOptions
) -> tuple[Colour, float]:
    """The same of a PDF's page that is a photograph.

    Raises:
        InputRejected: as :func:`pdf_page`.
    """
    return _shown(_drawn(page, pdfpages.makeup(page, options), options), size)


def _shown(pixels: Colour, size: Size) -> tuple[Colour, float]:
    found = _of_known(pixels)
    flat = _laid(pixels, found, SHOWN_DPI, size, enlarged=False)
    return flat.pixels, flat.dpi


def _of_known(pixels: Colour) -> Photograph:
    found = recognised(pixels, Said(camera=True))
    if found is None:
        raise ValueError("whatever a camera made is a photograph")
    return found


def _as_scan(pixels: Colour, found: Photograph, dpi: float, size: Size | None) -> Scan:
    flat = _laid(pixels, found, dpi, size)
    grey = np.asarray(cv2.cvtColor(flat.pixels, cv2.COLOR_BGR2GRAY), np.uint8)
    return Scan(
        grey=grey,
        dpi=flat.dpi,
        source_dpi=flat.source_dpi,
        bilevel=False,
        width=flat.size[0],
        height=flat.size[1],
        colour=ink.kept(flat.pixels, flat.dpi, dpi),
        warnings=(PHOTOGRAPH, *faults(grey, flat.dpi, flat.source_dpi, found)),
    )


def _laid(
    pixels: Colour, found: Photograph, dpi: float, size: Size | None, *, enlarged: bool = True
) -> Flat:
    """The sheet at ``dpi``, or at the photograph's own resolution where that is less and it is not
    to be ``enlarged``; of ``size``, or as large as its letters make it likeliest."""
    sheet = found.sheet
    if size is None:
        size = _paper(pixels, found)
    own = float(np.sqrt(sheet.width * sheet.height / (size[0] * size[1]))) * 72
    finest = min(dpi, own * MOST_ENLARGING if enlarged else own)
    across, down = (max(1, round(side * finest / 72)) for side in size)
    pixels, sheet = coarser(pixels, sheet, (across, down))
    flat = evened(flattened(denoised(pixels, found.light), sheet, (across, down)), finest)
    _trim(flat, found.outline, finest)
    return Flat(flat, across * 72 / size[0], size, own)


def _trim(flat: Colour, found: Outline | None, dpi: float) -> None:
    """Paint over what is seen of the desk beside the sheet's own edges."""
    if found is None:
        return
    rim = max(1, round(TRIM_MM / 25.4 * dpi))
    sides = (flat[:rim], flat[:, -rim:], flat[-rim:], flat[:, :rim])
    for side, seen in zip(sides, found.seen, strict=True):
        if seen:
            side[:] = round(WHITE)


def _paper(pixels: Colour, found: Photograph) -> Size:
    """The likeliest size of the sheet, by its proportions and its letters."""
    sheet = found.sheet
    across, down = max(1, round(sheet.width)), max(1, round(sheet.height))

    def letters() -> Letters | None:
        flat = flattened(pixels, sheet, (across, down))
        grey = cv2.cvtColor(evened(flat, max(across, down) / 11.7), cv2.COLOR_BGR2GRAY)
        return letters_of(np.asarray(grey, np.uint8))

    made = resolution((across, down), Stated(), letters)
    return across * 72 / made.across, down * 72 / made.across


def _said(path: Path, kind: FileKind, number: int, options: ReadingOptions) -> Said:
    """What a picture file says of how it was made."""
    with pictures.open_picture(path, kind, number, options) as picture:
        size, stated = pictures.upright(picture)
        known = stated.across >= LEAST_STATED and not stated.default
        asked: list[None] = []

        def letters() -> None:
            asked.append(None)

        resolution(size, stated, letters)
        return Said(camera=camera_of(picture), paper=known and not asked)


def _decoded(path: Path, kind: FileKind, number: int, options: ReadingOptions) -> Colour:
    """A picture file in blue, green and red, upright as it says."""
    with pictures.open_picture(path, kind, number, options) as picture:
        pictures.within_limit(*picture.size, options)
        turned = ImageOps.exif_transpose(pictures.levelled(picture))
        plain = pictures.as_grey(turned) if turned.mode == "I;16" else pictures.on_paper(turned)
        return np.ascontiguousarray(np.asarray(plain.convert("RGB"), np.uint8)[:, :, ::-1])


def _drawn(page: "pdfium.PdfPage", made: pdfpages.Makeup, options: ReadingOptions) -> Colour:
    """A PDF's page in blue, green and red: its one picture's own pixels where it is that."""
    if made.sole_image is not None:
        pixels = np.array(made.sole_image.get_bitmap(render=False).to_numpy())
    else:
        width, height = open_pages.page_size(page)
        most = 72 * float(np.sqrt(DRAWN_PIXELS / max(width * height, 1.0)))
        pixels, _ = pdfpages.drawn(page, min(max(made.source_dpi, DEFAULTS[0]), most), options)
    if pixels.ndim == 2 or pixels.shape[2] == 1:
        return np.asarray(cv2.cvtColor(pixels.reshape(pixels.shape[:2]), cv2.COLOR_GRAY2BGR))
    return np.ascontiguousarray(pixels[:, :, :3])
