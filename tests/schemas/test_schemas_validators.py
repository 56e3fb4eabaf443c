"""Rules on single values: the vectors of the laws, and properties."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.validators import (
    is_civil_status_number,
    is_cmnd,
    is_doc_number,
    is_legislation_number,
    is_mobile,
    is_passport,
    is_tax_code,
    mrz_check_digit,
    normal_phone,
    number_parts,
    parse_card_qr,
    parse_date,
    parse_iso,
    parse_mrz,
    personal_number,
    provinces,
    tax_check_digit,
    type_abbreviation,
)

TODAY = date(2026, 11, 23)
MRZ = (
    "IDVNM0900000018048090000001<<8",
    "9001011M3001019VNM<<<<<<<<<<<2",
    "NGUYEN<<VAN<AN<<<<<<<<<<<<<<<<",
)
DAYS = st.dates(date(1900, 1, 1), date(2099, 12, 31))
DIGITS = "0123456789"


@pytest.mark.parametrize("code", ["0400123454", "0400000011", "0100109096", "0400999883"])
def test_tax_codes_of_the_vectors(code: str) -> None:
    assert is_tax_code(code)
    assert is_tax_code(f"{code}-001")
    assert is_tax_code(f"{code}999")
    assert not is_tax_code(f"{code}-000")


def test_a_tax_code_whose_check_digit_would_be_ten_does_not_exist() -> None:
    assert tax_check_digit("030112233") is None
    assert not any(is_tax_code(f"030112233{digit}") for digit in DIGITS)


@given(st.text(DIGITS, min_size=9, max_size=9))
def test_one_check_digit_at_most_fits(nine: str) -> None:
    fitting = [digit for digit in DIGITS if is_tax_code(nine + digit)]
    assert len(fitting) == (0 if tax_check_digit(nine) is None else 1)


@given(st.sampled_from(["0400123454", "0100109096"]), st.integers(0, 9), st.sampled_from(DIGITS))
def test_a_changed_figure_never_leaves_a_tax_code_valid(code: str, at: int, digit: str) -> None:
    changed = code[:at] + digit + code[at + 1 :]
    assert is_tax_code(changed) == (changed == code)


@given(st.text(max_size=16))
def test_the_rules_take_any_text(text: str) -> None:
    for rule in (
        is_tax_code,
        is_cmnd,
        is_passport,
        is_doc_number,
        is_legislation_number,
        is_civil_status_number,
        is_mobile,
    ):
        assert rule(text) in (True, False)
    assert parse_date(text) is None or parse_date(text)
    assert personal_number(text) is None or len(text) == 12
    assert normal_phone(text) is None or len(normal_phone(text) or "") in {10, 11}


def test_province_codes_are_the_63() -> None:
    assert len(provinces()) == 63
    assert provinces()["048"] == "Đà Nẵng"
    assert provinces()["096"] == "Cà Mau"


@given(DAYS, st.sampled_from(["Nam", "Nữ"]), st.integers(0, 999_999))
def test_a_personal_number_says_century_year_and_sex(born: date, sex: str, serial: int) -> None:
    century = 2 * (born.year // 100 - 19) + (sex == "Nữ")
    parsed = personal_number(f"048{century}{born.year % 100:02d}{serial:06d}")
    assert parsed is not None
    assert (parsed.sex, parsed.birth_year, parsed.province) == (sex, born.year, "Đà Nẵng")
    assert parsed.agrees(born, sex)
    assert not parsed.agrees(born, "Nam" if sex == "Nữ" else "Nữ")
    assert not parsed.agrees(born.replace(day=1, year=born.year + 1), sex)


def test_a_birth_abroad_has_no_province_and_is_still_a_number() -> None:
    parsed = personal_number("123090000001")
    assert parsed is not None
    assert parsed.province is None


@pytest.mark.parametrize("text", ["04809000000", "0480900000011", "04809000000A", "٠٤٨٠٩٠٠٠٠٠٠١"])
def test_what_is_no_personal_number(text: str) -> None:
    assert personal_number(text) is None


def test_the_mrz_vector_is_read() -> None:
    card = parse_mrz(MRZ, TODAY)
    assert card is not None
    assert card.personal_id == "048090000001"
    assert (card.dob, card.sex, card.expires) == (date(1990, 1, 1), "Nam", date(2030, 1, 1))
    assert card.name == "NGUYEN VAN AN"


@given(st.integers(0, 1), st.integers(0, 29), st.sampled_from("0123456789ABCDEFGHIKLMNPQRSTUVXY<"))
def test_one_changed_character_of_the_figures_is_never_accepted(
    line: int, at: int, character: str
) -> None:
    lines = list(MRZ)
    lines[line] = lines[line][:at] + character + lines[line][at + 1 :]
    if tuple(lines) != MRZ and (line, at) not in {(1, 7)}:
        changed = parse_mrz(lines, TODAY)
        # weights 7, 3, 1 cannot see a letter that counts ten more; the digits that matter are
        # held twice or checked against each other
        assert changed is None or changed.personal_id == "048090000001"


def test_a_card_without_expiry() -> None:
    two = "9001011M991231"
    two += str(mrz_check_digit("991231")) + "VNM<<<<<<<<<<<"
    composite = MRZ[0][5:30] + two[0:7] + two[8:15] + two[18:29]
    card = parse_mrz((MRZ[0], two + str(mrz_check_digit(composite)), MRZ[2]), TODAY)
    assert card is not None
    assert card.expires is None


def test_mrz_refuses_other_characters() -> None:
    with pytest.raises(ValueError, match="machine-readable"):
        mrz_check_digit("abc")


def test_the_qr_of_the_2021_card() -> None:
    card = parse_card_qr("048090000001||Nguyễn Văn An|01011990|Nam|Số 1, Ví Dụ|05062021")
    assert card is not None
    assert (card.personal_id, card.old_number, card.dob) == (
        "048090000001",
        None,
        date(1990, 1, 1),
    )
    assert card.issued == date(2021, 6, 5)


def test_the_qr_of_later_cards_keeps_what_it_does_not_know() -> None:
    text = "048190000002|201234567|Lê Thị Ví|31121990|Nữ|Số 2|05062025|x|Lê Văn Dụ|Võ Thị Thử"
    card = parse_card_qr(text)
    assert card is not None
    assert card.old_number == "201234567"
    assert card.rest == ("x", "Lê Văn Dụ", "Võ Thị Thử")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "048090000001|1|Nguyễn Văn An|01011990|Nam|x|05062021",
        "04809000000||Nguyễn Văn An|01011990|Nam|x|05062021",
        "048090000001||Nguyễn Văn An|31021990|Nam|x|05062021",
        "048090000001||Nguyễn Văn An|01011990|nam nữ|x|05062021",
    ],
)
def test_qr_codes_that_are_no_card(text: str) -> None:
    assert parse_card_qr(text) is None


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("0236 3 000 000", "02363000000"),
        ("0905123456", "0905123456"),
        ("+84 905 123 456", "0905123456"),
        ("0236.3822.110", "02363822110"),
        ("0236 382 2110", "02363822110"),
        ("905123456", None),
        ("0123456789012", None),
    ],
)
def test_phones(text: str, phone: str | None) -> None:
    assert normal_phone(text) == phone


def test_mobile_prefixes() -> None:
    prefixes = "032 039 086 096 098 081 085 088 091 094 070 076 079 089 090 093 052 056 058 092"
    assert all(is_mobile(f"{p}1234567") for p in [*prefixes.split(), "059", "099"])
    assert not any(is_mobile(f"{p}1234567") for p in ("031", "071", "087", "095", "051", "023"))


@given(DAYS)
def test_dates_come_back_from_figures_and_words(day: date) -> None:
    assert parse_date(f"{day:%d/%m/%Y}") == day
    assert parse_date(f"{day.day}-{day.month}-{day.year}") == day
    assert parse_date(f"Đà Nẵng, ngày {day.day:02d} tháng {day.month} năm {day.year}") == day
    assert parse_iso(day.isoformat()) == day


@pytest.mark.parametrize(
    "text",
    ["31/02/2024", "29/02/2023", "00/01/2020", "1/13/2020", "12/2020", "2020", "01/01/20201",
     "ngày 05 tháng 3", "١/١/٢٠٢٠"],
)  # fmt: skip
def test_what_is_no_date(text: str) -> None:
    assert parse_date(text) is None


def test_leap_days() -> None:
    assert parse_date("29/02/2024") == date(2024, 2, 29)
    assert parse_date("29/02/2024") != date(2024, 2, 28) + timedelta(days=2)


@pytest.mark.parametrize("number", ["15/QĐ-BNV", "05/BNV-VP", "12/UBND-VX", "299/UBND-TTHC",
                                    "01/TTr-UBND", "660/TB-UBND"])  # fmt: skip
def test_administrative_numbers(number: str) -> None:
    assert is_doc_number(number)
    assert not is_legislation_number(number)


@pytest.mark.parametrize(
    ("number", "rule"),
    [
        ("30/2020/NĐ-CP", is_legislation_number),
        ("20/2020/QĐ-TTg", is_legislation_number),
        ("66/2023/TT-BCA", is_legislation_number),
        ("470/2025/TLKT-BS", is_civil_status_number),
        ("470/TLKT", is_civil_status_number),
    ],
)
def test_other_numbers(number: str, rule: object) -> None:
    assert callable(rule)
    assert rule(number)


@pytest.mark.parametrize("number", ["5/QĐ-UBND", "/QĐ-UBND", "15/QĐ", "15/qđ-ubnd", "15 /QĐ-UBND"])
def test_numbers_the_grammar_refuses(number: str) -> None:
    assert not is_doc_number(number)


def test_numbers_come_apart() -> None:
    assert number_parts("15/QĐ-UBND") == ("15", "QĐ-UBND")
    assert number_parts("15/2024/QĐ-UBND") == ("15/2024", "QĐ-UBND")
    assert number_parts("QĐ-UBND") is None
    assert type_abbreviation("QĐ-UBND") == "QĐ"
    assert type_abbreviation("UBND-VX") is None


def test_older_papers() -> None:
    assert is_cmnd("201234567")
    assert not is_cmnd("20123456")
    assert is_passport("B1234567")
    assert not is_passport("1234567")
