"""What goes into the ledger and what comes out: frozen values.

Names and paths given by a clerk are left out of ``repr``, because they may name a person and
records end up in logs.
"""

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import Enum

from pydantic import Field, JsonValue, field_validator

from schemas.changes import Changes
from schemas.dossier import Role, Stage
from schemas.page import Frozen
from schemas.work import DecisionKind

Sha256 = str
"""A SHA-256 as 64 lower-case hexadecimal digits."""


class ObjectKind(Enum):
    """What a stored object is to its dossier or document."""

    original = "original"
    signed = "signed"
    renewed = "renewed"
    """The signed file with a newer archive time stamp."""
    manifest = "manifest"
    index = "index"


class NewFile(Frozen):
    """One file of a claim."""

    relative: str = Field(repr=False, description="path inside the claimed folder, with /")
    name: str = Field(repr=False, description="what the clerk called it")
    role: Role
    sha256: Sha256
    bytes: int = Field(ge=0)
    media_type: str | None = None


class NewClaim(Frozen):
    """A folder or file taken from the inbox, to be registered."""

    claim_id: str = Field(min_length=1, max_length=80, description="unique, chosen by the claimer")
    department: str
    code: str
    provisional: bool = False
    folder: str = Field(repr=False, description="the folder's name as the clerk gave it")
    files: tuple[NewFile, ...]
    warnings: tuple[str, ...] = ()
    inbox: str = Field(
        "", max_length=200, description="name of the inbox that holds its files; of one host"
    )
    actor: str


class Dossier(Frozen):
    """One dossier as the ledger knows it."""

    id: int
    department: str
    code: str
    provisional: bool
    stage: Stage
    lease_owner: str | None
    lease_until: datetime | None
    attempts: int = Field(description="leases taken since a run last ended without a retry")
    next_attempt_at: datetime | None
    created_at: datetime
    updated_at: datetime
    warnings: tuple[str, ...]
    first_code: str | None = Field(
        None, description="the provisional code it was opened under, where it has got its own"
    )
    procedures: tuple[str, ...] = Field((), description="those that it may be of, by their codes")
    due_at: datetime | None = Field(None, description="when its procedure asks for the result")

    @field_validator("procedures", mode="before")
    @classmethod
    def _codes(cls, value: object) -> object:
        """The column holds them with spaces between."""
        return tuple(value.split()) if isinstance(value, str) else value or ()


class Claim(Frozen):
    """A folder taken from the inbox. Open until its sources have been moved out of the claim."""

    claim_id: str
    dossier_id: int
    folder: str = Field(repr=False)
    inbox: str | None = Field(
        None, description="name of the inbox that holds its files; None: not known to be stored"
    )
    created_at: datetime
    closed_at: datetime | None


class Document(Frozen):
    """One document of a dossier."""

    id: int
    dossier_id: int
    number: int = Field(ge=1, description="within the dossier, whatever the role")
    role: Role
    name: str = Field(repr=False)
    claim_id: str
    relative: str = Field(repr=False, description="path inside the claim")
    source_sha256: Sha256
    source_bytes: int
    media_type: str | None
    document_type: str | None
    stage: Stage
    failed_from: Stage | None = Field(description="where a failed document goes back to")
    manifest_sha256: Sha256 | None
    pdfa_sha256: Sha256 | None
    signed_sha256: Sha256 | None
    pages: int | None
    error_code: str | None
    error_params: dict[str, str | int | float]
    duplicate_of: int | None = Field(description="id of the first document with these bytes")
    part_of: int | None = Field(None, description="id of the scan whose pages these are")
    source_pages: tuple[int, ...] = Field((), description="which of the scan's pages; none: all")
    split: bool = Field(False, description="its documents became documents of their own")
    attached_to: int | None = Field(None, description="id of the document whose file this was in")
    reading_sha256: Sha256 | None = Field(
        None, description="hash of the manifest before a person decided anything"
    )
    doubts: int | None = Field(None, description="what a person must settle, when it was read")
    superseded_by: int | None = Field(None, description="id of the document that replaces it")
    changes: Changes | None = Field(None, description="what people said before it was read again")
    created_at: datetime
    updated_at: datetime

    @property
    def label(self) -> str:
        """How the document is called in logs and keys: ``component-002``."""
        return f"{self.role.value}-{self.number:03d}"

    @property
    def current_sha256(self) -> Sha256:
        """Hash of the most advanced form of the document: signed, else PDF/A, else the source."""
        return self.signed_sha256 or self.pdfa_sha256 or self.source_sha256

    @property
    def new_pages(self) -> tuple[int, ...]:
        """Ids of the documents that keep newer scans of its pages."""
        pages = self.changes.pages if self.changes else {}
        own = self.source_pages or tuple(pages)
        return tuple(one.document for number, one in pages.items() if number in own)

    def owns(self, kept: "KeptObject") -> bool:
        """Whether a stored object is this document's, of the one it is linked to, or its scan."""
        if kept.document_id is None:
            return False
        if kept.document_id == self.part_of or kept.document_id in self.new_pages:
            return kept.kind is ObjectKind.original
        return kept.document_id in {self.id, self.duplicate_of}


class NewPart(Frozen):
    """One document among the pages of a scan."""

    pages: tuple[int, ...] = Field(min_length=1, description="of the scan, counted from 1")
    code: str | None = Field(None, description="the dossier its cover sheet names")


