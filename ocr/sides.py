"""Fields of a document on sheets with two pages side by side: each side read as a page of its own.

A form's zones and an administrative document's boxes are places on a page, not on a sheet. So the
sheets of the PDF/A are parted by their boxes into a file that is thrown away, and what was found is
put back where it stands on the sheet.
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pikepdf

from ocr.fields import extract
from ocr.options import ReadingOptions
from ocr.parts import half
from ocr.values import Annotation
from schemas.errors import InputRejected
from schemas.field import Field, FieldValue, Table
from schemas.manifest import Extraction
from schemas.page import PHOTOGRAPH, Box, PageReading
from schemas.verdict import SignatureReport


class _Side(NamedTuple):
    """Where a page of the parted file comes from: the page, and the part of it that it is."""

    page: PageReading
    box: Box | None


def extract_sides(
    pdf: Path,
    pages: Sequence[PageReading],
    annotations: Sequence[Annotation],
    options: ReadingOptions,
    signatures: Sequence[SignatureReport] = (),
    told: str | None = None,
) -> Extraction:
    """As :func:`ocr.extract`, for pages some of which are sheets (:attr:`PageReading.halves`).

    Args:
        pdf: the PDF/A that was composed of the pages: they stand upright in it.
        pages: all of its pages as read.
        annotations: those of the source; the ones on sheets are left out.
        options: the reading options.
        signatures, told: as for :func:`ocr.extract`.

    Raises:
        InputRejected: ``reading.broken``.
        SohoaError: as :func:`ocr.extract`.
    """
    sides = [_Side(page, box) for page in pages for box in page.halves or (None,)]
    readings = [_reading(side, number) for number, side in enumerate(sides, start=1)]
    whole = {side.page.number: at for at, side in enumerate(sides, start=1) if side.box is None}
    notes = [
        note.model_copy(update={"page": whole[note.page]})
        for note in annotations
        if note.page in whole
    ]
    with tempfile.TemporaryDirectory(prefix="sohoa-") as folder:
        parted = Path(folder) / "sides.pdf"
        _part(pdf, sides, parted)
        found = extract(parted, readings, notes, options, None, signatures, told)
    fields = {name: _replaced(value, sides) for name, value in found.fields.items()}
    return found.model_copy(update={"fields": fields})


def _reading(side: _Side, number: int) -> PageReading:
    page = side.page if side.box is None else half(side.page, side.box)
    known = {"number": number, "rotation": 0, "kind": side.page.kind}
    # in the PDF/A it lies flat already
    noted = tuple(code for code in side.page.warnings if code != PHOTOGRAPH)
    return page.model_copy(update={**known, "warnings": noted})


def _part(pdf: Path, sides: Sequence[_Side], out: Path) -> None:
    """Write a PDF with a page for each side."""
    try:
        with pikepdf.open(pdf) as source, pikepdf.new() as made:
            for side in sides:
                made.pages.append(source.pages[side.page.number - 1])
                if side.box is not None:
                    page = made.pages[-1]
                    box = pikepdf.Array(_in_user_space(page, side.box, side.page))
                    page.obj.MediaBox = page.obj.CropBox = box
            made.save(out)
    except (pikepdf.PdfError, ValueError, RuntimeError, TypeError, KeyError) as exc:
        raise InputRejected("reading.broken", kind="PDF") from exc


def _in_user_space(page: pikepdf.Page, box: Box, reading: PageReading) -> list[float]:
    """``box`` of the upright page as left, bottom, right, top (ISO 32000-1, 7.7.3.3, /Rotate)."""
    left, bottom, right, top = (float(value) for value in page.mediabox)
    turn = int(page.obj.get("/Rotate", 0)) % 360
    across, down = (right - left, top - bottom) if turn % 180 == 0 else (top - bottom, right - left)
    u0, u1 = (value * across / reading.width for value in (box[0], box[2]))
    v0, v1 = (value * down / reading.height for value in (box[1], box[3]))
    if turn == 0:
        return [left + u0, top - v1, left + u1, top - v0]
    if turn == 90:
        return [left + v0, bottom + u0, left + v1, bottom + u1]
    if turn == 180:
        return [right - u1, bottom + v0, right - u0, bottom + v1]
    return [right - v1, top - u1, right - v0, top - u0]


def _replaced(value: FieldValue, sides: Sequence[_Side]) -> FieldValue:
    """A field where it stands on the sheet."""
    if isinstance(value, Table):
        rows = tuple(
            {column: _on_sheet(cell, sides) for column, cell in row.items()} for row in value.rows
        )
        return Table(rows=rows)
    return _on_sheet(value, sides)


def _on_sheet(field: Field, sides: Sequence[_Side]) -> Field:
    if field.page is None:
        return field
    side = sides[field.page - 1]
    box = field.box
    if box is not None and side.box is not None:
        x, y = side.box[:2]
        box = (box[0] + x, box[1] + y, box[2] + x, box[3] + y)
    return field.model_copy(update={"page": side.page.number, "box": box})
