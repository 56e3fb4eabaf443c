"""What waits for a person, of the departments that are theirs."""

import math
from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta

from schemas.desk_views import Choice, WaitingNow, WorklistView
from schemas.dossier import Stage
from schemas.messages import Language
from schemas.procedure import procedures
from schemas.work import QueueEntry, QueuePage, QueueTotals
from storage import EVERYTHING, Ledger, QueueFilter, WaitingCount
from usecases.called_fields import name_of
from usecases.caller import Caller, Right, permit
from usecases.dossiers import department_named, own_departments
from usecases.rescanning import rescans_now, shown
from usecases.review_leases import held
from usecases.rooms import Rooms
from usecases.type_names import type_choices

STAGES = (Stage.in_review, Stage.awaiting_approval, Stage.failed)
"""Those at which a document waits for a person."""

SECONDS_A_DOUBT = 6.5
"""How long a person takes for one, until it is measured: a guess, twice the keystroke model's."""


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
    return ledger.queue(stage, _theirs(caller, stage, wanted), after=after, limit=limit)


def queue_totals(
    caller: Caller, ledger: Ledger, stage: Stage, wanted: QueueFilter = EVERYTHING
) -> QueueTotals:
    """How many documents and open doubts wait at a stage.

    Raises:
        NotAllowed: the caller may not look.
    """
    permit(caller, Right.look)
    return ledger.queue_totals(stage, _theirs(caller, stage, wanted))


def worklist(
    caller: Caller,
    rooms: Rooms,
    stage: Stage,
    *,
    department: str | None = None,
    procedure: str | None = None,
    document_type: str | None = None,
    days: int | None = None,
    late: bool = False,
    after: str | None = None,
    limit: int = 50,
) -> WorklistView:
    """A page of what waits at a stage, with totals and what it may be narrowed to.

    Args:
        caller: who asks; other departments' documents are not found.
        rooms: where they stand, and the language of names.
        stage: as for :func:`queue`.
        department: of this one alone; by identifier or as people call it.
        procedure: of dossiers that may be of this one alone, by its code.
        document_type: of this type alone.
        days: received so many days ago or earlier.
        late: due already.
        after: ``next`` of the page before.
        limit: entries at most.

    Raises:
        NotAllowed: the caller may not look.
        InputRejected: ``storing.bad_cursor``.
    """
    now = rooms.clock()
    wanted = of_department(rooms.ledger, department).model_copy(
        update={
            "procedure": procedure or None,
            "document_type": document_type or None,
            "received_before": None if days is None else now - timedelta(days=days),
            "due_before": now if late else None,
        }
    )
    ledger = rooms.ledger
    totals = queue_totals(caller, ledger, stage, wanted)
    page = queue(caller, ledger, stage, wanted, after=after, limit=limit)
    rescans = ledger.rescans.open(caller.departments)
    return WorklistView(
        page=page,
        held=held(caller, rooms, [one.document_id for one in page.entries]),
        rescans={one.document_id: one.code for one in rescans},
        asked_again=rescans_now(caller, map(shown, rescans)),
        totals=totals,
        minutes=minutes(totals.doubts),
        now=now,
        waiting=waiting_now(caller, waiting_counts(caller, ledger)),
        departments=own_departments(caller, Right.look, ledger),
        types=type_choices(rooms.types, rooms.language),
        procedures=_procedures(rooms.language),
    )


def of_department(ledger: Ledger, department: str | None) -> QueueFilter:
    """What waits in this department alone, by identifier or as people call it; else everything."""
    unit = department_named(ledger, department)
    return EVERYTHING if unit is None else QueueFilter(departments=frozenset({unit}))


def minutes(doubts: int) -> int:
    """About how long so many doubts take, in whole minutes."""
    return math.ceil(doubts * SECONDS_A_DOUBT / 60)


def _procedures(language: Language) -> tuple[Choice, ...]:
    return tuple(Choice(value=one.key, name=name_of(one.names, language)) for one in procedures())


def waiting_counts(caller: Caller, ledger: Ledger) -> tuple[WaitingCount, ...]:
    """How much waits for a person, department by department, as far as it is the caller's.

    Raises:
        NotAllowed: the caller may not look.
    """
    permit(caller, Right.look)
    return tuple(_counted(caller, ledger.waiting_counts(STAGES)))


def waiting_now(caller: Caller, counts: Iterable[WaitingCount]) -> tuple[WaitingNow, ...]:
    """Of what waits in many departments that which is the caller's, stage by stage.

    Raises:
        NotAllowed: the caller may not look.
    """
    permit(caller, Right.look)
    mine: dict[Stage, list[WaitingCount]] = defaultdict(list)
    for one in _counted(caller, counts):
        mine[one.stage].append(one)
    return tuple(
        WaitingNow(
            stage=stage,
            documents=sum(one.documents for one in mine[stage]),
            mark=" ".join(
                f"{one.documents}@{one.moved_at:%y%m%d%H%M%S%f}"
                for one in sorted(mine[stage], key=lambda one: one.department)
            ),
        )
        for stage in STAGES
    )


def _counted(caller: Caller, counts: Iterable[WaitingCount]) -> Iterable[WaitingCount]:
    return (one for one in counts if caller.may(Right.look, one.department))


def _theirs(caller: Caller, stage: Stage, wanted: QueueFilter) -> QueueFilter:
    """Of their departments; who reviews sees what they may do."""
    if stage is Stage.in_review and caller.may(Right.review):
        wanted = wanted.model_copy(update={"person": caller.name})
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
    wanted = of_department(rooms.ledger, department)
    found: list[QueueEntry] = []
    after: str | None = None
    while True:
        page = queue(caller, rooms.ledger, stage, wanted, after=after, limit=500)
        found += page.entries
        if page.next is None:
            return tuple(found)
        after = page.next
