"""What stands in ``evidence.json``, and what checking it says."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from schemas.dossier import Role, Stage
from schemas.page import Frozen
from schemas.verdict import FileVerdict, Verdict
from storage import Event, ObjectKind

FORMAT: Literal["sohoa-evidence-1"] = "sohoa-evidence-1"
EVIDENCE_FILE = "evidence.json"


class ProvenEvent(Frozen):
    """An event of the ledger with the proof that it stands in its chain."""

    event: Event
    path: tuple[str, ...] = Field(
        description="neighbours in the tree of all events, from the leaf to the root"
    )


class Kept(Frozen):
    """An object in the store, and the file in this container with its bytes."""

    kind: ObjectKind
    bucket: str
    key: str
    version_id: str | None
    sha256: str
    bytes: int
    retain_until: datetime | None
    file: str | None = Field(description="None where only hashes were exported")


class Exhibit(Frozen):
    """One document of the dossier."""

    label: str
    role: Role
    stage: Stage
    document_id: int
    first_id: int = Field(description="the document whose bytes these are; its own id mostly")
    scan_id: int | None = Field(None, description="the scan whose pages these are")
    source_pages: tuple[int, ...] = Field((), description="which of them; none: all")
    source_sha256: str
    pdfa_sha256: str | None
    manifest_sha256: str | None
    signed_sha256: str | None
    pages: int | None
    objects: tuple[Kept, ...]


class Chain(Frozen):
    """The ledger's chain when this was exported."""

    events: int
    head: str = Field(description="hash of the last event")
    head_path: tuple[str, ...]
    summary: str = Field(description="hash of the number of events and the root of their tree")


class DossierEvidence(Frozen):
    """Everything that is said of one dossier."""

    format: Literal["sohoa-evidence-1"] = FORMAT
    department: str
    dossier: str
    exported_at: datetime
    chain: Chain
    documents: tuple[Exhibit, ...]
    events: tuple[ProvenEvent, ...]


class Fault(Frozen):
    """Something that does not fit. ``code`` is a key of the catalogue ``evidence``."""

    code: str
    what: str = Field(description="a document's label, an event's number, or a file's name")


class EvidenceReport(Frozen):
    """What checking an evidence file found."""

    file: str
    sound: bool
    container: FileVerdict
    department: str | None = None
    dossier: str | None = None
    exported_at: datetime | None = None
    events: int = 0
    documents: int = 0
    reviewers: tuple[str, ...] = ()
    signatures: dict[str, Verdict] = Field(
        default_factory=dict, description="verdict on the signed file of each document"
    )
    faults: tuple[Fault, ...] = ()
