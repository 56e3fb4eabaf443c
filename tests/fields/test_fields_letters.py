"""Official letters: what their issuer and their subject are, and when that is not certain."""

from pathlib import Path

import pytest
from drawn_layouts import NOWHERE, OPTIONS, Paper, drawn, read, said

from ocr.fields import extract
from ocr.fields.decree30.subject_end import ends_open
from ocr.fields.lines import middle
from schemas.field import Field, FieldStatus
from schemas.page import PageKind


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
