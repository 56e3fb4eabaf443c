"""Reading drawn pages: the words, where they stand, which way up, and what is not to be read."""

from pathlib import Path

import numpy as np
import pikepdf
import pytest
from drawn_pages import (
    LINES,
    character_error,
    digital_pdf,
    draw_page,
    rotate_point,
    saved,
    scan_pdf,
    skewed,
    stamp,
)
from PIL import Image

from ocr import ReaderName, ReadingOptions, annotations, page_image, read_page
from ocr.recognition.reader import parse_tsv
from schemas.errors import InputRejected, MissingDependency
from schemas.page import PageKind, PageReading

OPTIONS = ReadingOptions()


def text(reading: PageReading) -> str:
    return " ".join(word.text for word in reading.words)


def assert_in_place(reading: PageReading, truth: str, box: tuple[float, ...], slack: float) -> None:
    """The line ``truth`` was read, and its words lie within ``box``."""
    words = truth.split()
    texts = [word.text for word in reading.words]
    for start in range(len(texts) - len(words) + 1):
        if texts[start : start + len(words)] == words:
            found = [word.box for word in reading.words[start : start + len(words)]]
            assert min(b[0] for b in found) == pytest.approx(box[0], abs=slack)
            assert max(b[2] for b in found) == pytest.approx(box[2], abs=slack)
            assert min(b[1] for b in found) == pytest.approx(box[1], abs=slack)
            assert max(b[3] for b in found) == pytest.approx(box[3], abs=slack)
            assert len({word.line for word in reading.words[start : start + len(words)]}) == 1
            return
    raise AssertionError("the line was not read whole")


@pytest.mark.parametrize("dpi", [150, 300])
def test_an_upright_page(tmp_path: Path, dpi: int) -> None:
    page = draw_page(dpi=dpi)
    reading = read_page(saved(page.image, tmp_path / "a.png", dpi), 1, OPTIONS)
    assert character_error(text(reading), page.text) < 0.01
    assert reading.rotation == 0
    assert abs(reading.skew) < 0.12
    assert reading.kind is PageKind.scan
    assert not reading.blank
    assert reading.dpi == pytest.approx(dpi, abs=1)
    assert (reading.width, reading.height) == pytest.approx((595.3, 841.9), abs=1)
    assert reading.confidence > 0.85
    for line, box in (page.lines[4], page.lines[8]):
        assert_in_place(reading, line, box, slack=2.0)
    assert [word.line for word in reading.words] == sorted(word.line for word in reading.words)


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_a_turned_page_is_set_upright(tmp_path: Path, rotation: int) -> None:
    page = draw_page()
    turned = page.image.rotate(rotation, expand=True)  # counter-clockwise: ours is the way back
    reading = read_page(saved(turned, tmp_path / "a.jpg", quality=90), 1, OPTIONS)
    assert reading.rotation == rotation
    assert character_error(text(reading), page.text) < 0.015
    assert (reading.width, reading.height) == pytest.approx((595.3, 841.9), abs=1)
    assert_in_place(reading, *page.lines[6], slack=2.5)


def test_words_of_a_crooked_page_stand_where_they_are_seen(tmp_path: Path) -> None:
    page, angle = draw_page(), 3.0
    path = saved(skewed(page.image, angle), tmp_path / "a.png")
    reading = read_page(path, 1, OPTIONS)
    assert reading.skew == pytest.approx(angle, abs=0.15)
    assert character_error(text(reading), page.text) < 0.015
    line, (x0, y0, _, y1) = page.lines[4]
    first = next(word for word in reading.words if word.text == line.split()[0])
    left = rotate_point(x0, (y0 + y1) / 2, angle, reading.width, reading.height)
    assert first.box[0] == pytest.approx(left[0], abs=3)
    assert (first.box[1] + first.box[3]) / 2 == pytest.approx(left[1], abs=3)


def test_one_bit_pages(tmp_path: Path) -> None:
    page = draw_page()
    path = tmp_path / "a.tif"
    second = draw_page(LINES[::-1])
    page.image.convert("1", dither=Image.Dither.NONE).save(
        path,
        save_all=True,
        append_images=[second.image.convert("1", dither=Image.Dither.NONE)],
        dpi=(200, 200),
        compression="group4",
    )
    assert character_error(text(read_page(path, 1, OPTIONS)), page.text) < 0.02
    assert character_error(text(read_page(path, 2, OPTIONS)), second.text) < 0.02


