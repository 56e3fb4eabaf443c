"""Fields of fixed forms: zones found by the geometry, cleaned of print, read one by one."""

from collections.abc import Callable, Sequence

import cv2
import numpy as np

from ocr.fields.classify import Classified
from ocr.fields.context import Context
from ocr.fields.digits import cut_apart, read_figures
from ocr.fields.judge import Evidence, judge
from ocr.fields.registration import Registration, register
from ocr.fields.rules import apply_rules
from ocr.fields.vocabulary import snapped
from ocr.fields.zone_reader import DIGITS, Image, ZoneText, read_line
from ocr.fields.zones import Zone, cells_zone, line_zone, side_by_side, table_rows
from schemas.document_type import Column, DocumentType, FieldSpec
from schemas.field import Check, Field, FieldValue, Reading, Table
from schemas.page import Box
from schemas.validators import FieldType, folded

ALPHABETS = {
    FieldType.date: DIGITS + "/",
    FieldType.personal_id: DIGITS,
    FieldType.phone: DIGITS + "+.",
    FieldType.email: DIGITS + "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ@._-+",
}
"""What can occur in a field of a kind; other kinds take the whole language."""

FIGURES = frozenset({FieldType.date, FieldType.personal_id, FieldType.phone})
"""Kinds that are all figures, which a second, independent reader reads too."""

SCALES = (("tesseract-300", 1.0), ("tesseract-200", 0.67))
"""The looks Tesseract takes at a zone: where it guesses, it guesses otherwise at another scale."""

LONGEST = (2, 2, 4)
"""Figures of a day, a month and a year."""

Repair = Callable[[str], str]


def read_form(
    context: Context, classified: Classified
) -> tuple[dict[str, FieldValue], tuple[str, ...]]:
    """All fields of a form, and warnings (codes of sentences)."""
    spec = classified.type
    laid = classified.laid
    if laid is None:
        laid = next((r for p in context.pages if (r := register(p, spec)) is not None), None)
    if laid is None:
        return {f.id: _unread(f) for f in spec.fields}, ("fields.not_registered",)
    fields = {field.id: _field(context, laid, spec, field) for field in spec.fields}
    return apply_rules(fields, spec.rules), ()


def _unread(field: FieldSpec) -> FieldValue:
    """A person must look at every field of a form that could not be laid out."""
    if field.shape == "table":
        return Table(rows=())
    return judge(Evidence(field.type, (), required=True))


def _field(
    context: Context, laid: Registration, spec: DocumentType, field: FieldSpec
) -> FieldValue:
    if field.shape == "table":
        return _table(context, laid, field)
    if field.shape == "cells":
        return _cells(context, laid, field)
    same_line = [zone for other in spec.fields for zone in other.zones]
    zones = [
        line_zone(context, laid, zone, [z for z in same_line if abs(z[2] - zone[2]) < 2])
        for zone in field.zones
    ]
    if field.shape == "date_parts":
        return _date(context, laid, field, zones)
    return _line(context, laid, field, zones)


def _line(context: Context, laid: Registration, field: FieldSpec, zones: Sequence[Zone]) -> Field:
    written = [zone.image for zone in zones if zone.image is not None]
    readings = _readings(
        context, written, field.type, field.alphabet, " ", lambda t: snapped(t, field.words)
    )
    box = _around([z.box for z in zones])
    dotted = field.type in {FieldType.name, FieldType.text, FieldType.email}
    clear = not dotted or all(zone.clear for zone in zones if zone.image is not None)
    # a usual value is known with its dots
    clear = clear or all(reading.text in field.words for reading in readings)
    return judge(
        Evidence(
            field.type,
            readings,
            field.required,
            laid.page.number,
            box,
            checks=(Check(name="clear_of_leader", passed=clear),) if dotted and readings else (),
            validators=field.validators,
        )
    )


def _date(context: Context, laid: Registration, field: FieldSpec, zones: Sequence[Zone]) -> Field:
    """Day, month and year in zones of their own; one empty zone and the date is not known."""
    box = _around([z.box for z in zones])
    written = [zone.image for zone in zones if zone.image is not None]
    readings: list[Reading] = []
    apart = [cut_apart(image) for image in written]
    if len(written) == len(zones) and all(
        0 < len(a) <= n for a, n in zip(apart, LONGEST, strict=True)
    ):
        readings = _dated(context, apart)
    elif written:
        joint = "/" if len(written) == len(zones) else " "
        readings = _readings(context, written, FieldType.date, DIGITS, joint, str)
    return judge(Evidence(FieldType.date, readings, field.required, laid.page.number, box))


