"""What changes without reload, told by server-sent events: counts of what waits, above all.

The ledger is asked for counts once for everybody, at most every two seconds, and only while
somebody listens. Whether a session still stands is looked at again and again, without counting as
use of it.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from portal.at_once import AtOnce
from portal.visit import Visit
from schemas.desk_views import WaitingNow
from schemas.errors import SohoaError
from usecases import rescanning
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
    ledger = visit.rooms.ledger
    return _shared(visit, "waiting_counts", lambda: waiting_counts(SERVICE, ledger))


def _rescans_of(visit: Visit) -> Shared:
    """What is to be scanned again anywhere, for all listeners of a desk."""
    rooms = visit.desk.rooms
    return _shared(visit, "waiting_rescans", lambda: rescanning.waiting(SERVICE, rooms))


def _shared(visit: Visit, name: str, ask: Callable[[], Any]) -> Shared:
    state = visit.request.app.state
    found: Shared | None = getattr(state, name, None)
    if found is None:
        found = Shared(ask, EVERY_SECONDS * 0.75)
        setattr(state, name, found)
    return found


Say = Callable[[Caller], Awaitable[Mapping[str, str]]]
"""What a listener is to hear now: JSON by the name of the event that the page listens for."""


def stream(visit: Visit, *, every: float = EVERY_SECONDS) -> StreamingResponse:
    """Tell what waits, now and whenever it changes, until the session ends or nobody listens.

    Raises:
        TooManyAtOnce: the session has enough connections open.
    """
    counts, rescans = counts_of(visit), _rescans_of(visit)

    async def say(caller: Caller) -> Mapping[str, str]:
        asked = rescanning.rescans_now(caller, await rescans.answer())
        return {
            "waiting": told(waiting_now(caller, await counts.answer())),
            "rescans": asked.model_dump_json(),
        }

    return stream_of(visit, say, every=every)


def stream_of(visit: Visit, say: Say, *, every: float = EVERY_SECONDS) -> StreamingResponse:
    """Tell something, now and whenever it changes, until the session ends or nobody listens.

    Args:
        visit: who listens.
        say: asked again and again; a failure of it ends the stream, and the page comes back.
        every: seconds between two looks.

    Raises:
        TooManyAtOnce: the session has enough connections open.
    """
    whose = visit.token or visit.caller.name
    listening.see(whose)
    headers = {"X-Accel-Buffering": "no"}  # a proxy would hold events back
    return StreamingResponse(_events(visit, whose, say, every), media_type=KIND, headers=headers)


async def _events(visit: Visit, whose: str, say: Say, every: float) -> AsyncIterator[str]:
    caller, last = visit.caller, dict[str, str]()
    looked = time.monotonic()
    # a ledger that is away ends the stream; the page comes back by itself
    with listening.one(whose), suppress(SohoaError):
        yield "retry: 5000\n\n"
        while True:
            said = await say(caller)
            for event, data in said.items():
                if last.get(event) != data:
                    yield f"event: {event}\ndata: {data}\n\n"
            last = dict(said)
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
