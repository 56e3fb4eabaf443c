"""``GET /api/v1/queue/events``: how much waits, told whenever it changes."""

from starlette.responses import JSONResponse, Response

from portal import live
from portal.rules import Pages
from portal.visit import AVisit
from usecases.caller import Right
from usecases.queue import waiting_now

pages = Pages()


@pages.get("/api/v1/queue/events", Right.look)
async def queue_events(visit: AVisit) -> Response:
    """Server-sent events; the counts as they are now to who does not listen for events."""
    if live.KIND in visit.request.headers.get("accept", ""):
        return live.stream(visit)
    found = waiting_now(visit.caller, await live.counts_of(visit).answer())
    return JSONResponse([one.model_dump(mode="json") for one in found])
