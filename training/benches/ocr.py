"""Reading side by side with OCRmyPDF: the same pages, cores and model, in one run.

Both sides make searchable PDF/A files from PDFs. Ours runs as in the service, in a pool of workers
that is there already; OCRmyPDF runs as its users run it, one start a file. The rounds of all sides
alternate, so that a busy machine is busy for all of them.
"""

import asyncio
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

import psutil
import pypdfium2 as pdfium
from pikepdf import pdfa
from pydantic import Field

from ocr import ReaderPool, ReadingOptions
from schemas.errors import InputRejected, MissingDependency, NotFound
from schemas.page import Frozen, PageReading
from training.benches.alignment import character_error
from training.benches.drawn import draw_pages

SOHOA = "sohoa"
PLAIN = "ocrmypdf"
TURNING = "ocrmypdf --deskew --rotate-pages"
TRUTH = ".gt.txt"
_HAS_TEXT = 6
"""Exit code of OCRmyPDF for a file that has some text already."""


class FileScore(Frozen):
    """One file, one side."""

    file: str
    pages: int
    error: float | None = Field(None, description="characters, of the truth beside the file")
    archivable: bool = Field(description="whether the output passes the PDF/A-2b check")


class SideReport(Frozen):
    """One side of the comparison; times are medians of the rounds."""

    name: str
    wall_seconds: float
    cpu_seconds_per_page: float
    pages_per_minute: float
    times_slower: float = Field(description="wall time, of ours")
    files: tuple[FileScore, ...]


class OcrReport(Frozen):
    """The whole comparison."""

    cores: int
    rounds: int
    pages: int
    ocrmypdf: str | None = Field(description="its version; None when it was not there")
    sides: tuple[SideReport, ...]


class _Spent(Frozen):
    wall: float
    cpu: float


def ocr(
    paths: Sequence[Path],
    options: ReadingOptions,
    say: Callable[[str], None],
    *,
    program: Path | None = None,
    rounds: int = 3,
    cores: int | None = None,
) -> OcrReport:
    """Measure; without ``paths`` on pages drawn here. ``program`` is the ``ocrmypdf`` to use.

    Truths are files named like the PDF with ``.gt.txt`` for ``.pdf``.

    Raises:
        NotFound: ``cli.no_such_path``.
        InputRejected: ``bench.ocr_no_pdf``; a file that cannot be read.
        MissingDependency: ``bench.ocr_no_ocrmypdf`` (named, but not there).
    """
    other = _ocrmypdf(program)
    cores = cores or len(os.sched_getaffinity(0))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sohoa-bench-")))
        files = _pdfs(paths) if paths else draw_pages(folder / "drawn")
        outs = {name: folder / str(number) for number, name in enumerate((SOHOA, PLAIN, TURNING))}
        for out in outs.values():
            out.mkdir()
        pool = ReaderPool(options, cores)
        stack.callback(pool.close)
        pages = sum(asyncio.run(_ours(pool, files, outs[SOHOA])))  # warms up, and counts
        spent: dict[str, list[_Spent]] = {}
        for number in range(1, rounds + 1):
            say(f"{number}/{rounds}: {SOHOA}")
            spent.setdefault(SOHOA, []).append(_ours_spent(pool, files, outs[SOHOA]))
            for name in (PLAIN, TURNING) if other else ():
                say(f"{number}/{rounds}: {name}")
                run = [str(other), *name.split()[1:]]
                spent.setdefault(name, []).append(_theirs(run, files, outs[name], options, cores))
        ours = statistics.median(one.wall for one in spent[SOHOA])
        return OcrReport(
            cores=cores,
            rounds=rounds,
            pages=pages,
            ocrmypdf=_version(other) if other else None,
            sides=tuple(_side(name, spent[name], files, outs[name], pages, ours) for name in spent),
        )


def _ocrmypdf(program: Path | None) -> Path | None:
    found = shutil.which(program or "ocrmypdf")
    if found is None and program is not None:
        raise MissingDependency("bench.ocr_no_ocrmypdf")
    return Path(found) if found else None


def _version(program: Path) -> str:
    answer = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    return answer.stdout.strip()


