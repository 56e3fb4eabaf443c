"""Results made from fields: what they say, in letters that are embedded, with room to sign."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2 as pdfium
import pytest
import zxingcpp
from drawn_signatures import decision
from pikepdf import pdfa

from schemas.errors import ConfigurationError, Conflict, InputRejected
from signing.appearance.signer_block import lines_of, signer_blocks
from usecases.results import draw, draw_file, known_templates, shipped_templates
from usecases.results.paper import SIGNING_ROOM, written


def _text(path: Path) -> str:
    document = pdfium.PdfDocument(path)
    pages = [" ".join(page.get_textpage().get_text_bounded().split()) for page in document]
    document.close()
    return " ".join(pages)


def _confirmation(**more: object) -> dict[str, Any]:
    return {
        "issuer": {
            "parent": "CÔNG AN TỈNH VÍ DỤ",
            "name": "CÔNG AN PHƯỜNG HOA SEN",
            "place": "Hoa Sen",
        },
        "number": "77/XN",
        "day": "2026-02-03",
        "full_name": "Nguyễn Thị Đào",
        "dob": "1990-05-17",
        "gender": "Nữ",
        "id_number": "048190000017",
        "permanent_address": "Số 1 phố Thử Nghiệm, phường Hoa Sen",
        "members": [
            {
                "full_name": "Lê Văn Mận",
                "dob": "2015-01-02",
                "gender": "Nam",
                "id_number": "048215000012",
                "relation": "Con",
            }
        ],
        "valid_until": "2027-02-03",
        "signer": {"title": "TRƯỞNG CÔNG AN PHƯỜNG", "name": "Hoàng Văn Ổi"},
        **more,
    }


def draw_decision(out: Path, **more: object) -> dict[str, Any]:
    """Draw the decision with other fields; those it was drawn from."""
    values = {**decision(), **more}
    draw(shipped_templates()["decision"], values, out)
    return values


def draw_ct07(out: Path, **more: object) -> dict[str, Any]:
    """The same for the confirmation of residence."""
    values = _confirmation(**more)
    draw(shipped_templates()["ct07"], values, out)
    return values


def _sound(path: Path) -> None:
    with pikepdf.open(path) as document:
        assert pdfa.check(document, "2b").passed
        for page in document.pages:
            for font in page.Resources.Font.values():
                assert "/FontFile2" in font.DescendantFonts[0].FontDescriptor


def _has_room(path: Path, name: str) -> None:
    document = pdfium.PdfDocument(path)
    (block,) = signer_blocks(lines_of(document[len(document) - 1]))
    assert block.name.text == name
    room = block.name.box[1] - block.title.box[3]
    assert room > (SIGNING_ROOM - 4) * 72 / 25.4
    document.close()


def test_a_decision_says_its_fields(tmp_path: Path) -> None:
    out = tmp_path / "decision.pdf"
    made = draw_decision(out, check="https://kiemtra.hoasen.example/?m=1")
    text = _text(out)
    for part in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Số: 123/QĐ-UBND",
        "Hoa Sen, ngày 24 tháng 11 năm 2026",
        made["subject"],
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
    assert code.text == made["check"]
    document.close()


def test_a_public_code_stands_there_in_letters_too(tmp_path: Path) -> None:
    out, code = tmp_path / "decision.pdf", "0123456789ABCDEFGHJKMNPQRS"
    draw_decision(out, check=f"https://sohoa.hoasen.example/check/{code}")
    text = _text(out)
    assert "Kiểm tra: sohoa.hoasen.example/check" in text
    assert "0123-4567-89AB-CDEF-GHJK-MNPQ-RS" in text
    _has_room(out, "Trần Thị Bưởi")


def test_a_long_decision_keeps_its_end_together(tmp_path: Path) -> None:
    out = tmp_path / "decision.pdf"
    articles = [{"text": f"Việc thứ {number} " + "làm cho xong " * 20} for number in range(14)]
    draw_decision(out, articles=articles)
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
    draw_decision(out, articles=[{"text": "làm cho xong " * words}] * 14)
    document = pdfium.PdfDocument(out)
    texts = [page.get_textpage().get_text_bounded() for page in document]
    document.close()
    assert len(texts) <= 4 and all(len(text) > 300 for text in texts[:-1])


def test_a_long_name_breaks_evenly(tmp_path: Path) -> None:
    out = tmp_path / "decision.pdf"
    draw_decision(out)
    document = pdfium.PdfDocument(out)
    lines = {line.text for line in lines_of(document[0])}
    document.close()
    assert {"ỦY BAN NHÂN DÂN", "PHƯỜNG HOA SEN"} <= lines


def test_ct07_says_its_fields(tmp_path: Path) -> None:
    out = tmp_path / "ct07.pdf"
    draw_ct07(out)
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


@pytest.mark.parametrize(("drawing", "field"), [(draw_decision, "subject"), (draw_ct07, "other")])
def test_letters_that_cannot_be_drawn_are_refused(
    tmp_path: Path, drawing: Callable[..., object], field: str
) -> None:
    out = tmp_path / "out.pdf"
    with pytest.raises(InputRejected) as caught:
        drawing(out, **{field: "Về \u4e2d"})
    assert caught.value.code == "signing.letters_missing"
    assert list(tmp_path.iterdir()) == []


def test_days_are_written_as_the_decree_asks() -> None:
    assert written(date(2026, 2, 3)) == "ngày 03 tháng 02 năm 2026"
    assert written(date(2026, 11, 24)) == "ngày 24 tháng 11 năm 2026"
    assert written(date(2026, 3, 10)) == "ngày 10 tháng 3 năm 2026"


def test_drawn_from_a_file_of_fields(tmp_path: Path) -> None:
    fields, out = tmp_path / "fields.yaml", tmp_path / "out.pdf"
    fields.write_text(json.dumps(decision()))  # JSON is YAML
    draw_file(shipped_templates()["decision"], fields, out)
    assert "Quyết định này không có giá trị pháp lý" in _text(out)
    with pytest.raises(Conflict):
        draw_file(shipped_templates()["decision"], fields, out)
    without = {name: value for name, value in _confirmation().items() if name != "gender"}
    fields.write_text(json.dumps(without))
    with pytest.raises(InputRejected) as caught:
        draw_file(shipped_templates()["ct07"], fields, tmp_path / "ct07.pdf")
    assert caught.value.params == {"fields": "gender"}
    for content in ("[1, 2", "3", ""):
        fields.write_text(content)
        with pytest.raises(InputRejected):
            draw_file(shipped_templates()["ct07"], fields, tmp_path / "ct07.pdf")
    assert not (tmp_path / "ct07.pdf").exists()


RECEIPT = """\
title: Giấy biên nhận {number}
legal_basis: Quy chế của phường
missing: "……"
fields:
  full_name: {at_least: 1}
  due: {kind: date}
  note: {required: false}
  papers: {kind: rows, at_least: 1, columns: {name: {}, given: {kind: date}}}
  copies: {kind: texts, required: false}
