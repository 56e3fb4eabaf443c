"""Child processes that end with their parent, whose output goes to a log of limited size."""

import contextlib
import ctypes
import logging
import os
import shutil
import signal
import subprocess
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from schemas.errors import ExitCode, SohoaError

MARK = "SUPERVISED_BY_SOHOA"
"""Environment variable of every child: the data folder it belongs to."""

LOG_BYTES = 5_000_000
LOGS_KEPT = 3

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass
class Child:
    """A running child process, leader of its own session and process group."""

    process: subprocess.Popen[bytes]

    @property
    def pid(self) -> int:
        """Process id, which is the process group's too."""
        return self.process.pid

    def exit_code(self) -> int | None:
        """``None`` while it runs; ``-N`` when signal N ended it."""
        return self.process.poll()

    def end(self, grace: float, hurry: Callable[[], bool] = lambda: False) -> None:
        """Ask it to stop, wait ``grace`` seconds or until ``hurry``, kill it and all it started."""
        if self.exit_code() is None:
            self.process.terminate()
            deadline = time.monotonic() + grace
            while self.exit_code() is None and time.monotonic() < deadline and not hurry():
                time.sleep(0.05)
        self.kill()

    def kill(self) -> None:
        """Kill it and what is left of its process group."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self.process.wait()


def spawn(
    command: Sequence[str],
    *,
    environment: Mapping[str, str],
    folder: Path,
    log: Path,
    keep: Sequence[int] = (),
) -> Child:
    """Start ``command`` in ``folder``; its output is appended to ``log`` (mode 600).

    It gets the open files ``keep`` under their numbers, and no others.
    What it makes is its own user's alone (umask 077), unless it says otherwise.

    The kernel kills the child when the *thread* that called this ends, however it ends
    (``PR_SET_PDEATHSIG``): call it from a thread that lives as long as the child should.

    Raises:
        OSError: the program cannot be started.
    """
    parent = os.getpid()

    def tie_to_parent() -> None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it ended before the line above
            os._exit(1)

    rotate(log)
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        process = subprocess.Popen(
            command,
            env=dict(environment),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=descriptor,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            umask=0o077,
            pass_fds=tuple(keep),
            preexec_fn=tie_to_parent,  # noqa: PLW1509 - does nothing that takes a lock
        )
    finally:
        os.close(descriptor)
    return Child(process)


def rotate(log: Path) -> None:
    """Move a full log aside: ``x.log`` to ``x.log.1``, older ones up, the oldest away."""
    if _size(log) < LOG_BYTES:
        return
    for number in range(LOGS_KEPT - 1, 0, -1):
        older = log.with_name(f"{log.name}.{number}")
        if older.exists():
            older.replace(log.with_name(f"{log.name}.{number + 1}"))
    log.replace(log.with_name(f"{log.name}.1"))


def bound(log: Path) -> None:
    """Keep the log of a running child small: copy it aside, then empty it in place."""
    if _size(log) < LOG_BYTES:
        return
    aside = log.with_name(f"{log.name}.1")
    shutil.copyfile(log, aside)
    aside.chmod(0o600)
    os.truncate(log, 0)


def _size(log: Path) -> int:
    try:
        return log.stat().st_size
    except FileNotFoundError:
        return 0


def marked(data: Path) -> Iterator[psutil.Process]:
    """Processes that a supervisor of this data folder has started, and their children."""
    mine = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    for process in psutil.process_iter():
        try:
            if process.pid not in mine and process.environ().get(MARK) == str(data):
                yield process
        except (psutil.Error, OSError):  # ended meanwhile, or another user's
            continue


def end_marked(data: Path, grace: float = 5.0) -> int:
    """End what an earlier, killed supervisor has left behind; how many there were."""
    found = list(marked(data))
    for process in found:
        _quietly(process.terminate)
    _gone, alive = psutil.wait_procs(found, timeout=grace)
    for process in alive:
        _quietly(process.kill)
    psutil.wait_procs(alive, timeout=grace)
    return len(found)


def _quietly(action: Callable[[], None]) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        action()


def created(pid: int) -> float | None:
    """When process ``pid`` started, in seconds since 1970; ``None`` when there is none.

    A pid with its start time names one process for ever; a pid alone is used again.
    """
    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else process.create_time()
    except psutil.Error:
        return None


def exit_code_of(work: Callable[[], None], name: str, log: logging.Logger) -> int:
    """Do the work of a process of ours; how it ends, with a line of the log where it went wrong."""
    try:
        work()
    except SohoaError as error:
        log.error("%s", error)
        return int(error.exit_code)
    except Exception as error:  # its text may quote a name or a value, where it was is enough
        frames = "".join(traceback.format_tb(error.__traceback__))
        log.error("%s ends: %s\n%s", name, type(error).__name__, frames)
        return int(ExitCode.unexpected)
    return 0
