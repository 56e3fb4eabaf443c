"""Where a person and the agency sign: between the title and the name, found by the text's layout.

TM. ỦY BAN NHÂN DÂN
    CHỦ TỊCH              <- title, capitals
                          <- here; the seal over about a third of the picture, on its left
  Nguyễn Văn An           <- name
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pypdfium2 as pdfium
from pypdfium2 import raw

from schemas.errors import InputRejected
from schemas.page import Box
from signing.looks.placement import Page, look

_TITLES = (
    "CHỦ TỊCH", "TRƯỞNG", "GIÁM ĐỐC", "CHÁNH", "THỦ TRƯỞNG", "BỘ TRƯỞNG", "THỨ TRƯỞNG", "BÍ THƯ",
    "CỤC TRƯỞNG", "TỔNG", "HIỆU TRƯỞNG", "VIỆN TRƯỞNG", "CHỈ HUY", "PHÓ", "CÔNG CHỨNG VIÊN",
    "NGƯỜI", "CÁN BỘ", "THẨM PHÁN",
)  # fmt: skip
_NAME_WORD = re.compile(r"^[^\W\d_][^\W\d_]*$")
_MIN_GAP = 34.0  # points between title and name for something to be signed there: 12 mm
_MAX_GAP = 220.0
_ASIDE = 60.0  # points that the middles of title and name may differ
_CLEAR = 2.0  # points kept between a picture and title or name
_PAGES = 30  # looked at from the last one

SIGNATURE_WIDTH = 128.0
"""Widest a person's picture is drawn, in points: 45 mm."""

OVERLAPS = (1 / 3, 0.3, 0.37, 0.26, 0.4)
"""Shares of the person's picture that the seal may cover, the most wanted first."""


@dataclass(frozen=True)
class Line:
    """A stretch of text on one line, in the upright page's points from the top left."""

    text: str
    box: Box

    @property
    def middle(self) -> float:
        """Half-way between left and right."""
        return (self.box[0] + self.box[2]) / 2


@dataclass(frozen=True)
class Block:
    """A title and the name below it."""

    title: Line
    name: Line


@dataclass(frozen=True)
class Seats:
    """Where the person and the agency sign, in PDF user space of one page."""

    page: int
    """Counted from 0."""
    rotation: int
    person: tuple[float, float, float, float]
    agency: tuple[float, float, float, float] | None
    person_size: tuple[float, float]
    """Width and height on the upright page, in points."""
    agency_size: tuple[float, float] | None


def seats(
    path: Path, signer: str, person: tuple[float, float], agency: tuple[float, float] | None
) -> Seats:
    """Places for pictures of these sizes (width, height in points) in the PDF at ``path``.

    The person's picture is made smaller where the room asks for it, the seal never: its size is
    that of the real one.

    Args:
        path: the document, without any signature.
        signer: the person's name, to know the right block where there are several.
        person: the picture's natural size.
        agency: the seal's size; None: no seal is to come.

    Raises:
        InputRejected: no title with a name below it, or not enough free paper between them.
    """
    try:
        document = pdfium.PdfDocument(path)
    except (pdfium.PdfiumError, OSError) as exc:
        raise InputRejected("signing.not_a_pdf") from exc
    try:
        document.init_forms()
        count = len(document)
        found: list[tuple[int, Block]] = []
        for index in range(count - 1, max(-1, count - 1 - _PAGES), -1):
            found += [(index, block) for block in blocks(lines_of(document[index]))]
            if any(_same(block.name.text, signer) for _, block in found):
                break
        if not found:
            raise InputRejected("signing.no_signer_block")
        index, block = _chosen(found, signer)
        seen = look(document[index])
        return _seated(seen, index, block, person, agency)
    except pdfium.PdfiumError as exc:
        raise InputRejected("signing.not_a_pdf") from exc
    finally:
        document.close()


