"""Heads and signer's blocks as different offices lay them out; the words as drawn, no scan."""

import math
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest
from drawn_types import WrittenSheet
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr.fields import extract
from ocr.fields.decree30.signer_titles import deputised, title_line, titles_known
from ocr.fields.decree30.subject_end import ends_open
from ocr.fields.lines import middle
from ocr.options import ReadingOptions
from ocr.values import Annotation
from schemas.document_type import DocumentType, document_type
from schemas.field import Field, FieldStatus, Table
from schemas.manifest import Extraction
from schemas.page import PageKind, PageReading

OPTIONS = ReadingOptions()
NOWHERE = Path("page.pdf")
NATIONAL, MOTTO = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc"


class Paper(NamedTuple):
    """What is drawn."""

    bodies: tuple[str, ...] = ("ỦY BAN NHÂN DÂN", "PHƯỜNG VÍ DỤ")
    number: str = "15/QĐ-UBND"
    place: str = "Ví Dụ"
    dated: str = "ngày 05 tháng 3 năm 2026"
    heading: str | None = "QUYẾT ĐỊNH"
    subject: tuple[str, ...] = ("Về việc thử nghiệm phần mềm",)
    title: tuple[str, ...] = ("CHỦ TỊCH",)
    name: str = "Lê Văn Thử"
    national: str = NATIONAL
    stamp: bool = False
    order: bool = True
    """Whether *QUYẾT ĐỊNH:* stands in the text."""


def drawn(paper: Paper, dpi: int = 72) -> WrittenSheet:
    sheet = WrittenSheet((595.28, 841.89), dpi)
    left, right, y = 165.0, 405.0, 70.0
    for index, line in enumerate(paper.bodies):
        sheet.text(left, y + 15 * index, line, 12, "Bold", "middle")
    sheet.text(right, y, paper.national, 12, "Bold", "middle")
    sheet.text(right, y + 15, MOTTO, 13, "Bold", "middle")
    if paper.stamp:  # of the office that received it
        sheet.text(300, y - 38, "CÔNG VĂN ĐẾN", 11, "Bold", "middle")
        sheet.text(262, y - 24, "Số: 4556", 10)
    y += 15 * max(len(paper.bodies), 2) + 12
    sheet.text(left, y, f"Số: {paper.number}", 13, "Regular", "middle")
    sheet.text(right, y, f"{paper.place}, {paper.dated}", 13, "Italic", "middle")
    y += 26
    if paper.heading is not None:
        sheet.text(310, y, paper.heading, 14, "Bold", "middle")
    for line in paper.subject:
        y += 17
        sheet.text(310 if paper.heading else left, y, line, 12, "Bold", "middle")
    y += 60
    for line in ("Căn cứ Luật Tổ chức chính quyền địa phương;", "Điều 1. Thử nghiệm phần mềm."):
        sheet.text(100, y, line, 13)
        y += 18
    if paper.order:
        sheet.text(310, y + 8, "QUYẾT ĐỊNH:", 14, "Bold", "middle")
    y += 60
    sheet.text(85, y, "Nơi nhận:", 12, "BoldItalic")
    for index, line in enumerate(("- Như trên;", "- Phòng Kinh tế;", "- Lưu: VT.")):
        sheet.text(85, y + 14 + 13 * index, line, 11)
    for index, line in enumerate(paper.title):
        sheet.text(430, y + 16 * index, line, 13, "Bold", "middle")
    sheet.text(430, y + 16 * len(paper.title) + 70, paper.name, 14, "Bold", "middle")
    return sheet


def read(paper: Paper, *stamps: Annotation) -> Extraction:
    return extract(NOWHERE, [drawn(paper).page()], stamps, OPTIONS)


def said(paper: Paper) -> dict[str, str | None]:
    fields = read(paper).fields
    return {name: field.value for name, field in fields.items() if isinstance(field, Field)}


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


def test_initials_of_a_letter_s_issuer_may_be_a_type_s() -> None:
    paper = Paper(
        bodies=("BỘ TÀI CHÍNH", "CỤC THUẾ"), number="87/CT-CS", heading=None,
        subject=("V/v thử nghiệm phần mềm",),
    )  # fmt: skip
    fields = read(paper).fields
    for name, value in (("doc_type", "CÔNG VĂN"), ("doc_number", "87/CT-CS")):
        field = fields[name]
        assert isinstance(field, Field)
        assert (field.value, field.status) == (value, FieldStatus.accepted)


LONG = (
    "V/v thử nghiệm phần mềm", "đọc bản quét của hồ sơ", "giấy tại bộ phận một cửa",
    "và trả kết quả điện tử", "cho tổ chức, cá nhân", "trên địa bàn phường",
    "trong năm nay",
)  # fmt: skip


def test_a_letter_s_subject_may_be_long() -> None:
    paper = Paper(number="87/UBND-VX", heading=None, subject=LONG, order=False)
    assert said(paper)["subject"] == " ".join(LONG)


@pytest.mark.parametrize("lost", [0, 1])
def test_a_letter_s_subject_is_whole(tmp_path: Path, lost: int) -> None:
    """On a scan a line of the subject that layout analysis lost still shows as ink."""
    paper = Paper(number="87/UBND-VX", heading=None, subject=LONG[:3], order=False)
    sheet, path = drawn(paper, 200), tmp_path / "p.png"
    sheet.image.save(path, dpi=(200, 200))
    gone = LONG[2].split()[: lost * 9]
    middle_of = {word.text: middle(word.box) for word in sheet.words}
    level = middle_of["bộ"][1]
    kept = tuple(w for w in sheet.words if w.text not in gone or middle(w.box)[1] != level)
    page = sheet.page().model_copy(update={"kind": PageKind.scan, "dpi": 200, "words": kept})
    subject = extract(path, [page], (), OPTIONS).fields["subject"]
    assert isinstance(subject, Field)
    whole = next(check for check in subject.checks if check.name == "subject_whole")
    assert whole.passed is (lost == 0)
    if lost:
        assert subject.status is FieldStatus.review


