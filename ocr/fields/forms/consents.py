"""Blocks at a form's foot where people agree, date and sign: who filled one, and what it says.

A block has a printed date line, then free paper: perhaps a sentence, a signature, a name under it.
What is on the free paper is parted by its shape: rows of letters are read, taller strokes are a
signature. Only blocks with ink are read.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np

from ocr.fields.binarisation import ink_of
from ocr.fields.context import POINT, Context
from ocr.fields.evidence import Evidence, EvidenceTable, nothing
from ocr.fields.forms.print_removal import erased
from ocr.fields.forms.text_lines import tidy
from ocr.fields.forms.written import Asked, readings, second_reader
from ocr.fields.forms.zones import line_zone
from ocr.fields.pen.ink import by_pen
from ocr.fields.plausible import plausibility
from ocr.fields.registration import Registration
from ocr.fields.sureness import LETTERS_ALONE, NO_INK, PEN_STROKES, TEXT_ROW
from ocr.fields.weighing import Opinions, weigh
from ocr.fields.zone_reader import Image, read_line
from schemas.document_type import Block, FieldSpec
from schemas.field import Check, Reading
from schemas.page import Box
from schemas.validators import FieldType, is_name

LETTER = 3.0
"""Points: lower pieces of ink are specks or marks of letters."""

TALLEST_ROW = 22.0
"""Points: a row of letters is lower, a signature mostly taller."""

ROW_GAP = 1.5
"""Points without ink between two rows."""

FEWEST_PIECES = 3
"""So many pieces of a letter's size are writing; fewer may be dirt."""

WIDE_STROKE = 14.0
"""Points: one piece so wide is a pen's stroke."""

MOST_ROWS = 4

FIGURES = ((1, 2), (1, 2), (4,))
"""How many figures a day, a month and a year have."""

YES, NO = "true", "false"

KINDS = {
    "text": FieldType.text,
    "date": FieldType.date,
    "name": FieldType.name,
    "pid": FieldType.personal_id,
}
"""What a block holds beside whether it is signed."""


class Row(NamedTuple):
    """Ink of one height on the free paper: its picture and its place, points of the reference."""

    image: Image
    box: Box
    readings: tuple[Reading, ...] = ()

    @property
    def text(self) -> str:
        """The surest reading."""
        return max(self.readings, key=lambda r: r.confidence).text if self.readings else ""


def read_blocks(
    context: Context, laid: Registration, field: FieldSpec, blank: Image | None
) -> EvidenceTable:
    """One row for each block of the form, in the type's order, with text, date, name, number and
    whether it is signed; a block nobody filled has only that it is not signed."""
    return EvidenceTable(tuple(_block(context, laid, block, blank) for block in field.blocks))


def _block(
    context: Context, laid: Registration, block: Block, blank: Image | None
) -> dict[str, Evidence]:
    place = laid.onto_page(block.free)
    page = laid.page.number
    rows = _rows(context, laid, block.free, blank)
    if not rows:
        unsigned = _seen(NO, NO_INK, Check(name="nothing_written", passed=True), page, place)
        bare = {name: nothing(kind, page=page, box=place) for name, kind in KINDS.items()}
        return bare | {"signed": unsigned}
    read = [row._replace(readings=_read(row.image, context)) for row in rows]
    written = [row for row in read if row.readings]
    named = next((row for row in reversed(written) if _named(row.text)), None)
    name = _from_rows([named] if named else [], FieldType.name, page, place)
    if block.name is not None and named is None:
        name = _on_leader(context, laid, block.name, FieldType.name, blank)
    said = [row for row in written if row is not named]
    return {
        "text": _from_rows(said, FieldType.text, page, place),
        "date": _date(context, laid, block),
        "name": name,
        "pid": _on_leader(context, laid, block.pid, FieldType.personal_id, blank)
        if block.pid
        else nothing(FieldType.personal_id, page=page, box=place),
        "signed": _signed(read, page, place),
    }


def _named(text: str) -> bool:
    """Letters alone, every word with a capital: a name, no sentence."""
    return is_name(text) and all(word[0].isupper() for word in text.split())


def _signed(rows: Sequence[Row], page: int, place: Box) -> Evidence:
    """Signed where a pen's strokes stand that are no letters; a person looks where there are only
    letters: a name may be the signature."""
    strokes = [row for row in rows if not row.readings]
    value, sure = (YES, PEN_STROKES) if strokes else (NO, LETTERS_ALONE)
    check = Check(name="pen_strokes", passed=bool(strokes), blocking=False)
    return _seen(value, sure, check, page, place)


def _seen(value: str, sure: float, check: Check, page: int, place: Box) -> Evidence:
    """What the ink itself tells, without being read."""
    said = Reading(reader="ink", text=value, confidence=sure)
    return Evidence(FieldType.text, value, None, (said,), (check,), page=page, box=place)


def _from_rows(rows: Sequence[Row], kind: FieldType, page: int, place: Box) -> Evidence:
    """What rows of letters say together; each reader's rows are joined."""
    if not rows:
        return nothing(kind, page=page, box=place)
    readers = dict.fromkeys(reading.reader for row in rows for reading in row.readings)
    joined = []
    for reader in readers:
        mine = [r for row in rows for r in row.readings if r.reader == reader]
        text = tidy(" ".join(r.text for r in mine), kind)
        joined.append(Reading(reader=reader, text=text, confidence=min(r.confidence for r in mine)))
    pen = by_pen([row.image for row in rows])
    return weigh(Opinions(kind, joined, True, page, place, by_pen=pen))


