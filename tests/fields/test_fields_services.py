"""The forms of the essential services: each drawn from its own type, filled in, told and read."""

from pathlib import Path
from typing import Any

import pytest
from drawn_types import (
    COUNCIL,
    HEAD,
    KINH,
    PERSON,
    STREET,
    WrittenSheet,
    draw_type,
    type_of,
)

from ocr import extract
from ocr.fields.classify import Classified, classify
from ocr.fields.context import Context
from ocr.options import ReadingOptions
from ocr.packed import PackedPages
from schemas.document_type import DocumentType, document_types
from schemas.manifest import walk_fields
from schemas.page import PageReading

OPTIONS = ReadingOptions()
NUMBER = "048196000123"
DAY, ISO = "05/03/2026", "2026-03-05"
LONG_DAY = "ngày 05 tháng 3 năm 2026"
MEMBERS = [
    {"full_name": "Hồ Thị Mẫu", "dob": "01/02/1966", "sex": "Nữ", "personal_id": "048166000123",
     "relation": "Vợ"},
    {"full_name": "Lê Văn Mẫu", "dob": "01/02/2001", "sex": "Nam", "personal_id": "048201000123",
     "relation": "Con đẻ"},
]  # fmt: skip
PLACES = {
    "permanent_residence": STREET, "temporary_residence": STREET, "current_residence": STREET,
}  # fmt: skip
DECLARED = {
    "addressee": COUNCIL, "declarant_name": "Lê Văn Mẫu", "declarant_residence": STREET,
    "declarant_paper": f"Thẻ căn cước số {NUMBER}", "declarant_relation": "Con",
}  # fmt: skip
BORN = {"full_name": "LÊ THỊ THỬ", "dob": "15/03/1996", "sex": "Nữ", **KINH}

