"""Document types as data: what ships is whole, what is malformed is refused."""

import pytest

from schemas.document_type import document_type, document_types, parse
from schemas.errors import ConfigurationError

ADMINISTRATIVE = {"quyet_dinh", "cong_van", "to_trinh", "thong_bao", "chi_thi", "bao_cao"}

SMALL = """
id: giay_xin_phep
names: {vi: Giấy xin phép, en: Request for leave}
legal_basis: Không có
layout: form
recognise: {titles: [GIẤY XIN PHÉP]}
fields:
  - {id: full_name, labels: [{text: Họ và tên}], type: name, required: true}
"""


def test_shipped_types() -> None:
    keys = {t.key for t in document_types()}
    assert keys >= ADMINISTRATIVE | {"ct01@56/2021", "ct01@66/2023", "ct01@53/2025"}
    assert keys >= {"ct01@116/2026"}
    assert all(t.names.vi and t.names.en and t.legal_basis for t in document_types())


def test_administrative_types_share_one_layout() -> None:
    ids = [
        tuple(field.id for field in t.fields) for t in document_types() if t.id in ADMINISTRATIVE
    ]
    assert len(ids) == len(ADMINISTRATIVE)
    assert len(set(ids)) == 1
    assert {"issuing_org", "doc_number", "issue_date", "subject", "signer_name"} <= set(ids[0])


def test_ct01_has_the_ids_of_the_domain() -> None:
    spec = document_type("ct01", "66/2023")
    assert spec is not None
    ids = [field.id for field in spec.fields]
    assert ids == [
        "addressee", "full_name", "dob", "sex", "personal_id", "phone", "email", "head_name",
        "relation_to_head", "head_personal_id", "request_content", "members", "consents",
    ]  # fmt: skip
    members = spec.field("members")
    assert members is not None
    shown = [column.id for column in members.columns if column.shown]
    assert shown == ["full_name", "dob", "sex", "personal_id", "relation"]


def test_a_type_from_yaml_alone() -> None:
    assert parse(SMALL).fields[0].required


@pytest.mark.parametrize(
    "more",
    [
        "colour: red",
        "rules: [{rule: personal_number_matches, fields: {number: none}}]",
        "fields: [{id: a}, {id: a}]",
        "fields: [{id: a, validators: [no_such_check]}]",
        "fields: [{id: a, shape: table}]",
        "fields: [{id: a, shape: cells}]",
        "fields: [{id: Ä}]",
        "layout: spiral",
        "[",
        "- a",
    ],
)
def test_what_is_malformed_is_refused(more: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        parse(f"{SMALL}\n{more}")
    assert refused.value.code == "fields.bad_document_type"
    assert "document_types" in refused.value.sentence("en")
