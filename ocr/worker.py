"""What a reading process does before its first task: it takes its limits, and its parent's end."""

import ctypes
import gc
import multiprocessing
import os
import signal
import sys
import threading
import time
from multiprocessing import forkserver

from ocr.options import ReadingOptions
from schemas.errors import MissingDependency

_PR_SET_PDEATHSIG = 1


def nothing() -> None:
    """The first task of a pool."""


def initialise(options: ReadingOptions, loads: bool) -> None:
    """In a new worker: die with the parent, keep to the limits, load the model if told so."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, who closes the pool
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # at once, also in the middle of native code
    _die_with_parent()
    _limit_memory(options.memory_mb)
    gc.enable()  # off in the server
    import cv2  # noqa: PLC0415 - after the limits

    cv2.setNumThreads(1)
    if not loads:
        return
    from ocr.recognition.reader import reader  # noqa: PLC0415 - after the limits

    try:
        reader(options)
    except MissingDependency:
        return  # said by the first page that is read


def _die_with_parent() -> None:
    """Die when the fork server does, which dies when the process does that commands us.

    Python hands each worker the end of a pipe that keeps the server alive (CPython's
    ``ForkServer.connect_to_new_process``), so that a busy worker would keep the server, and the
    server the worker. A worker starts no processes, so it gives its end back.
    """
    server = os.getppid()
    kept = vars(forkserver._forkserver)
    alive = kept.get("_forkserver_alive_fd")
    if alive is not None:
        kept["_forkserver_alive_fd"] = None
        os.close(alive)
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    else:
        threading.Thread(target=_watch, args=(server,), daemon=True).start()
    commands = multiprocessing.parent_process()
    if os.getppid() != server or (commands is not None and not commands.is_alive()):
        os._exit(1)


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def _limit_memory(megabytes: int) -> None:
    """Limit the data a worker may allocate; beyond it, allocation fails or the worker dies."""
    try:
        import resource  # noqa: PLC0415 - POSIX only

        resource.setrlimit(resource.RLIMIT_DATA, (megabytes << 20, megabytes << 20))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (ImportError, ValueError, OSError):
        return
