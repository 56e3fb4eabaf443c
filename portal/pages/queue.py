"""What waits for a person: due first, then those received first."""

from starlette.responses import Response

from portal.rules import Pages
from portal.visit import AVisit
from schemas.dossier import Stage
from usecases.caller import Right
from usecases.queue import queue, queue_totals

pages = Pages()

ON_A_PAGE = 50


@pages.get("/queue", Right.look)
def queue_page(visit: AVisit, stage: Stage = Stage.in_review, after: str | None = None) -> Response:
    """The documents that wait at a stage."""
    ledger = visit.rooms.ledger
    found = queue(visit.caller, ledger, stage, after=after, limit=ON_A_PAGE)
    totals = queue_totals(visit.caller, ledger, stage)
    return visit.page(
        "queue.html", stage=stage, found=found, totals=totals, now=visit.rooms.clock()
    )
