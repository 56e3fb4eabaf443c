"""How well pages are read that lie turned and skewed, against the same pages upright.

Every page is scanned upright at each resolution in grey, colour and 1-bit, and then in ways drawn
from all quarter turns and skews up to 8 degrees; both are read alike in a pool of workers. A page
counts as wrongly turned when the rotation found is not the one it was laid by.
"""

import asyncio
import os
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from itertools import cycle
from pathlib import Path
from typing import NamedTuple

import numpy as np
from pydantic import Field

from ocr import ReaderPool, ReadingOptions, page_image
from schemas.errors import InputRejected, NotFound
from schemas.page import Frozen, PageReading
from training.benches.alignment import infix_distance
from training.benches.skew import Kind, Lay, Mode, Upright, draw, lay, save

DPIS = (150, 200, 300, 400, 600)
TURNS = (90, 180, 270, 0)
SKEWS = (0.0, 0.7, -8.0, 3.0, -1.5, 8.0, -4.0, 6.0, -0.3, 5.0, -2.2, 1.0, -6.5)
ALLOWED_RATIO = 1.5
ALLOWED_FLOOR = 0.002
"""Errors below this are too few letters for a ratio."""
SAMPLE_DPI = 300
READABLE = (".pdf", ".png", ".jpg", ".jpeg", ".tif", ".tiff")
FINDABLE = 8
"""Letters a line of a sample must have to be looked for in another reading."""


class Group(Frozen):
    """Pages scanned alike."""

    dpi: int
    mode: Mode
    readings: int = Field(description="turned and skewed; upright ones are not counted")
    upright_error: float
    error: float
    ratio: float
    wrong_turns: int
    unsure: int = Field(description="pages with the warning that the orientation is not sure")
    upright_seconds: float = Field(description="mean per page in a worker")
    seconds: float


class GeometryReport(Frozen):
    """The whole measurement."""

    cores: int
    pages: int
    readings: int
    wrong_turns: int
    upright_error: float
    error: float
    ratio: float
    groups: tuple[Group, ...]
    failures: tuple[str, ...] = Field(description="page, turn, skew of each wrong turn")


class Outcome(NamedTuple):
    """One reading."""

    page: int
    how: Lay
    found: PageReading
    edits: int
    letters: int
    seconds: float


def geometry(
    paths: Sequence[Path],
    options: ReadingOptions,
    say: Callable[[str], None],
    *,
    rounds: int = 1,
    cores: int | None = None,
    dpis: Sequence[int] = DPIS,
    most_pages: int = 6,
) -> GeometryReport:
    """Measure on drawn pages and, where ``paths`` are given, on pages of those PDFs instead.

    ``rounds`` times 4 lays of every page, resolution and mode are read. A sample's upright reading
    at 300 dpi in grey is its truth.

    Raises:
        NotFound: ``cli.no_such_path``.
        InputRejected: ``bench.nothing_to_read``; a file that cannot be read.
    """
    cores = cores or len(os.sched_getaffinity(0))
    pool = ReaderPool(options, cores)
    try:
        with tempfile.TemporaryDirectory(prefix="sohoa-bench-") as name:
            folder = Path(name)
            pages = asyncio.run(_samples(paths, pool, most_pages)) if paths else _drawn()
            outcomes: list[Outcome] = []
            for dpi in dpis:
                say(f"{dpi} dpi")
                outcomes += asyncio.run(
                    _read_all(pages, _lays(len(pages), dpi, rounds), pool, folder)
                )
    finally:
        pool.close()
    return _report(outcomes, len(pages), cores)


def _drawn() -> list[Upright]:
    return [draw(kind, 300) for kind in Kind]


async def _samples(paths: Sequence[Path], pool: ReaderPool, most: int) -> list[Upright]:
    files: list[Path] = []
    for path in paths:
        if not path.exists():
            raise NotFound("cli.no_such_path")
        inside = sorted(entry for entry in path.rglob("*") if entry.suffix.lower() in READABLE)
        files += inside if path.is_dir() else [path]
    if not files:
        raise InputRejected("bench.nothing_to_read")
    pages: list[Upright] = []
    for file in files:
        found = await pool.inspect(file)
        for number in range(1, found.pages + 1):
            if len(pages) == most:
                return pages
            reading = await pool.read_page(file, number)
            grey = page_image(
                file, number, reading.rotation, SAMPLE_DPI, size=reading.size_as_stored
            )
            texts = tuple(line for line in _lines(reading) if len(line) >= FINDABLE)
            if not reading.blank and texts:
                pages.append(Upright(grey, SAMPLE_DPI, texts))
    return pages


