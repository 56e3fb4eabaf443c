"""Following what was handed in until it is through, or waits for a person."""

import time
from collections.abc import Callable
from datetime import datetime

from schemas.desk_views import DocumentState, DossierState
from schemas.dossier import Stage, dossier_stage
from schemas.errors import NotFound
from storage import HandIn
from usecases.caller import Caller, Right, permit
from usecases.dossiers import find_dossier, narrowed, permit_dossier
from usecases.look import document_view
from usecases.rooms import Rooms

LOOK_SECONDS = 0.3


def stage_reached(
    caller: Caller,
    rooms: Rooms,
    code: str,
    department: str,
    *,
    since: datetime,
    seconds: float,
    sleep: Callable[[float], None] = time.sleep,
) -> Stage | None:
    """Wait until the newest claims of a dossier are through or wait for a person.

    Args:
        caller: who handed it in.
        rooms: the ledger.
        code: of the dossier; it need not be known yet.
        department: its identifier.
        since: claims made then or later count.
        seconds: how long to wait.
        sleep: between two looks.

    Returns:
        The stage of what was handed in; None when the time is over.

    Raises:
        NotAllowed: they may look at no dossier.
        NotFound: it is not theirs.
    """
    ledger = rooms.ledger
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        dossier = ledger.dossier(code, department)
        if dossier is not None:
            permit_dossier(caller, Right.look, dossier)
            claims = [one for one in ledger.claims(dossier.id) if one.created_at >= since]
            mine = [one for claim in claims for one in ledger.claimed(claim.claim_id)]
            closed = all(claim.closed_at is not None for claim in claims)
            waiting = any(one.stage.waits_for_person for one in mine)
            settled = mine and all(one.stage.settled for one in mine)
            if settled and (closed or waiting):
                return dossier_stage([one.stage for one in mine])
        sleep(LOOK_SECONDS)
    return None


def resting_claims(caller: Caller, rooms: Rooms, inbox: str) -> frozenset[str] | None:
    """The open claims of an inbox, where each waits for a person; None where one goes on by itself.

    Raises:
        NotAllowed: they do not keep the office running.
    """
    permit(caller, Right.operate)
    known = [one for one in rooms.ledger.open_claims() if one.inbox == inbox]
    for claim in known:
        stages = {one.stage for one in rooms.ledger.claimed(claim.claim_id)}
        settled = all(stage.settled for stage in stages)
        if not (settled and any(stage.waits_for_person for stage in stages)):
            return None
    return frozenset(claim.claim_id for claim in known)


def dossier_state(
    caller: Caller, rooms: Rooms, code: str, *, department: str | None = None
) -> DossierState:
    """How far a dossier is, from the moment that it was handed in.

    Args:
        caller: who asks.
        rooms: the ledger, and the work folder for pages read.
        code: of the dossier.
        department: where several may have that code.

    Raises:
        NotAllowed: they may look at none.
        NotFound: nothing of that code was handed in or taken, or it is not theirs to see.
        Conflict: several of their departments have it.
    """
    handed = _handed_in(caller, rooms, code, department)
    try:
        found = find_dossier(caller, Right.look, rooms.ledger, code, department)
    except NotFound:
        if handed is None:
            raise
        return DossierState(
            dossier=handed.code, department=handed.department, stage=None, in_inbox=True,
            settled=False, waits_for_person=False, documents=(),
        )  # fmt: skip
    claims = rooms.ledger.claims(found.id)
    documents = [one for one in rooms.ledger.documents(found.id) if not one.split]
    in_inbox = (
        handed is not None
        and handed.department == found.department
        and all(one.created_at < handed.made_at for one in claims)
    )
    views = [document_view(rooms, one) for one in documents]
    return DossierState(
        dossier=found.code,
        department=found.department,
        stage=found.stage,
        in_inbox=in_inbox,
        settled=not in_inbox and all(one.stage.settled for one in documents),
        waits_for_person=any(one.stage.waits_for_person for one in documents),
        documents=tuple(
            DocumentState(**one.model_dump(include=set(DocumentState.model_fields)))
            for one in views
        ),
    )


def _handed_in(caller: Caller, rooms: Rooms, code: str, department: str | None) -> HandIn | None:
    """What was handed in last under that code, in a department of theirs."""
    permit(caller, Right.look)
    units = narrowed(caller, rooms.ledger, department)
    if units is None:
        units = frozenset(one.id for one in rooms.ledger.departments())
    found = [one for unit in units if (one := rooms.ledger.hand_ins.newest(code, unit))]
    return max(found, key=lambda one: one.made_at, default=None)
