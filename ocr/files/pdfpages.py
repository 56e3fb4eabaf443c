"""Pages of a PDF: what they are made of, their text, their picture.

PDFium is not thread-safe and meets files of strangers: each process uses it for itself.
"""

import atexit
import ctypes
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import pikepdf
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from numpy.typing import NDArray

from ocr.cleaning import ink
from ocr.files.pictures import Scan, within_limit
from ocr.files.shown import area_shown, is_clipped, masked_pictures, picture_dpi
from ocr.options import ReadingOptions
from ocr.recognition.reader import clean
from schemas.errors import InputRejected
from schemas.page import Box, PageKind, Word

COVERING = 0.6
"""Part of the page from which pictures make it a scan."""
MAX_OBJECTS = 50_000
"""Objects looked at on a page; vector drawings have hundreds of thousands."""
MIN_DIGITAL_CHARS = 12
"""Fewer visible characters than this beside pictures or drawings are a stamp, not a page."""
MAX_SIDE_POINTS = 14_400.0
KEPT_BYTES = 12 << 20
"""Of a file, read through PDFium before it is opened anew; by the mean of its pages."""
UNITS = (0.01, 1_000.0)
"""Points that a page may have for its unit; other values are mistakes."""
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
    source_dpi: float
    """Of the largest picture; 0 without one."""
    sole_image: "pdfium.PdfImage | None"
    """The picture that is the whole visible page, upright and unmasked."""
    visible: set[int] = field(default_factory=set)
    """Addresses of the text objects that can be seen."""
    nested_hidden: bool = False
    """Whether text that nobody sees stands inside form objects."""
    annotated: bool = False


class _Document:
    """The document last used in this process, kept open: a page is read in one call each.

    PDFium keeps the data of every stream it has looked at until its document is closed (measured:
    500 scans of 0.5 MB cost 240 MB), so after :data:`KEPT_BYTES` the document is opened anew.
    """

    def __init__(self, *, forms: bool = False) -> None:
        self.forms = forms
        self.units: dict[int, float] = {}
        self.masked: dict[int, set[tuple[int, int]]] = {}
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
                self.units, self.masked = _stated(path)
            self.pdf, self.key = pdfium.PdfDocument(path), key
            self._left = KEPT_BYTES // max(1, status.st_size // max(1, len(self.pdf)))
            if self.forms:
                self.pdf.init_forms()
        return self.pdf

    def close(self) -> None:
        if self.pdf is not None:
            self.pdf.close()
        self.pdf = None


_open = _Document()
_open_with_forms = _Document(forms=True)
for _left in (_open, _open_with_forms):
    atexit.register(_left.close)  # or PDFium's binding prints the path of what was left open


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


def user_unit(page: "pdfium.PdfPage") -> float:
    """How many points a unit of the page's user space is; PDFium knows nothing of it."""
    for document in (_open, _open_with_forms):
        if document.pdf is page.pdf:
            return document.units.get(document.number, 1.0)
    return 1.0


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


def _stated(path: Path) -> tuple[dict[int, float], dict[int, set[tuple[int, int]]]]:
    """By page, from 1: units that are not a point, and sizes of pictures seen through masks."""
    units, masked = {}, {}
    try:
        with pikepdf.open(path, suppress_warnings=True) as pdf:
            for number, page in enumerate(pdf.pages, 1):
                if (unit := stated_unit(page)) != 1.0:
                    units[number] = unit
                if sizes := masked_pictures(page):
                    masked[number] = sizes
    except (pikepdf.PdfError, ValueError, TypeError, KeyError, RuntimeError, OSError):
        return {}, {}
    return units, masked


def _is_masked(image: "pdfium.PdfImage", page: "pdfium.PdfPage") -> bool:
    """Whether the picture may be seen through a mask; PDFium does not tell."""
    for document in (_open, _open_with_forms):
        if document.pdf is page.pdf:
            return image.get_px_size() in document.masked.get(document.number, set())
    return False


