"""One supervisor a data folder: an advisory lock that ends with the process that holds it."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from schemas.errors import ExitCode, SohoaError


class AlreadyRunning(SohoaError):
    """Another supervisor serves this data folder."""

    exit_code = ExitCode.already_running


@contextmanager
def only_one(path: Path) -> Iterator[None]:
    """Hold the lock ``path`` (it is never removed; children do not inherit it).

    Raises:
        AlreadyRunning: somebody holds it.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning("service.already_running") from None
        yield
    finally:
        os.close(descriptor)
