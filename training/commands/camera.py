"""``bench photographs``: scans whose papers are photographed and read."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from schemas.errors import ExitCode
from sohoa.cli.output import AsJson, Data, Output, Verbose, begin
from training.benches.camera import CONDITIONS
from training.benches.photographs import PhotographsReport, photographs


def add_to(bench: typer.Typer) -> None:
    """Register this module's command below ``bench``."""
    bench.command("photographs")(bench_photographs)


def bench_photographs(
    folder: Annotated[
        Path,
        typer.Argument(help="PDF và truth.jsonl. / PDFs with truth.jsonl.", show_default=False),
    ],
    first: Annotated[int | None, typer.Option(min=1, help="Số văn bản. / Documents.")] = None,
    seed: Annotated[int, typer.Option(help="Hạt ngẫu nhiên. / Of the camera.")] = 1,
    only: Annotated[
        list[str] | None, typer.Option(help="Điều kiện chụp. / Conditions.", show_default=False)
    ] = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Trường dữ liệu đọc từ ảnh chụp. / Fields read from photographs."""
    unknown = [name for name in only or () if name not in CONDITIONS]
    if unknown:
        raise typer.BadParameter(", ".join(CONDITIONS))
    settings, output = begin(data, as_json, verbose)
    report = photographs(
        folder, settings.reading, output.say, first=first, seed=seed, only=tuple(only or ())
    )
    output.emit(report.model_dump(mode="json"))
    if not output.json:
        _show(output, report)
    if not report.passed:
        raise typer.Exit(ExitCode.unexpected)


def _show(output: Output, report: PhotographsReport) -> None:
    table = Table(header_style="bold")
    for name in _COLUMNS:
        table.add_column(output.text(f"bench.{name}"))
    for one in report.conditions:
        exact = f"{one.score.exact / max(one.score.total, 1):.1%}"
        bar = "" if one.bar is None else f"{one.bar:.0%}"
        counts = (one.score.total, one.score.accepted, one.score.wrong)
        total, accepted, wrong = map(str, counts)
        table.add_row(one.name, total, exact, bar, accepted, wrong)
    output.people.print(table)


_COLUMNS = (
    "photographs_condition", "fields_total", "fields_exact", "photographs_bar",
    "fields_accepted", "fields_wrong",
)  # fmt: skip
