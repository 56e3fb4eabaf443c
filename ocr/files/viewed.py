"""A page as a viewer shows it, in colour, with what lies in its annotations and form fields.

Only whether anything stands on a page is told by this picture; what is read is
:func:`ocr.files.pdfpages.scan` and :func:`ocr.files.pictures.load_picture`.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pypdfium2.raw as pdfium_c
from numpy.typing import NDArray
from PIL import ImageOps

from ocr import geometry
from ocr.files import open_pages, pdfpages, pictures
from ocr.files.pdf_size import enlarged, in_shape_of, paper_size
from ocr.options import ReadingOptions
from ocr.values import FileKind

DRAWN_DPI = 200.0
"""Of a PDF page; drawn finer than it is looked at, so that hairlines are not lost."""


@dataclass(frozen=True)
class Viewed:
    """A page as it lies in its file: uint8, shape (height, width) or (height, width, 3), blue,
    green and red; ``exact`` where no picture is on it, so that all of it was drawn on purpose."""

    pixels: NDArray[np.uint8]
    dpi: float
    exact: bool


def viewed(path: Path, kind: FileKind, number: int, dpi: float, options: ReadingOptions) -> Viewed:
    """Page ``number`` (from 1) at ``dpi`` of its paper or its own resolution, whichever is less.

    One without pictures comes at :data:`DRAWN_DPI`.

    Raises:
        InputRejected: ``reading.broken``, ``reading.too_many_pixels``.
    """
    if kind is FileKind.pdf:
        return _of_pdf(path, number, dpi, options)
    with pictures.open_picture(path, kind, number, options) as picture:
        size = picture.size
        pictures.within_limit(*size, options)
        full, stated = pictures.upright(picture)
        finest = pictures.at_least(full, stated)
        if kind is FileKind.jpeg and finest > dpi:
            small = (int(size[0] * dpi / finest) + 1, int(size[1] * dpi / finest) + 1)
            picture.draft("RGB", small)
        turned = ImageOps.exif_transpose(pictures.levelled(picture))
        grey = np.asarray(pictures.as_grey(turned), np.uint8)
        scan = pictures.page_of(grey, pictures.judged(full, stated, grey), full[0] / grey.shape[1])
        seen = scan.grey
        if turned.mode in pictures.COLOURED:
            colours = np.asarray(pictures.on_paper(turned).convert("RGB"), np.uint8)[:, :, ::-1]
            seen = pictures.squared(np.ascontiguousarray(colours), scan.grey.shape)
    own = scan.dpi
    return Viewed(geometry.reduced(np.ascontiguousarray(seen), dpi / own), min(dpi, own), False)


def _of_pdf(path: Path, number: int, dpi: float, options: ReadingOptions) -> Viewed:
    with open_pages.open_page(path, number, forms=True) as page:
        made = pdfpages.makeup(page, options)
        stated = open_pages.page_size(page)
        size = paper_size(page, made, options.ocr_dpi, options)
        most = 72 * float(np.sqrt(options.max_pixels / max(size[0] * size[1], 1.0)))
        drawn = min(DRAWN_DPI, most)
        bitmap = page.render(
            scale=drawn / 72 * open_pages.user_unit(page) * enlarged(size, stated),
            draw_annots=True,
            may_draw_forms=True,
            prefer_bgrx=False,
        )
        pixels = in_shape_of(size, np.array(bitmap.to_numpy()), stated)
        exact = not any(
            thing.type == pdfium_c.FPDF_PAGEOBJ_IMAGE for thing in page.get_objects(max_depth=6)
        )
    if pixels.ndim == 3:
        pixels = np.ascontiguousarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels[:, :, :3])
    if exact:
        return Viewed(pixels, drawn, exact)
    return Viewed(geometry.reduced(pixels, dpi / drawn), min(dpi, drawn), exact)
