"""A person decides what is doubtful: ``review``."""

from typing import Annotated, NamedTuple

import typer

from schemas.errors import InputRejected
from schemas.rescan_views import SentOn
from sohoa.bootstrap import open_rooms
from sohoa.cli.named import Code, Department, numbered
from sohoa.cli.output import AsJson, Data, Output, Verbose, begin
from sohoa.cli.status import show_waiting, status
from usecases import changing, look
from usecases.caller import Caller, Right, local_operator
from usecases.dossiers import find_dossier
from usecases.review import Assignment, settle
from usecases.rooms import Rooms
from usecases.splitting import parse_ranges, split_by_person

Ranges = Annotated[
    str | None,
    typer.Argument(
        help="Với --split: 1-2,3-5 hoặc 1-2,3-5=MÃ. / With --split: the pages of each.",
        show_default=False,
    ),
]
Accept = Annotated[bool, typer.Option("--accept", help="Chấp nhận. / Accept all.")]
Assign = Annotated[list[str] | None, typer.Option("--set", help="TRƯỜNG=GIÁ TRỊ / FIELD=VALUE")]
Split = Annotated[
    bool, typer.Option("--split", help="Tách thành các tài liệu. / Split into documents.")
]
KeepTogether = Annotated[
    bool, typer.Option("--keep-together", help="Là một tài liệu. / It is one document.")
]
Turn = Annotated[
    str | None,
    typer.Option("--turn", help="TRANG=ĐỘ, theo chiều kim đồng hồ / PAGE=DEGREES, clockwise"),
]
AsType = Annotated[
    str | None, typer.Option("--type", help="Đổi loại giấy tờ. / The type that it is.")
]
Reject = Annotated[
    str | None, typer.Option("--reject", help="Từ chối, kèm lý do. / Do not take it, and why.")
]
Seen = Annotated[
    str,
    typer.Option(
        help="Mã băm bản kê đã xem. / Hash of the manifest that was seen.", show_default=False
    ),
]


def add_to(app: typer.Typer) -> None:
    """Register this module's commands."""
    app.command("review")(review)


def review(
    code: Code,
    ranges: Ranges = None,
    accept: Accept = False,
    assign: Assign = None,
    split: Split = False,
    keep_together: KeepTogether = False,
    turn: Turn = None,
    as_type: AsType = None,
    reject: Reject = None,
    seen: Seen = "",
    department: Department = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Xác nhận điều nghi ngờ; MÃ/SỐ là một tài liệu. / Settle doubts; CODE/N is one document."""
    settings, output = begin(data, as_json, verbose)
    code, number = numbered(code)
    caller = local_operator()
    if split and (accept or assign or keep_together):
        raise InputRejected("flow.split_alone")
    if ranges is not None and not split:
        raise InputRejected("flow.bad_ranges")
    changes = [one for one in (turn, as_type, reject) if one is not None]
    if changes:
        if len(changes) > 1 or split or accept or assign or keep_together:
            raise InputRejected("flow.change_alone")
        said = _Change(turn, as_type, reject)
        with open_rooms(settings) as rooms:
            _say_changed(output, _changed(caller, rooms, (code, number), said, seen, department))
        return
    with open_rooms(settings) as rooms:
        if not (split or accept or assign or keep_together):
            waiting = look.waiting(caller, rooms, code, number=number, department=department)
            output.emit(waiting.model_dump(mode="json"))
            if number is not None and not output.json:
                show_waiting(output, waiting)
            elif not output.json:
                status(code, department, as_json, verbose, data)
            return
        ledger, work = rooms.ledger, rooms.work
        dossier = find_dossier(caller, Right.review, ledger, code, department)
        if split:
            wanted = parse_ranges(ranges) if ranges else ()
            made = split_by_person(caller, ledger, work, dossier, number, wanted, seen=seen)
            _say_split(output, code, look.names(caller, rooms, made))
            return
        settled = settle(
            caller, ledger, work, dossier, [Assignment.parse(text) for text in assign or []],
            accept=accept, number=number, keep_together=keep_together, types=rooms.types,
            pass_unseen=rooms.pass_unseen, approval=rooms.approval, seen=seen,
        )  # fmt: skip
    output.emit({"dossier": code, "settled": [document.number for document in settled]})
    output.say(output.text("cli.settled", count=len(settled), code=code))


class _Change(NamedTuple):
    """One of these."""

    turn: str | None
    as_type: str | None
    reject: str | None


def _changed(
    caller: Caller,
    rooms: Rooms,
    named: tuple[str, int | None],
    said: _Change,
    seen: str,
    department: str | None,
) -> SentOn:
    """What is said of one document, done."""
    code, number = named
    if number is None:
        raise InputRejected("flow.which_to_change")
    if said.reject is not None:
        return changing.reject(
            caller, rooms, code, number, said.reject, seen=seen, department=department
        )
    if said.as_type is not None:
        return changing.change_type(
            caller, rooms, code, number, said.as_type, seen=seen, department=department
        )
    page, _, degrees = (said.turn or "").partition("=")
    if not (page.isdecimal() and degrees.isdecimal()):
        raise InputRejected("usecase.no_turn")
    return changing.turn_page(
        caller, rooms, code, number, int(page), int(degrees), seen=seen, department=department
    )


def _say_changed(output: Output, sent: SentOn) -> None:
    output.emit({"dossier": sent.dossier, "changed": sent.number})
    output.say(output.text("cli.changed", document=f"{sent.dossier}/{sent.number}"))


def _say_split(output: Output, code: str, named: list[str]) -> None:
    output.emit({"dossier": code, "split": named})
    output.say(output.text("cli.split", documents=", ".join(named)))
