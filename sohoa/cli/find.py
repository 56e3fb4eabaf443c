"""``results find``: published documents by words, or by a person's identity number."""

import sys
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.text import Text

from schemas.search_views import FoundLine, FoundPage, PersonHeld
from sohoa.bootstrap import open_rooms
from sohoa.cli.named import Department
from sohoa.cli.output import AsJson, Data, Output, Verbose, begin
from usecases.caller import local_operator
from usecases.finding import find_person, find_text


def find(
    text: Annotated[
        str | None,
        typer.Argument(
            help="Mã, tên, số, từ; không ghi thì được hỏi, để tên không hiện trong danh sách tiến"
            " trình. / A code, a name, words; asked for where it is left out, so that no name"
            " stands in the list of processes.",
            show_default=False,
        ),
    ] = None,
    person: Annotated[
        bool,
        typer.Option(
            "--person",
            help="Theo số định danh, được hỏi hoặc đọc từ stdin; mỗi lượt được ghi lại."
            " / By an identity number, which is asked for or read from stdin; each is noted.",
        ),
    ] = False,
    department: Department = None,
    after: Annotated[str | None, typer.Option(help="Trang sau. / Next page.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=200, help="Số dòng. / Lines.")] = 20,
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Tìm kết quả, có dấu hay không dấu. / Find results, with or without accents."""
    settings, output = begin(data, as_json, verbose)
    if person and text is not None:
        raise typer.BadParameter("--person TEXT")
    question = text if text is not None else _asked(output, person=person)
    zone = ZoneInfo(settings.signing.timezone)
    with open_rooms(settings) as rooms:
        caller = local_operator()
        if person:
            _show_person(output, find_person(caller, rooms, question), zone)
            return
        found = find_text(caller, rooms, question, department=department, after=after, limit=limit)
        _show_found(output, found, zone)


def _asked(output: Output, *, person: bool) -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().strip()
    return str(
        typer.prompt(output.text("cli.ask_number" if person else "cli.ask_question"), err=True)
    )


def _show_found(output: Output, found: FoundPage, zone: ZoneInfo) -> None:
    output.emit(
        {"results": [one.model_dump(mode="json") for one in found.results], "next": found.next}
    )
    if output.json:
        return
    if not found.results:
        output.say(output.text("cli.found_none"))
        return
    table = output.table(None, "document", "type", "updated", "found")
    for one in found.results:
        table.add_row(
            f"{one.dossier}/{one.number}",
            _called(output, one.type_name, one.stage.value),
            f"{one.published_at.astimezone(zone):%d/%m/%Y}",
            _where(one),
        )
    output.people.print(table)
    if found.next:
        output.say(output.text("cli.found_more", after=found.next))


def _where(one: FoundLine) -> Text:
    told = Text()
    for piece in one.snippets[0].pieces if one.snippets else ():
        told.append(piece.text, "bold" if piece.hit else "")
    return told


def _called(output: Output, name: str | None, stage: str) -> str:
    gone = f" ({output.text('cli.column_withdrawn').lower()})" if stage == "withdrawn" else ""
    return f"{name or '-'}{gone}"


def _show_person(output: Output, held: PersonHeld, zone: ZoneInfo) -> None:
    output.emit(held.model_dump(mode="json"))
    if output.json:
        return
    table = output.table(None, "dossier", "department", "document", "type", "updated")
    for one in held.dossiers:
        for document in (*one.results, *one.copies):
            table.add_row(
                one.dossier,
                one.department_name,
                document.label,
                _called(output, document.type_name, document.stage.value),
                f"{document.published_at.astimezone(zone):%d/%m/%Y}",
            )
    if held.dossiers:
        output.people.print(table)
    output.say(
        output.text(
            "cli.found_person",
            dossiers=len(held.dossiers),
            documents=held.documents,
            mark=held.fingerprint[:12],
        )
    )
