"""``sohoa user delegate``: who approves in whose stead."""

from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from sohoa.bootstrap import open_rooms
from sohoa.cli.output import AsJson, Data, Verbose, begin, plain
from usecases import delegations
from usecases.caller import local_operator

app = typer.Typer(
    help="Ủy quyền phê duyệt. / Delegation of approval.",
    no_args_is_help=True,
    add_completion=False,
)

DAY = ["%Y-%m-%d"]


@app.command("add")
def add(
    giver: Annotated[str, typer.Argument(help="Người ký. / The signer.", show_default=False)],
    delegate: Annotated[
        str, typer.Argument(help="Người phê duyệt thay. / Who approves.", show_default=False)
    ],
    first: Annotated[
        datetime,
        typer.Option("--from", formats=DAY, help="Ngày đầu. / First day.", show_default=False),
    ],
    last: Annotated[
        datetime,
        typer.Option("--to", formats=DAY, help="Ngày cuối. / Last day.", show_default=False),
    ],
    reason: Annotated[str, typer.Option(help="Lý do. / Why.", show_default=False)],
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Ủy quyền phê duyệt từ ngày đến ngày. / Delegate approval from day to day."""
    settings, output = begin(data, as_json, verbose)
    zone = ZoneInfo(settings.signing.timezone)
    with open_rooms(settings) as rooms:
        made = delegations.delegate(
            local_operator(), rooms, delegate, first.date(), last.date(), reason,
            zone=zone, giver=giver,
        )  # fmt: skip
    output.emit({"delegation": made.model_dump(mode="json")})
    output.say(
        output.text(
            "cli.delegated",
            giver=made.giver,
            delegate=made.delegate,
            first=f"{first:%d/%m/%Y}",
            last=f"{last:%d/%m/%Y}",
            number=made.number,
        )
    )


@app.command("list")
def show(as_json: AsJson = False, verbose: Verbose = False, data: Data = None) -> None:
    """Các ủy quyền, mới nhất trước. / The delegations, the newest first."""
    settings, output = begin(data, as_json, verbose)
    with open_rooms(settings) as rooms:
        known = delegations.delegations(local_operator(), rooms)
    output.emit({"delegations": [one.model_dump(mode="json") for one in known]})
    if output.json:
        return
    zone = ZoneInfo(settings.signing.timezone)
    table = output.table(None, "number", "giver", "delegate", "days", "state")
    for one in known:
        days = (f"{at.astimezone(zone):%d/%m/%Y}" for at in (one.first, one.last))
        table.add_row(
            str(one.number),
            plain(one.giver),
            plain(one.delegate),
            " - ".join(days),
            output.standing(stands=one.stands, over=one.over),
        )
    output.people.print(table)


@app.command("end")
def end(
    number: Annotated[int, typer.Argument(help="Số ủy quyền. / Its number.", show_default=False)],
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Chấm dứt sớm. / End it early."""
    settings, output = begin(data, as_json, verbose)
    with open_rooms(settings) as rooms:
        ended = delegations.end(local_operator(), rooms, number)
    output.emit({"delegation": ended.model_dump(mode="json")})
    output.say(output.text("cli.delegation_ended", number=ended.number))
