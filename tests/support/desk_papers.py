"""Documents for the desk that stand somewhere on their way, with their real PDF/A and manifest."""

import hashlib
from collections.abc import Sequence

from stacks import stack

from schemas.dossier import Role, Stage
from schemas.field import Field, FieldStatus, Reading
from schemas.manifest import Manifest, PageReport, Source
from schemas.work import DecisionKind
from storage import Document, Ledger, NewClaim, NewDecision, NewFile
from usecases.caller import Caller, Duty
from usecases.review import finish_review, save_decision
from usecases.rooms import Rooms
from usecases.workspace import Workspace

CLERK = Caller("user:lan", frozenset({Duty.clerk}))
VALUES = {
    "full_name": "Nguyễn Thị Mẫu",
    "dob": "2026-11-02",
    "sex": "Nữ",
    "birth_place": "Bệnh viện Ví Dụ, phường Ví Dụ",
    "registration_place": "Ủy ban nhân dân phường Ví Dụ",
    "registration_date": "2026-11-20",
}
"""What an invented birth certificate says."""


def _field(value: str | None, status: FieldStatus) -> Field:
    said = (Reading(reader="tesseract", text=value, confidence=0.6),) if value else ()
    return Field(value=value, raw=value, confidence=0.6, status=status, page=1, readers=said)


def _manifest(values: dict[str, str | None], doubted: Sequence[str], pages: int) -> Manifest:
    return Manifest(
        source=Source(name="1.pdf", sha256="0" * 64, bytes=1, media_type="application/pdf"),
        document_type="giay_khai_sinh",
        form_version=None,
        legal_basis=None,
        pages=tuple(
            PageReport(
                number=number, width=595, height=842, dpi=300, rotation=0, skew=0.0, blank=False,
                words=120, confidence=0.9,
            )
            for number in range(1, pages + 1)
        ),
        fields={
            name: _field(value, FieldStatus.review if name in doubted else FieldStatus.accepted)
            for name, value in values.items()
        },
    )  # fmt: skip


def entered(
    ledger: Ledger, code: str, department: str, role: Role = Role.result, number: str = ""
) -> Document:
    """A dossier with one document, just received."""
    sha256 = hashlib.sha256(f"{department}/{code}/{number}".encode()).hexdigest()
    paper = NewFile(
        relative=f"{number or 1}.pdf", name="giay.pdf", role=role, sha256=sha256, bytes=1
    )
    claim = NewClaim(
        claim_id=f"{department}-{code}{number}", department=department, code=code, folder=code,
        files=(paper,), actor="test",
    )  # fmt: skip
    (document,) = ledger.register(claim).documents
    return document


def awaiting(
    rooms: Rooms,
    code: str,
    department: str,
    *,
    pages: int = 2,
    typed: str | None = None,
    without: str | None = None,
) -> Document:
    """A birth certificate that a clerk has reviewed, and that awaits approval.

    Args:
        rooms: where it is entered.
        code: of its dossier.
        department: whose it is.
        pages: how many it has.
        typed: a name that the clerk typed for the one that was read.
        without: a field of which the clerk said that nothing stands there.
    """
    document = entered(rooms.ledger, code, department)
    workspace = Workspace(rooms.work / str(document.id))
    pdf = stack(workspace.draft(), "GIẤY KHAI SINH", *["more"] * (pages - 1))
    doubted = [one for one in ("full_name" if typed else None, without) if one]
    manifest = _manifest(dict(VALUES), doubted or ["dob"], pages)
    seen = rooms.ledger.advance(
        document.id, Stage.received, Stage.digitised, actor="test",
        manifest=workspace.keep_manifest(manifest), pdfa_sha256=workspace.keep_pdf(pdf),
        document_type="giay_khai_sinh", pages=pages,
    ).manifest_sha256 or ""  # fmt: skip
    rooms.ledger.advance(document.id, Stage.digitised, Stage.in_review, actor="test", doubts=1)
    said = [
        NewDecision(path="full_name", kind=DecisionKind.value, value=typed) if typed else None,
        NewDecision(path=without, kind=DecisionKind.missing) if without else None,
        None if doubted else NewDecision(path="dob", kind=DecisionKind.confirmed),
    ]
    for new in said:
        if new is not None:
            save_decision(CLERK, rooms.ledger, rooms.work, document.id, new, seen=seen)
    return finish_review(CLERK, rooms.ledger, rooms.work, document.id, seen=seen)


def declared(rooms: Rooms, code: str, department: str, kind: str = "ct01") -> Document:
    """A declaration of residence under review: its name was read surely, its number was not."""
    document = entered(rooms.ledger, code, department, Role.component, "ct01")
    workspace = Workspace(rooms.work / str(document.id))
    pdf = stack(workspace.draft(), "TỜ KHAI", "more")
    said: dict[str, str | None] = {"full_name": "Trần Văn Mẫu", "phone": "0905000000"}
    manifest = _manifest(said, ["phone"], 2).model_copy(update={"document_type": kind})
    rooms.ledger.advance(
        document.id, Stage.received, Stage.digitised, actor="test",
        manifest=workspace.keep_manifest(manifest), pdfa_sha256=workspace.keep_pdf(pdf),
        document_type=kind, pages=2,
    )  # fmt: skip
    return rooms.ledger.advance(
        document.id, Stage.digitised, Stage.in_review, actor="test", doubts=1
    )


def failed(rooms: Rooms, code: str, department: str, error: str = "flow.no_room") -> Document:
    """A document that failed while it was read."""
    document = entered(rooms.ledger, code, department, Role.component)
    params = {"error": "ENOSPC"} if error == "flow.no_room" else {"document": "component-001"}
    return rooms.ledger.fail(document.id, error, actor="test", params=params)
