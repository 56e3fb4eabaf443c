"""A text layer is believed where the page shows what it says, and what else is shown is read."""

import io
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pdfplumber
import pikepdf
import pytest
from drawn_pages import FONT, LINES, character_error, digital_pdf, draw_page, scan_pdf
from fpdf import FPDF
from PIL import Image, ImageDraw
from prepared import need_font
from rapidfuzz import fuzz

from ocr import ReadingOptions, compose, inspect, read_page
from ocr.files import open_pages, pdfpages
from ocr.files.believed import believed
from schemas.manifest import PART_UNREAD
from schemas.page import PageKind, PageReading, Shown
from training.benches.composed import KINDS, draw_composed

OPTIONS = ReadingOptions()
KNOWN = "Dòng này ai cũng thấy trên trang giấy"
HIDDEN = "Không ai thấy dòng bí mật này cả"


def drawn(path: Path, draw: Callable[[FPDF], None], size: float = 13) -> Path:
    pdf = FPDF(unit="pt", format="A4")
    pdf.set_auto_page_break(False)
    pdf.add_font("Tinos", fname=str(need_font(FONT)))
    pdf.set_font("Tinos", size=size)
    pdf.add_page()
    draw(pdf)
    pdf.output(str(path))
    return path


def said(reading: PageReading) -> str:
    return " ".join(word.text for word in reading.words)


def archived(path: Path, reading: PageReading) -> tuple[str, Shown]:
    out = path.with_suffix(".out.pdf")
    composed = compose(path, inspect(path, OPTIONS), [reading], out, OPTIONS)
    assert not composed.differing
    with pdfplumber.open(out) as pdf:
        return " ".join(pdf.pages[0].extract_text().split()), composed.shown[0]


def white(pdf: FPDF) -> None:
    pdf.set_text_color(255)
    pdf.text(60, 300, HIDDEN)


def covered(pdf: FPDF) -> None:
    pdf.text(60, 300, HIDDEN)
    pdf.set_fill_color(0)
    pdf.rect(50, 285, 300, 22, style="F")


def under_a_picture(pdf: FPDF) -> None:
    pdf.text(60, 300, HIDDEN)
    pdf.image(Image.new("L", (300, 30), 250), 50, 280, 300, 30)


def transparent(pdf: FPDF) -> None:
    with pdf.local_context(fill_opacity=0.01):
        pdf.text(60, 300, HIDDEN)


def off_the_page(pdf: FPDF) -> None:
    pdf.text(700, 300, HIDDEN)


def tiny(pdf: FPDF) -> None:
    pdf.set_font("Tinos", size=1)
    pdf.text(60, 300, HIDDEN)


def clipped(pdf: FPDF) -> None:
    with pdf.rect_clip(400, 100, 50, 50):
        pdf.text(60, 300, HIDDEN)


@pytest.mark.parametrize(
    "hide", [white, covered, under_a_picture, transparent, off_the_page, tiny, clipped]
)
def test_text_that_nobody_sees_is_neither_read_nor_searchable(
    tmp_path: Path, hide: Callable[[FPDF], None]
) -> None:
    def draw(pdf: FPDF) -> None:
        pdf.text(60, 200, KNOWN)
        hide(pdf)

    path = drawn(tmp_path / "a.pdf", draw)
    reading = read_page(path, 1, OPTIONS)
    assert said(reading) == KNOWN
    assert reading.kind is PageKind.digital
    assert archived(path, reading) == (KNOWN, Shown.kept)


def test_a_part_of_a_line_that_is_blacked_out_cannot_be_found(tmp_path: Path) -> None:
    def draw(pdf: FPDF) -> None:
        pdf.text(60, 200, "Số định danh: 036187004215 của người khai")
        pdf.set_fill_color(0)
        start = 60 + pdf.get_string_width("Số định danh: ")
        pdf.rect(start, 188, pdf.get_string_width("036187004215"), 16, style="F")

    path = drawn(tmp_path / "a.pdf", draw)
    reading = read_page(path, 1, OPTIONS)
    assert "0361" not in said(reading)
    text, shown = archived(path, reading)
    assert "0361" not in text
    assert "người khai" in text
    assert shown is Shown.drawn


