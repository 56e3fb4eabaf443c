"""Vietnamese text: folding, names, syllables, checks by kind."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.validators import (
    FieldType,
    check_names,
    checks_of,
    folded,
    is_capitalised_name,
    is_email,
    is_name,
    is_syllable,
    is_usual_name,
    normalised,
    parse_sex,
    plain,
    same_tones,
)

SYLLABLES = "nghiêng ghế kẻ quốc quý giang gì Huỳnh Thủy thuỷ Yên ước Tỵ đường ạ ương khuya"
NO_SYLLABLES = "ngê ka ghà quôc trìnb Đat Nguvễn Vềviệc hỹỹ b"


@given(st.text(max_size=40))
def test_folding_is_nfc_and_idempotent(text: str) -> None:
    once = folded(text)
    assert once == folded(once) == unicodedata.normalize("NFC", once)
    assert "  " not in once


@given(st.text(max_size=40))
def test_plain_text_has_no_accents(text: str) -> None:
    assert not any(unicodedata.combining(c) for c in plain(text))


def test_plain_maps_the_letter_that_does_not_decompose() -> None:
    assert plain("Đường Ông Ích Khiêm") == "duong ong ich khiem"


@pytest.mark.parametrize("name", ["Nguyễn Thị Ánh", "H'Hen Niê", "Y Êê", "Lê"])
def test_names(name: str) -> None:
    assert is_name(name)


@pytest.mark.parametrize("name", ["", "Nguyễn  An", " An", "Nguyễn An 2", "An.", "An\nBình"])
def test_what_is_no_name(name: str) -> None:
    assert not is_name(name)


def test_names_decomposed_are_not_normal() -> None:
    assert not is_name(unicodedata.normalize("NFD", "Nguyễn Ánh"))


def test_capitals_of_names() -> None:
    assert is_capitalised_name("Nguyễn Văn An")
    assert is_capitalised_name("NGUYỄN VĂN AN")
    assert not is_capitalised_name("rần Phước Hiền")
    assert not is_capitalised_name("XNếuYên Hoàng Giang")
    assert not is_capitalised_name("An")


def test_usual_names() -> None:
    assert is_usual_name("Nguyễn Thị Bình")
    assert is_usual_name("TRẦN VĂN AN")
    assert not is_usual_name("Hai Hỹ Vân")
    assert not is_usual_name("Đăng Hữu Hùng")


@pytest.mark.parametrize(
    "word",
    [
        "nghiêng",
        "ghế",
        "kẻ",
        "quốc",
        "quý",
        "giang",
        "gì",
        "Huỳnh",
        "Thủy",
        "thuỷ",
        "Yên",
        "ước",
        "Tỵ",
        "đường",
        "ạ",
        "ương",
        "khuya",
    ],
)
def test_syllables(word: str) -> None:
    assert is_syllable(word)


@pytest.mark.parametrize(
    "word", ["ngê", "ka", "ghà", "quôc", "trìnb", "Đat", "Nguvễn", "Vềviệc", "hỹỹ", "b"]
)
def test_what_is_no_syllable(word: str) -> None:
    assert not is_syllable(word)


@pytest.mark.parametrize(("text", "sex"), [("nam", "Nam"), ("NỮ", "Nữ"), ("Nữ.", "Nữ"),
                                           ("Nu", None), ("", None)])  # fmt: skip
def test_sexes(text: str, sex: str | None) -> None:
    assert parse_sex(text) == sex


@pytest.mark.parametrize("text", ["mau10@vidu.vn", "a.b-c_d@mail.example.com"])
def test_emails(text: str) -> None:
    assert is_email(text)


@pytest.mark.parametrize(
    "text", ["mau10vidu.vn", "a..b@vidu.vn", "@vidu.vn", "a@vidu", "ă@vidu.vn"]
)
def test_what_is_no_email(text: str) -> None:
    assert not is_email(text)


@given(st.sampled_from(FieldType), st.text(max_size=30))
def test_normal_values_stay_normal(kind: FieldType, text: str) -> None:
    value = normalised(kind, text)
    if value is not None:
        assert normalised(kind, value) == value
        assert all(check.name in check_names() for check in checks_of(kind, value))


def test_values_by_kind() -> None:
    assert normalised(FieldType.date, "ngày 03 tháng 4 năm 1975") == "1975-04-03"
    assert normalised(FieldType.personal_id, "048 090 000001") == "048090000001"
    assert normalised(FieldType.sex, "nữ") == "Nữ"
    assert normalised(FieldType.date, "Nam") is None


def test_a_failed_rule_is_named() -> None:
    failed = [c.name for c in checks_of(FieldType.personal_id, "04809000000") if not c.passed]
    assert failed == ["personal_number", "personal_number_province"]


def test_an_unknown_check_is_an_error() -> None:
    with pytest.raises(KeyError):
        checks_of(FieldType.text, "x", ("no_such_check",))


def test_tones_of_open_syllables() -> None:
    assert same_tones("uỷ quyền quý") == "ủy quyền quý"
    assert same_tones("HOÀ UỶ hoàn, HUỶ.") == "HÒA ỦY hoàn, HỦY."


def test_an_organisation_has_one_spelling() -> None:
    assert normalised(FieldType.organisation, "UỶ  BAN NHÂN DÂN TỈNH KHÁNH HOÀ") == (
        "ỦY BAN NHÂN DÂN TỈNH KHÁNH HÒA"
    )
    assert normalised(FieldType.text, "UỶ BAN") == "UỶ BAN"


@given(st.text(alphabet="qhtoaeuy àáảãạèéẻẽẹỳýỷỹỵ.", max_size=30))
def test_spelling_moves_tones_only_and_once(text: str) -> None:
    moved = same_tones(text)
    assert same_tones(moved) == moved and len(moved) == len(text)
    assert plain(moved) == plain(text)
