"""Long-lived worker processes that may be killed, by us or by anyone.

Files come from strangers, and decoders crash, hang and eat memory. So pages are read in worker
processes with limits of time and memory, each with its model loaded once; a worker that dies or
is late is replaced, and the call tried once more in a fresh one.

Two traps in what lies below are handled here:

* pebble breaks the whole pool when an *idle* worker is killed, and stalls for good when a worker
  dies holding the channel's lock (both in 5.2). Such a pool is thrown away, and what was pending
  is sent to a new one.
* Linux sends the parent-death signal when the *thread* that started the worker ends. Workers are
  forked by a server of one thread (``forkserver``), which ends when its own parent does. It has
  imported what they need, so that a second worker, or one that replaces another, costs little.
"""

import asyncio
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any, TypeVar

from pebble import ProcessExpired, ProcessPool

from ocr import tasks
from ocr.options import ReadingOptions
from ocr.packed import PackedPages
from ocr.values import Composed, Inspection
from ocr.worker import initialise, nothing
from schemas.errors import InputRejected, ServiceUnavailable, SohoaError
from schemas.page import PageReading

Result = TypeVar("Result")

ATTEMPTS = 2
"""Tries of a call that crashes its worker or takes too long."""
KILLED_ATTEMPTS = 5
"""Tries of a call whose workers are killed from outside: that is not the page's fault."""
REBUILDS = 5
"""Pools in a row that break under one call before it is given up."""
TASKS_PER_WORKER = 250
"""Then a worker is replaced: native libraries lose memory."""
POLL_SECONDS = 1.0
STALL_SECONDS = 60.0
"""Nothing running, nothing finished, something waiting for so long: the pool is stuck."""
LATE_SECONDS = 20.0
"""How long after its limit a call may still run before the pool is taken for stuck."""
COMPOSE_SECONDS_PER_PAGE = 5.0
_WORKER_LOST = {"reading.page_timeout", "reading.worker_died", "reading.page_memory"}
_SERVER_KILLED = 255
"""Exit code of a worker whose fork server was killed; the worker dies with it."""
_KILLED_BY_OTHERS = {-signal.SIGKILL, -signal.SIGTERM, _SERVER_KILLED}
"""Exit codes of a person, a service manager or the kernel's out-of-memory killer."""
_PRELOADED = ("ocr.preloaded",)
"""Imported once, by the server from which all workers are forked."""


