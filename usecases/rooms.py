"""What an interface (command line, page, API) hands to the use cases: rooms and settings.

A use case opens nothing itself. A worker's process has more (:class:`usecases.context.AppContext`);
a command or a page needs this.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from schemas.doc_code import DEFAULT_CODING, CodingOptions
from schemas.messages import Language
from schemas.work import DEFAULT_APPROVAL, ApprovalOptions
from signing import SigningOptions
from storage import Ledger, Objects
from usecases.files_at_hand import FilesAtHand

if TYPE_CHECKING:
    from signing import Signer, Trust
    from usecases.target_secrets import TargetSecrets


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
        adapters: the folder of the office's own names of records.
        target_secrets: the secrets that are shared with systems that are told of changes; None
            where a face has nothing to do with them.
        coding: what DocCodes of this office begin with.
        at_hand: files that are read by ranges just now.
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
    adapters: Path | None = None
    target_secrets: "TargetSecrets | None" = None
    coding: CodingOptions = DEFAULT_CODING
    at_hand: FilesAtHand = field(default_factory=FilesAtHand, compare=False, repr=False)
    trust: "Callable[[], Trust] | None" = None
