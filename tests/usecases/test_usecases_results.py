"""Results made from fields: what they say, in letters that are embedded, with room to sign."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pikepdf
import pypdfium2 as pdfium
import pytest
import zxingcpp
from drawn_signatures import decision
from pikepdf import pdfa

from schemas.errors import Conflict, InputRejected
from signing.appearance.signer_block import blocks, lines_of
from usecases.results import (
    Article,
    Member,
    ResidenceConfirmation,
    Template,
    draw,
    draw_decision,
)
from usecases.results import draw_residence_confirmation as draw_ct07
from usecases.results.paper import SIGNING_ROOM, Issuer, SignatureBlock, written


def _text(path: Path) -> str:
    document = pdfium.PdfDocument(path)
    pages = [" ".join(page.get_textpage().get_text_bounded().split()) for page in document]
    document.close()
    return " ".join(pages)


def _confirmation(**more: object) -> ResidenceConfirmation:
    return ResidenceConfirmation(
        issuer=Issuer(parent="CÔNG AN TỈNH VÍ DỤ", name="CÔNG AN PHƯỜNG HOA SEN", place="Hoa Sen"),
        number="77/XN",
        day=date(2026, 2, 3),
        full_name="Nguyễn Thị Đào",
        dob=date(1990, 5, 17),
        gender="Nữ",
        id_number="048190000017",
        permanent_address="Số 1 phố Thử Nghiệm, phường Hoa Sen",
        members=(
            Member(
                full_name="Lê Văn Mận",
                dob=date(2015, 1, 2),
                gender="Nam",
                id_number="048215000012",
                relation="Con",
            ),
        ),
        valid_until=date(2027, 2, 3),
        signer=SignatureBlock(title="TRƯỞNG CÔNG AN PHƯỜNG", name="Hoàng Văn Ổi"),
        **more,  # type: ignore[arg-type]
    )


def _sound(path: Path) -> None:
    with pikepdf.open(path) as document:
        assert pdfa.check(document, "2b").passed
        for page in document.pages:
            for font in page.Resources.Font.values():
                assert "/FontFile2" in font.DescendantFonts[0].FontDescriptor


def _has_room(path: Path, name: str) -> None:
    document = pdfium.PdfDocument(path)
    (block,) = blocks(lines_of(document[len(document) - 1]))
    assert block.name.text == name
    room = block.name.box[1] - block.title.box[3]
    assert room > (SIGNING_ROOM - 4) * 72 / 25.4
    document.close()


def test_a_decision_says_its_fields(tmp_path: Path) -> None:
    out = tmp_path / "decision.pdf"
    made = decision().model_copy(update={"check": "https://kiemtra.hoasen.example/?m=1"})
    draw_decision(made, out)
    text = _text(out)
    for part in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Số: 123/QĐ-UBND",
        "Hoa Sen, ngày 24 tháng 11 năm 2026",
        made.subject,
        "Điều 3. Các ông, bà có tên tại Điều 1 chịu trách nhiệm thi hành Quyết định này./.",
        "Nơi nhận:",
        "TM. ỦY BAN NHÂN DÂN",
        "Trần Thị Bưởi",
    ):
        assert part in text
    _sound(out)
    _has_room(out, "Trần Thị Bưởi")
    document = pdfium.PdfDocument(out)
    (code,) = zxingcpp.read_barcodes(document[0].render(scale=3).to_pil())
    assert code.text == made.check
    document.close()


def test_a_long_decision_keeps_its_end_together(tmp_path: Path) -> None:
    out = tmp_path / "decision.pdf"
    articles = tuple(
        Article(text=f"Việc thứ {number} " + "làm cho xong " * 20) for number in range(14)
    )
    draw_decision(decision().model_copy(update={"articles": articles}), out)
    document = pdfium.PdfDocument(out)
    assert len(document) >= 2
    last = document[len(document) - 1].get_textpage().get_text_bounded()
    assert last.startswith(str(len(document))) and "Nơi nhận" in last and "Trần Thị Bưởi" in last
    document.close()
    _sound(out)


@pytest.mark.parametrize("words", range(10, 24, 2))
def test_no_line_is_torn_apart_at_the_end_of_a_page(tmp_path: Path, words: int) -> None:
    """The first line of a justified paragraph is written word by word."""
    out = tmp_path / "decision.pdf"
    articles = tuple(Article(text="làm cho xong " * words) for _ in range(14))
    draw_decision(decision().model_copy(update={"articles": articles}), out)
    document = pdfium.PdfDocument(out)
    texts = [page.get_textpage().get_text_bounded() for page in document]
    document.close()
    assert len(texts) <= 4 and all(len(text) > 300 for text in texts[:-1])


def test_a_long_name_breaks_evenly(tmp_path: Path) -> None:
    out = tmp_path / "decision.pdf"
    draw_decision(decision(), out)
    document = pdfium.PdfDocument(out)
    lines = {line.text for line in lines_of(document[0])}
    document.close()
    assert {"ỦY BAN NHÂN DÂN", "PHƯỜNG HOA SEN"} <= lines


def test_ct07_says_its_fields(tmp_path: Path) -> None:
    out = tmp_path / "ct07.pdf"
    draw_ct07(_confirmation(), out)
    text = _text(out)
    for part in (
        "XÁC NHẬN THÔNG TIN VỀ CƯ TRÚ",
        "Số: 77/XN",
        "ngày 03 tháng 02 năm 2026",
        "Nguyễn Thị Đào",
        "17/05/1990",
        "048190000017",
        "Lê Văn Mận",
        "đến hết ngày 03/02/2027",
        "2. Nơi tạm trú: ....",
    ):
        assert part in text
    _sound(out)
    _has_room(out, "Hoàng Văn Ổi")


@pytest.mark.parametrize("draw", [draw_decision, draw_ct07])
def test_letters_that_cannot_be_drawn_are_refused(
    tmp_path: Path, draw: Callable[..., None]
) -> None:
    out = tmp_path / "out.pdf"
    made = (
        decision().model_copy(update={"subject": "Về \u4e2d"})
        if draw is draw_decision
        else _confirmation(other="\u4e2d")
    )
    with pytest.raises(InputRejected) as caught:
        draw(made, out)
    assert caught.value.code == "signing.letters_missing"
    assert list(tmp_path.iterdir()) == []


def test_days_are_written_as_the_decree_asks() -> None:
    assert written(date(2026, 2, 3)) == "ngày 03 tháng 02 năm 2026"
    assert written(date(2026, 11, 24)) == "ngày 24 tháng 11 năm 2026"
    assert written(date(2026, 3, 10)) == "ngày 10 tháng 3 năm 2026"


def test_drawn_from_a_file_of_fields(tmp_path: Path) -> None:
    fields, out = tmp_path / "fields.yaml", tmp_path / "out.pdf"
    fields.write_text(decision().model_dump_json())  # JSON is YAML
    draw(Template.decision, fields, out)
    assert "Quyết định này không có giá trị pháp lý" in _text(out)
    with pytest.raises(Conflict):
        draw(Template.decision, fields, out)
    fields.write_text(_confirmation().model_dump_json().replace('"gender":"Nữ",', "", 1))
    with pytest.raises(InputRejected) as caught:
        draw(Template.ct07, fields, tmp_path / "ct07.pdf")
    assert caught.value.params == {"fields": "gender"}
    for content in ("[1, 2", "3", ""):
        fields.write_text(content)
        with pytest.raises(InputRejected):
            draw(Template.ct07, fields, tmp_path / "ct07.pdf")
    assert not (tmp_path / "ct07.pdf").exists()
