"""``bench find``: searches and lists over a ledger of years."""

import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from schemas.errors import ExitCode
from sohoa.cli.output import AsJson, Output, Verbose
from training.benches.finding import FindReport, finding
from training.benches.many_results import fill


def add_to(bench: typer.Typer) -> None:
    """Register this module's command below ``bench``."""
    bench.command("find")(bench_find)


def bench_find(
    dossiers: Annotated[int, typer.Option(min=100, help="Số hồ sơ. / Dossiers.")] = 260_000,
    documents: Annotated[int, typer.Option(min=100, help="Số tài liệu. / Documents.")] = 1_000_000,
    times: Annotated[int, typer.Option(min=5, help="Số lần mỗi câu. / Times a question.")] = 40,
    ledger: Annotated[
        str,
        typer.Option(
            help="Địa chỉ sổ cái, được giữ lại; chưa có thì ghi mới."
            " / Address of a ledger that is kept; written where there is none.",
            show_default=False,
        ),
    ] = "",
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Thời gian tìm kiếm khi sổ có hồ sơ nhiều năm. / Searches over a ledger of years."""
    output = Output.start(json=as_json, verbose=verbose, language="vi")
    with tempfile.TemporaryDirectory(prefix="sohoa-bench-") as folder:
        address = ledger or f"sqlite:///{Path(folder) / 'ledger.sqlite'}"
        fill(address, dossiers, documents, output.say)
        report = finding(address, times, output.say)
    output.emit(report.model_dump(mode="json"))
    if not output.json:
        _show(output, report)
    if not report.passed:
        raise typer.Exit(ExitCode.unexpected)


def _show(output: Output, report: FindReport) -> None:
    table = Table(header_style="bold")
    for column in ("question", "caller", "found", "median", "p95", "slowest", "cpu"):
        table.add_column(output.text(f"bench.find_{column}"))
    for one in report.times:
        figures = (one.found, one.median_ms, one.p95_ms, one.slowest_ms, one.cpu_p95_ms)
        table.add_row(one.question, one.caller, *(f"{figure:.1f}" for figure in figures))
    output.people.print(table)
