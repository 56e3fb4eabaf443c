"""Where dossiers stand: ``status``."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.text import Text

from schemas.dossier import Stage
from schemas.views import DocumentView, DossierSummary, DossierView, WaitingView
from sohoa.bootstrap import open_rooms
from sohoa.cli.doctor import show_wrong
from sohoa.cli.named import Department
from sohoa.cli.output import AsJson, Data, Output, Verbose, begin, plain
from sohoa.services import desk_url
from sohoa.settings import Settings
from usecases import look, trust
from usecases.caller import local_operator


def add_to(app: typer.Typer) -> None:
    """Register this module's commands."""
    app.command("status")(status)


def status(
    code: Annotated[
        str | None, typer.Argument(help="Mã hồ sơ. / Dossier code.", show_default=False)
    ] = None,
    department: Department = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Hồ sơ đang ở giai đoạn nào. / Where dossiers stand."""
    settings, output = begin(data, as_json, verbose)
    caller = local_operator()
    with open_rooms(settings) as rooms:
        if code is not None:
            full = look.dossier(caller, rooms, code, department=department)
            output.emit({"dossier": full.model_dump(mode="json")})
            if not output.json:
                _show_dossier(output, full)
            return
        lines = look.dossiers(caller, rooms, department=department)
        wrong = trust.findings(caller, rooms)
    output.emit(
        {
            "dossiers": [one.model_dump(mode="json", exclude={"pages"}) for one in lines],
            "wrong": [one.model_dump(mode="json") for one in wrong],
            "desk": (desk := desk_url(settings)),
        }
    )
    if not output.json:
        output.people.print(dossier_table(output, lines, settings))
        show_wrong(output, wrong)
        if desk:
            output.say(output.text("cli.desk", desk=desk))


def dossier_table(output: Output, dossiers: Sequence[DossierSummary], settings: Settings) -> Any:
    """Dossiers and their stages, for people; long ones with how far they are read."""
    zone = ZoneInfo(settings.signing.timezone)
    table = output.table(
        output.text("cli.dossiers_title"), "dossier", "department", "stage", "pages", "updated"
    )
    for one in dossiers:
        done, total = one.pages.read, one.pages.pages
        table.add_row(
            Text(one.code),
            Text(one.department),
            stage_text(output, one.stage),
            str(total) if done == total else f"{done}/{total}",
            f"{one.updated_at.astimezone(zone):%d/%m/%Y %H:%M:%S}",
        )
    return table


def stage_text(output: Output, stage: Stage) -> Text:
    """A stage in the person's language and colour."""
    colours = {
        Stage.published: "green",
        Stage.in_review: "yellow",
        Stage.awaiting_approval: "yellow",
        Stage.rejected: "red",
        Stage.failed: "red",
    }
    return Text(output.text(f"cli.stage_{stage.value}"), style=colours.get(stage, "cyan"))


def _stage_and_pages(output: Output, document: DocumentView) -> Text:
    text = stage_text(output, document.stage)
    if document.reading:
        text.append(f" {document.reading.read}/{document.reading.pages}")
    return text


def _show_dossier(output: Output, full: DossierView) -> None:
    console = output.people
    title = f"{full.code} · {full.department}"
    table = output.table(title, "document", "file", "type", "stage")
    for one in full.documents:
        stage = _stage_and_pages(output, one)
        table.add_row(Text(one.label), plain(one.name), one.document_type or "-", stage)
    console.print(table)
    for one in full.documents:
        if one.error:
            console.print(Text(f"• {one.label}: {one.error}"))
        elif one.linked_to:
            linked = output.text("flow.linked", document=one.label, first=one.linked_to)
            console.print(Text(f"• {linked}"))
        if one.inside:
            inside = output.text("flow.was_inside", document=one.label, first=one.inside)
            console.print(Text(f"• {inside}"))
    show_waiting(output, full)
    show_wrong(output, full.wrong)
    for line in _notes(output, full):
        console.print(Text(f"• {line}"))


def show_waiting(output: Output, waiting: WaitingView) -> None:
    """What waits for a person: how files would be split, and the doubtful fields."""
    if waiting.proposals:
        proposed = output.table(None, "document", "pages", "type", "dossier", "confidence")
        for one in waiting.proposals:
            for part in one.parts:
                proposed.add_row(
                    str(one.document),
                    spans(part.pages),
                    part.document_type or "-",
                    part.dossier or "-",
                    f"{part.confidence:.2f}",
                )
        output.people.print(proposed)
    for reason in waiting.reasons:
        output.people.print(Text(f"• {reason.label}: {reason.sentence}"))
    if waiting.doubts:
        doubtful = output.table(None, "field", "value", "confidence", "why")
        for doubt in waiting.doubts:
            path = f"{doubt.document}/{doubt.field}"
            doubtful.add_row(
                Text(path),
                plain(doubt.value or "-"),
                f"{doubt.confidence:.2f}",
                Text("\n".join(why.sentence for why in doubt.reasons), style="dim"),
            )
        output.people.print(doubtful)


def _notes(output: Output, full: DossierView) -> Iterator[str]:
    """Sentences about a dossier: its code, its split scans, what it lacks."""
    if full.first_code:
        yield output.text("cli.first_code", before=full.first_code, code=full.code)
    for scan in full.splits:
        parts = "; ".join(
            f"{spans(one.pages) or '+'} → {one.dossier}/{one.document}" for one in scan.parts
        )
        yield output.text("cli.was_split", document=scan.document, parts=parts)
    for proposal in full.proposals:
        document = f"{full.code}/{proposal.document}"
        yield output.text("cli.to_be_split", document=document, count=len(proposal.parts))
    if full.checklist:
        missing = full.checklist.missing()
        if missing:
            yield output.text("cli.missing", components="; ".join(missing))
        else:
            yield output.text("cli.nothing_missing")
    yield from full.warnings


def spans(pages: Sequence[int]) -> str:
    """``1-3,5`` for 1, 2, 3, 5."""
    found: list[list[int]] = []
    for page in pages:
        if found and found[-1][-1] == page - 1:
            found[-1] = [found[-1][0], page]
        else:
            found.append([page])
    return ",".join("-".join(map(str, span)) for span in found)
