"""Paper as Decree 30/2020 (annex I) lays it out: margins, letters, header and signer's block."""

from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Literal

import pikepdf
from fpdf import FPDF, XPos, YPos
from fpdf.fonts import TTFFont
from pikepdf import pdfa

from schemas.durable import write_durably
from schemas.errors import InputRejected, MissingDependency
from schemas.page import Frozen
from schemas.public_code import grouped, is_code
from signing import find_font, qr_code

TOP, BOTTOM, LEFT, RIGHT = 20.0, 20.0, 30.0, 18.0
"""Margins in millimetres, within what annex I, section I.2 allows."""

SIGNING_ROOM = 40.0
"""Millimetres between title and name: a seal of 36 mm and a little air."""

CODE_SIDE = 20.0
"""Millimetres of a QR code."""

Align = Literal["L", "C", "R", "J"]
Style = Literal["", "B", "I", "BI"]
_STYLES = {"": "Regular", "B": "Bold", "I": "Italic", "BI": "BoldItalic"}
_RULE = 0.3  # mm


class Issuer(Frozen):
    """Who issues the document, as its header says it."""

    parent: str | None = None
    name: str
    place: str


class SignatureBlock(Frozen):
    """Who signs."""

    authority: str | None = None
    """``TM. ỦY BAN NHÂN DÂN``; the line above the title."""
    title: str
    name: str