def test_white_letters_on_a_dark_ground_are_seen(tmp_path: Path) -> None:
    def draw(pdf: FPDF) -> None:
        pdf.set_fill_color(10, 20, 90)
        pdf.rect(40, 180, 500, 40, style="F")
        pdf.set_text_color(255)
        pdf.text(60, 205, KNOWN)

    reading = read_page(drawn(tmp_path / "a.pdf", draw), 1, OPTIONS)
    assert said(reading) == KNOWN
    assert reading.kind is PageKind.digital


def remapped(path: Path, out: Path, change: Callable[[dict[int, int]], dict[int, int]]) -> Path:
    """A copy whose fonts say of their glyphs what ``change`` makes of the truth."""
    with pikepdf.open(path) as pdf:
        for font in pdf.pages[0].Resources.Font.values():
            data = font.ToUnicode.read_bytes().decode("ascii")
            pairs = re.findall(r"<([0-9A-Fa-f]{4})> <([0-9A-Fa-f]{4})>\n", data)
            known = {int(code, 16): int(letter, 16) for code, letter in pairs}
            lines = [f"<{code:04X}> <{letter:04X}>" for code, letter in change(known).items()]
            blocks = [lines[n : n + 100] for n in range(0, len(lines), 100)]
            body = "\n".join(
                f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks
            )
            font.ToUnicode = pdf.make_stream(
                "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
                "/CMapName /X def /CMapType 2 def\n"
                "1 begincodespacerange <0000> <FFFF> endcodespacerange\n"
                f"{body}\nendcmap end end".encode("ascii")
            )
        pdf.save(out)
    return out


def shifted(known: dict[int, int]) -> dict[int, int]:
    return {code: letter + 1 if letter > 64 else letter for code, letter in known.items()}


def swapped(one: str, other: str) -> Callable[[dict[int, int]], dict[int, int]]:
    turned = {ord(one): ord(other), ord(other): ord(one)}
    return lambda known: {code: turned.get(letter, letter) for code, letter in known.items()}


def missing(_known: dict[int, int]) -> dict[int, int]:
    return {}


def legacy(known: dict[int, int]) -> dict[int, int]:
    """What Vietnamese letters are in TCVN3 fonts, seen as Latin-1."""
    return {c: 0xB5 + letter % 40 if letter > 0xBF else letter for c, letter in known.items()}


NUMBERS = (*LINES, "Số 68/2026, ngày 16/8/2026, mã 686 868 126", "Điện thoại 0968 866 680")


@pytest.mark.parametrize(
    "change", [shifted, swapped("n", "h"), swapped("6", "8"), missing, legacy],
    ids=["shifted", "two letters", "two figures", "none", "legacy"],
)  # fmt: skip
def test_a_layer_that_says_something_else_is_not_believed(
    tmp_path: Path, change: Callable[[dict[int, int]], dict[int, int]]
) -> None:
    path = digital_pdf(tmp_path / "a.pdf", NUMBERS)
    wrong = remapped(path, tmp_path / "b.pdf", change)
    reading = read_page(wrong, 1, OPTIONS)
    assert reading.kind is PageKind.scan
    assert character_error(said(reading), " ".join(NUMBERS)) < 0.02
    text, _ = archived(wrong, reading)
    assert fuzz.ratio(text, " ".join(NUMBERS)) > 95


@pytest.mark.parametrize("size", [5.5, 7, 9, 13, 28])
def test_true_text_of_any_size_is_believed(tmp_path: Path, size: float) -> None:
    texts = ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do", "0123456789", "Ở, Ỹ; ỗ ổ")

    def draw(pdf: FPDF) -> None:
        for row, text in enumerate(texts):
            pdf.text(40, 100 + row * 2 * size, text)

    reading = read_page(drawn(tmp_path / "a.pdf", draw, size), 1, OPTIONS)
    assert reading.kind is PageKind.digital
    assert said(reading) == " ".join(texts)


