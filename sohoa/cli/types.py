"""Document types: ``types show``; other commands join the group ``types`` from their modules."""

from typing import Annotated

import typer
from rich.text import Text

from schemas.document_type import DocumentType, known_types
from schemas.errors import NotFound
from sohoa.cli.output import AsJson, Data, Verbose, begin

types = typer.Typer(
    help="Loại giấy tờ. / Document types.", no_args_is_help=True, add_completion=False
)


def add_to(app: typer.Typer) -> None:
    """Register the group."""
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
