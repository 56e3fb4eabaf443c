"""``bench geometry``: pages laid turned and skewed on the glass."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from schemas.errors import ExitCode
from sohoa.cli.output import AsJson, Data, Verbose, begin
from training.benches.geometry import DPIS, geometry

_COLUMNS = (
    "dpi", "mode", "upright", "laid", "ratio", "wrong", "upright_seconds", "seconds",
)  # fmt: skip


def add_to(bench: typer.Typer) -> None:
    """Register this module's command below ``bench``."""
    bench.command("geometry")(bench_geometry)


def bench_geometry(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="PDF, ảnh; không có: tự vẽ. / None: drawn.", show_default=False),
    ] = None,
    dpi: Annotated[
        list[int] | None, typer.Option("--dpi", min=100, help="Lặp lại được. / Repeatable.")
    ] = None,
    rounds: Annotated[int, typer.Option(min=1, help="Số lượt. / Rounds.")] = 1,
    most_pages: Annotated[int, typer.Option(min=1, help="Số trang mẫu. / Sample pages.")] = 6,
    cores: Annotated[int | None, typer.Option(min=1, help="Số lõi. / Cores.")] = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Trang bị xoay, nghiêng, so với trang thẳng. / Turned and skewed pages against upright."""
    settings, output = begin(data, as_json, verbose)
    report = geometry(
        paths or [],
        settings.reading,
        output.say,
        rounds=rounds,
        cores=cores,
        dpis=dpi or DPIS,
        most_pages=most_pages,
    )
    output.emit(report.model_dump(mode="json"))
    if not output.json:
        title = output.text(
            "bench.geometry_title",
            pages=report.pages,
            readings=report.readings,
            cores=report.cores,
            wrong=report.wrong_turns,
            ratio=report.ratio,
        )
        table = Table(title=title, title_justify="left", header_style="bold")
        for column in _COLUMNS:
            table.add_column(output.text(f"bench.geometry_{column}"))
        for row in report.groups:
            table.add_row(
                str(row.dpi),
                str(row.mode),
                f"{row.upright_error:.2%}",
                f"{row.error:.2%}",
                f"{row.ratio:.2f}",
                str(row.wrong_turns),
                f"{row.upright_seconds:.2f}",
                f"{row.seconds:.2f}",
            )
        output.people.print(table)
        for failure in report.failures:
            output.people.print(Text(failure))
    if report.wrong_turns:
        raise typer.Exit(ExitCode.unexpected)