def test_true_text_that_lies_on_its_side_is_believed(tmp_path: Path) -> None:
    def draw(pdf: FPDF) -> None:
        for row, angle in enumerate((0, 90, 180, 270)):
            with pdf.rotation(angle, 300, 200 + 150 * row):
                pdf.text(240, 200 + 150 * row, KNOWN[:20])

    reading = read_page(drawn(tmp_path / "a.pdf", draw), 1, OPTIONS)
    assert reading.kind is PageKind.digital
    assert said(reading).count("Dòng") == 4


def header(path: Path, text: bytes, picture: Image.Image | None = None) -> Path:
    """A whole scan with a line of Helvetica over it."""
    line = b"BT /F1 11 Tf 40 815 Td (" + text + b") Tj ET"
    return scan_pdf(path, picture or draw_page().image, 200, extra=line)


def test_a_header_over_a_scan_stands_beside_what_the_scan_says(tmp_path: Path) -> None:
    path = header(tmp_path / "a.pdf", b"BATES 004512")
    reading = read_page(path, 1, OPTIONS)
    assert reading.kind is PageKind.mixed
    assert {"BATES", "004512"} <= {word.text for word in reading.words}
    assert character_error(said(reading), " ".join(LINES) + " BATES 004512") < 0.03
    with open_pages.open_page(path, 1) as page:
        made = pdfpages.makeup(page, OPTIONS)
        rest = believed(page, made, OPTIONS).rest
    assert rest is not None
    assert rest.grey.shape == draw_page().image.size[::-1]  # the scan's own pixels


def test_a_layer_that_is_seen_over_its_own_scan_is_not_doubled(tmp_path: Path) -> None:
    page = draw_page(lines=(KNOWN,))

    def draw(pdf: FPDF) -> None:
        pdf.image(page.image, 0, 0, 595.28, 841.89)
        x0, _, _, y1 = page.lines[0][1]
        pdf.text(x0, y1 - 2, KNOWN)

    reading = read_page(drawn(tmp_path / "a.pdf", draw), 1, OPTIONS)
    assert said(reading).split() == KNOWN.split()


def test_a_scan_upside_down_under_a_typed_line_is_set_upright(tmp_path: Path) -> None:
    picture = draw_page().image.transpose(Image.Transpose.ROTATE_180)
    reading = read_page(header(tmp_path / "a.pdf", b"DEN 12/5/2026", picture), 1, OPTIONS)
    assert reading.rotation == 180
    assert character_error(said(reading), " ".join(LINES)) < 0.12


def test_a_small_picture_on_its_side_does_not_turn_the_page(tmp_path: Path) -> None:
    page = draw_page(lines=LINES[:4], dpi=150).image.crop((0, 100, 1240, 480))

    def draw(pdf: FPDF) -> None:
        for row in range(12):
            pdf.text(60, 80 + row * 20, f"{KNOWN} {row}")
        pdf.image(page.transpose(Image.Transpose.ROTATE_90), 100, 350, 140, 450)

    reading = read_page(drawn(tmp_path / "a.pdf", draw), 1, OPTIONS)
    assert reading.rotation == 0
    assert fuzz.partial_ratio(LINES[3], said(reading)) > 80


def test_a_logo_costs_the_page_nothing_of_its_kind(tmp_path: Path) -> None:
    logo = Image.new("RGB", (200, 200), "white")
    ImageDraw.Draw(logo).ellipse(
        (20, 20, 180, 180), fill=(200, 30, 30), outline=(90, 0, 0), width=9
    )

    def draw(pdf: FPDF) -> None:
        pdf.image(logo, 40, 40, 60, 60)
        for row in range(8):
            pdf.text(60, 180 + row * 20, f"{KNOWN} {row}")

    reading = read_page(drawn(tmp_path / "a.pdf", draw), 1, OPTIONS)
    assert reading.kind is PageKind.digital
    assert said(reading) == " ".join(f"{KNOWN} {row}" for row in range(8))
    assert not reading.warnings


def test_a_line_in_a_picture_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    page = draw_page(lines=LINES[:4], dpi=150).image.crop((0, 100, 1240, 380))
    photograph = page.transpose(Image.Transpose.FLIP_LEFT_RIGHT)

    def draw(pdf: FPDF) -> None:
        pdf.text(60, 80, f"{KNOWN}, và ảnh chụp kèm theo")
        pdf.image(photograph, 60, 120, 430, 97)

    reading = read_page(drawn(tmp_path / "a.pdf", draw), 1, OPTIONS)
    assert "reading.ink_unread" in reading.warnings


