"""``bench pipeline``, ``ocr``, ``fields``, ``pens``: what reading costs, and how right it is."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from sohoa.cli.output import AsJson, Data, Output, Verbose, begin
from training.benches.fields import FieldsReport
from training.benches.fields import fields as measure_fields
from training.benches.ocr import OcrReport, ocr
from training.benches.pens import PARTS, ROWS, PensReport, pens
from training.benches.pipeline import pipeline


def add_to(bench: typer.Typer) -> None:
    """Register this module's commands below ``bench``."""
    bench.command("pipeline")(bench_pipeline)
    bench.command("ocr")(bench_ocr)
    bench.command("fields")(bench_fields)
    bench.command("pens")(bench_pens)


def bench_pipeline(
    dossiers: Annotated[int, typer.Option(help="Số hồ sơ. / How many dossiers.")] = 40,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """CPU ngoài OCR cho mỗi hồ sơ một trang. / CPU outside OCR per one-page dossier."""
    output = Output.start(json=as_json, verbose=verbose, language="vi")
    report = pipeline(dossiers, output.say)
    output.emit(report.model_dump(mode="json"))
    if not output.json:
        table = output.table(None, "what", "value")
        for name, value in report.model_dump().items():
            table.add_row(name, f"{value:.3f}" if isinstance(value, float) else str(value))
        output.people.print(table)


def bench_ocr(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="PDF; không có: tự vẽ. / PDFs; none: drawn.", show_default=False),
    ] = None,
    ocrmypdf: Annotated[
        Path | None,
        typer.Option(help="Chương trình ocrmypdf để so. / To compare with.", show_default=False),
    ] = None,
    rounds: Annotated[int, typer.Option(min=1, help="Số lượt, lấy trung vị. / Rounds.")] = 3,
    cores: Annotated[int | None, typer.Option(min=1, help="Số lõi. / Cores.")] = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Đọc trang, so với OCRmyPDF. / Reading, side by side with OCRmyPDF."""
    settings, output = begin(data, as_json, verbose)
    report = ocr(
        paths or [], settings.reading, output.say, program=ocrmypdf, rounds=rounds, cores=cores
    )
    output.emit(report.model_dump(mode="json"))
    if not output.json:
        _show_ocr(output, report)
    if report.ocrmypdf is None:
        output.say(output.text("bench.ocr_alone"))


def bench_fields(
    folder: Annotated[
        Path, typer.Argument(help="Có truth.jsonl. / With truth.jsonl.", show_default=False)
    ],
    first: Annotated[
        int | None, typer.Option(min=1, help="Số văn bản. / Documents of each truth.")
    ] = None,
    differences: Annotated[
        bool, typer.Option("--differences", help="Chỗ đọc khác sự thật. / What differs.")
    ] = False,
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Trường dữ liệu so với sự thật. / Fields against a truth."""
    settings, output = begin(data, as_json, verbose)
    report = measure_fields(folder, settings.reading, output.say, first=first)
    if not differences:
        report = report.model_copy(update={"differences": ()})
    output.emit(report.model_dump(mode="json"))
    if not output.json:
        _show_fields(output, report)