def _chosen(found: Sequence[tuple[int, Block]], signer: str) -> tuple[int, Block]:
    """The signer's own block; without one the last of the document, the rightmost of its row."""
    own = [one for one in found if _same(one[1].name.text, signer)]
    return max(
        own or found, key=lambda one: (one[0], round(one[1].name.box[1], -1), one[1].name.box[0])
    )


def _same(left: str, right: str) -> bool:
    return _folded(left) == _folded(right) or _folded(right).endswith(" " + _folded(left))


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def lines_of(page: pdfium.PdfPage) -> list[Line]:
    """The text of a page in stretches, joined across gaps no wider than a letter is high."""
    text = page.get_textpage()
    pieces: list[Line] = []
    for number in range(text.count_rects()):
        left, bottom, right, top = text.get_rect(number)
        words = " ".join(text.get_text_bounded(left, bottom, right, top).split())
        if words:
            pieces.append(Line(words, _upright(page, left, bottom, right, top)))
    pieces.sort(key=lambda one: (round((one.box[1] + one.box[3]) / 2), one.box[0]))
    joined: list[Line] = []
    for piece in pieces:
        for at in range(len(joined) - 1, max(-1, len(joined) - 12), -1):
            if _continues(joined[at], piece):
                joined[at] = Line(
                    f"{joined[at].text} {piece.text}", _around(joined[at].box, piece.box)
                )
                break
        else:
            joined.append(piece)
    return joined


def _continues(line: Line, piece: Line) -> bool:
    height = min(line.box[3] - line.box[1], piece.box[3] - piece.box[1])
    over = min(line.box[3], piece.box[3]) - max(line.box[1], piece.box[1])
    gap = piece.box[0] - line.box[2]
    return over > 0.5 * height and -height < gap < 1.1 * height


def _around(one: Box, other: Box) -> Box:
    return (
        min(one[0], other[0]), min(one[1], other[1]), max(one[2], other[2]), max(one[3], other[3])
    )  # fmt: skip


def _upright(page: pdfium.PdfPage, left: float, bottom: float, right: float, top: float) -> Box:
    """From PDF user space to the page as a reader sees it; a tenth of a point is enough."""
    width, height = page.get_size()
    ends = []
    for x, y in ((left, bottom), (right, top)):
        across, down = raw.c_int(), raw.c_int()
        size = (round(width * 10), round(height * 10))
        raw.FPDF_PageToDevice(page, 0, 0, *size, 0, x, y, across, down)
        ends.append((across.value / 10, down.value / 10))
    (x0, x1), (y0, y1) = (sorted(axis) for axis in zip(*ends, strict=True))
    return x0, y0, x1, y1


def blocks(lines: Iterable[Line]) -> list[Block]:
    """Titles with a name below them and room in between."""
    lines = list(lines)
    found = []
    for name in lines:
        if not is_name(name.text):
            continue
        above = [
            line
            for line in lines
            if line.box[3] <= name.box[1] + 2
            and _overlap(line, name.box[0], name.box[2]) > 0
            and name.box[1] - line.box[3] <= _MAX_GAP
        ]
        if not above:
            continue
        title = max(above, key=lambda line: line.box[3])
        wide_enough = name.box[1] - title.box[3] >= _MIN_GAP
        if wide_enough and is_title(title.text) and abs(title.middle - name.middle) <= _ASIDE:
            found.append(Block(title, name))
    return found


def _overlap(line: Line, x0: float, x1: float) -> float:
    return min(line.box[2], x1) - max(line.box[0], x0)


def is_title(text: str) -> bool:
    """``KT. CHỦ TỊCH``, ``TRƯỞNG CÔNG AN XÃ``, ``NGƯỜI KHAI``: capitals with a word of office."""
    text = unicodedata.normalize("NFC", text)
    letters = [letter for letter in text if letter.isalpha()]
    if not letters or sum(letter.isupper() for letter in letters) < 0.9 * len(letters):
        return False
    return any(title in text for title in _TITLES)


