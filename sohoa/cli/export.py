"""``results export`` and ``coversheet``: what leaves for other systems, and for the printer."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from schemas.dossier import is_code
from schemas.durable import write_durably
from schemas.errors import InputRejected
from sohoa.bootstrap import open_rooms
from sohoa.cli.named import Purpose
from sohoa.cli.output import AsJson, Data, Verbose, begin
from usecases import exporting
from usecases.caller import local_operator
from usecases.cover_sheet import cover_sheets
from usecases.exporting import ExportFormat


def add_to(app: typer.Typer) -> None:
    """Register this module's commands."""
    app.command("coversheet")(coversheet)


def export(
    kind: Annotated[ExportFormat, typer.Option("--format", help="csv, portal")] = ExportFormat.csv,
    out: Annotated[
        Path | None, typer.Option(help="Tệp; không có: stdout. / A file.", show_default=False)
    ] = None,
    department: Annotated[
        str | None, typer.Option(help="Đơn vị. / Department.", show_default=False)
    ] = None,
    since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"], help="Từ ngày. / Since."),
    ] = None,
    purpose: Purpose = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Xuất trường dữ liệu (CSV) hoặc bản ghi cổng dịch vụ công. / Fields as CSV, portal records."""
    settings, output = begin(data, as_json, verbose)
    with open_rooms(settings) as rooms:
        made = exporting.export(
            local_operator(),
            rooms,
            kind,
            ZoneInfo(settings.signing.timezone),
            department=department,
            since=since.astimezone(UTC) if since else None,
            purpose=purpose,
        )
    if out is not None:
        # spreadsheets take UTF-8 for what it is only where a mark says so
        mark = "utf-8-sig" if kind is ExportFormat.csv else "utf-8"
        write_durably(out, made.content.encode(mark))
        output.emit({"out": str(out), "count": made.count})
        output.say(output.text("cli.exported", count=made.count, out=str(out)))
    elif output.json:
        output.emit({"format": kind.value, "content": made.content, "count": made.count})
    else:
        sys.stdout.write(made.content)


def coversheet(
    codes: Annotated[
        list[str], typer.Argument(help="Mã hồ sơ. / Dossier codes.", show_default=False)
    ],
    out: Annotated[Path, typer.Option(help="Tệp PDF. / A PDF.")] = Path("coversheets.pdf"),
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Phiếu bìa có mã QR cho hồ sơ quét. / Cover sheets with a QR code, to scan with dossiers."""
    _settings, output = begin(data, as_json, verbose)
    write_durably(out, cover_sheets(_valid(codes)))
    output.emit({"out": str(out), "codes": codes})
    output.say(output.text("cli.covers_drawn", count=len(codes), out=str(out)))


def _valid(codes: Sequence[str]) -> Sequence[str]:
    for code in codes:
        if not is_code(code):
            raise InputRejected("cli.bad_code", code=code)
    return codes