def bench_pens(
    folder: Annotated[
        Path,
        typer.Argument(help="Có forms, figures, lines. / With any of them.", show_default=False),
    ],
    part: Annotated[
        list[str] | None,
        typer.Option(help="Chỉ phần này. / Only this part.", show_default=False),
    ] = None,
    rows: Annotated[int, typer.Option(min=1, help="Số dãy chữ số. / Rows of figures.")] = ROWS,
    first: Annotated[
        int | None, typer.Option(min=1, help="Số tờ khai, số dòng. / Forms and lines.")
    ] = None,
    differences: Annotated[
        bool, typer.Option("--differences", help="Chỗ đọc khác sự thật. / What differs.")
    ] = False,
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Chữ viết tay thật so với sự thật. / Real pens against a truth."""
    settings, output = begin(data, as_json, verbose)
    wanted = tuple(part or PARTS)
    report = pens(folder, settings.reading, output.say, rows=rows, first=first, parts=wanted)
    if not differences:
        report = report.model_copy(update={"differences": ()})
    output.emit(report.model_dump(mode="json"))
    if not output.json:
        _show_pens(output, report)


def _show_pens(output: Output, report: PensReport) -> None:
    """One table of values, one of lines, then what differs where that was asked for."""
    table = Table(header_style="bold")
    for column in ("part", "field", "total", "exact", "proposed", "accepted", "wrong"):
        table.add_column(output.text(f"bench.pens_{column}"))
    for one in report.scores:
        exact, proposed = (f"{n / max(one.total, 1):.1%}" for n in (one.exact, one.proposed))
        counts = (str(one.total), exact, proposed, str(one.accepted), str(one.wrong))
        table.add_row(one.part, one.field, *counts)
    if report.scores:
        output.people.print(table)
    lines = Table(header_style="bold")
    for column in ("part", "total", "exact", "error", "known", "known_error", "proposed"):
        lines.add_column(output.text(f"bench.pens_{column}"))
    for line in report.lines:
        shares = (f"{line.character_error:.2%}", f"{line.known_error:.2%}")
        counted = (str(line.total), str(line.exact), shares[0], str(line.known_exact), shares[1])
        lines.add_row(line.kind, *counted, str(line.proposed))
    if report.lines:
        output.people.print(lines)
    for difference in report.differences:
        output.people.print(Text(difference))


def _show_fields(output: Output, report: FieldsReport) -> None:
    """One table a group, then the cost, then what differs where that was asked for."""
    for name, score in report.groups.items():
        title = output.text(
            "bench.fields_title",
            group=name,
            documents=score.documents,
            exact=f"{score.exact / max(score.total, 1):.1%}",
            accepted=f"{score.accepted / max(score.total, 1):.1%}",
            wrong=score.wrong,
        )
        table = Table(title=title, title_justify="left", header_style="bold")
        for column in ("field", "total", "exact", "accepted", "wrong", "error"):
            table.add_column(output.text(f"bench.fields_{column}"))
        for one in score.fields:
            counts = (one.total, one.exact, one.accepted, one.wrong)
            table.add_row(one.field, *map(str, counts), f"{one.character_error:.2%}")
        output.people.print(table)
    cost = output.text(
        "bench.fields_cost",
        right=report.types_right,
        known=report.types_known,
        reading=report.reading_cpu_per_page,
        fields=report.fields_cpu_per_page,
    )
    output.people.print(Text(cost))
    for off in report.differences:
        mark = "!" if off.accepted else " "
        line = f"{mark} {off.file} {off.field} {off.confidence:.2f}: {off.truth} | {off.read}"
        output.people.print(Text(line))


def _show_ocr(output: Output, report: OcrReport) -> None:
    """One table of speed, and one of errors where a truth is known."""
    title = output.text(
        "bench.ocr_title",
        pages=report.pages,
        cores=report.cores,
        rounds=report.rounds,
        version=report.ocrmypdf or "-",
    )
    speed = Table(title=title, title_justify="left", header_style="bold")
    for column in ("side", "rate", "slower", "wall", "cpu", "archivable"):
        speed.add_column(output.text(f"bench.ocr_{column}"))
    errors = Table(header_style="bold")
    errors.add_column(output.text("bench.ocr_error"))
    for side in report.sides:
        speed.add_row(
            side.name,
            f"{side.pages_per_minute:.1f}",
            f"{side.times_slower:.2f}",
            f"{side.wall_seconds:.1f}",
            f"{side.cpu_seconds_per_page:.2f}",
            f"{sum(one.archivable for one in side.files)}/{len(side.files)}",
        )
        errors.add_column(side.name)
    output.people.print(speed)
    for scores in zip(*(side.files for side in report.sides), strict=True):
        if scores[0].error is not None:
            errors.add_row(Text(scores[0].file), *(f"{score.error:.2%}" for score in scores))
    if errors.row_count:
        output.people.print(errors)
