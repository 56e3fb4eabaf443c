"""What the command line, pages and the API show: one frozen model for each thing.

A command prints them, a page draws them, an interface sends them; the index of a dossier in the
store is made of the same ones. They hold nothing that a face must work out, and nothing of how
things are kept. Names of people and files are left out of ``repr``.
"""

from datetime import datetime
from typing import Annotated

from pydantic import Field, JsonValue, PlainSerializer

from schemas.checklist_views import ChecklistView
from schemas.dossier import Role, Stage
from schemas.field import Check, FieldStatus, Reading
from schemas.manifest import PartReason
from schemas.page import Box, Frozen

Moment = Annotated[
    datetime, PlainSerializer(lambda moment: moment.isoformat(), str, when_used="json")
]
"""A time with its zone, in JSON as Python writes it: ``2026-11-23T02:00:00+00:00``."""

ParamValue = str | int | float


# A dossier and its documents


class PagesRead(Frozen):
    """How far pages have been read."""

    read: int
    pages: int


class _OfDossier(Frozen):
    code: str
    department: str
    provisional: bool
    first_code: str | None = Field(description="the provisional code it was opened under")
    stage: Stage
    rejected: int = Field(description="documents that could not be taken")
    created_at: Moment
    updated_at: Moment
    warnings: tuple[str, ...]


class DossierSummary(_OfDossier):
    """A dossier as a line of a list."""

    documents: int = Field(description="without scans that were split")
    pages: PagesRead = Field(description="of documents that are read, and of those that are being")


class DocumentView(Frozen):
    """A document of a dossier, as far as it is."""

    id: int
    number: int
    role: Role
    name: str = Field(repr=False, description="what the clerk called it")
    source_sha256: str
    source_bytes: int
    media_type: str | None
    document_type: str | None
    stage: Stage
    failed_from: Stage | None
    manifest_sha256: str | None
    pdfa_sha256: str | None
    signed_sha256: str | None
    pages: int | None
    error_code: str | None
    error_params: dict[str, ParamValue]
    duplicate_of: int | None
    part_of: int | None
    source_pages: tuple[int, ...]
    split: bool
    attached_to: int | None
    created_at: datetime
    updated_at: datetime
    label: str
    linked_to: str | None = Field(description="the document whose bytes these are: CODE/LABEL")
    inside: str | None = Field(description="the document whose file held this one: CODE/LABEL")
    error: str | None = Field(description="the sentence of ``error_code``")
    reading: PagesRead | None


class SplitPart(Frozen):
    """A document that was made of pages of a scan, or taken out of it."""

    dossier: str
    document: int
    pages: tuple[int, ...]


class SplitView(Frozen):
    """What became of a scan that held several documents."""

    document: int
    parts: tuple[SplitPart, ...]


class ObjectView(Frozen):
    """Where something lies in the store, and its hash."""

    bucket: str
    key: str
    version_id: str | None
    sha256: str
    bytes: int
    kind: str


class ObjectDetail(ObjectView):
    """An object with whose it is, and how long the store holds it."""

    retain_until: datetime | None
    dossier_id: int
    document_id: int | None


class EventView(Frozen):
    """A line of the event log."""

    seq: int
    at: datetime
    actor: str
    kind: str
    dossier_id: int | None
    document_id: int | None
    hash_before: str | None
    hash_after: str | None
    data: dict[str, JsonValue]
    prev_hash: str
    hash: str


class FindingView(Frozen):
    """What a look through ledger or store found wrong, with its sentence."""

    id: int
    code: str
    place: str
    dossier_id: int | None
    document_id: int | None
    stops: bool
    found_at: datetime
    sentence: str


# What waits for a person


class _OfDocument(Frozen):
    document: int = Field(description="the document's number in its dossier")
    label: str
    manifest_sha256: str | None = Field(description="of the manifest that is shown: ``--seen``")


class WhyView(Frozen):
    """One reason of a doubt: a code for programs, a sentence for people."""

    code: str
    sentence: str


class DoubtView(_OfDocument):
    """A field, or a page, that a person must settle."""

    field: str = Field(description="its path; ``pages.7`` for a page that was not read")
    value: str | None = Field(repr=False)
    raw: str | None = Field(repr=False)
    confidence: float
    failed_checks: tuple[str, ...]
    reasons: tuple[WhyView, ...] = Field((), description="why a person looks at it")


