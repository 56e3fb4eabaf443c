"""``bench outbox``: news for another system while all is killed."""

import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from schemas.errors import ExitCode
from sohoa.cli.output import AsJson, Data, Output, Verbose, begin
from training.benches.outbox import outbox


def add_to(bench: typer.Typer) -> None:
    """Register this module's command below ``bench``."""
    bench.command("outbox")(bench_outbox)


def bench_outbox(
    count: Annotated[int, typer.Option(min=8, help="Số tin. / Pieces of news.")] = 5_000,
    percent: Annotated[
        int, typer.Option(min=0, max=90, help="Phần trăm lỗi. / Per cent that fail.")
    ] = 30,
    seed: Annotated[int, typer.Option(min=0, help="Dãy lỗi. / Which fail.")] = 1,
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Báo tin khi mọi bên bị dừng đột ngột. / Telling a system while all is killed."""
    _settings, output = begin(data, as_json, verbose)
    columns = (TextColumn("outbox"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with (
        tempfile.TemporaryDirectory(prefix="sohoa-") as folder,
        Progress(*columns, console=Output(json=True).people, transient=True) as bars,
    ):
        bar = bars.add_task("outbox", total=count)

        def progress(done: int, total: int) -> None:
            bars.update(bar, completed=done, total=total)

        report = outbox(Path(folder), count, progress, percent=percent, seed=seed)
    output.emit(report.model_dump(mode="json"))
    code = "bench.outbox_passed" if report.passed else "bench.outbox_failed"
    output.say(
        output.text(
            code,
            entered=report.entered,
            came=report.came,
            applied=report.applied,
            missing=report.missing,
            twice=report.twice,
            disordered=report.disordered,
            receiver=report.receiver_kills,
            sender=report.sender_kills,
            seconds=round(report.wall_seconds),
        )
    )
    if not report.passed:
        raise typer.Exit(ExitCode.unexpected)
