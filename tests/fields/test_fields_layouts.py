"""Heads and signer's blocks as different offices lay them out; the words as drawn, no scan."""

import math
from datetime import date

import pytest
from drawn_layouts import NOWHERE, OPTIONS, Paper, drawn, read, said
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr.fields import extract
from ocr.fields.decree30.signer_titles import deputised, title_line, titles_known
from ocr.fields.lines import middle
from schemas.document_type import DocumentType, document_type
from schemas.field import Field, FieldStatus, Table
from schemas.page import PageReading


@pytest.mark.parametrize(
    ("bodies", "parent", "issuer"),
    [
        (("SỞ TƯ PHÁP",), None, "SỞ TƯ PHÁP"),
        (("UBND TỈNH VÍ DỤ", "SỞ NỘI VỤ"), "UBND TỈNH VÍ DỤ", "SỞ NỘI VỤ"),
        (
            ("ỦY BAN NHÂN DÂN", "TỈNH VÍ DỤ", "SỞ VĂN HÓA,", "THỂ THAO VÀ DU LỊCH"),
            "ỦY BAN NHÂN DÂN TỈNH VÍ DỤ",
            "SỞ VĂN HÓA, THỂ THAO VÀ DU LỊCH",
        ),
        (
            ("ỦY BAN NHÂN DÂN", "TỈNH VÍ DỤ", "VĂN PHÒNG"),
            "ỦY BAN NHÂN DÂN TỈNH VÍ DỤ",
            "VĂN PHÒNG",
        ),
        (
            ("VĂN PHÒNG", "ĐOÀN ĐẠI BIỂU QUỐC HỘI VÀ", "HỘI ĐỒNG NHÂN DÂN"),
            None,
            "VĂN PHÒNG ĐOÀN ĐẠI BIỂU QUỐC HỘI VÀ HỘI ĐỒNG NHÂN DÂN",
        ),
        (
            ("BAN CHỈ ĐẠO", "PHÒNG, CHỐNG MA TÚY"),
            None,
            "BAN CHỈ ĐẠO PHÒNG, CHỐNG MA TÚY",
        ),
    ],
)
def test_bodies_are_parted(bodies: tuple[str, ...], parent: str | None, issuer: str) -> None:
    found = said(Paper(bodies=bodies, number="15/QĐ-VD"))
    assert (found["parent_org"], found["issuing_org"]) == (parent, issuer)


@pytest.mark.parametrize(
    ("title", "name", "expected"),
    [
        (("TM. THƯỜNG TRỰC HỘI ĐỒNG NHÂN DÂN", "CHỦ TỊCH"), "Lê Văn Thử", "Lê Văn Thử"),
        (("TUQ. CHỦ TỊCH", "GIÁM ĐỐC SỞ NỘI VỤ"), "TS. Lê Văn Thử", "Lê Văn Thử"),
        (("TL. CHỦ TỊCH", "TRƯỞNG PHÒNG TƯ PHÁP"), "PGS.TS Lê Văn Thử", "Lê Văn Thử"),
        (("QUYỀN GIÁM ĐỐC",), "Thượng tá Lê Văn Thử", "Lê Văn Thử"),
        (("CHỦ TỊCH",), "C) Lê Văn Thử", "Lê Văn Thử"),
        (("CHỦ TỊCH",), "Y Văn Thử", "Y Văn Thử"),
        (("KT. HIỆU TRƯỞNG", "PHÓ HIỆU TRƯỞNG"), "BS.CKII. Lê Thị Thử", "Lê Thị Thử"),
    ],
)
def test_who_signed(title: tuple[str, ...], name: str, expected: str) -> None:
    fields = read(Paper(title=title, name=name)).fields
    for field, value in (("signer_title", " ".join(title)), ("signer_name", expected)):
        found = fields[field]
        assert isinstance(found, Field)
        assert (found.value, found.status) == (value, FieldStatus.accepted)


def test_a_copy_says_that_it_was_signed() -> None:
    found = said(Paper(title=("CHỦ TỊCH", "", "ĐÃ KÝ")))
    assert (found["signer_title"], found["signer_name"]) == ("CHỦ TỊCH", "Lê Văn Thử")


