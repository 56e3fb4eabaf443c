"""Text that stands only in annotations: the stamps that digital signatures draw.

The appearance of every annotation is laid alone on an otherwise empty copy of its page, and read
there like any other text.
"""

import io
from pathlib import Path

import pikepdf
import pypdfium2 as pdfium

from ocr.files.appearances import appearances, placed
from ocr.files.digital import sane, text_words
from ocr.files.flattening import generate
from ocr.files.form_fields import is_signature
from ocr.files.open_pages import stated_unit
from ocr.files.wholeness import HEAD_BYTES, sniff
from ocr.values import Annotation, FileKind
from schemas.page import Word

_PDF_ERRORS = (
    pikepdf.PdfError,
    pdfium.PdfiumError,
    ValueError,
    TypeError,
    KeyError,
    RuntimeError,
    AttributeError,
)


def annotations(path: Path) -> tuple[Annotation, ...]:
    """The texts of all annotation appearances of a PDF, page by page, in drawing order.

    Also of those that are drawn from values: fields of forms, comments.
    Returns an empty tuple for pictures and for a PDF that cannot be opened. ``box`` is in points
    of the page as a viewer shows it; where :attr:`PageReading.rotation` is not 0, turn it with
    :func:`ocr.geometry.turned`.
    """
    found: list[Annotation] = []
    with path.open("rb") as file:
        if sniff(file.read(HEAD_BYTES)) is not FileKind.pdf:
            return ()
        try:
            with pikepdf.open(file, suppress_warnings=True) as pdf:
                generate(pdf)
                for number in range(1, len(pdf.pages) + 1):
                    for words in words_by_annotation(pdf, number):
                        found.append(_annotation(number, words, viewed_size(pdf.pages[number - 1])))
        except _PDF_ERRORS:
            return tuple(found)
    return tuple(found)


def annotation_words(path: Path, number: int) -> list[list[Word]]:
    """The words of each signature's stamp on one page; lines counted from 0 in each.

    All other annotations are part of their page (:mod:`ocr.files.flattening`).
    """
    try:
        with pikepdf.open(path, suppress_warnings=True) as pdf:
            return words_by_annotation(pdf, number, signatures=True)
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


def words_by_annotation(
    pdf: pikepdf.Pdf, number: int, *, signatures: bool = False
) -> list[list[Word]]:
    """The words of each annotation with text on page ``number``; lines counted from 0 in each.

    With ``signatures`` only of signatures' stamps.
    """
    page = pdf.pages[number - 1]
    drawn = [one for one in appearances(page) if not signatures or is_signature(one.annotation)]
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
