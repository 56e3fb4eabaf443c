"""Results that were published, as rows alone, and a store with one file."""

from pathlib import Path
from typing import Any

from schemas.dossier import Role, Stage
from schemas.errors import Damaged, NotFound
from schemas.field import Field, FieldStatus
from schemas.manifest import Manifest, Source
from storage import Document, Ledger, NewClaim, NewFile, ObjectKind, StoredObject

NUMBER = "001203012345"
"""Of somebody invented."""


class OneFile:
    """A store with one file, or with other bytes than were put."""

    def __init__(self) -> None:
        self.content: bytes | None = b"%PDF-1.7 signed"

    def get(self, _bucket: str, key: str, out: Path, **_more: object) -> None:
        if self.content is None:
            raise NotFound("storing.no_object")
        if self.content != b"%PDF-1.7 signed":
            raise Damaged("storing.object_altered", bucket="results", key="x")
        manifest = key.endswith(".manifest")
        out.write_bytes(a_manifest() if manifest else self.content)


def a_manifest() -> bytes:
    """Of a decision with one field."""
    field = Field(value="12/QĐ-UBND", confidence=0.99, status=FieldStatus.accepted, page=1)
    source = Source(name="1.pdf", sha256="0" * 64, bytes=1, media_type="application/pdf")
    return Manifest(
        source=source, document_type="quyet_dinh", form_version=None, legal_basis=None, pages=(),
        fields={"doc_number": field},
    ).model_dump_json().encode()  # fmt: skip


def published(ledger: Ledger, code: str, department: str) -> Document:
    """A result of a dossier of its own, published."""
    paper = NewFile(
        relative="1.pdf", name="Nguyễn Thị Mẫu.pdf", role=Role.result,
        sha256=f"{int(code[-4:]):064x}", bytes=1,
    )  # fmt: skip
    claim = NewClaim(
        claim_id=code, department=department, code=code, folder=code, files=(paper,), actor="test"
    )
    (document,) = ledger.register(claim).documents
    way = [Stage.received, Stage.digitised, Stage.ready_to_sign, Stage.signed, Stage.stored]
    told: dict[Stage, Any] = {
        Stage.digitised: {"manifest_sha256": "b" * 64, "document_type": "quyet_dinh", "pages": 2},
        Stage.signed: {"signed_sha256": "c" * 64},
    }
    for one, to in zip(way, [*way[1:], Stage.published], strict=True):
        ledger.advance(document.id, one, to, actor="test", **told.get(to, {}))
    for kind, digit in ((ObjectKind.signed, "c"), (ObjectKind.manifest, "b")):
        ledger.record_object(
            StoredObject(
                bucket="results", key=f"{department}/{code}.{kind.value}", version_id=None,
                sha256=digit * 64, bytes=15, retain_until=None,
            ),
            kind=kind, dossier_id=document.dossier_id, document_id=document.id, actor="test",
        )  # fmt: skip
    return ledger.document(document.id)