def _read(image: Image, context: Context) -> tuple[Reading, ...]:
    """Both readers' texts of a row; nothing where it is no text but a stroke."""
    if image.shape[0] > TALLEST_ROW * POINT:
        return ()
    model = second_reader()
    best = model.read(image, best=1) if model else ()
    if not best:
        return ()
    text = tidy(best[0].text, FieldType.text)
    letters = sum(c.isalpha() for c in text)
    likely = best[0].confidence * plausibility(FieldType.text, text)
    if letters < 4 or " " not in text or likely < TEXT_ROW:
        return ()
    other = read_line(image, context.options)
    return (
        Reading(reader="line", text=text, confidence=min(best[0].confidence, 1.0)),
        Reading(
            reader="tesseract",
            text=tidy(other.text, FieldType.text),
            confidence=other.confidence,
        ),
    )


def _rows(context: Context, laid: Registration, free: Box, blank: Image | None) -> list[Row]:
    """Rows of ink on the free paper, top to bottom; none where there is only dirt."""
    image = laid.cut(context, free)
    if blank is not None:
        image = erased(image, blank, free)
    if image.size == 0 or float(np.percentile(image, 80)) - float(image.min()) < 60:
        return []
    ink = ink_of(image)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    sizes = stats[1:]
    letters = int((sizes[:, cv2.CC_STAT_HEIGHT] >= LETTER * POINT).sum())
    widest = int(sizes[:, cv2.CC_STAT_WIDTH].max(initial=0))
    if count == 1 or (letters < FEWEST_PIECES and widest < WIDE_STROKE * POINT):
        return []
    specks = 1 + np.flatnonzero(
        (sizes[:, cv2.CC_STAT_HEIGHT] < POINT) & (sizes[:, cv2.CC_STAT_WIDTH] < POINT)
    )
    ink[np.isin(labels, specks)] = 0
    profile = (ink > 0).sum(axis=1)
    rows: list[Row] = []
    for top, bottom in _bands(profile > 0, round(ROW_GAP * POINT)):
        if bottom - top < LETTER * POINT:
            continue
        columns = np.flatnonzero((ink[top:bottom] > 0).any(axis=0))
        left, right = max(int(columns[0]) - 6, 0), int(columns[-1]) + 7
        part = image[max(top - 4, 0) : bottom + 4, left:right]
        box = (
            free[0] + left / POINT,
            free[1] + top / POINT,
            free[0] + right / POINT,
            free[1] + bottom / POINT,
        )
        rows.append(Row(np.asarray(part, np.uint8), box))
    order = sorted(range(len(rows)), key=lambda n: -rows[n].image.shape[0])[:MOST_ROWS]
    return [rows[n] for n in sorted(order)]


def _bands(inked: np.ndarray[tuple[int], np.dtype[np.bool_]], gap: int) -> list[tuple[int, int]]:
    """First row and row after the last of each band, bands nearer than ``gap`` joined."""
    bands: list[tuple[int, int]] = []
    for y in np.flatnonzero(inked):
        if bands and y - bands[-1][1] < gap:
            bands[-1] = (bands[-1][0], int(y) + 1)
        else:
            bands.append((int(y), int(y) + 1))
    return bands


def _on_leader(
    context: Context,
    laid: Registration,
    line: tuple[float, float, float],
    kind: FieldType,
    blank: Image | None,
) -> Evidence:
    """What stands on a block's own leader."""
    zone = line_zone(context, laid, line, blank=blank)
    said = readings([zone.image], Asked(kind, context.options)) if zone.image is not None else []
    pen = zone.image is not None and by_pen([zone.image])
    read = weigh(Opinions(kind, said, False, laid.page.number, zone.box, by_pen=pen))
    return read if read.value is not None else nothing(kind, page=read.page, box=zone.box)


def _date(context: Context, laid: Registration, block: Block) -> Evidence:
    """The date line read whole, print and pen together: *ngày 5 tháng 3 năm 2026*."""
    if block.date is None:
        return nothing(FieldType.date, page=laid.page.number, box=laid.onto_page(block.free))
    x0, x1, y = block.date
    box = (x0, y - 13.0, x1, y + 5.0)
    image = laid.cut(context, box)
    place = laid.onto_page(box)
    said: list[Reading] = []
    model = second_reader()
    if model is not None and (best := model.read(image, best=1)):
        text = without_words(best[0].text)
        said.append(Reading(reader="line", text=text, confidence=best[0].confidence))
    other = read_line(image, context.options)
    if other.text:
        text = without_words(other.text)
        said.append(Reading(reader="tesseract", text=text, confidence=other.confidence))
    dated = [one for one in said if any(c.isdigit() for c in one.text)]
    if not dated:  # the printed words alone
        return nothing(FieldType.date, page=laid.page.number, box=place)
    return weigh(Opinions(FieldType.date, dated, False, laid.page.number, place, by_pen=True))


def without_words(text: str) -> str:
    """``..,ngày.06.tháng 11 năm.2025`` as ``06/11/2025``: the leaders and words of the line are
    print; left as it is where it does not hold a day, a month and a year."""
    numbers = re.findall(r"\d+", text)
    if [len(number) in sizes for number, sizes in zip(numbers, FIGURES, strict=False)] != [
        True
    ] * 3:
        return text
    return "/".join(numbers) if len(numbers) == 3 else text
