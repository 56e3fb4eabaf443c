"""What the pool's tests run in its workers; importable there by name."""

import ctypes
import gc
import os
import time
from pathlib import Path

import numpy as np

from schemas.errors import InputRejected


def pid() -> int:
    return os.getpid()


def nap(seconds: float) -> int:
    time.sleep(seconds)
    return os.getpid()


def collects() -> bool:
    return gc.isenabled()


def crash() -> None:
    ctypes.string_at(0)


def crash_first(marker: Path) -> str:
    if not marker.exists():
        marker.touch()
        os.abort()
    return "second time"


def hog(megabytes: int) -> int:
    return int(np.ones(megabytes << 17, np.float64).sum())


def reject() -> None:
    raise InputRejected("reading.broken", kind="PDF")


def odd() -> None:
    raise LookupError("a name that must not be shown")


def thread_limit() -> str | None:
    return os.environ.get("OMP_THREAD_LIMIT")
