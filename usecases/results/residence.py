"""CT07, confirmation of what is known of a person's residence (a result)."""

from datetime import date
from pathlib import Path

from fpdf import XPos, YPos
from pydantic import Field

from schemas.page import Frozen
from usecases.results.paper import Issuer, Paper, SignatureBlock

_COLUMNS = (10.0, 46.0, 24.0, 17.0, 36.0, 29.0)  # mm


class Member(Frozen):
    """Another person of the household."""

    full_name: str
    dob: date
    gender: str
    id_number: str
    relation: str = Field(description="to the head of the household")


class ResidenceConfirmation(Frozen):
    """The fields of CT07; lines without a value show dots, as on paper."""

    issuer: Issuer
    number: str
    day: date
    form: str = Field("Mẫu CT07", description="name of the form and of the circular it belongs to")
    full_name: str
    dob: date
    gender: str
    id_number: str
    ethnicity: str | None = None
    religion: str | None = None
    hometown: str | None = None
    permanent_address: str | None = None
    temporary_address: str | None = None
    current_address: str | None = None
    head_name: str | None = None
    head_relation: str | None = None
    head_id: str | None = None
    members: tuple[Member, ...] = ()
    other: str | None = None
    valid_until: date | None = None
    signer: SignatureBlock
    check: str | None = Field(None, description="address that its QR code leads to")


def draw_residence_confirmation(result: ResidenceConfirmation, out: Path) -> None:
    """Write the confirmation to ``out`` (PDF/A-2b).

    Raises:
        InputRejected: a text has letters that the font lacks.
        MissingDependency: no font with the metrics of Times New Roman.
    """
    paper = Paper("Xác nhận thông tin về cư trú")
    paper.line_of(result.form, 11, "I", "R")
    paper.letterhead(result.issuer, result.number, result.day)
    paper.line_of("XÁC NHẬN THÔNG TIN VỀ CƯ TRÚ", 15, "B", "C")
    paper.ln(2)
    paper.line_of("I. Thông tin của người được xác nhận:", 13, "B")
    born = f"{result.dob:%d/%m/%Y}"
    for line in (
        f"1. Họ, chữ đệm và tên: {result.full_name}",
        f"2. Ngày, tháng, năm sinh: {born}          3. Giới tính: {result.gender}",
        f"4. Số định danh cá nhân: {result.id_number}",
        f"5. Dân tộc: {_shown(result.ethnicity)}          6. Tôn giáo: {_shown(result.religion)}",
        f"7. Quê quán: {_shown(result.hometown)}",
    ):
        paper.line_of(line, 13)
    paper.line_of("II. Nội dung xác nhận:", 13, "B")
    for line in (
        f"1. Nơi thường trú: {_shown(result.permanent_address)}",
        f"2. Nơi tạm trú: {_shown(result.temporary_address)}",
        f"3. Nơi ở hiện tại: {_shown(result.current_address)}",
        f"4. Họ, chữ đệm và tên chủ hộ: {_shown(result.head_name)}"
        f"     5. Quan hệ với chủ hộ: {_shown(result.head_relation)}",
        f"6. Số định danh cá nhân của chủ hộ: {_shown(result.head_id)}",
    ):
        paper.line_of(line, 13)
    if result.members:
        paper.line_of("7. Thông tin các thành viên khác trong hộ gia đình:", 13)
        _table(paper, result.members)
    paper.line_of(f"8. Nội dung xác nhận khác: {_shown(result.other)}", 13)
    if result.valid_until is not None:
        paper.line_of(f"Xác nhận này có giá trị đến hết ngày {result.valid_until:%d/%m/%Y}.", 13)
    paper.signer(result.signer, (), result.check)
    paper.save(out)


def _shown(value: str | None) -> str:
    return value or "................"


def _table(paper: Paper, members: tuple[Member, ...]) -> None:
    heads = (
        "TT",
        "Họ, chữ đệm và tên",
        "Ngày sinh",
        "Giới tính",
        "Số định danh cá nhân",
        "Quan hệ",
    )
    rows = [heads] + [
        (
            str(number),
            member.full_name,
            f"{member.dob:%d/%m/%Y}",
            member.gender,
            member.id_number,
            member.relation,
        )
        for number, member in enumerate(members, start=1)
    ]
    for index, row in enumerate(rows):
        paper.set_font("body", "" if index else "B", 11)
        for width, cell in zip(_COLUMNS, row, strict=True):
            paper.require(cell)
            size = min(11.0, 11.0 * (width - 2.5) / max(paper.get_string_width(cell), 1.0))
            paper.set_font_size(size)
            paper.cell(width, 7, cell, border=1, align="C", new_x=XPos.RIGHT, new_y=YPos.TOP)
            paper.set_font_size(11)
        paper.ln(7)
    paper.ln(2)