def _pdfs(paths: Sequence[Path]) -> list[Path]:
    files: list[Path] = []
    for path in paths:
        if not path.exists():
            raise NotFound("cli.no_such_path")
        files += sorted(path.rglob("*.pdf")) if path.is_dir() else [path]
    if not files or any(file.suffix.lower() != ".pdf" for file in files):
        raise InputRejected("bench.ocr_no_pdf")
    return files


def _out(file: Path, number: int, folder: Path) -> Path:
    return folder / f"{number:03d}-{file.stem}.pdf"


async def _ours(pool: ReaderPool, files: Sequence[Path], folder: Path) -> list[int]:
    """Every file read and composed, page by page in all workers; returns the numbers of pages."""
    together = asyncio.Semaphore(2 * pool.workers)

    async def one(file: Path, out: Path) -> int:
        inspection = await pool.inspect(file)

        async def page(number: int) -> PageReading:
            async with together:
                return await pool.read_page(file, number)

        readings = await asyncio.gather(*(page(n) for n in range(1, inspection.pages + 1)))
        await pool.compose(file, inspection, readings, out)
        return inspection.pages

    jobs = (one(file, _out(file, number, folder)) for number, file in enumerate(files))
    return await asyncio.gather(*jobs)


def _ours_spent(pool: ReaderPool, files: Sequence[Path], folder: Path) -> _Spent:
    start, cpu = time.monotonic(), _cpu()
    asyncio.run(_ours(pool, files, folder))
    return _Spent(wall=time.monotonic() - start, cpu=_cpu() - cpu)


def _cpu() -> float:
    """CPU-seconds so far of this process and its living children."""
    me = psutil.Process()
    times = [one.cpu_times() for one in (me, *me.children(recursive=True))]
    return float(sum(one.user + one.system for one in times))


def _theirs(
    command: Sequence[str],
    files: Sequence[Path],
    folder: Path,
    options: ReadingOptions,
    cores: int,
) -> _Spent:
    environment = {**os.environ, "TESSDATA_PREFIX": str(options.tessdata_folder())}
    start, before = time.monotonic(), os.times()
    for number, file in enumerate(files):
        out = _out(file, number, folder)
        arguments = [*command, "-q", "-l", options.language, "--jobs", str(cores)]
        arguments += ["--invalidate-digital-signatures"]
        code = _run([*arguments, str(file), str(out)], environment)
        if code == _HAS_TEXT:  # of a stamp: drawn as a picture, as ours does
            code = _run([*arguments, "--force-ocr", str(file), str(out)], environment)
        if code:
            raise InputRejected("bench.ocr_failed", code=code)
    after = os.times()
    used = after.children_user + after.children_system
    used -= before.children_user + before.children_system
    return _Spent(wall=time.monotonic() - start, cpu=used)


def _run(arguments: Sequence[str], environment: dict[str, str]) -> int:
    return subprocess.run(arguments, env=environment, capture_output=True, check=False).returncode


def _side(
    name: str,
    spent: Sequence[_Spent],
    files: Sequence[Path],
    folder: Path,
    pages: int,
    ours: float,
) -> SideReport:
    wall = statistics.median(one.wall for one in spent)
    return SideReport(
        name=name,
        wall_seconds=round(wall, 2),
        cpu_seconds_per_page=round(statistics.median(one.cpu for one in spent) / pages, 3),
        pages_per_minute=round(60 * pages / wall, 1),
        times_slower=round(wall / ours, 2),
        files=tuple(_score(file, _out(file, n, folder)) for n, file in enumerate(files)),
    )


def _score(file: Path, out: Path) -> FileScore:
    truth = file.with_name(file.name.removesuffix(file.suffix) + TRUTH)
    with pdfium.PdfDocument(out) as pdf:
        text = "\n".join(page.get_textpage().get_text_range() for page in pdf)
        pages = len(pdf)
    error = character_error(truth.read_text(encoding="utf-8"), text) if truth.is_file() else None
    return FileScore(
        file=file.name,
        pages=pages,
        error=None if error is None else round(error, 5),
        archivable=pdfa.validate_written(out, "2b").passed,
    )
