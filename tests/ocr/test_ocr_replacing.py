"""Pages of a scan beside newer ones: of every kind of file, upright, as large as their paper."""

from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from new_scans import broken_jpeg, photograph
from PIL import Image
from stacks import stack

from ocr import ReadingOptions, annotations, extract, inspect, read_page
from ocr.pdfa.replacing import with_new_pages
from ocr.shown_pages import shown_file
from schemas.document_type import known_types
from schemas.errors import InputRejected

OPTIONS = ReadingOptions()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Scans of two pages, and new pages."""
    made = tmp_path_factory.mktemp("replacing")
    stack(made / "scan.pdf", "more", "blank")
    with pypdfium2.PdfDocument(made / "scan.pdf") as pdf:
        pages = [page.render(scale=2).to_pil().convert("L") for page in pdf]
    pages[0].save(made / "scan.tif", save_all=True, append_images=pages[1:], dpi=(144, 144))
    pages[0].save(made / "scan.jpg", dpi=(144, 144))
    photograph(made / "new.jpg", turned=270)
    Image.open(made / "new.jpg").rotate(270, expand=True).save(made / "new.png")
    stack(made / "new.pdf", "QUYẾT ĐỊNH")
    return made


def shown(path: Path) -> list[tuple[bool, bool]]:
    """Of each page: whether it stands upright, and whether anything is on it."""
    with pypdfium2.PdfDocument(path) as pdf:
        pictures = [page.render(scale=1).to_pil().convert("L") for page in pdf]
    return [(one.height > one.width, one.getextrema()[0] < 128) for one in pictures]


@pytest.mark.parametrize("source", ["scan.pdf", "scan.tif"])
@pytest.mark.parametrize("new", ["new.jpg", "new.png", "new.pdf"])
def test_a_page_stands_in_the_place_of_another(folder: Path, source: str, new: str) -> None:
    before = (folder / source).read_bytes()
    out = folder / "out.pdf"
    assert shown(folder / "scan.pdf") == [(True, True), (True, False)]
    with_new_pages(folder / source, (1, 2), {2: folder / new}, out, OPTIONS)
    assert shown(out) == [(True, True), (True, True)]
    with pikepdf.open(out) as pdf:
        for page in pdf.pages:
            width, height = sorted(float(one) for one in page.mediabox[2:])
            assert (width, height) == pytest.approx((595, 842), abs=12)
    assert (folder / source).read_bytes() == before
    assert inspect(out, OPTIONS).pages == 2
    assert "ghi nhận" in " ".join(one.text for one in read_page(out, 2, OPTIONS).words)


def test_a_single_picture_gives_way_whole(folder: Path) -> None:
    out = folder / "out.pdf"
    with_new_pages(folder / "scan.jpg", (1,), {1: folder / "new.jpg"}, out, OPTIONS)
    assert shown(out) == [(True, True)]
    with_new_pages(folder / "scan.tif", (2,), {1: folder / "new.jpg"}, out, OPTIONS)
    assert shown(out) == [(True, False)], "of a part only its own pages"


def test_what_cannot_be_is_refused(folder: Path) -> None:
    out, bad = folder / "none.pdf", folder / "bad.jpg"
    bad.write_bytes(broken_jpeg())
    cases = {
        "reading.no_such_pages": (folder / "scan.pdf", (3,), {}),
        "reading.broken": (folder / "scan.pdf", (1, 2), {1: bad}),
        "reading.unknown_type": (folder / "scan.pdf", (1, 2), {2: Path(__file__)}),
    }
    for code, (source, pages, new) in cases.items():
        with pytest.raises(InputRejected) as caught:
            with_new_pages(source, pages, new, out, OPTIONS)
        assert caught.value.code == code
        assert not out.exists()
    assert [one for one in folder.iterdir() if one.is_dir()] == [], "nothing is left beside it"


def test_what_is_shown_of_a_strangers_file_is_small_and_upright(folder: Path) -> None:
    for name in ("new.jpg", "new.png", "new.pdf", "scan.tif"):
        picture = shown_file(folder / name, 500, OPTIONS)
        assert 480 <= picture.height <= 501 and picture.width < picture.height, name
        assert len(picture.content) < 60_000
    with pytest.raises(InputRejected):
        shown_file(folder / "bad.jpg", 500, OPTIONS)


@pytest.mark.slow
def test_whatever_a_person_says_that_it_is_it_is_read(folder: Path) -> None:
    """No type fails on a page that bears none of its signs."""
    path = folder / "scan.pdf"
    pages = [read_page(path, number, OPTIONS) for number in (1, 2)]
    notes = annotations(path)
    assert extract(path, pages, notes, OPTIONS).document_type is None
    for one in {known.id for known in known_types(None)}:
        found = extract(path, pages, notes, OPTIONS, None, (), one)
        assert found.document_type == one
    assert extract(path, pages, notes, OPTIONS, None, (), "khong-co").document_type is None
