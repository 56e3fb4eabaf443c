"""``bench fidelity``: whether PDF/As show what their sources show."""

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from schemas.errors import ExitCode
from sohoa.cli.output import AsJson, Data, Output, Verbose, begin
from training.benches.fidelity import fidelity


def add_to(bench: typer.Typer) -> None:
    """Register this module's command below ``bench``."""
    bench.command("fidelity")(bench_fidelity)


def bench_fidelity(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="PDF hoặc thư mục. / PDFs or folders.", show_default=False),
    ] = None,
    drawn: Annotated[int, typer.Option(min=0, help="Số trang tự vẽ. / Pages drawn.")] = 250,
    seed: Annotated[int, typer.Option(min=0, help="Dãy trang. / Which series.")] = 1,
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """PDF/A hiển thị đúng như bản gốc. / PDF/As look like, and say, what their sources do."""
    settings, output = begin(data, as_json, verbose)
    columns = (TextColumn("fidelity"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Output(json=True).people, transient=True) as bars:
        bar = bars.add_task("fidelity", total=None)

        def progress(done: int, total: int) -> None:
            bars.update(bar, completed=done, total=total)

        report = fidelity(
            paths or [], settings.reading, settings.workers, progress, drawn=drawn, seed=seed
        )
    output.emit({**report.model_dump(mode="json"), "passed": report.passed})
    if not output.json:
        for name in ("unlike", "missing", "leaked"):
            for failure in getattr(report, name):
                output.people.print(Text(f"{output.text(f'bench.fidelity_{name}')}: {failure}"))
    output.say(
        output.text(
            "bench.fidelity_passed" if report.passed else "bench.fidelity_failed",
            pages=report.pages,
            mean=report.worst_mean,
            block=report.worst_block,
            drawn=report.drawn,
            asked=report.asked,
        )
    )
    if not report.passed:
        raise typer.Exit(ExitCode.unexpected)
