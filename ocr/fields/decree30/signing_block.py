"""Who signed: authority, title and name at the right of *Nơi nhận*, often under a red seal.

The block is read anew from the black print alone, so that seals do not hide it. Titles come from a
small vocabulary and are taken where Tesseract and the line model point at the same entry; the name
is taken where both agree, or where a certificate in the file names the same person.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from rapidfuzz.distance import Levenshtein

from ocr.fields.decree30.printed import PIXELS, Paper, count_letters
from ocr.fields.decree30.signer_names import (
    NAME_DROP,
    bare_name,
    can_be_name,
    name_place,
)
from ocr.fields.decree30.signer_titles import (
    RANKS,
    bare_head,
    deputised,
    in_vocabulary,
    title_line,
    titles_known,
)
from ocr.fields.decree30.signing_rows import (
    Pictures,
    Row,
    block_rows,
    digital_rows,
    row_of,
    with_lost,
)
from ocr.fields.evidence import Evidence, nothing
from ocr.fields.plausible import with_family_name
from ocr.fields.sureness import CERTAIN_NAME, OF_PRINT, SURE_NAME
from ocr.fields.voting import Voted, voted
from ocr.recognition.reader import SeenWord
from schemas.document_type import DocumentType
from schemas.field import Check, Reading
from schemas.page import Box, PageReading
from schemas.validators import FieldType, checks_of, folded, is_syllable, is_usual_name, plain
from schemas.validators.text import is_usual_syllable

DEPTH = 215.0
"""The name stands at most so many points under the first line of the title."""

PITCH = 1.3
"""From line to line, in heights of a line in capitals."""

FEW_LETTERS = 4
"""So many pieces as tall as capitals right above a title are a line of it."""


class SigningBlock(NamedTuple):
    """The block's lines: those of the title as the vocabulary has them, and the name's."""

    titles: tuple[tuple[str, bool, Row], ...]
    """Text, whether it is proven, and the line."""
    name: Row | None


def read_signer(
    paper: Paper,
    page: PageReading,
    top: float,
    spec: DocumentType,
    certificates: Sequence[str],
    issuer: str | None,
) -> dict[str, Evidence]:
    """``signer_authority``, ``signer_title``, ``signer_name`` of the block that begins at ``top``.

    Args:
        paper: the document's pages in colour.
        page: the page of the block.
        top: where it begins, points.
        spec: the type, for its vocabulary.
        certificates: names in the certificates of signatures whose file is intact.
        issuer: the issuing body, which may stand after ``TM.``.
    """
    zone = (0.44 * page.width, top, page.width - 4, min(top + DEPTH, page.height))
    if paper.context.digital(page):
        block = _block(digital_rows(page, zone), spec, issuer)
    else:
        image = Pictures(*paper.darker(page, zone))
        rows = block_rows(paper, page, image, zone)
        block = _block(rows, spec, issuer)
        if not block.titles or block.name is None:
            block = _block(with_lost(rows, paper, page, image, zone), spec, issuer)
        block = _completed(block, paper, image, zone, spec, issuer)
        block = _named(block, paper, image, zone, spec)
        block = _doubted(block, image, zone)
    return {
        "signer_authority": _authority(block, page, spec, issuer),
        "signer_title": _title(block, page, spec, issuer, digital=paper.context.digital(page)),
        "signer_name": _name(block, page, certificates, digital=paper.context.digital(page)),
    }


def _completed(
    block: SigningBlock,
    paper: Paper,
    image: Pictures,
    zone: Box,
    spec: DocumentType,
    issuer: str | None,
) -> SigningBlock:
    """The block with the line that must follow ``KT. ...``, looked for where it has to stand.

    A signature through it makes Tesseract's layout lose it.
    """
    if not block.titles or titles_known([text for text, _, _ in block.titles[-1:]], spec):
        return block
    above = block.titles[-1][2].box
    pitch = (above[3] - above[1]) * PITCH
    if len(block.titles) > 1:
        step = above[1] - block.titles[-2][2].box[1]
        pitch = step if 0.8 * pitch < step < 1.6 * pitch else pitch
    x0, y0 = (above[0] - zone[0]) * PIXELS, (above[1] + pitch - zone[1]) * PIXELS
    x1, y1 = (above[2] - zone[0]) * PIXELS, (above[3] + pitch - zone[1]) * PIXELS
    wide = max(0.0, 170 * PIXELS - (x1 - x0)) / 2
    place = SeenWord("", (max(0.0, x0 - wide), y0, x1 + wide, y1), 0.0, 0)
    row = row_of(paper, image, [place], zone)
    known = title_line(row.line, row.looks, spec, issuer)
    if known is None or not titles_known([known[0]], spec):
        return block
    return SigningBlock((*block.titles, (*known, row)), block.name)


def _named(
    block: SigningBlock, paper: Paper, image: Pictures, zone: Box, spec: DocumentType
) -> SigningBlock:
    """The block with a name where none was found: a signature through it hides it from layout."""
    if not block.titles or (block.name is not None and _usual(block.name) > 0):
        return block
    boxes = [row.box for _, _, row in block.titles]
    foot = boxes[-1][3]
    centre = sum(b[0] + b[2] for b in boxes) / len(boxes) / 2
    place = name_place(
        image.print_,
        ((centre - zone[0]) * PIXELS, (foot - zone[1]) * PIXELS),
        (boxes[0][3] - boxes[0][1]) * PIXELS,
    )
    if place is None:
        return block
    row = row_of(paper, image, [SeenWord("", place, 0.0, 0)], zone)
    name = _lowest_name([row], foot, spec)
    better = name is not None and (block.name is None or _usual(name) > _usual(block.name))
    return SigningBlock(block.titles, name) if better else block


def _doubted(block: SigningBlock, image: Pictures, zone: Box) -> SigningBlock:
    """The block, its title not proven where a line of it may have been lost.

    Letters stand right above the first line, or two lines are further apart than lines are.
    """
    if not block.titles:
        return block
    boxes = [row.box for _, _, row in block.titles]
    tall = boxes[0][3] - boxes[0][1]
    apart = any(b[1] - a[1] > 1.9 * PITCH * tall for a, b in pairwise(boxes))
    top = int((boxes[0][1] - 1.25 * PITCH * tall - zone[1]) * PIXELS)
    foot = int((boxes[0][1] - 0.25 * tall - zone[1]) * PIXELS)
    centre = (boxes[0][0] + boxes[0][2]) / 2 - zone[0]
    left, right = int((centre - 60) * PIXELS), int((centre + 60) * PIXELS)
    above = image.print_[max(0, top) : max(0, foot), max(0, left) : max(0, right)]
    if apart or count_letters(above, tall * PIXELS) >= FEW_LETTERS:
        first, *rest = block.titles
        return SigningBlock(((first[0], False, first[2]), *rest), block.name)
    return block


def _block(rows: Sequence[Row], spec: DocumentType, issuer: str | None) -> SigningBlock:
    """Parts the lines into the title's, from the first that is one, and the name's."""
    titles: list[tuple[str, bool, Row]] = []
    at = 0
    for index, row in enumerate(rows):
        known = title_line(row.line, row.looks, spec, issuer)
        if known is None:
            if titles:
                break
            continue
        text, proven = known
        titles.append((text, proven and not (row.beside and bare_head(text, spec)), row))
        at = index + 1
    if not titles:
        return SigningBlock((), _lowest_name(rows, None, spec))
    return SigningBlock(tuple(titles), _lowest_name(rows[at:], titles[-1][2].box[3], spec))


def _lowest_name(rows: Sequence[Row], foot: float | None, spec: DocumentType) -> Row | None:
    """The lowest line that can be a name, at a name's distance under the title; no degrees."""
    ranks = spec.vocabulary.get("name_prefixes", ())
    near = [
        row._replace(
            tesseract=bare_name(row.tesseract, ranks),
            again=bare_name(row.again, ranks),
            line=bare_name(row.line, ranks),
        )
        for row in rows
        if foot is None or NAME_DROP[0] <= row.box[1] - foot <= NAME_DROP[1]
    ]
    names = [row for row in near if can_be_name(row.line) or can_be_name(row.tesseract)]
    return max(names, key=lambda row: (_usual(row), row.box[1]), default=None)


