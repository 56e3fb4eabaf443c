"""``bench losses``: pages that vanish between documents, or are signed unseen."""

from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from schemas.errors import ExitCode
from sohoa.cli.output import AsJson, Data, Output, Verbose, begin
from training.benches.losses import losses
from training.benches.odd_files import KINDS


def add_to(bench: typer.Typer) -> None:
    """Register this module's command below ``bench``."""
    bench.command("losses")(bench_losses)


def bench_losses(
    count: Annotated[int, typer.Option(min=1, help="Số bản quét. / How many scans.")] = 1_000,
    seed: Annotated[int, typer.Option(min=0, help="Dãy bản quét. / Which series.")] = 1,
    kind: Annotated[
        list[str] | None,
        typer.Option("--kind", help="Loại trang lạ; lặp lại được. / Odd pages; repeatable."),
    ] = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Không trang nào được mất giữa các tài liệu. / No page may vanish between documents."""
    settings, output = begin(data, as_json, verbose)
    columns = (TextColumn("losses"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Output(json=True).people, transient=True) as bars:
        bar = bars.add_task("losses", total=count)

        def progress(done: int, total: int) -> None:
            bars.update(bar, completed=done, total=total)

        report = losses(count, seed, settings.reading, settings.workers, progress, kind or KINDS)
    output.emit(report.model_dump(mode="json"))
    if not output.json:
        table = Table(header_style="bold")
        for column in ("kind", "pages", "lost", "unseen"):
            table.add_column(output.text(f"bench.losses_{column}"))
        for name, pages in report.pages.items():
            lost, unseen = (
                sum(one.endswith(f" {name}") for one in some)
                for some in (report.lost, report.unseen)
            )
            table.add_row(name, str(pages), str(lost), str(unseen))
        output.people.print(table)
        for failure in (*report.lost, *report.unseen):
            output.people.print(Text(failure, style="red"))
    code = "bench.losses_passed" if report.passed else "bench.losses_failed"
    output.say(
        output.text(
            code,
            count=report.count,
            pages=sum(report.pages.values()),
            seconds=round(report.wall_seconds),
            lost=len(report.lost),
            unseen=len(report.unseen),
            asked=report.asked,
            documents=report.documents,
            needless=report.needless,
        )
    )
    if not report.passed:
        raise typer.Exit(ExitCode.unexpected)