PAPERS: dict[str, dict[str, Any]] = {
    "ct02@66/2023": {
        "addressee": "Công an phường Ví Dụ", **PERSON, "foreign_name": "LE THI THU",
        "ethnicity": "Kinh", "religion": "Không", "phone": "0905000111", "email": "thu@example.vn",
        "foreign_nationality": "Ví Dụ", "paper_number": "X0012345", "paper_issued": DAY,
        "paper_issuer": "Cơ quan Ví Dụ", "paper_expires": "05/03/2036", "occupation": "Thợ may",
        "current_residence": STREET, "request_content": "Đăng ký thường trú",
        "head_name": "Lê Văn Mẫu", "relation_to_head": "Con", "head_personal_id": "048064000123",
    },
    "ct03@66/2023": {
        **PERSON, **PLACES, "absent_from": DAY, "absent_to": "05/06/2026",
        "reason": "Đi học xa nhà", "destination": STREET, "signer_name": "Trần Minh Thử",
    },
    "ct05@66/2023": {
        "dossier_code": "H17.9.3-261123-0001", "full_name": "Lê Thị Thử", "personal_id": NUMBER,
        "guidance": "Bổ sung hợp đồng thuê nhà có chữ ký của cả hai bên và số nhà",
        "reason": "Giấy tờ chứng minh chỗ ở chưa đủ", "officer": "Trần Minh Thử",
    },
    "ct06@66/2023": {
        "receiver": "Công an phường Ví Dụ", "full_name": "Lê Thị Thử", "personal_id": NUMBER,
        "dossier_code": "H17.9.3-261123-0001",
        "reason": "Chỗ ở không bảo đảm diện tích nhà ở tối thiểu theo Điều 20 Luật Cư trú",
        "signer_name": "Trần Minh Thử",
    },
    "ct09@66/2023": {
        "subject": "Hủy bỏ đăng ký thường trú", "proposed_by": "Đội trưởng Đội cư trú",
        "decision": "đăng ký thường trú của Công an phường Ví Dụ đối với Lê Thị Thử",
        "reason": "Đăng ký không đúng đối tượng", "signer_name": "Trần Minh Thử",
    },
    "ct10@66/2023": {
        "addressee": "Công an phường Ví Dụ", **PERSON, "ethnicity": "Kinh", "religion": "Không",
        "hometown": "Phường Ví Dụ, thành phố Đà Nẵng", "father_name": "Lê Văn Mẫu",
        "father_number": "048064000123", "mother_name": "Hồ Thị Mẫu",
        "mother_number": "048166000123", "head_name": "Lê Văn Mẫu",
        "head_number": "048064000123", "members": MEMBERS,
        "request_content": "Nơi thường trú trước ngày chuyển đến",
    },
    "ct10a@66/2023": {
        "addressee": "Công an phường Ví Dụ", **PERSON, "members": MEMBERS,
        "result": "Đúng như nội dung đã khai", "proposal": "Không có",
        "signer_name": "Trần Minh Thử",
    },
    "to_khai_khai_tu": {
        **DECLARED, "declarant_dob": "01/02/1970", "full_name": "HỒ VĂN THỬ", "dob": "1940",
        "sex": "Nam", **KINH, "last_residence": STREET, "paper": "Thẻ căn cước số 048040000123",
        "died_time": f"10 giờ 30 phút, {LONG_DAY}", "place": STREET, "cause": "Bệnh già",
        "notice_number": f"12/GBT do Bệnh viện Thử Nghiệm cấp {LONG_DAY}",
    },
    "to_khai_ket_hon": {
        "addressee": COUNCIL,
        "parties": [
            {"item": "Họ, chữ đệm, tên", "bride": "LÊ THỊ THỬ", "groom": "HỒ VĂN MẪU"},
            {"item": "Ngày, tháng, năm sinh", "bride": "15/03/1996", "groom": "01/02/1994"},
            {"item": "Dân tộc", "bride": "Kinh", "groom": "Kinh"},
            {"item": "Kết hôn lần thứ mấy", "bride": "Lần thứ nhất", "groom": "Lần thứ hai"},
        ],
    },
    "to_khai_xac_nhan_hon_nhan": {
        **DECLARED, **BORN, "residence": STREET, "paper": f"Thẻ căn cước số {NUMBER}",
        "marital_status": "Hiện tại chưa đăng ký kết hôn với ai", "purpose": "Vay vốn ngân hàng",
    },
    "giay_xac_nhan_hon_nhan": {
        "number": "Số: 15/UBND-XNTTHN", "issue_date": f"Ví Dụ, {LONG_DAY}",
        "requester": "Lê Văn Mẫu", **BORN, "paper": f"Thẻ căn cước số {NUMBER}",
        "residence": STREET, "period": "phường Ví Dụ, từ ngày 01/02/2010 đến ngày 05/03/2026",
        "marital_status": "Chưa đăng ký kết hôn với ai", "purpose": "Làm thủ tục đăng ký kết hôn",
        "signer_name": "Trần Minh Thử",
    },
    "trich_luc_ket_hon": {
        "wife_name": "LÊ THỊ THỬ", "wife_dob": "15/03/1996", "wife_ethnicity": "Kinh",
        "wife_residence": STREET, "husband_name": "HỒ VĂN MẪU", "husband_dob": "1994",
        "husband_ethnicity": "Kinh", "husband_residence": STREET, "registration_place": COUNCIL,
        "number": "Số: 12/2026/TLKH-BS", "registration_date": f"Số: 12, {LONG_DAY}",
        "signer_name": "Trần Minh Thử",
    },
    "giay_chung_sinh": {
        "number": "15", "mother_name": "LÊ THỊ THỬ", "mother_birth": "1996",
        "mother_residence": STREET, "insurance_number": "4820123456", "mother_number": NUMBER,
        "mother_number_issued": DAY, "mother_number_issuer": "Cục Cảnh sát", "ethnicity": "Kinh",
        "father_name": "HỒ VĂN MẪU", "born_time": f"10 giờ 30 phút, {LONG_DAY}",
        "birth_place": "Bệnh viện Thử Nghiệm", "children": "01", "sex": "Nữ", "weight": "3.200 gam",
        "full_name": "HỒ THỊ VÍ DỤ",
    },
    "to_khai_ho_chieu_tre_em": {
        "guardian_name": "LÊ VĂN MẪU", "guardian_dob": "2. Sinh ngày 01 tháng 02 năm 1990",
        "guardian_sex": "Nam", "guardian_number": "048090000123", "guardian_residence": STREET,
        "phone": "0905000111", "guardian_relation": "Cha",
        "given_name": "THỊ THỬ", "surname": "1. Họ LÊ Chữ đệm và tên",
        "dob": f"3. Sinh {LONG_DAY}", "birth_place": "Đà Nẵng", "personal_id": "048326000123",
        "nationality": "Việt Nam", "ethnicity": "Kinh", "permanent_residence": STREET,
        "father_name": "LÊ VĂN MẪU", "mother_name": "HỒ THỊ MẪU",
        "request_content": "Cấp hộ chiếu lần đầu",
    },
    "de_nghi_doi_gplx": {
        "addressee": "Phòng Cảnh sát giao thông", "full_name": "Lê Thị Thử", "dob": "15/03/1996",
        "personal_id": NUMBER, "number_issued": DAY, "number_issuer": "Cục Cảnh sát",
        "school": "Trung tâm Thử Nghiệm", "licence_class": "A1", "licence_number": "480123456789",
        "licence_issuer": "Sở Thử Nghiệm", "licence_issued": DAY, "wanted_class": "A1",
        "reason": "Giấy phép bị hỏng",
    },
    "de_nghi_tro_cap_that_nghiep": {
        "addressee": "Trung tâm Dịch vụ việc làm Ví Dụ", "full_name": "Lê Thị Thử",
        "dob": "15/03/1996", "personal_id": NUMBER, "number_issuer": "Cục Cảnh sát",
        "insurance_number": "4820123456", "phone": "0905000111", "email": "thu@example.vn",
        "account": "0001112223", "bank": "Ngân hàng Ví Dụ", "education": "Đại học",
        "trade": "Kế toán", "current_residence": STREET, "employer": "Công ty Thử Nghiệm",
        "employer_address": STREET, "left_because": "Hết hạn hợp đồng",
        "contract": "Xác định thời hạn", "months": "36 tháng", "paid_at": "Qua thẻ ATM",
    },
    "tk1_ts": {
        "full_name": "LÊ THỊ THỬ", "sex": "Nữ", "dob": "15/03/1996", "nationality": "Việt Nam",
        "ethnicity": "Kinh", "personal_id": NUMBER, "phone": "0905000111",
        "email": "thu@example.vn", "birth_ward": "Ví Dụ", "birth_province": "Đà Nẵng",
        "guardian_name": "LÊ VĂN MẪU", "result_wanted": "Bản điện tử",
        "street": "Số 12 đường Thử Nghiệm", "ward": "Ví Dụ", "province": "Đà Nẵng",
    },
    "don_bien_dong_dat_dai": {
        "addressee": "Chi nhánh Văn phòng đăng ký đất đai", "holder": "LÊ THỊ THỬ, sinh năm 1996",
        "holder_paper": f"Thẻ căn cước số {NUMBER}", "address": STREET, "phone": "0905000111",
        "email": "thu@example.vn", "register_number": "CS 01234", "serial": "AB 123456",
        "issued": DAY, "change": "Nhận tặng cho quyền sử dụng đất từ cha mẹ", "relief": "Không",
    },
    "giay_de_nghi_mua_dien": {
        "addressee": "Điện lực Ví Dụ", "customer": "Cửa hàng Thử Nghiệm",
        "representative": "Lê Thị Thử", "paper_number": NUMBER, "phone": "0905000111",
        "email": "..... thu@example.vn", "account": "0001112223", "bank": "Ngân hàng Ví Dụ",
        "payment": "Chuyển khoản", "address": STREET, "tax_code": "0400123454",
        "purpose": "Bán hàng", "place": STREET, "power": "12 kW", "current_supply": "Chưa có điện",
    },
}  # fmt: skip

