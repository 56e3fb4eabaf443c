"""Text that stands only in annotations: the stamps that digital signatures draw.

The appearance of every annotation is laid alone on an otherwise empty copy of its page, and read
there like any other text.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pikepdf
import pypdfium2 as pdfium

from ocr.files.pdfpages import sane, stated_unit, text_words
from ocr.files.wholeness import HEAD_BYTES, sniff
from ocr.values import Annotation, FileKind
from schemas.page import Word

_HIDDEN, _NO_VIEW = 2, 32
_MAX_PER_PAGE = 500
_PDF_ERRORS = (
    pikepdf.PdfError,
    pdfium.PdfiumError,
    ValueError,
    TypeError,
    KeyError,
    RuntimeError,
    AttributeError,
)


@dataclass(frozen=True)
class Appearance:
    """What a visible annotation draws: a form XObject and where it goes."""

    form: pikepdf.Object
    matrix: tuple[float, float, float, float, float, float]
    """From the form's space, its own ``/Matrix`` applied, to the page (ISO 32000-1, 12.5.5)."""


def annotations(path: Path) -> tuple[Annotation, ...]:
    """The texts of all annotation appearances of a PDF, page by page, in drawing order.

    Returns an empty tuple for pictures and for a PDF that cannot be opened. ``box`` is in points
    of the page as a viewer shows it; where :attr:`PageReading.rotation` is not 0, turn it with
    :func:`ocr.cleaning.geometry.turned`.
    """
    found: list[Annotation] = []
    with path.open("rb") as file:
        if sniff(file.read(HEAD_BYTES)) is not FileKind.pdf:
            return ()
        try:
            with pikepdf.open(file, suppress_warnings=True) as pdf:
                for number in range(1, len(pdf.pages) + 1):
                    for words in words_by_annotation(pdf, number):
                        found.append(_annotation(number, words, viewed_size(pdf.pages[number - 1])))
        except _PDF_ERRORS:
            return tuple(found)
    return tuple(found)


def annotation_words(path: Path, number: int) -> list[list[Word]]:
    """The words of each annotation with text on one page; lines counted from 0 in each."""
    try:
        with pikepdf.open(path, suppress_warnings=True) as pdf:
            return words_by_annotation(pdf, number)
    except _PDF_ERRORS:
        return []


def viewed_size(page: pikepdf.Page) -> tuple[float, float]:
    """Width and height in points of a page as a viewer shows it."""
    box, unit = page.cropbox, stated_unit(page)
    width, height = (abs(float(box[at + 2]) - float(box[at])) * unit for at in (0, 1))
    return (height, width) if int(page.obj.get("/Rotate", 0)) % 180 else (width, height)


def _annotation(number: int, words: list[Word], size: tuple[float, float]) -> Annotation:
    lines: dict[int, list[str]] = {}
    for word in words:
        lines.setdefault(word.line, []).append(word.text)
    boxes = [word.box for word in words]
    around = (
        min(box[0] for box in boxes),
        min(box[1] for box in boxes),
        max(box[2] for box in boxes),
        max(box[3] for box in boxes),
    )
    return Annotation(
        page=number,
        box=around,
        page_size=size,
        text="\n".join(" ".join(line) for line in lines.values()),
    )


def words_by_annotation(pdf: pikepdf.Pdf, number: int) -> list[list[Word]]:
    """The words of each annotation with text on page ``number``; lines counted from 0 in each."""
    page = pdf.pages[number - 1]
    drawn = list(appearances(page))
    if not drawn:
        return []
    unit = stated_unit(page)
    alone = pikepdf.new()
    for appearance in drawn:
        alone.add_blank_page()
        sheet = alone.pages[-1]
        for key in ("/MediaBox", "/CropBox", "/Rotate"):
            if key in page.obj:
                sheet.obj[key] = _copied(alone, pdf, page.obj[key])
        sheet.obj.Resources = pikepdf.Dictionary(
            XObject=pikepdf.Dictionary(A=_copied(alone, pdf, appearance.form))
        )
        sheet.obj.Contents = alone.make_stream(placed("/A", appearance))
    buffer = io.BytesIO()
    alone.save(buffer)
    found = []
    with pdfium.PdfDocument(buffer.getvalue()) as read:
        for index in range(len(read)):
            words = text_words(read[index])
            if sane(words):
                found.append([_in_points(word, unit) for word in words] if unit != 1 else words)
    return found


