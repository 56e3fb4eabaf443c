"""The PDF/A: what was read is what any reader extracts; what was seen is what is seen."""

import io
import subprocess
from collections import Counter
from importlib.resources import files
from pathlib import Path

import numpy as np
import pdfplumber
import pikepdf
import pypdfium2
import pytest
from drawn_pages import ALPHABET, LINES, digital_pdf, draw_page, saved, scan_pdf, stamp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pikepdf import pdfa
from PIL import Image, ImageChops
from prepared import need_programs

from ocr import ReadingOptions, compose, inspect, read_page
from schemas.errors import InputRejected
from schemas.page import PageKind, PageReading, Word
from training.glyphless_font import glyphless_font

OPTIONS = ReadingOptions()


def reading_of(words: list[Word], number: int = 1, **changes: object) -> PageReading:
    values: dict[str, object] = {
        "number": number, "width": 595.44, "height": 842.04, "dpi": 200.0, "rotation": 0,
        "skew": 0.0, "blank": False, "kind": PageKind.scan, "words": tuple(words),
        "confidence": 0.9,
    }  # fmt: skip
    return PageReading.model_validate(values | changes)


def laid_out(text: str, pitch: float = 14.0, per_line: int = 8) -> list[Word]:
    words = []
    for index, token in enumerate(text.split()):
        line, column = divmod(index, per_line)
        x, y = 40 + column * 60.0, 60 + line * pitch
        box = (x, y, x + 6 * len(token), y + 11)
        words.append(Word(text=token, box=box, confidence=0.9, line=line))
    return words


def make(
    path: Path, out: Path, readings: list[PageReading], options: ReadingOptions = OPTIONS
) -> tuple[str, ...]:
    composed = compose(path, inspect(path, options), readings, out, options)
    assert pdfa.validate_written(out, "2b").passed
    return composed.warnings


def read_and_make(path: Path, out: Path) -> tuple[list[PageReading], tuple[str, ...]]:
    pages = inspect(path, OPTIONS).pages
    readings = [read_page(path, number, OPTIONS) for number in range(1, pages + 1)]
    return readings, make(path, out, readings)


def plumber(path: Path, page: int = 0) -> list[str]:
    with pdfplumber.open(path) as pdf:
        return pdf.pages[page].extract_text().split()


def in_content_order(path: Path, page: int = 0) -> list[str]:
    with pdfplumber.open(path) as pdf:
        return [word["text"] for word in pdf.pages[page].extract_words(use_text_flow=True)]


def pdfium(path: Path, page: int = 0) -> list[str]:
    with pypdfium2.PdfDocument(path) as pdf:
        text: str = pdf[page].get_textpage().get_text_range()
    return text.split()


def poppler(path: Path) -> list[str]:
    need_programs("pdftotext")
    done = subprocess.run(["pdftotext", str(path), "-"], capture_output=True, text=True, check=True)
    return done.stdout.split()


def drawn(path: Path, page: int = 0, dpi: int = 100) -> Image.Image:
    with pypdfium2.PdfDocument(path) as pdf:
        pdf.init_forms()
        return pdf[page].render(scale=dpi / 72, draw_annots=True).to_pil().convert("RGB")


def difference(one: Image.Image, other: Image.Image) -> float:
    assert one.size == pytest.approx(other.size, abs=1)
    return float(np.asarray(ImageChops.difference(one, other.resize(one.size))).mean())


