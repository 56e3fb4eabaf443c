"""``GET /api/v1/rescans/CODE/events``: what becomes of a request, told whenever it changes."""

import json

from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from portal import live
from portal.rules import Pages
from portal.visit import AVisit
from usecases import rescanning
from usecases.caller import Caller, Right

pages = Pages()


@pages.get("/api/v1/rescans/{rescan}/events", Right.review)
async def rescan_events(visit: AVisit, rescan: str) -> Response:
    """Server-sent events; its mark as it is now to who does not listen for events."""
    rooms = visit.rooms

    def mark(caller: Caller) -> str:
        return rescanning.rescan(caller, rooms, rescan).mark

    now = await run_in_threadpool(mark, visit.caller)
    if live.KIND not in visit.request.headers.get("accept", ""):
        return JSONResponse({"mark": now})

    async def say(caller: Caller) -> dict[str, str]:
        return {"rescan": json.dumps({"mark": await run_in_threadpool(mark, caller)})}

    return live.stream_of(visit, say, every=1.0)
