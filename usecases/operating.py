"""What an operator sees of the office at work, and what they do about what failed."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from schemas.errors import Conflict, NotFound
from schemas.messages import sentence
from schemas.operating import (
    DocumentInHand,
    FailedPaper,
    FailureGroup,
    GroupRetried,
    HourFigures,
    OperatingView,
)
from schemas.views import PagesRead
from storage import FailedDocument, FailedWith, InHand
from usecases.caller import Caller, Right, permit
from usecases.figures import by_stage
from usecases.retrying import retry
from usecases.rooms import Rooms
from usecases.workspace import Workspace

HOURS = 24
SHOWN = 20
"""Documents of a group that are named."""
AT_ONCE = 500
"""Documents of a group that are tried again with one word."""
LEFT_OPEN = "…"

Params = Mapping[str, str | int | float]


def operating(caller: Caller, rooms: Rooms) -> OperatingView:
    """What waits where, what is in hand, what failed, and how much moved in the last 24 hours.

    Raises:
        NotAllowed: they operate nothing.
    """
    permit(caller, Right.operate)
    ledger, now, units = rooms.ledger, rooms.clock(), caller.departments
    return OperatingView(
        at=now,
        waiting=by_stage(ledger.moving_counts(units), now),
        in_hand=tuple(_in_hand(rooms, one) for one in ledger.in_hand(now, units)),
        failures=_groups(rooms, ledger.failed_with(units), ledger.failed_documents(units)),
        hours=_hours(caller, rooms, now),
    )


def retry_group(caller: Caller, rooms: Rooms, code: str) -> GroupRetried:
    """Try again every document that failed for the same reason, dossier by dossier.

    What else failed in such a dossier is tried again, too. One that is refused does not hold up
    the others; cut off in between, the same call goes on.

    Args:
        caller: who asks; of their departments alone.
        rooms: the ledger.
        code: of the reason, as :class:`schemas.operating.FailureGroup` has it.

    Raises:
        NotAllowed: they may try nothing again.
        NotFound: ``usecase.nothing_failed``: nothing failed for that reason (any more).
    """
    permit(caller, Right.retry)
    failed = rooms.ledger.failed_documents(caller.departments, error_code=code, limit=AT_ONCE)
    if not failed:
        raise NotFound("usecase.nothing_failed")
    retried: list[str] = []
    refused: list[str] = []
    for dossier, unit in dict.fromkeys((one.dossier, one.department) for one in failed):
        try:
            again = retry(caller, rooms, dossier, department=unit)
        except (Conflict, NotFound) as error:
            refused.append(error.sentence(rooms.language))
        else:
            retried += [f"{dossier}/{number}" for number in again.retried]
    return GroupRetried(retried=tuple(retried), sentences=tuple(dict.fromkeys(refused)))


def _in_hand(rooms: Rooms, one: InHand) -> DocumentInHand:
    noted = Workspace(rooms.work / str(one.document_id)).noted()
    return DocumentInHand(
        dossier=one.dossier,
        department=one.department,
        number=one.number,
        role=one.role,
        stage=one.stage,
        since=one.since,
        pages=one.pages,
        reading=PagesRead(read=noted[0], pages=noted[1]) if noted and not one.pages else None,
    )


def _groups(
    rooms: Rooms, counted: Sequence[FailedWith], failed: Sequence[FailedDocument]
) -> tuple[FailureGroup, ...]:
    """Failures by the reason's code; its sentence leaves open what differs between them."""
    codes = dict.fromkeys(one.error_code for one in counted)
    groups = []
    for code in codes:
        same = [one for one in counted if one.error_code == code]
        papers = [one for one in failed if one.error_code == code][:SHOWN]
        groups.append(
            FailureGroup(
                code=code,
                sentence=_common(code, [one.error_params for one in same], rooms),
                documents=sum(one.documents for one in same),
                oldest=min(one.oldest for one in same),
                papers=tuple(
                    FailedPaper(**one.model_dump(exclude={"error_code"})) for one in papers
                ),
            )
        )
    return tuple(sorted(groups, key=lambda one: (-one.documents, one.code)))


def _common(code: str, params: Sequence[Params], rooms: Rooms) -> str:
    first = params[0]
    same = {
        name: value if all(one.get(name) == value for one in params) else LEFT_OPEN
        for name, value in first.items()
    }
    try:
        return sentence(code, rooms.language, **same)
    except (KeyError, ValueError):  # of another version of Sohoa
        return code


def _hours(caller: Caller, rooms: Rooms, now: datetime) -> tuple[HourFigures, ...]:
    ends = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    edges = [ends - timedelta(hours=back) for back in range(HOURS, -1, -1)]
    found = {
        (one.kind, one.since): one.documents
        for one in rooms.ledger.per_hour(edges, caller.departments)
    }
    kinds = [name for name in HourFigures.model_fields if name != "since"]
    return tuple(
        HourFigures(since=begins, **{kind: found.get((kind, begins), 0) for kind in kinds})
        for begins in edges[:-1]
    )
