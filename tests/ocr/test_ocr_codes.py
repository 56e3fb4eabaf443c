"""QR codes and machine-readable zones, drawn here; every person is invented."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from ocr import extract, read_page
from ocr.codes import card_of, mrz_of, read_codes
from ocr.options import ReadingOptions
from schemas.field import Field, FieldStatus
from schemas.validators import mrz_check_digit
from sohoa.sheet import Sheet

CARD = "048090000001||Nguyễn Văn Thử|01011990|Nam|Số 12 Thử Nghiệm, Ví Dụ, Đà Nẵng|05032021"
MRZ = (
    "IDVNM0900000018048090000001<<8",
    "9001011M3001019VNM<<<<<<<<<<<2",
    "NGUYEN<<VAN<AN<<<<<<<<<<<<<<<<",
)


def qr(text: str, scale: int = 6) -> Image.Image:
    made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode)
    return Image.fromarray(np.asarray(made.to_image(scale=scale)))


def page(text: str, turned: float = 0.0) -> np.ndarray:
    sheet = Image.new("L", (1240, 1754), 245)
    sheet.paste(qr(text), (700, 300))
    return np.asarray(sheet.rotate(turned, fillcolor=245))


@pytest.mark.parametrize("turned", [0.0, 3.0, 90.0, 180.0])
def test_a_card_s_code_is_read_however_it_lies(turned: float) -> None:
    codes = read_codes(page(CARD, turned), 150)
    card = card_of(codes)
    assert card is not None
    assert (card.personal_id, card.full_name, card.dob) == (
        "048090000001", "Nguyễn Văn Thử", date(1990, 1, 1),
    )  # fmt: skip
    if not turned:
        assert codes[0].box[0] == pytest.approx(700 * 72 / 150, abs=16)


def test_paper_without_a_code_has_none() -> None:
    assert read_codes(np.full((800, 600), 250, np.uint8), 150) == ()
    assert card_of(read_codes(page("https://example.vn/tra-cuu"), 150)) is None


def test_a_zone_is_read() -> None:
    found = mrz_of(["CĂN CƯỚC", *MRZ])
    assert found is not None
    assert (found.personal_id, found.sex, found.name) == ("048090000001", "Nam", "NGUYEN VAN AN")
    assert found.expires == date(2030, 1, 1)


def test_letters_that_look_like_figures_are_figures() -> None:
    worn = [MRZ[0].replace("0", "O", 2), MRZ[1].replace("1", "I", 1), MRZ[2][:-4]]
    found = mrz_of(worn)
    assert found is not None
    assert found.personal_id == "048090000001"


@given(st.integers(0, 89), st.characters(whitelist_categories=("Lu", "Nd"), max_codepoint=90))
def test_one_wrong_character_is_never_another_person(place: int, letter: str) -> None:
    row, column = divmod(place, 30)
    lines = list(MRZ)
    lines[row] = lines[row][:column] + letter + lines[row][column + 1 :]
    found = mrz_of(lines)
    assert found is None or row == 2 or found.personal_id == "048090000001"


@given(st.lists(st.text(max_size=40), max_size=6))
def test_anything_may_stand_on_a_page(lines: list[str]) -> None:
    mrz_of(lines)


def test_check_digits_of_the_vector() -> None:
    assert mrz_check_digit(MRZ[0][5:14]) == 8


def test_the_code_beats_print_and_says_where_they_differ(tmp_path: Path) -> None:
    sheet = Sheet((595.28, 841.89), 200)
    sheet.text(180, 110, "CĂN CƯỚC CÔNG DÂN", 15, "Bold")
    sheet.text(180, 128, "Citizen Identity Card", 11)
    sheet.text(180, 160, "Số / No.: 048090000001", 13, "Bold")
    sheet.text(180, 190, "Họ và tên / Full name:", 11)
    sheet.text(180, 210, "NGUYỄN VĂN THỬ", 13, "Bold")
    sheet.text(180, 235, "Ngày sinh / Date of birth: 02/01/1990", 11)
    sheet.text(180, 255, "Giới tính / Sex: Nam", 11)
    sheet.text(300, 255, "Quốc tịch / Nationality: Việt Nam", 11)
    sheet.image.paste(qr(CARD, 4), (1250, 200))
    path = tmp_path / "card.png"
    sheet.image.save(path, dpi=(200, 200))
    options = ReadingOptions()
    found = extract(path, [read_page(path, 1, options)], (), options)
    assert (found.document_type, found.form_version) == ("can_cuoc", "2021")
    fields = {k: v for k, v in found.fields.items() if isinstance(v, Field)}
    assert fields["full_name"].value == "Nguyễn Văn Thử"
    assert fields["dob"].value == "1990-01-01"
    assert fields["issued"].value == "2021-03-05"
    assert fields["nationality"].value == "Việt Nam"
    assert fields["personal_id"].status is FieldStatus.accepted
    failed = {name: [c.name for c in one.checks if not c.passed] for name, one in fields.items()}
    assert "print_agrees" in failed["dob"]
    assert "print_agrees" not in failed["full_name"]
