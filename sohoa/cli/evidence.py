"""``evidence export`` and ``evidence verify``; ``contain`` for files that are no PDFs."""

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from schemas.errors import ExitCode, NotFound
from signing import SignerRole
from sohoa.bootstrap import open_rooms, open_signer
from sohoa.cli.output import AsJson, Data, Output, Verbose, begin
from sohoa.keys import trust_of
from usecases import evidence
from usecases.caller import local_operator

app = typer.Typer(
    help="Bằng chứng, kiểm tra được ngoại tuyến. / Evidence that is checked offline.",
    no_args_is_help=True,
    add_completion=False,
)


def add_to(main: typer.Typer) -> None:
    """Register this module's commands."""
    main.add_typer(app, name="evidence")
    main.command("contain")(contain)


@app.command("export")
def export(
    code: Annotated[str, typer.Argument(help="Mã hồ sơ. / Dossier code.", show_default=False)],
    out: Annotated[Path, typer.Option(help="Tệp bằng chứng (.asice). / The evidence file.")],
    department: Annotated[
        str | None, typer.Option(help="Đơn vị. / Department.", show_default=False)
    ] = None,
    hashes_only: Annotated[
        bool, typer.Option(help="Không kèm tệp, chỉ mã băm. / Hashes without the files.")
    ] = False,
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Xuất bằng chứng của một hồ sơ thành một tệp. / Write a dossier's evidence to one file."""
    settings, output = begin(data, as_json, verbose)
    with open_signer(settings) as signer, open_rooms(settings) as rooms:
        made = evidence.export(
            local_operator(),
            rooms,
            code,
            out,
            signer,
            department=department,
            hashes_only=hashes_only,
        )
    said = {"documents": len(made.documents), "events": len(made.events)}
    output.emit({"file": str(out), "dossier": made.dossier, "chain": made.chain.events, **said})
    if not output.json:
        text = output.text("evidence.exported", dossier=made.dossier, out=out.name, **said)
        output.people.print(Text(text))


@app.command("verify")
def verify(
    file: Annotated[Path, typer.Argument(help="Tệp bằng chứng. / Evidence.", show_default=False)],
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Kiểm tra bằng chứng, không cần dịch vụ nào. / Check evidence; no service is needed."""
    settings, output = begin(data, as_json, verbose)
    if not file.is_file():
        raise NotFound("cli.no_such_path")
    report = evidence.check(file, trust_of(settings), language=settings.language)
    output.emit(report.model_dump(mode="json"))
    if not output.json:
        _show(output, report)
    if not report.sound:
        raise typer.Exit(ExitCode.not_valid)


def _show(output: Output, report: evidence.EvidenceReport) -> None:
    for fault in report.faults:
        text = output.text(f"evidence.fault_{fault.code}")
        output.people.print(Text(f"{fault.what}: {text}", "red"))
    dossier = report.dossier or "-"
    if report.sound:
        counts = {"documents": report.documents, "events": report.events}
        output.people.print(Text(output.text("evidence.sound", dossier=dossier, **counts)))
    else:
        count = len(report.faults)
        output.people.print(Text(output.text("evidence.unsound", dossier=dossier, count=count)))


def contain(
    files: Annotated[list[Path], typer.Argument(help="Các tệp. / The files.", show_default=False)],
    out: Annotated[Path, typer.Option(help="Tệp ASiC-E (.asice). / The container.")],
    role: Annotated[SignerRole, typer.Option(help="Ai ký. / Who signs.")] = SignerRole.clerk,
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Ký các tệp không phải PDF vào một tệp ASiC-E. / Sign files that are no PDFs, together."""
    settings, output = begin(data, as_json, verbose)
    if not all(file.is_file() for file in files):
        raise NotFound("cli.no_such_path")
    with open_signer(settings) as signer:
        signer.contain(files, out, role=role)
    output.emit({"file": str(out), "files": len(files)})
    if not output.json:
        output.people.print(Text(output.text("evidence.contained", count=len(files), out=out.name)))
