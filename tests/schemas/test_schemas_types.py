"""Document type files: what the check says of them, and where an office keeps its own."""

import re
from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from schemas.document_type import document_type, document_types, known_types
from schemas.errors import ConfigurationError
from schemas.type_check import check_type
from schemas.validators import FieldType, check_names, date_in_words, number_in_words

ROOT = Path(__file__).parents[2]
SHIPPED = {
    path.stem: path.read_text("utf-8") for path in (ROOT / "schemas/document_types").glob("*.yaml")
}
GUIDE = (ROOT / "docs/adding-a-form.md").read_text("utf-8")
EXAMPLE = re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)[0]


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_files_have_no_fault(name: str) -> None:
    checked = check_type(SHIPPED[name], SHIPPED)
    assert checked.type is not None
    assert checked.findings == ()


def test_the_guide_s_example_is_whole_and_its_lists_are_complete() -> None:
    assert check_type(EXAMPLE).findings == ()
    for kind in FieldType:
        assert f"`{kind.value}`" in GUIDE


@pytest.mark.parametrize(
    ("old", "new", "line", "code"),
    [
        ("layout: labelled", "layout: spiral", 4, "types.not_one_of"),
        (
            "layout: labelled",
            "layout: labelled\ndouble_entry: [dob, nobody]",
            1,
            "types.double_entry_fields",
        ),
        ("layout: labelled", "layout: labelled\ndouble_entry: maybe", 5, "types.wants_list"),
        ("titles:", "title:", 6, "types.misspelt_key"),
        ("required: true}", "requird: true}", 8, "types.misspelt_key"),
        ("id: sex,", "id: dob,", 7, "types.id_twice"),
        ("id: giay_xin", "id: Giấy xin", 1, "types.bad_id"),
        ("lines: 2", "lines: many", 12, "types.wants_number"),
        ("lines: 2", "pattern: '(x'", 12, "types.bad_pattern"),
        ("lines: 2", "pattern: x", 12, "types.pattern_without_value"),
        ("lines: 2", "validators: [nope]", 1, "types.unknown_validators"),
        ("lines: 2", "shape: table", 12, "types.columns_of_table"),
        ("number: personal_id", "number: nobody", 1, "types.rule_fields"),
        ("legal_basis: Quy chế nội bộ", "legal_basis: 12", 3, "types.wants_text"),
        ("names: {vi: Giấy xin nghỉ phép, ", "names: {", 2, "types.missing_key"),
        ("type: name, req", "type: name, type: text, req", 8, "types.key_twice"),
        ("layout: labelled", "layout: labelled\nextends: nothing", 5, "types.unknown_base"),
        ("  titles: [", "  titles: ]", 6, "types.not_yaml"),
    ],
)
def test_a_fault_is_said_with_its_line(old: str, new: str, line: int, code: str) -> None:
    checked = check_type(EXAMPLE.replace(old, new, 1))
    assert checked.type is None
    faults = [one for one in checked.findings if one.fault]
    assert code in {one.code for one in faults}
    found = next(one for one in faults if one.code == code)
    assert found.line == line or code in {"types.id_twice", "types.rule_fields"}
    for language in ("vi", "en"):
        assert "{" not in found.sentence(language).replace("{text", "")


def test_advice_does_not_forbid() -> None:
    text = EXAMPLE.replace("  titles: [GIẤY XIN NGHỈ PHÉP]", "  signs: []")
    text = text.replace("labels: [{text: NGƯỜI LÀM ĐƠN}], ", "")
    checked = check_type(text + "procedures: [abc]\n")
    assert checked.type is not None
    codes = {one.code for one in checked.findings}
    assert codes == {"types.not_recognisable", "types.no_label", "types.odd_procedure"}


@given(st.text(max_size=80))
def test_any_text_gets_an_answer(text: str) -> None:
    checked = check_type(text)
    assert checked.type is not None or checked.findings


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5),
                    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
                        st.sampled_from(["id", "names", "fields", "layout", "extends", "rules"]),
                        inner, max_size=4), max_leaves=12))  # fmt: skip
def test_any_yaml_gets_an_answer(value: object) -> None:
    checked = check_type(yaml.safe_dump(value))
    assert checked.type is not None or any(one.fault for one in checked.findings)


def test_an_office_s_own_files(tmp_path: Path) -> None:
    assert known_types(None) == known_types(tmp_path / "none") == document_types()
    own = tmp_path / "leave.yaml"
    own.write_text(EXAMPLE, encoding="utf-8")
    assert document_type("giay_xin_nghi_phep", None, tmp_path) is not None
    assert document_type("giay_xin_nghi_phep") is None
    own.write_text("extends: giay_ket_hon\nid: giay_ket_hon\nlegal_basis: Khác\n", encoding="utf-8")
    changed = document_type("giay_ket_hon", None, tmp_path)
    assert changed is not None
    assert changed.legal_basis == "Khác"
    assert len(known_types(tmp_path)) == len(document_types())
    own.write_text("extends: leave\n", encoding="utf-8")
    with pytest.raises(ConfigurationError) as refused:
        known_types(tmp_path)
    assert refused.value.code == "types.bad_file"
    assert "leave.yaml" in refused.value.sentence("vi")


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("mười", 10), ("mười lăm", 15), ("hai mươi", 20), ("hai mươi mốt", 21), ("ba mốt", 31),
        ("hai nghìn không trăm linh tư", 2004), ("hai ngàn không trăm hai mươi sáu", 2026),
        ("một nghìn chín trăm chín mươi lăm", 1995), ("một chín chín lăm", 1995),
        ("hai nghìn", 2000), ("hai nghìn hai mươi", 2020), ("nhiều", None), ("", None),
        ("mười mười", None),
    ],
)  # fmt: skip
def test_numbers_in_words(words: str, number: int | None) -> None:
    assert number_in_words(words) == number


def test_dates_in_words() -> None:
    text = "Ngày mùng năm, tháng giêng, năm hai nghìn không trăm hai mươi tư"
    assert date_in_words(text) == date(2024, 1, 5)
    assert date_in_words("ngày ba mươi mốt tháng hai năm hai nghìn") is None
    assert date_in_words("hôm qua") is None


@given(st.text(max_size=60))
def test_any_words_get_an_answer(text: str) -> None:
    number_in_words(text)
    date_in_words(f"ngày {text} tháng {text} năm {text}")


def test_every_check_has_a_name_in_use() -> None:
    assert {"tax_code", "date_or_year", "business_code", "civil_status_number"} <= check_names()
