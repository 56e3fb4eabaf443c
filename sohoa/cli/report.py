"""``report``: the indicators of a period, as the figures' page shows them."""

import sys
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from schemas.report import ENOUGH, ReportLine, ReportView, Span
from sohoa.bootstrap import open_rooms
from sohoa.cli.named import Department
from sohoa.cli.output import AsJson, Data, Output, Verbose, begin
from usecases import report as reporting
from usecases.caller import local_operator


def add_to(app: typer.Typer) -> None:
    """Register this module's commands."""
    app.command("report")(report)


def report(
    department: Department = None,
    since: Annotated[
        datetime | None,
        typer.Option(
            "--from",
            formats=["%Y-%m-%d"],
            help="Từ ngày; không có: đầu tháng. / First day; else of the month.",
            show_default=False,
        ),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option(
            "--to",
            formats=["%Y-%m-%d"],
            help="Đến hết ngày; không có: hôm nay. / Last day; else today.",
            show_default=False,
        ),
    ] = None,
    as_csv: Annotated[
        bool, typer.Option("--csv", help="Bảng tính trên stdout. / A spreadsheet on stdout.")
    ] = False,
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Chỉ tiêu số hóa theo đơn vị trong một kỳ. / Indicators of a period, by department."""
    settings, output = begin(data, as_json, verbose)
    with open_rooms(settings) as rooms:
        found = reporting.report(
            local_operator(),
            rooms,
            ZoneInfo(settings.signing.timezone),
            department=department,
            since=since.date() if since else None,
            until=until.date() if until else None,
        )
    output.emit(found.model_dump(mode="json"))
    if as_csv and not output.json:
        sys.stdout.write(reporting.as_csv(found))
    elif not output.json:
        output.people.print(_indicators(output, found))
        output.people.print(_times(output, found))
        if found.audited:
            output.people.print(_audited(output, found))
        if found.every > 1:
            output.say(output.text("cli.report_some", every=found.every))


def _named(output: Output, found: ReportView) -> list[tuple[str, ReportLine]]:
    lines = [(one.department or "", one) for one in found.lines]
    return [*lines, (output.text("cli.report_total"), found.total)]


def _indicators(output: Output, found: ReportView) -> Any:
    title = output.text("cli.report_title", since=f"{found.since}", until=f"{found.until}")
    table = output.table(
        title,
        "department",
        "received",
        "digitised",
        "components_signed",
        "results_signed",
        "on_time",
        "late",
        "accepted",
    )
    for name, line in _named(output, found):
        table.add_row(
            name,
            str(line.received),
            _share(line.digitised_share, line.digitised),
            _share(line.components_signed_share, line.components_signed),
            _share(line.results_signed_share, line.results_signed),
            _share(line.on_time_share, line.on_time),
            str(line.late),
            _share(line.accepted_share, line.fields - line.doubts, flagged=False),
        )
    return table


def _times(output: Output, found: ReportView) -> Any:
    title = output.text("cli.report_times")
    table = output.table(title, "department", *(f"span_{span}" for span in Span))
    for name, line in _named(output, found):
        minutes = [line.time(span).minutes for span in Span]
        table.add_row(name, *("-" if one is None else f"{one:.1f}" for one in minutes))
    return table


def _audited(output: Output, found: ReportView) -> Any:
    title = output.text("cli.report_audited")
    table = output.table(title, "type", "field", "looked_at", "found_wrong")
    for one in found.audited:
        wrong = _share(one.wrong_share, one.wrong, flagged=False)
        table.add_row(
            one.type_name or one.document_type or "-", one.name, f"{one.looked_at}", wrong
        )
    return table


def _share(share: float | None, count: int, *, flagged: bool = True) -> str:
    """``12 (85.7 %)``; red below what is enough."""
    if share is None:
        return "-"
    text = f"{count} ({100 * share:.1f} %)"
    return f"[red]{text}[/red]" if flagged and share < ENOUGH else text
