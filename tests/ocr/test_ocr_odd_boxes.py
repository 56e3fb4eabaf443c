"""Pages whose box is not their paper, with text, pictures and marks on them.

What of a page is believed and how large it is are judged together: letters are as high as on the
paper, not as in the page's box.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pdfplumber
import pikepdf
import pypdfium2
import pytest
from drawn_pages import FONT, LINES, character_error, digital_pdf, draw_page, scan_pdf
from fpdf import FPDF
from PIL import Image
from prepared import need_font

from ocr import ReadingOptions, compose, inspect, read_page
from ocr.files.paper_size import letters_of
from ocr.pdfa.fidelity import likeness
from schemas.page import Blankness, PageKind, PageReading, Shown

OPTIONS = ReadingOptions()
A4 = (595.28, 841.89)
TYPED = "DEN 004512"
UNSEEN = "KHONG AI THAY"


def typed(path: Path, picture: Image.Image, *, unseen: bool = False, size: float = 11) -> Path:
    """A scan that fills A4, with a line typed over it in an embedded font, and a white one."""
    pdf = FPDF(unit="pt", format="A4")
    pdf.add_font("Tinos", fname=str(need_font(FONT)))
    pdf.set_font("Tinos", size=size)
    pdf.add_page()
    pdf.image(picture, 0, 0, *A4)
    pdf.text(300, 30, TYPED)
    if unseen:
        pdf.set_text_color(255)
        pdf.text(300, 60, UNSEEN)
    pdf.output(str(path))
    return path


def boxed(path: Path, across: float, down: float | None = None, **keys: object) -> Path:
    """The PDF with pages so many times as wide and high, all that is on them scaled along."""
    down = across if down is None else down
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        for page in pdf.pages:
            content = b"".join(part.read_bytes() + b"\n" for part in _parts(page.obj.Contents))
            scale = f"{across:.6f} 0 0 {down:.6f} 0 0 cm\n".encode()
            page.obj.Contents = pdf.make_stream(b"q " + scale + content + b" Q")
            x0, y0, x1, y1 = (float(value) for value in page.obj.MediaBox)
            page.obj.MediaBox = [x0 * across, y0 * down, x1 * across, y1 * down]
            for key, value in keys.items():
                page.obj[f"/{key}"] = value
        pdf.save(path)
    return path


def _parts(content: pikepdf.Object) -> Sequence[pikepdf.Object]:
    return list(content) if isinstance(content, pikepdf.Array) else [content]


def said(reading: PageReading) -> str:
    return " ".join(word.text for word in reading.words)


def kept(path: Path, reading: PageReading, text: str, shown: Shown = Shown.kept) -> None:
    """The PDF/A is as large as the paper, shows what the page showed, and can be searched."""
    out = path.with_suffix(".out.pdf")
    composed = compose(path, inspect(path, OPTIONS), [reading], out, OPTIONS)
    assert (composed.shown, composed.differing) == ((shown,), ())
    assert likeness(path, out, reading).alike
    with pdfplumber.open(out) as pdf:
        page = pdf.pages[0]
        assert (page.width, page.height) == pytest.approx((reading.width, reading.height), rel=0.01)
        assert text in " ".join(page.extract_text().split())
    with pypdfium2.PdfDocument(out) as pdf:
        seen = pdf[0].render(scale=2).to_pil().convert("L")
    for word in reading.words:
        x0, y0, x1, y1 = (2 * value for value in word.box)
        assert seen.crop((int(x0), int(y0), int(x1) + 1, int(y1) + 1)).getextrema()[0] < 140


@pytest.mark.parametrize("scale", [0.05, 0.25, 6.0])
def test_the_text_of_a_digital_page_stays_text(tmp_path: Path, scale: float) -> None:
    lines = tuple(f"{line} {number}" for number in range(4) for line in LINES[:3])
    path = boxed(digital_pdf(tmp_path / "a.pdf", lines), scale)
    reading = read_page(path, 1, OPTIONS)
    assert (reading.width, reading.height) == pytest.approx(A4, rel=0.01)
    assert (reading.kind, said(reading)) == (PageKind.digital, " ".join(lines))
    kept(path, reading, lines[5])


@pytest.mark.parametrize("scale", [1 / 12, 0.25, 4.0])
@pytest.mark.parametrize("unseen", [False, True])
def test_a_typed_line_over_a_scan(tmp_path: Path, scale: float, unseen: bool) -> None:
    path = boxed(typed(tmp_path / "a.pdf", draw_page().image, unseen=unseen), scale)
    reading = read_page(path, 1, OPTIONS)
    assert (reading.width, reading.height) == pytest.approx(A4, rel=0.01)
    assert reading.kind is PageKind.mixed
    assert character_error(said(reading), f"{' '.join(LINES)} {TYPED}") < 0.03
    kept(path, reading, TYPED)
    with pdfplumber.open(path.with_suffix(".out.pdf")) as pdf:
        found = pdf.pages[0].extract_text()
    assert found.count(TYPED) == 1  # not laid over itself
    assert UNSEEN not in found


@pytest.mark.parametrize(("unit", "turn"), [(2, 90), (3, 270), (1, 180)])
def test_a_typed_line_over_a_scan_that_lies_in_another_unit(
    tmp_path: Path, unit: int, turn: int
) -> None:
    path = typed(tmp_path / "a.pdf", draw_page().image)
    boxed(path, 0.25 / unit, UserUnit=unit, Rotate=turn)
    reading = read_page(path, 1, OPTIONS)
    assert (reading.rotation + turn) % 360 == 0
    assert (reading.width, reading.height) == pytest.approx(A4, rel=0.01)
    assert character_error(said(reading), f"{' '.join(LINES)} {TYPED}") < 0.03
    kept(path, reading, TYPED)


def test_a_typed_line_over_a_fax_of_pixels_taken_for_square(tmp_path: Path) -> None:
    fax = draw_page().image.resize((1728, 1145), Image.Resampling.BOX)
    path = boxed(typed(tmp_path / "a.pdf", fax, size=16), 1.0, 0.48)
    reading = read_page(path, 1, OPTIONS)
    assert (reading.width, reading.height) == pytest.approx(A4, rel=0.01)
    assert character_error(said(reading), f"{' '.join(LINES)} {TYPED}") < 0.05
    kept(path, reading, TYPED)


@pytest.mark.parametrize("scale", [1 / 12, 1 / 6])
def test_a_small_line_on_an_empty_page_is_no_dirt(tmp_path: Path, scale: float) -> None:
    page = draw_page(("lưu",), points=7).image
    path = boxed(scan_pdf(tmp_path / "a.pdf", page), scale)
    reading = read_page(path, 1, OPTIONS)
    assert reading.blankness is None
    assert reading.words or "reading.ink_unread" in reading.warnings


@pytest.mark.parametrize("scale", [1 / 12, 8.0])
def test_dust_on_an_empty_page_is_no_ink(tmp_path: Path, scale: float) -> None:
    pixels = np.full((2339, 1654), 250, np.uint8)
    pixels[1200:1203, 800:803] = 60
    path = boxed(scan_pdf(tmp_path / "a.pdf", Image.fromarray(pixels)), scale)
    assert read_page(path, 1, OPTIONS).blankness in {Blankness.dirt, Blankness.empty}


@pytest.mark.parametrize("squeeze", [(1, 1), (1, 2), (2, 1)])
@pytest.mark.parametrize("dpi", [100, 300])
def test_letters_are_measured_along_their_lines(dpi: int, squeeze: tuple[int, int]) -> None:
    page = draw_page(dpi=dpi).image
    size = (page.width // squeeze[0], page.height // squeeze[1])
    grey = np.asarray(page.resize(size, Image.Resampling.BOX).convert("L"), np.uint8)
    upright = letters_of(grey)
    lying = letters_of(np.ascontiguousarray(np.rot90(grey)))
    assert upright is not None
    assert lying is not None
    assert (upright.lying, lying.lying) == (False, True)
    assert lying.height == pytest.approx(upright.height, rel=0.05)
    assert lying.shape == pytest.approx(upright.shape, rel=0.05)
