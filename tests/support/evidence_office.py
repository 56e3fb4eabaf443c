"""A dossier that went all the way, in a ledger and a store of folders."""

import hashlib
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from schemas.dossier import Role, Stage
from schemas.manifest import Manifest, PageReport, Source
from signing import Signer, SignerRole
from storage import Dossier, Ledger, NewClaim, NewFile, ObjectInfo, ObjectKind, StoredObject

CODE = "H17.9.3-261123-0001"


@dataclass
class FolderStore:
    """What evidence needs of the store: bytes under a key, verified when fetched."""

    folder: Path

    def put(self, bucket: str, key: str, path: Path) -> StoredObject:
        target = self.folder / bucket / key
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
        return StoredObject(
            bucket=bucket,
            key=key,
            version_id=f"v-{len(key)}",
            sha256=sha256(path),
            bytes=path.stat().st_size,
            retain_until=None,
        )

    def get(
        self,
        bucket: str,
        key: str,
        out: Path,
        *,
        version_id: str | None = None,
        sha256: str | None = None,
        durable: bool = True,
    ) -> ObjectInfo | None:
        shutil.copyfile(self.folder / bucket / key, out)
        return None


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def through(
    ledger: Ledger,
    store: FolderStore,
    signer: Signer,
    place: Path,
    paper: bytes,
    *,
    code: str = CODE,
    reviewed: bool = False,
) -> Dossier:
    """Register, digitise, review, sign, store and publish one document."""
    place.mkdir(parents=True)
    scan, pdf, signed = place / "scan.png", place / "document.pdf", place / "signed.pdf"
    scan.write_bytes(b"\x89PNG" + code.encode())
    pdf.write_bytes(paper)
    told = _manifest(scan)
    manifest = place / "manifest.json"
    manifest.write_text(told.model_dump_json())
    claim = NewClaim(
        claim_id=f"claim-{code}",
        department="hoa-sen",
        code=code,
        folder=code,
        files=(
            NewFile(
                relative="scan.png",
                name="scan.png",
                role=Role.component,
                sha256=sha256(scan),
                bytes=scan.stat().st_size,
            ),
        ),
        actor="sohoa",
    )
    registered = ledger.register(claim)
    document = registered.documents[0]
    forward: dict[str, Any] = {"actor": "sohoa"}
    ledger.advance(
        document.id,
        Stage.received,
        Stage.digitised,
        pages=1,
        manifest_sha256=sha256(manifest),
        pdfa_sha256=sha256(pdf),
        **forward,
    )
    if reviewed:
        ledger.advance(document.id, Stage.digitised, Stage.in_review, **forward)
        read = sha256(manifest)
        manifest.write_text(told.model_dump_json(indent=2))
        ledger.settle(document.id, sha256(manifest), "can-bo-01", based_on=read)
    else:
        ledger.advance(document.id, Stage.digitised, Stage.ready_to_sign, **forward)
    signer.sign(pdf, signed, role=SignerRole.seal)
    ledger.advance(
        document.id, Stage.ready_to_sign, Stage.signed, signed_sha256=sha256(signed), **forward
    )
    key = f"hoa-sen/{code}/component-001"
    for kind, ending, path in (
        (ObjectKind.original, ".png", scan),
        (ObjectKind.signed, ".pdf", signed),
        (ObjectKind.manifest, ".json", manifest),
    ):
        ledger.record_object(
            store.put("b", key + ending, path),
            kind=kind,
            dossier_id=registered.dossier.id,
            document_id=document.id,
            actor="sohoa",
        )
    ledger.advance(document.id, Stage.signed, Stage.stored, **forward)
    ledger.advance(document.id, Stage.stored, Stage.published, **forward)
    return ledger.dossier_by_id(registered.dossier.id)


def _manifest(scan: Path) -> Manifest:
    page = PageReport(
        number=1,
        width=595,
        height=842,
        dpi=300,
        rotation=0,
        skew=0,
        blank=False,
        words=9,
        confidence=0.9,
    )
    source = Source(
        name="scan.png", sha256=sha256(scan), bytes=scan.stat().st_size, media_type="image/png"
    )
    return Manifest(
        source=source,
        document_type=None,
        form_version=None,
        legal_basis=None,
        pages=(page,),
        fields={},
    )


def now() -> datetime:
    return datetime.now(UTC)
