"""Files that state a wrong size: pages come out as large as their paper, and are read as well."""

import io
import struct
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from drawn_pages import LINES, character_error, digital_pdf, draw_page, scan_pdf, stamp
from pikepdf import pdfa
from PIL import Image, TiffImagePlugin

from ocr import ReadingOptions, annotations, compose, extract, inspect, page_image, read_page
from ocr.fields.context import Context
from ocr.files.digital import text_words
from ocr.files.unread import size_of
from schemas.page import PageReading

OPTIONS = ReadingOptions()
A4 = (595.28, 841.89)
FAX = (1728, 1145)
"""Pixels of A4 at 204 x 98 dots per inch."""


@pytest.fixture(scope="module")
def page() -> Image.Image:
    return draw_page(dpi=200).image


@pytest.fixture(scope="module")
def fax(page: Image.Image) -> Image.Image:
    return page.resize(FAX, Image.Resampling.BOX).point(lambda value: 255 * (value > 170))


def picture_of(pdf: pikepdf.Pdf) -> bytes:
    """The data of the only picture of the first page."""
    objects = pdf.pages[0].obj.Resources.XObject
    (picture,) = [thing for _, thing in objects.items()]
    return bytes(picture.read_raw_bytes())


def text(reading: PageReading) -> str:
    return " ".join(word.text for word in reading.words)


def made_of(path: Path, out: Path, reading: PageReading) -> Path:
    compose(path, inspect(path, OPTIONS), [reading], out, OPTIONS)
    assert pdfa.validate_written(out, "2b").passed
    return out


def assert_is_page(
    path: Path, out: Path, size: tuple[float, float] = A4, *, error: float = 0.02
) -> PageReading:
    """Read ``path`` and make its PDF/A: the page has that size, and its words stand on its ink."""
    reading = read_page(path, 1, OPTIONS)
    assert (reading.width, reading.height) == pytest.approx(size, rel=0.01)
    assert character_error(text(reading), " ".join(LINES)) < error
    made_of(path, out, reading)
    with pypdfium2.PdfDocument(out) as pdf:
        assert pdf[0].get_size() == pytest.approx(size, rel=0.01)
        for word in (reading.words[1], reading.words[-2]):
            x0, y0, x1, y1 = word.box
            shown = pdf[0].render(scale=2).to_pil().convert("L")
            seen = shown.crop((int(2 * x0), int(2 * y0), int(2 * x1) + 1, int(2 * y1) + 1))
            assert seen.getextrema()[0] < 120
            laid = [one for one in text_words(pdf[0]) if one.text == word.text]
            assert any(one.box[:2] == pytest.approx((x0, y0), abs=4) for one in laid)
    return reading


def boxed(path: Path, size: tuple[float, float], **keys: object) -> Path:
    """The PDF with another page box, its picture drawn to fill it."""
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        page = pdf.pages[0].obj
        page.MediaBox = [0, 0, *size]
        page.Contents = pdf.make_stream(f"q {size[0]} 0 0 {size[1]} 0 0 cm /Im0 Do Q".encode())
        for key, value in keys.items():
            page[f"/{key}"] = value
        pdf.save(path)
    return path


@pytest.mark.parametrize("dpi", [36, 72, 900, 2400])
def test_a_page_box_of_another_resolution(tmp_path: Path, page: Image.Image, dpi: int) -> None:
    path = scan_pdf(tmp_path / "a.pdf", page)
    boxed(path, (page.width * 72 / dpi, page.height * 72 / dpi))
    reading = assert_is_page(path, tmp_path / "out.pdf")
    assert reading.dpi == pytest.approx(200, rel=0.01)
    with pikepdf.open(path) as before, pikepdf.open(tmp_path / "out.pdf") as after:
        pictures = [picture_of(pdf) for pdf in (before, after)]
        assert pictures[0] == pictures[1]