def _usual(row: Row) -> int:
    """How many of its syllables are usual in names, at most two: seals and scrawls have none."""
    return min(2, sum(is_usual_syllable(word) for word in row.line.split()))


def _authority(
    block: SigningBlock, page: PageReading, spec: DocumentType, issuer: str | None
) -> Evidence:
    marks = spec.vocabulary.get("authorities", ())
    lines = [item for item in block.titles if any(item[0].startswith(mark) for mark in marks)]
    if not lines:
        return nothing(FieldType.text)
    # where a line of the block is doubtful it may be one of these, as ``Q. CHỦ TỊCH`` is
    whole = titles_known([text for text, _, _ in block.titles], spec)
    whole &= all(sure for _, sure, _ in block.titles)
    known = Check(name="title_known", passed=whole)
    return _evidence(lines, page, (known, _told_apart(lines, spec, issuer)))


def _title(
    block: SigningBlock,
    page: PageReading,
    spec: DocumentType,
    issuer: str | None,
    *,
    digital: bool,
) -> Evidence:
    if not block.titles:
        return nothing(FieldType.text, required=True)
    texts = [text for text, _, _ in block.titles]
    known = titles_known(texts, spec)
    if not digital and texts[0].startswith(
        RANKS[0]
    ):  # a deputy signs for somebody: the line above was lost
        known, texts = False, [f"KT. {texts[0].removeprefix(RANKS[0])}", *texts]
    told = _told_apart(block.titles, spec, issuer)
    checks = (Check(name="title_known", passed=known), told)
    read = _evidence(block.titles, page, checks)
    return read if read.holds else read._replace(value=" ".join(deputised(texts)))


