"""The first page: what one may do, and what waits."""

from starlette.responses import Response

from portal.rules import Pages, Who
from portal.visit import AVisit
from schemas.dossier import Stage
from usecases.caller import Duty, Right
from usecases.departments import departments
from usecases.queue import queue_totals

pages = Pages()

COUNTED = (Stage.in_review, Stage.awaiting_approval, Stage.failed)
FIRST = {
    Duty.clerk: "/drop", Duty.signer: "/approve", Duty.operator: "/operate", Duty.reader: "/results"
}  # fmt: skip
"""Where somebody of a duty begins."""


@pages.get("/", Who.signed_in)
def start(visit: AVisit) -> Response:
    """What one may do, and how much waits."""
    waiting = {}
    names: list[str] = []
    if visit.caller.may(Right.look):
        waiting = {
            stage: queue_totals(visit.caller, visit.rooms.ledger, stage) for stage in COUNTED
        }
        names = [one.name for one in departments(visit.caller, visit.rooms)]
    return visit.page("start.html", waiting=waiting, names=names, first=FIRST)
