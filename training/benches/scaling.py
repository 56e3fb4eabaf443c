"""Whether long documents stream: memory and cost a page, from ten pages to five hundred.

Every file is digitised in a process of its own by ``usecases.digitise``, as the service does it,
with worker processes that are there already. Peaks are those the kernel keeps (``VmHWM``), of the
reading processes and of their parent; the workers' are set back when composing begins.
"""

import asyncio
import io
import json
import multiprocessing
import os
import resource
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import psutil
from PIL import Image, ImageDraw, ImageFont, TiffImagePlugin
from pydantic import Field

from ocr import Composed, Inspection, ReaderPool, ReadingOptions
from schemas.errors import MissingDependency
from schemas.page import Frozen, PageReading
from signing import Trust
from sohoa.sheet import font_file
from usecases.digitise import digitise

A4_INCHES = (210 / 25.4, 297 / 25.4)
LINES_A_PAGE = 14
VARIETY = 5
"""Different pages; the others repeat them with their own number on each."""
SAMPLE_SECONDS = 0.1
_SENTENCES = (
    "Căn cứ Luật Cư trú và các văn bản hướng dẫn thi hành,",
    "Ủy ban nhân dân xã thông báo đã tiếp nhận hồ sơ của công dân.",
    "Thời hạn giải quyết là bảy ngày làm việc kể từ ngày nhận đủ hồ sơ.",
    "Đề nghị mang theo giấy hẹn và giấy tờ tùy thân khi đến nhận kết quả.",
    "Trường hợp cần bổ sung, cán bộ phụ trách sẽ liên hệ qua điện thoại.",
)


class Scale(Frozen):
    """One file; seconds are a page, megabytes are peaks of resident memory."""

    file: str
    pages: int
    wall: float = Field(description="seconds a page, all workers together")
    cpu: float = Field(description="CPU-seconds a page, of all processes")
    reading_mb: float = Field(description="the largest reading process, fields included")
    composing_mb: float = Field(description="the process that writes the PDF/A")
    parent_mb: float = Field(description="the process that commands them")
    output_kb: float = Field(description="size of the PDF/A a page")


class ScalingReport(Frozen):
    """The files from the shortest to the longest, the colour page first."""

    workers: int
    files: tuple[Scale, ...]


def scaling(
    sizes: Sequence[int],
    options: ReadingOptions,
    workers: int,
    say: Callable[[str], None],
    kinds: Sequence[str] = ("pdf", "tiff"),
) -> ScalingReport:
    """Digitise drawn files of so many pages each, and one colour page of 300 dpi.

    Raises:
        MissingDependency: ``fields.no_sample_font``, or no ``/proc`` to read peaks from.
    """
    if not Path("/proc/self/status").is_file():
        raise MissingDependency("bench.no_proc")
    done: list[Scale] = []
    with tempfile.TemporaryDirectory(prefix="sohoa-bench-") as name:
        folder = Path(name)
        jobs = [(1, "colour")] + [(pages, kind) for kind in kinds for pages in sorted(sizes)]
        for pages, kind in jobs:
            say(f"{kind}: {pages}")
            source = draw_long(folder, pages, kind)
            unlimited = options.model_copy(update={"max_bytes": 1 << 40})
            done.append(_measured(source, pages, unlimited, workers))
            source.unlink()
    return ScalingReport(workers=workers, files=tuple(done))


def draw_long(folder: Path, pages: int, kind: str) -> Path:
    """A file of drawn pages, 200 dpi: ``pdf`` grey JPEGs, ``tiff`` without loss; or ``colour``."""
    dpi = 300 if kind == "colour" else 200
    drawn = _pages(pages, dpi)
    if kind == "tiff":
        path = folder / f"scale-{pages}.tif"
        with TiffImagePlugin.AppendingTiffWriter(str(path), True) as writer:
            for page in drawn:
                page.save(writer, "TIFF", compression="tiff_adobe_deflate", dpi=(dpi, dpi))
                writer.newFrame()
        return path
    path = folder / f"scale-{kind}-{pages}.pdf"
    with pikepdf.new() as pdf:
        for page in drawn:
            _add(pdf, page.convert("RGB") if kind == "colour" else page, dpi)
        pdf.save(path)
    return path


def _pages(count: int, dpi: int) -> Iterator[Image.Image]:
    """Grey pages with grain, a few different ones in turn, each with its number."""
    width, height = (round(side * dpi) for side in A4_INCHES)
    font = ImageFont.truetype(str(font_file("Regular")), round(13 * dpi / 72))
    grounds = []
    for variant in range(VARIETY):
        page = Image.new("L", (width, height), 245)
        pen = ImageDraw.Draw(page)
        for row in range(LINES_A_PAGE):
            text = _SENTENCES[(row + variant) % len(_SENTENCES)]
            pen.text((dpi, dpi * (1 + row * 0.32)), text, font=font, fill=30)
        grain = np.random.default_rng(variant).normal(0, 4, (height, width))
        grey = np.clip(np.asarray(page, np.float32) + grain, 0, 255)
        grounds.append(Image.fromarray(grey.astype(np.uint8)))
    for number in range(1, count + 1):
        page = grounds[number % VARIETY].copy()
        place = (dpi, height - dpi)
        ImageDraw.Draw(page).text(place, f"Trang {number}", font=font, fill=30)
        yield page