class ReaderPool:
    """Runs the reading functions in worker processes; use as ``async with ReaderPool(options)``.

    Calls may be made from any thread and event loop. A call that is cancelled has its worker
    killed. Never waits without a limit for a worker.
    """

    def __init__(
        self,
        options: ReadingOptions,
        workers: int | None = None,
        *,
        recognises: bool = True,
        as_needed: bool = False,
    ) -> None:
        """Starts nothing yet.

        Args:
            options: how to read.
            workers: at most so many; the number of cores this process may use where it is None.
            recognises: False: they only draw, and load no model.
            as_needed: one worker is started, further ones when calls wait for them, and each loads
                its model with its first page: for a command that may have a single page to read.
        """
        self.options = options
        self.recognises = recognises
        self.as_needed = as_needed
        self.workers = workers or len(os.sched_getaffinity(0))
        self._home: _Home | None = None
        self._lock = threading.Lock()
        self._stall = STALL_SECONDS

    async def __aenter__(self) -> "ReaderPool":
        """Start the workers."""
        self.start()
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Stop the workers."""
        await asyncio.to_thread(self.close)

    def start(self) -> None:
        """Start the workers; each loads its model at once, in the background, if not as needed."""
        self._current()

    def close(self) -> None:
        """Kill the workers; what is still pending is cancelled. Safe to call twice."""
        with self._lock:
            home, self._home = self._home, None
        if home is not None:
            home.close()

    async def inspect(self, path: Path) -> Inspection:
        """:func:`ocr.inspect` in a worker."""
        return await self._file_call(tasks.inspect, path, self.options)

    async def read_page(self, path: Path, number: int, turn: int | None = None) -> PageReading:
        """:func:`ocr.read_page` in a worker, in at most ``options.seconds_per_page``."""
        return await self._file_call(tasks.read_page, path, number, self.options, turn)

    async def give_up(self, path: Path, number: int, reason: InputRejected) -> PageReading:
        """The page that :meth:`read_page` refused, unread; never fails for the file's sake."""
        from ocr.files.unread import unread_page  # noqa: PLC0415 - seldom needed, and large

        try:
            size = await self._file_call(tasks.size_of, path, number)
        except InputRejected:
            return unread_page(number, reason.code)
        return unread_page(number, reason.code, size)

    async def on_file(self, fn: Callable[..., Result], *args: Any, pages: int) -> Result:
        """``fn`` on a stranger's file of so many pages; all that it throws is an outcome.

        Raises:
            InputRejected: the function's own, or as :meth:`read_page`.
            SohoaError: the function's own.
            OSError: the disk, not the file, failed.
        """
        more = self.options.seconds_per_page * (max(1, pages) - 1)
        return await self._file_call(fn, *args, more=more)

    async def compose(
        self,
        path: Path,
        inspection: Inspection,
        pages: Sequence[PageReading],
        out: Path,
        *,
        careful: bool = False,
    ) -> Composed:
        """:func:`ocr.pdfa.compose` in a worker.

        A file on which that dies, hangs or runs out of memory is composed once more, carefully.
        """
        packed, more = PackedPages.of(pages), COMPOSE_SECONDS_PER_PAGE * len(pages)
        try:
            return await self._file_call(
                tasks.compose, path, inspection, packed, out, self.options, careful, more=more
            )
        except InputRejected as reason:
            from ocr.pdfa.compose import sweep  # noqa: PLC0415 - seldom needed, and large

            await asyncio.to_thread(sweep, out)
            if careful or reason.code not in _WORKER_LOST:
                raise
        return await self.compose(path, inspection, packed, out, careful=True)

    async def _file_call(self, fn: Callable[..., Result], *args: Any, more: float = 0.0) -> Result:
        """A call on a stranger's file: whatever its decoders throw is an outcome.

        Raises:
            InputRejected: the function's own, ``reading.page_timeout``, ``reading.worker_died``,
                ``reading.not_readable``.
            OSError: the disk, not the file, failed.
        """
        try:
            return await self.run(fn, *args, timeout=self.options.seconds_per_page + more)
        except (SohoaError, OSError, CancelledError):
            raise
        except Exception as exc:
            raise InputRejected("reading.not_readable", error=type(exc).__name__) from exc

    async def run(self, fn: Callable[..., Result], *args: Any, timeout: float) -> Result:
        """Any picklable function in a worker; ``timeout`` in seconds counts from its start there.

        Raises:
            InputRejected: ``reading.page_timeout`` or ``reading.worker_died``, both after a
                second try in a fresh worker.
            ServiceUnavailable: ``reading.pool_broken`` when no worker can be started.
        """
        attempts = killed = rebuilds = 0
        while True:
            home = self._current()
            try:
                return await self._once(home, fn, args, timeout)
            except TimeoutError as exc:
                attempts += 1
                if attempts >= ATTEMPTS:
                    raise InputRejected("reading.page_timeout", seconds=round(timeout)) from exc
            except ProcessExpired as exc:
                if exc.exitcode in _KILLED_BY_OTHERS:
                    killed += 1
                else:
                    attempts += 1
                if attempts >= ATTEMPTS or killed >= KILLED_ATTEMPTS:
                    raise InputRejected("reading.worker_died") from exc
            except (_Stuck, BrokenProcessPool) as exc:
                rebuilds += 1
                self._replace(home)
                if rebuilds > REBUILDS:
                    raise ServiceUnavailable("reading.pool_broken") from exc

    async def _once(
        self, home: "_Home", fn: Callable[..., Result], args: tuple[Any, ...], timeout: float
    ) -> Result:
        call = home.submit(fn, args, timeout)
        waiting = asyncio.wrap_future(call.future)
        try:
            while True:
                done, _ = await asyncio.wait({waiting}, timeout=POLL_SECONDS)
                if done:
                    if waiting.cancelled():  # the pool was closed or replaced under this call
                        raise _Stuck
                    result: Result = waiting.result()
                    return result
                if not home.healthy(call, self._stall):
                    raise _Stuck
        finally:
            home.forget(call)
            if not waiting.done():
                waiting.cancel()

    def _current(self) -> "_Home":
        with self._lock:
            if self._home is None:
                first = 1 if self.as_needed else self.workers
                loads = self.recognises and not self.as_needed
                self._home = _Home(self.options, (first, self.workers), loads)
            return self._home

    def _replace(self, broken: "_Home") -> None:
        """Throw a broken pool away; the first call that notices does it for all."""
        with self._lock:
            if self._home is not broken:
                return
            self._home = None
            self._stall *= 2
        threading.Thread(target=broken.close, name="reader-pool-burial", daemon=True).start()


