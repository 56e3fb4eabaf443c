"""What was published is withdrawn, or replaced by another document; the store keeps all of it."""

from dataclasses import dataclass
from pathlib import Path

from storage import Document, Dossier, Ledger, Objects
from usecases.caller import Caller, Right
from usecases.index import Shelf, put_index
from usecases.scope import within


@dataclass(frozen=True)
class Place:
    """The ledger and the store, where no office is at work: a :class:`usecases.index.Shelf`."""

    ledger: Ledger
    objects: Objects
    work: Path


def withdraw(
    caller: Caller,
    shelf: Shelf,
    dossier: Dossier,
    document: Document,
    reason: str,
    *,
    by: Document | None = None,
) -> Document:
    """A published document counts no longer; the dossier's index says so.

    The ledger comes first. Where the index could not be written, the same call again writes it.

    Args:
        caller: who says so.
        shelf: the ledger and the store.
        dossier: whose document.
        document: the one that is withdrawn.
        reason: why, in words that name nobody.
        by: the published document that takes its place.

    Raises:
        Conflict: it is not published; ``storing.cannot_supersede``.
        InputRejected: no reason is given.
        NotAllowed, NotFound: the caller may not.
        NotTrusted: the ledger contradicts itself.
        ServiceUnavailable: the store does not answer.
    """
    within(caller, Right.withdraw, dossier)
    if by is not None:
        within(caller, Right.withdraw, shelf.ledger.dossier_by_id(by.dossier_id))
    done = shelf.ledger.withdraw(
        document.id, reason, caller.name, superseded_by=by.id if by is not None else None
    )
    put_index(shelf, dossier)
    return done
