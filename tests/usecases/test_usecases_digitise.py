"""A page that cannot be read stays in its document, and calls a person; the others go on."""

from collections.abc import AsyncIterator
from pathlib import Path

import pdfplumber
import pikepdf
import pytest
import pytest_asyncio
from drawn_pages import LINES, digital_pdf, draw_page, saved, scan_pdf
from pikepdf import pdfa

from ocr import ReaderPool, ReadingOptions
from schemas.errors import InputRejected
from schemas.manifest import Manifest
from schemas.page import PageReading, Shown
from signing import Trust
from usecases.digitise import HOPELESS, digitise

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Faulty(ReaderPool):
    """A pool whose workers die on some pages."""

    bad: frozenset[int] = frozenset()
    asked = 0

    async def read_page(self, path: Path, number: int) -> PageReading:
        self.asked += 1
        if number in self.bad:
            raise InputRejected("reading.worker_died")
        return await super().read_page(path, number)


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def pool() -> AsyncIterator[Faulty]:
    options = ReadingOptions(max_pixels=3_000_000, seconds_per_page=60)
    async with Faulty(options, 1) as running:
        yield running


async def made(path: Path, pool: Faulty, bad: frozenset[int] = frozenset()) -> Manifest:
    pool.bad, pool.asked = bad, 0
    out = path.parent / "out"
    out.mkdir(exist_ok=True)
    try:
        manifest = await digitise(path, out / "a.pdf", out / "a.json", pool=pool, trust=Trust())
    finally:
        pool.bad = frozenset()
    assert pdfa.validate_written(out / "a.pdf", "2b").passed
    assert {one.name for one in out.iterdir()} == {"a.pdf", "a.json"}
    return manifest


async def test_a_tiff_with_one_huge_picture(tmp_path: Path, pool: Faulty) -> None:
    small = draw_page(LINES[2:5], dpi=150).image
    huge = small.resize((2_000, 2_000))
    path = tmp_path / "a.tif"
    small.save(path, save_all=True, append_images=[huge, small], dpi=(100, 100))
    manifest = await made(path, pool)
    assert [page.problem for page in manifest.pages] == [None, "reading.too_many_pixels", None]
    assert [page.shown for page in manifest.pages] == [Shown.kept, Shown.missing, Shown.kept]
    assert manifest.unread() == (2,)
    assert manifest.needs_person()
    assert {"reading.pages_unread", "reading.pages_missing"} <= set(manifest.warnings)
    with pdfplumber.open(tmp_path / "out" / "a.pdf") as pdf:
        texts = [page.extract_text() for page in pdf.pages]
    assert texts[0].splitlines()[0] == texts[2].splitlines()[0] == LINES[2]
    assert texts[1] == ""


async def test_a_pdf_with_one_huge_picture_keeps_it(tmp_path: Path, pool: Faulty) -> None:
    page = draw_page(LINES[2:5], dpi=150).image
    path = scan_pdf(tmp_path / "a.pdf", page, dpi=150)
    huge = scan_pdf(tmp_path / "huge.pdf", page.resize((2_000, 2_000)), dpi=200)
    with pikepdf.open(path, allow_overwriting_input=True) as pdf, pikepdf.open(huge) as other:
        pdf.pages.extend(other.pages)
        pdf.save(path)
    manifest = await made(path, pool)
    assert [page.problem for page in manifest.pages] == [None, "reading.too_many_pixels"]
    assert [page.shown for page in manifest.pages] == [Shown.kept, Shown.kept]
    assert (manifest.pages[1].width, manifest.pages[1].height) == pytest.approx((720, 720))
    with pikepdf.open(tmp_path / "out" / "a.pdf") as pdf, pikepdf.open(huge) as before:
        (new,), (old,) = pdf.pages[1].get_images().values(), before.pages[0].get_images().values()
        assert new.read_raw_bytes() == old.read_raw_bytes()


async def test_pages_on_which_workers_die(tmp_path: Path, pool: Faulty) -> None:
    path = digital_pdf(tmp_path / "a.pdf", ("Một dòng chữ của trang",), pages=3)
    manifest = await made(path, pool, frozenset({1, 3}))
    assert [page.problem for page in manifest.pages] == [
        "reading.worker_died", None, "reading.worker_died"
    ]  # fmt: skip
    assert manifest.pages[0].words == 0
    assert [page.shown for page in manifest.pages] == [Shown.kept] * 3
    with pdfplumber.open(tmp_path / "out" / "a.pdf") as pdf:
        assert pdf.pages[2].extract_text() == "Một dòng chữ của trang 3", "its own text is kept"


async def test_a_file_of_which_no_page_can_be_read_is_refused(tmp_path: Path, pool: Faulty) -> None:
    one = saved(draw_page(("x",), dpi=50).image, tmp_path / "one.png", 50)
    many = digital_pdf(tmp_path / "many.pdf", ("x",), pages=2 * HOPELESS)
    for path in (one, many):
        with pytest.raises(InputRejected) as caught:
            await made(path, pool, frozenset(range(1, 100)))
        assert caught.value.code == "reading.worker_died"
        assert pool.asked <= HOPELESS + 2
        assert list((tmp_path / "out").iterdir()) == []


async def test_composing_goes_carefully_where_a_worker_died(tmp_path: Path, pool: Faulty) -> None:
    """The careful way needs no PDFium, and gives the same page."""
    path = scan_pdf(tmp_path / "a.pdf", draw_page(dpi=100).image, dpi=100, hidden="UY BAN")
    inspection = await pool.inspect(path)
    reading = await pool.read_page(path, 1)
    out = tmp_path / "out.pdf"
    composed = await pool.compose(path, inspection, [reading], out, careful=True)
    assert composed.shown == (Shown.kept,)
    assert pdfa.validate_written(out, "2b").passed
    with pdfplumber.open(out) as pdf:
        assert pdf.pages[0].extract_text().split() == [word.text for word in reading.words]