CUT = (
    "V/v triển khai thực hiện", "kế hoạch cải cách hành chính và",
    "Quyết định số 12/QĐ-UBND của", "Ủy ban nhân dân phường",
)  # fmt: skip


def subject_of(paper: Paper) -> Field:
    found = read(paper).fields["subject"]
    assert isinstance(found, Field)
    return found


@pytest.mark.parametrize(
    "third", ["Quyết định số 12/QĐ-UBND của", "Thực hiện chỉ tiêu năm 2026 của",
              "Ngày Chuyển đổi số quốc gia của", "Theo đề nghị ngày 2/3 của",
              "Căn cứ cách mạng của"],
)  # fmt: skip
def test_a_line_of_a_letter_s_subject_may_begin_as_the_text_does(third: str) -> None:
    lines = (*CUT[:2], third, CUT[3])
    found = subject_of(Paper(number="87/UBND-VX", heading=None, subject=lines, order=False))
    assert (found.value, found.status) == (" ".join(lines), FieldStatus.accepted)


def test_a_line_of_a_subject_under_a_heading_may_begin_as_the_text_does() -> None:
    lines = ("Về việc sửa đổi một số điều của", "Quyết định số 12/QĐ-UBND")
    found = subject_of(Paper(subject=lines))
    assert (found.value, found.status) == (" ".join(lines), FieldStatus.accepted)


def test_the_text_under_a_subject_is_not_taken_for_it() -> None:
    paper = Paper(number="87/UBND-VX", heading=None, subject=CUT[:1], order=False)
    sheet = drawn(paper)
    top = next(word.box[3] for word in sheet.words if word.text == "khai")
    sheet.text(
        70, top + 8, "Thực hiện Nghị quyết của Hội đồng nhân dân phường, đề nghị các đơn vị", 12
    )
    found = extract(NOWHERE, [sheet.page()], (), OPTIONS).fields["subject"]
    assert isinstance(found, Field)
    assert found.value == CUT[0]


@pytest.mark.parametrize("lost", [(2,), (3,), (2, 3), (1, 2)])
def test_a_born_digital_subject_that_a_line_was_lost_from_is_not_accepted(
    lost: tuple[int, ...],
) -> None:
    """The text layer lacks a line, as where a font has no letters: a gap, or an open end."""
    sheet = drawn(Paper(number="87/UBND-VX", heading=None, subject=CUT, order=False))
    first = {line: line.split()[0] for line in CUT}
    level = {w.text: middle(w.box)[1] for w in sheet.words}
    gone = {level[first[CUT[at]]] for at in lost}
    words = tuple(
        w for w in sheet.page().words if not any(abs(middle(w.box)[1] - y) < 3 for y in gone)
    )
    page = sheet.page().model_copy(update={"words": words})
    found = extract(NOWHERE, [page], (), OPTIONS).fields["subject"]
    assert isinstance(found, Field)
    assert found.status is FieldStatus.review


@pytest.mark.parametrize(
    "text",
    ["V/v thực hiện Quyết định của", "V/v triển khai Luật và", "Về việc công nhận các",
     "V/v trả lời,", "V/v trả lời công văn số", "Về việc", "V/v họp ngày 12 tháng",
     "V/v báo cáo (lần", "V/v tổ chức Đại hội lần thứ", "V/v kế hoạch năm 2026 -", "V/v báo cáo về",
     "V/v tại kỳ họp thứ", "V/v thực hiện theo", "V/v rà soát hồ sơ tại", "V/v “chuyển đổi"],
)  # fmt: skip
def test_a_sentence_that_cannot_end_so(text: str) -> None:
    assert ends_open(text)


@pytest.mark.parametrize(
    "text",
    ["V/v chuyển đổi số", "V/v giải phóng mặt bằng", "V/v cấp lại chứng từ", "V/v công tác nhân sự",
     "Về việc nghỉ việc", "V/v các đơn vị trực thuộc", "V/v tài liệu kèm theo", "V/v họp cấp trên",
     "V/v xử lý tồn tại", "V/v quản lý văn bản đi, đến", "V/v đầu vào", "V/v tự do",
     "V/v thực hiện Nghị định số 30/2020/NĐ-CP", "V/v kế hoạch năm 2026", "V/v họp (lần 2)",
     "V/v sinh hoạt hằng ngày"],
)  # fmt: skip
def test_a_sentence_that_may_end_so(text: str) -> None:
    assert not ends_open(text)


def test_a_letter_whose_subject_was_not_read() -> None:
    paper = Paper(number="87/UBND-VX", heading=None, subject=("Kính gửi: Các phòng",), order=False)
    found = said(paper)
    assert (found["doc_type"], found["doc_number"]) == ("CÔNG VĂN", "87/UBND-VX")
    invitation = paper._replace(heading="GIẤY MỜI", number="87/GM-UBND")
    assert read(invitation).document_type is None


def test_a_letter_is_one_where_its_number_can_be_trusted() -> None:
    """A heading may be lost over a subject that begins as a letter's does."""
    letter = Paper(number="87/UBND-VX", heading=None, subject=("V/v thử nghiệm",), order=False)
    for number, status in (("87/UBND-VX", FieldStatus.accepted), ("", FieldStatus.review)):
        fields = read(letter._replace(number=number)).fields
        for name in ("doc_type", "subject"):
            field = fields[name]
            assert isinstance(field, Field) and field.value and field.status is status


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
