"""The office at work: everything the steps need, made once a process and handed to each of them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from flows.inbox import Inbox
from flows.workspace import Workspace
from schemas.messages import Language
from schemas.registry import PopulationRegistry

if TYPE_CHECKING:
    from ocr import ReaderPool
    from signing import Signer, Trust
    from storage import Document, Dossier, Ledger, Objects

ACTOR = "sohoa"
"""Who did what no person did."""


def now() -> datetime:
    """The moment, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class AppContext:
    """The rooms, opened. ``work`` holds what is made of each document until it is stored."""

    inbox: Inbox
    ledger: "Ledger"
    objects: "Objects"
    signer: "Signer"
    pool: "ReaderPool"
    trust: "Trust"
    work: Path
    clock: Callable[[], datetime] = now
    registry: PopulationRegistry | None = None
    language: Language = "vi"

    def workspace(self, document: "Document") -> Workspace:
        """Where the outputs of a document lie."""
        return Workspace(self.work / str(document.id))

    def source(self, dossier: "Dossier", document: "Document") -> Path:
        """Where the original of a document, or its scan, lies until it is stored."""
        claim = self.ledger.claim(document.claim_id)
        return self.inbox.source(
            claim.claim_id, dossier.department, claim.folder, document.relative
        )
