"""What changes without reload, told by server-sent events: counts of what waits, above all.

The ledger is asked for counts once for everybody, at most every two seconds, and only while
somebody listens. Whether a session still stands is looked at again and again, without counting as
use of it.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from portal.at_once import AtOnce
from portal.visit import Visit
from schemas.desk_views import WaitingNow
from schemas.errors import SohoaError
from usecases.caller import SERVICE, Caller, Right
from usecases.queue import waiting_counts, waiting_now
from usecases.sign_in import entered

EVERY_SECONDS = 2.0
LOOKED_AT_SECONDS = 15.0
"""How often it is looked whether the session still stands; and a sign of life."""
LISTENERS_OF_A_SESSION = 4
KIND = "text/event-stream"

listening = AtOnce(LISTENERS_OF_A_SESSION)


class Shared:
    """The last answer to a question, asked again when it is old; one asks for all."""

    def __init__(self, ask: Callable[[], Any], seconds: float) -> None:
        """``ask`` blocks, and is called in a thread."""
        self._ask, self._seconds = ask, seconds
        self._answer: Any = None
        self._at = -1e9
        self._asking = False

    async def answer(self) -> Any:
        """One that is not older than a moment, unless somebody is asking just now."""
        fresh = time.monotonic() - self._at < self._seconds
        if (fresh or self._asking) and self._answer is not None:
            return self._answer
        self._asking = True
        try:
            self._answer = await run_in_threadpool(self._ask)
            self._at = time.monotonic()
        finally:
            self._asking = False
        return self._answer


def told(waiting: tuple[WaitingNow, ...]) -> str:
    """As a page hears it."""
    return json.dumps([one.model_dump(mode="json") for one in waiting], separators=(",", ":"))


def counts_of(visit: Visit) -> Shared:
    """What all listeners of a desk share."""
    state = visit.request.app.state
    found: Shared | None = getattr(state, "waiting_counts", None)
    if found is None:
        ledger = visit.rooms.ledger
        found = Shared(lambda: waiting_counts(SERVICE, ledger), EVERY_SECONDS * 0.75)
        state.waiting_counts = found
    return found


Say = Callable[[Caller], Awaitable[str]]
"""What a listener is to hear now, as JSON."""


def stream(visit: Visit, *, every: float = EVERY_SECONDS) -> StreamingResponse:
    """Tell what waits, now and whenever it changes, until the session ends or nobody listens.

    Raises:
        TooManyAtOnce: the session has enough connections open.
    """
    counts = counts_of(visit)

    async def say(caller: Caller) -> str:
        return told(waiting_now(caller, await counts.answer()))

    return stream_of(visit, "waiting", say, every=every)


def stream_of(
    visit: Visit, event: str, say: Say, *, every: float = EVERY_SECONDS
) -> StreamingResponse:
    """Tell something, now and whenever it changes, until the session ends or nobody listens.

    Args:
        visit: who listens.
        event: what the page listens for.
        say: asked again and again; a failure of it ends the stream, and the page comes back.
        every: seconds between two looks.

    Raises:
        TooManyAtOnce: the session has enough connections open.
    """
    whose = visit.token or visit.caller.name
    listening.see(whose)
    headers = {"X-Accel-Buffering": "no"}  # a proxy would hold events back
    events = _events(visit, whose, event, say, every)
    return StreamingResponse(events, media_type=KIND, headers=headers)


async def _events(
    visit: Visit, whose: str, event: str, say: Say, every: float
) -> AsyncIterator[str]:
    caller, last = visit.caller, ""
    looked = time.monotonic()
    # a ledger that is away ends the stream; the page comes back by itself
    with listening.one(whose), suppress(SohoaError):
        yield "retry: 5000\n\n"
        while True:
            said = await say(caller)
            if said != last:
                last = said
                yield f"event: {event}\ndata: {said}\n\n"
            await asyncio.sleep(every)
            if time.monotonic() - looked >= LOOKED_AT_SECONDS:
                looked = time.monotonic()
                found = await run_in_threadpool(_still, visit)
                if found is None:
                    yield "event: ended\ndata: {}\n\n"
                    return
                caller = found
                yield ": still here\n\n"


def _still(visit: Visit) -> Caller | None:
    """Who listens, as they are now; None where their session has ended."""
    found = entered(visit.rooms, visit.token or "", visit.desk.lifetime, used=False)
    if found is None or found.must_change or not found.caller.may(Right.look):
        return None
    return found.caller
