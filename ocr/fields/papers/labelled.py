"""Fields of papers without fixed places: values after or below their printed labels.

Two readers look at each value: Tesseract, whose words of the page are there already, and the line
model, which reads the value's own picture at 300 dpi. A value in a text layer needs no second look.
"""

import re
from collections.abc import Sequence
from contextlib import suppress
from itertools import pairwise
from typing import NamedTuple

from ocr.fields.context import Context
from ocr.fields.dot_leaders import with_likely_units
from ocr.fields.evidence import (
    Evidence,
    EvidenceTable,
    Found,
    nothing,
    with_checks,
    with_proposal,
)
from ocr.fields.lines import Phrase, height, middle
from ocr.fields.papers.codes import read_code
from ocr.fields.papers.labels import (
    Label,
    LabelledPages,
    Stretch,
    Text,
    boundaries,
    level_rows,
    tidy,
    unled,
)
from ocr.fields.rules import apply_rules
from ocr.fields.sureness import TOLD
from ocr.fields.vocabulary import snapped
from ocr.fields.weighing import Opinions, weigh
from ocr.fields.zone_reader import read_line
from ocr.recognition.line_reader import line_reader
from schemas.document_type import Column, DocumentType, FieldSpec
from schemas.errors import MissingDependency
from schemas.field import Check, Reading
from schemas.page import Box, PageReading
from schemas.validators import FieldType, checks_of, folded, normalised

DEPTH = 190.0
"""Points: a value below its label (a signer's name under the seal) is looked for so far down."""

TABLE_DEPTH = 420.0
"""Points: rows of a table are looked for so far under its headings."""

PAD = (2.5, 1.5)
"""Points taken around a value's words, across and down."""

CELL_LINE = 0.8
"""A cell goes on in the next line when that begins within so many heights."""

ROW_STEP = 3.0
"""Lines of a table that lie more heights apart than this belong to something else."""


class _ValueLine(NamedTuple):
    """A stretch of a page that holds a value or a line of one."""

    page: PageReading
    box: Box
    text: str
    confidence: float


def read_labelled(
    context: Context, spec: DocumentType, only: frozenset[str] | None = None
) -> tuple[dict[str, Found], tuple[str, ...]]:
    """The fields of a document by their labels, and warnings (codes of sentences).

    Args:
        context: the document.
        spec: its type.
        only: the fields to read; None: all. Rules are applied only where all are read.
    """
    pages = LabelledPages(context.pages, spec)
    fields: dict[str, Found] = {}
    for field in spec.fields:
        if only is None or field.id in only:
            fields[field.id] = _read(context, pages, field)
    if only is None:
        fields = apply_rules(fields, spec.rules)
    labelled = [field for field in spec.fields if field.labels and field.id in fields]
    found = sum(pages.label(field) is not None for field in labelled)
    few = bool(labelled) and 2 * found < len(labelled)
    return fields, ("fields.few_labels",) if few else ()


def missing_labels(pages: Sequence[PageReading], spec: DocumentType) -> tuple[str, ...]:
    """Ids of the fields none of whose labels was found, for the person who describes a type."""
    labelled = LabelledPages(pages, spec)
    return tuple(f.id for f in spec.fields if f.labels and labelled.label(f) is None)


def _read(context: Context, pages: LabelledPages, field: FieldSpec) -> Found:
    label = pages.label(field)
    if field.shape == "table":
        return _table(context, pages, field, label)
    code = read_code(context, field.code) if field.code else None
    places = _value_lines(pages, field, label)
    if places:
        return _weighed(context, field, places, field.words, field.required, code)
    readings = (code,) if code else ()
    page = pages.lines[label.line].page.number if label else None
    return weigh(Opinions(field.type, readings, field.required, page, validators=field.validators))


def _weighed(
    context: Context,
    field: FieldSpec | Column,
    places: Sequence[_ValueLine],
    words: Sequence[str],
    required: bool,
    code: Reading | None = None,
) -> Evidence:
    """The field from what stands in ``places``, and from a code, which beats print."""
    page = places[0].page
    texts = [place.text for place in places]
    readings = [_first(context, page, snapped(tidy(" ".join(texts)), words), places)]
    if not context.digital(page):
        second = _second(context, places, field.alphabet)
        readings += [r.model_copy(update={"text": snapped(r.text, words)}) for r in second]
    checks: tuple[Check, ...] = ()
    if code is not None:
        same = any(_same(field.type, code.text, reading.text) for reading in readings)
        checks = (Check(name="print_agrees", passed=same, blocking=False),)
        readings = [code, *readings]
    boxes = [place.box for place in places]
    read = weigh(
        Opinions(
            field.type,
            readings,
            required,
            page.number,
            _around(boxes),
            checks=checks,
            validators=field.validators,
        )
    )
    if field.type is not FieldType.text or read.value is None or code or context.digital(page):
        return read
    return with_proposal(read, with_likely_units(read.value), "unit_read")


