"""Counts and times of the office: what stands where, and for how long. Nobody is named."""

from collections.abc import Iterable
from datetime import datetime

from schemas.dossier import Stage
from schemas.views import FiguresView, StageFigures
from storage import StageCount
from usecases.caller import Caller, Right, permit
from usecases.rooms import Rooms


def figures(caller: Caller, rooms: Rooms) -> FiguresView:
    """Documents by department and stage, with how long the oldest has stood there.

    Scans that were split are not counted, their documents are; linked documents are, too.

    Raises:
        NotAllowed: they may see no figures.
    """
    permit(caller, Right.figures)
    now = rooms.clock()
    stages = by_stage(rooms.ledger.stage_counts(caller.departments), now)

    def total(stage: Stage) -> int:
        return sum(one.documents for one in stages if one.stage is stage)

    return FiguresView(
        at=now,
        stages=stages,
        waiting=total(Stage.in_review),
        failed=total(Stage.failed),
        published=total(Stage.published),
    )


def by_stage(counts: Iterable[StageCount], now: datetime) -> tuple[StageFigures, ...]:
    """Counts, each with how long its oldest document has stood there."""
    return tuple(
        StageFigures(
            department=one.department,
            stage=one.stage,
            documents=one.documents,
            oldest=one.oldest,
            waited_seconds=max(0.0, (now - one.oldest).total_seconds()),
        )
        for one in counts
    )