@pytest.fixture(scope="module")
def blank_png(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("blank")
    return saved(Image.new("L", (1654, 2339), 250), folder / "a.png")


def test_the_whole_alphabet_survives_in_every_reader(tmp_path: Path, blank_png: Path) -> None:
    letters = ALPHABET + ALPHABET.upper() + "fjwzFJWZ0123456789"
    text = " ".join(f"{letter}{letter}x{letter}" for letter in letters) + " đ/c – “Số:” № § ½ …"
    words = laid_out(text, per_line=7, pitch=17)
    out = tmp_path / "out.pdf"
    make(blank_png, out, [reading_of(words)])
    expected = [word.text for word in words]
    assert plumber(out) == expected
    assert in_content_order(out) == expected
    assert pdfium(out) == expected
    assert poppler(out) == expected


word_text = st.text(
    alphabet=ALPHABET + ALPHABET.upper() + "0123456789.,;:/()-", min_size=1, max_size=9
)
coordinate = st.floats(0, 1)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.tuples(word_text, coordinate, coordinate, coordinate, coordinate, st.booleans()),
        max_size=40,
    )
)
def test_any_words_anywhere_come_back(
    tmp_path: Path,
    blank_png: Path,
    drawn_words: list[tuple[str, float, float, float, float, bool]],
) -> None:
    """Overlapping, tiny, outside, out of order: nothing is lost, nothing runs together."""
    words, line = [], 0
    for text, x, y, width, height, starts in drawn_words:
        line += starts
        box = (x * 500, y * 800, x * 500 + width * 90, y * 800 + height * 40)
        words.append(Word(text=text, box=box, confidence=0.5, line=line))
    out = tmp_path / "out.pdf"
    make(blank_png, out, [reading_of(words)])
    expected = [word.text for word in words]
    assert Counter(plumber(out)) == Counter(expected)
    assert in_content_order(out) == expected


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_words_lie_over_what_is_seen(tmp_path: Path, rotation: int) -> None:
    page = draw_page()
    path = saved(page.image.rotate(rotation, expand=True), tmp_path / "a.png")
    words = [
        Word(text=text.split()[0], box=box, confidence=0.9, line=index)
        for index, (text, box) in enumerate(page.lines)
    ]
    out = tmp_path / "out.pdf"
    make(path, out, [reading_of(words, rotation=rotation)])
    assert difference(drawn(out), page.image.convert("RGB").resize((827, 1169))) < 3
    with pdfplumber.open(out) as pdf:
        found = pdf.pages[0].extract_words()
    for word, seen in zip(words, found, strict=True):
        box = (seen["x0"], seen["top"], seen["x1"], seen["bottom"])
        assert box == pytest.approx(word.box, abs=1.5)
    assert pdfium(out) == [word.text for word in words]
    assert poppler(out) == [word.text for word in words]
    with pypdfium2.PdfDocument(out) as pdf:
        text = pdf[0].get_textpage()
        boxes = [text.get_rect(index) for index in range(text.count_rects())]
    sides = [sorted((x1 - x0, y1 - y0)) for x0, y0, x1, y1 in boxes]
    heights = [word.box[3] - word.box[1] for word in words]
    assert all(min(heights) - 1 < min(side) for side in sides)  # what is selected can be seen


def test_a_jpeg_is_embedded_as_it_is(tmp_path: Path) -> None:
    path = saved(draw_page(dpi=100).image, tmp_path / "a.jpg", 100, quality=70)
    out = tmp_path / "out.pdf"
    make(path, out, [reading_of([])])
    with pikepdf.open(out) as pdf:
        (image,) = pdf.pages[0].get_images().values()
        assert image.read_raw_bytes() == path.read_bytes()


@pytest.mark.parametrize(
    ("mode", "name"),
    [
        ("1", "a.tif"), ("L", "a.tif"), ("RGB", "a.tif"), ("L", "a.png"), ("RGB", "a.png"),
        ("P", "a.png"), ("1", "a.png"), ("RGBA", "a.png"), ("RGB", "a.webp"), ("CMYK", "a.jpg"),
    ],
)  # fmt: skip
def test_pixels_are_kept(tmp_path: Path, mode: str, name: str) -> None:
    noise = np.random.default_rng(3).integers(0, 256, (140, 101, 3), np.uint8)
    picture = Image.fromarray(noise).convert(mode)
    how = {"lossless": True} if name.endswith("webp") else {}
    path = saved(picture, tmp_path / name, 100, **how)
    out = tmp_path / "out.pdf"
    make(path, out, [reading_of([], width=72.7, height=100.8)])
    with pikepdf.open(out) as pdf:
        (image,) = pdf.pages[0].get_images().values()
        embedded = pikepdf.PdfImage(image).as_pil_image().convert("RGB")
    with Image.open(path) as original:
        expected = original.convert("RGB")
    assert np.array_equal(np.asarray(embedded), np.asarray(expected))


