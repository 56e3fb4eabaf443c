"""What a signer says before and after signing: ``approve``, ``reopen``, ``withdraw``."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer
from rich.text import Text

from schemas.dossier import Stage
from schemas.errors import InputRejected
from schemas.work import QueueEntry
from sohoa.bootstrap import open_rooms
from sohoa.cli.named import Code, Department, numbered
from sohoa.cli.output import AsJson, Data, Output, Verbose, begin
from usecases.approval import approve_waiting, refuse
from usecases.approval import reopen as reopen_document
from usecases.caller import Right, local_operator
from usecases.dossiers import find_dossier
from usecases.queue import all_waiting
from usecases.withdrawal import withdraw_named

Reason = Annotated[
    str,
    typer.Option(help="Lý do, không nêu tên người. / Why, naming nobody.", show_default=False),
]
Why = Annotated[
    str,
    typer.Option(
        help="Lý do duyệt dù trường bắt buộc còn trống. / Why, though a required field is empty.",
        show_default=False,
    ),
]


def add_to(app: typer.Typer) -> None:
    """Register this module's commands."""
    app.command("approve")(approve)
    app.command("reopen")(reopen)
    app.command("withdraw")(withdraw)


def approve(
    code: Annotated[
        str | None, typer.Argument(help="Mã hồ sơ. / Dossier code.", show_default=False)
    ] = None,
    waiting: Annotated[
        bool, typer.Option("--list", help="Đang chờ phê duyệt. / What waits for approval.")
    ] = False,
    reason: Annotated[
        str | None,
        typer.Option(
            "--refuse", help="Không duyệt, vì sao. / Refuse, and why.", show_default=False
        ),
    ] = None,
    seen: Annotated[
        str,
        typer.Option(
            help="Mã băm bản kê đã xem. / Hash of the manifest that was seen.", show_default=False
        ),
    ] = "",
    why: Why = "",
    department: Department = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Phê duyệt trước khi ký; MÃ/SỐ là một tài liệu. / Approve before signing, or refuse."""
    settings, output = begin(data, as_json, verbose)
    caller = local_operator()
    with open_rooms(settings) as rooms:
        if waiting:
            _show_waiting(
                output, all_waiting(caller, rooms, Stage.awaiting_approval, department=department)
            )
            return
        if code is None:
            raise InputRejected("cli.approve_what")
        code, number = numbered(code)
        dossier = find_dossier(caller, Right.approve, rooms.ledger, code, department)
        if reason is not None:
            back = refuse(caller, rooms.ledger, dossier, number, reason, seen=seen)
            output.emit({"dossier": code, "refused": [one.number for one in back]})
            output.say(output.text("cli.sent_back", count=len(back), code=code))
            return
        done = approve_waiting(
            caller,
            rooms.ledger,
            dossier,
            number,
            options=rooms.approval,
            types=rooms.types,
            seen=seen,
            why=why,
        )
    _say_approved(output, code, done)


def _show_waiting(output: Output, entries: Sequence[QueueEntry]) -> None:
    output.emit({"waiting": [one.model_dump(mode="json") for one in entries]})
    if not output.json:
        output.people.print(_table(output, entries))


def _say_approved(output: Output, code: str, done: Sequence[Any]) -> None:
    through = [one.number for one in done if one.stage is not Stage.awaiting_approval]
    output.emit(
        {"dossier": code, "approved": [one.number for one in done], "ready_to_sign": through}
    )
    output.say(output.text("cli.approved", count=len(done), code=code))
    if len(through) < len(done):
        output.say(output.text("cli.approval_of_another", count=len(done) - len(through)))


def _table(output: Output, entries: Sequence[QueueEntry]) -> Any:
    table = output.table(None, "dossier", "department", "document", "type", "due")
    for one in entries:
        table.add_row(
            Text(f"{one.dossier}/{one.number}"),
            Text(one.department),
            one.role.value,
            one.document_type or "-",
            f"{one.due_at:%d/%m/%Y}" if one.due_at else "-",
        )
    return table


def reopen(
    code: Code,
    reason: Reason,
    department: Department = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Đưa MÃ/SỐ về rà soát trước khi ký. / Send CODE/N back to review, before it is signed."""
    settings, output = begin(data, as_json, verbose)
    code, number = _one_of(code)
    caller = local_operator()
    with open_rooms(settings) as rooms:
        dossier = find_dossier(caller, Right.review, rooms.ledger, code, department)
        done = reopen_document(caller, rooms.ledger, dossier, number, reason)
    output.emit({"dossier": code, "reopened": [done.number]})
    output.say(output.text("cli.sent_back", count=1, code=code))


def withdraw(
    code: Code,
    reason: Reason,
    by: Annotated[
        str | None,
        typer.Option(help="MÃ/SỐ thay thế. / CODE/N that replaces it.", show_default=False),
    ] = None,
    department: Department = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Thu hồi MÃ/SỐ đã công bố; kho vẫn giữ. / Withdraw published CODE/N; the store keeps it."""
    settings, output = begin(data, as_json, verbose)
    code, number = _one_of(code)
    caller = local_operator()
    with open_rooms(settings) as rooms:
        done = withdraw_named(caller, rooms, code, number, reason, by=by, department=department)
    output.emit({"dossier": code, "withdrawn": [done.number], "superseded_by": by})
    output.say(output.text("cli.withdrawn", document=f"{code}/{number}"))


def _one_of(name: str) -> tuple[str, int]:
    """``H17-261123-0001/2`` as code and number.

    Raises:
        InputRejected: no document is named.
    """
    code, number = numbered(name)
    if number is None:
        raise InputRejected("cli.which_document")
    return code, number
