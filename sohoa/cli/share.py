"""``sohoa share``: what departments share with each other."""

from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from schemas.errors import InputRejected
from schemas.sharing import Shared
from schemas.sharing_views import RulesEntered
from sohoa.bootstrap import open_rooms
from sohoa.cli.named import Department
from sohoa.cli.output import AsJson, Data, Output, Verbose, begin, plain
from usecases import grants
from usecases.caller import local_operator

app = typer.Typer(
    help="Chia sẻ giấy tờ giữa các đơn vị. / What departments share with each other.",
    no_args_is_help=True,
    add_completion=False,
)

DAY = ["%Y-%m-%d"]


def add_to(main: typer.Typer) -> None:
    """Register this module's commands."""
    main.add_typer(app, name="share")


@app.command("add")
def add(
    giver: Annotated[
        str, typer.Argument(help="Đơn vị chia sẻ. / Department that shares.", show_default=False)
    ],
    receiver: Annotated[
        str, typer.Argument(help="Đơn vị nhận. / Department that gets it.", show_default=False)
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
    procedure: Annotated[
        str | None, typer.Option(help="Mã thủ tục. / Procedure.", show_default=False)
    ] = None,
    kind: Annotated[
        str | None,
        typer.Option("--type", help="Loại giấy tờ. / Document type.", show_default=False),
    ] = None,
    dossier: Annotated[
        str | None, typer.Option(help="Mã hồ sơ. / Dossier code.", show_default=False)
    ] = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Chia sẻ một thủ tục, loại giấy tờ hoặc hồ sơ. / Share a procedure, a type, or a dossier."""
    settings, output = begin(data, as_json, verbose)
    what, subject = _subject(procedure, kind, dossier)
    zone = ZoneInfo(settings.signing.timezone)
    with open_rooms(settings) as rooms:
        made = grants.share(
            local_operator(), rooms, giver, receiver, what, subject,
            first.date(), last.date(), reason, zone=zone,
        )  # fmt: skip
    output.emit({"grant": made.model_dump(mode="json")})
    output.say(
        output.text(
            "cli.shared",
            giver=made.giver_name,
            receiver=made.receiver_name,
            subject=made.subject_name or made.subject,
            first=f"{first:%d/%m/%Y}",
            last=f"{last:%d/%m/%Y}",
            number=made.number,
        )
    )


@app.command("list")
def show(
    department: Department = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Những gì đang và đã chia sẻ, mới nhất trước. / What is and was shared, the newest first."""
    settings, output = begin(data, as_json, verbose)
    with open_rooms(settings) as rooms:
        found = grants.sharing(local_operator(), rooms, department=department).grants
    output.emit({"grants": [one.model_dump(mode="json") for one in found]})
    if output.json:
        return
    zone = ZoneInfo(settings.signing.timezone)
    table = output.table(None, "number", "shares", "receives", "shared", "days", "state")
    for one in found:
        days = (f"{at.astimezone(zone):%d/%m/%Y}" if at else "…" for at in (one.first, one.last))
        table.add_row(
            str(one.number),
            plain(one.giver_name),
            plain(one.receiver_name),
            plain(one.subject_name or one.subject),
            " - ".join(days),
            output.standing(stands=one.stands, over=one.over),
        )
    output.people.print(table)


@app.command("end")
def end(
    number: Annotated[int, typer.Argument(help="Số của nó. / Its number.", show_default=False)],
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Chấm dứt chia sẻ, có hiệu lực ngay. / End it, from now on."""
    settings, output = begin(data, as_json, verbose)
    with open_rooms(settings) as rooms:
        ended = grants.end_sharing(local_operator(), rooms, number)
    output.emit({"grant": ended.model_dump(mode="json")})
    output.say(output.text("cli.sharing_ended", number=ended.number))


@app.command("rules")
def rules(as_json: AsJson = False, verbose: Verbose = False, data: Data = None) -> None:
    """Thực hiện quy định chia sẻ bắt buộc trong cấu hình. / Enter the settings' mandatory rules."""
    settings, output = begin(data, as_json, verbose)
    with open_rooms(settings) as rooms:
        done = grants.enter_rules(
            local_operator(),
            rooms,
            settings.sharing.mandatory,
            zone=ZoneInfo(settings.signing.timezone),
        )
    output.emit(done.model_dump(mode="json"))
    tell_rules(output, done)


def tell_rules(output: Output, done: RulesEntered) -> None:
    """Say what became of the rules."""
    counts = {"standing": done.standing, "added": len(done.added), "ended": len(done.ended)}
    output.say(output.text("cli.sharing_rules", **counts))
    if done.unknown:
        output.say(output.text("cli.sharing_unknown", names=", ".join(done.unknown)))


def _subject(procedure: str | None, kind: str | None, dossier: str | None) -> tuple[Shared, str]:
    """What is shared.

    Raises:
        InputRejected: not exactly one thing is named.
    """
    said = {
        Shared.procedure: procedure,
        Shared.document_type: kind,
        Shared.dossier: dossier,
    }
    named = [(what, subject) for what, subject in said.items() if subject]
    if len(named) != 1:
        raise InputRejected("cli.sharing_one_of")
    return named[0]
