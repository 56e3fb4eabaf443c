"""Papers without fixed places: drawn from their own type, read after their labels."""

from pathlib import Path
from typing import Any

import pytest
from drawn_types import (
    COUNCIL,
    HEAD,
    KINH,
    PERSON,
    STREET,
    draw_on_blank,
    draw_type,
    page_of,
    scanned,
    type_of,
)

from ocr import extract, read_page
from ocr.options import ReadingOptions
from schemas.document_type import document_type, parse
from schemas.field import FieldStatus
from schemas.manifest import Extraction, walk_fields
from schemas.validators import parse_date

OPTIONS = ReadingOptions()


def _named(prefix: str, values: dict[str, str]) -> dict[str, str]:
    return {f"{prefix}_{name}": value for name, value in values.items()}


WORDS = "Ngày mười lăm tháng ba năm hai nghìn không trăm hai mươi sáu"
CHILD = {"full_name": "LÊ THỊ THỬ", "dob": "15/03/2026", "dob_in_words": WORDS, "sex": "Nữ", **KINH}
PARENTS = _named("mother", {"name": "PHẠM THỊ MẪU", "birth": "1995", **KINH, "residence": STREET})
PARENTS |= _named("father", {"name": "LÊ VĂN MẪU", "birth": "1993", **KINH, "residence": STREET})
SPOUSES = _named("wife", {"name": "LÊ THỊ THỬ", "dob": "15/03/1996", **KINH, "residence": STREET})
SPOUSES |= _named("husband", {"name": "LÊ VĂN MẪU", "dob": "1994", **KINH, "residence": STREET})
OWNER = {"name": "LÊ VĂN THỬ", "sex": "Nam", "dob": "01/02/1994", **KINH}

PAPERS: dict[str, dict[str, Any]] = {
    "giay_khai_sinh": {
        "number": "12/2026", **CHILD, "birth_place": "Bệnh viện Thử Nghiệm, phường Ví Dụ",
        "hometown": "Phường Ví Dụ, thành phố Đà Nẵng", "personal_id": "048326000123", **PARENTS,
        "declarant_name": "LÊ VĂN MẪU", "registration_place": COUNCIL,
        "registration_date": "20/03/2026", "signer_name": "Trần Minh Thử",
    },
    "to_khai_khai_sinh": {
        "addressee": COUNCIL, "declarant_name": "Lê Văn Mẫu", "declarant_residence": STREET,
        "declarant_relation": "Cha", **CHILD, "birth_place": "Bệnh viện Thử Nghiệm", **PARENTS,
    },
    "trich_luc_khai_tu": {
        "number": "47/2026/TLKT-BS", "full_name": "HỒ VĂN THỬ", "dob": "1940", "sex": "Nam", **KINH,
        "personal_id": "048040000123", "died_time": "10 giờ 30 phút, ngày 15 tháng 3 năm 2026",
        "died_in_words": WORDS, "place": STREET, "cause": "Bệnh già",
        "declarant_name": "HỒ VĂN MẪU", "registration_place": COUNCIL,
    },
    "giay_ket_hon": {
        "number": "12/2026", **SPOUSES, "registration_place": COUNCIL,
        "registration_date": "06/03/2026",
    },
    "ho_kinh_doanh": {
        "code": "0400123454", "first_registered": "ngày 05 tháng 3 năm 2024",
        "name": "HỘ KINH DOANH THỬ NGHIỆM", "address": STREET, "phone": "0905000111",
        "capital": "200.000.000 đồng", **_named("owner", OWNER),
        "owner_personal_id": "048094000123",
    },
    "giay_tiep_nhan": {
        "reception_unit": COUNCIL, "dossier_code": "H17.9.3-261123-0001",
        "dossier_owner": "Lê Văn Thử", "address": STREET, "phone": "0905000111",
        "request_content": "Đăng ký khai sinh cho con",
        "components": [
            {"name": "Tờ khai đăng ký khai sinh", "originals": "1", "copies": "0"},
            {"name": "Giấy chứng sinh", "originals": "1", "copies": "0"},
        ],
        "received_at": "08 giờ 30 phút, ngày 23 tháng 11 năm 2026", "due_at": "ngày 24/11/2026",
    },
    "ct07@66/2023": {
        **PERSON, **{"ethnicity": "Kinh", "religion": "Không"}, "permanent_residence": STREET,
        "head_name": "Lê Văn Mẫu", "relation_to_head": "Con đẻ",
        "head_personal_id": "048064000123",
        "members": [
            {"full_name": "Hồ Thị Mẫu", "dob": "01/02/1966", "sex": "Nữ",
             "personal_id": "048166000123", "relation": "Vợ"},
            {"full_name": "Lê Văn Mẫu", "dob": "01/02/2001", "sex": "Nam",
             "personal_id": "048201000123", "relation": "Con đẻ"},
        ],
        "signer_name": "Trần Minh Thử",
    },
    "ct08@66/2023": {
        "addressee": "Lê Thị Thử", **PERSON,
        "content": "Hồ sơ đăng ký thường trú đã được giải quyết và cập nhật vào cơ sở dữ liệu",
        "signer_name": "Trần Minh Thử",
    },
    "ct04@66/2023": {
        "dossier_code": "H17.9.3-261123-0001", "full_name": "Lê Thị Thử",
        "personal_id": "048196000123", "permanent_residence": STREET, "phone": "0905000111",
        "request_content": "Đăng ký tạm trú",
        "papers": [{"name": "Tờ khai CT01", "form": "Bản chính", "note": "Đủ"}],
        "received_at": "08 giờ 30 phút, ngày 23/11/2026", "due_at": "ngày 30/11/2026",
    },
}  # fmt: skip
TOPS = {
    "ct07@66/2023": (
        "Mẫu CT07 ban hành kèm theo Thông tư số 66/2023/TT-BCA",
        "CÔNG AN PHƯỜNG VÍ DỤ",
    ),
    "ct08@66/2023": ("Mẫu CT08 ban hành kèm theo Thông tư số 66/2023/TT-BCA", *HEAD),
    "ct04@66/2023": ("Mẫu CT04 ban hành kèm theo Thông tư số 66/2023/TT-BCA", "Số: 15/PTN"),
}


