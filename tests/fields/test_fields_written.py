"""Usual endings, dots under leaders, how likely readings are, and what near agreement takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr.fields.acceptance import Policy, decide
from ocr.fields.calibration import load
from ocr.fields.dot_leaders import (
    dots_certain,
    dots_settled,
    with_likely_commas,
    with_likely_dots,
)
from ocr.fields.forms.text_lines import tidy
from ocr.fields.plausible import evened, plausibility, with_family_name
from ocr.fields.vocabulary import (
    ended,
    endings,
    handles,
    is_named,
    named,
    with_levels,
    without_usual,
)
from ocr.fields.weighing import Opinions, weigh
from schemas.field import Field, FieldStatus, Reading
from schemas.validators import FieldType

MAIL = ("@gmail.com", "@yahoo.com", "@icloud.com", "@danang.gov.vn")


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("lan.tran@gmail.com", "lan.tran@gmail.com"),
        ("lantran30egmail.com", "lantran30@gmail.com"),
        ("lantran30e@gmail.com", "lantran30@gmail.com"),
        ("lantran@gmail.cam", "lantran@gmail.com"),
        ("huy8@@yahoo.com", "huy8@yahoo.com"),
        ("lan@example.org", "lan@example.org"),
    ],
)
def test_the_end_of_an_address_is_set_right(read: str, meant: str) -> None:
    assert meant in (ended(read, MAIL), *endings(read, MAIL))


@given(st.from_regex(r"[a-z][a-z0-9._]{0,12}[a-z0-9]", fullmatch=True), st.sampled_from(MAIL))
def test_a_right_address_stays(local: str, ending: str) -> None:
    assert ended(local + ending, MAIL) == local + ending


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("an@truongedu.vn", "an@truong.edu.vn"),
        ("an@danang.govvn", "an@danang.gov.vn"),
        ("an@buudien.comvn", "an@buudien.com.vn"),
        ("an@vinacom.vn", "an@vinacom.vn"),
        ("an@gmail.com", "an@gmail.com"),
    ],
)
def test_second_levels_have_their_dots(read: str, meant: str) -> None:
    assert with_levels(read) == ended(read, MAIL) == meant


@given(st.text(max_size=40))
def test_endings_take_any_text(text: str) -> None:
    assert all(form.count("@") >= 1 for form in endings(text, MAIL))


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("hanhruang22", "hanhtruong22"),
        ("hanhtruong2z", "hanhtruong22"),
        ("hanh.truang", "hanh.truong"),
        ("truonghamh", "truonghanh"),
        ("tbhamh99", "tbhanh99"),
        ("hanhtruong22", "hanhtruong22"),
    ],
)
def test_an_address_made_of_a_name_is_among_what_may_stand_there(read: str, meant: str) -> None:
    assert meant in set(named(read, ("Trương Bích Hạnh",)))
    assert is_named(meant, ("Lê Văn An", "Trương Bích Hạnh"))


@given(st.from_regex(r"[a-z0-9._]{1,16}", fullmatch=True))
def test_another_address_is_not_made_of_a_name(local: str) -> None:
    forms = handles("Trương Bích Hạnh")
    assert all(form.startswith(forms) for form in named(local, ("Trương Bích Hạnh",)))
    assert is_named("mailbox7", ("Trương Bích Hạnh",)) is False
    assert handles("Hạnh") == () and handles("H' Êban 2") == ()


@pytest.mark.parametrize(
    ("name", "settled"),
    [
        ("Nguyễn Văn Anh", True),
        ("Đinh Thị Phương", False),  # Phượng is as usual
        ("Đinh Thị Phượng", True),  # with a blank a dot that is there is believed
    ],
)
def test_a_name_is_open_where_the_dotted_one_is_usual_too(name: str, settled: bool) -> None:
    assert dots_settled(FieldType.name, name, erased_to_the_pixel=True) is settled


def test_without_a_blank_a_dot_may_be_the_leader_s() -> None:
    assert not dots_settled(FieldType.name, "Đinh Thị Phượng", erased_to_the_pixel=False)
    assert not dots_settled(FieldType.email, "an.le@gmail.com", erased_to_the_pixel=False)
    assert dots_settled(FieldType.email, "anle@gmail.com", erased_to_the_pixel=False)


def test_a_usual_value_but_for_its_dot_is_open() -> None:
    usual = ("Vợ", "Chồng", "Con đẻ")
    assert not dots_settled(FieldType.text, "Vơ", usual, erased_to_the_pixel=True)
    assert dots_settled(FieldType.text, "Vợ", usual, erased_to_the_pixel=True)


@pytest.mark.parametrize(
    ("kind", "read", "likely", "certain"),
    [
        (FieldType.name, "Lý Đình Đat", "Lý Đình Đạt", True),
        (FieldType.name, "Trương Bích Hanh", "Trương Bích Hạnh", False),
        (FieldType.name, "Nguyễn Văn An", "Nguyễn Văn An", True),
        (FieldType.text, "Thuê nhà tai số 12", "Thuê nhà tại số 12", True),
        (FieldType.text, "phường Điện Bàn Động", "phường Điện Bàn Đông", True),
        (FieldType.text, "số 8 Pham Như Xương", "số 8 Phạm Như Xương", True),
        (FieldType.text, "số 8 Pham Mẫu Thử", "số 8 Phạm Mẫu Thử", False),
        (FieldType.name, "LỆ MINH MẪU", "LÊ MINH MẪU", False),
        (FieldType.name, "Đinh Thi Mẫu", "Đinh Thị Mẫu", False),
    ],
)
def test_dots_only_language_knows_are_proposed(
    kind: FieldType, read: str, likely: str, certain: bool
) -> None:
    proposed = with_likely_dots(kind, read, erased_to_the_pixel=True)
    assert proposed == likely
    assert dots_certain(read, proposed) is certain


@pytest.mark.parametrize(
    ("read", "likely"),
    [
        ("Công an xã Hòa Thử thành phố Đà Nẵng", "Công an xã Hòa Thử, thành phố Đà Nẵng"),
        ("Tách hộ tại số 2 Phan Thử Đà Nẵng", "Tách hộ tại số 2 Phan Thử, Đà Nẵng"),
        ("Tách hộ tại số 2 Phan Thử, Đà Nẵng", "Tách hộ tại số 2 Phan Thử, Đà Nẵng"),
        ("số 2 Phan Thử xã Hòa Tiến, Đà Nẵng", "số 2 Phan Thử, xã Hòa Tiến, Đà Nẵng"),
        ("Công an xã Hòa Tiến", "Công an xã Hòa Tiến"),
        ("số 2 Phan Thử tổ 12, đặc khu Hoàng, Sa", "số 2 Phan Thử, tổ 12, đặc khu Hoàng Sa"),
        ("phường Hải, Châu", "phường Hải Châu"),
        ("phường Hải Châu, Đà Nẵng", "phường Hải Châu, Đà Nẵng"),
        ("Công An thành phố Đà Nẵng", "Công An thành phố Đà Nẵng"),
        ("Công an TP. Hồ Chí Minh", "Công an TP. Hồ Chí Minh"),
    ],
)
def test_a_comma_before_the_last_place_is_proposed(read: str, likely: str) -> None:
    assert with_likely_commas(read) == likely


@given(st.text(max_size=30), st.sampled_from([FieldType.name, FieldType.text, FieldType.email]))
def test_weighing_takes_any_text(text: str, kind: FieldType) -> None:
    assert 0 <= plausibility(kind, text) <= 1
    folded = " ".join(text.split())
    likely = with_likely_dots(kind, folded, erased_to_the_pixel=False)
    assert len(likely.split()) == len(folded.split())
    dots_certain(folded, likely)


def test_less_likely_readings_weigh_less() -> None:
    assert plausibility(FieldType.name, "Bùi Thanh Yến") > plausibility(FieldType.name, "Bùi Vến")
    assert plausibility(FieldType.text, "tại số 45") > plausibility(FieldType.text, "tại số #5")
    assert plausibility(FieldType.text, "CÔNG AN PHƯỜNG HẢI CHÂU") == 1.0
    # an unusual family name that only marks part from a usual one is likelier misread than rare
    twin, rare = (plausibility(FieldType.name, f"{name} Thanh Mẫu") for name in ("Ly", "Zơrâu"))
    assert twin < 0.5 and plausibility(FieldType.name, "Lý Thanh Mẫn") == 1.0 and rare <= 0.5
    assert evened("Võ BÁ VINH") == "VÕ BÁ VINH"
    assert evened("Võ Bá Vinh") == "Võ Bá Vinh"
    assert evened("PHÙNG DIỆu PHƯơng Tiên") == "PHÙNG DIỆU PHƯƠNG TIÊN"
    assert evened("Lý A Pó") == "Lý A Pó"
    for plain, odd in [
        ("tại số K295/28 Ngô Mẫu, TP. Huế", "tại số K2g5/28 Ngô Mẫu, TP. Huế"),
        ("tại xã La Êê", "tại xã Lạ Êê"),
        ("tại H12/3, tổ 5", "tại 12hh3, tổ 5"),
        ("Vợ", "+"),
        ("Công an xã Duy Xuyên", "Công an xã DuY Xuyên"),
    ]:
        assert plausibility(FieldType.text, odd) < plausibility(FieldType.text, plain) == 1.0
    assert without_usual("Công an phường An Hải", ("Công an phường",)) == "An Hải"


@pytest.mark.parametrize(
    ("read", "meant"), [("f1am", "Nam"), ("Aam", "Nam"), ("Nữ", "Nữ"), ("Việt Nam", "Việt Nam")]
)
def test_one_of_two_sexes(read: str, meant: str) -> None:
    assert tidy(read, FieldType.sex) == meant


def test_leftovers_are_taken_off() -> None:
    assert tidy("..Nguyễn.Văn An.", FieldType.name) == "Nguyễn Văn An"
    assert tidy("tháng 9năm 2027", FieldType.text) == "tháng 9 năm 2027"
    assert tidy("Điện Biên Phủ. Đà Nẵng", FieldType.text) == "Điện Biên Phủ, Đà Nẵng"
    assert tidy("phường 5, TP. Huế 12A", FieldType.text) == "phường 5, TP. Huế 12A"
    assert tidy("đến tháng 12 năm.2027", FieldType.text) == "đến tháng 12 năm 2027"
    assert tidy("P.12, KP.3, số 7.5", FieldType.text) == "P.12, KP.3, số 7.5"
    assert tidy("Công an.phường, Mẫu,.TP.Huế", FieldType.text) == "Công an phường Mẫu, TP. Huế"
    assert tidy("số 31A.Tôn Mẫu, tổ 12. xã Thử", FieldType.text) == "số 31A Tôn Mẫu, tổ 12, xã Thử"
    assert tidy("1310711997", FieldType.date) == tidy("13/07/1997", FieldType.date)
    assert tidy("13071997", FieldType.date) == "13071997"
    assert tidy("tại số K19S⁄88 Hồ Mẫu", FieldType.text) == "tại số K195/88 Hồ Mẫu"
    assert tidy("tại số S6A Hồ Mẫu", FieldType.text) == "tại số 56A Hồ Mẫu"
    assert tidy("tại số 5 Hồ Mẫu, tố 12", FieldType.text) == "tại số 5 Hồ Mẫu, tổ 12"
    assert tidy("ung Hoài Mẫu", FieldType.name) == "Ung Hoài Mẫu"


def settled(opinions: Opinions) -> Field:
    return decide(weigh(opinions), Policy(load(), 0.005))


def near(tesseract: str, line: str, confidence: float, exact: bool = False) -> FieldStatus:
    said = [
        Reading(reader="tesseract", text=tesseract, confidence=0.9),
        Reading(reader="line", text=line, confidence=confidence),
    ]
    return settled(Opinions(FieldType.name, said, exact=exact)).status


def test_a_certain_line_model_needs_a_near_second() -> None:
    assert near("Bùi Thanh Vến", "Bùi Thanh Yến", 0.999) is FieldStatus.accepted
    assert near("Bùi Thanh Vến", "Bùi Thanh Yến", 0.90) is FieldStatus.review
    assert near("Hồ Văn Long", "Bùi Thanh Yến", 0.999) is FieldStatus.review
    # the dot below comes and goes with leaders
    assert near("Định Thi Phương", "Đinh Thị Phương", 0.999) is FieldStatus.review
    # unless all that is printed is known: then they only go
    assert near("Đinh Thi Phương", "Đinh Thị Phương", 0.999, exact=True) is FieldStatus.accepted
    assert near("Đinh Thị Phương", "Đinh Thi Phương", 0.999, exact=True) is FieldStatus.review


def put_together(tesseract: str, line: str) -> tuple[str | None, bool]:
    said = [
        Reading(reader="tesseract", text=tesseract, confidence=0.8),
        Reading(reader="line", text=line, confidence=0.8),
    ]
    field = settled(Opinions(FieldType.text, said))
    return field.value, field.checks[0].passed


def test_a_long_text_is_put_together_word_by_word() -> None:
    """Each word is said by both readers, or language knows only one of its readings."""
    right = "Tách hộ tại số 22 Hà Huy Tập, xã Tây Giang"
    assert put_together("Tách hộ tợi số 22 Hờ Huy Tập, xã Tâu Giang", right) == (right, True)
    street = "Tách hộ tại số 22 Phan Châu Trinh, Đà Nẵng"
    assert put_together(street.replace("Trinh", "Trình"), street) == (street, True)
    # figures are no words, and of two names neither is known better
    assert put_together("Tách hộ tại số 27 Hà Huy Tập", "Tách hộ tại số 22 Hà Huy Tập")[1] is False
    told, proven = put_together("tại số 12A Hà Mẫu, TP. Huế", "tại số lZA Hà Mẫu, TP Huế")
    assert (told, proven) == ("tại số 12A Hà Mẫu, TP. Huế", False)
    assert put_together("Tách hộ tại 2 Lê Mượng", "Tách hộ tại 2 Lê Mương")[1] is False


def address(tesseract: str, line: str) -> bool:
    said = [
        Reading(reader="tesseract", text=tesseract, confidence=0.1),
        Reading(reader="line", text=line, confidence=0.4),
    ]
    judged = settled(Opinions(FieldType.email, said, words=("@gmail.com",), names=("Hồ Hoài Mẫu",)))
    return judged.value == line and judged.checks[0].passed


def test_an_address_of_a_name_needs_its_figures_twice() -> None:
    assert address("ho.rnau1971@gmail.com", "ho.mau1971@gmail.com")
    assert not address("ho.rnau197@gmail.com", "ho.mau1971@gmail.com")
    field = settled(
        Opinions(
            FieldType.email,
            [Reading(reader=r, text="hohoaimav1971@gmail.com", confidence=0.9) for r in "ab"],
            names=("Hồ Hoài Mẫu",),
        )
    )
    assert field.status is FieldStatus.review  # a letter away from its owner's name
    assert not address("mau_71@gmail.com", "mau71@gmail.com")
    assert not address("le.rnau1971@gmail.com", "le.mau1971@gmail.com")
    assert not address("ho.rnau1971@gmail.com", "ho.mau1971@gmall.com")


@pytest.mark.parametrize(
    ("read", "likely"),
    [
        ("Trẫn Văn Thử", "Trần Văn Thử"),
        ("LỲ ĐÌNH MẪU", "LÝ ĐÌNH MẪU"),
        ("Lê Văn Thử", ""),
        ("Zơrâu Văn Thử", ""),
        ("Trẫn", ""),
    ],
)
def test_a_family_name_is_proposed_where_only_marks_make_it(read: str, likely: str) -> None:
    assert with_family_name(read) == likely
