"""Handing scans over and trying again: ``ingest``, ``retry``."""

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from schemas.dossier import Stage
from schemas.errors import ExitCode
from sohoa.bootstrap import open_rooms
from sohoa.cli.named import Code, Department
from sohoa.cli.output import AsJson, Data, Verbose, begin
from sohoa.services import running, served_inbox
from usecases import retrying
from usecases.caller import Right, local_operator
from usecases.context import now
from usecases.dossiers import known_department
from usecases.following import stage_reached
from usecases.submission import submissions, submit


def add_to(app: typer.Typer) -> None:
    """Register this module's commands."""
    app.command("ingest")(ingest)
    app.command("retry")(retry)


def ingest(
    paths: Annotated[
        list[Path], typer.Argument(help="Tệp hoặc thư mục. / Files or folders.", show_default=False)
    ],
    dossier: Annotated[
        str | None, typer.Option(help="Mã hồ sơ. / Dossier code.", show_default=False)
    ] = None,
    department: Department = None,
    wait: Annotated[bool, typer.Option(help="Đợi xử lý xong. / Wait until it is through.")] = False,
    timeout: Annotated[float, typer.Option(help="Giây. / Seconds to wait.")] = 3600.0,
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Chuyển bản quét vào hộp thư. / Hand scans over to the running service."""
    settings, output = begin(data, as_json, verbose)
    caller, unit = local_operator(), settings.department_default
    if department:
        with open_rooms(settings) as rooms:
            unit = known_department(caller, Right.submit, rooms.ledger, department)
    started = now()
    inbox = served_inbox(settings)
    handed: list[dict[str, Any]] = []
    for submission in submissions(paths, dossier, date.today()):
        count = submit(caller, inbox, unit, submission)
        handed.append(
            {
                "code": submission.code,
                "department": unit,
                "provisional": submission.provisional,
                "files": count,
                "stage": None,
            }
        )
        output.say(output.text("cli.handed_over", code=submission.code))
        if submission.provisional:
            output.say(output.text("flow.provisional_code", code=submission.code))
    if running(settings) is None:
        output.say(output.text("cli.not_serving"))
    code = ExitCode.ok
    if wait:
        with open_rooms(settings) as rooms:
            for entry in handed:
                stage = stage_reached(
                    caller, rooms, entry["code"], unit, since=started, seconds=timeout
                )
                entry["stage"] = stage
                if stage is None:
                    output.say(
                        output.text("cli.waited_in_vain", code=entry["code"], seconds=int(timeout))
                    )
        stages = {entry["stage"] for entry in handed}
        if Stage.rejected in stages:
            code = ExitCode.bad_input
        elif stages != {Stage.published}:
            code = ExitCode.not_finished
    output.emit({"dossiers": handed})
    if code is not ExitCode.ok:
        raise typer.Exit(code)


def retry(
    code: Code,
    department: Department = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Xử lý lại tài liệu bị lỗi. / Try failed documents again."""
    settings, output = begin(data, as_json, verbose)
    with open_rooms(settings) as rooms:
        again = retrying.retry(local_operator(), rooms, code, department=department)
    output.emit(again.model_dump(mode="json"))
    output.say(output.text("cli.retried", count=len(again.retried), code=code))
