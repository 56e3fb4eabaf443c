"""``sohoa target``: which other systems are told when a dossier changes."""

import sys
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from schemas.delivery import USUAL, News, TargetView
from schemas.record_names import USUAL_ADAPTER
from sohoa.bootstrap import open_rooms
from sohoa.cli.output import AsJson, Data, Output, Verbose, begin, plain
from sohoa.cli.user import Units, units_shown
from usecases import targets
from usecases.caller import local_operator

app = typer.Typer(
    help="Hệ thống được báo khi hồ sơ thay đổi. / Systems that are told of changes.",
    no_args_is_help=True,
    add_completion=False,
)

Name = Annotated[str, typer.Argument(help="Tên hệ thống. / The system's name.", show_default=False)]


def add_to(main: typer.Typer) -> None:
    """Register this module's commands."""
    main.add_typer(app, name="target")


@app.command("add")
def add(
    name: Name,
    url: Annotated[
        str, typer.Option(help="Địa chỉ nhận tin (https). / Where it is told.", show_default=False)
    ],
    department: Units = None,
    events: Annotated[
        list[News] | None,
        typer.Option(
            help="Báo khi nào, lặp lại được; nếu không nêu: công bố, thu hồi, thay thế."
            " / Of what, repeatable; unless said: published, withdrawn, superseded.",
            show_default=False,
        ),
    ] = None,
    adapter: Annotated[str, typer.Option(help="Bộ tên bản ghi. / In which names.")] = USUAL_ADAPTER,
    allow_plain: Annotated[
        bool,
        typer.Option("--allow-plain", help="Cho phép http:// tới máy khác. / Allow plain http."),
    ] = False,
    secret_stdin: Annotated[
        bool,
        typer.Option("--secret-stdin", help="Đọc khóa bí mật từ stdin. / The secret from stdin."),
    ] = False,
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Báo cho một hệ thống; khóa chỉ hiện một lần. / Tell a system; its secret is shown once."""
    settings, output = begin(data, as_json, verbose)
    given = sys.stdin.readline().strip() if secret_stdin else None
    with open_rooms(settings) as rooms:
        made = targets.add(
            local_operator(), rooms, name, url,
            departments=department or None, events=events or USUAL, adapter=adapter,
            allow_plain=allow_plain, secret=given,
        )  # fmt: skip
    secret = made.secret.get_secret_value()
    output.emit({"target": made.model_dump(mode="json") | {"secret": secret}})
    if not output.json:
        output.say(output.text("cli.target_added", name=made.name, secret=secret))


@app.command("list")
def show(as_json: AsJson = False, verbose: Verbose = False, data: Data = None) -> None:
    """Các hệ thống được báo. / The systems that are told."""
    settings, output = begin(data, as_json, verbose)
    with open_rooms(settings) as rooms:
        known = targets.targets(local_operator(), rooms)
    output.emit({"targets": [one.model_dump(mode="json") for one in known]})
    if output.json:
        return
    zone = ZoneInfo(settings.signing.timezone)
    table = output.table(
        None, "name", "department", "events", "adapter", "waiting", "dead", "state"
    )
    for one in known:
        table.add_row(
            plain(one.name),
            units_shown(output, one.departments),
            ", ".join(one.events),
            one.adapter,
            str(one.waiting or ""),
            str(one.dead or ""),
            _state(output, one, zone),
        )
    output.people.print(table)


def _state(output: Output, one: TargetView, zone: ZoneInfo) -> str:
    if not one.counts:
        return output.text("cli.state_ended")
    if one.failing_since is None:
        return ""
    when = f"{one.failing_since.astimezone(zone):%d/%m %H:%M}"
    return output.text("cli.state_failing", when=when)


@app.command("end")
def end(name: Name, as_json: AsJson = False, verbose: Verbose = False, data: Data = None) -> None:
    """Thôi báo cho một hệ thống. / Tell a system no more."""
    settings, output = begin(data, as_json, verbose)
    with open_rooms(settings) as rooms:
        ended = targets.end(local_operator(), rooms, name)
    output.emit({"target": ended.model_dump(mode="json")})
    output.say(output.text("cli.target_ended", name=ended.name))