def _same(kind: FieldType, one: str, other: str) -> bool:
    values = [normalised(kind, text) for text in (one, other)]
    return None not in values and len({str(value).casefold() for value in values}) == 1


def _first(context: Context, page: PageReading, text: str, places: Sequence[_ValueLine]) -> Reading:
    reader = "text-layer" if context.digital(page) else "tesseract"
    sure = TOLD if context.digital(page) else min(place.confidence for place in places)
    return Reading(reader=reader, text=text, confidence=sure)


def _second(context: Context, places: Sequence[_ValueLine], alphabet: str | None) -> list[Reading]:
    """The line model's reading; Tesseract's own second look where the model is not installed."""
    pictures = [context.cut(place.page, _padded(place.box)) for place in places]
    with suppress(MissingDependency):
        reader = line_reader()
        best = [next(iter(reader.read(picture, alphabet, best=1)), None) for picture in pictures]
        if any(one is None for one in best):
            return []
        known = [one for one in best if one is not None]
        text = tidy(" ".join(unled(one.text) for one in known))
        return [Reading(reader="line", text=text, confidence=min(o.confidence for o in known))]
    again = [read_line(picture, context.options, alphabet) for picture in pictures]
    text = tidy(" ".join(one.text for one in again))
    sure = min(one.confidence for one in again)
    return [Reading(reader="tesseract-300", text=text, confidence=sure)]


def _padded(box: Box) -> Box:
    return (box[0] - PAD[0], box[1] - PAD[1], box[2] + PAD[0], box[3] + PAD[1])


def _value_lines(pages: LabelledPages, field: FieldSpec, label: Label | None) -> list[_ValueLine]:
    """Where the value stands, line by line; empty where nothing does."""
    if label is None:
        return _by_pattern(pages, field) if field.pattern and not field.labels else []
    if field.where == "below":
        return _below(pages, field, label)
    stretches = pages.after(label, field.lines)
    if field.pattern:
        stretches = _narrowed(pages, stretches, field.pattern)
    return [place for stretch in stretches if (place := _value_line(pages, stretch)) is not None]


def _value_line(pages: LabelledPages, stretch: Stretch) -> _ValueLine | None:
    line = pages.lines[stretch.line]
    return _of_text(line, stretch.start, stretch.end)


def _of_text(line: Text, start: int, end: int) -> _ValueLine | None:
    text, box = unled(line.text[start:end]), line.box_of(start, end)
    if not tidy(text) or box is None:
        return None
    return _ValueLine(line.page, box, text, line.sure(start, end))


def _narrowed(pages: LabelledPages, stretches: Sequence[Stretch], pattern: str) -> list[Stretch]:
    """The part of the first stretch that matches; with several lines, the first that does."""
    for line, start, end in stretches:
        match = re.search(pattern, pages.lines[line].text[start:end], re.IGNORECASE)
        if match and match["value"]:
            return [Stretch(line, start + match.start("value"), start + match.end("value"))]
    return []


def _by_pattern(pages: LabelledPages, field: FieldSpec) -> list[_ValueLine]:
    """A value that no label announces, known by its own shape."""
    for line in pages.lines:
        if line.side != field.side:
            continue
        match = re.search(field.pattern or "", line.text)
        if match and match["value"]:
            place = _of_text(line, match.start("value"), match.end("value"))
            return [place] if place else []
    return []


def _below(pages: LabelledPages, field: FieldSpec, label: Label) -> list[_ValueLine]:
    """The first lines under the label that can be a value of the field's kind."""
    found: list[_ValueLine] = []
    for line in pages.below(label, DEPTH):
        place = _of_text(line, 0, len(line.text))
        if place is None or (not found and not _possible(field, tidy(place.text))):
            continue
        found.append(place)
        if len(found) >= field.lines:
            break
    return found


def _possible(field: FieldSpec, text: str) -> bool:
    value = normalised(field.type, text)
    if value is None:
        return False
    return all(c.passed for c in checks_of(field.type, value, field.validators) if c.blocking)