def _dated(context: Context, parts: Sequence[Sequence[Image]]) -> list[Reading]:
    """Day, month and year whose figures were cut apart, set as one line: Tesseract reads lone
    pairs of figures badly."""
    counts = [len(part) for part in parts]
    every = [figure for part in parts for figure in part]
    looks = [("figures", read_figures(every))]
    for name, scale in SCALES:
        line = _scaled(side_by_side(every), scale)
        looks.append((name, read_line(line, context.options, DIGITS)))
        if looks[-1][1].text == looks[0][1].text:
            break
    return [
        Reading(reader=name, text=_split(read.text, counts), confidence=_sure(read, FieldType.date))
        for name, read in looks
    ]


def _split(text: str, counts: Sequence[int]) -> str:
    """``19051960`` as ``19/05/1960``; left as it is where the number of figures is another."""
    squeezed = "".join(text.split())
    if len(squeezed) != sum(counts):
        return text
    ends = [sum(counts[: i + 1]) for i in range(len(counts))]
    starts = [0, *ends[:-1]]
    return "/".join(squeezed[a:b] for a, b in zip(starts, ends, strict=True))


def _cells(context: Context, laid: Registration, field: FieldSpec) -> Field:
    if field.box is None:
        return judge(Evidence(field.type, (), required=field.required))
    cells = cells_zone(context, laid, field.box, field.cells)
    filled = [image for image in cells.images if image is not None]
    readings: list[Reading] = []
    if filled:
        line = side_by_side(filled)
        readings = _readings(context, [line], field.type, field.alphabet, " ", str)
    return judge(
        Evidence(
            field.type,
            readings,
            field.required,
            laid.page.number,
            cells.box,
            validators=field.validators,
        )
    )


def _table(context: Context, laid: Registration, field: FieldSpec) -> Table:
    if field.box is None:
        return Table(rows=())
    spans = [column.x or (field.box[0], field.box[2]) for column in field.columns]
    rows = table_rows(context, laid, field.box, field.head, spans)
    return Table(
        rows=tuple(
            {
                column.id: _cell(context, laid, column, zone)
                for column, zone in zip(field.columns, row, strict=True)
                if column.shown
            }
            for row in rows
        )
    )


def _cell(context: Context, laid: Registration, column: Column, zone: Zone) -> Field:
    written = [zone.image] if zone.image is not None else []
    readings = _readings(
        context, written, column.type, None, " ", lambda t: snapped(t, column.words)
    )
    return judge(
        Evidence(
            column.type,
            readings,
            column.required,
            laid.page.number,
            zone.box,
            validators=column.validators,
        )
    )


def _readings(
    context: Context,
    images: Sequence[Image],
    kind: FieldType,
    alphabet: str | None,
    joint: str,
    repair: Repair,
) -> list[Reading]:
    """The zone's pictures read at each scale, their texts joined."""
    if not images:
        return []
    allowed = alphabet or ALPHABETS.get(kind)
    figures = _figures(images, kind, joint)
    readings = [figures] if figures else []
    for name, scale in SCALES:
        parts = [read_line(_scaled(image, scale), context.options, allowed) for image in images]
        text = joint.join(_tidy(part.text) for part in parts)
        sure = min(_sure(part, kind) for part in parts)
        readings.append(Reading(reader=name, text=repair(text), confidence=sure))
        if figures and text == figures.text:
            break
    return readings


def _figures(images: Sequence[Image], kind: FieldType, joint: str) -> Reading | None:
    """What the figure reader says; None for text, and where figures cannot be cut apart."""
    if kind not in FIGURES:
        return None
    alphabet = DIGITS + ("/" if joint != "/" and kind is FieldType.date else "")
    parts = []
    for image in images:
        apart = cut_apart(image)
        if not apart:
            return None
        parts.append(read_figures(apart, alphabet))
    sure = min(part.confidence for part in parts)
    return Reading(reader="figures", text=joint.join(p.text for p in parts), confidence=sure)


def _sure(read: ZoneText, kind: FieldType) -> float:
    """The least sure character of figures; the least sure word of text."""
    if kind in ALPHABETS and read.glyphs:
        return min(glyph.confidence for glyph in read.glyphs)
    return read.confidence


def _tidy(text: str) -> str:
    return folded(text).strip(" .,:;_-–—'`‘’\"|~*·…")


def _scaled(image: Image, scale: float) -> Image:
    if scale == 1.0:
        return image
    size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def _around(boxes: Sequence[Box]) -> Box | None:
    if not boxes:
        return None
    return (
        min(b[0] for b in boxes),
        min(b[1] for b in boxes),
        max(b[2] for b in boxes),
        max(b[3] for b in boxes),
    )
