"""The sample dossier, and small ones for tests: drawn, then made to look scanned.

Every person, place and body in them is invented: they live in the ward *Ví Dụ* (example), street
*Thử Nghiệm* (trial), and the decision says that it has no legal force.
"""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from PIL import Image

from schemas.document_type import DocumentType, FieldSpec, document_type
from sohoa.sheet import Face, Sheet

A4 = (595.28, 841.89)
A5 = (419.53, 595.28)
SMALL_DPI = 250

SURNAMES = ("Lê", "Phạm", "Hoàng", "Huỳnh", "Phan", "Vũ", "Võ", "Đặng", "Bùi", "Hồ", "Ngô")
MIDDLE = {"Nam": ("Văn", "Minh", "Đình"), "Nữ": ("Thị", "Thu", "Ngọc")}
GIVEN = ("An", "Bình", "Minh", "Hà", "Lan", "Nam", "Hoa", "Long")
PROVINCES = ("048", "049", "001", "079", "046", "051")
BODY = ("ỦY BAN NHÂN DÂN", "PHƯỜNG VÍ DỤ")
PLACE = "Ví Dụ"


class Person(NamedTuple):
    """Nobody: a name, a day of birth, a sex and a number that fit together."""

    name: str
    born: date
    sex: Literal["Nam", "Nữ"]
    number: str


class Answers(NamedTuple):
    """What the filled form says: field values as typed, and rows of the table."""

    applicant: Person
    fields: dict[str, str]
    members: tuple[Person, ...]


def draw_sample(folder: Path, today: date, seed: int = 0) -> list[Path]:
    """A dossier of two scans: a filled residence form, and the decision as its result.

    The form lies in ``folder``, the decision in ``folder/ket-qua``; the same arguments give the
    same bytes.

    Raises:
        MissingDependency: ``fields.no_sample_font``.
    """
    rng = np.random.default_rng((seed, 1))
    result = folder / "ket-qua"
    result.mkdir(parents=True, exist_ok=True)
    form = folder / "01-to-khai-ct01.jpg"
    answers = sample_answers(today, seed)
    _save(draw_form(answers).scanned(rng, 0.35), form, 300)
    decision = result / "02-quyet-dinh.pdf"
    sheet = _decision(rng, today, 100 + int(rng.integers(0, 800)), answers.applicant)
    _save(sheet.scanned(rng, -0.4), decision, 300)
    return [form, decision]


def draw_small(folder: Path, count: int, today: date, seed: int = 0) -> list[Path]:
    """``count`` dossiers of one short decision each, no two alike; returns their folders.

    The folders have official codes (``H17-251103-0001``); a page is A5 at 250 dpi.

    Raises:
        MissingDependency: ``fields.no_sample_font``.
    """
    made = []
    for index in range(count):
        rng = np.random.default_rng((seed, index))
        dossier = folder / f"H17-{today:%y%m%d}-{seed * 1000 + index + 1:04d}"
        dossier.mkdir(parents=True, exist_ok=True)
        sheet = _short_decision(rng, today, 10 + seed * 1000 + index)
        _save(sheet.scanned(rng, 0.2), dossier / "quyet-dinh.jpg", SMALL_DPI)
        made.append(dossier)
    return made


