"""The verdict on signatures: ``verify``."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.text import Text

from schemas.durable import write_durably
from schemas.errors import ExitCode
from schemas.verdict import FileVerdict, Verdict
from signing import Guard
from sohoa.cli.output import AsJson, Data, Output, Verbose, begin, plain
from sohoa.keys import trust_of


def add_to(app: typer.Typer) -> None:
    """Register this module's command."""
    app.command("verify")(verify_files)


def verify_files(
    files: Annotated[list[Path], typer.Argument(help="Tệp. / Files.", show_default=False)],
    report: Annotated[
        Path | None,
        typer.Option(
            help="Thư mục ghi báo cáo ETSI TS 119 102-2. / Folder for reports.", show_default=False
        ),
    ] = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Kiểm tra chữ ký số; mã thoát 0 chỉ khi mọi tệp hợp lệ. / Verify; 0 only if all are valid."""
    settings, output = begin(data, as_json, verbose)
    verdicts, entries = [], []
    if report is not None:
        report.mkdir(parents=True, exist_ok=True)
    with Guard(trust_of(settings), language=settings.language) as guard:
        for number, file in enumerate(files, 1):
            outcome = guard.verify(file, report=report is not None)
            verdicts.append(outcome.verdict)
            entries.append(outcome.verdict.model_dump(mode="json"))
            if report is not None:
                written = report / f"{number:03d}-{file.stem}.xml" if outcome.report else None
                if written is not None and outcome.report is not None:
                    write_durably(written, outcome.report)
                entries[-1]["report"] = None if written is None else str(written)
    output.emit({"files": entries})
    if not output.json:
        show_verdicts(output, verdicts, ZoneInfo(settings.signing.timezone))
    if any(one.verdict is not Verdict.valid for one in verdicts):
        raise typer.Exit(ExitCode.not_valid)


def show_verdicts(output: Output, verdicts: Sequence[FileVerdict], zone: ZoneInfo) -> None:
    """A line a signature, and the sentence of every file that is not simply valid.

    Of the long names of older kinds the table has the beginning: ``adbe``.
    """
    table = output.table(None, "file", "verdict", "signer", "time", "level")
    for one in verdicts:
        valid = one.verdict is Verdict.valid
        label = Text(output.text(f"cli.verdict_{one.verdict.value}"), "green" if valid else "red")
        name = plain(Path(one.file).name)
        for signature in one.signatures or (None,):
            moment = signature.time.astimezone(zone) if signature and signature.time else None
            table.add_row(
                name,
                label,
                plain(signature.signer or "-") if signature else "-",
                f"{moment:%d/%m/%Y %H:%M}" if moment else "-",
                ((signature.level if signature else None) or "-").partition(".")[0],
            )
            name = label = Text()
    output.people.print(table)
    for one in verdicts:
        if one.verdict is not Verdict.valid:
            output.people.print(plain(f"{Path(one.file).name}: {one.sentence}"))
