"""Pages of a PDF: what they are made of, and their picture."""

import ctypes
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import cv2
import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from numpy.typing import NDArray

from ocr.cleaning import ink
from ocr.files.open_pages import has_stamps, is_masked, page_size, user_unit
from ocr.files.pictures import Scan, within_limit
from ocr.files.shown import area_shown, is_clipped, picture_dpi
from ocr.options import ReadingOptions
from schemas.errors import InputRejected
from schemas.page import PageKind

COVERING = 0.6
"""Part of the page from which pictures make it a scan."""
MAX_OBJECTS = 50_000
"""Objects looked at on a page; vector drawings have hundreds of thousands."""
MAX_SIDE_POINTS = 14_400.0
_HIDDEN_MODES = {pdfium_c.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium_c.FPDF_TEXTRENDERMODE_CLIP}
_PLAIN_COLOURS = {
    pdfium_c.FPDF_COLORSPACE_DEVICEGRAY,
    pdfium_c.FPDF_COLORSPACE_DEVICERGB,
    pdfium_c.FPDF_COLORSPACE_CALGRAY,
    pdfium_c.FPDF_COLORSPACE_CALRGB,
    pdfium_c.FPDF_COLORSPACE_ICCBASED,
    pdfium_c.FPDF_COLORSPACE_INDEXED,
}


@dataclass
class Makeup:
    """What a page is made of."""

    kind: PageKind
    """By its objects: text that can be drawn, pictures that cover the page, or both."""
    source_dpi: float
    """Of the largest picture; 0 without one."""
    sole_image: "pdfium.PdfImage | None"
    """The picture that is the whole visible page, upright and unmasked."""
    ground: "pdfium.PdfImage | None" = None
    """The same, but that text may stand over it."""
    visible: "dict[int, pdfium.PdfObject]" = field(default_factory=dict)
    """Text objects that are drawn, by their addresses; whether they are seen is not said."""
    texts: list[tuple[int, int]] = field(default_factory=list)
    """Addresses of all text objects in drawing order, and how deep in form objects each stands."""
    pictures: "list[pdfium.PdfImage]" = field(default_factory=list)
    drawn: bool = False
    """Whether there is anything but text."""
    nested_hidden: bool = False
    """Whether text that nobody sees stands inside form objects."""
    stamped: bool = False
    """Whether a signature's stamp is seen on the page."""


def makeup(page: "pdfium.PdfPage", options: ReadingOptions) -> Makeup:
    """Look at the objects of a page and say where its words may come from.

    Raises:
        InputRejected: ``reading.too_many_pixels`` for a picture too large to decode.
    """
    area = max(page.get_width() * page.get_height(), 1.0)
    covered, largest, paths = 0.0, 0.0, 0
    source_dpi, image, image_at = 0.0, None, -1
    texts: list[tuple[int, pdfium.PdfObject, bool]] = []
    pictures: list[pdfium.PdfImage] = []
    for index, thing in enumerate(page.get_objects(max_depth=6)):
        if index >= MAX_OBJECTS:
            paths += 1  # what comes then is seen in the picture of the page only
            break
        if thing.type == pdfium_c.FPDF_PAGEOBJ_TEXT:
            mode = pdfium_c.FPDFTextObj_GetTextRenderMode(thing)
            texts.append((index, thing, mode not in _HIDDEN_MODES))
        elif thing.type == pdfium_c.FPDF_PAGEOBJ_IMAGE:
            pictures.append(thing)
            width, height = thing.get_px_size()
            if width * height > 0:
                within_limit(width, height, options)
            part = area_shown(thing, page) / area
            covered += part
            if part > largest:
                largest, image, image_at = part, thing, index
                source_dpi = picture_dpi(thing, width, height) / user_unit(page)
        elif thing.type in {pdfium_c.FPDF_PAGEOBJ_PATH, pdfium_c.FPDF_PAGEOBJ_SHADING}:
            paths += 1
    whole = len(pictures) == 1 and not paths and _plain(image, page)
    visible = {
        _address(thing): thing
        for index, thing, drawn in texts
        if drawn and not (whole and index < image_at)
    }
    if not visible:
        kind = PageKind.scan
    else:
        kind = PageKind.mixed if covered >= COVERING else PageKind.digital
    return Makeup(
        kind=kind,
        source_dpi=source_dpi,
        sole_image=image if whole and not visible else None,
        ground=image if whole else None,
        visible=visible,
        texts=[(_address(thing), thing.level) for _, thing, _ in texts],
        pictures=pictures,
        drawn=bool(pictures or paths),
        nested_hidden=any(
            thing.level > 0 and _address(thing) not in visible for _, thing, _ in texts
        ),
        stamped=has_stamps(page),
    )


