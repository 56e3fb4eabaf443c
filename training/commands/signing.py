"""``bench sign``: signing, side by side with pyHanko's own program."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from sohoa.cli.output import AsJson, Output, Verbose
from training.benches.sign import sign as measure


def add_to(bench: typer.Typer) -> None:
    """Register this module's command below ``bench``."""
    bench.command("sign")(bench_sign)


def bench_sign(
    pyhanko: Annotated[
        Path | None,
        typer.Option(help="Chương trình pyhanko để so. / To compare with.", show_default=False),
    ] = None,
    files: Annotated[int, typer.Option(min=3, help="Số tệp. / Files.")] = 100,
    many: Annotated[int, typer.Option(min=10, help="Số tệp đo bộ nhớ. / For memory.")] = 1000,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Ký số, so với pyhanko từng tệp. / Signing, side by side with pyhanko per file."""
    output = Output.start(json=as_json, verbose=verbose, language="vi")
    report = measure(files, many, output.say, program=pyhanko)
    output.emit(report.model_dump(mode="json"))
    if output.json:
        return
    table = Table(header_style="bold")
    for column in ("program", "level", "cpu", "rate"):
        table.add_column(output.text(f"signing.bench_{column}"))
    for side in report.sides:
        rate = f"{side.per_minute:.0f}"
        table.add_row(side.program, side.level.value, f"{side.cpu_ms:.0f}", rate)
    output.people.print(table)
    output.say(
        output.text(
            "signing.bench_memory",
            early=round(report.early_mb),
            late=round(report.late_mb),
            many=report.many,
            large=round(report.large_mb),
            peak=round(report.large_peak_mb),
        )
    )
    if report.cpu_times and report.rate_times:
        cpu, rate = f"{report.cpu_times:.1f}", f"{report.rate_times:.1f}"
        output.say(output.text("signing.bench_times", cpu=cpu, rate=rate))