def test_a_stamp_of_what_was_received_is_not_the_number() -> None:
    found = said(Paper(stamp=True))
    assert found["doc_number"] == "15/QĐ-UBND"
    assert found["issuing_org"] == "ỦY BAN NHÂN DÂN PHƯỜNG VÍ DỤ"


def test_the_motto_tells_where_a_lost_header_stands() -> None:
    found = said(Paper(national="CÔNG VĂN ĐẾN SỐ 15"))
    assert found["doc_type"] == "QUYẾT ĐỊNH"
    assert found["issuing_org"] == "ỦY BAN NHÂN DÂN PHƯỜNG VÍ DỤ"
    assert found["issue_date"] == "2026-03-05"


def test_the_heading_is_the_topmost() -> None:
    found = said(Paper(subject=("Về việc ban hành quyết định", "về thử nghiệm phần mềm")))
    assert found["subject"] == "Về việc ban hành quyết định về thử nghiệm phần mềm"


def test_words_before_an_opening_in_a_sentence_belong_to_it() -> None:
    paper = Paper(heading="THÔNG BÁO", number="9/TB-UBND", subject=("Kết luận về việc thử nghiệm",))
    found = said(paper)
    assert found["subject"] == "Kết luận về việc thử nghiệm"
    assert found["doc_number"] == "9/TB-UBND"


def test_whose_line_a_seal_hides() -> None:
    assert deputised(["TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH"])[-1] == "PHÓ CHỦ TỊCH"
    assert deputised(["KT. CHỦ TỊCH", "CHỦ TỊCH"]) == ["KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"]
    assert deputised(["KT. BỘ TRƯỞNG", "THỨ TRƯỞNG"]) == ["KT. BỘ TRƯỞNG", "THỨ TRƯỞNG"]
    assert deputised(["KT. BỘ TRƯỞNG"]) == ["KT. BỘ TRƯỞNG", "THỨ TRƯỞNG"]
    assert deputised(["KT. CHỦ TỊCH", "GẢN: CHỦ TỊCH"]) == ["KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"]
    assert not titles_known(["KT. CHỦ TỊCH", "CHỦ TỊCH"], decision())


def test_a_title_with_something_before_it_is_not_proven() -> None:
    """A seal hides *KT.* or *PHÓ*; both kinds read the rest, and letters of what is hidden."""
    known = title_line("XÃ CHỦ TỊCH", ["SẰCHỦ TỊCH", "3CHỦ TỊCH"], decision(), None)
    assert known == ("CHỦ TỊCH", False)
    assert title_line("CHỦ TỊCH", ["~ CHỦ TỊCH"], decision(), None) == ("CHỦ TỊCH", True)


def test_a_speck_before_a_body_s_name_parts_it_all_the_same() -> None:
    found = said(Paper(bodies=("UBND XÃ VÍ DỤ", "'TRƯỜNG TIỂU HỌC VÍ DỤ"), number="15/QĐ-TH"))
    assert found["parent_org"] == "UBND XÃ VÍ DỤ"


def test_a_name_that_took_in_the_number_is_for_a_person() -> None:
    issuer = read(Paper(bodies=("SỞ NỘI VỤ", "/QĐ-SNV"), number="15/QĐ-SNV")).fields["issuing_org"]
    assert isinstance(issuer, Field) and issuer.value == "SỞ NỘI VỤ /QĐ-SNV"
    assert issuer.status is FieldStatus.review


def test_a_parent_that_lost_its_beginning_is_for_a_person() -> None:
    found = read(Paper(bodies=("NH TỈNH VÍ DỤ", "SỞ NỘI VỤ"), number="15/QĐ-SNV")).fields
    whole = read(Paper(bodies=("UBND TỈNH VÍ DỤ", "SỞ NỘI VỤ"), number="15/QĐ-SNV")).fields
    assert isinstance(found["parent_org"], Field) and isinstance(whole["parent_org"], Field)
    assert found["parent_org"].status is FieldStatus.review
    assert whole["parent_org"].status is FieldStatus.accepted


