"""``bench check``: whether guesses at the public page learn anything."""

import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from schemas.errors import ExitCode
from sohoa.cli.output import AsJson, Output, Verbose
from training.benches.public_check import BAR_P, public_check


def add_to(bench: typer.Typer) -> None:
    """Register this module's command below ``bench``."""
    bench.command("check")(bench_check)


def bench_check(
    guesses: Annotated[int, typer.Option(min=100, help="Số lần đoán. / Guesses.")] = 10_000,
    documents: Annotated[int, typer.Option(min=20, help="Số văn bản. / Documents.")] = 300,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Đoán mã ở trang kiểm tra: trúng, câu trả lời, thời gian. / Guesses at public codes."""
    output = Output.start(json=as_json, verbose=verbose, language="vi")
    with tempfile.TemporaryDirectory(prefix="sohoa-bench-") as folder:
        report = public_check(Path(folder), documents, guesses, output.say)
    output.emit(report.model_dump(mode="json") | {"passed": report.passed})
    if not output.json:
        table = Table(header_style="bold")
        for column in ("A", "B", "n", "A ms", "B ms", "p"):
            table.add_column(column)
        for one in report.pairs:
            first, second = (f"{ms:.2f}" for ms in one.medians_ms)
            table.add_row(one.first, one.second, str(one.asked), first, second, f"{one.p:.3f}")
        output.people.print(table)
        answers = f"{report.answers} (p > {BAR_P})"
        output.say(output.text("bench.check", hits=report.hits, answers=answers))
    if not report.passed:
        raise typer.Exit(ExitCode.unexpected)