OVER_THE_TITLE = {("trich_luc_ket_hon", "number")}

READ = {
    ("to_khai_khai_tu", "died_time"): "10 giờ 30 phút",
    ("giay_chung_sinh", "born_time"): "10 giờ 30 phút",
    ("giay_xac_nhan_hon_nhan", "number"): "15/UBND-XNTTHN",
    ("giay_xac_nhan_hon_nhan", "issue_date"): ISO,
    ("trich_luc_ket_hon", "number"): "12/2026/TLKH-BS",
    ("trich_luc_ket_hon", "registration_date"): ISO,
    ("to_khai_ho_chieu_tre_em", "guardian_dob"): "1990-02-01",
    ("to_khai_ho_chieu_tre_em", "surname"): "LÊ",
    ("to_khai_ho_chieu_tre_em", "dob"): ISO,
    ("de_nghi_tro_cap_that_nghiep", "months"): "36",
    ("giay_de_nghi_mua_dien", "email"): "thu@example.vn",
}
"""Of what is written, what is the field's value."""


def _normal(value: str) -> str:
    day, _, rest = value.partition("/")
    month, _, year = rest.partition("/")
    whole = len(year) == 4 and f"{day}{month}{year}".isdigit()
    return f"{year}-{month}-{day}" if whole else value


