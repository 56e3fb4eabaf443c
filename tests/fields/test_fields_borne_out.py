"""What fields of an administrative paper say of each other, and rules of single ones."""

import pytest

from ocr.fields.decree30.closing import possible_entry, row_whole
from ocr.fields.decree30.same_place import SAME_PLACE, with_same_place
from ocr.fields.decree30.signer_titles import title_line, titles_known
from ocr.fields.evidence import Evidence, nothing
from ocr.fields.lines import Phrase
from schemas.document_type import DocumentType, document_type
from schemas.page import Word
from schemas.validators import FieldType


def decision() -> DocumentType:
    spec = document_type("quyet_dinh")
    assert spec is not None
    return spec


def told(issuer: str | None, place: str | None, parent: str | None = None) -> list[bool | None]:
    """What the check says of the parent, the issuer and the place; None where it is not made."""
    said = {"parent_org": parent, "issuing_org": issuer, "issue_place": place}
    found = with_same_place({n: Evidence(FieldType.text, v, v) for n, v in said.items()})
    checks = [[c for c in found[name].checks if c.name == SAME_PLACE] for name in said]
    assert not any(one[0].blocking for one in checks if one and one[0].passed)
    assert all(one[0].blocking for one in checks[:2] if one and not one[0].passed)
    return [one[0].passed if one else None for one in checks]


@pytest.mark.parametrize(
    ("issuer", "place", "says"),
    [
        ("ỦY BAN NHÂN DÂN XÃ VÍ DỤ", "Ví Dụ", [None, True, True]),
        ("ỦY BAN NHÂN DÂN THÀNH PHỐ VÍ DỤ", "TP. Ví Dụ", [None, True, True]),
        ("ỦY BAN NHÂN DÂN TỈNH VÍ DỤ", "Tân Mẫu", [None, None, None]),
        ("ỦY BAN NHÂN DÂN XÃ VÍ DU", "Ví Dụ", [None, False, False]),
        ("ỦY BAN NHÂN DÂN XÃ VÍ", "Ví Dụ", [None, False, None]),  # the place is whole
        ("BỘ CÔNG AN", "An Ví", [None, None, None]),
        ("UBND XÃ", "Ví Dụ", [None, None, None]),
        (None, "Ví Dụ", [None, None, None]),
        ("UBND XÃ VÍ DỤ", None, [None, None, None]),
    ],
)
def test_a_place_that_is_read_twice(
    issuer: str | None, place: str | None, says: list[bool | None]
) -> None:
    assert told(issuer, place) == says


def test_a_parent_names_the_place_too() -> None:
    assert told("SỞ NỘI VỤ", "Ví Dụ", parent="UBND TỈNH VÍ DỤ") == [True, None, True]
    assert told("TRƯỜNG VÍ DU", "Ví Dụ", parent="UBND XÃ VÍ DỤ") == [True, False, True]
    absent = nothing(FieldType.text)
    bare = {"parent_org": absent, "issuing_org": absent, "issue_place": absent}
    assert with_same_place(bare) == bare


def test_under_a_head_stands_his_own_deputy() -> None:
    spec = decision()
    assert titles_known(["KT. HIỆU TRƯỞNG", "PHÓ HIỆU TRƯỞNG"], spec)
    assert titles_known(["KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH THƯỜNG TRỰC"], spec)
    assert titles_known(["KT. CHỦ TỊCH HỘI ĐỒNG", "PHÓ CHỦ TỊCH"], spec)
    assert titles_known(["KT. BỘ TRƯỞNG", "THỨ TRƯỞNG"], spec)
    assert not titles_known(["KT. HIỆU TRƯỞNG", "PHÓ BỘ TRƯỞNG"], spec)
    assert not titles_known(["KT. HIỆU TRƯỞNG", "THỨ TRƯỞNG"], spec)
    found = title_line("PHÒ THÊU TRƯỞNG", ["PHO THÊU TRƯỞNG"], spec, None)
    assert found is None or found[0] != "PHÓ THỨ TRƯỞNG"  # there is no such title


@pytest.mark.parametrize("text", ["Như trên", "Bộ Nội vụ (để b/c)", "UBND xã Đắk Mẫu", "Lưu: VT"])
def test_a_recipient_that_can_be(text: str) -> None:
    assert possible_entry(text)


@pytest.mark.parametrize("text", ["Như trêr", "N", "1", "P(", "Sở Tàl chínn"])
def test_a_recipient_that_cannot_be(text: str) -> None:
    assert not possible_entry(text)


@pytest.mark.parametrize(
    ("seen", "read", "indent", "passed", "firm"),
    [
        ("- Sở Tư pháp;", "Sở Tư pháp", 0.0, True, False),
        ("Sở Tư pháp", "Sở Tư pháp", 6.0, False, False),  # its dash may only be pale
        ("- Sở Tư pháp;", "Sở Tư pháp", 60.0, False, True),  # the middle of a row
        ("- Công", "Cô", 0.0, False, True),  # shorter than it was seen
        ("- Thường trực HĐND;", "hường trực HĐND t", 0.0, False, True),
        ("- Ủy ban (báo cáo;", "Ủy ban (báo", 0.0, False, True),  # its end is lost
        ("- Như Điều;", "Như Điều", 0.0, False, True),
    ],
)
def test_a_row_that_was_cut(seen: str, read: str, indent: float, passed: bool, firm: bool) -> None:
    words = tuple(
        Word(text=text, box=(0.0, 0.0, 1.0, 1.0), confidence=1.0, line=0) for text in seen.split()
    )
    check = row_whole(Phrase(words), read, indent)
    assert (check.passed, check.blocking) == (passed, firm)
