"""Who reviews which document just now, so that two people do not do the same work.

A lease is renewed by the page that shows the document and ends with it; without it, too, nothing
that somebody decided is overwritten.
"""

from collections.abc import Collection
from datetime import timedelta

from schemas.work import HeldView
from storage import Document, ReviewLease
from usecases.caller import Caller, Right, permit
from usecases.dossiers import document_of, find_dossier
from usecases.rooms import Rooms

LENGTH = timedelta(minutes=5)
"""How long a page that is not heard of any more holds its document."""


def hold(
    caller: Caller,
    rooms: Rooms,
    code: str,
    number: int,
    *,
    take_over: bool = False,
    mark: str | None = None,
    department: str | None = None,
) -> HeldView:
    """Open a document for review, or keep it open; who has it now, perhaps somebody else.

    Args:
        caller: who opens it.
        rooms: the ledger.
        code: of the dossier.
        number: of the document in it.
        take_over: also where somebody else has it, which is an event.
        mark: names the page that is opened with it; None: it is open already.
        department: where several may have that code.

    Raises:
        NotAllowed: they may not review.
        NotFound: there is no such document, or it is not theirs.
        Conflict: several of their departments have that code.
    """
    document = _document(caller, rooms, code, number, department)
    leases = rooms.ledger.review_leases
    if take_over:
        return _view(caller, leases.take_over(document.id, caller.name, LENGTH))
    return _view(caller, leases.take(document.id, caller.name, LENGTH, mark=mark))


def let_go(
    caller: Caller,
    rooms: Rooms,
    code: str,
    number: int,
    *,
    mark: str | None = None,
    department: str | None = None,
) -> None:
    """The caller has left a document; nothing happens where somebody else has it.

    Browsers say that a page was left after they have opened the next one: it is let go only where
    the page with this ``mark`` was the last; None: in any case.

    Raises:
        NotAllowed, NotFound, Conflict: as :func:`hold`.
    """
    document = _document(caller, rooms, code, number, department)
    rooms.ledger.review_leases.let_go(document.id, caller.name, mark)


def held(caller: Caller, rooms: Rooms, document_ids: Collection[int]) -> dict[int, HeldView]:
    """Which of these documents somebody has open; document id → who.

    Raises:
        NotAllowed: they may not look.
    """
    permit(caller, Right.look)
    found = rooms.ledger.review_leases.of(document_ids)
    return {key: _view(caller, one) for key, one in found.items()}


def _view(caller: Caller, lease: ReviewLease) -> HeldView:
    """A lease as a person sees it."""
    return HeldView(
        by=lease.holder.partition(":")[2] or lease.holder,
        own=lease.holder == caller.name,
        since=lease.since,
    )


def _document(
    caller: Caller, rooms: Rooms, code: str, number: int, department: str | None
) -> Document:
    dossier = find_dossier(caller, Right.review, rooms.ledger, code, department)
    return document_of(rooms.ledger, dossier, number)