class ResultPaper(FPDF):
    """An A4 page in Tinos (the metrics of Times New Roman)."""

    def __init__(self, title: str) -> None:
        """``title`` goes into the metadata.

        Raises:
            MissingDependency: Tinos is not installed in its four faces.
        """
        super().__init__(format="A4", unit="mm")
        self.set_margins(LEFT, TOP, RIGHT)
        self.set_auto_page_break(True, BOTTOM)
        self.set_title(title)
        self.set_lang("vi-VN")
        regular = find_font(None)
        for style, face in _STYLES.items():
            file = regular.with_name(regular.name.replace("Regular", face))
            if not file.is_file():
                raise MissingDependency("signing.font_missing")
            self.add_font("body", style, str(file))
        self.add_page()

    def footer(self) -> None:
        """No page number: annex I has it at the top, from the second page on."""

    def header(self) -> None:
        """The page's number, centred in the top margin, from the second page on."""
        if self.page_no() > 1:
            self.set_y(10)
            self.set_font("body", "", 13)
            self.cell(0, 6, str(self.page_no()), align="C")
            self.set_y(TOP)

    def line_of(
        self, text: str, size: float, style: str = "", align: Align = "L", indent: float = 0.0
    ) -> None:
        """A paragraph over the width between the margins; ``indent`` of its first line in mm."""
        self.set_font("body", style, size)
        self.require(text)
        height = size * 0.3528 * 1.25
        if self.will_page_break(height):
            self.add_page()  # once for the first line, not once for each of its words
            self.set_font("body", style, size)
        if indent:
            self.set_x(LEFT + indent)
            words, rest = self._first_line(text, self.epw - indent)
            if rest:
                self._spread(words, self.epw - indent, height, align)
            else:
                self.cell(self.epw - indent, height, words, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
            text = rest
        if text:
            self.multi_cell(
                self.epw, height, text, align=align, new_x=XPos.LMARGIN, new_y=YPos.NEXT
            )
        self.ln(1.6)

    def _first_line(self, text: str, width: float) -> tuple[str, str]:
        words, line = text.split(), ""
        while words and self.get_string_width(f"{line} {words[0]}".strip()) <= width - 2:
            line = f"{line} {words.pop(0)}".strip()
        return line, " ".join(words)

    def _spread(self, line: str, width: float, height: float, align: Align) -> None:
        words = line.split()
        if align != "J" or len(words) < 2:
            self.cell(width, height, line, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
            return
        x, y = self.x + self.c_margin, self.y
        free = width - 2 * self.c_margin - sum(self.get_string_width(word) for word in words)
        for word in words:
            self.set_xy(x - self.c_margin, y)
            self.cell(self.get_string_width(word), height, word)
            x += self.get_string_width(word) + free / (len(words) - 1)
        self.set_xy(LEFT, y + height)

    def column(self, x: float, width: float, text: str, size: float, style: str = "") -> None:
        """A centred paragraph in a column, its lines of even length; the cursor stays in it."""
        self.set_font("body", style, size)
        self.require(text)
        height = size * 0.3528 * 1.2
        for part in text.splitlines():
            for line in self._even(part, width):
                self.set_x(x)
                self.multi_cell(width, height, line, align="C", new_x=XPos.LEFT, new_y=YPos.NEXT)

    def _even(self, text: str, width: float) -> list[str]:
        """``text`` in as few lines as fit, the longest of them as short as can be."""
        room = width - 2 * self.c_margin

        def broken(limit: float) -> list[str]:
            lines: list[str] = []
            for word in text.split():
                longer = f"{lines[-1]} {word}" if lines else word
                if lines and self.get_string_width(longer) <= limit:
                    lines[-1] = longer
                else:
                    lines.append(word)
            return lines

        best = broken(room)
        for limit in range(int(room), 0, -1):
            lines = broken(limit)
            if len(lines) > len(best):
                break
            best = lines
        return best

    def rule(self, middle: float, length: float) -> None:
        """A thin rule below what was written last."""
        self.set_line_width(_RULE)
        self.line(middle - length / 2, self.y + 0.8, middle + length / 2, self.y + 0.8)

    def letterhead(self, issuer: Issuer, number: str | None, day: date) -> None:
        """National header, issuer, number, place and day (annex I, section II.1-4)."""
        top = self.y
        left, right = (LEFT - 5, 68.0), (LEFT + 65, self.w - RIGHT - LEFT - 65)
        if issuer.parent:
            self.column(*left, issuer.parent, 12)
        self.column(*left, issuer.name, 12, "B")
        self.rule(left[0] + left[1] / 2, 24)
        lower = self.y
        self.set_y(top)
        self.column(*right, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 12, "B")
        self.column(*right, "Độc lập - Tự do - Hạnh phúc", 13, "B")
        self.rule(right[0] + right[1] / 2, self.get_string_width("Độc lập - Tự do - Hạnh phúc"))
        self.set_y(max(lower, self.y) + 4)
        line = self.y
        if number is not None:
            self.column(*left, f"Số: {number}", 13)
        self.set_y(line)
        self.column(*right, f"{issuer.place}, {written(day)}", 13, "I")
        self.set_xy(LEFT, max(self.y, line + 6) + 5)

    def signer(
        self, block: SignatureBlock, receivers: tuple[str, ...], check: str | None = None
    ) -> None:
        """Receivers and a QR code of ``check`` at the left, the signer's block at the right."""
        height = 20 + SIGNING_ROOM + 5.0 * len(receivers)
        if self.y + height > self.h - BOTTOM:
            self.add_page()
        top = self.y + 3
        if receivers:
            self.set_xy(LEFT, top)
            self.set_font("body", "BI", 12)
            self.cell(60, 5, "Nơi nhận:", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
            self.set_font("body", "", 11)
            for receiver in receivers:
                self.multi_cell(60, 4.6, f"- {receiver}", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        if check:
            below = self.y + 4
            self._code(check, LEFT, below)
            self._code_in_letters(check, LEFT - self.c_margin, below + CODE_SIDE + 1)
        right = (LEFT + 75, self.w - RIGHT - LEFT - 75)
        self.set_y(top)
        if block.authority:
            self.column(*right, block.authority, 13, "B")
        self.column(*right, block.title, 13, "B")
        self.set_y(self.y + SIGNING_ROOM)
        self.column(*right, block.name, 14, "B")

    def _code(self, text: str, x: float, y: float) -> None:
        """A QR code with its upper left corner at ``(x, y)``."""
        rows = qr_code(text).rows
        unit = CODE_SIDE / len(rows)
        self.set_fill_color(0)
        for down, row in enumerate(rows):
            for across, dark in enumerate(row):
                if dark:
                    self.rect(x + across * unit, y + down * unit, unit, unit, style="F")

    def _code_in_letters(self, address: str, x: float, y: float) -> None:
        """What people type without a telephone, where the address ends in a public code."""
        page, _, code = address.partition("://")[2].rpartition("/")
        if not is_code(code):
            return
        self.set_font("body", "", 9)
        for line in (f"Kiểm tra: {page}", f"Mã: {grouped(code)}"):
            self.set_xy(x, y)
            self.multi_cell(73, 4, line, align="L", new_x=XPos.LEFT, new_y=YPos.NEXT)
            y = self.y

    def require(self, text: str) -> None:
        """Refuse what the font cannot draw.

        Raises:
            InputRejected: a letter is not in the font.
        """
        font = self.current_font
        if not isinstance(font, TTFFont) or any(
            ord(letter) not in font.cmap for letter in text if letter != "\n"
        ):
            raise InputRejected("signing.letters_missing")

    def save(self, out: Path) -> None:
        """Write it as PDF/A-2b, complete or not at all."""
        made = BytesIO()
        with pikepdf.open(BytesIO(bytes(self.output()))) as document:
            if "/OpenAction" in document.Root:
                del document.Root.OpenAction
            pdfa.save(document, made, "2b")
        write_durably(out, made.getvalue())


def written(day: date) -> str:
    """``ngày 04 tháng 02 năm 2026``: two digits where 1 or 2 may follow (annex I, II.4)."""
    month = f"{day.month:02d}" if day.month <= 2 else str(day.month)
    return f"ngày {day.day:02d} tháng {month} năm {day.year}"