def is_name(text: str) -> bool:
    """Two to six words that begin with a capital and go on in small letters, a degree before it."""
    words = unicodedata.normalize("NFC", text).split()
    while words and (words[0].endswith(".") or words[0] in {"Thiếu", "Trung", "Thượng", "Đại"}):
        ranked = words[0][-1] != "." and len(words) > 1 and words[1] in {"tá", "úy", "uý", "tướng"}
        if words[0][-1] != "." and not ranked:
            break
        words = words[2:] if ranked else words[1:]
    if not 2 <= len(words) <= 6:
        return False
    return all(
        _NAME_WORD.match(word) and word[0].isupper() and (len(word) == 1 or word[1:].islower())
        for word in words
    )


def _seated(
    page: Page,
    index: int,
    block: Block,
    person: tuple[float, float],
    agency: tuple[float, float] | None,
) -> Seats:
    top, bottom = block.title.box[3] + _CLEAR, block.name.box[1] - _CLEAR
    middle = (block.title.middle + block.name.middle) / 2
    ink = _taken(page)
    limit = min(1.0, SIGNATURE_WIDTH / person[0], (bottom - top) / person[1])
    sealed = False
    for smaller in (1.0, 0.9, 0.8, 0.7, 0.6):
        size = (person[0] * limit * smaller, person[1] * limit * smaller)
        left, high = middle - size[0] / 2, (top + bottom - size[1]) / 2
        box = (left, high, left + size[0], high + size[1])
        if not _free(ink, box):
            continue
        if agency is None:
            return Seats(index, page.rotation, page.to_user_space(box), None, size, None)
        seal = _seal_box(ink, box, agency, (page.width, page.height))
        sealed = True
        if seal is not None:
            return Seats(
                index,
                page.rotation,
                page.to_user_space(box),
                page.to_user_space(seal),
                size,
                agency,
            )
    raise InputRejected("signing.no_seal_room" if sealed else "signing.no_signature_room")


def _taken(page: Page) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    """Pixels with ink, one a point, of a page that was looked at whole."""
    return np.diff(np.diff(page.ink, axis=0), axis=1) > 0


def _free(ink: np.ndarray[tuple[int, int], np.dtype[np.bool_]], box: Box) -> bool:
    rows, columns = ink.shape
    x0, y0, x1, y1 = box
    if x0 < 0 or y0 < 0 or x1 > columns or y1 > rows:
        return False
    return not ink[int(y0) : int(np.ceil(y1)), int(x0) : int(np.ceil(x1))].any()


def _seal_box(
    ink: np.ndarray[tuple[int, int], np.dtype[np.bool_]],
    person: Box,
    size: tuple[float, float],
    page: tuple[float, float],
) -> Box | None:
    """The seal's place: nothing of the page under its disc, nearest to what the decree asks."""
    width, height = size
    middle = (person[1] + person[3]) / 2
    shifts = sorted((step * 3.0 for step in range(-9, 10)), key=abs)
    for shift in shifts:
        for overlap in OVERLAPS:
            right = person[0] + (person[2] - person[0]) * overlap
            top = middle + shift - height / 2
            box = (right - width, top, right, top + height)
            inside = box[0] >= 0 and top >= 0 and right <= page[0] and box[3] <= page[1]
            if inside and not _under_disc(ink, box):
                return box
    return None


def _under_disc(ink: np.ndarray[tuple[int, int], np.dtype[np.bool_]], box: Box) -> bool:
    x0, y0 = int(box[0]), int(box[1])
    part = ink[y0 : int(np.ceil(box[3])), x0 : int(np.ceil(box[2]))]
    down, across = np.mgrid[: part.shape[0], : part.shape[1]]
    x = (across + 0.5 + x0 - (box[0] + box[2]) / 2) / ((box[2] - box[0]) / 2)
    y = (down + 0.5 + y0 - (box[1] + box[3]) / 2) / ((box[3] - box[1]) / 2)
    return bool((part & (x * x + y * y <= 1.0)).any())
