"""What was published: ``results list``, ``results get``."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.text import Text

from schemas.dossier import Stage
from schemas.errors import NotFound
from sohoa.bootstrap import open_ledger, open_objects
from sohoa.cli.named import Code, Department, find_dossier, unit_of
from sohoa.cli.output import AsJson, Data, Output, Verbose, begin
from storage import Ledger
from usecases.caller import local_operator
from usecases.fetch import fetch
from usecases.withdrawal import Withdrawn, withdrawn

results = typer.Typer(
    help="Kết quả đã công bố. / Published results.", no_args_is_help=True, add_completion=False
)


def add_to(app: typer.Typer) -> None:
    """Register this module's commands."""
    app.add_typer(results, name="results")


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
    with open_ledger(settings) as ledger:
        unit = unit_of(ledger, department)
        found = _published(ledger, unit, start)
        gone = [
            one
            for dossier in ledger.dossiers(department=unit, since=start)
            for one in withdrawn(local_operator(), ledger, dossier)
        ]
    output.emit({"results": found, "withdrawn": [one.model_dump(mode="json") for one in gone]})
    if not output.json:
        zone = ZoneInfo(settings.signing.timezone)
        table = output.table(None, "dossier", "department", "document", "type", "updated")
        for one in found:
            table.add_row(
                Text(one["dossier"]),
                Text(one["department"]),
                one["label"],
                one["document_type"] or "-",
                f"{datetime.fromisoformat(one['published_at']).astimezone(zone):%d/%m/%Y %H:%M}",
            )
        output.people.print(table)
        _say_withdrawn(output, gone)


def _say_withdrawn(output: Output, gone: list[Withdrawn]) -> None:
    for one in gone:
        document = f"{one.dossier}/{one.label}"
        code = "cli.replaced_by" if one.superseded_by else "cli.withdrawn"
        output.say(output.text(code, document=document, by=one.superseded_by or ""))


def _published(
    ledger: Ledger, department: str | None, since: datetime | None
) -> list[dict[str, Any]]:
    found = []
    for dossier in ledger.dossiers(department=department, since=since):
        kept = ledger.objects(dossier.id)
        for document in ledger.documents(dossier.id):
            late_enough = since is None or document.updated_at >= since
            if document.stage is Stage.published and late_enough and not document.split:
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
        dossier = find_dossier(ledger, code, department)
        folder = out / dossier.code
        fetched = fetch(ledger, open_objects(settings), dossier, folder)
        gone = withdrawn(local_operator(), ledger, dossier)
    _say_withdrawn(output, gone)
    if not fetched:
        raise NotFound("cli.nothing_published", dossier=code)
    output.emit(
        {
            "dossier": dossier.code,
            "out": str(folder),
            "files": fetched,
            "withdrawn": [one.model_dump(mode="json") for one in gone],
        }
    )
    output.say(output.text("cli.got", count=len(fetched), out=str(folder)))
