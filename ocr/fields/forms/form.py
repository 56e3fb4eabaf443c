"""Fields of fixed forms: zones found by the geometry, cleaned of print, read one by one."""

from collections.abc import Mapping, Sequence

from ocr.fields.classify import Classified
from ocr.fields.context import Context
from ocr.fields.dot_leaders import (
    dots_certain,
    dots_settled,
    with_likely_commas,
    with_likely_dots,
    with_likely_units,
)
from ocr.fields.evidence import (
    PRINT,
    Evidence,
    EvidenceTable,
    Found,
    nothing,
    with_checks,
    with_proposal,
)
from ocr.fields.forms.bent_leaders import by_leaders
from ocr.fields.forms.blanks import Blank, find_blank
from ocr.fields.forms.by_print import laid_by_print
from ocr.fields.forms.consents import read_blocks
from ocr.fields.forms.figure_fields import box_around, read_cells, read_date
from ocr.fields.forms.figures import COUNTS, others, row_of
from ocr.fields.forms.print_removal import fitted
from ocr.fields.forms.ticks import read_ticks
from ocr.fields.forms.written import FIGURES, Asked, readings
from ocr.fields.forms.zones import Zone, line_zone, table_rows
from ocr.fields.pen.ink import breadth, by_pen
from ocr.fields.plausible import with_family_name
from ocr.fields.registration import Registration, register
from ocr.fields.rules import apply_rules
from ocr.fields.vocabulary import without_usual
from ocr.fields.weighing import Opinions, weigh
from schemas.document_type import Column, DocumentType, FieldSpec
from schemas.field import Check
from schemas.manifest import TAKE_AGAIN
from schemas.page import PageReading
from schemas.validators import FieldType

DOTTED = frozenset({FieldType.name, FieldType.text, FieldType.email, FieldType.organisation})
"""Kinds in which a dot more or less is another value."""

ENDING = FIGURES | {FieldType.sex, FieldType.email}
"""Kinds that end as they must; others may go on where a line is too short for them."""

BROADEST = 1.6
"""Ink across for each letter of a value, in heights of the writing, from which a word may be lost:
of 100 drawn lines 95 have less, of those without their last word 65."""

FEWEST_LETTERS = 3
"""Characters of a cell that was written in: *Nam*, *Con*, two initials with a stop."""


def read_form(context: Context, classified: Classified) -> tuple[dict[str, Found], tuple[str, ...]]:
    """All fields of a form, and warnings (codes of sentences)."""
    spec = classified.type
    laid, blank = laid_out(context, classified)
    if laid is None:
        return {f.id: _unread(f) for f in spec.fields}, ("fields.not_registered",)
    found = _page(context, laid, spec.of_page(1), blank)
    warnings: tuple[str, ...] = ()
    bad = set(laid.page.warnings)
    for number in range(2, spec.pages + 1):
        part = spec.of_page(number)
        further, blank = further_page(context, part, number, laid.page)
        if further is None:
            found |= {field.id: _unread(field) for field in part.fields}
            warnings = ("fields.page_not_found",)
        else:
            found |= _page(context, further, part, blank)
            bad |= set(further.page.warnings)
    ruled = apply_rules({field.id: found[field.id] for field in spec.fields}, spec.rules)
    if bad.intersection(TAKE_AGAIN):
        ruled = {name: _from_bad_photograph(value) for name, value in ruled.items()}
    return ruled, warnings


def _page(
    context: Context, laid: Registration, spec: DocumentType, blank: Blank | None
) -> dict[str, Found]:
    """The fields of one page of a form; ``spec`` is of that page alone."""
    laid = by_leaders(context, laid, spec)
    found: dict[str, Found] = {}
    # addresses last: they are often made of the names
    for field in sorted(spec.fields, key=lambda field: field.type is FieldType.email):
        found[field.id] = _field(context, laid, spec, field, blank, _names(spec, found))
    return found


def _from_bad_photograph(found: Found) -> Found:
    """A value, or a table's, that a person must look at: the photograph should be taken again."""
    unclear = Check(name="photograph_clear", passed=False)
    if isinstance(found, EvidenceTable):
        rows = (
            {key: with_checks(cell, unclear) for key, cell in row.items()} for row in found.rows
        )
        return EvidenceTable(tuple(rows))
    return with_checks(found, unclear)


