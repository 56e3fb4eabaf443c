"""Results drawn by their templates: fields from a file or at hand, checked, laid out, written."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from fpdf import XPos, YPos
from pydantic import ValidationError

from schemas.errors import Conflict, InputRejected
from schemas.page import Frozen
from usecases.results.paper import ResultPaper
from usecases.results.template import (
    Each,
    Letterhead,
    Paragraph,
    ResultTable,
    ResultValues,
    Signature,
    Space,
    Template,
    ThinRule,
)

_CELL = 7.0  # mm, height of a table's row
_CELL_SIZE = 11.0  # points; smaller where a cell asks for it


def draw_file(template: Template, fields: Path, out: Path, *, check: str | None = None) -> None:
    """Draw a result from the YAML or JSON in ``fields`` to ``out`` (PDF/A-2b).

    Args:
        template: how.
        fields: its file.
        out: where to.
        check: takes the place of the field of that name.

    Raises:
        InputRejected: ``fields`` cannot be read, lacks fields or has others than the template; or
            a text has letters that the font lacks.
        Conflict: ``out`` exists.
        MissingDependency: no font with the metrics of Times New Roman.
    """
    if out.exists():
        raise Conflict("signing.result_exists")
    try:
        values = yaml.safe_load(fields.read_bytes())
    except yaml.YAMLError as exc:
        raise InputRejected("signing.result_unreadable") from exc
    if check is not None and isinstance(values, dict):
        values["check"] = check
    draw(template, values, out)


def draw(template: Template, values: Mapping[str, Any], out: Path) -> None:
    """Draw a result from the ``values`` of its fields to ``out`` (PDF/A-2b).

    Raises:
        InputRejected: a field is missing, unknown or wrong, or has letters that the font lacks.
        MissingDependency: no font with the metrics of Times New Roman.
    """
    try:
        given = template.values.model_validate(values)
    except ValidationError as exc:
        wrong = sorted({".".join(str(part) for part in one["loc"]) for one in exc.errors()})
        raise InputRejected("signing.result_fields", fields=", ".join(filter(None, wrong))) from exc
    assert isinstance(given, ResultValues)  # noqa: S101 - for the type checker
    texts = _texts(given, template.missing)
    paper = ResultPaper(template.title.format_map(texts))
    for element in template.body:
        _place(paper, element.what, given, texts, template.missing)
    paper.save(out)


def _place(
    paper: ResultPaper,
    what: Frozen | None,
    given: ResultValues,
    texts: dict[str, str],
    missing: str,
) -> None:
    """Put one element of a template below what is there."""
    if isinstance(what, Paragraph) and what.when and not getattr(given, what.when):
        return
    match what:
        case Letterhead():
            paper.letterhead(given.issuer, given.number, given.day)
        case Each():
            for text in _entries(what, given, texts, missing):
                paper.line_of(text, what.size, what.style, what.align, what.indent)
        case Paragraph():
            text = what.text.format_map(texts)
            paper.line_of(text, what.size, what.style, what.align, what.indent)
        case ResultTable():
            _table(paper, what, given, texts, missing)
        case ThinRule():
            paper.rule(paper.l_margin + paper.epw / 2, what.length)
        case Space():
            paper.ln(what.height)
        case Signature():
            receivers = getattr(given, what.receivers) if what.receivers else ()
            paper.signer(given.signer, receivers, given.check)


def _entries(each: Each, given: ResultValues, texts: dict[str, str], missing: str) -> list[str]:
    entries = getattr(given, each.field)
    lines = []
    for number, entry in enumerate(entries, start=1):
        ending = each.last if number == len(entries) else each.between
        text = each.text.format_map({**texts, **_of_entry(number, entry, missing)})
        lines.append(text.rstrip(each.strip) + ending if each.strip else text + ending)
    return lines


def _of_entry(number: int, entry: Frozen | str, missing: str) -> dict[str, str]:
    """What the text of one entry of a list may show."""
    own = {"item": entry} if isinstance(entry, str) else _texts(entry, missing)
    return {"n": str(number), **own}


def _texts(values: Frozen, missing: str) -> dict[str, str]:
    """Texts and days as they stand in lines; days as 24/11/2026."""
    shown = {}
    for name in type(values).model_fields:
        value = getattr(values, name)
        if isinstance(value, date):
            shown[name] = f"{value:%d/%m/%Y}"
        elif value is None or isinstance(value, str):
            shown[name] = value or missing
    return shown


def _table(
    paper: ResultPaper, table: ResultTable, given: ResultValues, texts: dict[str, str], missing: str
) -> None:
    entries = getattr(given, table.field)
    if not entries:
        return
    rows = [[column.head for column in table.columns]]
    for number, entry in enumerate(entries, start=1):
        own = {**texts, **_of_entry(number, entry, missing)}
        rows.append([column.text.format_map(own) for column in table.columns])
    for index, row in enumerate(rows):
        paper.set_font("body", "" if index else "B", _CELL_SIZE)
        for column, cell in zip(table.columns, row, strict=True):
            paper.require(cell)
            wide = max(paper.get_string_width(cell), 1.0)
            paper.set_font_size(min(_CELL_SIZE, _CELL_SIZE * (column.width - 2.5) / wide))
            place = {"border": 1, "align": "C", "new_x": XPos.RIGHT, "new_y": YPos.TOP}
            paper.cell(column.width, _CELL, cell, **place)  # type: ignore[arg-type]
            paper.set_font_size(_CELL_SIZE)
        paper.ln(_CELL)
    paper.ln(2)
