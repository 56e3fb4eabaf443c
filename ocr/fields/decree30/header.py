"""The head of an administrative document: its columns, and the rows of number and date in them.

The left column holds the bodies, the number and (official letters) the subject, the right one the
national header, the place and the date. Where a row's words were lost because figures in it are
written by pen, its place follows from what is printed around it.
"""

import math
import re
from collections.abc import Sequence
from statistics import mean, median
from typing import NamedTuple

from ocr.fields.classify import national_header
from ocr.fields.context import Context
from ocr.fields.lines import Phrase, height, middle, rows
from ocr.fields.zone_reader import Image
from schemas.document_type import DocumentType
from schemas.page import Box, PageReading
from schemas.validators import folded, plain

DEPTH = 130.0
"""Number and date lie within so many points under the header."""

SUBJECT_DEPTH = 190.0
"""An official letter's subject, under its number, may go on so many points under the header."""

PEN_ROOM = 4.0
"""Points a strip has above and below the print: pens reach further than letters."""

SAME_LEVEL = 25.0
"""Number and date stand on about the same level: within so many points."""

SYMBOL = r"[A-ZĐ][A-Za-zĐđ&]*(?:-[A-ZĐ&][A-Za-zĐđ0-9&]*)+"
_SAME = str.maketrans({"⁄": "/", "∕": "/", "Ð": "Đ", "ð": "đ", "–": "-", "—": "-", "|": "/"})
_DAY = re.compile(r"ng\w{0,2}y")


class Header(NamedTuple):
    """The head of page 1, cut into its columns, and the rows found in them."""

    page: PageReading
    national: Box
    left: list[Phrase]
    number: Phrase | None
    date: Phrase | None


class Strip(NamedTuple):
    """A row's picture, lines level, and where it stands (points)."""

    image: Image
    box: Box


def header_of(page: PageReading, spec: DocumentType) -> Header | None:
    """The header, or None where the national header is not found."""
    found = national_header(page, spec)
    if found is None:
        return None
    box = found.phrase.box
    foot = box[3] + DEPTH
    near = [w for w in page.words if box[1] - 45 < middle(w.box)[1] < box[3] + SUBJECT_DEPTH]
    left = rows([w for w in near if middle(w.box)[0] < box[0] - 2])
    beside = [w for w in near if middle(w.box)[0] > box[0] - 12 and middle(w.box)[1] < foot]
    right = rows([w for w in beside if w.box[1] > box[3]])
    number = _number_row([row for row in left if box[1] < middle(row.box)[1] < foot])
    return Header(page, box, left, number, _date_row(right))


def _number_row(left: Sequence[Phrase]) -> Phrase | None:
    """The row ``Số: .../...`` of the header's left column.

    A stamp of what was received has a row ``Số: ...``, too, but no symbol behind it.
    """
    labelled = [row for row in left if re.match(r"\W*s[oóé]\s*[:.]", plain(row.text))]
    symbol = [row for row in left if re.search(rf"/\s*{SYMBOL}", cleaned(row.text))]
    both = (row for row in labelled if row in symbol)
    return next(both, None) or next(iter([*labelled, *symbol]), None)


def _date_row(right: Sequence[Phrase]) -> Phrase | None:
    """The row ``place, ngày .. tháng .. năm ....`` of the header's right column."""
    for phrase in right:
        text = plain(phrase.text)
        if re.search(r"n\wm\s*[0-9]{4}", text) and re.search(r"th\w{1,2}ng|ng\w{1,2}y", text):
            return _from_place(phrase)
    return None


def _from_place(row: Phrase) -> Phrase:
    """The row from its place on: a symbol of the left column may have been read before it."""
    words = row.words
    day = next((i for i, word in enumerate(words) if _DAY.match(plain(word.text))), 0)
    start = day
    while start and words[start].box[0] - words[start - 1].box[2] < 1.3 * height(words[start].box):
        start -= 1
    return Phrase(words[start:])


def number_strip(context: Context, header: Header) -> Strip | None:
    """The picture of the number's row; None where nothing tells its level, or born-digital."""
    row, date, page = header.number, header.date, header.page
    if context.digital(page) or (row is None and date is None):
        return None
    at, level, tall = _level(row or date)
    edges = [word.box[0] for phrase in header.left[:3] for word in phrase.words]
    edges += [row.box[0]] if row is not None else []
    x0 = max(2.0, min(edges, default=0.1 * page.width) - 20)
    x1 = header.national[0] + 15
    if date is not None and abs(middle(date.box)[1] - level) < SAME_LEVEL:
        x1 = date.box[0] - 5
    return _strip(context, page, (x0, x1), (at, level), tall)


def date_strip(context: Context, header: Header) -> Strip | None:
    """The picture of the date's row; None where there is none, or born-digital."""
    row, page = header.date, header.page
    if context.digital(page) or (row is None and header.number is None):
        return None
    at, level, tall = _level(row or header.number)
    if row is None:
        across = (header.national[0] - 12, min(header.national[2] + 25, 0.98 * page.width))
        return _strip(context, page, across, (at, level), tall)
    return _strip(context, header.page, (row.box[0] - 6, row.box[2] + 8), (at, level), tall)


def _level(row: Phrase | None) -> tuple[float, float, float]:
    """Middle (x, y) and height of a row's print, points; figures may be a pen's."""
    if row is None:
        return 0.0, 0.0, 0.0
    words = [w for w in row.words if any(c.isalpha() for c in w.text)] or list(row.words)
    x, y = (mean(middle(w.box)[axis] for w in words) for axis in (0, 1))
    return x, y, median(height(w.box) for w in words)


def _strip(
    context: Context,
    page: PageReading,
    across: tuple[float, float],
    through: tuple[float, float],
    tall: float,
) -> Strip | None:
    """The level strip between two x that runs ``through`` a point of its line."""
    x0, x1 = across
    if x1 - x0 < 20:
        return None
    fall = math.tan(math.radians(page.skew))
    level = through[1] + fall * ((x0 + x1) / 2 - through[0])
    box = (x0, level - tall / 2 - PEN_ROOM, x1, level + tall / 2 + PEN_ROOM)
    return Strip(context.cut(page, box), box)


def stamped(context: Context, page: PageReading, row: Box) -> str | None:
    """Figures that a signature's appearance puts into a row: the number, or the day."""
    for annotation in context.annotations:
        text = folded(annotation.text).replace(" ", "")
        _, y = middle(annotation.box)
        # the stamp's box is larger than its text, whose line is its bottom or its middle
        near = row[1] - 16 <= y <= row[3] + 16
        beside = annotation.page == page.number and row[0] <= annotation.box[0] <= row[2]
        if near and beside and re.fullmatch(r"[0-9]{1,6}", text):
            return text
    return None


def cleaned(text: str) -> str:
    """NFC, single spaces, look-alikes of the characters of document numbers set right."""
    return folded(text).translate(_SAME).replace("ĐĐ", "Đ")