def _expected(key: str) -> dict[str, str]:
    flat: dict[str, str] = {}
    for name, value in PAPERS[key].items():
        if isinstance(value, list):
            flat |= {f"{name}.{n}.{k}": v for n, row in enumerate(value) for k, v in row.items()}
        else:
            flat[name] = READ.get((key, name), value)
    typed = {"bride", "groom"}
    return {
        path: value if path.rpartition(".")[2] in typed else _normal(value)
        for path, value in flat.items()
    }


def _sheet(spec: DocumentType, values: dict[str, Any], size: float) -> WrittenSheet:
    """The form filled in, the circular over its title, and at its foot what else it needs."""
    over = {name: value for name, value in values.items() if (spec.id, name) in OVER_THE_TITLE}
    signs = (f"Mẫu ban hành kèm theo Thông tư {sign.texts[0]}" for sign in spec.recognise.signs[:1])
    below = {name: value for name, value in values.items() if name not in over}
    sheet = draw_type(spec, below, top=(*signs, *HEAD, *over.values()), dpi=50, size=size)
    for number, sign in enumerate(spec.recognise.needs):
        sheet.text(85, 790 + 12 * number, sign.texts[0], 8)
    return sheet


@pytest.mark.parametrize("key", PAPERS)
def test_a_service_s_form_is_told_and_read(key: str, tmp_path: Path) -> None:
    """The words as drawn, so that nothing but the finding of labels and values is at stake."""
    spec = type_of(key)
    sheet = _sheet(spec, PAPERS[key], 10)
    path = tmp_path / "page.png"
    sheet.image.save(path, dpi=(50, 50))
    found = extract(path, [sheet.page()], (), OPTIONS)
    assert (found.document_type, found.form_version) == (spec.id, spec.form_version)
    assert found.legal_basis == spec.legal_basis
    fields = dict(walk_fields(found.fields))
    read = {path: fields[path].value if path in fields else None for path in _expected(key)}
    assert read == _expected(key)
    assert found.warnings == ()


FORMS = {t.key: t for t in document_types() if t.layout != "administrative"}


def test_a_cell_goes_on_in_a_line_whose_first_column_is_empty(tmp_path: Path) -> None:
    spec = type_of("to_khai_ket_hon")
    sheet = draw_type(spec, {"addressee": COUNCIL}, top=HEAD, dpi=50, size=10)
    rows = (
        ("Thông tin", "Bên nữ", "Bên nam"), ("Dân tộc", "Kinh", "Kinh"),
        ("Nơi cư trú", "Số 12 đường Thử Nghiệm,", "Số 14 đường Thử Nghiệm,"),
        ("", "phường Ví Dụ", "phường Ví Dụ"),
    )  # fmt: skip
    for level, row in zip((250, 275, 300, 312), rows, strict=True):
        for x, text in zip((150, 300, 460), row, strict=True):
            sheet.text(x, level, text, 9, "Regular", "middle")
    path = tmp_path / "page.png"
    sheet.image.save(path, dpi=(50, 50))
    found = extract(path, [sheet.page()], (), OPTIONS)
    read = {at: field.value for at, field in walk_fields(found.fields)}
    assert read["parties.1.item"] == "Nơi cư trú"
    assert read["parties.1.bride"] == "Số 12 đường Thử Nghiệm, phường Ví Dụ"
    assert read["parties.1.groom"] == "Số 14 đường Thử Nghiệm, phường Ví Dụ"
    assert "parties.2.item" not in read


