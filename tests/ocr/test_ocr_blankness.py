"""What stands on a page with little on it: ink, the scanner's dirt, its back, or nothing."""

from pathlib import Path

import numpy as np
import pikepdf
import pytest
from drawn_pages import LINES, draw_page, scan_pdf, stamp
from hypothesis import given, settings
from hypothesis import strategies as st
from odd_pages import DIRT, DPI, INK, NOTHING, scanned, sheet, through, written
from PIL import Image, ImageDraw

from ocr import ReadingOptions, read_page
from ocr.cleaning.backs import left_over
from ocr.cleaning.blankness import PageContent, traces
from schemas.manifest import INK_UNREAD
from schemas.page import Blankness, PageReading

OPTIONS = ReadingOptions()
PENCIL = (216, 214, 210)


def found(image: Image.Image, noise: float = 5.0) -> PageContent:
    return traces(scanned(image, noise), DPI).found


@pytest.mark.parametrize("noise", [2.0, 8.0])
@pytest.mark.parametrize("name", INK)
def test_every_kind_of_ink_is_ink(name: str, noise: float) -> None:
    assert found(sheet(INK[name]), noise) is PageContent.ink


@pytest.mark.parametrize("noise", [0.0, 12.0])
@pytest.mark.parametrize("name", NOTHING)
def test_paper_is_nothing(name: str, noise: float) -> None:
    assert found(sheet(NOTHING[name]), noise) is PageContent.nothing


def test_yellow_paper_is_nothing() -> None:
    assert found(sheet(paper=(222, 210, 170))) is PageContent.nothing


@pytest.mark.parametrize("name", DIRT)
def test_what_scanners_and_punches_leave_is_dirt(name: str) -> None:
    assert found(sheet(DIRT[name])) is PageContent.dirt


def test_a_dark_or_shaded_sheet_is_not_surely_empty() -> None:
    assert found(sheet(paper=(30, 30, 34))) is PageContent.ink
    shade = np.linspace(250, 150, 1240)[None, :, None] * np.ones((1754, 1, 3))
    assert found(Image.fromarray(shade.astype(np.uint8))) is PageContent.ink


def test_what_was_drawn_and_not_scanned_has_no_grain() -> None:
    plain = np.full((1100, 850, 3), 255, np.uint8)
    assert traces(plain, 100, exact=True).found is PageContent.nothing
    assert traces(plain - np.uint8(30), 100, exact=True).found is PageContent.nothing
    plain[500:503, 400:403] = (255, 250, 245)
    assert traces(plain, 100, exact=True).found is PageContent.ink


@given(
    size=st.tuples(st.integers(1, 60), st.integers(1, 60)),
    fill=st.sampled_from([0, 128, 255, None]),
    dpi=st.sampled_from([30.0, 100.0, 600.0]),
    colour=st.booleans(),
)
@settings(max_examples=40)
def test_pictures_of_any_size_are_looked_at(
    size: tuple[int, int], fill: int | None, dpi: float, colour: bool
) -> None:
    shape = (*size, 3) if colour else size
    noise = np.random.default_rng(size).integers(0, 256, shape, np.uint8)
    pixels = noise if fill is None else np.full(shape, fill, np.uint8)
    one = traces(pixels, dpi)
    assert one.ink.shape == one.depth.shape == one.tint.shape
    assert one.found is PageContent.ink or not one.ink.any()
    assert left_over(one, one) in PageContent


def letter() -> Image.Image:
    return draw_page((*LINES, *LINES), DPI).image.resize((1240, 1754)).convert("RGB")


def seal(image: Image.Image) -> Image.Image:
    pen = ImageDraw.Draw(image)
    for radius in (100, 92, 60, 40):
        box = (760 - radius, 1300 - radius, 760 + radius, 1300 + radius)
        pen.ellipse(box, outline=(200, 20, 30), width=4)
    return image


def left(back: Image.Image, front: Image.Image) -> PageContent:
    return left_over(traces(scanned(back, seed=2), DPI), traces(scanned(front), DPI))


def test_the_other_side_is_known_by_the_page_before() -> None:
    front = letter()
    for strength in (0.08, 0.15, 0.3):
        assert left(through(front, strength), front) is not PageContent.ink
    assert (
        left(through(front.transpose(Image.Transpose.ROTATE_180), 0.2), front)
        is not PageContent.ink
    )
    assert left(through(front, 0.2), seal(sheet())) is PageContent.ink, "of another sheet"
    red = seal(letter())
    only_seal = through(seal(sheet()), 0.35)
    assert left(only_seal, red) is not PageContent.ink
    assert left(only_seal, front) is PageContent.ink


