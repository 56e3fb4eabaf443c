"""What was published, as other systems take it: a table of fields, and the national portal's names.

The portal's record is that of the national public service portal (names in
``MaHoSo``, ``TaiLieuNop`` ...); what Sohoa does not know stays null, so that nobody takes a guess
for a fact.
"""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, tzinfo
from enum import StrEnum
from itertools import groupby
from pathlib import Path
from typing import Any

from schemas.document_type import document_type
from schemas.dossier import Role
from schemas.field import Field
from schemas.procedure import checklist
from schemas.views import ExportView
from storage import ObjectKind
from usecases.caller import Caller
from usecases.published import Published, published
from usecases.rooms import Rooms

COLUMNS = (
    "dossier", "department", "document", "role", "document_type", "form_version", "field", "value",
    "raw", "status", "confidence", "page",
)  # fmt: skip

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_OWNER = ("full_name", "dossier_owner", "declarant_name", "owner_name", "wife_name")
"""Fields that name whose dossier it is, the first that is there counts."""
_OWNER_NUMBER = ("personal_id", "owner_personal_id")


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
    grouped = groupby(documents, key=lambda one: one.dossier.id)
    return [_record(list(group), zone, types) for _, group in grouped]


def _record(group: Sequence[Published], zone: tzinfo, types: Path | None) -> dict[str, Any]:
    dossier = group[0].dossier
    parts = [one for one in group if one.document.role is Role.component]
    results = [one for one in group if one.document.role is Role.result]
    known = checklist([one.manifest.document_type for one in parts])
    single = known.procedures[0] if known and len(known.procedures) == 1 else None
    return {
        "MaHoSo": None if dossier.provisional else dossier.code,
        "MaTTHC": single.code if single else None,
        "TenTTHC": single.names.vi if single else None,
        "MaLinhVuc": None,
        "KenhThucHien": "1",
        "ChuHoSo": _first(parts, _OWNER),
        "LoaiDoiTuong": None,
        "DinhDanhCHS": _first(parts, _OWNER_NUMBER),
        "NgayTiepNhan": _moment(dossier.created_at, zone),
        "HoSoCoThanhPhanSoHoa": "1" if parts else "0",
        "TaiLieuNop": [
            {
                "TenTepDinhKem": one.document.name,
                "MaThanhPhanHoSo": None,
                "DuongDanTaiTepTin": _path(one),
                "DuocSoHoa": "1",
                "DuocTaiSuDung": "0",
            }
            for one in parts
        ],
        "DanhSachGiayToKetQua": [
            {
                "TenGiayTo": _name(one, types),
                "GiayToId": one.document.label,
                "DuongDanTepTinKetQua": _path(one),
                "MaGiayToKetQua": _value(one, ("doc_number", "number")),
            }
            for one in results
        ],
    }


def _moment(time: datetime, zone: tzinfo) -> str:
    aware = time if time.tzinfo else time.replace(tzinfo=UTC)
    return f"{aware.astimezone(zone):%Y%m%d%H%M%S}"


def _first(documents: Sequence[Published], names: Sequence[str]) -> str | None:
    return next((value for one in documents if (value := _value(one, names))), None)


def _value(one: Published, names: Sequence[str]) -> str | None:
    fields = (one.manifest.fields.get(name) for name in names)
    return next((f.value for f in fields if isinstance(f, Field) and f.value), None)


def _path(one: Published) -> str | None:
    """Where the signed file lies in the store: ``bucket/key``."""
    signed = next((kept for kept in one.objects if kept.kind is ObjectKind.signed), None)
    return f"{signed.bucket}/{signed.key}" if signed else None


def _name(one: Published, types: Path | None) -> str:
    manifest = one.manifest
    known = document_type(manifest.document_type or "", manifest.form_version, types)
    return known.names.vi if known else one.document.name
