"""``types draft``: a type's file drafted from a form's blank."""

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from schemas.draft_views import DraftedType
from schemas.errors import InputRejected
from sohoa.cli.output import AsJson, Data, Output, Verbose, begin
from usecases import drafting
from usecases.caller import local_operator

MOST_PAGES = 12
"""Pages of one form at most."""

Blank = Annotated[Path, typer.Argument(metavar="BLANK", help="to-trong.pdf", show_default=False)]
Pages = Annotated[
    str | None,
    typer.Option("--pages", metavar="PAGES", help="Trang của biểu mẫu. / Pages: 14-16, 1,3"),
]
Like = Annotated[
    str | None,
    typer.Option(
        "--like", metavar="TYPE", help="Đặt tên trường như loại này. / Name fields as this type."
    ),
]
Out = Annotated[
    Path | None, typer.Option("--out", metavar="FILE", help="Tệp YAML. / The YAML file.")
]
Replace = Annotated[
    bool, typer.Option("--replace", help="Ghi đè tệp đã có. / Write over a file that is there.")
]


def add_to(types: typer.Typer) -> None:
    """Register the command in the group ``types``."""
    types.command("draft")(draft)


def draft(
    blank: Blank,
    like: Like = None,
    pages: Pages = None,
    out: Out = None,
    replace: Replace = False,
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Dựng mô tả biểu mẫu từ tờ trống. / Draft a form's type from its blank."""
    settings, output = begin(data, as_json, verbose)
    numbers = _numbers(pages) if pages else None
    drafted = drafting.draft_type(
        local_operator(),
        settings.reading,
        blank,
        out,
        pages=numbers,
        like=like,
        replace=replace,
    )
    output.emit(drafted.model_dump(mode="json"))
    if not output.json:
        _show(output, drafted)
    guessed = sum(bool(field.guessed) for field in drafted.fields)
    counts = {"fields": len(drafted.fields), "guessed": guessed}
    output.say(output.text("types.drafted", file=drafted.file, **counts))
    output.say(output.text("types.look_at_draft", picture=", ".join(drafted.pictures)))


def _show(output: Output, drafted: DraftedType) -> None:
    table = output.table(drafted.type, "field", "name", "kind", "page", "guessed")
    for field in drafted.fields:
        style = "yellow" if field.guessed else ""
        guessed = ", ".join(field.guessed)
        table.add_row(
            field.id, Text(field.label, style=style), field.kind, str(field.page), guessed
        )
    output.people.print(table)


def _numbers(text: str) -> list[int]:
    """``14-16,20`` as numbers.

    Raises:
        InputRejected: ``types.bad_pages``.
    """
    found: list[int] = []
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        if not first.isdecimal() or (dash and not last.isdecimal()):
            raise InputRejected("types.bad_pages", text=text)
        found += range(int(first), int(last or first) + 1)
    if not 0 < len(found) <= MOST_PAGES:
        raise InputRejected("types.bad_pages", text=text)
    return found
