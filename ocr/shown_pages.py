"""Pages of our own PDF/As as small pictures for people's screens."""

import hashlib
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import ImageOps

from ocr.files import open_pages
from ocr.files.pictures import levelled, on_paper, open_picture, within_limit
from ocr.files.wholeness import HEAD_BYTES, sniff
from ocr.options import ReadingOptions
from ocr.values import FileKind
from schemas.errors import InputRejected
from schemas.page import Box
from schemas.views import PagePicture

MEDIA_TYPE = "image/webp"
QUALITY = 70
"""Of WebP: writing stays sharp, a page of 110 dpi takes some 40 kB."""


def shown_page(
    path: Path,
    number: int,
    dpi: float,
    zone: Box | None = None,
    options: ReadingOptions | None = None,
) -> PagePicture:
    """Page ``number`` (from 1) of a PDF as a viewer shows it, or a zone of it, as WebP.

    Args:
        path: the PDF; annotations and stamps are drawn.
        number: the page.
        dpi: pixels an inch; less where the page would be larger than is allowed.
        zone: in points of the upright page; what lies outside of the page is cut off.
        options: how large a picture may be.

    Raises:
        InputRejected: ``reading.broken``: the page cannot be drawn, or nothing of it is in the
            zone.
    """
    most = (options or ReadingOptions()).max_pixels
    with open_pages.open_page(path, number, forms=True) as page:
        width, height = open_pages.page_size(page)
        dpi = min(dpi, 72 * float(np.sqrt(most / max(width * height, 1.0))))
        bitmap = page.render(
            scale=dpi / 72 * open_pages.user_unit(page),
            draw_annots=True,
            may_draw_forms=True,
            prefer_bgrx=False,
        )
        pixels = np.array(bitmap.to_numpy())
    if zone is not None:
        left, top, right, bottom = (max(0, round(value * dpi / 72)) for value in zone)
        pixels = pixels[top:bottom, left:right]
    if pixels.size == 0:
        raise InputRejected("reading.broken", kind="PDF")
    return _encoded(pixels)


def shown_file(path: Path, longest: int, options: ReadingOptions) -> PagePicture:
    """The first page of a stranger's file, upright as it says, as WebP.

    Args:
        path: a PDF or a picture that :func:`ocr.inspect` accepted.
        longest: pixels of the longer side at most.
        options: how large a picture may be.

    Raises:
        InputRejected: ``reading.broken``, ``reading.too_many_pixels``.
    """
    with path.open("rb") as file:
        kind = sniff(file.read(HEAD_BYTES))
    if kind is None:
        raise InputRejected("reading.unknown_type")
    if kind is FileKind.pdf:
        with open_pages.open_page(path, 1) as page:
            height = max(open_pages.page_size(page))
        return shown_page(path, 1, 72 * longest / max(height, 1.0), None, options)
    with open_picture(path, kind, 1, options) as picture:
        within_limit(*picture.size, options)
        picture.draft("RGB", (longest, longest))
        upright = on_paper(ImageOps.exif_transpose(levelled(picture))).convert("RGB")
        upright.thumbnail((longest, longest))
    return _encoded(np.asarray(upright, dtype=np.uint8)[:, :, ::-1])


def _encoded(pixels: NDArray[np.uint8]) -> PagePicture:
    written, encoded = cv2.imencode(".webp", pixels, [cv2.IMWRITE_WEBP_QUALITY, QUALITY])
    if not written:
        raise InputRejected("reading.broken", kind="PDF")
    content = encoded.tobytes()
    return PagePicture(
        sha256=hashlib.sha256(content).hexdigest(),
        media_type=MEDIA_TYPE,
        width=pixels.shape[1],
        height=pixels.shape[0],
        content=content,
    )
