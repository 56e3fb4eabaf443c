"""What an interface (command line, page, API) hands to the use cases: rooms and settings.

A use case opens nothing itself. A worker's process has more (:class:`usecases.context.AppContext`);
a command or a page needs this.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from schemas.messages import Language
from schemas.work import DEFAULT_APPROVAL, ApprovalOptions
from signing import SigningOptions
from storage import Ledger, Objects

if TYPE_CHECKING:
    from signing import Signer, Trust


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Rooms:
    """The rooms a face works with.

    Attributes:
        ledger: opened, and closed by the face.
        work: the folder of what is made of documents until it is stored.
        objects: opens the store; asked only where a use case needs it, because looking and
            reviewing go on while the store is away.
        language: of sentences.
        types: the folder of the office's own document types.
        pass_unseen: as for :meth:`schemas.manifest.Manifest.asks`.
        approval: who approves what before it is signed.
        clock: the time now, aware.
        signer: opens the office's keys for as long as a block lasts; None where a face signs
            nothing.
        trust: whom this office trusts; None where a face verifies nothing.
        signing: how this office signs, without its keys; to show where its stamp will stand.
    """

    ledger: Ledger
    work: Path
    objects: Callable[[], Objects]
    language: Language = "vi"
    types: Path | None = None
    pass_unseen: tuple[str, ...] = ()
    approval: ApprovalOptions = DEFAULT_APPROVAL
    clock: Callable[[], datetime] = _now
    signer: "Callable[[], AbstractContextManager[Signer]] | None" = None
    signing: SigningOptions | None = None
    trust: "Callable[[], Trust] | None" = None