def _classified(page: PageReading) -> Classified | None:
    context = Context(Path("none.pdf"), PackedPages.of([page]), (), OPTIONS)
    return classify(context, list(FORMS.values()))


def _told(page: PageReading) -> str | None:
    found = _classified(page)
    return found.type.key if found is not None and found.version_known else None


@pytest.mark.parametrize("key", FORMS)
def test_one_of_each_form_is_told_from_all_the_others(key: str) -> None:
    spec = FORMS[key]
    labelled = {field.id: "Thử" for field in spec.fields if field.labels and not field.columns}
    assert _told(_sheet(spec, labelled, 8).page()) == key


@pytest.mark.parametrize(
    ("note", "known"),
    [(("Thông tư 66/2023/TT-BCA",), True), (("Thông tư 116/2026/TT-BCA",), False), ((), True)],
)
def test_the_only_version_known_is_asked_about_where_another_circular_is_named(
    note: tuple[str, ...], known: bool
) -> None:
    spec = type_of("ct03@66/2023")
    sheet = draw_type(spec, PAPERS[spec.key], top=(*note, *HEAD), dpi=50, size=10)
    found = _classified(sheet.page())
    assert found is not None
    assert (found.type.key, found.version_known) == (spec.key, known)


PROSE = (
    "Căn cứ biên bản họp tổ dân phố ngày 05 tháng 3 năm 2026 về việc sửa chữa đường ngõ",
    "Các hộ thống nhất đóng góp theo diện tích, ai khó khăn thì được miễn, giảm theo quy định",
    "Kinh phí còn lại do phường hỗ trợ sau khi nghiệm thu, có chữ ký của đại diện các hộ",
    "Tôi tên là Lê Thị Thử, hiện cư trú tại phường Ví Dụ, làm đơn này kính mong xem xét",
)
LABELS = (
    "Kính gửi:", "Họ và tên:", "Ngày, tháng, năm sinh:", "Giới tính:", "Dân tộc:",
    "Số định danh cá nhân:", "Nơi cư trú:", "Số điện thoại:", "Nội dung đề nghị:",
)  # fmt: skip
STRANGERS = (
    "TỜ KHAI ĐĂNG KÝ GIÁM HỘ", "TỜ KHAI ĐĂNG KÝ NHẬN CHA, MẸ, CON", "TỜ KHAI ĐĂNG KÝ NHÃN HIỆU",
    "TỜ KHAI ĐĂNG KÝ LẠI KHAI SINH", "TỜ KHAI ĐĂNG KÝ XE", "TRÍCH LỤC GHI CHÚ LY HÔN",
    "TỜ KHAI THAY ĐỔI THÔNG TIN CĂN CƯỚC", "ĐƠN ĐỀ NGHỊ HƯỞNG TRỢ CẤP TUẤT", "GIẤY CHỨNG TỬ",
    "GIẤY CHỨNG NHẬN", "GIẤY ĐỀ NGHỊ MUA ĐIỆN SINH HOẠT", "ĐƠN KHIẾU NẠI", "GIẤY MỜI HỌP",
    "BIÊN BẢN BÀN GIAO TÀI SẢN", "HỢP ĐỒNG THUÊ NHÀ", "PHIẾU THU",
)  # fmt: skip


def _stranger(number: int) -> WrittenSheet:
    """One of 20 pages of no known form: prose, a form of other words, or one with our labels."""
    sheet = WrittenSheet((595.28, 841.89), 50)
    title = STRANGERS[number] if number < len(STRANGERS) else None
    rows = [*HEAD[:2], *([title] if title else []), *PROSE[number % 4 :]]
    if number % 2:
        rows += [f"{label} Thử" for label in LABELS[number % 3 :]]
    for at, row in enumerate(rows):
        sheet.text(60, 60 + 24 * at, row, 9)
    return sheet


@pytest.mark.parametrize("number", range(20))
def test_a_page_of_no_known_form_is_none(number: int) -> None:
    assert _told(_stranger(number).page()) is None
