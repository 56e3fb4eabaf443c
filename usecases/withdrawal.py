"""What was published is withdrawn, or replaced by another document; the store keeps all of it."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from pydantic import Field

from schemas.dossier import Stage
from schemas.page import Frozen
from storage import Document, Dossier
from usecases.caller import Caller, Right
from usecases.dossiers import called, department_named, dossiers_of, permit_dossier
from usecases.index import put_index
from usecases.rooms import Rooms
from usecases.sharing import is_shared, reach, reached_dossier


class Withdrawn(Frozen):
    """A document that was published and counts no longer."""

    dossier: str
    department: str
    number: int
    label: str
    withdrawn_at: datetime
    superseded_by: str | None = Field(description="as ``H17-261123-0001/result-002``")


def withdrawn(
    caller: Caller, rooms: Rooms, code: str, *, department: str | None = None
) -> list[Withdrawn]:
    """What of a dossier was published, reaches the caller, and counts no longer.

    Raises:
        NotAllowed, NotFound, Conflict: as :func:`usecases.sharing.reached_dossier`.
    """
    dossier, reached = reached_dossier(caller, Right.find, rooms, code, department)
    return list(_withdrawn(caller, rooms, dossier, reached))


def withdrawn_since(
    caller: Caller, rooms: Rooms, *, department: str | None = None, since: datetime | None = None
) -> list[Withdrawn]:
    """What was withdrawn of the dossiers that the caller may find, changed since then.

    Raises:
        NotAllowed: the caller may find nothing.
    """
    theirs = reach(caller, Right.find, rooms)
    unit = department_named(rooms.ledger, department)
    shared = rooms.ledger.shared_documents(theirs, department=unit, since=since)
    own = (
        (dossier, rooms.ledger.documents(dossier.id))
        for dossier in dossiers_of(caller, Right.find, rooms.ledger, department)
        if since is None or dossier.updated_at >= since
    )
    return [
        one
        for dossier, documents in (*own, *shared)
        for one in _withdrawn(caller, rooms, dossier, documents)
    ]


def _withdrawn(
    caller: Caller, rooms: Rooms, dossier: Dossier, documents: Sequence[Document]
) -> Iterator[Withdrawn]:
    """The withdrawn ones; what replaces another department's is named where it is reached, too."""
    for one in documents:
        if one.stage is Stage.withdrawn:
            by = one.superseded_by
            if by is not None and is_shared(caller, dossier):
                reached = rooms.ledger.reached_among(reach(caller, Right.find, rooms), [by])
                by = by if by in reached else None
            yield Withdrawn(
                dossier=dossier.code,
                department=dossier.department,
                number=one.number,
                label=one.label,
                withdrawn_at=one.updated_at,
                superseded_by=called(rooms.ledger, by) if by else None,
            )


def withdraw(
    caller: Caller,
    rooms: Rooms,
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
        rooms: the ledger and the store.
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
    permit_dossier(caller, Right.withdraw, dossier)
    if by is not None:
        permit_dossier(caller, Right.withdraw, rooms.ledger.dossier_by_id(by.dossier_id))
    objects = rooms.objects()  # before the ledger says anything: the index has to follow
    done = rooms.ledger.withdraw(
        document.id, reason, caller.name, superseded_by=by.id if by is not None else None
    )
    rooms.work.mkdir(mode=0o700, parents=True, exist_ok=True)
    put_index(rooms.ledger, objects, rooms.work, dossier)
    return done