@pytest.mark.parametrize("y", [310, 330, 700, 1500])
@pytest.mark.parametrize("strength", [0.0, 0.12])
def test_a_note_on_a_back_stays(y: int, strength: float) -> None:
    """Also where it stands under the lines of the other side."""
    front = letter()
    back = through(front, strength) if strength else sheet()
    written("Chuyển bộ phận địa chính, hạn 20/5", (200, y), 16, PENCIL)(ImageDraw.Draw(back))
    assert left(back, front) is PageContent.ink


def read(folder: Path, *images: Image.Image) -> list[PageReading]:
    """The pages as one TIFF, read."""
    path = folder / "a.tif"
    first, *more = [Image.fromarray(scanned(one)[:, :, ::-1]) for one in images]
    first.save(path, save_all=True, append_images=more, dpi=(DPI, DPI), compression="jpeg")
    return [read_page(path, number, OPTIONS) for number in range(1, len(images) + 1)]


def test_a_back_in_its_file_needs_nobody(tmp_path: Path) -> None:
    front, back, note = read(tmp_path, letter(), through(letter(), 0.15), noted())
    assert not front.blank
    assert back.blank
    assert back.blankness is Blankness.back
    assert back.warnings == ("reading.shines_through",)
    assert INK_UNREAD in note.warnings


def noted() -> Image.Image:
    back = through(letter(), 0.15)
    written("Ok", (900, 1600), 30, (150, 150, 155))(ImageDraw.Draw(back))
    return back


@pytest.mark.parametrize("name", ["sketch", "yellow", "grey pencil", "fingerprints"])
def test_what_stands_on_a_page_and_is_not_read_needs_a_person(tmp_path: Path, name: str) -> None:
    (page,) = read(tmp_path, sheet(INK[name]))
    assert page.blankness in {None, Blankness.faint}
    assert INK_UNREAD in page.warnings or len(page.words) > 2


def test_a_large_word_and_a_small_line_are_read(tmp_path: Path) -> None:
    (word,) = read(tmp_path, sheet(INK["large word"]))
    assert not word.blank
    assert [one.text for one in word.words] == ["MẬT"] or INK_UNREAD in word.warnings
    (line,) = read(tmp_path, sheet(INK["8 points"]))
    assert not line.blank
    assert "phụ" in " ".join(one.text for one in line.words) or INK_UNREAD in line.warnings


def test_dirt_is_blank_and_asks_nobody_but_is_not_empty(tmp_path: Path) -> None:
    (page,) = read(tmp_path, sheet(DIRT["holes"]))
    assert page.blank
    assert page.blankness is Blankness.dirt
    assert page.warnings == ("reading.page_blank",)


def drawn(path: Path, content: bytes) -> Path:
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(595, 842))
        pdf.pages[0].obj.Contents = pdf.make_stream(content)
        pdf.save(path)
    return path


def test_a_drawing_of_lines_alone_is_no_empty_page(tmp_path: Path) -> None:
    empty = read_page(drawn(tmp_path / "a.pdf", b"1 g 0 0 595 842 re f"), 1, OPTIONS)
    assert empty.blankness is Blankness.empty
    line = read_page(drawn(tmp_path / "b.pdf", b"0.97 G 0.2 w 90 400 m 120 410 l S"), 1, OPTIONS)
    assert not line.blank or line.blankness is Blankness.faint
    assert INK_UNREAD in line.warnings


def test_what_an_annotation_shows_is_on_the_page(tmp_path: Path) -> None:
    path = scan_pdf(tmp_path / "a.pdf", sheet(), DPI)
    assert read_page(path, 1, OPTIONS).blankness is Blankness.empty
    with pikepdf.open(stamp(path, tmp_path / "b.pdf", ("x",))) as pdf:
        shown = pdf.pages[0].obj.Annots[0].AP.N
        shown.write(b"0.8 0.1 0.1 RG 3 w 20 10 120 40 re S")
        pdf.save(tmp_path / "c.pdf")
    page = read_page(tmp_path / "c.pdf", 1, OPTIONS)
    assert page.blankness is not Blankness.empty
    assert INK_UNREAD in page.warnings
