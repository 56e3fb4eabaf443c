"""The office at work: everything the steps need, made once a process and handed to each of them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from schemas.doc_code import DEFAULT_CODING, CodingOptions
from schemas.messages import Language
from schemas.work import DEFAULT_APPROVAL, ApprovalOptions
from usecases.caller import SERVICE
from usecases.workspace import Workspace

if TYPE_CHECKING:
    from ocr import ReaderPool
    from schemas.registry import PopulationRegistry
    from signing import Signer, Trust
    from storage import Document, Ledger, Objects
    from usecases.originals import Originals


ACTOR = SERVICE.name
"""Who did what no person did."""


def now() -> datetime:
    """The moment, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class AppContext:
    """The rooms, opened. ``work`` is this host's cache of what is worked on.

    All that a step needs is in the ledger and the store, so that any process of any host may take
    the next one; no step looks into an inbox.
    """

    ledger: "Ledger"
    objects: "Objects"
    signer: "Signer"
    pool: "ReaderPool"
    trust: "Trust"
    work: Path
    clock: Callable[[], datetime] = now
    registry: "PopulationRegistry | None" = None
    language: Language = "vi"
    approval: ApprovalOptions = DEFAULT_APPROVAL
    timezone: str = "Asia/Ho_Chi_Minh"
    desk: str = ""
    """Scheme and host by which people reach the desk; empty: Prefect's page is behind it."""
    coding: CodingOptions = DEFAULT_CODING
    """What DocCodes of this office begin with."""
    types: Path | None = None
    """The folder of the office's own document types."""

    def workspace(self, document: "Document") -> Workspace:
        """Where the outputs of a document lie."""
        return Workspace(self.work / str(document.id))

    @property
    def originals(self) -> "Originals":
        """The files as they came, of what is worked on."""
        from usecases.originals import Originals  # noqa: PLC0415 - knows the store: large

        return Originals(self.ledger, self.objects, self.work)

    def fetch_made(self, document: "Document", name: str, out: Path, sha256: str | None) -> bool:
        """Fetch a file that was made of a document from the store; whether it came whole.

        Raises:
            ServiceUnavailable: the store does not answer.
        """
        out.parent.mkdir(parents=True, exist_ok=True)
        return self.objects.get_made(document.claim_id, name, out, sha256)