def _lays(pages: int, dpi: int, rounds: int) -> list[tuple[int, Lay]]:
    """Each page upright in each mode, and ``4 * rounds`` ways besides; skews go in turn."""
    skews = cycle(SKEWS[DPIS.index(dpi) % len(SKEWS) :] + SKEWS if dpi in DPIS else SKEWS)
    lays = []
    for mode in Mode:
        for page in range(pages):
            lays.append((page, Lay(0, 0.0, dpi, mode)))
            for turn in TURNS * rounds:
                skew = next(skews)
                lays.append((page, Lay(turn, skew if turn or skew else 2.5, dpi, mode)))
    return lays


async def _read_all(
    pages: Sequence[Upright], lays: Iterable[tuple[int, Lay]], pool: ReaderPool, folder: Path
) -> list[Outcome]:
    together = asyncio.Semaphore(pool.workers)

    async def one(index: int, page: int, how: Lay) -> Outcome:
        async with together:
            path = save(lay(pages[page], how, seed=index), how, folder / f"{how.dpi}-{index:04d}")
            start = time.monotonic()
            found = await pool.read_page(path, 1)
            seconds = time.monotonic() - start
            path.unlink()
            edits, letters = distance(pages[page].texts, found)
            return Outcome(page, how, found, edits, letters, seconds)

    jobs = (one(index, page, how) for index, (page, how) in enumerate(lays))
    return await asyncio.gather(*jobs)


def _lines(page: PageReading) -> list[str]:
    lines: dict[int, list[str]] = {}
    for word in page.words:
        lines.setdefault(word.line, []).append(word.text)
    return [" ".join(words) for words in lines.values()]


def distance(texts: Sequence[str], page: PageReading) -> tuple[int, int]:
    """Edits of each text to where it is found on the page, in whatever order, and the letters.

    Letters read beyond those of the truth count as edits too, dots of leaders excepted.
    """
    read = " ".join(_lines(page))
    edits = sum(infix_distance(text, read) for text in texts)
    letters = sum(len(text) for text in texts)
    more = sum(char.isalnum() for char in read) - sum(c.isalnum() for t in texts for c in t)
    return edits + max(0, more), letters


def _report(outcomes: Sequence[Outcome], pages: int, cores: int) -> GeometryReport:
    laid = [one for one in outcomes if not _upright(one.how)]
    flat = [one for one in outcomes if _upright(one.how)]
    wrong = [one for one in outcomes if one.found.rotation != -one.how.turn % 360]
    keys = dict.fromkeys((one.how.dpi, one.how.mode) for one in outcomes)
    return GeometryReport(
        cores=cores,
        pages=pages,
        readings=len(laid),
        wrong_turns=len(wrong),
        upright_error=_error(flat),
        error=_error(laid),
        ratio=_ratio(laid, flat),
        groups=tuple(
            _group(
                [one for one in laid if (one.how.dpi, one.how.mode) == key],
                [one for one in flat if (one.how.dpi, one.how.mode) == key],
            )
            for key in keys
        ),
        failures=tuple(
            f"{one.page} {one.how.turn} {one.how.skew:+.1f} {one.how.dpi} {one.how.mode}"
            f" -> {one.found.rotation}"
            for one in wrong
        ),
    )


def _upright(how: Lay) -> bool:
    return not how.turn and not how.skew


def _group(laid: Sequence[Outcome], flat: Sequence[Outcome]) -> Group:
    everyone = [*laid, *flat]
    return Group(
        dpi=flat[0].how.dpi,
        mode=flat[0].how.mode,
        readings=len(laid),
        upright_error=_error(flat),
        error=_error(laid),
        ratio=_ratio(laid, flat),
        wrong_turns=sum(one.found.rotation != -one.how.turn % 360 for one in everyone),
        unsure=sum("reading.orientation_unsure" in one.found.warnings for one in everyone),
        upright_seconds=round(float(np.mean([one.seconds for one in flat])), 2),
        seconds=round(float(np.mean([one.seconds for one in laid])), 2),
    )


def _error(some: Sequence[Outcome]) -> float:
    return round(sum(one.edits for one in some) / max(1, sum(one.letters for one in some)), 5)


def _ratio(laid: Sequence[Outcome], flat: Sequence[Outcome]) -> float:
    """Of the errors; one that is below the floor counts as the floor."""
    return round(max(_error(laid), ALLOWED_FLOOR) / max(_error(flat), ALLOWED_FLOOR), 2)
