"""PDF files kept open for the pages that are read from them one by one.

PDFium is not thread-safe and meets files of strangers: each process uses it for itself. What is
opened is the file with its annotations drawn into the pages (:mod:`ocr.files.flattening`), which
for most files is the file itself.
"""

import atexit
import ctypes
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import pikepdf
import pypdfium2 as pdfium

from ocr.files.appearances import appearances
from ocr.files.flattening import flatten
from ocr.files.form_fields import is_signature
from ocr.files.shown import masked_pictures
from schemas.errors import InputRejected

KEPT_BYTES = 12 << 20
"""Of a file, read through PDFium before it is opened anew; by the mean of its pages."""
UNITS = (0.01, 1_000.0)
"""Points that a page may have for its unit; other values are mistakes."""


@dataclass
class StatedPages:
    """What PDFium does not tell of a file, by number of the page from 1."""

    units: dict[int, float] = field(default_factory=dict)
    """User units that are not a point."""
    masked: dict[int, set[tuple[int, int]]] = field(default_factory=dict)
    """Sizes of pictures that are seen through masks."""
    stamped: set[int] = field(default_factory=set)
    """Pages with the stamp of a signature."""
    lacking: frozenset[int] = frozenset()
    """Pages with a form value of which a letter cannot be drawn."""
    flattened: BinaryIO | None = None
    """The file with its annotations drawn into the pages, where that makes a difference."""


class _Document:
    """The document last used in this process, kept open: a page is read in one call each.

    PDFium keeps the data of every stream it has looked at until its document is closed (measured:
    500 scans of 0.5 MB cost 240 MB), so after :data:`KEPT_BYTES` the document is opened anew.
    """

    def __init__(self, *, forms: bool = False) -> None:
        self.forms = forms
        self.stated = StatedPages()
        self.number = 0
        self._left = 0
        self.key: tuple[object, ...] = ()
        self.pdf: pdfium.PdfDocument | None = None

    def get(self, path: Path) -> "pdfium.PdfDocument":
        status = path.stat()
        key = (str(path), status.st_ino, status.st_size, status.st_mtime_ns)
        self._left -= 1
        if self.pdf is None or key != self.key or self._left < 0:
            self.close()
            if key != self.key:
                self.forget()
                self.stated = _stated(path)
            self.pdf, self.key = pdfium.PdfDocument(self.stated.flattened or path), key
            self._left = KEPT_BYTES // max(1, status.st_size // max(1, len(self.pdf)))
            if self.forms:
                self.pdf.init_forms()
        return self.pdf

    def close(self) -> None:
        if self.pdf is not None:
            self.pdf.close()
        self.pdf = None

    def forget(self) -> None:
        self.close()
        if self.stated.flattened is not None:
            self.stated.flattened.close()
        self.stated, self.key = StatedPages(), ()


_open = _Document()
_open_with_forms = _Document(forms=True)
for _left in (_open, _open_with_forms):
    atexit.register(_left.forget)  # or PDFium's binding prints the path of what was left open


@contextmanager
def open_page(path: Path, number: int, *, forms: bool = False) -> Iterator["pdfium.PdfPage"]:
    """Page ``number`` (from 1) of a PDF; with ``forms`` the stamps of signatures can be drawn.

    Raises:
        InputRejected: ``reading.broken`` when the page cannot be loaded or drawn.
    """
    document = _open_with_forms if forms else _open
    try:
        page = document.get(path)[number - 1]
        document.number = number
    except (pdfium.PdfiumError, OSError, IndexError) as exc:
        document.close()
        raise InputRejected("reading.broken", kind="PDF") from exc
    try:
        yield page
    except (pdfium.PdfiumError, ValueError, ctypes.ArgumentError) as exc:
        raise InputRejected("reading.broken", kind="PDF") from exc
    finally:
        page.close()


def _of(page: "pdfium.PdfPage") -> tuple[StatedPages, int]:
    for document in (_open, _open_with_forms):
        if document.pdf is page.pdf:
            return document.stated, document.number
    return StatedPages(), 0


def user_unit(page: "pdfium.PdfPage") -> float:
    """How many points a unit of the page's user space is; PDFium knows nothing of it."""
    stated, number = _of(page)
    return stated.units.get(number, 1.0)


def has_stamps(page: "pdfium.PdfPage") -> bool:
    """Whether a signature's stamp is seen on the page."""
    stated, number = _of(page)
    return number in stated.stamped


def lacks_letters(page: "pdfium.PdfPage") -> bool:
    """Whether a form value on the page has letters that no font here has."""
    stated, number = _of(page)
    return number in stated.lacking


def is_masked(image: "pdfium.PdfImage", page: "pdfium.PdfPage") -> bool:
    """Whether the picture may be seen through a mask; PDFium does not tell."""
    stated, number = _of(page)
    return image.get_px_size() in stated.masked.get(number, set())


def stated_unit(page: pikepdf.Page) -> float:
    """A page's ``/UserUnit`` (ISO 32000-1, 7.7.3.3); 1 for one that cannot be."""
    try:
        unit = float(page.obj.get("/UserUnit", 1))
    except (TypeError, ValueError):
        return 1.0
    return unit if UNITS[0] <= unit <= UNITS[1] else 1.0


def page_size(page: "pdfium.PdfPage") -> tuple[float, float]:
    """Width and height in points as a viewer shows the page, ``/UserUnit`` applied."""
    width, height = page.get_size()
    unit = user_unit(page)
    return width * unit, height * unit


def _stated(path: Path) -> StatedPages:
    stated = StatedPages()
    try:
        with pikepdf.open(path, suppress_warnings=True) as pdf:
            for number, page in enumerate(pdf.pages, 1):
                if (unit := stated_unit(page)) != 1.0:
                    stated.units[number] = unit
                if sizes := masked_pictures(page):
                    stated.masked[number] = sizes
                if any(is_signature(one.annotation) for one in appearances(page)):
                    stated.stamped.add(number)
            lacking = flatten(pdf)
            if lacking is not None:
                stated.lacking = lacking
                stated.flattened = tempfile.TemporaryFile(prefix="sohoa-flat-")  # noqa: SIM115
                pdf.save(stated.flattened, encryption=False)
                stated.flattened.seek(0)
    except (
        pikepdf.PdfError, ValueError, TypeError, KeyError, AttributeError, RuntimeError, OSError,
    ):  # fmt: skip
        return StatedPages()
    return stated
