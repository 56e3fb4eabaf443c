"""``route``: several signers, one after the other, in a folder they share. Needs no service."""

import getpass
from datetime import date
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.text import Text

from schemas.errors import NotFound
from schemas.route import Delegation, Route, Turn, TurnEnd
from signing import Profiles, known_profiles
from sohoa.bootstrap import open_rooms
from sohoa.cli.output import AsJson, Data, Output, Verbose, begin
from sohoa.cli.signing import asking_signer
from sohoa.settings import Settings
from usecases import route
from usecases.caller import local_operator
from usecases.context import now

app = typer.Typer(
    help="Nhiều người ký lần lượt một tài liệu. / Several signers, one after the other.",
    no_args_is_help=True,
    add_completion=False,
)

Folder = Annotated[Path, typer.Argument(help="Thư mục luồng ký. / The route's folder.")]
Person = Annotated[
    str | None,
    typer.Option("--as", help="Người ký; mặc định: tài khoản máy. / Who.", show_default=False),
]


def add_to(main: typer.Typer) -> None:
    """Register this module's commands."""
    main.add_typer(app, name="route")


@app.command("begin")
def begin_route(
    folder: Folder,
    file: Annotated[Path, typer.Argument(help="Tệp PDF. / A PDF.", show_default=False)],
    turn: Annotated[
        list[str],
        typer.Option(
            help="KIỂU=NGƯỜI theo thứ tự, ví dụ leader=lan. / KIND=PERSON, in order.",
            show_default=False,
        ),
    ],
    delegation: Annotated[
        list[str] | None,
        typer.Option(
            help="AI,CHO AI,TỪ NGÀY,ĐẾN NGÀY,CĂN CỨ (2026-11-01). / OF,TO,FIRST,LAST,BASIS.",
            show_default=False,
        ),
    ] = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Lập luồng ký cho một tài liệu. / Start a route for a document."""
    settings, output = begin(data, as_json, verbose)
    if not file.is_file():
        raise NotFound("cli.no_such_path")
    profiles = known_profiles(settings.signing.profiles)
    turns = [_turn(text, profiles) for text in turn]
    delegations = [_delegation(one) for one in delegation or ()]
    with open_rooms(settings) as rooms:
        begun = route.begin(
            local_operator(), rooms.ledger, folder, file, turns, delegations, profiles
        )
    _tell(settings, output, begun)


@app.command("sign")
def sign(
    folder: Folder,
    person: Person = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Ký lượt của mình (hoặc được ủy quyền). / Sign, when it is one's turn."""
    settings, output = begin(data, as_json, verbose)
    moment = now().astimezone(ZoneInfo(settings.signing.timezone))  # a delegation's days are local
    who = person or getpass.getuser()
    with open_rooms(settings) as rooms, asking_signer(settings, output) as signer:
        done = route.take_turn(
            local_operator(), rooms.ledger, folder, signer, person=who, moment=moment
        )
    _tell(settings, output, done)


@app.command("refuse")
def refuse(
    folder: Folder,
    reason: Annotated[str, typer.Option(help="Lý do. / Why.", show_default=False)],
    person: Person = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Từ chối ký, nêu lý do; luồng ký kết thúc. / Do not sign, and say why."""
    settings, output = begin(data, as_json, verbose)
    moment = now().astimezone(ZoneInfo(settings.signing.timezone))
    who = person or getpass.getuser()
    with open_rooms(settings) as rooms:
        done = route.refuse(
            local_operator(), rooms.ledger, folder, person=who, reason=reason, moment=moment
        )
    _tell(settings, output, done)


@app.command("show")
def show(
    folder: Folder, as_json: AsJson = False, verbose: Verbose = False, data: Data = None
) -> None:
    """Ai đã ký, đến lượt ai. / Who signed, whose turn it is."""
    settings, output = begin(data, as_json, verbose)
    with open_rooms(settings) as rooms:
        found = route.show(local_operator(), rooms.ledger, folder)
    _tell(settings, output, found)


def _turn(text: str, profiles: Profiles) -> Turn:
    kind, _, person = text.partition("=")
    try:
        profile = profiles[kind.strip()]
        return Turn(person=person.strip(), profile=profile.name, role=profile.role)
    except (KeyError, ValueError) as exc:
        raise typer.BadParameter(f"--turn: {', '.join(profiles)}=…") from exc


def _delegation(text: str) -> Delegation:
    try:
        of, to, first, last, basis = (part.strip() for part in text.split(",", maxsplit=4))
        return Delegation(
            of=of,
            to=to,
            first=date.fromisoformat(first),
            last=date.fromisoformat(last),
            basis=basis,
        )
    except ValueError as exc:
        raise typer.BadParameter("--delegation OF,TO,2026-11-01,2026-11-30,BASIS") from exc


def _tell(settings: Settings, output: Output, found: Route) -> None:
    zone = ZoneInfo(settings.signing.timezone)
    known = found.model_dump(mode="json", include={"sha256", "turns", "delegations"})
    output.emit(
        {
            "route": known,
            "decisions": [
                {
                    "turn": one.turn,
                    "actor": one.person,
                    "action": one.end.value,
                    "at": one.at.astimezone(zone).isoformat(),
                    "sha256": one.sha256,
                    "reason": one.reason,
                    "basis": one.basis,
                }
                for one in found.taken
            ],
            "turn": found.turn,
            "refused": found.refused,
        }
    )
    if output.json:
        return
    table = output.table(None, "turn", "person", "profile", "outcome")
    for number, turn in enumerate(found.turns, start=1):
        done = next((one for one in found.taken if one.turn == number), None)
        if done is None:
            words = output.text("signing.route_waits") if number == found.turn else "-"
        elif done.end is TurnEnd.refused:
            reason = done.reason or ""
            words = output.text("signing.route_refused", actor=done.person, reason=reason)
        else:
            day = f"{done.at.astimezone(zone):%d/%m/%Y %H:%M}"
            words = output.text("signing.route_signed", actor=done.person, day=day)
        if done is not None and done.basis:
            words += f" ({done.basis})"
        table.add_row(str(number), Text(turn.person), turn.profile, Text(words))
    output.people.print(table)
