"""What a signer is shown before they approve: documents with pages, fields, and what speaks
against it.
"""

from datetime import datetime

from pydantic import Field

from schemas.checklist_views import ChecklistView
from schemas.dossier import Role, Stage
from schemas.field import FieldStatus
from schemas.page import Frozen
from schemas.verdict import SignatureReport
from schemas.views import WhyView
from schemas.work import DecisionKind


class SettledView(Frozen):
    """A doubt of the reading that a person settled."""

    path: str
    name: str = Field(description="as people call it")
    kind: DecisionKind
    read: str | None = Field(repr=False, description="what the machine read")
    value: str | None = Field(repr=False, description="what is signed")


class ShownField(Frozen):
    """A field as it will be signed."""

    path: str
    name: str
    value: str | None = Field(repr=False)
    status: FieldStatus
    required: bool
    page: int | None
    by_hand: bool = Field(description="a person typed or confirmed it")


class ToApprove(Frozen):
    """A document that awaits approval, with what speaks for and against it."""

    document_id: int
    dossier: str
    department: str
    number: int
    label: str
    role: Role
    type_name: str | None = Field(description="of its document type, in the reader's language")
    pages: int
    pdfa_sha256: str = Field(description="of what will be signed: its pictures' address")
    manifest_sha256: str = Field(description="what an approval must name")
    received_at: datetime
    due_at: datetime | None
    overdue: bool
    approvals: int = Field(description="signers who have approved it")
    needed: int = Field(description="signers who must")
    approved_before: bool = Field(description="who asks has approved it")
    settled: tuple[SettledView, ...] = Field(description="doubts that a person settled")
    notes: tuple[WhyView, ...] = Field(description="what was noticed while it was read")
    signatures: tuple[SignatureReport, ...] = Field(description="on the paper as it came")
    required_empty: tuple[str, ...] = Field(description="names of required fields without a value")
    checklist: ChecklistView | None
    wrong: tuple[str, ...] = Field(description="sentences of findings about its dossier")
    sent_back: tuple[str, ...] = Field(repr=False, description="why it was sent back before")

    @property
    def end_pages(self) -> tuple[int, ...]:
        """Numbers of its first and last page."""
        return tuple(sorted({1, self.pages}))


class ContactSheet(Frozen):
    """Documents that await approval, due first; and where the next ones begin."""

    documents: tuple[ToApprove, ...]
    total: int
    next: str | None


class DocumentToApprove(Frozen):
    """One document that awaits approval, with all its fields."""

    document: ToApprove
    fields: tuple[ShownField, ...]


class ApprovedView(Frozen):
    """What became of a document of several that were approved together."""

    document_id: int
    name: str | None = Field(description="as ``H17-261123-0001/2``; None: it is not the caller's")
    stage: Stage | None = Field(description="where it stands now; None: it was not approved")
    sentence: str | None = Field(description="why it was not approved")
