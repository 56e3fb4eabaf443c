"""What was published, as other systems take it: a table of fields, and the national portal's names.

The portal's record is that of the adapter ``national-portal`` (``MaHoSo``, ``TaiLieuNop`` ...), by
which changes are delivered, too; what Sohoa does not know stays null.
"""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo
from enum import StrEnum
from itertools import groupby
from pathlib import Path
from typing import Any

from schemas.record_names import shipped_adapters
from schemas.views import ExportView
from usecases.caller import Caller
from usecases.named_records import Told, record_of
from usecases.published import Published, published
from usecases.rooms import Rooms

COLUMNS = (
    "dossier", "department", "document", "role", "document_type", "form_version", "field", "value",
    "raw", "status", "confidence", "page",
)  # fmt: skip

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
PORTAL = "national-portal"
"""The adapter whose names the portal's records have."""


class ExportFormat(StrEnum):
    """What another system takes."""

    csv = "csv"
    portal = "portal"


def export(
    caller: Caller,
    rooms: Rooms,
    kind: ExportFormat,
    zone: tzinfo,
    *,
    department: str | None = None,
    since: datetime | None = None,
    purpose: str | None = None,
) -> ExportView:
    """What was published, as a table of fields or as the national portal's records.

    Args:
        caller: who asks; they get what is of their departments.
        rooms: the ledger and the store.
        kind: the format.
        zone: of the times in the portal's records.
        department: of this one only; by identifier or as people call it.
        since: changed then or later, aware.
        purpose: what for, where others share something of it.

    Raises:
        NotAllowed: they may fetch nothing.
        PurposeNeeded, Conflict, NotTrusted, ServiceUnavailable: as
            :func:`usecases.published.published`.
    """
    found = list(published(caller, rooms, department=department, since=since, purpose=purpose))
    if kind is ExportFormat.csv:
        return ExportView(content=fields_csv(found), count=len(found))
    records = portal_records(found, zone, rooms.types)
    content = json.dumps(records, ensure_ascii=False, indent=2) + "\n"
    return ExportView(content=content, count=len(records))


def fields_csv(documents: Iterable[Published]) -> str:
    """One line a field: UTF-8 text with a heading; lines end in CRLF (RFC 4180).

    A value that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for one in documents:
        manifest = one.manifest
        for path, field in manifest.walk():
            writer.writerow(
                [
                    one.dossier.code,
                    one.dossier.department,
                    one.document.label,
                    one.document.role.value,
                    manifest.document_type or "",
                    manifest.form_version or "",
                    path,
                    _inert(field.value),
                    _inert(field.raw),
                    field.status.value,
                    f"{field.confidence:.4f}",
                    field.page or "",
                ]
            )
    return out.getvalue()


def _inert(text: str | None) -> str:
    if not text:
        return ""
    return f"'{text}" if text.startswith(_FORMULA) else text


def portal_records(
    documents: Iterable[Published], zone: tzinfo, types: Path | None = None
) -> list[dict[str, Any]]:
    """One record a dossier, in the national portal's names; times in ``zone``."""
    names = shipped_adapters()[PORTAL].record
    grouped = groupby(documents, key=lambda one: one.dossier.id)
    return [record_of(_told(list(group), zone, types), names) for _, group in grouped]


def _told(group: Sequence[Published], zone: tzinfo, types: Path | None) -> Told:
    manifests = {one.document.id: one.manifest for one in group}
    return Told(
        dossier=group[0].dossier,
        documents=[one.document for one in group],
        objects=[kept for one in group for kept in one.objects],
        zone=zone,
        manifest_of=lambda document: manifests[document.id],
        types=types,
    )
