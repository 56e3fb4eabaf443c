"""No page of a scan ends in no document, and none is signed unseen without its text."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from drawn_pages import LINES, draw_page
from odd_pages import DIRT, DPI, INK, scanned, sheet
from PIL import Image

from ocr import ReaderPool, ReadingOptions
from schemas.errors import InputRejected
from schemas.manifest import PageReport, Part, PartReason, Region
from schemas.page import Blankness, PageKind, PageReading, Word
from signing import Trust
from training.benches.losses import Judged, Run, a_dossier, losses
from training.benches.odd_files import KINDS, Scan, draw_scan
from training.benches.odd_pages import Page
from usecases.digitise import ReadFile, digitise_parts, read_file
from usecases.splitting import Range, left_out, scan_manifest, sure_split

HEAD = (
    "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
    "Độc lập - Tự do - Hạnh phúc",
    "THÔNG BÁO",
)


@pytest.fixture(scope="module")
def pool() -> Iterator[ReaderPool]:
    made = ReaderPool(ReadingOptions(), 1)
    made.start()
    yield made
    made.close()


def report(number: int, blankness: Blankness | None = None) -> PageReport:
    return PageReport(
        number=number, width=595, height=842, dpi=150, rotation=0, skew=0,
        blank=blankness is not None, blankness=blankness, words=0, confidence=0,
    )  # fmt: skip


def part(*pages: int, covers: tuple[int, ...] = ()) -> Part:
    regions = tuple(Region(page=page) for page in pages)
    return Part(regions=regions, reason=PartReason.header, confidence=0.9, covers=covers)


@pytest.mark.parametrize("kind", [None, Blankness.dirt, Blankness.back, Blankness.faint])
def test_only_empty_pages_and_cover_sheets_are_left_out(kind: Blankness | None) -> None:
    pages = [report(1), report(2, Blankness.empty), report(3), report(4), report(5, kind)]
    parts = [part(1), part(4, 5, covers=(3,))]
    assert left_out([Range((1,)), Range((4, 5))], pages, parts) == (2, 3)
    with pytest.raises(InputRejected) as caught:
        left_out([Range((1,)), Range((4,))], pages, parts)
    assert caught.value.code == "flow.pages_lost"
    assert caught.value.params == {"pages": "5"}
    with pytest.raises(InputRejected):
        left_out([Range((1, 4)), Range((4, 5))], pages, parts)


async def stack(path: Path, pool: ReaderPool, *pages: Image.Image) -> ReadFile:
    first, *more = [Image.fromarray(scanned(page, 3)[:, :, ::-1]) for page in pages]
    first.save(path, save_all=True, append_images=more, dpi=(DPI, DPI), compression="jpeg")
    return await read_file(path, pool=pool)


def letter() -> Image.Image:
    return draw_page((*HEAD, *LINES[4:]), DPI).image.resize((1240, 1754)).convert("RGB")


def page_of(number: int, lines: tuple[str, ...]) -> PageReading:
    words = tuple(
        Word(text=text, box=(0, 0, 9, 9), confidence=0.9, line=row)
        for row, line in enumerate(lines)
        for text in line.split()
    )
    return PageReading(
        number=number, width=595, height=842, dpi=150, rotation=0, skew=0, blank=not words,
        kind=PageKind.scan, words=words, confidence=0.9,
    )  # fmt: skip


@pytest.mark.parametrize("name", ["sketch", "red pencil", "photograph", "yellow"])
async def test_a_page_with_ink_between_documents_is_in_the_one_before(
    tmp_path: Path, pool: ReaderPool, name: str
) -> None:
    read = await stack(tmp_path / "a.tif", pool, letter(), sheet(INK[name]), letter())
    assert [[one.page for one in part.regions] for part in read.parts] == [[1, 2], [3]]
    assert not any(part.sure for part in read.parts)
    assert sure_split(read.parts, a_dossier()) == ()
    rooms: dict[str, Any] = {"pool": pool, "trust": Trust()}
    first, second = await digitise_parts(read, tmp_path / "a", **rooms)
    assert (first.source.pages, second.source.pages) == ((1, 2), (3,))
    assert first.unread() == (2,) or first.pages[1].words >= 3


async def test_an_empty_sheet_parts_surely_and_a_dirty_one_does_not(
    tmp_path: Path, pool: ReaderPool
) -> None:
    read = await stack(tmp_path / "a.tif", pool, letter(), sheet(), letter())
    ranges = sure_split(read.parts, a_dossier())
    assert [one.pages for one in ranges] == [(1,), (3,)]
    assert left_out(ranges, read.pages, read.parts) == (2,)
    assert scan_manifest(read, read.inspection.source).pages[1].blankness is Blankness.empty
    read = await stack(tmp_path / "b.tif", pool, letter(), sheet(DIRT["holes"]), letter())
    assert sure_split(read.parts, a_dossier()) == ()
    assert [[one.page for one in part.regions] for part in read.parts] == [[1, 2], [3]]


def test_drawn_scans_are_repeatable_and_of_every_kind(tmp_path: Path) -> None:
    one = draw_scan(tmp_path, 1, 4, KINDS)
    data = one.path.read_bytes()
    again = draw_scan(tmp_path, 1, 4, KINDS)
    assert [page.kind for page in again.pages] == [page.kind for page in one.pages]
    assert len(again.path.read_bytes()) == len(data)
    for kind in KINDS:
        made = draw_scan(tmp_path, 2, 1, (kind,))
        assert kind in {page.kind for page in made.pages} or made.attached


def test_kinds_have_names() -> None:
    with pytest.raises(InputRejected) as caught:
        losses(1, 1, ReadingOptions(), 1, lambda _done, _total: None, ["smell"])
    assert caught.value.code == "bench.no_such_kind"


@pytest.mark.timeout(300)
def test_a_few_scans_lose_nothing() -> None:
    """The whole bench on few scans; what is typed over scans and attached is tested elsewhere."""
    kinds = [kind for kind in KINDS if kind not in {"typed over", "attachment"}]
    seen: list[int] = []
    made = losses(3, 7, ReadingOptions(), 1, lambda done, _total: seen.append(done), kinds)
    assert made.passed, (made.lost, made.unseen)
    assert seen == [1, 2, 3]
    assert made.documents >= 6


def test_what_is_lost_or_unseen_is_told(tmp_path: Path) -> None:
    """The bench can fail."""
    image = sheet()
    pages = [
        Page("document", image, ("Ủy ban nhân dân",)),
        Page("sketch", image),
        Page("empty", image, (), False),
        Page("pencil", image, ("Không đồng ý",)),
    ]
    run = Run(tmp_path, 1, 1, KINDS, lambda _done, _total: None)
    scan = Scan(tmp_path / "a.pdf", tuple(pages))
    texts = {1: "ỦY BAN NHÂN DÂN", 4: "khong"}
    read = {at: page_of(at, (texts[at],) if at in texts else ()) for at in range(1, len(pages) + 1)}
    run.judge(3, scan, [Judged(((1, read[1]),), False), Judged(((4, read[4]),), False)])
    assert run.lost == ["3 p2 sketch"]
    assert run.unseen == ["3 p4 pencil"]
    run = Run(tmp_path, 1, 1, KINDS, lambda _done, _total: None)
    run.judge(3, scan, [Judged(tuple(read.items()), True)])
    assert (run.lost, run.unseen) == ([], [])