class ProposedPart(Frozen):
    """One document among the pages of a scan, as proposed."""

    pages: tuple[int, ...]
    document_type: str | None
    reason: PartReason
    dossier: str | None = Field(description="the dossier that its cover sheet names")
    confidence: float


class ProposalView(_OfDocument):
    """How a scan would be split."""

    parts: tuple[ProposedPart, ...]


class ReasonView(_OfDocument):
    """Why a person is asked about a document as a whole."""

    code: str
    sentence: str


class WaitingView(Frozen):
    """All that waits for a person in a dossier, or in one of its documents."""

    doubts: tuple[DoubtView, ...]
    proposals: tuple[ProposalView, ...]
    reasons: tuple[ReasonView, ...]


class FieldView(_OfDocument):
    """A field with all its evidence, and where it stands on the paper."""

    field: str
    value: str | None = Field(repr=False)
    raw: str | None = Field(repr=False)
    confidence: float
    status: FieldStatus
    page: int | None
    box: Box | None = Field(description="points of the upright page")
    readers: tuple[Reading, ...] = Field(repr=False)
    checks: tuple[Check, ...]
    reasons: tuple[WhyView, ...] = Field(description="why a person looks at it; none if accepted")


class DossierView(_OfDossier, WaitingView):
    """A dossier with all that is known of it."""

    documents: tuple[DocumentView, ...] = Field(description="all, split scans among them")
    splits: tuple[SplitView, ...]
    checklist: ChecklistView | None
    objects: tuple[ObjectDetail, ...]
    events: tuple[EventView, ...]
    wrong: tuple[FindingView, ...]


# What was published


class ResultView(Frozen):
    """A published document, as a line of a list."""

    dossier: str
    department: str
    number: int
    label: str
    role: Role
    document_type: str | None
    published_at: Moment
    objects: tuple[ObjectView, ...]


class FetchedFile(Frozen):
    """A file that was fetched from the store and had the right hash."""

    label: str
    kind: str
    path: str = Field(repr=False)
    sha256: str
    key: str


class FetchedView(Frozen):
    """What was fetched of a dossier, and the folder it lies in."""

    dossier: str
    out: str = Field(repr=False)
    files: tuple[FetchedFile, ...]


class IndexedWithdrawal(Frozen):
    """When a document ceased to count, and what counts instead."""

    at: datetime
    superseded_by: str | None = Field(description="as ``H17-261123-0001/result-002``")


class IndexedDocument(Frozen):
    """A document in a dossier's index."""

    number: int
    role: Role
    name: str = Field(repr=False)
    document_type: str | None
    pages: int | None
    source_sha256: str
    source_pages: tuple[int, ...]
    signed_sha256: str | None
    withdrawn: IndexedWithdrawal | None = None
    objects: tuple[ObjectView, ...]


class IndexView(Frozen):
    """The index of a dossier in the store: what a department finds first."""

    department: str
    dossier: str
    provisional: bool
    checklist: ChecklistView | None
    documents: tuple[IndexedDocument, ...]


# The office


class ExportView(Frozen):
    """Published fields as another system takes them."""

    content: str = Field(repr=False)
    count: int = Field(description="documents, or records")


class RetriedView(Frozen):
    """Numbers of the documents that are tried again."""

    dossier: str
    retried: tuple[int, ...]


class DepartmentView(Frozen):
    """A department, and how many dossiers it has."""

    id: str
    name: str
    dossiers: int


class TrustView(Frozen):
    """Whether the ledger agrees with itself."""

    events: int
    trusted: bool
    wrong: tuple[FindingView, ...]


class StageFigures(Frozen):
    """The documents of a department at one stage."""

    department: str
    stage: Stage
    documents: int
    oldest: Moment = Field(description="when the one that moved longest ago came to this stage")
    waited_seconds: float = Field(ge=0, description="since then")


class FiguresView(Frozen):
    """Counts and times, without anybody's name."""

    at: Moment
    stages: tuple[StageFigures, ...]
    waiting: int = Field(description="documents that a person must look at")
    failed: int
    published: int


class PagePicture(Frozen):
    """A page of a document, or a zone of one, as a picture. The same hash is the same picture."""

    sha256: str = Field(description="of ``content``")
    media_type: str
    width: int = Field(description="pixels")
    height: int = Field(description="pixels")
    content: bytes = Field(repr=False)
    sensitive: bool = Field(False, description="of an identity paper: nobody keeps a copy")
