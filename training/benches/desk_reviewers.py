"""How soon the next field is painted, with ten reviewers at once; and how large its pictures are.

A form is drawn, digitised once as always, and put under review many times, every value of it as a
doubt. Ten browsers without windows settle it by Enter, each key after the time that the
keystroke-level model gives a person. In each page the time is taken from the key's own time stamp
to the frame after the one in which the next field and its picture stand.
"""

import asyncio
import multiprocessing
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import Field

from ocr import ReaderPool, ReadingOptions, read_page
from schemas.dossier import Role, Stage
from schemas.errors import MissingDependency
from schemas.field import Field as Value
from schemas.field import FieldStatus
from schemas.manifest import Manifest
from schemas.page import Frozen
from signing import Trust
from sohoa.sample import draw_form, sample_answers
from storage import Ledger, NewClaim, NewFile
from training.benches.desk_latency import PageTime, time_of
from training.benches.desk_served import PASSWORD, REVIEWERS, add_people, desk_served, rooms_of
from training.benches.keystrokes import Way
from usecases.composing import doubts_of
from usecases.digitise import digitise
from usecases.rooms import Rooms
from usecases.workspace import Workspace

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page, Response

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
UNIT = "mot-cua"
BAR_MS, BAR_ZONE_KB = 100.0, 15.0
THINKS = Way(name="accepted", keys=1, thoughts=1).seconds
_PATIENCE_MS = 120_000
_TIMED = """
window.painted = [];
const settled = () => {
  const picture = document.querySelector("#cards .zone img");
  return !picture || picture.complete;
};
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  const look = () => requestAnimationFrame(() => {
    if (!settled()) return look();
    const done = () => window.painted.push(performance.now() - event.timeStamp);
    return requestAnimationFrame(done);
  });
  look();
}, true);
"""


class ReviewersReport(Frozen):
    """Ten reviewers at once."""

    reviewers: int
    reading: bool = Field(description="documents were read meanwhile")
    painted: PageTime = Field(description="from the key to the next field")
    zones: int
    zone_kb: float = Field(description="the largest picture of a zone")
    zone_kb_mean: float

    @property
    def passed(self) -> bool:
        """Whether both bars are kept."""
        return self.painted.p95_ms <= BAR_MS and self.zone_kb <= BAR_ZONE_KB