def makeup(page: "pdfium.PdfPage", options: ReadingOptions) -> Makeup:
    """Look at the objects of a page and say where its words come from.

    Raises:
        InputRejected: ``reading.too_many_pixels`` for a picture too large to decode.
    """
    area = max(page.get_width() * page.get_height(), 1.0)
    covered, largest, cover_at, paths = 0.0, 0.0, -1, 0
    source_dpi, image = 0.0, None
    texts: list[tuple[int, int, int, int]] = []
    images = 0
    for index, thing in enumerate(page.get_objects(max_depth=6)):
        if index >= MAX_OBJECTS:
            break
        if thing.type == pdfium_c.FPDF_PAGEOBJ_TEXT:
            mode = pdfium_c.FPDFTextObj_GetTextRenderMode(thing)
            texts.append((index, ctypes.addressof(thing.raw.contents), mode, thing.level))
        elif thing.type == pdfium_c.FPDF_PAGEOBJ_IMAGE:
            images += 1
            width, height = thing.get_px_size()
            if width * height > 0:
                within_limit(width, height, options)
            part = area_shown(thing, page) / area
            covered += part
            if part > largest:
                largest, image = part, thing
                source_dpi = picture_dpi(thing, width, height) / user_unit(page)
            if part >= COVERING:
                cover_at = index
        elif thing.type in {pdfium_c.FPDF_PAGEOBJ_PATH, pdfium_c.FPDF_PAGEOBJ_SHADING}:
            paths += 1
    visible = {
        address
        for index, address, mode, _ in texts
        if mode not in _HIDDEN_MODES and index > cover_at
    }
    if not visible:
        kind = PageKind.scan
    elif covered >= COVERING:
        kind = PageKind.mixed
    else:
        kind = PageKind.digital
    sole = image if images == 1 and not visible and not paths and _plain(image, page) else None
    return Makeup(
        kind=kind,
        source_dpi=source_dpi if kind is not PageKind.digital else 0.0,
        sole_image=sole,
        visible=visible,
        nested_hidden=any(level > 0 and address not in visible for _, address, _, level in texts),
        annotated=pdfium_c.FPDFPage_GetAnnotCount(page) > 0,
    )


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
    if _is_masked(image, page) or is_clipped(image, page):
        return False
    return not pdfium_c.FPDFPageObj_HasTransparency(image)


def scan(page: "pdfium.PdfPage", made: Makeup, dpi: float, options: ReadingOptions) -> Scan:
    """The page as a grey picture, without annotations.

    A page that is one picture gives that picture's own pixels, another is drawn at ``dpi`` (less
    where that would exceed the limit of pixels).

    Raises:
        InputRejected: ``reading.broken``.
    """
    width, height = page_size(page)
    unit = user_unit(page)
    if not (0 < width <= MAX_SIDE_POINTS * unit and 0 < height <= MAX_SIDE_POINTS * unit):
        raise InputRejected("reading.broken", kind="PDF")
    bilevel = False
    if made.sole_image is not None:
        bilevel = made.sole_image.get_metadata().bits_per_pixel == 1
        bitmap = made.sole_image.get_bitmap(render=False)
        pixels = bitmap.to_numpy()  # a view: the bitmap must outlive it
        grey = _grey(pixels)
        own = grey.shape[1] / width * 72
        squareness = own / (grey.shape[0] / height * 72)
        if 0.97 < squareness < 1.03:
            return Scan(grey, own, own, bilevel, width, height, ink.kept(pixels, own, dpi))
    dpi = min(dpi, 72 * float(np.sqrt(options.max_pixels / (width * height))))
    bitmap = page.render(
        scale=dpi / 72 * unit, draw_annots=False, may_draw_forms=False, prefer_bgrx=False
    )
    pixels = bitmap.to_numpy()
    colour = ink.kept(pixels, dpi, dpi)
    return Scan(_grey(pixels), dpi, made.source_dpi, bilevel, width, height, colour)