def _add(pdf: pikepdf.Pdf, page: Image.Image, dpi: int) -> None:
    buffer = io.BytesIO()
    page.save(buffer, "JPEG", quality=80)
    width, height = (side * 72 / dpi for side in page.size)
    grey = page.mode == "L"
    picture = pdf.make_stream(
        buffer.getvalue(),
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=page.width,
        Height=page.height,
        ColorSpace=pikepdf.Name.DeviceGray if grey else pikepdf.Name.DeviceRGB,
        BitsPerComponent=8,
        Filter=pikepdf.Name.DCTDecode,
    )
    pdf.add_blank_page(page_size=(width, height))
    sheet = pdf.pages[-1]
    sheet.obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Page=picture))
    content = f"q {width:.3f} 0 0 {height:.3f} 0 0 cm /Page Do Q\n"
    sheet.obj.Contents = pdf.make_stream(content.encode("ascii"))


def _measured(source: Path, pages: int, options: ReadingOptions, workers: int) -> Scale:
    """In a process of its own, so that the parent's peak is that of this file."""
    report = source.with_suffix(".report")
    process = multiprocessing.get_context("spawn").Process(
        target=_parent, args=(source, pages, options, workers, report)
    )
    process.start()
    process.join()
    if process.exitcode != 0:
        raise RuntimeError(f"the measured process ended with {process.exitcode}")
    return Scale.model_validate_json(report.read_bytes())


def _parent(source: Path, pages: int, options: ReadingOptions, workers: int, report: Path) -> None:
    figures = asyncio.run(_digitised(source, pages, options, workers))
    report.write_text(json.dumps(figures), encoding="utf-8")


async def _digitised(
    source: Path, pages: int, options: ReadingOptions, workers: int
) -> dict[str, Any]:
    out, manifest = source.with_suffix(".out.pdf"), source.with_suffix(".out.json")
    pool = _Watched(options, workers)
    async with pool:
        warm = [pool.read_page(source, 1 + index % pages) for index in range(2 * workers)]
        await asyncio.gather(*warm)
        cpu, start = _cpu(), time.monotonic()
        await digitise(source, out, manifest, pool=pool, trust=Trust())
        wall, cpu = time.monotonic() - start, _cpu() - cpu
    return {
        "file": source.suffix[1:] if pages > 1 else "colour page, 300 dpi",
        "pages": pages,
        "wall": wall / pages,
        "cpu": cpu / pages,
        "reading_mb": pool.reading_mb,
        "composing_mb": pool.composing_mb,
        "parent_mb": _peak(os.getpid()),
        "output_kb": out.stat().st_size / 1000 / pages,
    }


class _Watched(ReaderPool):
    """A pool that keeps the peaks of its workers."""

    def __init__(self, options: ReadingOptions, workers: int) -> None:
        super().__init__(options, workers)
        self.reading_mb = self.composing_mb = 0.0
        self._composing = False
        self._ended = threading.Event()
        self._sampler = threading.Thread(target=self._sample, daemon=True)

    async def __aenter__(self) -> "_Watched":
        await super().__aenter__()
        self._sampler.start()
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._ended.set()
        await asyncio.to_thread(self._sampler.join)
        await super().__aexit__(*exc)

    async def compose(
        self,
        path: Path,
        inspection: Inspection,
        pages: Sequence[PageReading],
        out: Path,
        *,
        careful: bool = False,
    ) -> Composed:
        self._look()
        for worker in psutil.Process().children():
            Path(f"/proc/{worker.pid}/clear_refs").write_text("5", encoding="ascii")
        self._composing = True
        try:
            return await super().compose(path, inspection, pages, out, careful=careful)
        finally:
            self._look()

    def _sample(self) -> None:
        while not self._ended.wait(SAMPLE_SECONDS):
            self._look()

    def _look(self) -> None:
        """Peaks only grow, so one missed moment is seen in the next."""
        peak = max((_peak(child.pid) for child in psutil.Process().children()), default=0.0)
        if self._composing:
            self.composing_mb = max(self.composing_mb, peak)
        else:
            self.reading_mb = max(self.reading_mb, peak)


def _peak(pid: int) -> float:
    """Megabytes (10^6) of the largest resident set since the last reset."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text("ascii", "replace").splitlines()
    except OSError:
        return 0.0
    return next((int(one.split()[1]) * 1.024e-3 for one in lines if one.startswith("VmHWM")), 0.0)


def _cpu() -> float:
    """CPU-seconds so far of this process, its children, and those that have ended."""
    total = 0.0
    for child in psutil.Process().children(recursive=True):
        try:
            times = child.cpu_times()
        except psutil.Error:
            continue
        total += times.user + times.system
    for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN):
        usage = resource.getrusage(who)
        total += usage.ru_utime + usage.ru_stime
    return total
