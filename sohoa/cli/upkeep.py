"""For operators: ``doctor``, ``config show``, ``bench``."""

from typing import Annotated

import typer
from rich.text import Text

from schemas.errors import ExitCode
from sohoa.benches.pipeline import pipeline
from sohoa.cli.output import AsJson, Data, Output, Verbose
from sohoa.doctor import examine
from sohoa.settings import describe, flat, load_settings

config = typer.Typer(help="Cấu hình. / Configuration.", no_args_is_help=True, add_completion=False)
bench = typer.Typer(help="Đo hiệu năng. / Benchmarks.", no_args_is_help=True, add_completion=False)


def add_to(app: typer.Typer) -> None:
    """Register this module's commands."""
    app.command("doctor")(doctor)
    app.add_typer(config, name="config")
    app.add_typer(bench, name="bench")


def doctor(as_json: AsJson = False, verbose: Verbose = False, data: Data = None) -> None:
    """Kiểm tra mọi thành phần và dịch vụ. / Examine each dependency and service."""
    settings = load_settings(data=data)
    output = Output.start(json=as_json, verbose=verbose, language=settings.language)
    findings = examine(settings)
    bad = sum(not finding.works for finding in findings)
    output.emit({"findings": [finding.model_dump(mode="json") for finding in findings]})
    if not output.json:
        table = output.table(None, "name", "version", "works", "advice")
        for finding in findings:
            works = Text("✓", style="green") if finding.works else Text("✗", style="red")
            table.add_row(finding.name, finding.version or "-", works, Text(finding.advice or ""))
        output.people.print(table)
    output.say(output.text("cli.doctor_bad", count=bad) if bad else output.text("cli.doctor_ok"))
    if bad:
        raise typer.Exit(ExitCode.missing_dependency)


@config.command("show")
def config_show(as_json: AsJson = False, verbose: Verbose = False, data: Data = None) -> None:
    """Mọi thiết lập đang dùng, giấu khóa bí mật. / Every setting in use, secrets masked."""
    settings = load_settings(data=data)
    output = Output.start(json=as_json, verbose=verbose, language=settings.language)
    output.emit(describe(settings))
    if not output.json:
        table = output.table(None, "name", "value")
        for name, value in flat(settings):
            table.add_row(name, Text(str(value)))
        output.people.print(table)


@bench.command("pipeline")
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