def test_a_scan_is_kept_and_a_foreign_hidden_layer_replaced(tmp_path: Path) -> None:
    page = draw_page(dpi=150)
    path = scan_pdf(tmp_path / "a.pdf", page.image, dpi=150, hidden="UY BAN NHAN DAN")
    out = tmp_path / "out.pdf"
    (reading,), warnings = read_and_make(path, out)
    assert warnings == ()
    assert plumber(out) == [word.text for word in reading.words]
    assert "NHAN" not in pdfium(out)
    with pikepdf.open(path) as before, pikepdf.open(out) as after:
        (old,), (new,) = before.pages[0].get_images().values(), after.pages[0].get_images().values()
        assert old.read_raw_bytes() == new.read_raw_bytes()
    assert difference(drawn(path), drawn(out)) < 0.2


def test_hidden_text_goes_also_where_the_page_is_more_than_a_picture(tmp_path: Path) -> None:
    page = draw_page(dpi=150)
    path = scan_pdf(
        tmp_path / "a.pdf", page.image, dpi=150, hidden="UY BAN", extra=b"10 10 50 2 re f q q\n"
    )
    out = tmp_path / "out.pdf"
    (reading,), warnings = read_and_make(path, out)
    assert warnings == ()
    assert Counter(plumber(out)) == Counter(word.text for word in reading.words)
    assert difference(drawn(path), drawn(out)) < 0.2


def test_a_born_digital_page_is_kept_as_text(tmp_path: Path) -> None:
    path, out = digital_pdf(tmp_path / "a.pdf"), tmp_path / "out.pdf"
    _, warnings = read_and_make(path, out)
    assert warnings == ()
    assert plumber(out) == pdfium(out) == " ".join(LINES).split()
    with pikepdf.open(out) as pdf:
        assert len(pdf.pages[0].get_images()) == 0
    assert difference(drawn(path), drawn(out)) < 0.2


def test_a_font_that_is_not_embedded_means_drawing(tmp_path: Path) -> None:
    path, out = tmp_path / "a.pdf", tmp_path / "out.pdf"
    with pikepdf.open(digital_pdf(tmp_path / "two.pdf", pages=2)) as pdf:
        pdf.pages[1].obj.Resources.Font = pikepdf.Dictionary(
            F1=pikepdf.Dictionary(
                Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
            )
        )
        pdf.pages[1].obj.Contents = pdf.make_stream(
            b"BT /F1 14 Tf 72 700 Td (This font is not embedded) Tj ET"
        )
        pdf.save(path)
    _, warnings = read_and_make(path, out)
    assert warnings == ("reading.pages_drawn",)
    assert plumber(out, 1) == ["This", "font", "is", "not", "embedded"]
    with pikepdf.open(out) as pdf:
        assert len(pdf.pages[0].get_images()) == 0, "the other page is kept"
        assert len(pdf.pages[1].get_images()) == 1
    assert difference(drawn(path, 1), drawn(out, 1)) < 2


def test_a_signed_file_keeps_its_stamps_and_loses_what_lives(tmp_path: Path) -> None:
    page = draw_page(dpi=150)
    lines = ("Ký bởi: Đơn vị mẫu", "Ngày ký: 05/11/2025")
    plain = scan_pdf(tmp_path / "plain.pdf", page.image, dpi=150)
    path, out = stamp(plain, tmp_path / "a.pdf", lines), tmp_path / "out.pdf"
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=b"app.alert(1)")
        pdf.attachments["note.txt"] = b"not for the archive"
        pdf.save(path)
    (reading,), warnings = read_and_make(path, out)
    assert warnings == ()
    with pikepdf.open(out) as pdf:
        for key in ("/AcroForm", "/OpenAction", "/Names", "/Perms", "/DSS"):
            assert key not in pdf.Root
        assert "/Annots" not in pdf.pages[0].obj
    assert difference(drawn(path), drawn(out)) < 0.05
    assert difference(drawn(plain), drawn(out)) > 0.08, "the stamp is seen"
    assert pdfium(out) == [word.text for word in reading.words]
    assert Counter(plumber(out)) == Counter(word.text for word in reading.words)