def read(path: Path, types: Any = None) -> Extraction:
    return extract(path, [read_page(path, 1, OPTIONS)], (), OPTIONS, types)


def expected(values: dict[str, Any]) -> dict[str, str]:
    flat: dict[str, str] = {}
    for name, value in values.items():
        if isinstance(value, list):
            flat |= {f"{name}.{n}.{k}": v for n, row in enumerate(value) for k, v in row.items()}
        else:
            flat[name] = READ.get(name, value)
    return flat


READ = {"died_time": "10 giờ 30 phút"}
"""Of what is written, what is the field's value."""

SCANNED = ("giay_khai_sinh", "giay_tiep_nhan")
"""Papers with all there is to a layout: sections, a table, dates, names under labels."""


@pytest.mark.parametrize("key", PAPERS)
def test_a_written_paper_is_told_and_read(key: str, tmp_path: Path) -> None:
    """The words as drawn, so that nothing but the finding of labels and values is at stake."""
    spec = type_of(key)
    sheet = draw_type(spec, PAPERS[key], top=TOPS.get(key, HEAD), dpi=100)
    path = tmp_path / "page.png"
    sheet.image.save(path, dpi=(100, 100))
    found = extract(path, [sheet.page()], (), OPTIONS)
    assert (found.document_type, found.form_version) == (spec.id, spec.form_version)
    assert found.warnings == ()
    assert differences(found, PAPERS[key]) == {}


@pytest.mark.parametrize("key", SCANNED)
def test_a_scanned_paper_is_told_and_read(key: str, tmp_path: Path) -> None:
    spec = type_of(key)
    path = tmp_path / "scan.png"
    scanned(draw_type(spec, PAPERS[key], top=HEAD, dpi=250)).save(path, dpi=(250, 250))
    found = read(path)
    assert (found.document_type, found.form_version) == (spec.id, spec.form_version)
    assert found.warnings == ()
    fields = dict(walk_fields(found.fields))
    different = differences(found, PAPERS[key])
    for name in different:
        assert fields[name].status is not FieldStatus.accepted, name
    assert len(different) <= 0.2 * len(expected(PAPERS[key]))


def differences(found: Extraction, values: dict[str, Any]) -> dict[str, str | None]:
    """What was read otherwise than written; a value that begins a line may end with it."""
    fields = dict(walk_fields(found.fields))
    other: dict[str, str | None] = {}
    for name, text in expected(values).items():
        value = fields[name].value
        dates = {_as_date(text), _as_date(text.partition(", ")[2])} - {None}
        if value not in {text} | dates:
            other[name] = value
    return other


