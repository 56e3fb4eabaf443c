"""Handing scans over and trying again: ``ingest``, ``retry``."""

import getpass
import time
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from schemas.dossier import Stage, dossier_stage
from schemas.errors import ExitCode
from sohoa.bootstrap import open_ledger, work_folder
from sohoa.cli.named import Code, Department, find_dossier, known_unit
from sohoa.cli.output import AsJson, Data, Verbose, begin
from sohoa.services import running, served_inbox
from storage import Ledger
from usecases.context import now
from usecases.remaking import lost_in_review
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
    unit = settings.department_default
    if department:
        with open_ledger(settings) as ledger:
            unit = known_unit(ledger, department)
    started = now()
    inbox = served_inbox(settings)
    handed: list[dict[str, Any]] = []
    for submission in submissions(paths, dossier, date.today()):
        count = submit(inbox, unit, submission)
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
        with open_ledger(settings) as ledger:
            for entry in handed:
                stage = _wait(ledger, entry["code"], unit, started, timeout)
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


def _wait(
    ledger: Ledger, code: str, department: str, started: datetime, timeout: float
) -> Stage | None:
    """Until the newest claim of the dossier is settled; None when the time is over."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        dossier = ledger.dossier(code, department)
        if dossier is not None:
            claims = [one for one in ledger.claims(dossier.id) if one.created_at >= started]
            mine = [one for claim in claims for one in ledger.claimed(claim.claim_id)]
            closed = all(claim.closed_at is not None for claim in claims)
            waiting = any(one.stage.waits_for_person for one in mine)
            settled = mine and all(one.stage.settled for one in mine)
            if settled and (closed or waiting):
                return dossier_stage([one.stage for one in mine])
        time.sleep(0.3)
    return None


def retry(
    code: Code,
    department: Department = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Xử lý lại tài liệu bị lỗi. / Try failed documents again."""
    settings, output = begin(data, as_json, verbose)
    with open_ledger(settings) as ledger:
        dossier = find_dossier(ledger, code, department)
        actor = f"cli:{getpass.getuser()}"
        seen = ledger.documents(dossier.id)
        again = [
            ledger.begin_again(lost.id, lost.manifest_sha256 or "", actor)
            for lost in lost_in_review(ledger, work_folder(settings), dossier)
        ]
        again += ledger.retry(dossier.id, actor, seen=seen)
    output.emit({"dossier": code, "retried": [document.number for document in again]})
    output.say(output.text("cli.retried", count=len(again), code=code))
