"""The watcher: takes what the inbox holds, runs the flow for what the ledger says is to be done.

It knows nothing that is not in the inbox or the ledger, so it may be killed at any time.
"""

import asyncio
import contextlib
import logging
import os
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from watchfiles import Change, awatch

from flows.dossier import Run
from flows.inbox import CLAIMED, DONE, INCOMING, REJECTED, Candidate
from flows.intake import register
from flows.office import Office
from schemas.errors import SohoaError
from schemas.messages import Language
from storage import Dossier

log = logging.getLogger(__name__)

_LEASE = 120.0
_LONGEST_PAUSE = 30.0
_OWN_FOLDERS = {CLAIMED, INCOMING, DONE, REJECTED}


@dataclass(frozen=True)
class Rhythm:
    """How often the watcher looks, in seconds, and how much it takes on at once.

    Args:
        look: between two looks while something in the inbox is not whole yet.
        rescan: between two looks when nothing tells of a change.
        polling: look every ``look`` seconds and ask the file system for no news (network shares).
        ledger: between two questions to the ledger for work.
        dossiers: flows at once.
    """

    look: float = 1.0
    rescan: float = 60.0
    polling: bool = False
    ledger: float = 1.0
    dossiers: int = 4


class Watcher:
    """Runs until told to stop. ``owner`` is the name its leases carry, the same at each start."""

    def __init__(
        self, office: Office, run: Run, rhythm: Rhythm, owner: str, language: Language
    ) -> None:
        self._office = office
        self._run = run
        self._rhythm = rhythm
        self._owner = owner
        self._language: Language = language
        self._news = asyncio.Event()
        self._work = asyncio.Event()
        self._running: dict[int, asyncio.Task[None]] = {}

    async def until(self, stop: asyncio.Event) -> None:
        """Watch until ``stop`` is set; flows under way are then left to the next start."""
        self._office.inbox.prepare()
        ended = await asyncio.to_thread(self._office.ledger.end_leases, self._owner)
        if ended:
            log.warning("%d leases of an earlier run ended", ended)
        async with _group() as tasks:
            tasks.append(asyncio.create_task(self._take()))
            tasks.append(asyncio.create_task(self._dispatch()))
            if not self._rhythm.polling:
                tasks.append(asyncio.create_task(self._listen(stop)))
            stopping = asyncio.create_task(stop.wait())
            tasks.append(stopping)
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        for task in self._running.values():
            task.cancel()
        await asyncio.gather(*self._running.values(), return_exceptions=True)

    def _recover(self) -> None:
        """Enter claims that were renamed but not entered in the ledger: a run was cut off."""
        known = {claim.claim_id for claim in self._office.ledger.open_claims()}
        for claim in self._office.inbox.claims():
            if claim.claim_id not in known:
                register(self._office.inbox, self._office.ledger, claim, self._language)
        self._office.inbox.sweep()

    async def _listen(self, stop: asyncio.Event) -> None:
        """News from the file system are hints to look; a missed one costs a rescan."""

        def counts(_: Change, path: str) -> bool:
            inside = Path(path).relative_to(root)
            return not inside.parts or inside.parts[0] not in _OWN_FOLDERS

        root = self._office.inbox.root.resolve()
        async for _ in awatch(
            root, watch_filter=counts, stop_event=stop, debounce=400, ignore_permission_denied=True
        ):
            self._news.set()

    async def _take(self) -> None:
        """Look into the inbox, claim what is whole, enter it in the ledger."""
        loop = asyncio.get_running_loop()
        recovered = False
        while True:
            self._news.clear()
            recovered = recovered or await self._said(self._recover)
            ready, waiting = await asyncio.to_thread(self._office.inbox.look, loop.time())
            for candidate in ready:
                taken = await self._said(self._claim, candidate)
                recovered = recovered and taken
                waiting = waiting or not taken
            if ready:
                self._work.set()
            if waiting or self._rhythm.polling:
                await asyncio.sleep(self._rhythm.look)
            else:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._news.wait(), self._rhythm.rescan)

    async def _said(self, act: Callable[..., None], *arguments: object) -> bool:
        """Do it in a thread; whether it worked. A failure is logged and is nobody else's."""
        try:
            await asyncio.to_thread(act, *arguments)
        except SohoaError as error:
            log.error("%s", error)
            return False
        except OSError as error:
            log.error("the inbox could not be worked on: %s", os.strerror(error.errno or 0))
            return False
        return True

    def _claim(self, candidate: Candidate) -> None:
        inbox, moment = self._office.inbox, self._office.clock()
        claim = inbox.claim(candidate, moment)
        if claim is not None:
            registered = register(inbox, self._office.ledger, claim, self._language)
            if registered:
                log.info("%s: %d files", registered.dossier.code, len(registered.documents))

    async def _dispatch(self) -> None:
        """Run the flow for every dossier the ledger says is waiting, a few at once."""
        ledger = self._office.ledger
        while True:
            free = self._rhythm.dossiers - len(self._running)
            if free > 0:
                try:
                    moment = self._office.clock()
                    for dossier in await asyncio.to_thread(ledger.pending, moment, free):
                        await self._start(dossier)
                except SohoaError as error:
                    log.error("%s", error)
            self._work.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._work.wait(), self._rhythm.ledger)

    async def _start(self, dossier: Dossier) -> None:
        if dossier.id in self._running:
            return
        ledger, moment = self._office.ledger, self._office.clock()
        if await asyncio.to_thread(ledger.lease, dossier.id, self._owner, _LEASE, moment):
            leased = await asyncio.to_thread(ledger.dossier_by_id, dossier.id)
            task = asyncio.create_task(self._process(leased))
            self._running[dossier.id] = task

    async def _process(self, dossier: Dossier) -> None:
        """One run of the flow, with its lease kept alive; a failure waits longer each time."""
        ledger = self._office.ledger
        alive = asyncio.create_task(self._keep(dossier))
        retry_at = None
        try:
            stage = await self._run(dossier)
            log.info("%s: %s", dossier.code, stage)
        except asyncio.CancelledError:
            raise
        except Exception as error:  # the steps have made theirs an outcome; these are Prefect's
            pause = min(_LONGEST_PAUSE, 2.0 ** min(dossier.attempts, 10))
            retry_at = self._office.clock() + timedelta(seconds=pause)
            reason = str(error) if isinstance(error, SohoaError) else type(error).__name__
            log.warning("%s: again in %.0f s: %s", dossier.code, pause, reason)
        finally:
            alive.cancel()
            self._running.pop(dossier.id, None)
            with contextlib.suppress(SohoaError):
                await asyncio.to_thread(ledger.release, dossier.id, self._owner, retry_at)
            self._work.set()

    async def _keep(self, dossier: Dossier) -> None:
        while True:
            await asyncio.sleep(_LEASE / 3)
            with contextlib.suppress(SohoaError):
                moment = self._office.clock()
                await asyncio.to_thread(
                    self._office.ledger.renew, dossier.id, self._owner, _LEASE, moment
                )


@contextlib.asynccontextmanager
async def _group() -> AsyncIterator[list[asyncio.Task[Any]]]:
    """Tasks that end together."""
    tasks: list[asyncio.Task[Any]] = []
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