@pytest.mark.parametrize(
    ("title", "status"),
    [
        (("TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"), FieldStatus.accepted),
        (("TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH"), FieldStatus.review),
        (("TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ GIÁM ĐỐC"), FieldStatus.review),
    ],
)
def test_an_authority_is_whole_where_the_title_is(
    title: tuple[str, ...], status: FieldStatus
) -> None:
    authority = read(Paper(title=title)).fields["signer_authority"]
    assert isinstance(authority, Field) and authority.status is status


def test_recipients_are_without_dashes() -> None:
    recipients = read(Paper()).fields["recipients"]
    assert isinstance(recipients, Table)
    assert [row["name"].value for row in recipients.rows] == ["Như trên", "Phòng Kinh tế"]


@settings(max_examples=25, deadline=None)
@given(
    number=st.integers(1, 99999),
    day=st.dates(),
    degree=st.sampled_from(["", "TS. ", "ThS ", "Đại tá "]),
)
def test_every_number_and_day_of_a_text_layer(number: int, day: date, degree: str) -> None:
    day = day.replace(year=2000 + day.year % 100, day=min(day.day, 28))
    found = said(
        Paper(
            number=f"{number}/QĐ-UBND",
            dated=f"ngày {day.day:02d} tháng {day.month} năm {day.year}",
            name=f"{degree}Lê Văn Thử",
        )
    )
    assert found["doc_number"] == f"{number}/QĐ-UBND"
    assert found["issue_date"] == day.isoformat()
    assert found["signer_name"] == "Lê Văn Thử"


def decision() -> DocumentType:
    spec = document_type("quyet_dinh")
    assert spec is not None
    return spec


def test_a_title_that_goes_on_is_not_cut_to_the_known_part() -> None:
    longer = "TRƯỞNG PHÒNG TH"
    assert title_line(longer, [longer], decision(), None) == (longer, True)
    assert title_line("KT. CHỦ TỊCH", ["KT. CHU TJCH"], decision(), None) == ("KT. CHỦ TỊCH", True)
    assert not titles_known(["TL. CHỦ TỊCH", "TRƯỞNG VĂN"], decision())


@pytest.mark.parametrize("skew", [-3.0, 2.4])
def test_a_page_that_lies_askew(skew: float) -> None:
    """Two columns of a header whose lines fall by more than a line from one end to the other."""
    paper = Paper(
        bodies=("UBND TỈNH VÍ DỤ", "SỞ VĂN HÓA,", "THỂ THAO VÀ DU LỊCH"), number="9/QĐ-SVHTTDL",
        title=("TL. GIÁM ĐỐC", "KT. CHÁNH VĂN PHÒNG", "PHÓ CHÁNH VĂN PHÒNG"),
    )  # fmt: skip
    level = drawn(paper).page()
    expected = extract(NOWHERE, [level], (), OPTIONS).fields
    found = extract(NOWHERE, [askew(level, skew)], (), OPTIONS).fields
    assert found.keys() == expected.keys()
    for name, field in found.items():
        other = expected[name]
        if isinstance(field, Field) and isinstance(other, Field):
            assert (field.value, field.status) == (other.value, other.status)
            if field.box and other.box:  # where it stands on the page as it lies
                place, level_place = middle(field.box), turned(middle(other.box), skew)
                assert math.dist(place, level_place) < 6.0, name


def askew(page: PageReading, degrees: float) -> PageReading:
    words = []
    for word in page.words:
        x0, y0, x1, y1 = word.box
        x, y = turned(middle(word.box), degrees)
        tall = (y1 - y0) / 2 + (x1 - x0) / 2 * math.tan(math.radians(abs(degrees)))
        box = (x - (x1 - x0) / 2, y - tall, x + (x1 - x0) / 2, y + tall)
        words.append(word.model_copy(update={"box": box}))
    return page.model_copy(update={"words": tuple(words), "skew": degrees})


def turned(at: tuple[float, float], degrees: float) -> tuple[float, float]:
    """A point of a level page where the page lies so that its lines fall by ``degrees``."""
    x, y, angle = at[0] - 595.28 / 2, at[1] - 841.89 / 2, math.radians(degrees)
    across = x * math.cos(angle) - y * math.sin(angle)
    return across + 595.28 / 2, x * math.sin(angle) + y * math.cos(angle) + 841.89 / 2
