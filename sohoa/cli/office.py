"""The office's commands: ``ingest``, ``status``, ``review``, ``retry``, ``results``."""

import getpass
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from flows.desk import Desk
from flows.office import now
from flows.review import Assignment, Doubt, doubts, settle
from schemas.dossier import Stage, department_id
from schemas.errors import ExitCode, NotFound
from schemas.field import FieldStatus
from schemas.messages import sentence
from sohoa.cli.output import AsJson, Data, Output, Verbose, begin
from sohoa.fetch import fetch
from sohoa.handover import hand_over, parcels
from sohoa.opening import open_ledger, open_objects, work_folder
from sohoa.services import running
from sohoa.settings import Settings
from storage import Document, Dossier, Ledger

results = typer.Typer(
    help="Kết quả đã công bố. / Published results.", no_args_is_help=True, add_completion=False
)

Code = Annotated[str, typer.Argument(help="Mã hồ sơ. / Dossier code.", show_default=False)]
Department = Annotated[str | None, typer.Option(help="Đơn vị. / Department.", show_default=False)]


def add_to(app: typer.Typer) -> None:
    """Register this module's commands."""
    app.command("ingest")(ingest)
    app.command("status")(status)
    app.command("review")(review)
    app.command("retry")(retry)
    app.add_typer(results, name="results")


def _unit(department: str | None) -> str | None:
    """The identifier of the department that was named, if one was."""
    return department_id(department) if department else None


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
    unit = _unit(department) or settings.department_default
    started = now()
    handed: list[dict[str, Any]] = []
    for parcel in parcels(paths, dossier, date.today()):
        count = hand_over(settings.inbox, unit, parcel)
        handed.append(
            {
                "code": parcel.code,
                "department": unit,
                "provisional": parcel.provisional,
                "files": count,
                "stage": None,
            }
        )
        output.say(output.text("cli.handed_over", code=parcel.code))
        if parcel.provisional:
            output.say(output.text("flow.provisional_code", code=parcel.code))
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
            ids = {claim.claim_id for claim in claims}
            mine = [one for one in ledger.documents(dossier.id) if one.claim_id in ids]
            closed = all(claim.closed_at is not None for claim in claims)
            waiting = any(one.stage in {Stage.in_review, Stage.failed} for one in mine)
            settled = mine and all(one.stage.settled for one in mine)
            if settled and (closed or waiting):
                return ledger.dossier_by_id(dossier.id).stage
        time.sleep(0.3)
    return None


def _dossier(ledger: Ledger, code: str, department: str | None) -> Dossier:
    found = ledger.dossier(code, _unit(department))
    if found is None:
        raise NotFound("cli.no_dossier")
    return found