def _table(
    context: Context, pages: LabelledPages, field: FieldSpec, label: Label | None
) -> EvidenceTable:
    """Rows under the headings of columns.

    A new row begins with its running number, or where more than one column has something; without
    running numbers, with every line but one close below another that leaves the first column empty.
    Numbers that do not count up from 1 send the rows to a person.
    """
    heads = _heads(pages, field, label)
    if heads is None:
        return EvidenceTable()
    page, boxes, foot = heads
    shown = [column for column in field.columns if column.shown]
    spans = boundaries(boxes, 0.0, page.width)
    stops = [
        pages.lines[stop.line].box[1]
        for stop in pages.labels
        if pages.lines[stop.line].page is page and pages.lines[stop.line].box[1] > foot
    ]
    end = min([foot + TABLE_DEPTH, *stops])
    words = [w for w in page.words if foot < middle(w.box)[1] < end and _lettered(w.text)]
    numbered = not field.columns[0].shown
    grouped: list[list[list[_ValueLine]]] = []
    numbers: list[int] = []
    above = -TABLE_DEPTH
    for line in _together(level_rows(words, page.skew)):
        number, rest = _numbered(line) if numbered else (None, line)
        cells = [_cell(page, rest, span) for span in spans]
        if not any(cells):
            continue
        goes_on = cells[0] is None and line.box[1] - above < CELL_LINE * height(line.box)
        above = line.box[3]
        several = sum(c is not None for c in cells) > 1
        if number is not None or (several if numbered else not goes_on):
            grouped.append([[] for _ in cells])
            numbers.append(number or 0)
        for cell, places in zip(cells, grouped[-1] if grouped else [], strict=False):
            if cell:
                places.append(cell)
    counted = not numbered or numbers == list(range(1, len(numbers) + 1))
    check = Check(name="rows_counted", passed=counted)
    return EvidenceTable(
        tuple(
            {
                column.id: with_checks(_of_cell(context, page, column, places), check)
                for column, places in zip(shown, row, strict=True)
            }
            for row in grouped
        )
    )


def _of_cell(
    context: Context, page: PageReading, column: Column, places: Sequence[_ValueLine]
) -> Evidence:
    if places:
        return _weighed(context, column, places, column.words, column.required)
    return nothing(column.type, required=column.required, page=page.number)


def _numbered(line: Phrase) -> tuple[int | None, Phrase]:
    """A row's running number, where it begins with one, and the rest of it."""
    first = tidy(line.words[0].text)
    if len(line.words) > 1 and first.isascii() and first.isdigit() and len(first) <= 3:
        return int(first), Phrase(line.words[1:])
    return None, line


def _heads(
    pages: LabelledPages, field: FieldSpec, label: Label | None
) -> tuple[PageReading, list[Box], float] | None:
    """The page of a table, the boxes of its headings, and where they end."""
    start = label.line + 1 if label else 0
    found: list[Box] = []
    page: PageReading | None = None
    for column in field.columns:
        if not column.shown:
            continue
        hits = [
            (pages.lines[index], hit)
            for index in range(start, len(pages.lines))
            for text in column.labels
            for hit in pages.heading(index, text)
            if page is None or pages.lines[index].page is page
        ]
        if not hits:
            return None
        line, (first, last, _) = hits[0]
        box = line.box_of(first, last)
        if box is None:
            return None
        page = page or line.page
        found.append(box)
    if page is None or any(one[0] >= other[0] for one, other in pairwise(found)):
        return None
    return page, found, max(box[3] for box in found)


def _lettered(text: str) -> bool:
    """Words that are mostly letters or figures; rules of a table are read as dashes."""
    return sum(c.isalnum() for c in text) > 0.5 * len(text)


def _together(lines: Sequence[Phrase]) -> list[Phrase]:
    """Lines until the first that stands far below the one before it."""
    kept: list[Phrase] = []
    for line in lines:
        if kept:
            tall = max(kept[-1].box[3] - kept[-1].box[1], 8.0)
            if line.box[1] - kept[-1].box[3] > ROW_STEP * tall:
                break
        kept.append(line)
    return kept


def _cell(page: PageReading, line: Phrase, span: tuple[float, float]) -> _ValueLine | None:
    words = [word for word in line.words if span[0] <= middle(word.box)[0] < span[1]]
    if not words:
        return None
    inside = Phrase(tuple(words))
    text = unled(folded(inside.text))  # what ends a line ends no cell: that is tidied as a whole
    return _ValueLine(page, inside.box, text, inside.confidence) if tidy(text) else None


def _around(boxes: Sequence[Box]) -> Box:
    left, top, right, foot = zip(*boxes, strict=True)
    return min(left), min(top), max(right), max(foot)
