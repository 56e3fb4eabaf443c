"""Where dossiers stand: ``status``."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.text import Text

from schemas.dossier import Stage
from schemas.field import FieldStatus
from schemas.manifest import page_groups, pages_of
from schemas.messages import sentence
from sohoa.bootstrap import open_ledger, work_folder
from sohoa.cli.doctor import as_shown, show_wrong
from sohoa.cli.named import Department, find_dossier, unit_of
from sohoa.cli.output import AsJson, Data, Output, Verbose, begin, plain
from sohoa.settings import Settings
from storage import Document, Dossier, Ledger
from usecases.components import as_record, ticked_off
from usecases.review import Doubt, doubts
from usecases.workspace import Workspace


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
    with open_ledger(settings) as ledger:
        if code is None:
            unit = unit_of(ledger, department)
            dossiers = ledger.dossiers(department=unit)
            wrong = [as_shown(output, ledger, one) for one in ledger.findings()]
            output.emit({"dossiers": [_summary(ledger, one) for one in dossiers], "wrong": wrong})
            if not output.json:
                output.people.print(dossier_table(output, ledger, dossiers, settings))
                show_wrong(output, wrong)
            return
        dossier = find_dossier(ledger, code, department)
        documents = ledger.documents(dossier.id)
        full = _summary(ledger, dossier) | {
            "documents": [_document(ledger, one, settings, output) for one in documents],
            "doubts": doubts_in(ledger, settings, dossier),
            "proposals": proposals_in(ledger, settings, dossier),
            "reasons": reasons_in(ledger, settings, dossier),
            "splits": _splits(ledger, documents),
            "checklist": as_record(ticked_off(documents)),
            "objects": [one.model_dump(mode="json") for one in ledger.objects(dossier.id)],
            "events": [one.model_dump(mode="json") for one in ledger.events(dossier.id)],
            "wrong": [as_shown(output, ledger, one) for one in ledger.findings(dossier.id)],
        }
        output.emit({"dossier": full})
        if not output.json:
            _show_dossier(output, full)


def _summary(ledger: Ledger, dossier: Dossier) -> dict[str, Any]:
    stages = [one.stage for one in ledger.documents(dossier.id) if not one.split]
    return {
        "code": dossier.code,
        "department": dossier.department,
        "provisional": dossier.provisional,
        "first_code": dossier.first_code,
        "stage": dossier.stage,
        "documents": len(stages),
        "rejected": stages.count(Stage.rejected),
        "created_at": dossier.created_at.isoformat(),
        "updated_at": dossier.updated_at.isoformat(),
        "warnings": list(dossier.warnings),
    }


def _document(
    ledger: Ledger, document: Document, settings: Settings, output: Output
) -> dict[str, Any]:
    error = (
        output.text(document.error_code, **document.error_params) if document.error_code else None
    )
    return document.model_dump(mode="json", exclude={"dossier_id", "claim_id", "relative"}) | {
        "label": document.label,
        "linked_to": _name_of(ledger, document.duplicate_of),
        "inside": _name_of(ledger, document.attached_to),
        "error": error,
        "reading": _reading(document, settings),
    }


def _name_of(ledger: Ledger, document_id: int | None) -> str | None:
    """``H17-261123-0001/component-001``; None without a document."""
    if document_id is None:
        return None
    document = ledger.document(document_id)
    return f"{ledger.dossier_by_id(document.dossier_id).code}/{document.label}"


def _reading(document: Document, settings: Settings) -> dict[str, int] | None:
    """Pages read so far and pages in all, while a long document is being read."""
    if document.stage is not Stage.received:
        return None
    state = Workspace(work_folder(settings) / str(document.id)).noted()
    return {"read": state[0], "pages": state[1]} if state else None


def _splits(ledger: Ledger, documents: list[Document]) -> list[dict[str, Any]]:
    """What became of the scans that held several documents."""
    return [
        {
            "document": scan.number,
            "parts": [
                {
                    "dossier": ledger.dossier_by_id(part.dossier_id).code,
                    "document": part.number,
                    "pages": list(part.source_pages),
                }
                for part in (
                    *ledger.parts(scan.part_of or scan.id),
                    *ledger.attached(scan.id),
                )
                if not scan.source_pages or set(part.source_pages) < set(scan.source_pages)
            ],
        }
        for scan in documents
        if scan.split and scan.duplicate_of is None
    ]


def proposals_in(
    ledger: Ledger, settings: Settings, dossier: Dossier, number: int | None = None
) -> list[dict[str, Any]]:
    """The files under review that seem to hold several documents, as they would be split."""
    return [
        {
            "document": one.document.number,
            "label": one.document.label,
            "manifest_sha256": one.document.manifest_sha256,
            "parts": [
                {
                    "pages": list(pages_of(group)),
                    "document_type": group[0].document_type,
                    "reason": group[0].reason,
                    "dossier": group[0].dossier_code,
                    "confidence": group[0].confidence,
                }
                for group in page_groups(one.manifest.parts)
            ],
        }
        for one in doubts(ledger, work_folder(settings), dossier, number)
        if one.manifest.undecided()
    ]


def doubts_in(
    ledger: Ledger, settings: Settings, dossier: Dossier, number: int | None = None
) -> list[dict[str, Any]]:
    """The fields and pages of a dossier that a person must settle."""
    waiting = doubts(ledger, work_folder(settings), dossier, number)
    return [
        {
            "document": doubt.document.number,
            "label": doubt.document.label,
            "manifest_sha256": doubt.document.manifest_sha256,
            "field": path,
            "value": field.value,
            "raw": field.raw,
            "confidence": field.confidence,
            "failed_checks": [check.name for check in field.checks if not check.passed],
        }
        for doubt in waiting
        for path, field in doubt.manifest.walk()
        if field.status is FieldStatus.review
    ] + [_unread(doubt, page, settings) for doubt in waiting for page in doubt.manifest.unread()]


def reasons_in(
    ledger: Ledger, settings: Settings, dossier: Dossier, number: int | None = None
) -> list[dict[str, Any]]:
    """Why a person is asked about documents as a whole, beyond single fields and pages."""
    return [
        {
            "document": one.document.number,
            "label": one.document.label,
            "manifest_sha256": one.document.manifest_sha256,
            "code": code,
            "sentence": sentence(code, settings.language),
        }
        for one in doubts(ledger, work_folder(settings), dossier, number)
        for code in one.manifest.asks(settings.reading.pass_unseen)
    ]


def _unread(doubt: Doubt, number: int, settings: Settings) -> dict[str, Any]:
    """A page that was not read, or is not shown, as a doubt that only ``--accept`` settles."""
    page = doubt.manifest.pages[number - 1]
    return {
        "document": doubt.document.number,
        "label": doubt.document.label,
        "manifest_sha256": doubt.document.manifest_sha256,
        "field": f"pages.{number}",
        "value": sentence("cli.page_unread", settings.language),
        "raw": None,
        "confidence": 0.0,
        "failed_checks": [page.problem or "reading.pages_missing"],
    }


def dossier_table(
    output: Output, ledger: Ledger, dossiers: list[Dossier], settings: Settings
) -> Any:
    """Dossiers and their stages, for people; long ones with how far they are read."""
    zone = ZoneInfo(settings.signing.timezone)
    table = output.table(
        output.text("cli.dossiers_title"), "dossier", "department", "stage", "pages", "updated"
    )
    for one in dossiers:
        documents = ledger.documents(one.id)
        table.add_row(
            Text(one.code),
            Text(one.department),
            stage_text(output, one.stage),
            _pages(documents, work_folder(settings)),
            f"{one.updated_at.astimezone(zone):%d/%m/%Y %H:%M:%S}",
        )
    return table


def _pages(documents: list[Document], work: Path) -> str:
    """``40``, or ``12/40`` while pages are being read."""
    known = sum(document.pages or 0 for document in documents if not document.split)
    reading = [
        noted
        for document in documents
        if document.stage is Stage.received
        and (noted := Workspace(work / str(document.id)).noted())
    ]
    total = known + sum(pages for _, pages in reading)
    return f"{known + sum(done for done, _ in reading)}/{total}" if reading else str(total)


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


def _stage_and_pages(output: Output, document: dict[str, Any]) -> Text:
    text = stage_text(output, Stage(document["stage"]))
    if document["reading"]:
        text.append(f" {document['reading']['read']}/{document['reading']['pages']}")
    return text


def _show_dossier(output: Output, full: dict[str, Any]) -> None:
    console = output.people
    title = f"{full['code']} · {full['department']}"
    table = output.table(title, "document", "file", "type", "stage")
    for one in full["documents"]:
        table.add_row(
            Text(one["label"]),
            plain(one["name"]),
            one["document_type"] or "-",
            _stage_and_pages(output, one),
        )
    console.print(table)
    for one in full["documents"]:
        if one["error"]:
            console.print(Text(f"• {one['label']}: {one['error']}"))
        elif one["linked_to"]:
            linked = output.text("flow.linked", document=one["label"], first=one["linked_to"])
            console.print(Text(f"• {linked}"))
        if one["inside"]:
            inside = output.text("flow.was_inside", document=one["label"], first=one["inside"])
            console.print(Text(f"• {inside}"))
    show_doubts(output, full)
    show_wrong(output, full["wrong"])
    for line in _notes(output, full):
        console.print(Text(f"• {line}"))


def show_doubts(output: Output, full: dict[str, Any]) -> None:
    """What waits for a person: how files would be split, and the doubtful fields."""
    if full["proposals"]:
        proposed = output.table(None, "document", "pages", "type", "dossier", "confidence")
        for one in full["proposals"]:
            for part in one["parts"]:
                proposed.add_row(
                    str(one["document"]),
                    spans(part["pages"]),
                    part["document_type"] or "-",
                    part["dossier"] or "-",
                    f"{part['confidence']:.2f}",
                )
        output.people.print(proposed)
    for one in full["reasons"]:
        output.people.print(Text(f"• {one['label']}: {one['sentence']}"))
    if full["doubts"]:
        doubtful = output.table(None, "field", "value", "confidence")
        for one in full["doubts"]:
            path = f"{one['document']}/{one['field']}"
            doubtful.add_row(Text(path), plain(one["value"] or "-"), f"{one['confidence']:.2f}")
        output.people.print(doubtful)


def _notes(output: Output, full: dict[str, Any]) -> Iterator[str]:
    """Sentences about a dossier: its code, its split scans, what it lacks."""
    if full["first_code"]:
        yield output.text("cli.first_code", before=full["first_code"], code=full["code"])
    for scan in full["splits"]:
        parts = "; ".join(
            f"{spans(one['pages']) or '+'} → {one['dossier']}/{one['document']}"
            for one in scan["parts"]
        )
        yield output.text("cli.was_split", document=scan["document"], parts=parts)
    for one in full["proposals"]:
        document = f"{full['code']}/{one['document']}"
        yield output.text("cli.to_be_split", document=document, count=len(one["parts"]))
    if full["checklist"]:
        missing = [
            one["name"]
            for one in full["checklist"]["components"]
            if one["required"] and not one["present"]
        ]
        if missing:
            yield output.text("cli.missing", components="; ".join(missing))
        else:
            yield output.text("cli.nothing_missing")
    yield from full["warnings"]


def spans(pages: Sequence[int]) -> str:
    """``1-3,5`` for 1, 2, 3, 5."""
    found: list[list[int]] = []
    for page in pages:
        if found and found[-1][-1] == page - 1:
            found[-1] = [found[-1][0], page]
        else:
            found.append([page])
    return ",".join("-".join(map(str, span)) for span in found)