class _Stuck(Exception):
    """The pool will not answer this call."""


class _Call:
    """A call on its way: when it was given, when it was first seen running, its limit."""

    def __init__(self, future: "Future[Any]", timeout: float) -> None:
        self.future = future
        self.timeout = timeout
        self.started: float | None = None


class _Home:
    """One pebble pool and the thread that started its processes and outlives them."""

    def __init__(self, options: ReadingOptions, workers: tuple[int, int], loads: bool) -> None:
        """``workers``: how many are started, and how many at most; ``loads``: their model first."""
        self._started, self._most = workers
        self._calls: set[_Call] = set()
        self._progress = time.monotonic()
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._ready = threading.Event()
        self._pool = ProcessPool(
            max_workers=self._started,
            max_tasks=TASKS_PER_WORKER,
            initializer=initialise,
            initargs=(options, loads),
            context=_context(),
        )
        self._thread = threading.Thread(target=self._live, name="reader-pool", daemon=True)
        self._thread.start()
        self._ready.wait(timeout=30)

    def _live(self) -> None:
        try:
            self._pool.schedule(nothing)  # starts the processes, from this thread
        except (RuntimeError, OSError):
            self._closing.set()
        self._ready.set()
        self._closing.wait()
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()

    def submit(self, fn: Callable[..., Any], args: tuple[Any, ...], timeout: float) -> _Call:
        if self._closing.is_set():
            raise _Stuck
        try:
            future = self._pool.schedule(fn, args=args, timeout=timeout)
        except RuntimeError as exc:  # the pool is not active
            raise _Stuck from exc
        call = _Call(future, timeout)
        with self._lock:
            if not self._calls:
                self._progress = time.monotonic()
            self._calls.add(call)
            if self._started < min(len(self._calls), self._most):
                self._started = min(len(self._calls), self._most)
                # pebble's manager looks ten times a second how many are there (5.2)
                self._pool._pool_manager.worker_manager.workers_number = self._started
        return call

    def forget(self, call: _Call) -> None:
        with self._lock:
            self._calls.discard(call)
            self._progress = time.monotonic()

    def healthy(self, call: _Call, stall: float) -> bool:
        """Whether ``call`` may still be answered."""
        if self._closing.is_set() or not self._pool.active:
            return False
        now = time.monotonic()
        with self._lock:
            if call.future.running() and call.started is None:
                call.started = self._progress = now
            if call.started is not None:
                return now < call.started + call.timeout + LATE_SECONDS
            running = any(other.future.running() for other in self._calls)
            return running or now < self._progress + stall

    def close(self) -> None:
        self._closing.set()
        with self._lock:
            calls = list(self._calls)
        for call in calls:
            call.future.cancel()
        self._thread.join(timeout=30)


def _context() -> multiprocessing.context.ForkServerContext:
    """Workers are forked from a server without threads that has imported what they need.

    The server ends when this process does, and its workers with it.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(_PRELOADED))
    return context
