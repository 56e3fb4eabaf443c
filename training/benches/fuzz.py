"""Thousands of broken and hostile files: each must end as an outcome, within its limits.

Every file takes the whole way of a document (``usecases.digitise``) through one pool of workers
with tight limits, as in the service. What ends it is counted: digitised, pages given up,
rejected with a code. Anything else is a failure of Sohoa: an error that is no outcome, a file
that does not end.
"""

import asyncio
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from pydantic import Field

from ocr import ReaderPool, ReadingOptions
from schemas.errors import InputRejected, SohoaError
from schemas.page import Frozen
from signing import Trust
from training.benches.mutants import mutant
from usecases.digitise import digitise

LIMITS = {"max_pixels": 5_000_000, "max_pages": 60, "seconds_per_page": 8.0, "memory_mb": 700}
HANG_SECONDS = 600.0
"""The longest that limits and second tries allow a file to take, with a margin."""


class FuzzReport(Frozen):
    """How the files ended."""

    seed: int
    count: int
    wall_seconds: float
    slowest_seconds: float
    slowest: str = Field(description="how the slowest file was made")
    outcomes: dict[str, int] = Field(description="by how it ended; rejections by their code")
    hangs: tuple[str, ...] = Field((), description="number and recipe of files that did not end")
    crashes: tuple[str, ...] = Field((), description="and of those that ended in no outcome")

    @property
    def passed(self) -> bool:
        """Every file ended as an outcome."""
        return not self.hangs and not self.crashes


def fuzz(
    count: int,
    seed: int,
    options: ReadingOptions,
    workers: int,
    progress: Callable[[int, int], None],
) -> FuzzReport:
    """Digitise ``count`` mutants of series ``seed``, a few at once, in a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="sohoa-fuzz-") as folder:
        tight = options.model_copy(update=LIMITS)
        run = _Run(Path(folder), seed, count, progress)
        return asyncio.run(run.all(tight, workers))


class _Run:
    def __init__(
        self, folder: Path, seed: int, count: int, progress: Callable[[int, int], None]
    ) -> None:
        self._folder, self._seed, self._count = folder, seed, count
        self._progress = progress
        self._outcomes: Counter[str] = Counter()
        self._hangs: list[str] = []
        self._crashes: list[str] = []
        self._slowest = (0.0, "-")

    async def all(self, options: ReadingOptions, workers: int) -> FuzzReport:
        start, waiting = time.monotonic(), iter(range(self._count))
        async with ReaderPool(options, workers) as pool, asyncio.TaskGroup() as group:
            for _ in range(workers + 1):
                group.create_task(self._some(waiting, pool))
        return FuzzReport(
            seed=self._seed,
            count=self._count,
            wall_seconds=time.monotonic() - start,
            slowest_seconds=self._slowest[0],
            slowest=self._slowest[1],
            outcomes=dict(self._outcomes.most_common()),
            hangs=tuple(self._hangs),
            crashes=tuple(self._crashes),
        )

    async def _some(self, waiting: Iterator[int], pool: ReaderPool) -> None:
        for number in waiting:
            made = mutant(self._seed, number)
            label, start = f"{number} {made.recipe}", time.monotonic()
            source = self._folder / f"{number}.{made.ending}"
            source.write_bytes(made.data)
            self._outcomes[await self._one(source, label, pool)] += 1
            source.unlink()
            self._slowest = max(self._slowest, (time.monotonic() - start, label))
            self._progress(self._outcomes.total(), self._count)

    async def _one(self, source: Path, label: str, pool: ReaderPool) -> str:
        pdf, manifest = source.with_suffix(".out.pdf"), source.with_suffix(".out.json")
        try:
            work = digitise(source, pdf, manifest, pool=pool, trust=Trust())
            made = await asyncio.wait_for(work, HANG_SECONDS)
        except InputRejected as reason:
            return f"rejected: {reason.code}"
        except TimeoutError:
            self._hangs.append(label)
            return "hang"
        except SohoaError as error:
            self._crashes.append(f"{label}: {error.code}")
            return f"error: {error.code}"
        except Exception as error:  # what the bench is for
            self._crashes.append(f"{label}: {type(error).__name__}")
            return f"crash: {type(error).__name__}"
        finally:
            written = pdf.exists() and manifest.exists()
            pdf.unlink(missing_ok=True)
            manifest.unlink(missing_ok=True)
        if not written:
            self._crashes.append(f"{label}: no output")
            return "crash: no output"
        return "digitised, for review" if made.needs_person() else "digitised"
