"""Papers as offices lay them out: the words as drawn, no scan, and what is read from them."""

from pathlib import Path
from typing import NamedTuple

from drawn_types import WrittenSheet

from ocr.fields import extract
from ocr.options import ReadingOptions
from ocr.values import Annotation
from schemas.field import Field
from schemas.manifest import Extraction

OPTIONS = ReadingOptions()
NOWHERE = Path("page.pdf")
NATIONAL, MOTTO = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc"


class Paper(NamedTuple):
    """What is drawn."""

    bodies: tuple[str, ...] = ("ỦY BAN NHÂN DÂN", "PHƯỜNG VÍ DỤ")
    number: str = "15/QĐ-UBND"
    place: str = "Ví Dụ"
    dated: str = "ngày 05 tháng 3 năm 2026"
    heading: str | None = "QUYẾT ĐỊNH"
    subject: tuple[str, ...] = ("Về việc thử nghiệm phần mềm",)
    title: tuple[str, ...] = ("CHỦ TỊCH",)
    name: str = "Lê Văn Thử"
    national: str = NATIONAL
    stamp: bool = False
    order: bool = True
    """Whether *QUYẾT ĐỊNH:* stands in the text."""


def drawn(paper: Paper, dpi: int = 72) -> WrittenSheet:
    sheet = WrittenSheet((595.28, 841.89), dpi)
    left, right, y = 165.0, 405.0, 70.0
    for index, line in enumerate(paper.bodies):
        sheet.text(left, y + 15 * index, line, 12, "Bold", "middle")
    sheet.text(right, y, paper.national, 12, "Bold", "middle")
    sheet.text(right, y + 15, MOTTO, 13, "Bold", "middle")
    if paper.stamp:  # of the office that received it
        sheet.text(300, y - 38, "CÔNG VĂN ĐẾN", 11, "Bold", "middle")
        sheet.text(262, y - 24, "Số: 4556", 10)
    y += 15 * max(len(paper.bodies), 2) + 12
    sheet.text(left, y, f"Số: {paper.number}", 13, "Regular", "middle")
    sheet.text(right, y, f"{paper.place}, {paper.dated}", 13, "Italic", "middle")
    y += 26
    if paper.heading is not None:
        sheet.text(310, y, paper.heading, 14, "Bold", "middle")
    for line in paper.subject:
        y += 17
        sheet.text(310 if paper.heading else left, y, line, 12, "Bold", "middle")
    y += 60
    for line in ("Căn cứ Luật Tổ chức chính quyền địa phương;", "Điều 1. Thử nghiệm phần mềm."):
        sheet.text(100, y, line, 13)
        y += 18
    if paper.order:
        sheet.text(310, y + 8, "QUYẾT ĐỊNH:", 14, "Bold", "middle")
    y += 60
    sheet.text(85, y, "Nơi nhận:", 12, "BoldItalic")
    for index, line in enumerate(("- Như trên;", "- Phòng Kinh tế;", "- Lưu: VT.")):
        sheet.text(85, y + 14 + 13 * index, line, 11)
    for index, line in enumerate(paper.title):
        sheet.text(430, y + 16 * index, line, 13, "Bold", "middle")
    sheet.text(430, y + 16 * len(paper.title) + 70, paper.name, 14, "Bold", "middle")
    return sheet


def read(paper: Paper, *stamps: Annotation) -> Extraction:
    return extract(NOWHERE, [drawn(paper).page()], stamps, OPTIONS)


def said(paper: Paper) -> dict[str, str | None]:
    fields = read(paper).fields
    return {name: field.value for name, field in fields.items() if isinstance(field, Field)}
