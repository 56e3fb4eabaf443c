"""``sohoa token``: which systems may ask."""

from datetime import UTC, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from sohoa.bootstrap import open_rooms
from sohoa.cli.output import AsJson, Data, Verbose, begin, plain
from sohoa.cli.user import Roles, Units, units_shown
from usecases import tokens
from usecases.caller import local_operator

app = typer.Typer(
    help="Mã truy cập của hệ thống khác. / Tokens of other systems.",
    no_args_is_help=True,
    add_completion=False,
)

Name = Annotated[str, typer.Argument(help="Tên hệ thống. / The system's name.", show_default=False)]


def add_to(main: typer.Typer) -> None:
    """Register this module's commands."""
    main.add_typer(app, name="token")


@app.command("add")
def add(
    name: Name,
    role: Roles,
    department: Units = None,
    days: Annotated[int, typer.Option(help="Số ngày hiệu lực. / Days until it ends.")] = 365,
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Cấp mã truy cập, chỉ hiện một lần. / Make a token, shown once."""
    settings, output = begin(data, as_json, verbose)
    with open_rooms(settings) as rooms:
        made = tokens.add(local_operator(), rooms, name, role, department or None, days=days)
    output.emit({"token": made.model_dump(mode="json")})
    if not output.json:
        output.say(output.text("cli.token_added", name=made.name, token=made.token))


@app.command("list")
def show(as_json: AsJson = False, verbose: Verbose = False, data: Data = None) -> None:
    """Các mã truy cập. / The tokens."""
    settings, output = begin(data, as_json, verbose)
    with open_rooms(settings) as rooms:
        known = tokens.tokens(local_operator(), rooms)
    output.emit({"tokens": [one.model_dump(mode="json") for one in known]})
    if output.json:
        return
    zone, now = ZoneInfo(settings.signing.timezone), datetime.now(UTC)
    table = output.table(None, "name", "duties", "department", "ends", "state")
    for one in known:
        ended = one.ended_at is not None or one.ends_at <= now
        table.add_row(
            plain(one.name),
            ", ".join(one.duties),
            units_shown(output, one.departments),
            f"{one.ends_at.astimezone(zone):%d/%m/%Y}",
            output.text("cli.state_ended") if ended else "",
        )
    output.people.print(table)


@app.command("end")
def end(name: Name, as_json: AsJson = False, verbose: Verbose = False, data: Data = None) -> None:
    """Thu hồi mã truy cập. / End a token."""
    settings, output = begin(data, as_json, verbose)
    with open_rooms(settings) as rooms:
        ended = tokens.end(local_operator(), rooms, name)
    output.emit({"token": ended.model_dump(mode="json")})
    output.say(output.text("cli.token_ended", name=ended.name))