@pytest.mark.parametrize("key", TOPS)
def test_residence_papers_on_their_official_blanks(key: str, tmp_path: Path) -> None:
    """The same papers laid out as the official blanks are: leaders, boxes, ruled tables."""
    type_id, _, version = key.partition("@")
    spec = document_type(type_id, version)
    assert spec is not None
    path = tmp_path / "scan.png"
    scanned(draw_on_blank(spec, PAPERS[key], TOPS[key][0]), skew=-0.6).save(path, dpi=(300, 300))
    found = read(path)
    assert (found.document_type, found.form_version) == (type_id, version)
    assert found.warnings == ()
    fields = dict(walk_fields(found.fields))
    wanted = expected(PAPERS[key])
    drawn = {name: text for name, text in wanted.items() if name != "signer_name"}
    right = 0
    for name, text in drawn.items():
        same = fields[name].value in {text, _as_date(text), _as_date(text.partition(", ")[2])}
        right += same
        assert same or fields[name].status is not FieldStatus.accepted, name
    assert right >= 0.75 * len(drawn)


def _as_date(text: str) -> str | None:
    found = parse_date(text)
    return found.isoformat() if found else None


LEAVE = """
id: giay_xin_nghi_phep
names: {vi: Giấy xin nghỉ phép, en: Request for leave}
legal_basis: Quy chế nội bộ
layout: labelled
recognise: {titles: [GIẤY XIN NGHỈ PHÉP]}
fields:
  - {id: full_name, labels: [{text: "Họ và tên:"}], type: name, required: true}
  - {id: unit, labels: [{text: "Đơn vị công tác:"}], required: true}
  - {id: days, labels: [{text: "Số ngày nghỉ:"}], alphabet: "0123456789"}
  - {id: since, labels: [{text: "Từ ngày:"}], type: date, required: true}
  - {id: phone, labels: [{text: "Điện thoại:"}], type: phone}
"""


def test_a_type_by_yaml_alone_is_read(tmp_path: Path) -> None:
    """An office adds a file to its folder; nothing else is told of it."""
    folder = tmp_path / "types"
    folder.mkdir()
    (folder / "nghi-phep.yaml").write_text(LEAVE, encoding="utf-8")
    values = {
        "full_name": "Trần Thị Thử", "unit": "Phòng Văn hóa Ví Dụ", "days": "3",
        "since": "05/03/2026", "phone": "0905000111",
    }  # fmt: skip
    path = tmp_path / "scan.png"
    scanned(draw_type(parse(LEAVE), values, top=HEAD, dpi=250)).save(path, dpi=(250, 250))
    options = ReadingOptions(types=folder)
    found = extract(path, [read_page(path, 1, options)], (), options)
    assert found.document_type == "giay_xin_nghi_phep"
    read_values = {name: field.value for name, field in walk_fields(found.fields)}
    assert read_values == values | {"since": "2026-03-05"}


def values(*lines: str) -> dict[str, str | None]:
    found = extract(Path("none.pdf"), [page_of(*lines)], (), OPTIONS, (parse(LEAVE),))
    return {name: field.value for name, field in walk_fields(found.fields)}


def test_values_end_where_the_next_label_begins() -> None:
    read_values = values(
        "GIẤY XIN NGHỈ PHÉP",
        "Họ và tên: Trần Thị Thử Điện thoại: 0905 000 111",
        "Đơn vị công tác:........Phòng Văn hóa......",
        "Số ngày nghỉ: 3 Từ ngày: 05 / 3 / 2026",
    )
    assert read_values == {
        "full_name": "Trần Thị Thử", "unit": "Phòng Văn hóa", "days": "3",
        "since": "2026-03-05", "phone": "0905000111",
    }  # fmt: skip


def test_labels_read_with_errors_are_found() -> None:
    read_values = values("GIAY XIN NGHI PHEP", "Ho va tên: Lê Văn Thử", "Đon vi cong tac: Phòng A")
    assert read_values["full_name"] == "Lê Văn Thử"
    assert read_values["unit"] == "Phòng A"


def test_what_only_looks_like_a_label_is_none() -> None:
    read_values = values("GIẤY XIN NGHỈ PHÉP", "Đơn vị cộng tác viên gửi báo cáo hằng tháng")
    assert read_values["unit"] is None