def laid_out(context: Context, classified: Classified) -> tuple[Registration | None, Blank | None]:
    """Where the form lies on the page, and its blank, where there is one."""
    spec = classified.type
    laid = classified.laid
    if laid is None:
        laid = next((r for p in context.pages if (r := register(p, spec)) is not None), None)
    blank = find_blank(context.options, spec)
    if blank is not None:
        laid = _on_blank(context, laid, spec, blank)
    return laid, blank


def further_page(
    context: Context, part: DocumentType, number: int, first: PageReading
) -> tuple[Registration | None, Blank | None]:
    """Where page ``number`` of a form lies among the pages after its first one, and its blank."""
    after = [page for page in context.pages if page.number > first.number]
    laid = next((r for page in after if (r := register(page, part)) is not None), None)
    blank = find_blank(context.options, part, number)
    if laid is not None and blank is not None:
        laid = fitted(context, laid, blank.picture, part)
    return laid, blank


def _names(spec: DocumentType, found: Mapping[str, Found]) -> tuple[str, ...]:
    """The persons' names read so far."""
    named = [found.get(field.id) for field in spec.fields if field.type is FieldType.name]
    return tuple(one.value for one in named if isinstance(one, Evidence) and one.value)


def _on_blank(
    context: Context, laid: Registration | None, spec: DocumentType, blank: Blank
) -> Registration | None:
    """The blank laid on the page: by the labels to the pixel, or by all that is printed."""
    if laid is not None:
        return fitted(context, laid, blank.picture, spec)
    seen = (page for page in context.pages if page.words and not page.blank)
    found = (laid_by_print(context, page, spec, blank) for page in seen)
    return next((one for one in found if one is not None), None)


def _unread(field: FieldSpec) -> Found:
    """A person must look at every field of a form that could not be laid out."""
    if field.shape == "table":
        return EvidenceTable()
    return nothing(field.type, required=True)


def _field(
    context: Context,
    laid: Registration,
    spec: DocumentType,
    field: FieldSpec,
    blank: Blank | None,
    names: tuple[str, ...],
) -> Found:
    if field.blocks:
        return read_blocks(context, laid, field, blank.picture if blank else None)
    if field.shape == "table":
        return _table(context, laid, field)
    if field.shape == "cells":
        return read_cells(context, laid, field)
    if field.shape == "ticks":
        return read_ticks(context, laid, field)
    zones = zones_of_line(context, laid, spec, field, blank)
    if field.shape == "date_parts":
        return read_date(context, laid, field, zones)
    return _line(context, laid, field, zones, names)


def zones_of_line(
    context: Context,
    laid: Registration,
    spec: DocumentType,
    field: FieldSpec,
    blank: Blank | None,
) -> list[Zone]:
    """What was written on the lines of a field, cleaned of print."""
    same_line = [zone for other in spec.fields for zone in other.zones]
    return [
        line_zone(
            context,
            laid,
            zone,
            [z for z in same_line if abs(z[2] - zone[2]) < 2],
            blank.picture if blank else None,
            dots_below=field.type not in FIGURES,
        )
        for zone in field.zones
    ]


def _line(
    context: Context,
    laid: Registration,
    field: FieldSpec,
    zones: Sequence[Zone],
    names: tuple[str, ...],
) -> Evidence:
    """A line over a dot leader."""
    filled = [zone for zone in zones if zone.image is not None]
    written = [zone.image for zone in filled if zone.image is not None]
    pen = by_pen(written)
    asked = Asked(field.type, context.options, field.alphabet, field.words, names=names, by_pen=pen)
    said = readings(written, asked)
    exact = all(zone.exact for zone in filled)
    read = weigh(
        Opinions(
            field.type,
            said,
            field.required,
            laid.page.number,
            box_around([z.box for z in zones]),
            validators=field.validators,
            words=field.words,
            exact=exact,
            names=names,
            by_pen=pen,
        )
    )
    read = _penned(read, filled)
    if read.value is None:
        return read
    if field.type in DOTTED and not all(zone.whole for zone in filled):
        read = with_checks(read, Check(name="marks_not_cut_off", passed=False))
    if field.type not in ENDING and not filled[-1].ended:
        read = with_checks(read, Check(name="within_the_line", passed=False))
    if field.type not in DOTTED:
        return read
    likely = with_likely_dots(field.type, str(read.value), field.words, erased_to_the_pixel=True)
    if all(zone.clear for zone in filled) and likely == read.value:
        read = with_checks(read, Check(name="clear_of_leader", passed=True))
    else:
        read = _dots_weighed(read, field, erased=exact)
    return _as_language(read, field.type)