@pytest.mark.parametrize("longer", [10.0, 14_400.0])
def test_a_page_box_that_no_sheet_has(tmp_path: Path, page: Image.Image, longer: float) -> None:
    path = boxed(scan_pdf(tmp_path / "a.pdf", page), (longer * 210 / 297, longer))
    assert_is_page(path, tmp_path / "out.pdf")


def test_a_turned_page_in_another_unit(tmp_path: Path, page: Image.Image) -> None:
    lying = page.transpose(Image.Transpose.ROTATE_90)
    path = boxed(scan_pdf(tmp_path / "a.pdf", lying), (84.2, 59.5), Rotate=90, UserUnit=4)
    assert_is_page(path, tmp_path / "out.pdf")


def test_a_true_user_unit_is_kept(tmp_path: Path, page: Image.Image) -> None:
    path = boxed(scan_pdf(tmp_path / "a.pdf", page), (A4[0] / 4, A4[1] / 4), UserUnit=4)
    assert_is_page(path, tmp_path / "out.pdf")


def test_a_fax_in_a_pdf_whose_pixels_were_taken_for_square(
    tmp_path: Path, fax: Image.Image
) -> None:
    path = boxed(scan_pdf(tmp_path / "a.pdf", fax), (FAX[0] * 72 / 204, FAX[1] * 72 / 204))
    reading = assert_is_page(path, tmp_path / "out.pdf")
    seen = page_image(path, 1, 0, 100, OPTIONS, size=reading.size_as_stored)
    assert seen.shape == pytest.approx((1169, 827), abs=2)


def test_a_signature_on_a_page_of_another_size_is_where_it_is_seen(tmp_path: Path) -> None:
    page = draw_page(dpi=200).image
    path = boxed(scan_pdf(tmp_path / "a.pdf", page), (4 * A4[0], 4 * A4[1]))
    stamped = stamp(path, tmp_path / "b.pdf", ("Ký bởi: Bưởi",))
    reading = read_page(stamped, 1, OPTIONS)
    assert (reading.width, reading.height) == pytest.approx(A4, rel=0.01)
    word = next(word for word in reading.words if word.text == "Bưởi")
    note = Context(stamped, [reading], annotations(stamped), OPTIONS).annotations[0]
    assert note.box[0] <= word.box[0] and word.box[2] <= note.box[2] + 0.1
    assert note.box[2] < A4[0] / 4
    made = made_of(stamped, tmp_path / "out.pdf", reading)
    with pypdfium2.PdfDocument(made) as pdf:
        x0, y0, x1, y1 = word.box
        at = (x0 - 1, reading.height - y1 - 1, x1 + 1, reading.height - y0 + 1)
        assert "Bưởi" in pdf[0].get_textpage().get_text_bounded(*at)


def test_a_digital_page_in_another_unit(tmp_path: Path) -> None:
    lines = tuple(f"{line} {number}" for number in range(4) for line in LINES[:3])
    path = digital_pdf(tmp_path / "a.pdf", lines)
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        content = pdf.pages[0].obj.Contents.read_bytes()
        pdf.pages[0].obj.Contents = pdf.make_stream(b".05 0 0 .05 0 0 cm\n" + content)
        pdf.pages[0].obj.MediaBox = [0, 0, A4[0] / 20, A4[1] / 20]
        pdf.save(path)
    reading = read_page(path, 1, OPTIONS)
    assert (reading.width, reading.height) == pytest.approx(A4, rel=0.01)
    made = made_of(path, tmp_path / "out.pdf", reading)
    with pypdfium2.PdfDocument(made) as pdf:
        assert pdf[0].get_size() == pytest.approx(A4, rel=0.01)
        found = pdf[0].get_textpage().get_text_range()
    assert found.count(LINES[1]) == 4  # once each: the words are not laid over themselves


