"""Readings of a line weighed letter by letter: what is proven, and what is not."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr.fields.acceptance import Policy, decide
from ocr.fields.calibration import load
from ocr.fields.decree30.doc_number import initials, number_text
from ocr.fields.decree30.issue_date import _date_parts
from ocr.fields.decree30.printed import tidy
from ocr.fields.decree30.signer_titles import title_line, titles_known
from ocr.fields.decree30.signing_block import SigningBlock, _name
from ocr.fields.decree30.signing_rows import Row
from ocr.fields.decree30.subject import _past_stamp, opened, possible_words
from ocr.fields.plausible import with_family_name
from ocr.fields.signed import Signed
from ocr.fields.voting import doubted, voted
from schemas.document_type import document_type
from schemas.field import Field, FieldStatus
from schemas.page import PageKind, PageReading
from schemas.validators import folded
from schemas.validators.text import is_usual_syllable
from schemas.verdict import SignatureReport

LINE = st.text(st.sampled_from("aăâbcdđeêghiklmnoôơpqrstuưvxyáàảãạ ĐN,.-12/"), max_size=40)


def test_both_kinds_agree() -> None:
    read = voted(["Về việc thành lập Tổ công tác"], "Về việc thành lập Tổ công tác")
    assert read == ("Về việc thành lập Tổ công tác", True, 0)


def test_two_looks_of_tesseract_prove_nothing() -> None:
    read = voted(["nhà đột ướt", "nhà đột ướt"], "nhà dột ướt")
    assert (read.proven, read.doubts) == (False, 1)


def test_one_kind_alone_proves_nothing() -> None:
    assert not voted(["Sở Nội vụ", "Sở Nội vụ"], "").proven
    assert not voted([], "Sở Nội vụ").proven
    assert voted([], "").text == ""


def test_marks_are_not_proven_by_a_line_model_that_is_not_sure() -> None:
    looks, line = ["rừng lấn biển", "rừng lân biển"], "rừng lân biển"
    assert voted(looks, line).proven
    assert not voted(looks, line, sure=0.6).proven
    looks, line = ["tham nhũng, tiêu cực", "tham nhũng, tiều cực"], "tham nhũng, tiêu cực"
    assert voted(looks, line, sure=0.6).proven, "a known word"


def test_a_known_word_settles_a_difference() -> None:
    assert voted(["tổ chức thực hiện"], "tố chức thực hiện") == ("tổ chức thực hiện", True, 0)
    assert voted(["UỶ BAN NHÂN DÂN"], "UÝ BAN NHÂN DÂN") == ("UỶ BAN NHÂN DÂN", True, 0)


def test_a_usual_syllable_settles_a_name_only_where_it_may() -> None:
    assert not voted(["Trần Hoàng Tuần"], "Trần Hoàng Tuấn").proven
    read = voted(["Trần Hoàng Tuần"], "Trần Hoàng Tuấn", known=is_usual_syllable)
    assert (read.text, read.proven) == ("Trần Hoàng Tuấn", True)


def test_a_number_all_looks_have_is_taken_with_the_line_s_end() -> None:
    looks = ["số 24/2013/NQ-HĐND. ngày 10/12/2013", "số 24/2013/NQ-HĐND ngày 10/12/2013"]
    read = voted(looks, "số 242013/NQHĐND ngày 1%/12/2013")
    assert (read.text, read.proven) == ("số 24/2013/NQ-HĐND ngày 10/12/2013", True)


def test_dashes_and_spaces_are_tesseract_s() -> None:
    read = voted(["giai đoạn 2021 – 2030"], "giai đoạn 2021 -2030")
    assert (read.text, read.proven) == ("giai đoạn 2021 – 2030", True)


def test_capitals_are_doubted_like_small_letters() -> None:
    read = doubted(voted(["TRƯỜNG MÂM NON"], "TRƯỜNG MÂM NON"))
    assert (read.text, read.proven) == ("TRƯỜNG MẦM NON", False)
    assert doubted(voted(["TRƯỜNG MẦM NON"], "TRƯỜNG MẦM NON")).proven


def test_a_word_that_needs_another_mark_is_doubted() -> None:
    both = voted(["sửa đổi, bố sung lĩnh vực hộ tịch"], "sửa đổi, bố sung lĩnh vực hộ tịch")
    assert both.proven
    read = doubted(both)
    assert (read.proven, read.text) == (False, both.text.replace("bố", "bổ"))


@pytest.mark.parametrize(
    ("read", "clean"),
    [
        ("Bạn hành Quy chế phối hợp", "Ban hành Quy chế phối hợp"),
        ("dự toán chỉ ngân sách", "dự toán chi ngân sách"),
    ],
)
def test_dirt_looks_like_a_mark(read: str, clean: str) -> None:
    both = voted([read], read)
    assert both.proven
    found = doubted(both)
    assert (found.proven, found.text) == (False, clean)


def test_marks_that_belong_there_are_no_dirt() -> None:
    for text in ("hoạt động kiểm lâm", "chỉ đạo thực hiện", "Bạn đọc", "tại buổi làm việc"):
        both = voted([text], text)
        assert doubted(both) == both


def test_a_word_may_be_known_with_what_one_reader_has_beside_it() -> None:
    read = voted(["tham nhũng, tiêu cực"], "tham nhũng, tiều cựnc")
    assert (read.text, read.proven) == ("tham nhũng, tiêu cực", True)
    read = voted(["Tết Át Ty", "Tết Ất Ty"], "Tết Ất Tỵ")
    assert (read.text, read.proven) == ("Tết Ất Tỵ", True)


def test_no_sentence_ends_before_a_small_letter() -> None:
    looks = ["cán bộ. công chức", "cán bộ. công chức"]
    read = voted(looks, "cán bộ, công chức")
    assert (read.text, read.proven) == ("cán bộ, công chức", True)
    assert not voted(looks, "cán bộ công chức").proven
    read = voted(["cán bộ, công chức"] * 2, "cán bộ công chức")
    assert (read.text, read.proven) == ("cán bộ, công chức", True)


def test_strokes_in_a_number_are_ones() -> None:
    assert voted(["kỳ họp thứ 3I", "kỳ họp thứ 3]"], "kỳ họp thứ 31").proven
    assert not voted(["kỳ họp thứ 37", "kỳ họp thứ 37"], "kỳ họp thứ 31").proven
    assert not voted(["kỳ họp thứ I"], "kỳ họp thứ 1").proven


@given(LINE)
def test_a_line_both_read_alike_is_itself(line: str) -> None:
    read = voted([line], line)
    assert read.text == folded(line)
    assert read.proven == bool(folded(line))


@given(LINE, LINE, LINE)
def test_letters_no_line_model_has_are_never_proven_alone(one: str, two: str, line: str) -> None:
    read = voted([one, two], line)
    assert read.proven == (read.doubts == 0) or not read.text
    assert not (set(read.text) - set(one) - set(two) - set(line) - {" "})


def test_openings_and_possible_words() -> None:
    assert opened("Vềviệc giao đất", ("Về việc",)) == "Về việc giao đất"
    assert opened("và việc khác", ("Về việc",)) == "và việc khác"
    assert _past_stamp('SS"Về việc giao đất', ("Về việc",)) == "Về việc giao đất"
    assert _past_stamp("Báo cáo Về việc khác", ("Về việc",)) == "Báo cáo Về việc khác"
    assert possible_words("giao đất (đợt 1) cho Ban Quản lý")
    assert not possible_words("thôngtin khác")


def test_a_span_of_years_may_go_on_in_the_next_line() -> None:
    assert tidy("nhiệm kỳ 2021 -") == "nhiệm kỳ 2021 -"
    assert tidy("~ đất đai —_") == "đất đai"
    assert not possible_words("nhiệm kỳ 2021 2026")
    assert not possible_words("của cán bộ. công chức")
    assert possible_words("tại TP. Ví Dụ. Thực hiện")


def test_a_body_s_initials() -> None:
    assert initials("ỦY BAN NHÂN DÂN PHƯỜNG THỬ NGHIỆM") == "UBND"
    assert initials("UỶ BAN NHÂN DÂN TỈNH VÍ DỤ") == "UBND"
    assert initials("SỞ GIÁO DỤC VÀ ĐÀO TẠO") == "SGDĐT"
    assert initials("SỞ GIÁO DỤC & ĐÀO TẠO") == "SGDĐT"
    assert initials(None) == ""


def test_a_symbol_may_join_two_bodies() -> None:
    assert number_text("Số: 43/PCCC&CNCH-P6") == ("43", "PCCC&CNCH-P6")
    assert number_text("Số: 15/QĐ-SGD&ĐT") == ("15", "QĐ-SGD&ĐT")


def test_a_date_whose_month_a_pen_runs_into() -> None:
    assert _date_parts("Huế, ngày 8 đháng 02 năm 2019") == ("Huế", "8", "02", "2019")
    assert _date_parts("Huế, ngày 15háng 02 năm 2019") == ("Huế", "15", "02", "2019")


def test_titles_are_whole() -> None:
    spec = document_type("quyet_dinh")
    assert spec is not None
    assert titles_known(["TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"], spec)
    assert not titles_known(["KT. CHỦ TỊCH"], spec)
    assert not titles_known([], spec)


def name(row: Row) -> Field:
    page = PageReading(
        number=1,
        width=595,
        height=842,
        dpi=300,
        rotation=0,
        skew=0.0,
        blank=False,
        kind=PageKind.scan,
        words=(),
        confidence=0.0,
    )
    evidence = _name(SigningBlock((), row), page, (), digital=False)
    return decide(evidence, Policy(load().of("administrative"), 0.005))


def test_names_that_may_have_lost_a_syllable_or_a_mark() -> None:
    box = (300.0, 500.0, 400.0, 514.0)
    two = Row("Hoàng Thử", "", "Hoàng Thử", 1.0, box)
    full = Row("Trần Hoàng Sơn", "", "Trần Hoàng Sơn", 0.93, box)
    assert name(full).status is FieldStatus.accepted
    assert name(full._replace(beside=True)).status is FieldStatus.accepted
    assert name(two._replace(beside=True)).status is FieldStatus.review
    misread = Row("Tốn Ngọc Hạnh", "", "Tốn Ngọc Hạnh", 0.93, box)
    assert name(misread).status is FieldStatus.review, "no usual name"
    assert name(misread._replace(sure=0.99)).status is FieldStatus.accepted
    other = Row("Rần Văn Sơn", "", "Trẫn Văn Sơn", 0.7, box)
    assert (name(other).value, name(other).status) == ("Trần Văn Sơn", FieldStatus.review)


def signature(signer: str, time: datetime | None, *, intact: bool = True) -> SignatureReport:
    return SignatureReport(
        field="f",
        signer=signer,
        time=time,
        time_source="claimed" if time else None,
        intact=intact,
        covers_whole_file=True,
        trusted=False,
        level=None,
        algorithms=None,
    )


def test_what_signatures_say() -> None:
    late = datetime(2025, 1, 6, 17, 30, tzinfo=UTC)
    found = Signed.of(
        [
            signature("Lê Thử Nghiệm", late),
            signature("Cơ quan", None),
            signature("Ai đó", datetime(2020, 1, 1, tzinfo=UTC), intact=False),
        ]
    )
    assert found.names == ("Lê Thử Nghiệm", "Cơ quan")
    assert found.first == date(2025, 1, 7), "half past midnight in Vietnam"
    assert Signed.of([]) == Signed()


def test_a_word_that_the_line_model_lost_is_a_word_of_its_own() -> None:
    look = "thông tin về cư trú tai số 75, tổ 12"
    for line in ("thông tin về cư trú số 75, tổ 12", "thông tin cư trú tai số 75, tổ 12"):
        read = voted([look], line, lambda word: word in {"số", "cư"})
        assert (read.text, read.proven, read.doubts) == (look, False, 1)


def test_what_a_seal_leaves_before_a_title_is_not_shown() -> None:
    spec = document_type("quyet_dinh")
    assert spec is not None
    for line, look in (("T59, CHỦ TỊCH", "ợN CHỦ TỊCH"), ("TN CHỦ TỊCH", "Zfđẹ, CHỦ TỊCH")):
        assert title_line(line, [look], spec, None) == ("CHỦ TỊCH", False)
    assert title_line("Q. CHỦ TỊCH", ["Q. CHỦ TỊCH"], spec, None) == ("Q. CHỦ TỊCH", True)


def test_a_usual_family_name_is_proposed_where_several_readings_are_near_it() -> None:
    assert (
        with_family_name("Prẩn Phước Thử", ("Rưấn Phước Thử", "Trấn Phước Thử")) == "Trần Phước Thử"
    )
    assert with_family_name("Prẩn Phước Thử") == "", "one reading alone"
    assert with_family_name("Kră Phước Thử", ("Krá Phước Thử",)) == "", "near to none"
    assert with_family_name("Lê Phước Thử", ("Lễ Phước Thử",)) == ""
