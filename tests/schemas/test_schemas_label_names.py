"""One vocabulary: the same label is called the same in every form."""

import pytest

from schemas.document_type import document_type, document_types, parse
from schemas.label_names import bare, named, rules_for, signer
from schemas.type_file import written
from schemas.validators import FieldType


@pytest.mark.parametrize(
    ("label", "field_id", "kind"),
    [
        ("1. Họ, chữ đệm và tên:", "full_name", FieldType.name),
        ("13. Họ, chữ đệm và tên cha:", "father_name", FieldType.name),
        ("9. Số định danh cá nhân của chủ hộ:", "head_personal_id", FieldType.personal_id),
        ("8. Moi quan hệ với chủ hộ", "relation_to_head", FieldType.text),
        ("(7)Họvàtên", "full_name", FieldType.name),
        ("10. Quốc tịch (nếu có):", "nationality", FieldType.text),
    ],
)
def test_a_label_is_called_by_what_it_says(label: str, field_id: str, kind: FieldType) -> None:
    found = named(label)
    assert (found.id, found.type, found.id_known) == (field_id, kind, True)


def test_an_unknown_label_is_called_by_its_words_and_is_a_guess() -> None:
    found = named("12. Số điện thoại của hàng xóm:")
    assert (found.id, found.type) == ("so_dien_thoai_cua", FieldType.phone)
    assert (found.id_known, found.type_known) == (False, True)
    assert not named("Màu sơn").type_known


def test_number_and_remark_are_no_part_of_a_label() -> None:
    assert bare("II. Kiến nghị (nếu có):") == "Kiến nghị"


def test_who_signs_is_told_by_the_heading_though_it_is_badly_read() -> None:
    assert signer("Ý KIÉN CỦA CHỦ SỞ HỮU CHỖ ỞHỢP PHÁP").id == "owner"
    assert not signer("HỘI ĐỒNG KHOA HỌC").known


def test_the_shipped_form_is_called_as_the_vocabulary_says() -> None:
    shipped = document_type("ct01", "66/2023")
    assert shipped is not None
    for field in shipped.fields:
        for label in field.labels:
            found = named(label.text)
            assert (found.id, found.type) == (field.id, field.type)


def test_a_type_stands_first_where_a_draft_is_like_it() -> None:
    receipt = document_type("ct04", "66/2023")
    assert named("Thành phần hồ sơ nộp gồm:", receipt).id == "papers"
    assert named("Nội dung:", receipt).id == "content"


def test_checks_come_where_all_their_fields_are() -> None:
    assert rules_for({"personal_id", "dob"}, {}) == ()
    assert len(rules_for({"personal_id", "dob", "sex"}, {})) == 1


@pytest.mark.parametrize("key", ["ct01@66/2023", "ct08@66/2023", "quyet_dinh"])
def test_a_written_type_is_the_type_that_is_read_again(key: str) -> None:
    (spec,) = (one for one in document_types() if one.key == key)
    assert parse(written(spec, "a remark")) == spec
