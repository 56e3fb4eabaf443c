"""Published documents with real bytes, in an office whose store is a dictionary."""

import hashlib
from pathlib import Path
from typing import Any

from schemas.dossier import Role, Stage
from schemas.errors import Damaged, NotFound
from schemas.field import Field, FieldStatus
from schemas.manifest import Manifest, Source
from storage import Document, Ledger, NewClaim, NewFile, ObjectKind, StoredObject


class ShelfStore:
    """A store that gives what was laid into it, verified."""

    def __init__(self) -> None:
        self.shelf: dict[tuple[str, str], bytes] = {}
        self.asked = 0

    def get(
        self, bucket: str, key: str, out: Path, *, sha256: str | None = None, **_more: object
    ) -> None:
        self.asked += 1
        content = self.shelf.get((bucket, key))
        if content is None:
            raise NotFound("storing.no_object")
        if sha256 != hashlib.sha256(content).hexdigest():
            raise Damaged("storing.object_altered", bucket=bucket, key=key)
        out.write_bytes(content)

    def lay(self, bucket: str, key: str, content: bytes) -> StoredObject:
        self.shelf[bucket, key] = content
        return StoredObject(
            bucket=bucket, key=key, version_id=None, sha256=hashlib.sha256(content).hexdigest(),
            bytes=len(content), retain_until=None,
        )  # fmt: skip


def a_decision(number: str = "21/QĐ-UBND", subject: str = "Về việc công nhận kết quả") -> Manifest:
    """The manifest of a decision that was read surely."""

    def sure(value: str) -> Field:
        return Field(value=value, status=FieldStatus.accepted)

    return Manifest(
        source=Source(name="1.pdf", sha256="0" * 64, bytes=1, media_type="application/pdf"),
        document_type="quyet_dinh", form_version=None, legal_basis=None, pages=(),
        fields={
            "doc_number": sure(number), "subject": sure(subject),
            "issue_date": sure("2026-11-23"), "issuing_org": sure("ỦY BAN NHÂN DÂN XÃ HOA SEN"),
        },
    )  # fmt: skip


def publish(
    ledger: Ledger,
    store: ShelfStore,
    code: str,
    department: str,
    *,
    content: bytes = b"%PDF-1.7 signed",
    document_type: str = "quyet_dinh",
    manifest: Manifest | None = None,
) -> Document:
    """A dossier with one result that went all the way: its scan, signed file and manifest."""
    scan = b"%PDF-1.4 scan of " + code.encode() + document_type.encode()
    paper = NewFile(
        relative="1.pdf", name="Nguyễn Thị Mẫu.pdf", role=Role.result,
        sha256=hashlib.sha256(scan).hexdigest(), bytes=len(scan),
    )  # fmt: skip
    claim = NewClaim(
        claim_id=f"{document_type}-{department}-{code}", department=department, code=code,
        folder=code, files=(paper,), actor="test",
    )  # fmt: skip
    (document,) = ledger.register(claim).documents
    home = f"{department}/{code}/{document.label}"
    said = (manifest or a_decision()).model_dump_json(indent=2).encode()
    laid = {
        ObjectKind.original: store.lay("originals", f"{home}.pdf", scan),
        ObjectKind.signed: store.lay("results", f"{home}.pdf", content),
        ObjectKind.manifest: store.lay("results", f"{home}.json", said),
    }
    told: dict[Stage, dict[str, Any]] = {
        Stage.digitised: {
            "manifest_sha256": laid[ObjectKind.manifest].sha256, "document_type": document_type,
            "pages": 2, "media_type": "application/pdf",
        },
        Stage.signed: {"signed_sha256": laid[ObjectKind.signed].sha256},
    }  # fmt: skip
    way = [Stage.received, Stage.digitised, Stage.ready_to_sign, Stage.signed, Stage.stored]
    for one, to in zip(way, [*way[1:], Stage.published], strict=True):
        ledger.advance(document.id, one, to, actor="test", **told.get(to, {}))
    for kind, stored in laid.items():
        ledger.record_object(
            stored, kind=kind, dossier_id=document.dossier_id, document_id=document.id,
            actor="test",
        )  # fmt: skip
    return ledger.document(document.id)
