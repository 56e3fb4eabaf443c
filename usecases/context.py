"""The office at work: everything the steps need, made once a process and handed to each of them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from schemas.errors import SohoaError
from schemas.messages import Language
from schemas.registry import PopulationRegistry
from schemas.work import DEFAULT_APPROVAL, ApprovalOptions
from usecases.caller import SERVICE
from usecases.workspace import Workspace

if TYPE_CHECKING:
    from ocr import ReaderPool
    from signing import Signer, Trust
    from storage import Document, Dossier, Ledger, Objects
"""Who did what no person did."""


ACTOR = SERVICE.name
"""Who did what no person did."""


def now() -> datetime:
    """The moment, in UTC."""
    return datetime.now(UTC)


class Originals(Protocol):
    """Where the files lie that were taken in, until the store has them: a host's inbox."""

    def source(self, claim_id: str, department: str, folder: str, relative: str) -> Path:
        """The path of one file of a claim."""
        ...

    def reject(self, source: Path, department: str, code: str, reason: SohoaError) -> None:
        """Give a file back to its clerk, with a note that says why. Twice is the same as once."""
        ...

    def finish(self, folder: Path, department: str, code: str) -> None:
        """Put what is left of a claim with what is done. Twice is the same as once."""
        ...


@dataclass(frozen=True)
class AppContext:
    """The rooms, opened. ``work`` holds what is made of each document until it is stored."""

    inbox: Originals
    ledger: "Ledger"
    objects: "Objects"
    signer: "Signer"
    pool: "ReaderPool"
    trust: "Trust"
    work: Path
    clock: Callable[[], datetime] = now
    registry: PopulationRegistry | None = None
    language: Language = "vi"
    approval: ApprovalOptions = DEFAULT_APPROVAL
    timezone: str = "Asia/Ho_Chi_Minh"

    def workspace(self, document: "Document") -> Workspace:
        """Where the outputs of a document lie."""
        return Workspace(self.work / str(document.id))

    def source(self, dossier: "Dossier", document: "Document") -> Path:
        """Where the original of a document, or its scan, lies until it is stored."""
        claim = self.ledger.claim(document.claim_id)
        return self.inbox.source(
            claim.claim_id, dossier.department, claim.folder, document.relative
        )
