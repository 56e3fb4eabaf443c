"""``bench scaling`` and ``bench fuzz``: long documents, and hostile ones."""

from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from schemas.errors import ExitCode
from sohoa.cli.output import AsJson, Data, Output, Verbose, begin
from training.benches.fuzz import fuzz
from training.benches.scaling import scaling

_SCALING = (
    "file", "pages", "wall", "cpu", "reading_mb", "composing_mb", "parent_mb", "output_kb",
)  # fmt: skip


def add_to(bench: typer.Typer) -> None:
    """Register this module's commands below ``bench``."""
    bench.command("scaling")(bench_scaling)
    bench.command("fuzz")(bench_fuzz)


def bench_scaling(
    pages: Annotated[
        list[int] | None,
        typer.Option("--pages", min=1, help="Số trang; lặp lại được. / Pages; repeatable."),
    ] = None,
    kind: Annotated[
        list[str] | None, typer.Option("--kind", help="pdf, tiff; lặp lại được. / Repeatable.")
    ] = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Bộ nhớ và chi phí mỗi trang của tệp dài. / Memory and cost a page of long files."""
    settings, output = begin(data, as_json, verbose)
    report = scaling(
        pages or (10, 20, 100, 500),
        settings.reading,
        settings.workers,
        output.say,
        kind or ("pdf", "tiff"),
    )
    output.emit(report.model_dump(mode="json"))
    if output.json:
        return
    table = Table(header_style="bold")
    for column in _SCALING:
        table.add_column(output.text(f"bench.scaling_{column}"))
    for row in report.files:
        table.add_row(
            row.file,
            str(row.pages),
            f"{row.wall:.3f}",
            f"{row.cpu:.3f}",
            *(f"{value:.0f}" for value in (row.reading_mb, row.composing_mb, row.parent_mb)),
            f"{row.output_kb:.0f}",
        )
    output.people.print(table)


def bench_fuzz(
    count: Annotated[int, typer.Option(min=1, help="Số tệp. / How many files.")] = 2_000,
    seed: Annotated[int, typer.Option(min=0, help="Dãy tệp. / Which series.")] = 1,
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Tệp hỏng và tệp độc hại đều phải kết thúc. / Broken and hostile files must all end."""
    settings, output = begin(data, as_json, verbose)
    columns = (TextColumn("fuzz"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Output(json=True).people, transient=True) as bars:
        bar = bars.add_task("fuzz", total=count)

        def progress(done: int, total: int) -> None:
            bars.update(bar, completed=done, total=total)

        report = fuzz(count, seed, settings.reading, settings.workers, progress)
    output.emit(report.model_dump(mode="json"))
    if not output.json:
        table = Table(header_style="bold")
        table.add_column(output.text("bench.fuzz_outcome"))
        table.add_column(output.text("bench.fuzz_files"), justify="right")
        for outcome, files in report.outcomes.items():
            table.add_row(outcome, str(files))
        output.people.print(table)
        for failure in (*report.hangs, *report.crashes):
            output.people.print(Text(failure, style="red"))
    code = "bench.fuzz_passed" if report.passed else "bench.fuzz_failed"
    output.say(
        output.text(
            code,
            count=report.count,
            seconds=round(report.wall_seconds),
            hangs=len(report.hangs),
            crashes=len(report.crashes),
        )
    )
    if not report.passed:
        raise typer.Exit(ExitCode.unexpected)
