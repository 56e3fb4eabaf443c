"""``bench desk``: keys and seconds a doubt, and how long the desk's pages take."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from schemas.errors import ExitCode
from sohoa.cli.output import AsJson, Data, Output, Verbose, begin
from training.benches.desk_doubts import DoubtsReport, Settled, doubts
from training.benches.desk_latency import LatencyReport, latency
from training.benches.desk_reviewers import ReviewersReport, reviewers
from training.benches.many_dossiers import fill


def add_to(bench: typer.Typer) -> None:
    """Register this module's commands below ``bench``."""
    desk = typer.Typer(help="Đo bàn làm việc. / The desk.", no_args_is_help=True)
    desk.command("keys")(bench_keys)
    desk.command("pages")(bench_pages)
    desk.command("reviewers")(bench_reviewers)
    bench.add_typer(desk, name="desk")


def bench_keys(
    folders: Annotated[
        list[Path], typer.Argument(help="Có truth.jsonl. / With truth.jsonl.", show_default=False)
    ],
    first: Annotated[
        int | None, typer.Option(min=1, help="Số văn bản. / Documents of each truth.")
    ] = None,
    every: Annotated[bool, typer.Option("--each", help="Từng chỗ. / Each doubt.")] = False,
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Số phím và số giây cho mỗi chỗ nghi ngờ. / Keys and seconds a doubt."""
    settings, output = begin(data, as_json, verbose)

    def told(one: Settled) -> None:
        if every and not output.json:
            line = f"{one.file} {one.path} {one.way.name} {one.way.keys}: {one.text} | {one.truth}"
            output.people.print(Text(line))

    report = doubts(folders, settings.reading, output.say, first=first, told=told)
    output.emit(report.model_dump(mode="json"))
    if not output.json:
        _show_doubts(output, report)
    _end(report.passed)


def bench_pages(
    dossiers: Annotated[int, typer.Option(min=4000, help="Số hồ sơ. / Dossiers.")] = 260_000,
    waiting: Annotated[int, typer.Option(min=20, help="Đang chờ. / That wait.")] = 5_000,
    times: Annotated[int, typer.Option(min=5, help="Số lần mỗi trang. / Times a page.")] = 40,
    ledger: Annotated[
        Path | None, typer.Option(help="Giữ sổ ở đây. / Keep the ledger here.", show_default=False)
    ] = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Thời gian và cỡ của các trang khi sổ có hồ sơ cả năm. / Pages over a year's ledger."""
    output = Output.start(json=as_json, verbose=verbose, language="vi")
    with tempfile.TemporaryDirectory(prefix="sohoa-bench-") as folder:
        report = _pages(
            ledger or Path(folder) / "ledger.sqlite", dossiers, waiting, times, output.say
        )
    output.emit(report.model_dump(mode="json"))
    if not output.json:
        _show_pages(output, report)
    _end(report.passed)


def _pages(
    ledger: Path, dossiers: int, waiting: int, times: int, say: Callable[[str], None]
) -> LatencyReport:
    if not ledger.exists():
        fill(ledger, dossiers, waiting, say)
    return latency(ledger, dossiers, waiting, times, say)


def bench_reviewers(
    documents: Annotated[int, typer.Option(min=1, help="Mỗi người. / Each one's.")] = 2,
    quiet: Annotated[
        bool, typer.Option("--quiet", help="Không đọc gì cùng lúc. / Nothing is read meanwhile.")
    ] = False,
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Mười người rà soát cùng lúc, trong trình duyệt. / Ten reviewers at once, in browsers."""
    settings, output = begin(data, as_json, verbose)
    report = reviewers(settings.reading, output.say, documents=documents, reading=not quiet)
    output.emit(report.model_dump(mode="json"))
    if not output.json:
        _show_reviewers(output, report)
    _end(report.passed)


def _end(passed: bool) -> None:
    if not passed:
        raise typer.Exit(ExitCode.unexpected)


def _show_doubts(output: Output, report: DoubtsReport) -> None:
    """The model's constants, one line a way, and the sheets."""
    constants = ", ".join(f"{name} = {value:.2f} s" for name, value in report.constants.items())
    output.people.print(Text(f"Card, Moran, Newell (1980, 1983): {constants}"))
    table = Table(header_style="bold")
    for column in ("way", "doubts", "keys", "keys_p90", "seconds", "seconds_p90"):
        table.add_column(output.text(f"bench.desk_{column}"))
    for name, cost in {**report.ways, "all": report.all}.items():
        figures = (cost.keys, cost.keys_p90, cost.seconds, cost.seconds_p90)
        named = output.text(f"bench.desk_way_{name}")
        table.add_row(named, str(cost.doubts), *(f"{one:.2f}" for one in figures))
    output.people.print(table)
    left = {"documents": report.documents, "left_out": report.fields_without_truth}
    output.people.print(Text(output.text("bench.desk_documents", **left)))
    if report.carpet is not None:
        output.people.print(Text(output.text("bench.desk_carpet", **report.carpet.model_dump())))


def _show_pages(output: Output, report: LatencyReport) -> None:
    """One line a page: its times, then its size."""
    table = Table(header_style="bold")
    for column in ("page", "median", "p95", "slowest", "cpu"):
        table.add_column(output.text(f"bench.desk_{column}"))
    for one in report.pages:
        figures = (one.median_ms, one.p95_ms, one.slowest_ms, one.cpu_ms)
        table.add_row(one.page, *(f"{figure:.1f}" for figure in figures))
    output.people.print(table)
    table = Table(header_style="bold")
    for column in ("page", "html", "styles", "scripts", "all"):
        table.add_column(output.text(f"bench.desk_{column}"))
    for size in report.sizes:
        kilobytes = (size.html_kb, size.styles_kb, size.scripts_kb, size.all_kb)
        table.add_row(size.page, *(f"{figure:.1f}" for figure in kilobytes))
    output.people.print(table)


def _show_reviewers(output: Output, report: ReviewersReport) -> None:
    told = report.painted.model_dump() | report.model_dump(exclude={"painted"})
    output.people.print(Text(output.text("bench.desk_reviewers", **told)))
