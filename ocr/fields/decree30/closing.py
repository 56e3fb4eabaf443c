"""The end of an administrative document: recipients on the left, the signer on the right."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from rapidfuzz import fuzz

from ocr.fields.decree30.printed import Paper, printed_evidence, read_printed
from ocr.fields.decree30.signing_block import read_signer
from ocr.fields.decree30.subject_end import ends_open
from ocr.fields.evidence import EvidenceTable, Found, nothing
from ocr.fields.lines import Phrase, find, height, lines, middle, rows
from schemas.document_type import DocumentType
from schemas.field import Check
from schemas.page import Box, PageReading
from schemas.validators import FieldType, folded, is_syllable, plain

ARCHIVE = "luu"
"""*Lưu: VT, ...* ends the list: where the document is kept, not who gets it."""

DASHES, ENDS = frozenset("-–—+•*"), frozenset(";.,:)")
"""What the rows of the list begin and end with."""

KEPT = 0.8
"""Part of a row's letters that a second look at it has as well."""

INDENT = 24.0
"""A row of the list begins at most so many points right of *Nơi nhận*: a dash and a little."""

ABOVE = 16.0
"""The signer's title begins at most so many points above *Nơi nhận*."""


class Closing(NamedTuple):
    """The block at the end: its page, the recipients' rows, where the signer's block begins."""

    page: PageReading
    recipients: list[Phrase]
    top: float
    edge: float
    """Where *Nơi nhận* begins, x in points."""


def read_closing(
    paper: Paper,
    pages: Sequence[PageReading],
    spec: DocumentType,
    certificates: Sequence[str] = (),
    issuer: str | None = None,
) -> dict[str, Found]:
    """``recipients``, ``signer_authority``, ``signer_title``, ``signer_name``.

    Args:
        paper: the document's pages in colour.
        pages: the document's own pages, in order.
        spec: its type.
        certificates: names in the certificates of intact signatures.
        issuer: the issuing body as read.
    """
    closing = _closing(pages, spec)
    if closing is None:
        return {
            "signer_title": nothing(FieldType.text, required=True),
            "signer_name": nothing(FieldType.name, required=True),
        }
    fields: dict[str, Found] = {}
    if closing.recipients:
        fields["recipients"] = _recipients(paper, closing)
    fields.update(read_signer(paper, closing.page, closing.top, spec, certificates, issuer))
    return fields


def _closing(pages: Sequence[PageReading], spec: DocumentType) -> Closing | None:
    """The last page that has *Nơi nhận* on its left, or a signer's title on its right."""
    for page in reversed(pages):
        left = [row for row in lines(page) if row.box[0] < 0.4 * page.width]
        label = find(left, "Nơi nhận", least=76)
        if label is not None and label.phrase.box[0] < 0.4 * page.width:
            return _cut(page, label.phrase.box)
        right = [w for w in page.words if middle(w.box)[0] > 0.5 * page.width]
        for row in reversed(rows(right)):
            if _titled(row, spec):
                return Closing(page, [], max(0.0, row.box[1] - 3 * ABOVE), 0.0)
    return None


def _cut(page: PageReading, label: Box) -> Closing:
    """Where the block around *Nơi nhận* begins, and the rows under the label."""
    left = [
        w
        for w in page.words
        if middle(w.box)[0] <= 0.5 * page.width and middle(w.box)[1] > label[3] + 1
    ]
    return Closing(page, _entries(rows(left)), max(0.0, label[1] - ABOVE), label[0])


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


def _titled(row: Phrase, spec: DocumentType) -> bool:
    """A title or an authority in capitals: in the vocabulary, or it stands with ``TM.``."""
    text = plain(row.text)
    if not _capitals(row.text) or len(text) < 4:
        return False
    heads = spec.vocabulary.get("signer_titles", ())
    marks = spec.vocabulary.get("authorities", ())
    return any(plain(head) in text for head in heads) or any(
        text.startswith(plain(mark)) for mark in marks
    )


def _capitals(text: str) -> bool:
    letters = [c for c in text if c.isalpha()]
    return bool(letters) and sum(c.isupper() for c in letters) >= 0.85 * len(letters)


def _recipients(paper: Paper, closing: Closing) -> EvidenceTable:
    """The list's rows, each read by both kinds of readers."""
    page = closing.page
    middle_line = 0.5 * page.width
    cells = []
    edge = min((row.box[0] for row in closing.recipients), default=0.0) - 6
    for row in closing.recipients:
        if not _entry(row.text) or _archive(row.text, last=row is closing.recipients[-1]):
            continue
        bounds = (min(edge, row.box[0] - 4), min(row.box[2] + 12, max(middle_line, row.box[2] + 2)))
        read = read_printed(paper, page, row, bounds, repair=_entry)
        if read.voted.text and not _archive(read.voted.text, last=False):
            digital = paper.context.digital(page)
            whole = row_whole(row, read.voted.text, read.box[0] - closing.edge)
            words = Check(name="words_possible", passed=possible_entry(read.voted.text))
            cells.append(
                {"name": printed_evidence([read], page, digital=digital, checks=(whole, words))}
            )
    return EvidenceTable(tuple(cells))


def _archive(text: str, *, last: bool) -> bool:
    """The row *Lưu: VT*; at the end of the list also where it was read badly."""
    start = plain(_entry(text))
    if start.startswith(ARCHIVE):
        return True
    office = re.search(r"\bv\.?t\b", start) is not None
    return last and (office or fuzz.partial_ratio(ARCHIVE, start[:6]) > 66)


def row_whole(row: Phrase, read: str, indent: float) -> Check:
    """Whether a row begins and ends as rows of the list do, ``- Sở Tư pháp;``.

    One that lost its dash or semicolon may be cut; one that was read shorter than it was seen or
    begins with another letter, that begins far from where the list does, or that cannot end so, is.
    """
    text = folded(row.text)
    seen = _entry(text)
    cut = len(read) < KEPT * len(seen) or indent > INDENT or ends_open(read)
    cut |= plain(read[:1]) != plain(seen[:1])
    ends = text[:1] in DASHES and text[-1:] in ENDS
    return Check(name="row_whole", passed=ends and not cut, blocking=cut)


def possible_entry(text: str) -> bool:
    """Whether a recipient's name can be one: more than a letter, and every whole word in small
    letters a possible syllable. Short ones are often abbreviations: ``b/c``, ``đ/c``."""
    words = [word.strip("()“”\"'.,;:") for word in text.split()]
    small = [word for word in words if len(word) > 2 and word.isalpha() and word.islower()]
    return sum(c.isalnum() for c in text) > 1 and all(is_syllable(word) for word in small)


def _entry(text: str) -> str:
    return folded(text).strip("-–—_~•*=' ").rstrip(";.,: ").strip()
