"""A page that was not read: too large, too slow, or damaged. It stays in its document, unread."""

from pathlib import Path

import pikepdf

from ocr.files.open_pages import stated_unit
from ocr.files.page_box import A4, page_box
from ocr.files.paper_size import Stated, resolution
from ocr.files.pictures import open_picture, upright
from ocr.files.tiff import TiffError, page_frame
from ocr.files.tiff_codecs import PILLOW_READS
from ocr.files.wholeness import HEAD_BYTES, sniff
from ocr.values import FileKind
from schemas.errors import InputRejected
from schemas.page import PageKind, PageReading

_ODD = (
    pikepdf.PdfError,
    TiffError,
    OSError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    RuntimeError,
)


def unread_page(number: int, code: str, size: tuple[float, float] = A4[2:]) -> PageReading:
    """Page ``number`` without words; ``code`` says why, ``size`` is in points."""
    return PageReading(
        number=number,
        width=size[0],
        height=size[1],
        dpi=0.0,
        rotation=0,
        skew=0.0,
        blank=False,
        kind=PageKind.scan,
        words=(),
        confidence=0.0,
        warnings=("reading.pages_unread",),
        problem=code,
    )


def size_of(path: Path, number: int) -> tuple[float, float]:
    """The size of a page in points as its file states it, nothing decoded; A4 where it does not."""
    try:
        with path.open("rb") as file:
            kind = sniff(file.read(HEAD_BYTES))
        if kind is FileKind.pdf:
            return _size_in_pdf(path, number)
        if kind is not None:
            return _size_of_picture(path, kind, number)
    except (InputRejected, *_ODD):
        pass
    return A4[2:]


def _size_in_pdf(path: Path, number: int) -> tuple[float, float]:
    with pikepdf.open(path, suppress_warnings=True) as pdf:
        page = pdf.pages[number - 1]
        (left, bottom, right, top), turn = page_box(page)
        unit = stated_unit(page)
        width, height = (right - left) * unit, (top - bottom) * unit
        return (height, width) if turn % 180 else (width, height)


def _size_of_picture(path: Path, kind: FileKind, number: int) -> tuple[float, float]:
    """By the header alone; upright as EXIF has it."""
    frame = page_frame(path, number) if kind is FileKind.tiff else None
    if frame is not None and frame.compression not in PILLOW_READS:
        size, stated = (frame.width, frame.height), Stated()
    else:
        with open_picture(path, kind, number) as picture:
            size, stated = upright(picture)
    found = resolution(size, stated, lambda: None)
    return max(1.0, size[0] * 72 / found.across), max(1.0, size[1] * 72 / found.down)
