"""Pages that came as photographs: shown as the sheet that the photograph shows, laid flat.

The photograph itself stays in the store, as every file that came in. The page is a picture of our
own, no finer than the photograph.
"""

from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from ocr.files import open_pages
from ocr.files.photographed import shown_pdf_page, shown_picture
from ocr.options import ReadingOptions
from ocr.pdfa.drawing import picture_content
from ocr.pdfa.embedding import embed_jpeg
from ocr.pdfa.layers import layered
from ocr.pdfa.sheets import OutputPage
from ocr.values import FileKind
from schemas.page import PageReading, Shown

QUALITY = 88
"""Of the JPEG; a photograph's own is mostly less."""


def straightened_sheet(
    path: Path, kind: FileKind, reading: PageReading, options: ReadingOptions, *, compact: bool
) -> OutputPage:
    """The page of a photograph, with its words to be laid over; in layers if ``compact``.

    Raises:
        InputRejected: ``reading.broken``, ``reading.too_many_pixels``.
    """
    size = reading.size_as_stored
    if kind is FileKind.pdf:
        with open_pages.open_page(path, reading.number) as page:
            pixels, dpi = shown_pdf_page(page, size, options)
    else:
        pixels, dpi = shown_picture(path, kind, reading.number, size, options)
    picture = Image.fromarray(np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB), np.uint8))
    image, shown = embed_jpeg(picture, QUALITY, subsampling=2), Shown.straightened
    images = {"/Page": image}
    if compact and (layers := layered(picture, dpi, len(image.data))) is not None:
        images, shown = layers, Shown.layered
    return OutputPage(
        media=(0.0, 0.0, *size),
        rotation=reading.rotation,
        content=picture_content(*size, *images),
        words=reading.words,
        images=images,
        shown=shown,
        exact=True,
    )
