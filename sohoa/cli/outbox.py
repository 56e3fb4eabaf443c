"""``sohoa outbox``: what is on its way to other systems, and what was given up."""

from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from schemas.delivery import DeliveryView
from sohoa.bootstrap import open_rooms
from sohoa.cli.output import AsJson, Data, Output, Verbose, begin, plain
from usecases import targets
from usecases.caller import local_operator

app = typer.Typer(
    help="Tin đang gửi cho hệ thống khác. / News on their way to other systems.",
    no_args_is_help=True,
    add_completion=False,
)


def add_to(main: typer.Typer) -> None:
    """Register this module's commands."""
    main.add_typer(app, name="outbox")


@app.command("list")
def show(
    target: Annotated[
        str | None, typer.Option(help="Hệ thống nhận. / To this system.", show_default=False)
    ] = None,
    dead: Annotated[
        bool, typer.Option("--dead", help="Chỉ tin cần người xử lý. / Given up ones alone.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Số dòng. / Lines.")] = 50,
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Tin đang chờ gửi. / What is on its way."""
    settings, output = begin(data, as_json, verbose)
    with open_rooms(settings) as rooms:
        found = targets.deliveries(
            local_operator(), rooms, target=target, dead=dead or None, limit=limit
        )
    output.emit({"deliveries": [one.model_dump(mode="json") for one in found]})
    if output.json:
        return
    zone = ZoneInfo(settings.signing.timezone)
    table = output.table(None, "number", "target", "dossier", "event", "time", "tries", "state")
    for one in found:
        table.add_row(
            str(one.number),
            plain(one.target),
            one.dossier if one.document is None else f"{one.dossier}/{one.document}",
            one.news.value,
            f"{one.at.astimezone(zone):%d/%m %H:%M}",
            str(one.attempts or ""),
            _state(output, one),
        )
    output.people.print(table)


def _state(output: Output, one: DeliveryView) -> str:
    error = one.error or ""
    return f"{output.text('cli.state_dead')}: {error}" if one.dead else error


@app.command("retry")
def retry(
    target: Annotated[
        str, typer.Argument(help="Hệ thống nhận. / To which system.", show_default=False)
    ],
    number: Annotated[
        int | None, typer.Option(help="Chỉ tin số này. / This one alone.", show_default=False)
    ] = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Gửi lại tin đã bỏ. / Send what was given up again."""
    settings, output = begin(data, as_json, verbose)
    with open_rooms(settings) as rooms:
        done = targets.retry_deliveries(local_operator(), rooms, target, number=number)
    output.emit(done.model_dump(mode="json"))
    output.say(output.text("cli.deliveries_retried", count=done.count, name=done.target))
