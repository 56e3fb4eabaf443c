"""What waits for a person, of the departments that are theirs."""

from schemas.dossier import Stage
from schemas.work import QueueEntry, QueuePage, QueueTotals
from storage import EVERYTHING, Ledger, QueueFilter
from usecases.caller import Caller, Right, permit
from usecases.dossiers import department_named
from usecases.rooms import Rooms


def queue(
    caller: Caller,
    ledger: Ledger,
    stage: Stage,
    wanted: QueueFilter = EVERYTHING,
    *,
    after: str | None = None,
    limit: int = 50,
) -> QueuePage:
    """The documents that wait at a stage: due first, then those received first.

    Args:
        caller: who asks; other departments' documents are not found.
        ledger: where they stand.
        stage: ``in_review``, ``awaiting_approval``, ``failed``, or any other.
        wanted: which of them.
        after: ``next`` of the page before.
        limit: entries at most.

    Raises:
        NotAllowed: the caller may not look.
        InputRejected: ``storing.bad_cursor``.
    """
    permit(caller, Right.look)
    return ledger.queue(stage, _theirs(caller, wanted), after=after, limit=limit)


def queue_totals(
    caller: Caller, ledger: Ledger, stage: Stage, wanted: QueueFilter = EVERYTHING
) -> QueueTotals:
    """How many documents and open doubts wait at a stage.

    Raises:
        NotAllowed: the caller may not look.
    """
    permit(caller, Right.look)
    return ledger.queue_totals(stage, _theirs(caller, wanted))


def _theirs(caller: Caller, wanted: QueueFilter) -> QueueFilter:
    if caller.departments is None:
        return wanted
    asked = wanted.departments
    theirs = caller.departments if asked is None else caller.departments & asked
    return wanted.model_copy(update={"departments": frozenset(theirs)})


def all_waiting(
    caller: Caller, rooms: Rooms, stage: Stage, *, department: str | None = None
) -> tuple[QueueEntry, ...]:
    """Everything that waits at a stage, for one department or all that are the caller's.

    Raises:
        NotAllowed: the caller may not look.
    """
    unit = department_named(rooms.ledger, department)
    wanted = QueueFilter(departments=frozenset({unit})) if unit else EVERYTHING
    found: list[QueueEntry] = []
    after: str | None = None
    while True:
        page = queue(caller, rooms.ledger, stage, wanted, after=after, limit=500)
        found += page.entries
        if page.next is None:
            return tuple(found)
        after = page.next
