"""One supervisor a data folder: an advisory lock that ends with the process that holds it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from schemas.durable import held
from schemas.errors import ExitCode, SohoaError


class AlreadyRunning(SohoaError):
    """Another supervisor serves this data folder."""

    exit_code = ExitCode.already_running


@contextmanager
def only_one(path: Path) -> Iterator[None]:
    """Hold the lock ``path``.

    Raises:
        AlreadyRunning: somebody holds it.
    """
    with held(path, AlreadyRunning("service.already_running")):
        yield
