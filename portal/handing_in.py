"""What the page and the interface for systems share of handing in: from a body to the inbox."""

from collections.abc import Callable, Mapping
from pathlib import Path

from starlette.concurrency import run_in_threadpool

from portal.at_once import AtOnce
from portal.uploads import upload_of
from portal.visit import Visit
from schemas.desk_views import HandInView
from usecases.caller import Caller
from usecases.handing_in import MOST_BYTES, Drop, dropping, hand_in
from usecases.rooms import Rooms

LARGEST_BODY = MOST_BYTES + 1_000_000
"""The files, and what stands around them."""
AT_ONCE = 3

going = AtOnce(AT_ONCE)


HandIn = Callable[[Caller, Rooms, Path | None, Drop, Mapping[str, str]], HandInView]
"""Puts what came into the inbox; the last are the fields of the form."""


def as_papers(key: str | None) -> HandIn:
    """The papers of a dossier.

    Args:
        key: of the hand-in; None: the form says it.
    """

    def put(
        caller: Caller, rooms: Rooms, inbox: Path | None, drop: Drop, fields: Mapping[str, str]
    ) -> HandInView:
        return hand_in(
            caller,
            rooms,
            inbox,
            drop,
            key=fields.get("key", "") if key is None else key,
            department=fields.get("department", ""),
            code=fields.get("code", ""),
        )

    return put


async def handed_in(visit: Visit, put: HandIn) -> HandInView:
    """Take what the request carries, and put it into the inbox.

    Args:
        visit: whose request it is.
        put: what to do with it when all of it is there.

    Raises:
        InputRejected, NotFound, Conflict, NotAllowed, ConfigurationError, ServiceUnavailable: as
            :func:`usecases.handing_in.hand_in`, and :class:`portal.uploads.Upload`.
    """
    rooms, caller = visit.rooms, visit.caller
    inbox: Path | None = visit.desk.options.inbox
    upload = upload_of(visit.request)
    with going.one(caller.name):
        folder = dropping(caller, rooms)
        drop = await run_in_threadpool(folder.__enter__)
        try:
            fields = await upload.receive(drop)
            return await run_in_threadpool(put, caller, rooms, inbox, drop, fields)
        finally:
            await run_in_threadpool(folder.__exit__, None, None, None)
