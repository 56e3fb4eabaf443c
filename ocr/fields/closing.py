"""The end of an administrative document: recipients on the left, the signer on the right."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from rapidfuzz import fuzz

from ocr.fields.context import Context
from ocr.fields.judge import Evidence, judge
from ocr.fields.lines import Phrase, around, find, height, lines, middle, rows
from ocr.fields.zone_reader import read_block
from schemas.document_type import DocumentType
from schemas.field import Check, Field, FieldValue, Reading, Table
from schemas.page import Box, PageReading
from schemas.validators import FieldType, folded, plain

SIGNING_DEPTH = 260.0
"""The name stands at most so many points under the first line of the title."""

ARCHIVE = "luu"
"""*Lưu: VT, ...* ends the list: where the document is kept, not who gets it."""


class Again(NamedTuple):
    """Rows read a second time, on their own."""

    lines: list[str]
    confidence: float


class Closing(NamedTuple):
    """The block at the end: its page, the rows of both columns."""

    page: PageReading
    recipients: list[Phrase]
    signer: list[Phrase]


def read_closing(
    context: Context, pages: Sequence[PageReading], spec: DocumentType
) -> dict[str, FieldValue]:
    """``recipients``, ``signer_authority``, ``signer_title``, ``signer_name``."""
    closing = _closing(pages, spec)
    if closing is None:
        nobody = judge(Evidence(FieldType.text, (), required=True))
        return {"signer_title": nobody, "signer_name": nobody}
    fields: dict[str, FieldValue] = {}
    if closing.recipients:
        fields["recipients"] = _recipients(context, closing)
    fields.update(_signer(context, closing, spec))
    return fields


def _closing(pages: Sequence[PageReading], spec: DocumentType) -> Closing | None:
    """The first page, from the back, with *Nơi nhận*; else the end of the last page."""
    for page in reversed(pages):
        label = find(lines(page), "Nơi nhận", least=76)
        if label is not None:
            return _cut(page, label.phrase.box, spec)
    for page in reversed(pages):
        right = [w for w in page.words if middle(w.box)[0] > 0.5 * page.width]
        block = _signing_rows(rows(right), spec)
        if block and _capitals(block[0].text):
            return Closing(page, [], block)
    return None


def _cut(page: PageReading, label: Box, spec: DocumentType) -> Closing:
    """Cuts the block under *Nơi nhận* into its columns, at the signer's first printed words."""
    below = [w for w in page.words if middle(w.box)[1] > label[1] - 8]
    split = 0.5 * page.width
    right = [w for w in below if middle(w.box)[0] > split]
    left = [w for w in below if middle(w.box)[0] <= split and middle(w.box)[1] > label[3] + 1]
    return Closing(page, _entries(rows(left)), _signing_rows(rows(right), spec))


def _entries(found: list[Phrase]) -> list[Phrase]:
    """The list's rows: from the first dash until the space between rows grows wide."""
    kept: list[Phrase] = []
    for row in found:
        if sum(c.isalpha() for c in row.text) < 2:
            continue
        if kept and middle(row.box)[1] - middle(kept[-1].box)[1] > 2.6 * height(kept[-1].box):
            break
        kept.append(row)
    return kept


def _signing_rows(found: list[Phrase], spec: DocumentType) -> list[Phrase]:
    """Rows from the first line in capitals on; empty where there is none."""
    for index, row in enumerate(found):
        if _capitals(row.text) and len(row.text) >= 4 and _titled(row, spec):
            top = row.box[1]
            return [r for r in found[index:] if r.box[1] - top < SIGNING_DEPTH]
    # a seal may hide the title; the name may still be legible
    return [r for r in found if _can_be_name(r) and r.box[1] - found[0].box[1] < SIGNING_DEPTH]


def _titled(row: Phrase, spec: DocumentType) -> bool:
    """A title or an authority: its words are in the vocabulary, or it stands with ``TM.``."""
    text = plain(row.text)
    heads = spec.vocabulary.get("signer_titles", ())
    marks = spec.vocabulary.get("authorities", ())
    return any(plain(head) in text for head in heads) or any(
        text.startswith(plain(mark)) for mark in marks
    )


def _capitals(text: str) -> bool:
    letters = [c for c in text if c.isalpha()]
    return bool(letters) and sum(c.isupper() for c in letters) >= 0.85 * len(letters)


def _reader(context: Context, page: PageReading) -> tuple[str, bool]:
    digital = context.digital(page)
    return ("text-layer" if digital else "tesseract"), digital


def _recipients(context: Context, closing: Closing) -> Table:
    name, digital = _reader(context, closing.page)
    box = around(row.box for row in closing.recipients)
    again: list[str] = []
    if not digital:
        zone = (box[0] - 4, box[1] - 3, box[2] + 6, box[3] + 3)
        text = read_block(context.cut(closing.page, zone), context.options).text
        again = [entry for entry in (_entry(t) for t in text.splitlines()) if entry]
    cells = []
    for row in closing.recipients:
        text = _entry(row.text)
        if not text or _archive(text, last=row is closing.recipients[-1]):
            continue
        sure = 1.0 if digital else _sure(row)
        readings = [Reading(reader=name, text=text, confidence=sure)]
        if text in again:
            readings.append(Reading(reader="tesseract-zone", text=text, confidence=sure))
        evidence = Evidence(FieldType.text, readings, False, closing.page.number, row.box)
        cells.append({"name": judge(evidence)})
    return Table(rows=tuple(cells))


