"""``sign``, ``sign-batch``, ``resign-archive``, ``draw``. None needs a service of ours."""

import getpass
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from flows.inbox import ignored
from ocr import ReaderPool
from schemas.errors import Conflict, ExitCode, NotFound
from schemas.messages import sentence
from signing import ProfileName, Signer, SignerRole
from signing.profiles import PROFILES, USUAL
from sohoa.bootstrap import (
    open_ledger,
    open_objects,
    open_pki,
    trust_of,
    work_folder,
)
from sohoa.cli.output import AsJson, Data, Output, Verbose, begin
from sohoa.settings import Settings
from usecases.archive import Renewal, Tally, renew, renew_stored
from usecases.batch import Outcome, Report, Result, approve, approved, run
from usecases.context import AppContext, now
from usecases.results import Template, draw

Role = Annotated[SignerRole | None, typer.Option(help="Ai ký. / Who signs.", show_default=False)]
Kind = Annotated[
    ProfileName | None, typer.Option(help="Kiểu ký. / Kind of signature.", show_default=False)
]
Number = Annotated[
    str | None,
    typer.Option(
        help="Số, ký hiệu văn bản (phụ lục). / The document's number.", show_default=False
    ),
]


def add_to(app: typer.Typer) -> None:
    """Register this module's commands."""
    app.command("sign")(sign)
    app.command("sign-batch")(sign_batch)
    app.command("resign-archive")(resign_archive)
    app.command("draw")(draw_result)


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
    from sohoa.benches.sign import sign as measure  # noqa: PLC0415 - only benchmarks need it

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


def open_signer(settings: Settings, output: Output) -> Signer:
    """The signer of this office; a person at the terminal is asked for what has no file."""

    def ask(role: str) -> str:
        prompt = sentence("signing.secret_prompt", output.language, role=role)
        return str(typer.prompt(prompt, hide_input=True, err=True))

    return Signer(open_pki(settings), settings.signing, ask=ask if sys.stdin.isatty() else None)