body:
  - letterhead: {}
  - line: {text: GIẤY BIÊN NHẬN, size: 14, style: B, align: C}
  - line: {text: "Ông, bà {full_name}, hẹn trả {due}, ghi chú {note}"}
  - line: {text: "Bản sao kèm theo:", when: copies}
  - each: {field: copies, text: "{n}) {item}", strip: ".", between: ";", last: "."}
  - each: {field: papers, text: "Giấy {n}: {name} của {full_name}"}
  - table:
      field: papers
      columns: [{head: TT, text: "{n}", width: 10}, {head: Ngày, text: "{given}", width: 30}]
  - signature: {}
"""


def _own(tmp_path: Path, text: str = RECEIPT) -> Path:
    folder = tmp_path / "result-templates"
    folder.mkdir(exist_ok=True)
    (folder / "bien-nhan.yaml").write_text(text, "utf-8")
    return folder


def test_an_office_s_own_template_is_one_file(tmp_path: Path) -> None:
    templates, out = known_templates(_own(tmp_path)), tmp_path / "out.pdf"
    assert set(templates) == {"decision", "ct07", "bien-nhan"}
    common = {name: decision()[name] for name in ("issuer", "number", "day", "signer")}
    values = {
        "full_name": "Nguyễn Thị Đào",
        "due": "2026-12-01",
        "papers": [{"name": "Tờ khai", "given": "2026-11-20"}],
    }
    draw(templates["bien-nhan"], {**common, **values}, out)
    text = _text(out)
    assert "Ông, bà Nguyễn Thị Đào, hẹn trả 01/12/2026, ghi chú ……" in text
    assert "Giấy 1: Tờ khai của Nguyễn Thị Đào" in text and "20/11/2026" in text
    assert "Bản sao" not in text
    _sound(out)
    _has_room(out, "Trần Thị Bưởi")
    draw(templates["bien-nhan"], {**common, **values, "copies": ["CCCD.", "Ảnh"]}, out)
    assert "Bản sao kèm theo: 1) CCCD; 2) Ảnh." in _text(out)
    for wrong in ({"papers": []}, {"full_name": ""}, {"more": "x"}, {"due": "mai"}):
        with pytest.raises(InputRejected) as caught:
            draw(templates["bien-nhan"], {**common, **values, **wrong}, out)
        assert caught.value.params == {"fields": next(iter(wrong))}


@pytest.mark.parametrize(
    ("change", "code", "line"),
    [
        (("{due}, ghi", "{duo}, ghi"), "data.unknown_parameter", 13),
        (("{n}) {item}", "{n}) {name}"), "data.unknown_parameter", 15),
        (('text: "{given}"', 'text: "{item}"'), "data.unknown_parameter", 17),
        (("nhận {number}", "nhận {papers}"), "data.unknown_parameter", 1),
        (("when: copies", "when: copy"), "signing.template_field", 14),
        (("field: copies", "field: note"), "signing.template_field", 15),
        (("  - letterhead: {}", "  - {letterhead: {}, space: {height: 1}}"),
         "signing.template_one", 11),
        (("  - letterhead: {}", "  - {}"), "signing.template_one", 11),
        (("  note: {required: false}", "  number: {}"), "signing.template_taken", 7),
        (("kind: texts", "kind: rows"), "signing.template_columns", 9),
        (("size: 14", "size: big"), "data.bad_value", 12),
        (("align: C", "align: X"), "data.not_one_of", 12),
        (("  - signature: {}", "  - signatures: {}"), "data.unknown_key", 20),
    ],
)  # fmt: skip
def test_a_faulty_template_is_told_by_its_line(
    tmp_path: Path, change: tuple[str, str], code: str, line: int
) -> None:
    assert change[0] in RECEIPT
    with pytest.raises(ConfigurationError) as caught:
        known_templates(_own(tmp_path, RECEIPT.replace(*change)))
    assert (caught.value.code, caught.value.params.get("line")) == (code, line)
    for language in ("vi", "en"):
        assert "bien-nhan.yaml" in caught.value.sentence(language)  # type: ignore[arg-type]