def _told_apart(
    lines: Sequence[tuple[str, bool, Row]], spec: DocumentType, issuer: str | None
) -> Check:
    """Whether the readers only had to tell which entries of the vocabulary the lines are."""
    entries = all(in_vocabulary(text, spec, issuer) for text, _, _ in lines)
    return Check(name="in_vocabulary", passed=entries, blocking=False)


def _evidence(
    lines: Sequence[tuple[str, bool, Row]], page: PageReading, checks: tuple[Check, ...]
) -> Evidence:
    value = " ".join(text for text, _, _ in lines)
    proven = all(sure for _, sure, _ in lines)
    rows = [row for _, _, row in lines]
    return evidence_of_rows(FieldType.text, value, proven, rows, page, checks)


def evidence_of_rows(
    kind: FieldType,
    value: str,
    proven: bool,
    rows: Sequence[Row],
    page: PageReading,
    checks: tuple[Check, ...],
    certificate: str | None = None,
) -> Evidence:
    """What one or more lines of the block say; ``proven`` where their readers agree."""
    readings = [
        Reading(reader=who, text=text, confidence=sure)
        for who, text, sure in (
            ("tesseract", " ".join(row.tesseract for row in rows), OF_PRINT),
            ("tesseract-zone", " ".join(row.again for row in rows).strip(), OF_PRINT),
            ("line", " ".join(row.line for row in rows), min(row.sure for row in rows)),
        )
        if text
    ]
    if certificate is not None:
        readings.append(Reading(reader="certificate", text=certificate, confidence=1.0))
    checks = (Check(name="readers_agree", passed=proven), *checks)
    boxes = [row.box for row in rows]
    return Evidence(
        kind,
        value or None,
        folded(" ".join(row.tesseract for row in rows)) or None,
        tuple(readings),
        checks,
        required=True,
        page=page.number,
        box=(
            min(b[0] for b in boxes),
            min(b[1] for b in boxes),
            max(b[2] for b in boxes),
            max(b[3] for b in boxes),
        ),
    )


def _name(
    block: SigningBlock, page: PageReading, certificates: Sequence[str], *, digital: bool
) -> Evidence:
    row = block.name
    if row is None:
        return nothing(FieldType.name, required=True)
    bears = next((cn for cn in map(folded, certificates) if _same(cn, row)), None)
    if bears is not None:
        read: Voted = Voted(_as_printed(bears, row), True, 0)
    elif digital:
        read = Voted(row.tesseract, True, 0)
    else:
        read = voted(row.looks, row.line, known=is_usual_syllable)
        if row.sure < SURE_NAME:  # what is usual is only proposed
            read = read._replace(proven=voted(row.looks, row.line).proven or _misread(row))
        if not read.proven and row.sure >= CERTAIN_NAME and is_usual_name(row.line):
            # of two readings only the line model's is a name that people have
            usual = any(is_usual_name(look) for look in row.looks)
            read = read if usual else Voted(row.line, True, 0)
    looks = (row.line, *row.looks)
    if bears is None and not read.proven and (likely := with_family_name(read.text, looks)):
        read = read._replace(text=likely)
    checks = checks_of(FieldType.name, read.text) if read.text else ()
    if bears is None and not digital and read.text:  # a syllable may be lost, or misread alike
        known = any(check.name == "name_usual" and check.passed for check in checks)
        long = len(read.text.split()) > 2
        sure = long and row.sure >= CERTAIN_NAME and row.line == read.text
        whole = known and long if row.beside else known or sure
        checks = (*checks, Check(name="name_whole", passed=whole))
    return evidence_of_rows(FieldType.name, read.text, read.proven, [row], page, checks, bears)


def _misread(row: Row) -> bool:
    """Whether Tesseract twice reads the same usual name, and the line model one letter in it that
    makes no syllable: ``Prần`` of ``Trần``."""
    looks = set(row.looks)
    name = row.tesseract
    if (
        len(looks) > 1
        or not row.again
        or not is_usual_name(name)
        or not _one_letter(row.line, name)
    ):
        return False
    pairs = zip(row.line.split(), name.split(), strict=True)
    return all(said == word or not is_syllable(said.lower()) for said, word in pairs)


def _one_letter(line: str, name: str) -> bool:
    return len(line.split()) == len(name.split()) and Levenshtein.distance(line, name) == 1


def _same(name: str, row: Row) -> bool:
    """Whether a certificate's name is the one that is read: the same letters, tones aside."""
    return any(plain(name) == plain(text) for text in (row.line, *row.looks))


def _as_printed(name: str, row: Row) -> str:
    """The certificate's name, in the case of the line where that is all that differs."""
    texts = (row.line, *row.looks)
    return next((text for text in texts if text.casefold() == name.casefold()), name)