def _person(rng: np.random.Generator, today: date, adult: bool = True) -> Person:
    sex: Literal["Nam", "Nữ"] = "Nam" if rng.integers(2) else "Nữ"
    name = " ".join(str(rng.choice(part)) for part in (SURNAMES, MIDDLE[sex], GIVEN))
    year = today.year - int(rng.integers(22, 70) if adult else rng.integers(3, 17))
    born = date(year, int(rng.integers(1, 13)), int(rng.integers(1, 29)))
    century = 2 * (year // 100 - 19) + (sex == "Nữ")
    number = f"{rng.choice(PROVINCES)}{century}{year % 100:02d}{rng.integers(0, 10**6):06d}"
    return Person(name, born, sex, number)


def _head(sheet: Sheet, left: float, right: float, number: str, today: date, size: float) -> float:
    """The header of Decree 30/2020; returns the baseline of its last line."""
    for index, line in enumerate(BODY):
        sheet.text(left, 70 + index * 1.25 * size, line, size, "Bold", "middle")
    sheet.text(right, 70, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", size, "Bold", "middle")
    sheet.text(right, 70 + 1.25 * size, "Độc lập - Tự do - Hạnh phúc", size + 0.5, "Bold", "middle")
    under = 70 + 1.25 * size + 6
    sheet.rule(left - 28, under, left + 28, under)
    half = sheet.length("Độc lập - Tự do - Hạnh phúc", size + 0.5, "Bold") / 2
    sheet.rule(right - half, under, right + half, under)
    base = under + 22
    sheet.text(left, base, f"Số: {number}", size + 0.5, "Regular", "middle")
    month = f"{today.month:02d}" if today.month < 3 else str(today.month)
    day = f"{PLACE}, ngày {today.day:02d} tháng {month} năm {today.year}"
    sheet.text(right, base, day, size + 0.5, "Italic", "middle")
    return base


def _decision(rng: np.random.Generator, today: date, number: int, person: Person) -> Sheet:
    sheet = Sheet(A4, 300)
    left, right, middle = 168.0, 405.0, 305.0
    base = _head(sheet, left, right, f"{number}/QĐ-UBND", today, 12.5)
    sheet.text(middle, base + 38, "QUYẾT ĐỊNH", 14, "Bold", "middle")
    subject = "Về việc công nhận kết quả giải quyết hồ sơ cư trú"
    sheet.text(middle, base + 57, subject, 14, "Bold", "middle")
    sheet.rule(middle - 55, base + 65, middle + 55, base + 65)
    sheet.text(middle, base + 95, "ỦY BAN NHÂN DÂN PHƯỜNG VÍ DỤ", 13.5, "Bold", "middle")
    y = base + 122
    for text in (
        "Căn cứ Luật Tổ chức chính quyền địa phương;",
        "Căn cứ Luật Cư trú;",
        "Xét đề nghị của công chức tiếp nhận hồ sơ.",
    ):
        y = sheet.paragraph(85, 545, y, text) + 3
    sheet.text(middle, y + 16, "QUYẾT ĐỊNH:", 13.5, "Bold", "middle")
    y += 42
    for text in (
        f"Điều 1. Công nhận kết quả giải quyết hồ sơ thay đổi thông tin cư trú của người nộp "
        f"hồ sơ có tên trong văn bản mẫu này là {person.name}.",
        "Điều 2. Quyết định này có hiệu lực kể từ ngày ký. Đây là văn bản do phần mềm tự vẽ ra "
        "để thử nghiệm, không có giá trị pháp lý.",
        "Điều 3. Bộ phận Một cửa và người có tên tại Điều 1 chịu trách nhiệm thi hành "
        "Quyết định này./.",
    ):
        y = sheet.paragraph(85, 545, y, text) + 4
    signer = f"{rng.choice(SURNAMES)} {rng.choice(MIDDLE['Nam'])} {rng.choice(GIVEN)}"
    _foot(sheet, y + 22, 85, 430, ("TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH"), signer, 100)
    return sheet


def _foot(
    sheet: Sheet,
    y: float,
    left: float,
    right: float,
    titles: Sequence[str],
    signer: str,
    space: float,
) -> None:
    sheet.text(left, y, "Nơi nhận:", 12, "BoldItalic")
    for index, line in enumerate(("- Như Điều 3;", "- Bộ phận Một cửa;", "- Lưu: Văn thư.")):
        sheet.text(left, y + 16 + 14 * index, line, 11)
    for index, title in enumerate(titles):
        sheet.text(right, y + 17 * index, title, 13, "Bold", "middle")
    sheet.text(right, y + 17 * len(titles) + space - 17, signer, 13.5, "Bold", "middle")


def _short_decision(rng: np.random.Generator, today: date, number: int) -> Sheet:
    sheet = Sheet(A5, SMALL_DPI)
    base = _head(sheet, 105, 285, f"{number:02d}/QĐ-UBND", today, 9.5)
    sheet.text(210, base + 34, "QUYẾT ĐỊNH", 12, "Bold", "middle")
    purpose = rng.choice(("đăng ký thường trú", "đăng ký tạm trú", "xác nhận cư trú"))
    sheet.text(210, base + 50, f"Về việc {purpose}", 12, "Bold", "middle")
    y = sheet.paragraph(50, 390, base + 84, f"Điều 1. Giải quyết hồ sơ mẫu số {number}.", 12, 17)
    y = sheet.paragraph(50, 390, y, "Điều 2. Văn bản mẫu này chỉ để thử nghiệm./.", 12, 17)
    person = _person(rng, today)
    _foot(sheet, y + 24, 50, 300, ("CHỦ TỊCH",), person.name, 75)
    return sheet


def sample_answers(today: date, seed: int = 0) -> Answers:
    """What the sample form of that day and seed says."""
    rng = np.random.default_rng((seed, 0))
    applicant, head = _person(rng, today), _person(rng, today)
    fields = {
        "addressee": "Công an phường Ví Dụ",
        "full_name": applicant.name,
        "sex": applicant.sex,
        "personal_id": applicant.number,
        "phone": f"0905{rng.integers(0, 10**6):06d}",
        "email": "",
        "head_name": head.name,
        "relation_to_head": "Con đẻ",
        "head_personal_id": head.number,
        "request_content": "Đăng ký thường trú tại số 12 đường Thử Nghiệm, phường Ví Dụ",
    }
    return Answers(applicant, fields, (_person(rng, today, adult=False),))


def draw_form(answers: Answers) -> Sheet:
    """CT01 with the geometry of its document type, filled with a typewriter's evenness."""
    spec = document_type("ct01", "66/2023")
    if spec is None or spec.geometry is None:  # shipped with the project
        raise LookupError("ct01@66/2023")
    sheet = Sheet((spec.geometry.width, spec.geometry.height), 300)
    note = "Mẫu CT01 ban hành kèm theo Thông tư số 66/2023/TT-BCA"
    sheet.text(317, 72, note, 13, "Regular", "middle")
    sheet.text(317, 88, "ngày 17/11/2023 của Bộ trưởng Bộ Công an", 13, "Regular", "middle")
    for anchor in spec.geometry.anchors[:3]:
        _label(sheet, anchor.text, anchor.box, "Bold")
    for field in (one for one in spec.fields if not one.blocks):
        for label in field.labels[:1]:
            _label(sheet, label.text, label.box, "Regular")
        _blank(sheet, field)
        if field.id == "dob":
            parts = f"{answers.applicant.born:%d/%m/%Y}".split("/")
            for part, zone in zip(parts, field.zones, strict=True):
                _typed(sheet, part, zone, 12)
        elif field.shape == "cells":
            _in_cells(sheet, answers.fields[field.id], field)
        elif field.shape == "table":
            rows = [
                (str(i), p.name, f"{p.born:%d/%m/%Y}", p.sex, p.number, "Con đẻ")
                for i, p in enumerate(answers.members, 1)
            ]
            _table(sheet, field, rows)
        else:
            _typed(sheet, answers.fields[field.id], field.zones[0], 8)
    _consents(sheet, spec)
    return sheet


def _label(
    sheet: Sheet, text: str, box: tuple[float, float, float, float] | None, face: Face
) -> None:
    """Printed text, as large as makes it fill the width of its place."""
    if box is not None:
        size = 12 * (box[2] - box[0]) / sheet.length(text, 12, face)
        sheet.text(box[0], box[3] - 2.4, text, size, face)


def _blank(sheet: Sheet, field: FieldSpec) -> None:
    for x0, x1, y in field.zones:
        sheet.leader(x0, x1, y)
    if field.id == "dob":
        for before, after in zip(field.zones, field.zones[1:], strict=False):
            sheet.text((before[1] + after[0]) / 2, before[2] + 1, "/", 13, "Regular", "middle")


def _typed(sheet: Sheet, text: str, zone: tuple[float, float, float], indent: float) -> None:
    if not text:
        return
    size = min(12.0, 12 * (zone[1] - zone[0] - 6) / sheet.length(text, 12))
    room = zone[1] - zone[0] - sheet.length(text, size)
    sheet.text(zone[0] + min(indent, room / 2), zone[2] - 4.2, text, size)


def _in_cells(sheet: Sheet, digits: str, field: FieldSpec) -> None:
    x0, y0, x1, y1 = field.box or (0, 0, 0, 0)
    step = (x1 - x0) / field.cells
    for y in (y0, y1):
        sheet.rule(x0, y, x1, y, 1)
    for index in range(field.cells + 1):
        sheet.rule(x0 + index * step, y0, x0 + index * step, y1, 1)
    for index, digit in enumerate(digits):
        at = (x0 + (index + 0.5) * step, (y0 + y1) / 2 + 4.5)
        sheet.text(*at, digit, 13, "Regular", "middle")


def _table(sheet: Sheet, field: FieldSpec, filled: Sequence[Sequence[str]]) -> None:
    x0, y0, x1, y1 = field.box or (0, 0, 0, 0)
    rows = 9
    step = (y1 - y0 - field.head) / rows
    heads = (
        *("TT", "Họ, chữ đệm|và tên", "Ngày, tháng,|năm sinh", "Giới|tính"),
        *("Số định danh|cá nhân", "Mối quan hệ|với chủ hộ"),
    )
    for y in (y0, *(y0 + field.head + index * step for index in range(rows + 1))):
        sheet.rule(x0, y, x1, y, 1)
    for column, head in zip(field.columns, heads, strict=True):
        left, right = column.x or (x0, x1)
        sheet.rule(left, y0, left, y1, 1)
        for index, line in enumerate(head.split("|")):
            sheet.text((left + right) / 2, y0 + 18 + 13 * index, line, 11, "Bold", "middle")
    sheet.rule(x1, y0, x1, y1, 1)
    for number, row in enumerate(filled):
        base = y0 + field.head + (number + 1) * step - 6
        for column, text in zip(field.columns, row, strict=True):
            left, right = column.x or (x0, x1)
            size = min(12.0, 12 * (right - left - 8) / sheet.length(text, 12))
            sheet.text((left + right) / 2, base, text, size, "Regular", "middle")


def _consents(sheet: Sheet, spec: DocumentType) -> None:
    foot = spec.field("members")
    y = (foot.box[3] if foot and foot.box else 630) + 18
    titles = (
        *("Ý KIẾN CỦA CHỦ HỘ", "Ý KIẾN CỦA CHỦ SỞ HỮU|CHỖ Ở HỢP PHÁP"),
        *("Ý KIẾN CỦA CHA, MẸ|HOẶC NGƯỜI GIÁM HỘ", "NGƯỜI KÊ KHAI"),
    )
    for x, title in zip((95, 245, 390, 520), titles, strict=True):
        sheet.text(x, y, "....., ngày.....tháng....năm......", 9, "Italic", "middle")
        for index, line in enumerate(title.split("|")):
            sheet.text(x, y + 14 + 12 * index, line, 9.5, "Bold", "middle")


def _save(image: Image.Image, path: Path, dpi: int) -> None:
    """Written beside, then moved into place, so that a watcher never sees half a scan."""
    part = path.with_name(f".{path.name}.part")
    if path.suffix == ".pdf":
        image.save(part, "PDF", resolution=dpi, quality=88)
    else:
        image.save(part, "JPEG", dpi=(dpi, dpi), quality=88)
    part.replace(path)