def test_a_blank_page_is_kept_and_said(tmp_path: Path) -> None:
    path = saved(Image.new("L", (1654, 2339), 245), tmp_path / "a.png")
    reading = read_page(path, 1, OPTIONS)
    assert reading.blank
    assert reading.words == ()
    assert reading.warnings == ("reading.page_blank",)


def test_what_a_camera_turned_is_upright(tmp_path: Path) -> None:
    page = draw_page()
    exif = Image.Exif()
    exif[0x0112] = 6
    path = tmp_path / "a.jpg"
    page.image.rotate(90, expand=True).save(path, exif=exif, quality=90, dpi=(200, 200))
    reading = read_page(path, 1, OPTIONS)
    assert reading.rotation == 0
    assert character_error(text(reading), page.text) < 0.015


def test_a_picture_without_resolution_is_taken_for_a4(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    draw_page(dpi=150).image.save(path)
    reading = read_page(path, 1, OPTIONS)
    assert reading.height == pytest.approx(841.9, abs=1)
    assert reading.dpi == pytest.approx(150, abs=1)


def test_born_digital_pages_are_not_guessed(tmp_path: Path) -> None:
    reading = read_page(digital_pdf(tmp_path / "a.pdf"), 1, OPTIONS)
    assert reading.kind is PageKind.digital
    assert text(reading) == " ".join(LINES)
    assert reading.dpi == 0
    assert reading.confidence == 1
    assert reading.words[0].box[0] == pytest.approx(70, abs=1)
    assert reading.words[0].box[1] < 90 < reading.words[0].box[3] + 1
    assert reading.words[-1].line == len(LINES) - 1


def test_a_hidden_layer_of_another_program_is_not_believed(tmp_path: Path) -> None:
    page = draw_page()
    path = scan_pdf(tmp_path / "a.pdf", page.image, hidden="UY BAN NHAN DAN XA HOA BINH")
    reading = read_page(path, 1, OPTIONS)
    assert reading.kind is PageKind.scan
    assert character_error(text(reading), page.text) < 0.01


@pytest.mark.parametrize("rotate", [90, 180, 270])
def test_a_pages_own_rotation_is_part_of_how_it_is_seen(tmp_path: Path, rotate: int) -> None:
    page = draw_page()
    path = scan_pdf(tmp_path / "a.pdf", page.image.rotate(rotate, expand=True), rotate=rotate)
    reading = read_page(path, 1, OPTIONS)
    assert reading.rotation == 0
    assert character_error(text(reading), page.text) < 0.01
    assert_in_place(reading, *page.lines[6], slack=2.5)


def test_legacy_fonts_are_read_by_their_looks(tmp_path: Path) -> None:
    """Text in a TCVN3 font: letters on the page, signs in the text layer."""
    path = digital_pdf(tmp_path / "a.pdf", ("Uû ban nh©n d©n tØnh th«ng b¸o",) * 5)
    reading = read_page(path, 1, OPTIONS)
    assert reading.kind is PageKind.scan
    assert reading.confidence < 1


def test_a_scan_with_printed_text_on_it_gives_both(tmp_path: Path) -> None:
    page = draw_page()
    scanned = scan_pdf(
        tmp_path / "a.pdf",
        page.image,
        extra=b"BT 0 Tr /F1 11 Tf 320 60 Td (CV DEN 1234 ngay 05/11/2025) Tj ET\n",
    )
    reading = read_page(scanned, 1, OPTIONS)
    assert reading.kind is PageKind.mixed
    sure = [word.text for word in reading.words if word.confidence == 1]
    assert sure == ["CV", "DEN", "1234", "ngay", "05/11/2025"]
    assert [word.text for word in reading.words].count("1234") == 1
    rest = " ".join(word.text for word in reading.words if word.confidence < 1)
    assert character_error(rest, page.text) < 0.01


def test_stamps_are_read_from_their_annotations(tmp_path: Path) -> None:
    page = draw_page()
    source = scan_pdf(tmp_path / "a.pdf", page.image)
    path = stamp(source, tmp_path / "b.pdf", ("Ký bởi: Đơn vị mẫu", "Ngày ký: 05/11/2025"))
    (found,) = annotations(path)
    assert found.page == 1
    assert found.text == "Ký bởi: Đơn vị mẫu\nNgày ký: 05/11/2025"
    x0, y0, x1, y1 = found.box
    assert 300 <= x0 < x1 <= 500
    height = 841.89
    assert height - 180 <= y0 < y1 <= height - 120
    reading = read_page(path, 1, OPTIONS)
    assert text(reading).endswith("Ký bởi: Đơn vị mẫu Ngày ký: 05/11/2025")
    assert annotations(source) == ()
    assert annotations(saved(page.image, tmp_path / "a.png")) == ()


def test_hidden_annotations_show_nothing(tmp_path: Path) -> None:
    source = scan_pdf(tmp_path / "a.pdf", draw_page(dpi=100).image)
    path = stamp(source, tmp_path / "b.pdf", ("Không thấy",))
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        pdf.pages[0].obj.Annots[0].F = 2
        pdf.save(path)
    assert annotations(path) == ()


def test_page_image(tmp_path: Path) -> None:
    page = draw_page(dpi=300)
    path = scan_pdf(tmp_path / "a.pdf", page.image.rotate(90, expand=True), dpi=300)
    image = page_image(path, 1, 90, 150)
    assert image.dtype == np.uint8
    assert image.shape == pytest.approx((1754, 1240), abs=2)
    expected = np.asarray(page.image.resize(image.shape[::-1], Image.Resampling.BOX), np.int16)
    assert float(np.abs(image.astype(np.int16) - expected).mean()) < 4


def test_both_engines_give_the_same_kind_of_words(tmp_path: Path) -> None:
    path = saved(draw_page().image, tmp_path / "a.png")
    inside = read_page(path, 1, OPTIONS)
    outside = read_page(path, 1, ReadingOptions(reader=ReaderName.pytesseract))
    assert character_error(text(outside), text(inside)) < 0.02
    for one, other in zip(inside.words[:4], outside.words[:4], strict=True):
        assert one.box == pytest.approx(other.box, abs=2)


def test_missing_language_data_is_said() -> None:
    with pytest.raises(MissingDependency) as caught:
        ReadingOptions(language="zzz").tessdata_folder()
    assert caught.value.code == "reading.no_language_data"


def test_a_picture_too_large_inside_a_pdf(tmp_path: Path) -> None:
    path = scan_pdf(tmp_path / "a.pdf", draw_page(dpi=100).image)
    with pytest.raises(InputRejected) as caught:
        read_page(path, 1, ReadingOptions(max_pixels=100_000))
    assert caught.value.code == "reading.too_many_pixels"


def test_a_picture_that_does_not_decode(tmp_path: Path) -> None:
    path = saved(draw_page(dpi=100).image, tmp_path / "a.png")
    data = bytearray(path.read_bytes())
    at = data.index(b"IDAT") + 40
    data[at : at + 400] = bytes(400)
    path.write_bytes(data)
    with pytest.raises(InputRejected) as caught:
        read_page(path, 1, OPTIONS)
    assert caught.value.code == "reading.broken"


def test_tsv_lines_follow_reading_order() -> None:
    tsv = (
        "level\tpage_num\tblock\tpar\tline\tword\tleft\ttop\twidth\theight\tconf\ttext\n"
        "5\t1\t1\t1\t1\t1\t10\t20\t30\t12\t96.5\tHồ\n"
        "5\t1\t1\t1\t1\t2\t50\t20\t20\t12\t91\tsơ\n"
        "4\t1\t1\t1\t2\t0\t0\t0\t0\t0\t-1\t\n"
        "5\t1\t2\t1\t1\t1\t10\t60\t30\t12\t-1\t  \n"
        '5\t1\t2\t1\t1\t2\t10\t60\t30\t12\t40\t"số\x0b\n'
    )
    words = parse_tsv(tsv)
    assert [(word.text, word.line) for word in words] == [("Hồ", 0), ("sơ", 0), ('"số', 1)]
    assert words[0].box == (10, 20, 40, 32)
    assert words[0].confidence == pytest.approx(0.965)