def _archive(text: str, *, last: bool) -> bool:
    """The row *Lưu: VT*; at the end of the list also where it was read badly."""
    start = plain(text)
    if start.startswith(ARCHIVE):
        return True
    office = re.search(r"\bv\.?t\b", start) is not None
    return last and (office or fuzz.partial_ratio(ARCHIVE, start[:6]) > 66)


def _sure(row: Phrase) -> float:
    """The least sure word that has letters: dashes come back as anything."""
    return min((w.confidence for w in row.words if any(c.isalnum() for c in w.text)), default=0.0)


def _entry(text: str) -> str:
    return folded(text).strip("-–—_~•*=' ").rstrip(";., ").strip()


def _signer(context: Context, closing: Closing, spec: DocumentType) -> dict[str, FieldValue]:
    page = closing.page
    titles, name = _split(closing.signer)
    authorities = spec.vocabulary.get("authorities", ())
    again = _again(context, page, titles)
    named = [name] if name else []
    second = _again(context, page, named)
    known = (Check(name="title_known", passed=titles_known([r.text for r in titles], spec)),)
    first_lines = [row.text for row in titles]
    authority = (_authority(first_lines, authorities), _authority(again.lines, authorities))
    title = (" ".join(first_lines), " ".join(again.lines))
    full_name = (folded(name.text) if name else "", " ".join(second.lines))
    block, person = (page, titles, again.confidence), (page, named, second.confidence)
    return {
        "signer_authority": _judged(context, FieldType.text, authority, block, False),
        "signer_title": _judged(context, FieldType.text, title, block, True, known),
        "signer_name": _judged(context, FieldType.name, full_name, person, True),
    }


def titles_known(texts: Sequence[str], spec: DocumentType) -> bool:
    """Whether a signer's title is whole and made of known words only.

    ``TM. ỦY BAN NHÂN DÂN / KT. CHỦ TỊCH / PHÓ CHỦ TỊCH``: a line with ``TM.``, ``KT.``, ``TL.`` or
    ``TUQ.`` says for whom; who signs must stand below it.
    """
    heads = spec.vocabulary.get("signer_titles", ())
    bodies = spec.vocabulary.get("organisation_heads", ())
    last_is_person = False
    for text in texts:
        mark = next((m for m in spec.vocabulary.get("authorities", ()) if text.startswith(m)), "")
        name = text.removeprefix(mark).strip()
        person = name.removeprefix("PHÓ ") in heads
        if not person and not any(name == b or name.startswith(b + " ") for b in bodies):
            return False
        last_is_person = person and mark in {"", "Q."}
    return last_is_person


def _judged(
    context: Context,
    kind: FieldType,
    texts: tuple[str, str],
    where: tuple[PageReading, Sequence[Phrase], float],
    required: bool,
    checks: tuple[Check, ...] = (),
) -> Field:
    """A field from the first and the second reading of the same rows."""
    page, found, again = where
    sure = (_least(found, context.digital(page)), again)
    readers = (_reader(context, page)[0], "tesseract-zone")
    readings = [
        Reading(reader=reader, text=text, confidence=c)
        for reader, text, c in zip(readers, texts, sure, strict=True)
        if text
    ]
    box = around(row.box for row in found) if found else None
    number = page.number if found else None
    return judge(Evidence(kind, readings, required, number, box, checks))


def _split(found: list[Phrase]) -> tuple[list[Phrase], Phrase | None]:
    """Title lines in capitals, and the name under them (the lowest row that can be one)."""
    titles: list[Phrase] = []
    for row in found:
        near = not titles or row.box[1] - titles[-1].box[3] < 1.2 * height(titles[-1].box)
        if not (_capitals(row.text) and near):
            break
        titles.append(row)
    rest = found[len(titles) :]
    names = [row for row in rest if _can_be_name(row)]
    return titles, (names[-1] if names else None)


def _can_be_name(row: Phrase) -> bool:
    words = row.text.split()
    letters = sum(c.isalpha() or c == " " for c in row.text)
    return 2 <= len(words) <= 6 and letters >= 0.85 * len(row.text) and len(row.text) >= 6


def _least(found: Sequence[Phrase], digital: bool) -> float:
    return 1.0 if digital else min((row.confidence for row in found), default=0.0)


def _authority(texts: Sequence[str], authorities: Sequence[str]) -> str:
    return " ".join(t for t in texts if any(t.startswith(mark) for mark in authorities))


def _again(context: Context, page: PageReading, found: Sequence[Phrase]) -> Again:
    if not found or context.digital(page):
        return Again([], 0.0)
    box = around(row.box for row in found)
    zone = (box[0] - 6, box[1] - 4, box[2] + 6, box[3] + 4)
    read = read_block(context.cut(page, zone), context.options)
    kept = [folded(line) for line in read.text.splitlines() if any(c.isalnum() for c in line)]
    return Again(kept, read.confidence)