def _address(thing: "pdfium.PdfObject") -> int:
    return ctypes.addressof(thing.raw.contents)


@contextmanager
def without(things: "Iterable[pdfium.PdfObject]") -> Iterator[None]:
    """While it lasts, pages are drawn without these objects."""
    listed = list(things)
    for thing in listed:
        pdfium_c.FPDFPageObj_SetIsActive(thing, False)
    try:
        yield
    finally:
        for thing in listed:
            pdfium_c.FPDFPageObj_SetIsActive(thing, True)


def _plain(image: "pdfium.PdfImage | None", page: "pdfium.PdfPage") -> bool:
    """Whether the picture's own pixels are the page: upright, not mirrored, no mask, no crop."""
    if image is None or image.level != 0 or page.get_rotation() != 0:
        return False
    a, b, c, d, e, f = image.get_matrix().get()
    x0, y0, x1, y1 = page.get_bbox()
    edges = (abs(e - x0), abs(f - y0), abs(e + a - x1), abs(f + d - y1))
    if a <= 0 or d <= 0 or abs(b) + abs(c) > 0.01 or max(edges) > 2.0:
        return False
    meta = image.get_metadata()
    if meta.colorspace not in _PLAIN_COLOURS or meta.bits_per_pixel not in {1, 8, 24}:
        return False
    if is_masked(image, page) or is_clipped(image, page):
        return False
    return not pdfium_c.FPDFPageObj_HasTransparency(image)


def scan(page: "pdfium.PdfPage", made: Makeup, dpi: float, options: ReadingOptions) -> Scan:
    """The page as a grey picture, without the stamps of signatures.

    A page that is one picture gives that picture's own pixels, another is drawn at ``dpi`` (less
    where that would exceed the limit of pixels).

    Raises:
        InputRejected: ``reading.broken``.
    """
    if made.sole_image is not None:
        own = own_pixels(page, made.sole_image, dpi)
        if own is not None:
            return own
    pixels, dpi = drawn(page, dpi, options)
    return as_scan(page, made, pixels, dpi)


def own_pixels(page: "pdfium.PdfPage", image: "pdfium.PdfImage", dpi: float) -> Scan | None:
    """The pixels of the picture that is the page; None where they are not square."""
    width, height = _limited_size(page)
    bilevel = image.get_metadata().bits_per_pixel == 1
    bitmap = image.get_bitmap(render=False)
    pixels = bitmap.to_numpy()  # a view: the bitmap must outlive it
    grey = _grey(pixels)
    own = grey.shape[1] / width * 72
    squareness = own / (grey.shape[0] / height * 72)
    if 0.97 < squareness < 1.03:
        return Scan(grey, own, own, bilevel, width, height, ink.kept(pixels, own, dpi))
    return None


def drawn(
    page: "pdfium.PdfPage", dpi: float, options: ReadingOptions
) -> tuple[NDArray[np.uint8], float]:
    """The page as PDFium draws it, and the resolution, ``dpi`` where the limit of pixels allows.

    Raises:
        InputRejected: ``reading.broken``.
    """
    width, height = _limited_size(page)
    dpi = min(dpi, 72 * float(np.sqrt(options.max_pixels / (width * height))))
    bitmap = page.render(
        scale=dpi / 72 * user_unit(page),
        draw_annots=False,
        may_draw_forms=False,
        prefer_bgrx=False,
    )
    return np.array(bitmap.to_numpy()), dpi


def as_scan(page: "pdfium.PdfPage", made: Makeup, pixels: NDArray[np.uint8], dpi: float) -> Scan:
    """What was drawn, as a picture to be read."""
    width, height = page_size(page)
    colour = ink.kept(pixels, dpi, dpi)
    return Scan(_grey(pixels), dpi, made.source_dpi, False, width, height, colour)


def _limited_size(page: "pdfium.PdfPage") -> tuple[float, float]:
    width, height = page_size(page)
    most = MAX_SIDE_POINTS * user_unit(page)
    if not (0 < width <= most and 0 < height <= most):
        raise InputRejected("reading.broken", kind="PDF")
    return width, height


def _grey(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    if pixels.ndim == 2:
        return np.array(pixels)
    if pixels.shape[2] == 1:
        return np.array(pixels[:, :, 0])
    code = cv2.COLOR_BGR2GRAY if pixels.shape[2] == 3 else cv2.COLOR_BGRA2GRAY
    return np.asarray(cv2.cvtColor(pixels, code), dtype=np.uint8)