def status(
    code: Annotated[
        str | None, typer.Argument(help="Mã hồ sơ. / Dossier code.", show_default=False)
    ] = None,
    department: Department = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Hồ sơ đang ở giai đoạn nào. / Where dossiers stand."""
    settings, output = begin(data, as_json, verbose)
    with open_ledger(settings) as ledger:
        if code is None:
            unit = _unit(department)
            dossiers = ledger.dossiers(department=unit)
            output.emit({"dossiers": [_summary(ledger, one) for one in dossiers]})
            if not output.json:
                output.people.print(dossier_table(output, ledger, dossiers, work_folder(settings)))
            return
        dossier = _dossier(ledger, code, department)
        full = _summary(ledger, dossier) | {
            "documents": [_document(one, settings, output) for one in ledger.documents(dossier.id)],
            "doubts": _doubts(ledger, settings, dossier),
            "objects": [one.model_dump(mode="json") for one in ledger.objects(dossier.id)],
            "events": [one.model_dump(mode="json") for one in ledger.events(dossier.id)],
        }
        output.emit({"dossier": full})
        if not output.json:
            _show_dossier(output, full)


def _summary(ledger: Ledger, dossier: Dossier) -> dict[str, Any]:
    stages = [document.stage for document in ledger.documents(dossier.id)]
    return {
        "code": dossier.code,
        "department": dossier.department,
        "provisional": dossier.provisional,
        "stage": dossier.stage,
        "documents": len(stages),
        "rejected": stages.count(Stage.rejected),
        "created_at": dossier.created_at.isoformat(),
        "updated_at": dossier.updated_at.isoformat(),
        "warnings": list(dossier.warnings),
    }


def _document(document: Document, settings: Settings, output: Output) -> dict[str, Any]:
    error = (
        output.text(document.error_code, **document.error_params) if document.error_code else None
    )
    return document.model_dump(mode="json", exclude={"dossier_id", "claim_id", "relative"}) | {
        "label": document.label,
        "error": error,
        "reading": _reading(document, settings),
    }


def _reading(document: Document, settings: Settings) -> dict[str, int] | None:
    """Pages read so far and pages in all, while a long document is being read."""
    if document.stage is not Stage.received:
        return None
    state = Desk(work_folder(settings) / str(document.id)).noted()
    return {"read": state[0], "pages": state[1]} if state else None


def _doubts(ledger: Ledger, settings: Settings, dossier: Dossier) -> list[dict[str, Any]]:
    return [
        {
            "document": doubt.document.number,
            "label": doubt.document.label,
            "field": path,
            "value": field.value,
            "raw": field.raw,
            "confidence": field.confidence,
            "failed_checks": [check.name for check in field.checks if not check.passed],
        }
        for doubt in doubts(ledger, work_folder(settings), dossier)
        for path, field in doubt.manifest.walk()
        if field.status is FieldStatus.review
    ] + [
        _unread(doubt, number, settings)
        for doubt in doubts(ledger, work_folder(settings), dossier)
        for number in doubt.manifest.unread()
    ]


def _unread(doubt: Doubt, number: int, settings: Settings) -> dict[str, Any]:
    """A page that was not read, or is not shown, as a doubt that only ``--accept`` settles."""
    page = doubt.manifest.pages[number - 1]
    return {
        "document": doubt.document.number,
        "label": doubt.document.label,
        "field": f"pages.{number}",
        "value": sentence("cli.page_unread", settings.language),
        "raw": None,
        "confidence": 0.0,
        "failed_checks": [page.problem or "reading.pages_missing"],
    }


def dossier_table(output: Output, ledger: Ledger, dossiers: list[Dossier], work: Path) -> Any:
    """Dossiers and their stages, for people; ``work`` holds how far long ones are read."""
    table = output.table(
        output.text("cli.dossiers_title"), "dossier", "department", "stage", "pages", "updated"
    )
    for one in dossiers:
        documents = ledger.documents(one.id)
        table.add_row(
            Text(one.code),
            Text(one.department),
            stage_text(output, one.stage),
            _pages(documents, work),
            f"{one.updated_at.astimezone():%d/%m/%Y %H:%M:%S}",
        )
    return table


def _pages(documents: list[Document], work: Path) -> str:
    """``40``, or ``12/40`` while pages are being read."""
    known = sum(document.pages or 0 for document in documents)
    reading = [
        noted
        for document in documents
        if document.stage is Stage.received and (noted := Desk(work / str(document.id)).noted())
    ]
    total = known + sum(pages for _, pages in reading)
    return f"{known + sum(done for done, _ in reading)}/{total}" if reading else str(total)


def stage_text(output: Output, stage: Stage) -> Text:
    """A stage in the person's language and colour."""
    colours = {
        Stage.published: "green",
        Stage.in_review: "yellow",
        Stage.rejected: "red",
        Stage.failed: "red",
    }
    return Text(output.text(f"cli.stage_{stage.value}"), style=colours.get(stage, "cyan"))


def _stage_and_pages(output: Output, document: dict[str, Any]) -> Text:
    text = stage_text(output, Stage(document["stage"]))
    if document["reading"]:
        text.append(f" {document['reading']['read']}/{document['reading']['pages']}")
    return text


def _show_dossier(output: Output, full: dict[str, Any]) -> None:
    console = output.people
    title = f"{full['code']} · {full['department']}"
    table = output.table(title, "document", "file", "type", "stage", "warnings")
    for one in full["documents"]:
        linked = output.text("flow.linked", document=one["label"]) if one["duplicate_of"] else ""
        table.add_row(
            Text(one["label"]),
            Text(one["name"]),
            one["document_type"] or "-",
            _stage_and_pages(output, one),
            Text(one["error"] or linked),
        )
    console.print(table)
    if full["doubts"]:
        doubtful = output.table(None, "field", "value", "confidence")
        for one in full["doubts"]:
            path = f"{one['document']}/{one['field']}"
            doubtful.add_row(Text(path), Text(one["value"] or "-"), f"{one['confidence']:.2f}")
        console.print(doubtful)
    for warning in full["warnings"]:
        console.print(Text(f"• {warning}"))


def review(
    code: Code,
    accept: Annotated[bool, typer.Option("--accept", help="Chấp nhận. / Accept all.")] = False,
    assign: Annotated[
        list[str] | None, typer.Option("--set", help="TRƯỜNG=GIÁ TRỊ / FIELD=VALUE")
    ] = None,
    department: Department = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Xác nhận các trường nghi ngờ. / Settle what is doubtful."""
    settings, output = begin(data, as_json, verbose)
    with open_ledger(settings) as ledger:
        dossier = _dossier(ledger, code, department)
        if not accept and not assign:
            output.emit({"doubts": _doubts(ledger, settings, dossier)})
            if not output.json:
                status(code, department, as_json, verbose, data)
            return
        settled = settle(
            ledger,
            work_folder(settings),
            dossier,
            [Assignment.parse(text) for text in assign or []],
            accept=accept,
            actor=f"cli:{getpass.getuser()}",
            types=settings.reading.types,
        )
    output.emit({"dossier": code, "settled": [document.number for document in settled]})
    output.say(output.text("cli.settled", count=len(settled), code=code))


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
        dossier = _dossier(ledger, code, department)
        again = ledger.retry(dossier.id, f"cli:{getpass.getuser()}")
    output.emit({"dossier": code, "retried": [document.number for document in again]})
    output.say(output.text("cli.retried", count=len(again), code=code))


@results.command("list")
def results_list(
    department: Department = None,
    since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"], help="Từ ngày. / Since."),
    ] = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Danh sách kết quả đã công bố. / Published results."""
    settings, output = begin(data, as_json, verbose)
    start = since.astimezone(UTC) if since else None
    unit = _unit(department)
    with open_ledger(settings) as ledger:
        found = _published(ledger, unit, start)
    output.emit({"results": found})
    if not output.json:
        table = output.table(None, "dossier", "department", "document", "type", "updated")
        for one in found:
            table.add_row(
                Text(one["dossier"]),
                Text(one["department"]),
                one["label"],
                one["document_type"] or "-",
                one["published_at"],
            )
        output.people.print(table)


def _published(
    ledger: Ledger, department: str | None, since: datetime | None
) -> list[dict[str, Any]]:
    found = []
    for dossier in ledger.dossiers(department=department, since=since):
        kept = ledger.objects(dossier.id)
        for document in ledger.documents(dossier.id):
            late_enough = since is None or document.updated_at >= since
            if document.stage is Stage.published and late_enough:
                found.append(
                    {
                        "dossier": dossier.code,
                        "department": dossier.department,
                        "number": document.number,
                        "label": document.label,
                        "role": document.role,
                        "document_type": document.document_type,
                        "published_at": document.updated_at.isoformat(),
                        "objects": [
                            one.model_dump(
                                mode="json",
                                include={"kind", "bucket", "key", "version_id", "sha256", "bytes"},
                            )
                            for one in kept
                            if document.owns(one)
                        ],
                    }
                )
    return found


@results.command("get")
def results_get(
    code: Code,
    out: Annotated[Path, typer.Option(help="Thư mục. / Folder.")] = Path(),
    department: Department = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Tải kết quả của một hồ sơ về thư mục. / Fetch a dossier's results, verified by hash."""
    settings, output = begin(data, as_json, verbose)
    with open_ledger(settings) as ledger:
        dossier = _dossier(ledger, code, department)
        folder = out / dossier.code
        fetched = fetch(ledger, open_objects(settings), dossier, folder)
    if not fetched:
        raise NotFound("cli.nothing_published", dossier=code)
    output.emit({"dossier": dossier.code, "out": str(folder), "files": fetched})
    output.say(output.text("cli.got", count=len(fetched), out=str(folder)))