class NewDecision(Frozen):
    """What a person says of one doubt."""

    path: str = Field(max_length=200, description="a field's path, ``pages.7``, ``parts``, a code")
    kind: DecisionKind
    value: str | None = Field(None, repr=False, description="where the kind is ``value``")
    replaces: int | None = Field(None, description="id of the standing decision that was seen")
    key: str = Field(
        default_factory=lambda: secrets.token_hex(16),
        max_length=64,
        description="names this decision: sent again it is the same one",
    )


class Decision(Frozen):
    """What a person said of one doubt, and whether it still stands."""

    id: int
    document_id: int
    manifest_sha256: Sha256 = Field(description="of the manifest that the person saw")
    path: str
    kind: DecisionKind
    value: str | None = Field(repr=False)
    key: str
    made_by: str
    made_at: datetime
    undone_by: str | None
    undone_at: datetime | None


class Approval(Frozen):
    """That somebody said a document may be signed."""

    id: int
    document_id: int
    manifest_sha256: Sha256 = Field(description="of the manifest that was approved")
    made_by: str
    made_at: datetime
    void: bool = Field(description="the document went back to review since")
    made_for: str | None = Field(None, description="in whose stead; None: in their own name")


class InStead(Frozen):
    """In whose stead somebody approves, and by which delegation."""

    delegation: int
    name: str = Field(description="as events record it: user:ky")


def voices(approvals: Iterable[Approval]) -> int:
    """How many have approved: one person has one voice, and so has one in whose stead others do."""
    valid = [one for one in approvals if not one.void]
    people = {one.made_by for one in valid}
    return min(len(people), len({one.made_for or one.made_by for one in valid}))


class Reason(Frozen):
    """Why a document was sent back or withdrawn."""

    id: int
    document_id: int
    kind: str = Field(description="``approved``, ``approval_refused``, ``reopened``, ``withdrawn``")
    text: str = Field(repr=False)
    made_by: str
    made_at: datetime


class Settlement(Frozen):
    """What a person decided of one document under review."""

    document_id: int
    to: Stage = Stage.ready_to_sign
    decisions: tuple[NewDecision, ...] = Field((), description="made with it")
    standing: tuple[int, ...] | None = Field(
        None, description="ids of the decisions that ``manifest`` holds besides; None: not asked"
    )
    manifest: bytes = Field(repr=False, description="as it is now; it may hold personal data")
    based_on: Sha256 = Field(description="hash of the manifest that the person saw")
    data: dict[str, JsonValue] = Field(
        default_factory=dict, description="for the event; without values of fields"
    )


class Registered(Frozen):
    """What :meth:`storage.Ledger.register` did, or had done before."""

    dossier: Dossier
    documents: tuple[Document, ...] = Field(description="those of this claim")
    created: bool = Field(description="False when the claim was registered before")


class StoredObject(Frozen):
    """An object as it stands in the store, read back."""

    bucket: str
    key: str
    version_id: str | None
    sha256: Sha256
    bytes: int
    retain_until: datetime | None


class KeptObject(StoredObject):
    """An object the ledger knows."""

    kind: ObjectKind
    dossier_id: int
    document_id: int | None


def newest(kept: Sequence[KeptObject]) -> list[KeptObject]:
    """``kept``, in order, without signed files that were renewed since."""
    last = {one.document_id: one.key for one in kept if one.kind is ObjectKind.renewed}
    return [
        one
        for one in kept
        if one.kind not in {ObjectKind.signed, ObjectKind.renewed}
        or last.get(one.document_id, one.key) == one.key
    ]


class ListedObject(Frozen):
    """An object in a listing: the newest version under its key."""

    bucket: str
    key: str
    bytes: int
    modified: datetime | None


class ListedVersion(ListedObject):
    """One version of an object, or the mark that hides a deleted one."""

    version_id: str | None
    newest: bool
    deleted: bool


class ObjectInfo(ListedObject):
    """What the store says of one object."""

    version_id: str | None
    sha256: Sha256 | None = Field(
        description="computed from the bytes where they were fetched, else as noted when it was put"
    )
    media_type: str | None
    metadata: dict[str, str] = Field(repr=False)


class Event(Frozen):
    """One line of the append-only event log."""

    seq: int
    at: datetime
    actor: str
    kind: str
    dossier_id: int | None
    document_id: int | None
    hash_before: Sha256 | None
    hash_after: Sha256 | None
    data: dict[str, JsonValue]
    prev_hash: Sha256
    hash: Sha256


class ChainReport(Frozen):
    """Whether the event log is as it was written."""

    intact: bool
    events: int
    first_broken_seq: int | None = Field(
        description="first event that was changed, is missing, or does not follow from the one"
        " before"
    )


class LedgerFinding(Frozen):
    """What a look through the ledger or the store found wrong. Open until ``ended_at``."""

    id: int
    code: str = Field(description="names its sentence in the catalogue ``finding``")
    place: str = Field(description="an object's bucket and key, an event's number, a row's column")
    dossier_id: int | None
    document_id: int | None
    stops: bool = Field(description="nothing is signed or published until it has ended")
    found_at: datetime
    ended_at: datetime | None


class Head(Frozen):
    """The end of the event log at a moment, kept outside the ledger to prove it by."""

    seq: int = Field(ge=0)
    hash: Sha256
    at: datetime
