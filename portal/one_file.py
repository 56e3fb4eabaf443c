"""One file of a form's body, on its way to whoever looks at it."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from starlette.concurrency import run_in_threadpool

from portal.at_once import AtOnce
from portal.uploads import upload_of
from portal.visit import Visit
from usecases.handing_in import Drop, receiving

Result = TypeVar("Result")

coming = AtOnce(1)


@asynccontextmanager
async def received(visit: Visit, whose: str) -> AsyncIterator[Drop]:
    """The file that a request carries, in a folder that ends with the block.

    Args:
        visit: whose request it is.
        whose: sends one at a time.

    Raises:
        InputRejected: as :meth:`portal.uploads.Upload.receive`.
        TooManyAtOnce: they are sending one already.
        ServiceUnavailable: the disk is nearly full.
    """
    with coming.one(whose):
        folder = receiving(visit.rooms)
        drop = await run_in_threadpool(folder.__enter__)
        try:
            await upload_of(visit.request).receive(drop)
            yield drop
        finally:
            await run_in_threadpool(folder.__exit__, None, None, None)


async def in_thread(work: Coroutine[Any, Any, Result]) -> Result:
    """Do what asks the ledger and waits for another process, without holding others up."""
    return await run_in_threadpool(asyncio.run, work)