NOTHING_TO_LOSE = frozenset({FieldType.sex, FieldType.date, *COUNTS})
"""Kinds of which nothing can be cut off unseen: one of two words, figures whose count is known."""


def _penned(read: Evidence, zones: Sequence[Zone]) -> Evidence:
    """What a pen wrote, doubted where ink runs over a side of its zone, or is more than the value
    has letters for: a word may be cut or lost."""
    value = read.value
    if value is None or all(check.name != PRINT for check in read.checks):
        return read
    inside = all(zone.inside for zone in zones if zone.image is not None)
    if not inside and read.kind not in NOTHING_TO_LOSE:
        read = with_checks(read, Check(name="within_the_zone", passed=False))
    images = [zone.image for zone in zones if zone.image is not None]
    if read.kind in {FieldType.name, FieldType.text} and breadth(images, value) > BROADEST:
        read = with_checks(read, Check(name="all_ink_read", passed=False))
    return read


def _as_language(read: Evidence, kind: FieldType) -> Evidence:
    """A value as language has it where readers misread the same: a comma before a text's last place
    that went with the leader, a mark of a unit's or a family's name. Proposals, for a person."""
    value = read.value or ""
    if kind is FieldType.name:
        return with_proposal(read, with_family_name(value) or value, "family_name_read")
    if kind is not FieldType.text:
        return read
    read = with_proposal(read, with_likely_commas(value), "comma_read")
    return with_proposal(read, with_likely_units(str(read.value)), "unit_read")


def _dots_weighed(read: Evidence, field: FieldSpec, *, erased: bool) -> Evidence:
    """A value over a leader that runs through the dots below its letters; ``erased`` where every
    dot of the leader was known, so that letters may only have lost some."""
    value = str(read.value)
    likely = with_likely_dots(field.type, value, field.words, erased_to_the_pixel=erased)
    certain = dots_certain(value, likely, field.words)
    rest = without_usual(likely, field.words)
    settled = dots_settled(field.type, rest, field.words, erased_to_the_pixel=erased)
    return with_checks(
        read._replace(value=likely),
        Check(name="clear_of_leader", passed=certain and settled),
    )


def _table(context: Context, laid: Registration, field: FieldSpec) -> EvidenceTable:
    rows = [
        {
            column.id: _cell(context, laid, column, zone)
            for column, zone in zip(field.columns, row, strict=True)
            if column.shown
        }
        for row in zones_of_table(context, laid, field)
    ]
    while rows and not any(_says_something(cell) for cell in rows[-1].values()):
        rows.pop()  # dirt on an empty line
    return EvidenceTable(tuple(rows))


def zones_of_table(context: Context, laid: Registration, field: FieldSpec) -> list[list[Zone]]:
    """The cells of a table, row by row, one for each column."""
    if field.box is None:
        return []
    spans = [column.x or (field.box[0], field.box[2]) for column in field.columns]
    return table_rows(context, laid, field.box, field.head, spans)


def _says_something(cell: Evidence) -> bool:
    """Whether more was read than the letter or two that readers make of dirt."""
    return any(len(reading.text) >= FEWEST_LETTERS for reading in cell.readings)


def _cell(context: Context, laid: Registration, column: Column, zone: Zone) -> Evidence:
    written = [zone.image] if zone.image is not None else []
    pen = by_pen(written)
    row = row_of(written, column.type) if pen and column.type in FIGURES else None
    asked = Asked(column.type, context.options, None, column.words, by_pen=pen)
    said = readings(written, asked, row)
    read = weigh(
        Opinions(
            column.type,
            said,
            column.required,
            laid.page.number,
            zone.box,
            validators=column.validators,
            words=column.words,
            exact=True,  # nothing is printed inside
            by_pen=pen,
        )
    )
    read = _penned(read, [zone])
    if row is not None and column.type is FieldType.personal_id:
        read = read._replace(others=others(row, column.type))
    return read if read.value is None else _as_language(read, column.type)
