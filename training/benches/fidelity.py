"""Whether PDF/As show what their sources show, and say what they say, page by page.

Without files the bench draws its own (:mod:`training.benches.composed`), of which it also knows
every sentence: what a viewer shows must be read, what it hides must not be found.
"""

import asyncio
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pypdfium2 as pdfium
from pydantic import Field

from ocr import Likeness, ReaderPool, ReadingOptions, likeness
from schemas.errors import InputRejected
from schemas.page import Frozen, PageReading, Shown
from training.benches.composed import DrawnFile, draw_composed


class FidelityReport(Frozen):
    """What became of the pages."""

    pages: int
    rejected: int = Field(description="files that were refused, with their sentence")
    drawn: int = Field(description="pages that could not be kept and were drawn as pictures")
    asked: int = Field(description="pages of which a person is told that they may differ")
    seconds: float
    worst_mean: float = Field(description="largest mean difference of a page, of 255")
    worst_block: float = Field(description="largest difference of a block of 5 mm, of 255")
    unlike: tuple[str, ...] = Field((), description="pages that differ and nobody is asked about")
    missing: tuple[str, ...] = Field((), description="drawn files with a sentence that is not read")
    leaked: tuple[str, ...] = Field((), description="and with a hidden one that can be found")

    @property
    def passed(self) -> bool:
        """No page differs without a person, nothing is missing, nothing is leaked."""
        return not (self.unlike or self.missing or self.leaked)


def fidelity(
    paths: Sequence[Path],
    options: ReadingOptions,
    workers: int,
    progress: Callable[[int, int], None],
    *,
    drawn: int = 250,
    seed: int = 1,
) -> FidelityReport:
    """Read and compose the files at ``paths``, of folders all PDFs, and ``drawn`` drawn ones."""
    with tempfile.TemporaryDirectory(prefix="sohoa-fidelity-") as name:
        folder = Path(name)
        files = [DrawnFile(path, ()) for path in _below(paths)]
        files += draw_composed(folder / "drawn", drawn, seed)
        run = _Run(folder, len(files), progress)
        return asyncio.run(run.all(files, options, workers))


def _below(paths: Sequence[Path]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        found += sorted(path.rglob("*.pdf")) if path.is_dir() else [path]
    return found


class _Run:
    def __init__(self, folder: Path, files: int, progress: Callable[[int, int], None]) -> None:
        self._folder, self._files, self._progress = folder, files, progress
        self._done = self._pages = self._rejected = self._drawn = self._asked = 0
        self._mean = self._block = 0.0
        self._unlike: list[str] = []
        self._missing: list[str] = []
        self._leaked: list[str] = []

    async def all(
        self, files: Sequence[DrawnFile], options: ReadingOptions, workers: int
    ) -> FidelityReport:
        start, waiting = time.monotonic(), iter(enumerate(files))
        async with ReaderPool(options, workers) as pool, asyncio.TaskGroup() as group:
            for _ in range(workers + 1):
                group.create_task(self._some(waiting, pool))
        return FidelityReport(
            pages=self._pages,
            rejected=self._rejected,
            drawn=self._drawn,
            asked=self._asked,
            seconds=time.monotonic() - start,
            worst_mean=round(self._mean, 2),
            worst_block=round(self._block, 1),
            unlike=tuple(self._unlike),
            missing=tuple(self._missing),
            leaked=tuple(self._leaked),
        )

    async def _some(self, waiting: "enumerate[DrawnFile]", pool: ReaderPool) -> None:
        for number, file in waiting:
            out = self._folder / f"{number}.pdf"
            try:
                await self._one(file, out, pool)
            except InputRejected:
                self._rejected += 1
            out.unlink(missing_ok=True)
            self._done += 1
            self._progress(self._done, self._files)

    async def _one(self, file: DrawnFile, out: Path, pool: ReaderPool) -> None:
        inspection = await pool.inspect(file.path)
        pages = [await pool.read_page(file.path, n + 1) for n in range(inspection.pages)]
        composed = await pool.compose(file.path, inspection, pages, out)
        self._pages += len(pages)
        self._drawn += sum(shown is Shown.drawn for shown in composed.shown)
        self._asked += len(composed.differing)
        for page in pages:
            found: Likeness = await pool.on_file(likeness, file.path, out, page, pages=1)
            self._mean = max(self._mean, found.mean)
            self._block = max(self._block, found.block)
            if not found.alike and page.number not in composed.differing:
                self._unlike.append(f"{file.path.name}, page {page.number}")
        self._heard(file, pages, out)

    def _heard(self, file: DrawnFile, pages: Sequence[PageReading], out: Path) -> None:
        """Compare what a drawn file says with what was read, and with what its PDF/A holds."""
        if not file.kinds:
            return
        read = " ".join(word.text for page in pages for word in page.words)
        with pdfium.PdfDocument(out) as pdf:
            kept = " ".join(page.get_textpage().get_text_range() for page in pdf)
        label = f"{file.path.name} ({', '.join(file.kinds)})"
        if file.missing(read):
            self._missing.append(label)
        if file.leaked(f"{read} {kept}"):
            self._leaked.append(label)
