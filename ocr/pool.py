"""Long-lived worker processes that may be killed."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from ocr.options import ReadingOptions
from ocr.values import Inspection
from schemas.page import PageReading

Result = TypeVar("Result")


class ReaderPool:
    """Runs the reading functions in worker processes; use as ``async with ReaderPool(options)``.

    A worker that dies or exceeds its time is replaced and the call tried once more; then
    ``InputRejected`` (``reading.worker_died``, ``reading.page_timeout``).
    """

    def __init__(self, options: ReadingOptions, workers: int | None = None) -> None:
        """``workers`` defaults to the number of cores this process may use."""
        raise NotImplementedError

    async def __aenter__(self) -> "ReaderPool":
        """Start the workers."""
        raise NotImplementedError

    async def __aexit__(self, *exc: object) -> None:
        """Stop the workers."""
        raise NotImplementedError

    def start(self) -> None:
        """Start the workers (they load their model at once)."""

    def close(self) -> None:
        """Kill the workers; calls still waiting are cancelled. Safe to call twice."""

    async def inspect(self, path: Path) -> Inspection:
        """:func:`ocr.inspect` in a worker."""
        raise NotImplementedError

    async def read_page(self, path: Path, number: int) -> PageReading:
        """:func:`ocr.read_page` in a worker."""
        raise NotImplementedError

    async def compose(
        self, path: Path, inspection: Inspection, pages: Sequence[PageReading], out: Path
    ) -> tuple[str, ...]:
        """:func:`ocr.compose` in a worker."""
        raise NotImplementedError

    async def run(self, fn: Callable[..., Result], *args: Any, timeout: float) -> Result:
        """Any picklable function in a worker, with a limit in seconds."""
        raise NotImplementedError