def reviewers(
    options: ReadingOptions,
    say: Callable[[str], None],
    *,
    documents: int = 2,
    reading: bool = True,
) -> ReviewersReport:
    """Measure.

    Args:
        options: as documents are read with.
        say: told how far it is.
        documents: that each reviewer settles.
        reading: read pages meanwhile, one after the other.

    Raises:
        MissingDependency: ``bench.no_browser``.
        ServiceUnavailable: ``bench.no_start``.
    """
    program = next((found for name in PROGRAMS if (found := shutil.which(name))), None)
    try:
        import playwright.async_api  # noqa: F401, PLC0415 - not part of an installation
    except ModuleNotFoundError:
        program = None
    if program is None:
        raise MissingDependency("bench.no_browser")
    with tempfile.TemporaryDirectory(prefix="sohoa-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        say("0/3")
        manifest, pdf = asyncio.run(_read(folder, options))
        say("1/3")
        ledger = folder / "ledger.sqlite"
        with Ledger.open(f"sqlite:///{ledger}") as opened:
            rooms = rooms_of(opened, folder / "work")
            add_people(rooms)
            for at in range(REVIEWERS * documents):
                _under_review(rooms, manifest, pdf, at)
        say("2/3")
        with (
            desk_served(ledger, folder / "work") as desk,
            _read_meanwhile(folder, options, reading),
        ):
            before = desk.cpu()
            painted, sizes = asyncio.run(_settle(program, desk.address, documents))
            spent = desk.cpu() - before
    return ReviewersReport(
        reviewers=REVIEWERS,
        reading=reading,
        painted=time_of("painted", painted, 0, spent),
        zones=len(sizes),
        zone_kb=round(max(sizes) / 1000, 1),
        zone_kb_mean=round(sum(sizes) / len(sizes) / 1000, 1),
    )


async def _read(folder: Path, options: ReadingOptions) -> tuple[Manifest, Path]:
    """A drawn form as it is digitised, every value of it doubtful."""
    scan = folder / "scan.pdf"
    drawn = draw_form(sample_answers(date(2026, 11, 24), 4))
    drawn.scanned(np.random.default_rng(4), 0.4).save(scan, resolution=300, quality=85)
    pdf = folder / "read.pdf"
    async with ReaderPool(options, 1) as pool:
        made = await digitise(scan, pdf, folder / "read.json", pool=pool, trust=Trust())
    fields: dict[str, Any] = {
        name: one.model_copy(update={"status": FieldStatus.review})
        if isinstance(one, Value) and one.value
        else one
        for name, one in made.fields.items()
    }
    return made.model_copy(update={"fields": fields}), pdf


def _under_review(rooms: Rooms, manifest: Manifest, pdf: Path, at: int) -> None:
    code = f"H17-261124-{at:04d}"
    paper = NewFile(
        relative="1.pdf", name="1.pdf", role=Role.component, sha256=f"{at:064x}", bytes=1
    )
    claim = NewClaim(
        claim_id=code, department=UNIT, code=code, folder=code, files=(paper,), actor="bench"
    )
    (document,) = rooms.ledger.register(claim).documents
    workspace = Workspace(rooms.work / str(document.id))
    draft = workspace.draft()
    shutil.copyfile(pdf, draft)
    rooms.ledger.advance(
        document.id, Stage.received, Stage.digitised, actor="bench",
        manifest=workspace.keep_manifest(manifest), pdfa_sha256=workspace.keep_pdf(draft),
        pages=len(manifest.pages), doubts=len(doubts_of(manifest)),
        document_type=manifest.document_type,
    )  # fmt: skip
    rooms.ledger.advance(document.id, Stage.digitised, Stage.in_review, actor="bench")


@contextmanager
def _read_meanwhile(folder: Path, options: ReadingOptions, wanted: bool) -> Iterator[None]:
    """Another process reads a page again and again for as long as the block lasts."""
    if not wanted:
        yield
        return
    process = multiprocessing.get_context("spawn").Process(
        target=_read_on, args=(folder / "scan.pdf", options), daemon=True
    )
    process.start()
    try:
        yield
    finally:
        process.terminate()
        process.join(10)


def _read_on(scan: Path, options: ReadingOptions) -> None:
    while True:
        read_page(scan, 1, options)


async def _settle(program: str, address: str, documents: int) -> tuple[list[float], list[int]]:
    """Milliseconds after each key, and the sizes of the pictures of zones."""
    sizes: dict[str, int] = {}
    async with _browser(program) as browser:
        pages = [await _seat(browser, address, at, sizes) for at in range(REVIEWERS)]
        times = await asyncio.gather(
            *(_review(page, address, at, documents) for at, page in enumerate(pages))
        )
    return [one for of_page in times for one in of_page], [*sizes.values()]


@asynccontextmanager
async def _browser(program: str) -> "AsyncIterator[Browser]":
    from playwright.async_api import async_playwright  # noqa: PLC0415 - see reviewers()

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        try:
            yield browser
        finally:
            await browser.close()


async def _seat(browser: "Browser", address: str, at: int, sizes: dict[str, int]) -> "Page":
    """A reviewer who has signed in."""
    context = await browser.new_context(viewport={"width": 1366, "height": 768})
    page = await context.new_page()
    page.set_default_timeout(_PATIENCE_MS)
    await page.add_init_script(_TIMED)

    async def seen(answer: "Response") -> None:
        if "&zone=" in answer.url and answer.ok:
            sizes[answer.url] = len(await answer.body())

    page.on("response", seen)
    await page.goto(f"{address}/sign-in?next=/queue")
    await page.fill("#username", f"r{at}")
    await page.fill("#password", PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"{address}/queue")
    return page


async def _review(page: "Page", address: str, at: int, documents: int) -> list[float]:
    """Settle one's own documents; milliseconds after each key."""
    times: list[float] = []
    for number in range(documents):
        code = f"H17-261124-{at * documents + number:04d}"
        await page.goto(f"{address}/review/{code}/1")
        await page.wait_for_selector("#cards .doubt textarea")
        await asyncio.sleep(THINKS * (1 + at / REVIEWERS))
        while await page.query_selector("#cards .doubt textarea"):
            begun = time.monotonic()
            await page.keyboard.press("Enter")
            await asyncio.sleep(max(0.1, THINKS - (time.monotonic() - begun)))
        times += await page.evaluate("window.painted")
    return times
