"""Words for the tests of the ledger: claims of invented dossiers, a document's whole way."""

import hashlib
from datetime import UTC, datetime

from schemas.dossier import Role, Stage
from storage import Document, Ledger, NewClaim, NewFile, Registered

CODE = "H17-251103-0001"
NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def a_file(content: str, role: Role = Role.component, name: str = "don.pdf") -> NewFile:
    return NewFile(
        relative=name, name=name, role=role, sha256=sha(content), bytes=len(content.encode())
    )


def a_claim(
    claim_id: str = "c1",
    *contents: str,
    code: str = CODE,
    department: str = "mot-cua",
    files: tuple[NewFile, ...] | None = None,
    warnings: tuple[str, ...] = (),
    inbox: str = "",
) -> NewClaim:
    return NewClaim(
        claim_id=claim_id,
        department=department,
        code=code,
        folder=code,
        files=files or tuple(a_file(content) for content in contents or ("một",)),
        warnings=warnings,
        inbox=inbox,
        actor="watcher",
    )


def register(ledger: Ledger, claim_id: str = "c1", *contents: str, **more: object) -> Registered:
    return ledger.register(a_claim(claim_id, *contents, **more))


WAY = (
    (Stage.received, Stage.digitised, {"manifest_sha256": sha("m"), "pdfa_sha256": sha("p")}),
    (Stage.digitised, Stage.ready_to_sign, {}),
    (Stage.ready_to_sign, Stage.signed, {"signed_sha256": sha("s")}),
    (Stage.signed, Stage.stored, {}),
    (Stage.stored, Stage.published, {}),
)


def bring_to(ledger: Ledger, document: Document, stage: Stage) -> Document:
    """Through the ordinary stages, from received."""
    for expect, to, columns in WAY:
        if document.stage is stage:
            break
        document = ledger.advance(document.id, expect, to, actor="flow", **columns)
    assert document.stage is stage
    return document


def kinds(ledger: Ledger, dossier_id: int | None = None) -> list[str]:
    """Of the events, in order."""
    return [event.kind for event in ledger.events(dossier_id)]