@pytest.mark.parametrize(
    ("resolution", "unit"),
    [((204, 98), 2), ((98, 204), 2), ((2, 1), 1), ((1, 1), 1), ((80.3, 38.6), 3), ((0, 0), 2)],
)
def test_a_fax(
    tmp_path: Path, fax: Image.Image, resolution: tuple[float, float], unit: int
) -> None:
    path = tmp_path / "a.tif"
    tags = {282: resolution[0], 283: resolution[1], 296: unit}
    fax.convert("1").save(path, compression="group4", tiffinfo=tags)
    assert_is_page(path, tmp_path / "out.pdf")


@pytest.mark.parametrize("orientation", [6, 3])
def test_a_fax_that_lies(tmp_path: Path, fax: Image.Image, orientation: int) -> None:
    turns = {6: Image.Transpose.ROTATE_90, 3: Image.Transpose.ROTATE_180}
    path = tmp_path / "a.tif"
    across = {282: 98, 283: 204} if orientation == 6 else {282: 204, 283: 98}
    lying = fax.convert("1").transpose(turns[orientation])
    lying.save(path, compression="group4", tiffinfo={**across, 296: 2, 274: orientation})
    assert_is_page(path, tmp_path / "out.pdf")


@pytest.mark.parametrize("name", ["a.jpg", "a.png"])
def test_pictures_with_pixels_that_are_not_square(
    tmp_path: Path, page: Image.Image, name: str
) -> None:
    path = tmp_path / name
    page.resize((page.width, page.height // 2)).save(path, dpi=(200, 100))
    assert_is_page(path, tmp_path / "out.pdf")


def test_a_shape_of_pixels_alone(tmp_path: Path, page: Image.Image) -> None:
    """JFIF units 0, and pHYs without a unit."""
    half = page.resize((page.width, page.height // 2))
    buffer = io.BytesIO()
    half.save(buffer, "JPEG")
    data = bytearray(buffer.getvalue())
    at = data.index(b"JFIF\0") + 7
    data[at : at + 5] = struct.pack(">BHH", 0, 2, 1)
    (tmp_path / "a.jpg").write_bytes(data)
    assert_is_page(tmp_path / "a.jpg", tmp_path / "out.pdf")


@pytest.mark.parametrize("dpi", [1, 72, 600, 1200])
def test_a_jpeg_of_any_resolution(tmp_path: Path, page: Image.Image, dpi: int) -> None:
    path = tmp_path / "a.jpg"
    page.save(path, dpi=(dpi, dpi))
    reading = assert_is_page(path, tmp_path / "out.pdf")
    assert reading.dpi == pytest.approx(200, rel=0.01)
    with pikepdf.open(tmp_path / "out.pdf") as pdf:
        assert picture_of(pdf) == path.read_bytes()


def test_a_page_does_not_take_the_resolution_of_the_page_before(
    tmp_path: Path, page: Image.Image
) -> None:
    first = page.resize((page.width * 3, page.height * 3)).convert("1")
    path = tmp_path / "a.tif"
    with TiffImagePlugin.AppendingTiffWriter(path, new=True) as writer:
        first.save(writer, "TIFF", dpi=(600, 600))
        writer.newFrame()
        page.save(writer, "TIFF", tiffinfo={282: 1, 283: 1, 296: 1})
    for number in (1, 2):
        reading = read_page(path, number, OPTIONS)
        assert (reading.width, reading.height) == pytest.approx(A4, rel=0.01)
    assert size_of(path, 2) == pytest.approx(A4, rel=0.01)


def test_fields_are_read_on_the_page_that_was_found(tmp_path: Path, page: Image.Image) -> None:
    path = boxed(scan_pdf(tmp_path / "a.pdf", page), (page.width * 0.06, page.height * 0.06))
    reading = read_page(path, 1, OPTIONS)
    seen = Context(path, [reading], (), OPTIONS).image(reading)
    assert seen.shape == pytest.approx((3508, 2480), abs=4)
    assert extract(path, [reading], (), OPTIONS).fields is not None
