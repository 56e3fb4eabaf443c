"""Procedures: ``types procedures`` lists what the project knows of them, each with its law."""

from typing import Annotated

import typer
from rich.text import Text

from schemas.errors import NotFound
from schemas.procedure import Component, Procedure, procedures
from sohoa.cli.output import AsJson, Data, Output, Verbose, begin
from usecases.called_fields import name_of

Wanted = Annotated[
    str | None, typer.Argument(metavar="[CODE]", help="1.001193, 9", show_default=False)
]


def add_to(types: typer.Typer) -> None:
    """Register the command in the group ``types``."""
    types.command("procedures")(show_procedures)


def show_procedures(
    code: Wanted = None, as_json: AsJson = False, verbose: Verbose = False, data: Data = None
) -> None:
    """Các thủ tục, căn cứ pháp lý; hồ sơ của một thủ tục. / Procedures and their dossiers."""
    _, output = begin(data, as_json, verbose)
    known = procedures()
    found = [one for one in known if code in {None, one.key, str(one.essential), *one.other_codes}]
    if not found:
        raise NotFound("types.no_such_procedure")
    essential = [one for one in known if one.essential is not None]
    grounded = sum(bool(one.legal_basis) for one in essential)
    output.emit(
        {
            "procedures": [one.model_dump(mode="json") | {"key": one.key} for one in found],
            "essential": len(essential),
            "with_legal_basis": grounded,
        }
    )
    if not output.json and code is None:
        _show_all(output, found)
    elif not output.json:
        for one in found:
            _show_one(output, one)
    output.say(output.text("types.grounded", count=grounded, all=len(essential)))


def _show_all(output: Output, found: list[Procedure]) -> None:
    table = output.table(None, "number", "code", "name", "basis", "working_days")
    for one in found:
        table.add_row(
            str(one.essential or ""),
            one.code or "-",
            Text(name_of(one.names, output.language)),
            Text(one.legal_basis),
            str(one.due_days or "-"),
        )
    output.people.print(table)


def _show_one(output: Output, one: Procedure) -> None:
    name = name_of(one.names, output.language)
    table = output.table(f"{one.key}: {name}", "component", "type", "required", "note")
    for part in one.components:
        table.add_row(
            Text(name_of(part.names, output.language)),
            ", ".join(part.types),
            "✓" if part.required else "",
            Text(_note(output, part)),
        )
    output.people.print(table)
    said = {
        "basis": one.legal_basis,
        "result": name_of(one.outcome, output.language),
        "due": one.due_basis,
        "read_at": one.read_at,
        "note": one.note,
    }
    for column, text in said.items():
        if text:
            output.people.print(Text(f"{output.text(f'cli.column_{column}')}: {text}"))


def _note(output: Output, part: Component) -> str:
    """Which register answers in its stead, and which form of it was not read."""
    notes = []
    if part.data is not None:
        register = output.text(f"called.register_{part.data}")
        notes.append(output.text("types.replaced_by_data", register=register))
    if part.unread_form is not None:
        notes.append(output.text("types.unread_form", form=part.unread_form))
    return "; ".join(notes)
