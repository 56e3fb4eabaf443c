"""``bench retrieve``: files through the desk, next to bare S3 GETs of the same."""

from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from schemas.errors import ExitCode
from sohoa.cli.output import AsJson, Output, Verbose
from training.benches.retrieve import RetrieveReport, retrieve


def add_to(bench: typer.Typer) -> None:
    """Register this module's command below ``bench``."""
    bench.command("retrieve")(bench_retrieve)


def bench_retrieve(
    files: Annotated[int, typer.Option(min=5, help="Tệp mỗi cỡ. / Files of each size.")] = 30,
    rounds: Annotated[
        int, typer.Option(min=1, help="Số lượt cùng lúc. / Rounds of ten at once.")
    ] = 20,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Tải qua bàn làm việc so với S3 trực tiếp. / Through the desk, next to bare S3."""
    output = Output.start(json=as_json, verbose=verbose, language="vi")
    report = retrieve(files, rounds, output.say)
    output.emit(report.model_dump(mode="json"))
    if not output.json:
        _show(output, report)
    if not report.passed:
        raise typer.Exit(ExitCode.unexpected)


def _show(output: Output, report: RetrieveReport) -> None:
    table = Table(header_style="bold")
    for column in ("bytes", "files", "bare", "desk", "ratio", "range", "cpu"):
        table.add_column(output.text(f"bench.retrieve_{column}"))
    for one in report.sizes:
        times = (one.bare_ms, one.desk_ms, one.ratio, one.range_ms, one.cpu_ms)
        table.add_row(f"{one.bytes:,}", str(one.files), *(f"{figure:.2f}" for figure in times))
    output.people.print(table)
    output.people.print(Text(output.text("bench.retrieve_memory", **report.model_dump())))
