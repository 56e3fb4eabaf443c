"""``sohoa department``: which departments there are, and whose a held folder is."""

from functools import partial
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.text import Text

from flows.held import announce, assign, held
from schemas.department import Department
from sohoa.bootstrap import open_rooms
from sohoa.cli.output import AsJson, Data, Output, Verbose, begin, plain
from sohoa.services import served_inbox
from sohoa.settings import Settings
from usecases import departments
from usecases.caller import local_operator

app = typer.Typer(
    help="Các đơn vị có hồ sơ. / The departments.", no_args_is_help=True, add_completion=False
)

Name = Annotated[str, typer.Argument(help="Tên đơn vị. / Its name.", show_default=False)]
Id = Annotated[str, typer.Argument(help="Mã đơn vị. / Its identifier.", show_default=False)]


def add_to(main: typer.Typer) -> None:
    """Register this module's commands."""
    main.add_typer(app, name="department")


@app.command("add")
def add(
    name: Name,
    identifier: Annotated[
        str | None,
        typer.Option("--id", help="Mã, nếu khác tên. / Its identifier.", show_default=False),
    ] = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Thêm một đơn vị; thư mục đang chờ của đơn vị đó được xử lý. / Make a department known."""
    settings, output = begin(data, as_json, verbose)
    with open_rooms(settings) as rooms:
        new = departments.add(local_operator(), rooms, name, identifier)
    _done(settings, output, new, "cli.department_added")


@app.command("rename")
def rename(
    identifier: Id,
    name: Name,
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Đổi tên; mã trong kho giữ nguyên. / Call it otherwise; its identifier stays in every key."""
    settings, output = begin(data, as_json, verbose)
    with open_rooms(settings) as rooms:
        changed = departments.rename(local_operator(), rooms, identifier, name)
    _done(settings, output, changed, "cli.department_renamed")


@app.command("list")
def show(as_json: AsJson = False, verbose: Verbose = False, data: Data = None) -> None:
    """Các đơn vị, và những thư mục đang chờ. / The departments, and what waits for one."""
    settings, output = begin(data, as_json, verbose)
    with open_rooms(settings) as rooms:
        known = departments.departments(local_operator(), rooms)
    inbox = served_inbox(settings)
    waiting = held(inbox) if inbox.is_dir() else []
    output.emit(
        {
            "departments": [one.model_dump(mode="json") for one in known],
            "held": [
                {"code": one.code, "files": one.files, "since": one.since.isoformat()}
                for one in waiting
            ],
        }
    )
    if output.json:
        return
    table = output.table(None, "department", "name", "total")
    for one in known:
        table.add_row(Text(one.id), plain(one.name), str(one.dossiers))
    output.people.print(table)
    if waiting:
        zone = ZoneInfo(settings.signing.timezone)
        table = output.table(output.text("cli.held", count=len(waiting)), "code", "files", "time")
        for folder in waiting:
            when = f"{folder.since.astimezone(zone):%d/%m/%Y %H:%M}"
            table.add_row(Text(folder.code), str(folder.files), when)
        output.people.print(table)


@app.command("assign")
def give(
    code: Annotated[str, typer.Argument(help="Mã CHO-… / Its code.", show_default=False)],
    department: Id,
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Giao một thư mục đang chờ cho một đơn vị. / Say whose a held folder is."""
    settings, output = begin(data, as_json, verbose)
    move = partial(assign, served_inbox(settings))
    with open_rooms(settings) as rooms:
        unit = departments.assign(local_operator(), rooms, code, department, move)
    output.emit({"code": code, "department": unit})
    output.say(output.text("cli.held_assigned", code=code, department=unit))


def _done(settings: Settings, output: Output, department: Department, sentence: str) -> None:
    announce(served_inbox(settings))
    said: dict[str, Any] = department.model_dump()
    output.emit({"department": said})
    output.say(output.text(sentence, **said))