def test_a_faint_note_on_a_scan_under_a_typed_line_is_said(tmp_path: Path) -> None:
    sheet = Image.new("L", (1654, 2339), 245)
    ImageDraw.Draw(sheet).line([(400, 900), (520, 1000), (600, 850), (760, 1010)], 222, 5)
    reading = read_page(header(tmp_path / "a.pdf", b"DEN 12/5/2026", sheet), 1, OPTIONS)
    assert "reading.ink_unread" in reading.warnings


def test_a_table_drawn_with_rules_is_no_picture(tmp_path: Path) -> None:
    def draw(pdf: FPDF) -> None:
        for row in range(9):
            pdf.rect(60, 100 + row * 24, 460, 24)
            pdf.text(70, 117 + row * 24, f"{KNOWN} {row}")

    path = drawn(tmp_path / "a.pdf", draw)
    with open_pages.open_page(path, 1) as page:
        made = pdfpages.makeup(page, OPTIONS)
        assert believed(page, made, OPTIONS).rest is None  # nothing is sent to the engine


def test_a_picture_that_cannot_be_decoded_beside_text_calls_a_person(tmp_path: Path) -> None:
    def draw(pdf: FPDF) -> None:
        pdf.text(60, 100, KNOWN)
        pdf.image(Image.fromarray(np.full((90, 90, 3), 99, np.uint8)), 60, 200, 200, 200)

    path = drawn(tmp_path / "a.pdf", draw)
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        (picture,) = pdf.pages[0].Resources.XObject.values()
        picture.write(b"no jpeg", filter=pikepdf.Name.DCTDecode)
        pdf.save(path)
    reading = read_page(path, 1, OPTIONS)
    assert said(reading) == KNOWN
    assert PART_UNREAD in reading.warnings


def test_a_page_of_an_inline_picture_and_a_caption(tmp_path: Path) -> None:
    picture = draw_page(lines=(LINES[3],), dpi=150).image.crop((100, 150, 1100, 260)).convert("1")
    data = picture.tobytes()

    def draw(pdf: FPDF) -> None:
        pdf.text(60, 100, KNOWN)

    path = drawn(tmp_path / "a.pdf", draw)
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        head = f"q 480 0 0 53 60 500 cm BI /W {picture.width} /H {picture.height} /BPC 1 /CS /G ID "
        pdf.pages[0].contents_add(pdf.make_stream(head.encode("ascii") + data + b"\nEI Q"))
        pdf.save(path)
    assert fuzz.partial_ratio(LINES[3], said(read_page(path, 1, OPTIONS))) > 90


def test_ways_of_other_programs(tmp_path: Path) -> None:
    """Every kind of the bench once: all that is seen is read and kept, what is hidden is not."""
    for file in draw_composed(tmp_path, len(KINDS), seed=7):
        reading = read_page(file.path, 1, OPTIONS)
        assert not file.missing(said(reading)), file.kinds
        text, _ = archived(file.path, reading)
        assert not file.leaked(f"{said(reading)} {text}"), file.kinds


def test_a_scan_that_lies_in_a_stamp_is_a_page(tmp_path: Path) -> None:
    page = draw_page()
    inside = scan_pdf(tmp_path / "a.pdf", page.image)
    with pikepdf.open(inside) as scan, pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(595.28, 841.89))
        form = pdf.copy_foreign(scan.pages[0].as_form_xobject())
        note = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Stamp, F=4,
            Rect=pikepdf.Array([0, 0, 595.28, 841.89]), AP=pikepdf.Dictionary(N=form),
        )  # fmt: skip
        pdf.pages[0].obj.Annots = pikepdf.Array([note])
        buffer = io.BytesIO()
        pdf.save(buffer)
    path = tmp_path / "b.pdf"
    path.write_bytes(buffer.getvalue())
    reading = read_page(path, 1, OPTIONS)
    assert not reading.blank
    assert character_error(said(reading), page.text) < 0.03
