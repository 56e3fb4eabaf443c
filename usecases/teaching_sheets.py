"""Sheets to be copied by hand, and what is learned from them: their text is known already.

Names, addresses, dates and numbers on them are put together by chance from usual ones; nobody is
meant. What stands on a sheet is kept under the name that its codes bear.
"""

import io
import random
import secrets
from collections.abc import Sequence
from pathlib import Path

from fpdf import FPDF
from pydantic import Field, ValidationError

from ocr import ReaderPool, lessons, tasks
from schemas.durable import write_durably
from schemas.learning import SheetsAdded
from schemas.page import Frozen
from schemas.validators import FieldType, unit_names, usual_surnames, usual_syllables
from usecases.caller import Caller, Right, permit
from usecases.cover_sheet import qr_picture
from usecases.learning import School
from usecases.tinos import font_file

SHEETS = "sheets"
TITLE = "PHIẾU VIẾT MẪU"
ASKED = "Viết lại bằng bút, như khi điền đơn, dòng chữ in phía trên mỗi ô; viết trong ô."
INVENTED = "Tên, địa chỉ và số trên phiếu đều do máy ghép ngẫu nhiên, không phải của ai."


class _Row(Frozen):
    text: str
    kind: FieldType


class _Sheet(Frozen):
    rows: tuple[_Row, ...] = Field(max_length=lessons.ROWS)


def sheets(caller: Caller, school: School, count: int, seed: int | None = None) -> bytes:
    """A PDF with so many sheets, each another; what stands on them is kept.

    Args:
        caller: an operator.
        school: what learning needs.
        count: of pages.
        seed: for the same sheets again; None: others each time.

    Raises:
        NotAllowed: ``usecase.not_allowed``.
        MissingDependency: ``fields.no_sample_font``.
    """
    permit(caller, Right.operate)
    chance = random.Random(secrets.randbits(64) if seed is None else seed)  # noqa: S311 - no secret
    pdf = FPDF(unit="pt", format="A4")
    pdf.set_auto_page_break(False)
    pdf.set_title(TITLE)
    pdf.add_font("Tinos", style="", fname=str(font_file("Regular")))
    pdf.add_font("Tinos", style="B", fname=str(font_file("Bold")))
    folder = school.folder / SHEETS
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for _ in range(count):
        name, rows = f"{chance.getrandbits(32):08x}", _rows(chance)
        content = _Sheet(rows=tuple(rows)).model_dump_json().encode()
        write_durably(folder / f"{name}.json", content, 0o600)
        _draw(pdf, name, rows)
    return bytes(pdf.output())


async def add_scans(caller: Caller, school: School, paths: Sequence[Path]) -> SheetsAdded:
    """Keep the lines of sheets that were written and scanned.

    Args:
        caller: an operator.
        school: what learning needs.
        paths: scans, each of one or more sheets.

    Raises:
        NotAllowed: ``usecase.not_allowed``.
        InputRejected: a file cannot be read.
    """
    permit(caller, Right.operate)
    new = read = unread = 0
    async with ReaderPool(school.reading, 1, as_needed=True) as pool:
        for path in paths:
            inspection = await pool.inspect(path)
            for page in range(1, inspection.pages + 1):
                work = (path, page, school.reading)
                found = await pool.on_file(tasks.sheet_lines, *work, pages=1)
                known = _known(school, found.sheet) if found is not None else None
                if found is None or known is None:
                    unread += 1
                    continue
                read += 1
                new += _kept(school, known, found.lines)
    return SheetsAdded(kept=new, sheets=read, unread=unread)


def _kept(school: School, sheet: _Sheet, lines: dict[int, bytes]) -> int:
    new = 0
    for number, row in enumerate(sheet.rows):
        image = lessons.decoded(lines.get(number, b""))
        if image is not None:
            line = lessons.line(row.text, row.kind, lessons.Source.sheet, school.clock())
            new += lessons.keep(school.lines, image, line)
    return new


def _known(school: School, name: str) -> _Sheet | None:
    try:
        content = (school.folder / SHEETS / f"{name}.json").read_bytes()
        return _Sheet.model_validate_json(content)
    except (OSError, ValidationError):
        return None


def _rows(chance: random.Random) -> list[_Row]:
    """Names and addresses in turn, now and then a date with a number."""
    rows = []
    for number in range(lessons.ROWS):
        if number % 5 == 4:
            rows.append(_Row(text=_figures(chance), kind=FieldType.text))
        elif number % 2:
            rows.append(_Row(text=_address(chance), kind=FieldType.text))
        else:
            rows.append(_Row(text=_name(chance), kind=FieldType.name))
    return rows


def _name(chance: random.Random) -> str:
    given = chance.choices(usual_syllables(), k=chance.choice((1, 2, 2, 2, 3)))
    return " ".join((chance.choice(usual_surnames()), *given))


def _address(chance: random.Random) -> str:
    ward = chance.choice(sorted(unit_names("phường").values()))
    province = chance.choice(sorted(unit_names("tỉnh").values()))
    street = chance.choice(sorted(unit_names("đường").values()))
    number = f"{chance.randint(1, 499)}"
    number += chance.choice(("", "", f"/{chance.randint(1, 40)}", chance.choice("ABC")))
    return f"{number} {street}, phường {ward}, {province}"


def _figures(chance: random.Random) -> str:
    day = f"{chance.randint(1, 28):02d}/{chance.randint(1, 12):02d}/{chance.randint(1940, 2020)}"
    return f"{day}   0{chance.randint(300_000_000, 999_999_999)}"


def _draw(pdf: FPDF, name: str, rows: Sequence[_Row]) -> None:
    pdf.add_page()
    for corner, (x, y) in enumerate(lessons.CORNERS):
        picture = io.BytesIO(qr_picture(lessons.code_text(name, corner)))
        pdf.image(picture, x=x, y=y, w=lessons.CODE, h=lessons.CODE)
    middle = pdf.w / 2
    for y, style, size, text in (
        (46, "B", 15, TITLE), (64, "", 10, ASKED), (78, "", 9, INVENTED)
    ):  # fmt: skip
        pdf.set_font("Tinos", style, size)
        pdf.text(middle - pdf.get_string_width(text) / 2, y, text)
    pdf.set_font("Tinos", "", 10)
    pdf.set_draw_color(150)
    for number, row in enumerate(rows):
        left, top, right, bottom = lessons.box_of(number)
        pdf.text(left, top - 3, row.text)
        pdf.rect(left, top, right - left, bottom - top)
