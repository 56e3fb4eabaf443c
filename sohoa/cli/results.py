"""What was published: ``results list``, ``results get``."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer
from rich.text import Text

from schemas.durable import written_whole
from sohoa.bootstrap import open_rooms
from sohoa.cli.export import export
from sohoa.cli.find import find as find_results
from sohoa.cli.named import Code, Department, Purpose
from sohoa.cli.output import AsJson, Data, Output, Verbose, begin, unwritable
from usecases import find
from usecases.caller import local_operator
from usecases.dossier_zip import dossier_zip
from usecases.fetch import fetch
from usecases.withdrawal import Withdrawn, withdrawn, withdrawn_since

if TYPE_CHECKING:
    from sohoa.settings import Settings

results = typer.Typer(
    help="Kết quả đã công bố. / Published results.", no_args_is_help=True, add_completion=False
)


def add_to(app: typer.Typer) -> None:
    """Register this module's commands."""
    results.command("export")(export)
    results.command("find")(find_results)
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
    with open_rooms(settings) as rooms:
        found = find.results(local_operator(), rooms, department=department, since=start)
        gone = withdrawn_since(local_operator(), rooms, department=department, since=start)
    output.emit(
        {
            "results": [one.model_dump(mode="json") for one in found],
            "withdrawn": [one.model_dump(mode="json") for one in gone],
        }
    )
    if not output.json:
        zone = ZoneInfo(settings.signing.timezone)
        table = output.table(None, "dossier", "department", "document", "type", "updated")
        for one in found:
            table.add_row(
                Text(one.dossier),
                Text(one.department),
                one.label,
                one.document_type or "-",
                f"{one.published_at.astimezone(zone):%d/%m/%Y %H:%M}",
            )
        output.people.print(table)
        _say_withdrawn(output, gone)


def _say_withdrawn(output: Output, gone: list[Withdrawn]) -> None:
    for one in gone:
        document = f"{one.dossier}/{one.label}"
        code = "cli.replaced_by" if one.superseded_by else "cli.withdrawn"
        output.say(output.text(code, document=document, by=one.superseded_by or ""))


@results.command("get")
def results_get(
    code: Code,
    out: Annotated[Path, typer.Option(help="Thư mục. / Folder.")] = Path(),
    as_zip: Annotated[
        bool,
        typer.Option("--zip", help="Một tệp ZIP, kèm bằng chứng. / One archive, with evidence."),
    ] = False,
    department: Department = None,
    purpose: Purpose = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Tải kết quả của một hồ sơ về thư mục. / Fetch a dossier's results, verified by hash."""
    settings, output = begin(data, as_json, verbose)
    if as_zip:
        _get_zip(settings, output, code, out, department, purpose)
        return
    with open_rooms(settings) as rooms:
        gone = withdrawn(local_operator(), rooms, code, department=department)
        _say_withdrawn(output, gone)
        fetched = fetch(local_operator(), rooms, code, out, department=department, purpose=purpose)
    output.emit(
        {
            **fetched.model_dump(mode="json"),
            "withdrawn": [one.model_dump(mode="json") for one in gone],
        }
    )
    output.say(output.text("cli.got", count=len(fetched.files), out=fetched.out))


def _get_zip(
    settings: "Settings",
    output: Output,
    code: str,
    out: Path,
    department: str | None,
    purpose: str | None,
) -> None:
    with open_rooms(settings) as rooms:
        file = dossier_zip(local_operator(), rooms, code, department=department, purpose=purpose)
    path = out / file.name
    sha256 = hashlib.sha256()
    try:
        out.mkdir(parents=True, exist_ok=True)
        with written_whole(path) as target:
            for block in file.blocks():
                sha256.update(block)
                target.write(block)
    except OSError as wrong:
        raise unwritable(wrong) from wrong
    said = {"file": str(path), "bytes": file.size, "sha256": sha256.hexdigest()}
    output.emit({"dossier": path.stem, **said})
    output.say(output.text("cli.got_zip", out=str(path)))