def _in_points(word: Word, unit: float) -> Word:
    x0, y0, x1, y1 = (value * unit for value in word.box)
    return word.model_copy(update={"box": (x0, y0, x1, y1)})


def _copied(target: pikepdf.Pdf, source: pikepdf.Pdf, thing: pikepdf.Object) -> pikepdf.Object:
    if not isinstance(thing, pikepdf.Object):
        return thing
    if not thing.is_indirect:
        thing = source.make_indirect(thing)
    return target.copy_foreign(thing)


def placed(name: str, appearance: Appearance) -> bytes:
    """Content that draws the appearance under its resource name."""
    numbers = " ".join(f"{value:.5f}" for value in appearance.matrix)
    return f"q {numbers} cm {name} Do Q\n".encode("ascii")


def appearances(page: pikepdf.Page) -> Iterator[Appearance]:
    """The appearances of a page's visible annotations, in drawing order."""
    listed = page.obj.get("/Annots")
    if not isinstance(listed, pikepdf.Array):
        return
    for index, annotation in enumerate(listed):
        if index >= _MAX_PER_PAGE:
            return
        if not isinstance(annotation, pikepdf.Dictionary):
            continue
        flags = int(annotation.get("/F", 0))
        if flags & (_HIDDEN | _NO_VIEW) or annotation.get("/Subtype") == pikepdf.Name.Popup:
            continue
        form = _normal_appearance(annotation)
        matrix = _matrix(annotation, form) if form is not None else None
        if form is not None and matrix is not None:
            yield Appearance(form, matrix)


def _normal_appearance(annotation: pikepdf.Object) -> pikepdf.Object | None:
    states = annotation.get("/AP")
    form = states.get("/N") if isinstance(states, pikepdf.Dictionary) else None
    if isinstance(form, pikepdf.Dictionary) and not isinstance(form, pikepdf.Stream):
        form = form.get(str(annotation.get("/AS", "/Off")))
    return form if isinstance(form, pikepdf.Stream) else None


def _matrix(
    annotation: pikepdf.Object, form: pikepdf.Object
) -> tuple[float, float, float, float, float, float] | None:
    """The algorithm of ISO 32000-1, 12.5.5: the transformed bounding box fills the rectangle."""
    try:
        left, bottom, right, top = (float(value) for value in annotation.Rect)
        x0, y0, x1, y1 = (float(value) for value in form.BBox)
        own = [float(value) for value in form.get("/Matrix", [1, 0, 0, 1, 0, 0])]
    except (AttributeError, TypeError, ValueError, KeyError):
        return None
    left, right, bottom, top = (
        min(left, right),
        max(left, right),
        min(bottom, top),
        max(bottom, top),
    )
    a, b, c, d, e, f = own
    corners = [(a * x + c * y + e, b * x + d * y + f) for x in (x0, x1) for y in (y0, y1)]
    low_x, high_x = min(x for x, _ in corners), max(x for x, _ in corners)
    low_y, high_y = min(y for _, y in corners), max(y for _, y in corners)
    if high_x - low_x <= 0 or high_y - low_y <= 0 or right - left <= 0 or top - bottom <= 0:
        return None
    across, up = (right - left) / (high_x - low_x), (top - bottom) / (high_y - low_y)
    return (across, 0.0, 0.0, up, left - low_x * across, bottom - low_y * up)
