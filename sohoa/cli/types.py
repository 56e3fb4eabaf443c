"""Document types: ``types show | check | try``; ``draft``, ``blank``, ``learn``, ``procedures``."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from ocr import annotations, extract, inspect, missing_labels, read_page
from schemas.document_type import DocumentType, known_types
from schemas.errors import ExitCode, InputRejected, NotFound
from schemas.field import FieldStatus
from schemas.manifest import Extraction, walk_fields
from schemas.page import PageReading
from schemas.type_check import Checked, check_type
from sohoa.cli import blanks, drafts, procedures
from sohoa.cli.output import AsJson, Data, Output, Verbose, begin
from sohoa.settings import Settings

types = typer.Typer(
    help="Loại giấy tờ. / Document types.", no_args_is_help=True, add_completion=False
)


def add_to(app: typer.Typer) -> None:
    """Register the group."""
    drafts.add_to(types)
    blanks.add_to(types)
    procedures.add_to(types)
    app.add_typer(types, name="types")


@types.command("show")
def show(
    type_id: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="ct01, ct01@66/2023", show_default=False)
    ] = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Các loại giấy tờ đã biết; các trường của một loại. / Known types; the fields of one."""
    settings, output = begin(data, as_json, verbose)
    found = [t for t in known_types(settings.reading.types) if type_id in {None, t.id, t.key}]
    if not found:
        raise NotFound("types.no_such_type")
    output.emit({"types": [one.model_dump(mode="json") for one in found]})
    if output.json:
        return
    if type_id is None:
        table = output.table(None, "type", "name", "basis", "fields")
        for one in found:
            name = one.names.vi if output.language == "vi" else one.names.en
            table.add_row(one.key, Text(name), Text(one.legal_basis), str(len(one.fields)))
        output.people.print(table)
        return
    for one in found:
        table = output.table(one.key, "field", "name", "kind", "required")
        for path, name, kind, required in _rows(one):
            table.add_row(path, Text(name), kind, "✓" if required else "")
        output.people.print(table)


TypeFile = Annotated[Path, typer.Argument(metavar="FILE", help="loai.yaml", show_default=False)]

TOP = 0.45
"""Lines in this upper part of the first page are shown where a type was not recognised."""


@types.command("check")
def check(
    file: TypeFile, as_json: AsJson = False, verbose: Verbose = False, data: Data = None
) -> None:
    """Kiểm tra một tệp mô tả loại giấy tờ. / Check a document type file, line by line."""
    settings, output = begin(data, as_json, verbose)
    checked = _checked(file, settings)
    findings = [
        one.model_dump(mode="json") | {"sentence": one.sentence(output.language)}
        for one in sorted(checked.findings, key=lambda one: one.line)
    ]
    output.emit({"file": file.name, "usable": checked.type is not None, "findings": findings})
    if not output.json:
        _show_findings(output, checked)
    faults = sum(one.fault for one in checked.findings)
    if faults:
        output.say(output.text("types.faults", count=faults))
        raise typer.Exit(ExitCode.bad_input)
    output.say(output.text("types.no_fault", file=file.name))


def _checked(file: Path, settings: Settings) -> Checked:
    """The file's findings; it may extend its neighbours and the office's own files.

    Raises:
        NotFound: ``cli.no_such_path``.
        InputRejected: ``types.not_text``.
    """
    folder = settings.reading.types
    if not file.is_file() and folder is not None and (folder / file.name).is_file():
        file = folder / file.name
    if not file.is_file():
        raise NotFound("cli.no_such_path")
    folders = [file.parent, *([folder] if folder and folder.is_dir() else [])]
    try:
        beside = {
            path.stem: path.read_text("utf-8")
            for near in reversed(folders)
            for path in near.glob("*.yaml")
            if path != file
        }
        return check_type(file.read_text("utf-8"), beside)
    except (OSError, UnicodeDecodeError) as exc:
        raise InputRejected("types.not_text") from exc


def _show_findings(output: Output, checked: Checked) -> None:
    if not checked.findings:
        return
    table = output.table(None, "line", "place", "finding")
    for one in sorted(checked.findings, key=lambda one: one.line):
        style = "red" if one.fault else "yellow"
        text = Text(one.sentence(output.language), style=style)
        table.add_row(str(one.line), Text(one.where), text)
    output.people.print(table)


@types.command("try")
def try_type(
    file: TypeFile,
    scan: Annotated[Path, typer.Argument(metavar="SCAN", help="PDF, JPEG, ...")],
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Đọc một bản quét bằng một tệp loại giấy tờ. / Read a scan with a document type file."""
    settings, output = begin(data, as_json, verbose)
    checked = _checked(file, settings)
    if checked.type is None:
        _show_findings(output, checked)
        raise InputRejected("types.faults", count=sum(one.fault for one in checked.findings))
    if not scan.is_file():
        raise NotFound("cli.no_such_path")
    options = settings.reading
    count = inspect(scan, options).pages
    pages = [read_page(scan, number, options) for number in range(1, count + 1)]
    found = extract(scan, pages, annotations(scan), options, (checked.type,))
    missing = missing_labels(pages, checked.type) if found.document_type else ()
    rows = _values(found)
    output.emit(
        {
            "type": checked.type.key,
            "recognised": found.document_type is not None,
            "fields": rows,
            "labels_not_found": list(missing),
            "warnings": list(found.warnings),
        }
    )
    if not output.json:
        _show_values(output, rows)
    for warning in found.warnings:
        output.say(output.text(warning))
    if missing:
        output.say(output.text("types.labels_not_found", ids=", ".join(missing)))
    if found.document_type is None:
        output.say(output.text("types.not_recognised", lines=_top_lines(pages)))
        raise typer.Exit(ExitCode.not_valid)


def _values(found: Extraction) -> list[dict[str, Any]]:
    return [
        {
            "field": path,
            "value": field.value,
            "raw": field.raw,
            "confidence": field.confidence,
            "status": field.status.value,
            "failed_checks": [check.name for check in field.checks if not check.passed],
        }
        for path, field in walk_fields(found.fields)
    ]


def _show_values(output: Output, rows: list[dict[str, Any]]) -> None:
    colours = {
        FieldStatus.accepted.value: "green",
        FieldStatus.review.value: "yellow",
        FieldStatus.missing.value: "dim",
    }
    table = output.table(None, "field", "value", "confidence", "status", "checks")
    for row in rows:
        table.add_row(
            row["field"],
            Text(row["value"] or row["raw"] or "-"),
            f"{row['confidence']:.2f}",
            Text(row["status"], style=colours[row["status"]]),
            Text(", ".join(row["failed_checks"])),
        )
    output.people.print(table)


def _top_lines(pages: list[PageReading]) -> str:
    """What was read in the upper part of the first page, for the person who writes titles."""
    page = next((page for page in pages if page.words), None)
    if page is None:
        return "-"
    lines: dict[int, list[str]] = {}
    for word in page.words:
        if word.box[1] < TOP * page.height:
            lines.setdefault(word.line, []).append(word.text)
    return " | ".join(" ".join(words) for words in lines.values()) or "-"


def _rows(one: DocumentType) -> list[tuple[str, str, str, bool]]:
    """Path, printed label or name, kind and whether it must be there, of every field."""
    rows = []
    for field in one.fields:
        label = field.labels[0].text if field.labels else ""
        name = field.names.vi if field.names else label
        rows.append((field.id, name, field.type.value, field.required))
        for column in field.columns:
            head = column.labels[0] if column.labels else ""
            rows.append((f"{field.id}.{column.id}", head, column.type.value, column.required))
    return rows