def _grey(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    if pixels.ndim == 2:
        return np.array(pixels)
    if pixels.shape[2] == 1:
        return np.array(pixels[:, :, 0])
    code = cv2.COLOR_BGR2GRAY if pixels.shape[2] == 3 else cv2.COLOR_BGRA2GRAY
    return np.asarray(cv2.cvtColor(pixels, code), dtype=np.uint8)


def text_words(page: "pdfium.PdfPage", visible: set[int] | None = None) -> list[Word]:
    """Words of the text layer in content order, boxes in points of the page as viewed.

    ``visible`` limits them to the text objects at these addresses. Confidence is 1: nothing was
    guessed.
    """
    text_page = page.get_textpage()
    try:
        count = text_page.count_chars()
        letters = [_Letter.at(text_page, index, visible) for index in range(count)]
    finally:
        text_page.close()
    return _words(letters, _to_view(page))


@dataclass(frozen=True)
class _Letter:
    char: str
    box: tuple[float, float, float, float] | None

    @classmethod
    def at(cls, text_page: "pdfium.PdfTextPage", index: int, visible: set[int] | None) -> "_Letter":
        char = chr(pdfium_c.FPDFText_GetUnicode(text_page, index))
        if char.isspace():
            return cls(char, None)
        if visible is not None:
            owner = pdfium_c.FPDFText_GetTextObject(text_page, index)
            if not owner or ctypes.addressof(owner.contents) not in visible:
                return cls(" ", None)
        return cls(char, text_page.get_charbox(index, loose=True))


def _words(letters: list[_Letter], view: "_View") -> list[Word]:
    words: list[Word] = []
    line, run = 0, list[_Letter]()

    def flush() -> None:
        text = clean(_joined("".join(letter.char for letter in run)))
        boxes = [letter.box for letter in run if letter.box is not None]
        run.clear()
        if text.strip() and boxes:
            left, right = min(b[0] for b in boxes), max(b[2] for b in boxes)
            bottom, top = min(b[1] for b in boxes), max(b[3] for b in boxes)
            box = view.box(left, bottom, right, top)
            words.append(Word(text=text.strip(), box=box, confidence=1.0, line=line))

    for letter in letters:
        if letter.char.isspace():
            flush()
            if letter.char in "\r\n" and words and words[-1].line == line:
                line += 1
        else:
            run.append(letter)
    flush()
    return words


def _joined(text: str) -> str:
    """UTF-16 surrogates that PDFium reports one by one, put together."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


@dataclass(frozen=True)
class _View:
    """From PDF user space to the page as viewed (points, origin top left)."""

    left: float
    bottom: float
    right: float
    top: float
    rotation: int
    unit: float

    def box(self, x0: float, y0: float, x1: float, y1: float) -> Box:
        box = self._turned(x0, y0, x1, y1)
        return (box[0] * self.unit, box[1] * self.unit, box[2] * self.unit, box[3] * self.unit)

    def _turned(self, x0: float, y0: float, x1: float, y1: float) -> Box:
        match self.rotation:
            case 90:
                return (y0 - self.bottom, x0 - self.left, y1 - self.bottom, x1 - self.left)
            case 180:
                return (self.right - x1, y0 - self.bottom, self.right - x0, y1 - self.bottom)
            case 270:
                return (self.top - y1, self.right - x1, self.top - y0, self.right - x0)
        return (x0 - self.left, self.top - y1, x1 - self.left, self.top - y0)


def _to_view(page: "pdfium.PdfPage") -> _View:
    left, bottom, right, top = page.get_bbox()
    return _View(left, bottom, right, top, page.get_rotation(), user_unit(page))


_LEGACY = re.compile(r"[^\W\d_][¸µ¶·¹®©ª«¬­¦§¨¾»¼½Æ£¥Ö×Þß][^\W\d_]|[^\W\d_][®¸µ¶·¹](?=\s|$)")
"""TCVN3 and VNI fonts seen as Latin-1: Vietnamese letters come out as signs inside words."""


def sane(words: list[Word]) -> bool:
    """Whether a text layer can be believed: no private, unknown or legacy-encoded letters."""
    text = " ".join(word.text for word in words)
    if not text:
        return False
    bad = sum(char == "\ufffd" or "\ue000" <= char <= "\uf8ff" for char in text)
    legacy = len(_LEGACY.findall(text))
    letters = sum(char.isalnum() for char in text)
    return bad <= 0.03 * len(text) and legacy <= 0.05 * len(words) and letters >= 0.3 * len(text)