def sign(
    file: Annotated[Path, typer.Argument(help="Tệp PDF. / A PDF.", show_default=False)],
    out: Annotated[Path, typer.Option(help="Tệp đã ký. / The signed file.")],
    role: Role = None,
    profile: Kind = None,
    number: Number = None,
    reference: Annotated[
        str | None,
        typer.Option(
            help="Mã tra cứu (mã QR, lý do ký). / What it is found by.", show_default=False
        ),
    ] = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Ký số một tệp PDF (PAdES B-LTA). / Sign a PDF."""
    settings, output = begin(data, as_json, verbose)
    if role is None and profile is None:
        raise typer.BadParameter("--role / --profile")
    if not file.is_file():
        raise NotFound("cli.no_such_path")
    signer = open_signer(settings, output)
    signed = signer.sign(file, out, role=role, profile=profile, number=number, reference=reference)
    signer.close()
    output.emit(signed.model_dump(mode="json"))
    if not output.json:
        output.people.print(
            output.text("cli.signed", level=signed.level.value, out=out.name), markup=False
        )
    if not signed.visible:
        output.say(output.text("signing.signed_unseen"))


def sign_batch(
    out: Annotated[Path, typer.Option(help="Thư mục kết quả. / Where signed files go.")],
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="Tệp PDF, thư mục; không có: ký tiếp. / PDFs; none: go on."),
    ] = None,
    role: Role = None,
    profile: Kind = None,
    number: Number = None,
    yes: Annotated[bool, typer.Option(help="Duyệt, không hỏi lại. / Approved already.")] = False,
    patience: Annotated[
        float, typer.Option(min=0, help="Giây chờ dịch vụ. / Seconds to wait for services.")
    ] = 600.0,
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Duyệt một lần, ký nhiều tệp; chạy lại để ký tiếp. / One approval, many files."""
    settings, output = begin(data, as_json, verbose)
    batch = approved(out)
    signer = open_signer(settings, output)
    if batch is None:
        if not paths:
            raise NotFound("signing.batch_none")
        if role is None and profile is None:
            raise typer.BadParameter("--role / --profile")
        kind = profile or USUAL[role or SignerRole.seal]
        who = role or PROFILES[kind].role
        signer.check(who)
        sources = _pdfs(paths)
        question = output.text("signing.batch_question", count=len(sources), profile=kind.value)
        if not yes and not typer.confirm(question, err=True):
            raise typer.Exit(ExitCode.usage)
        batch = approve(
            out,
            sources,
            profile=kind,
            role=who,
            actor=getpass.getuser(),
            moment=now(),
            number=number,
        )
    else:
        if paths and {one.absolute() for one in _pdfs(paths)} != {
            item.source for item in batch.items
        }:
            raise Conflict("signing.batch_exists")
        output.say(output.text("signing.batch_goes_on", count=len(batch.items)))

    def said(result: Result) -> None:
        if result.error is not None:
            words = output.text(result.error, seconds=0, role="", error="")
            output.say(f"{result.number}/{len(batch.items)}: {words}")

    report = run(
        out, batch, signer, together=settings.signing.together, patience=patience, said=said
    )
    signer.close()
    output.emit(report.model_dump(mode="json"))
    output.say(_summary(output, report))
    if report.count(Outcome.refused):
        raise typer.Exit(ExitCode.bad_input)
    if report.count(Outcome.waiting):
        raise typer.Exit(ExitCode.service_unavailable)


def _summary(output: Output, report: Report) -> str:
    return output.text(
        "signing.batch_report",
        signed=report.count(Outcome.signed),
        waiting=report.count(Outcome.waiting),
        refused=report.count(Outcome.refused),
    )


def _pdfs(paths: Sequence[Path]) -> list[Path]:
    """The PDFs named and those in folders, in name order."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += sorted(
                one
                for one in path.rglob("*")
                if one.suffix.lower() == ".pdf"
                and one.is_file()
                and not any(ignored(part) for part in one.relative_to(path).parts)
            )
        elif path.is_file():
            found.append(path)
        else:
            raise NotFound("cli.no_such_path")
    return found


def resign_archive(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="Tệp, thư mục. / Files or folders.", show_default=False),
    ] = None,
    stored: Annotated[
        bool, typer.Option("--stored", help="Mọi kết quả đang lưu. / Everything in the store.")
    ] = False,
    within: Annotated[
        int, typer.Option(min=1, help="Gia hạn nếu còn ít hơn số ngày này. / Days left.")
    ] = 365,
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Gia hạn dấu thời gian lưu trữ trước khi hết hạn. / Renew archive time stamps."""
    settings, output = begin(data, as_json, verbose)
    if stored == bool(paths):
        raise typer.BadParameter("FILE... / --stored")
    signer = open_signer(settings, output)
    if stored:
        tally = _renew_stored(settings, signer, within)
        signer.close()
        counts = tally.model_dump()
        output.emit(counts)
        output.say(output.text("signing.archive_tally", **counts))
        _exit(waiting=bool(tally.waiting), refused=bool(tally.refused))
        return
    entries = [(path, renew(path, signer, days=within)) for path in _pdfs(paths or [])]
    signer.close()
    output.emit(
        {"files": [{"file": str(path), **one.model_dump(mode="json")} for path, one in entries]}
    )
    if not output.json:
        table = output.table(None, "file", "outcome")
        for path, one in entries:
            table.add_row(Text(path.name), output.text(f"signing.renewal_{one.outcome.value}"))
        output.people.print(table)
    outcomes = {one.outcome for _, one in entries}
    _exit(waiting=Renewal.waiting in outcomes, refused=Renewal.refused in outcomes)


def _renew_stored(settings: Settings, signer: Signer, within: int) -> Tally:
    work = work_folder(settings)
    work.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open_ledger(settings) as ledger:
        office = AppContext(
            ledger=ledger,
            objects=open_objects(settings),
            signer=signer,
            pool=ReaderPool(settings.reading, 1),  # nothing is read, none is started
            trust=trust_of(settings),
            work=work,
        )
        return renew_stored(office, days=within)


def _exit(*, waiting: bool, refused: bool) -> None:
    if waiting:
        raise typer.Exit(ExitCode.service_unavailable)
    if refused:
        raise typer.Exit(ExitCode.not_valid)


def draw_result(
    template: Annotated[Template, typer.Argument(help="Mẫu. / Template.", show_default=False)],
    fields: Annotated[
        Path, typer.Argument(help="Dữ liệu, YAML hoặc JSON. / Fields.", show_default=False)
    ],
    out: Annotated[Path, typer.Option(help="Tệp PDF. / The PDF.")],
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Lập kết quả (quyết định, CT07) từ dữ liệu, để ký. / Draw a result from its fields."""
    _, output = begin(data, as_json, verbose)
    if not fields.is_file():
        raise NotFound("cli.no_such_path")
    draw(template, fields, out)
    output.emit({"template": template.value, "out": str(out)})
    if not output.json:
        output.people.print(output.text("signing.result_drawn", out=out.name), markup=False)
