"""``doctor``: each dependency and service, and with ``--deep`` everything that is kept."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from schemas.errors import ExitCode
from schemas.views import FindingView
from sohoa.bootstrap import open_rooms
from sohoa.cli.output import AsJson, Data, Output, Verbose, begin
from sohoa.keys import trust_of
from sohoa.settings import Settings
from usecases import trust
from usecases.caller import local_operator

if TYPE_CHECKING:
    from sohoa.doctor import CheckResult
    from usecases.fixity import FixityProgress

SHOWN = 20
"""Findings listed to a person; JSON has all."""


def add_to(app: typer.Typer) -> None:
    """Register this module's command."""
    app.command("doctor")(doctor)


def doctor(
    deep: Annotated[
        bool,
        typer.Option(
            "--deep",
            help="Kiểm tra mọi tệp trong kho và mọi dòng sổ cái; chạy tiếp nếu bị ngắt."
            " / Look through the whole store and ledger; goes on where it was stopped.",
        ),
    ] = False,
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Kiểm tra mọi thành phần và dịch vụ. / Examine each dependency and service."""
    from sohoa.doctor import examine  # noqa: PLC0415 - `status` shows findings and examines nothing

    settings, output = begin(data, as_json, verbose)
    looked = _look(settings, output) if deep else None
    findings = examine(settings)
    wrong = _found_wrong(settings)
    bad = sum(not finding.works for finding in findings)
    said: dict[str, Any] = {
        "findings": [finding.model_dump(mode="json") for finding in findings],
        "wrong": [one.model_dump(mode="json") for one in wrong],
    }
    if looked is not None:
        said["deep"] = looked.model_dump(mode="json")
    output.emit(said)
    if not output.json:
        _show(output, findings)
        show_wrong(output, wrong)
        if looked is not None:
            counts = looked.model_dump(include={"dossiers", "objects", "signatures", "wrong"})
            output.say(output.text("cli.doctor_looked", **counts))
    output.say(output.text("cli.doctor_bad", count=bad) if bad else output.text("cli.doctor_ok"))
    if bad:
        raise typer.Exit(ExitCode.missing_dependency)


def _show(output: Output, findings: "list[CheckResult]") -> None:
    table = output.table(None, "name", "version", "works")
    for finding in findings:
        works = Text("✓", style="green") if finding.works else Text("✗", style="red")
        table.add_row(finding.name, finding.version or "-", works)
    output.people.print(table)
    for finding in findings:
        if finding.advice:
            output.people.print(Text(f"• {finding.name}: {finding.advice}"))


def _look(settings: Settings, output: Output) -> "FixityProgress":
    """The whole ledger, then the whole store, shown as they are looked through.

    Raises:
        ServiceUnavailable: the store does not run, or another look is under way.
    """

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with open_rooms(settings) as rooms, Progress(*columns, disable=output.json) as bars:
        rows = bars.add_task(output.text("cli.looking_ledger"), total=None)

        def row(done: int, total: int) -> None:
            bars.update(rows, completed=done, total=total)

        def seen(looked: "FixityProgress", total: int) -> None:
            bars.update(store, completed=looked.dossiers, total=total)

        trust.examine(local_operator(), rooms, seen=row)
        store = bars.add_task(output.text("cli.looking_store"), total=None)
        return trust.look_through_store(local_operator(), rooms, trust_of(settings), seen=seen)


def _found_wrong(settings: Settings) -> tuple[FindingView, ...]:
    """What looks through ledger and store have found; no ledger is made for the question."""
    from sohoa.doctor.services import made_later  # noqa: PLC0415

    if made_later(settings):
        return ()
    with open_rooms(settings) as rooms:
        return trust.findings(local_operator(), rooms)


def show_wrong(output: Output, wrong: Sequence[FindingView]) -> None:
    """The sentences of the first findings, and how many more there are."""
    for one in wrong[:SHOWN]:
        output.people.print(Text(f"• {one.sentence}", "red"))
    if len(wrong) > SHOWN:
        output.people.print(Text(output.text("cli.more_found", count=len(wrong) - SHOWN), "red"))
