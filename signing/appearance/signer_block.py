"""The signer's block of a page: a title, room, and a name, found by the text's layout.

TM. ỦY BAN NHÂN DÂN
    CHỦ TỊCH              <- title, capitals, in one line or several
                          <- here the person signs
  Nguyễn Văn An           <- name
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

import pypdfium2 as pdfium
from pypdfium2 import raw

from schemas.page import Box

_TITLES = (
    "CHỦ TỊCH", "TRƯỞNG", "GIÁM ĐỐC", "CHÁNH", "BÍ THƯ", "CHỦ NHIỆM", "TỔNG", "CHỈ HUY", "PHÓ",
    "VIÊN", "NGƯỜI", "CÁN BỘ", "CÔNG CHỨC", "THƯ KÝ", "THẨM PHÁN", "CHỦ TỌA", "ĐẠI DIỆN",
)  # fmt: skip
_NAME_PART = re.compile(r"^[^\W\d_]+$")
_DEGREES = frozenset({"THS", "TS", "GS", "PGS", "BS", "KS", "CN", "LS", "CKI", "CKII"})
_RANKS = frozenset({"tá", "úy", "uý", "tướng", "sĩ", "sỹ", "sư"})
"""``Thiếu tá``, ``Bác sĩ``, ``Luật sư``."""
_TITLE_LINES = 4
_MIN_GAP = 34.0  # points between title and name for something to be signed there: 12 mm
_MAX_GAP = 220.0
_ASIDE = 60.0  # points that the middles of title and name may differ


@dataclass(frozen=True)
class TextLine:
    """A stretch of text on one line, in the upright page's points from the top left."""

    text: str
    box: Box

    @property
    def middle(self) -> float:
        """Half-way between left and right."""
        return (self.box[0] + self.box[2]) / 2


@dataclass(frozen=True)
class SignerBlock:
    """A title and the name below it."""

    title: TextLine
    name: TextLine


def lines_of(page: pdfium.PdfPage, unit: float = 1.0) -> list[TextLine]:
    """The text of a page in stretches, joined across gaps no wider than a letter is high.

    ``unit`` is the page's UserUnit, which PDFium leaves to others.
    """
    text = page.get_textpage()
    pieces: list[TextLine] = []
    for number in range(text.count_rects()):
        left, bottom, right, top = text.get_rect(number)
        words = " ".join(text.get_text_bounded(left, bottom, right, top).split())
        if words:
            pieces.append(TextLine(words, _upright(page, unit, (left, bottom, right, top))))
    pieces.sort(key=lambda one: (round((one.box[1] + one.box[3]) / 2), one.box[0]))
    joined: list[TextLine] = []
    for piece in pieces:
        for at in range(len(joined) - 1, max(-1, len(joined) - 12), -1):
            if _continues(joined[at], piece):
                joined[at] = TextLine(
                    f"{joined[at].text} {piece.text}", _around(joined[at].box, piece.box)
                )
                break
        else:
            joined.append(piece)
    return joined


def _continues(line: TextLine, piece: TextLine) -> bool:
    height = min(line.box[3] - line.box[1], piece.box[3] - piece.box[1])
    over = min(line.box[3], piece.box[3]) - max(line.box[1], piece.box[1])
    gap = piece.box[0] - line.box[2]
    return over > 0.5 * height and -height < gap < 1.1 * height


def _around(one: Box, other: Box) -> Box:
    return (
        min(one[0], other[0]), min(one[1], other[1]), max(one[2], other[2]), max(one[3], other[3])
    )  # fmt: skip


def _upright(page: pdfium.PdfPage, unit: float, box: Box) -> Box:
    """From PDF user space to the page as a reader sees it; a tenth of a point is enough."""
    width, height = page.get_size()
    ends = []
    for x, y in (box[:2], box[2:]):
        across, down = raw.c_int(), raw.c_int()
        size = (round(width * unit * 10), round(height * unit * 10))
        raw.FPDF_PageToDevice(page, 0, 0, *size, 0, x, y, across, down)
        ends.append((across.value / 10, down.value / 10))
    (x0, x1), (y0, y1) = (sorted(axis) for axis in zip(*ends, strict=True))
    return x0, y0, x1, y1


def signer_blocks(lines: Iterable[TextLine], signer: str = "") -> list[SignerBlock]:
    """Titles with a name below them and room in between.

    A line that is ``signer``'s name counts as a name, however it is written.
    """
    lines = list(lines)
    found = []
    for name in lines:
        if not (is_name(name.text) or (signer and same_person(name.text, signer))):
            continue
        title = _title_over(name, lines)
        if title is None or name.box[1] - title.box[3] < _MIN_GAP:
            continue
        if abs(title.middle - name.middle) <= _ASIDE:
            found.append(SignerBlock(title, name))
    return found


def _title_over(name: TextLine, lines: Iterable[TextLine]) -> TextLine | None:
    """The lines right above the room over a name, as one, if they are a title."""
    above = [
        line
        for line in lines
        if line.box[3] <= name.box[1] + 2
        and min(line.box[2], name.box[2]) > max(line.box[0], name.box[0])
        and name.box[1] - line.box[3] <= _MAX_GAP
    ]
    above.sort(key=lambda line: line.box[3], reverse=True)
    stack: list[TextLine] = []
    for line in above[:_TITLE_LINES]:
        if stack and stack[-1].box[1] - line.box[3] > 0.9 * (line.box[3] - line.box[1]):
            break
        if not (_in_capitals(line.text) or _in_brackets(line.text)):
            break
        stack.append(line)
    text = " ".join(line.text for line in reversed(stack) if not _in_brackets(line.text))
    if not is_title(text):
        return None
    box = stack[0].box
    for line in stack[1:]:
        box = _around(box, line.box)
    return TextLine(text, box)


def is_title(text: str) -> bool:
    """``KT. CHỦ TỊCH``, ``TRƯỞNG CÔNG AN XÃ``, ``NGƯỜI KHAI``: capitals with a word of office."""
    text = unicodedata.normalize("NFC", text)
    return _in_capitals(text) and any(title in text for title in _TITLES)


def _in_capitals(text: str) -> bool:
    letters = [letter for letter in text if letter.isalpha()]
    return bool(letters) and sum(one.isupper() for one in letters) >= 0.9 * len(letters)


def _in_brackets(text: str) -> bool:
    """``(Ký, ghi rõ họ tên)``"""
    return text.startswith("(") and text.endswith(")")


def is_name(text: str) -> bool:
    """Two to six words that begin with a capital and go on in small letters, a degree before them.

    ``H'Hen Niê``, ``K'Brêu`` and ``Y Moan Ê-nuôl`` are names, too.
    """
    words = _without_degrees(unicodedata.normalize("NFC", text).split())
    parts = [re.split(r"['’-]", word) for word in words]
    if not 1 <= len(words) <= 6 or sum(len(word) for word in parts) < 2:
        return False
    return all(
        word[0][:1].isupper()
        and all(_NAME_PART.match(part) and (len(part) == 1 or part[1:].islower()) for part in word)
        for word in parts
    )


def _without_degrees(words: list[str]) -> list[str]:
    while words:
        if words[0].endswith(".") or words[0].upper() in _DEGREES:
            words = words[1:]
        elif len(words) > 1 and words[0][:1].isupper() and words[1] in _RANKS:
            words = words[2:]
        else:
            break
    return words


def same_person(left: str, right: str) -> bool:
    """Whether two lines name the same person, titles and degrees before the name aside."""
    one, other = _folded(left), _folded(right)
    return one == other or one.endswith(f" {other}") or other.endswith(f" {one}")


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())