def test_stamps_are_seen_on_pages_that_must_be_drawn(tmp_path: Path) -> None:
    digital = digital_pdf(tmp_path / "digital.pdf")
    with pikepdf.open(digital, allow_overwriting_input=True) as pdf:
        for font in pdf.pages[0].obj.Resources.Font.values():
            del font.DescendantFonts[0].FontDescriptor.FontFile2
        pdf.save(digital)
    path, out = stamp(digital, tmp_path / "a.pdf", ("Ký bởi: Đơn vị mẫu",)), tmp_path / "out.pdf"
    (reading,), warnings = read_and_make(path, out)
    assert warnings == ("reading.pages_drawn",)
    assert [word.text for word in reading.words][-5:] == ["Ký", "bởi:", "Đơn", "vị", "mẫu"]
    assert Counter(plumber(out)) == Counter(word.text for word in reading.words)
    assert difference(drawn(path), drawn(out)) < 2
    stamped = (417, 920, 694, 1003)
    assert np.asarray(drawn(out).crop(stamped)).min() < 120, "the stamp is seen"


@pytest.mark.parametrize("odd", [b"\xf4\xff 1 0 0\n", b"[ 1 0 R ] 3 0 R foo\n", b"q q q ] >> Q\n"])
def test_content_that_cannot_be_followed_is_drawn_or_kept(tmp_path: Path, odd: bytes) -> None:
    page = draw_page(("Một dòng chữ",), dpi=100)
    path, out = tmp_path / "a.pdf", tmp_path / "out.pdf"
    scan_pdf(path, page.image, dpi=100, hidden="UY BAN", extra=b"10 10 50 2 re f\n" + odd)
    (reading,), _ = read_and_make(path, out)
    assert plumber(out) == [word.text for word in reading.words]
    assert difference(drawn(path), drawn(out)) < 1


def test_a_file_of_many_pictures(tmp_path: Path) -> None:
    path, out = tmp_path / "a.tif", tmp_path / "out.pdf"
    pages = [draw_page((f"Trang số {n}",), dpi=72).image.convert("1") for n in range(1, 6)]
    pages[0].save(path, save_all=True, append_images=pages[1:], dpi=(100, 100))
    readings = [reading_of(laid_out(f"trang {n}"), n) for n in range(1, 6)]
    make(path, out, readings)
    assert [plumber(out, n) for n in range(5)] == [["trang", str(n)] for n in range(1, 6)]


def test_an_existing_file_is_replaced_whole_or_not_at_all(tmp_path: Path, blank_png: Path) -> None:
    out = tmp_path / "out.pdf"
    out.write_bytes(b"before")
    broken = tmp_path / "a.png"
    broken.write_bytes(blank_png.read_bytes())
    inspection = inspect(broken, OPTIONS)
    data = bytearray(broken.read_bytes())
    data[16:24] = b"\0\0\0\0\0\0\0\0"
    broken.write_bytes(data)
    with pytest.raises(InputRejected):
        compose(broken, inspection, [reading_of([])], out, OPTIONS)
    assert out.read_bytes() == b"before"
    make(blank_png, out, [reading_of([])])
    assert {path.name for path in tmp_path.iterdir()} == {"a.png", "out.pdf"}


def test_a_crooked_page_keeps_its_words_apart(tmp_path: Path, blank_png: Path) -> None:
    """Lines that fall by two degrees overlap in height; readers must not shuffle them."""
    words = []
    for line in range(20):
        for column, text in enumerate(("một", "hai", "ba", "bốn", "năm", "sáu")):
            x = 60 + column * 80
            y = 80 + line * 16 + (x - 300) * 0.035
            words.append(Word(text=text, box=(x, y, x + 74, y + 12), confidence=0.9, line=line))
    out = tmp_path / "out.pdf"
    make(blank_png, out, [reading_of(words, skew=2.0)])
    expected = [word.text for word in words]
    assert plumber(out) == pdfium(out) == poppler(out) == expected


def test_equal_input_gives_equal_fonts(tmp_path: Path, blank_png: Path) -> None:
    programs = []
    for name in ("one.pdf", "two.pdf"):
        make(blank_png, tmp_path / name, [reading_of(laid_out("một hai"))])
        with pikepdf.open(tmp_path / name) as pdf:
            font = pdf.pages[0].obj.Resources.Font["/Sohoa"].DescendantFonts[0]
            programs.append(io.BytesIO(font.FontDescriptor.FontFile2.read_bytes()).getvalue())
    assert programs[0] == programs[1]


def test_the_shipped_font_is_what_its_maker_makes() -> None:
    shipped = files("ocr.pdfa").joinpath("data/glyphless.ttf").read_bytes()
    assert shipped == glyphless_font()
