"""The watcher: takes what the inbox holds, runs the flow for what the ledger says is to be done.

It knows nothing that is not in the inbox or the ledger, so it may be killed at any time.
"""

import asyncio
import contextlib
import logging
import os
import traceback
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from flows import held
from flows.closing import tend
from flows.disposition import reject_folder
from flows.dossier import Run
from flows.inbox import Candidate, Claim, Inbox
from flows.intake import put_back, register
from flows.news import FolderNews
from schemas.errors import InputRejected, SohoaError
from storage import DESK, Dossier
from usecases.context import AppContext

log = logging.getLogger(__name__)

_LEASE = 120.0
_LONGEST_PAUSE = 30.0
_GATHER = 0.05
"""Seconds after the first news: more of the same follow."""
_GIVE_UP = 5
"""Times that an unexpected error may stop a claim from being entered, until it is rejected."""


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
        self,
        context: AppContext,
        inbox: Inbox,
        run: Run,
        rhythm: Rhythm,
        owner: str,
    ) -> None:
        self._context = context
        self._inbox = inbox
        self._run = run
        self._rhythm = rhythm
        self._owner = owner
        self._news = asyncio.Event()
        self._folders = FolderNews()
        self._said_of_inbox: str | None = None
        self._failures: Counter[str] = Counter()
        self._later: dict[Path, float] = {}
        """What could not be taken, and when it is tried again."""
        self._work = asyncio.Event()
        self._running: dict[int, asyncio.Task[None]] = {}

    async def until(self, stop: asyncio.Event) -> None:
        """Watch until ``stop`` is set; flows under way are then left to the next start."""
        self._inbox.prepare()
        ended = await asyncio.to_thread(self._context.ledger.end_leases, self._owner)
        if ended:
            log.warning("%d leases of an earlier run ended", ended)
        async with self._listening(), _group() as tasks:
            tasks.append(asyncio.create_task(self._take()))
            tasks.append(asyncio.create_task(self._dispatch()))
            stopping = asyncio.create_task(stop.wait())
            tasks.append(stopping)
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        for task in self._running.values():
            task.cancel()
        await asyncio.gather(*self._running.values(), return_exceptions=True)

    def _recover(self) -> bool:
        """Enter claims that were renamed but not entered in the ledger: a run was cut off.

        Of those that are entered, the store must have the files. Gives whether all is so; one that
        is not holds up none of the others.
        """
        known = {claim.claim_id for claim in self._context.ledger.open_claims()}
        claims = self._inbox.claims()
        left = [one for one in claims if one.claim_id not in known]
        entered = [self._outcome(self._register, claim) for claim in left]
        entered += [
            self._outcome(put_back, self._inbox, self._context, one.claim_id, one.department)
            for one in claims
            if one.claim_id in known
        ]
        for path in self._inbox.late(known, claims):
            self._outcome(self._hold, path)
        if all(entered):
            self._inbox.sweep()
            held.sweep(self._inbox.root)
        return all(entered)

    @contextlib.asynccontextmanager
    async def _listening(self) -> AsyncIterator[None]:
        """News from the file system are hints to look; a missed one costs a rescan."""

        def heard() -> None:
            self._folders.drain()
            self._news.set()

        loop, handle = asyncio.get_running_loop(), self._folders.fileno()
        hears = handle >= 0 and not self._rhythm.polling
        if hears:
            loop.add_reader(handle, heard)
        try:
            yield
        finally:
            if hears:
                loop.remove_reader(handle)
            self._folders.close()

    async def _take(self) -> None:
        """Look into the inbox, claim what is whole, enter it in the ledger."""
        loop = asyncio.get_running_loop()
        recovered = False
        while True:
            self._news.clear()
            recovered = recovered or await self._said(self._recover)
            ready: list[Candidate] = []
            waiting = again = False

            def look() -> None:
                nonlocal ready, waiting, again
                ready, waiting = self._inbox.look(loop.time())
                if not self._rhythm.polling:
                    again = self._folders.watch(self._inbox.folders)

            looked = await self._said(look)
            some = False
            for candidate in ready:
                if self._later.get(candidate.path, 0.0) > loop.time():
                    waiting = True
                    continue
                taken = await self._said(self._claim, candidate)
                if not taken:
                    self._later[candidate.path] = loop.time() + _LONGEST_PAUSE
                recovered = recovered and taken
                waiting = waiting or not taken
                some = some or taken
            if some:
                self._work.set()
                await self._said(self._tidy)
            if waiting or not looked or not recovered or self._polls():
                await asyncio.sleep(self._rhythm.look)
            elif not again and await _heard(self._news, self._rhythm.rescan):
                await asyncio.sleep(_GATHER)

    def _polls(self) -> bool:
        """Whether nothing tells of a change; said once when it comes to be so."""
        self._mention("the kernel takes no more watches" if self._folders.deaf else None)
        return self._rhythm.polling or self._folders.deaf

    def _mention(self, trouble: str | None) -> None:
        """Log how the inbox is, when it changes."""
        closed = self._inbox.closed
        if trouble is None and closed:
            trouble = f"{closed} folders or files may not be read or taken by this user"
        if trouble != self._said_of_inbox:
            self._said_of_inbox = trouble
            log.warning("the inbox: %s", trouble or "as it should be again")

    async def _said(self, act: Callable[..., object], *arguments: object) -> bool:
        """Do it in a thread; whether it worked."""
        return await asyncio.to_thread(self._outcome, act, *arguments)

    def _outcome(self, act: Callable[..., object], *arguments: object) -> bool:
        """Whether it worked (gave anything but ``False``). A failure is logged, without a name.

        It is nobody else's: whatever lies in the inbox, the rest of it goes on.
        """
        try:
            return act(*arguments) is not False
        except SohoaError as error:
            log.error("%s", error)
        except OSError as error:
            log.error("the inbox could not be worked on: %s", os.strerror(error.errno or 0))
        except Exception as error:  # its text may quote a name
            frames = "".join(traceback.format_tb(error.__traceback__))
            log.error("the inbox could not be worked on: %s\n%s", type(error).__name__, frames)
        return False

    def _claim(self, candidate: Candidate) -> None:
        inbox, moment = self._inbox, self._context.clock()
        if candidate.department is None:
            self._hold(candidate.path)
            return
        claim = inbox.claim(candidate, moment)
        if claim is not None:
            self._register(claim)

    def _hold(self, path: Path) -> None:
        code = held.hold(self._inbox.root, path, self._context.clock())
        if code is not None:
            log.warning("%s: held, its folder is no known department's", code)

    def _register(self, claim: Claim) -> None:
        """Enter a claim; one that cannot be entered, after several tries is rejected."""
        inbox = self._inbox
        try:
            registered = register(inbox, self._context, claim)
        except (SohoaError, OSError):
            raise
        except Exception as error:
            self._failures[claim.claim_id] += 1
            if self._failures[claim.claim_id] < _GIVE_UP:
                raise
            name = type(error).__name__
            log.error("%s: rejected after %d failures: %s", claim.claim_id, _GIVE_UP, name)
            reason = InputRejected("flow.not_entered", error=name)
            reject_folder(inbox.root, claim.path, claim.department, reason)
            return
        if registered:
            log.info("%s: %d files", registered.dossier.code, len(registered.documents))

    def _tidy(self) -> None:
        held.tidy(self._inbox.root, self._inbox.known())

    async def _dispatch(self) -> None:
        """Run the flow for every dossier the ledger says is waiting, a few at once."""
        ledger = self._context.ledger
        while True:
            await self._said(self._close)
            free = self._rhythm.dossiers - len(self._running)
            if free > 0:
                try:
                    moment = self._context.clock()
                    for dossier in await asyncio.to_thread(ledger.pending, moment, free):
                        await self._start(dossier)
                except SohoaError as error:
                    log.error("%s", error)
            self._work.clear()
            await _heard(self._work, self._rhythm.ledger)

    def _close(self) -> None:
        """What is to be done in this inbox after steps that any host may have taken."""
        for inbox in (self._inbox.name, DESK):
            for claim in self._context.ledger.claims_to_tend(inbox):
                self._outcome(tend, self._context, self._inbox, claim)

    async def _start(self, dossier: Dossier) -> None:
        if dossier.id in self._running:
            return
        ledger, moment = self._context.ledger, self._context.clock()
        if await asyncio.to_thread(ledger.lease, dossier.id, self._owner, _LEASE, moment):
            leased = await asyncio.to_thread(ledger.dossier_by_id, dossier.id)
            task = asyncio.create_task(self._process(leased))
            self._running[dossier.id] = task

    async def _process(self, dossier: Dossier) -> None:
        """One run of the flow, with its lease kept alive; a failure waits longer each time."""
        ledger = self._context.ledger
        alive = asyncio.create_task(self._keep(dossier))
        retry_at = None
        try:
            stage = await self._run(dossier)
            log.info("%s: %s", dossier.code, stage)
        except asyncio.CancelledError:
            raise
        except Exception as error:  # the steps have made theirs an outcome; these are Prefect's
            pause = min(_LONGEST_PAUSE, 2.0 ** min(dossier.attempts, 10))
            retry_at = self._context.clock() + timedelta(seconds=pause)
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
                moment = self._context.clock()
                await asyncio.to_thread(
                    self._context.ledger.renew, dossier.id, self._owner, _LEASE, moment
                )


async def _heard(news: asyncio.Event, seconds: float) -> bool:
    """Wait for ``news``, no longer than ``seconds``.

    ``asyncio.wait_for`` swallows a cancellation that comes at the same moment (cpython #86296,
    mended in Python 3.12): the watcher would never stop.
    """
    try:
        async with asyncio.timeout(seconds):
            await news.wait()
    except TimeoutError:
        return False
    return True


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
