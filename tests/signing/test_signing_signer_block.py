"""Titles and names of those who sign, told by their letters and by where they stand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing.appearance.signer_block import TextLine, is_name, is_title, signer_blocks


@pytest.mark.parametrize(
    ("text", "title", "name"),
    [
        ("KT. CHỦ TỊCH", True, False),
        ("TRƯỞNG CÔNG AN XÃ", True, False),
        ("TM. ỦY BAN NHÂN DÂN", False, False),
        ("Nguyễn Văn A", False, True),
        ("Thiếu tá Trần Thị Bưởi", False, True),
        ("TS. Lê Văn Mít", False, True),
        ("ThS Lê Văn Mít", False, True),
        ("Bác sĩ Lê Văn Mít", False, True),
        ("H'Hen Niê Êban", False, True),
        ("K’Brêu", False, True),
        ("Y Moan Ê-nuôl", False, True),
        ("CÔNG CHỨC TƯ PHÁP - HỘ TỊCH", True, False),
        ("Trung tâm phục vụ", False, False),
        ("Về việc thử nghiệm", False, False),
        ("Điều 1. Công nhận", False, False),
        ("", False, False),
    ],
)
def test_titles_and_names(text: str, title: bool, name: bool) -> None:
    assert (is_title(text), is_name(text)) == (title, name)


def _line(text: str, top: float, middle: float = 400.0) -> TextLine:
    return TextLine(text, (middle - 60, top, middle + 60, top + 12))


@pytest.mark.parametrize(
    ("above", "name", "title"),
    [
        (["KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH", "THƯỜNG TRỰC"], "Lê Văn Mít", True),
        (["NGƯỜI TIẾP NHẬN", "(Ký, ghi rõ họ tên)"], "Lê Văn Mít", True),
        (["CHỦ TỊCH"], "LÊ VĂN MÍT", True),  # in capitals, but the signer's own name
        (["CHỦ TỊCH"], "ThS Lê Văn Mít", True),
        (["CHỦ TỊCH"], "NGÔ THỊ NA", False),
        (["CHỦ TỊCH", "đã xem"], "Lê Văn Mít", False),
        (["KẾT THÚC"], "Lê Văn Mít", False),
    ],
)
def test_titles_in_several_lines(above: list[str], name: str, title: bool) -> None:
    lines = [_line(text, 100 + 15 * number) for number, text in enumerate(above)]
    end = lines[-1].box[3]
    found = signer_blocks(
        [*lines, _line(name, end + 60), _line("Nơi nhận:", 100, 120)], "Lê Văn Mít"
    )
    assert [block.title.box[3] for block in found] == ([end] if title else [])
    assert not signer_blocks([*lines, _line(name, end + 20)], "Lê Văn Mít")  # no room


@given(st.text(max_size=60))
def test_any_text_is_judged(text: str) -> None:
    assert not (is_title(text) and is_name(text))
