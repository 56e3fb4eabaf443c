"""Fields of administrative documents: the boxes of Decree 30/2020, annex I.

The header's left column holds the bodies, the number and (official letters) the subject, the
right one the place and date; the signer stands right of *Nơi nhận* on the last page. Number and
day are often written by pen: they are accepted only where they look typed (same height, same
baseline, no gap) or stand in a signature's annotation.
"""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from rapidfuzz import fuzz

from ocr.fields.classify import Classified, first_page, national_header
from ocr.fields.closing import read_closing
from ocr.fields.context import Context
from ocr.fields.header import date_row, number_row, read_date, read_number
from ocr.fields.judge import Evidence, judge, with_checks
from ocr.fields.lines import Phrase, around, columns, height, lines, middle, rows
from ocr.fields.zone_reader import read_block
from schemas.document_type import DocumentType
from schemas.field import Check, Field, FieldStatus, FieldValue, Reading
from schemas.page import Box, PageReading
from schemas.validators import (
    FieldType,
    folded,
    is_syllable,
    number_parts,
    plain,
    type_abbreviation,
)

HEADER_DEPTH = 130.0
"""Number, date and an official letter's subject lie within so many points under the header."""


class Header(NamedTuple):
    """The head of page 1, cut into its columns, and the rows found in them."""

    page: PageReading
    national: Box
    left: list[Phrase]
    number: Phrase | None
    date: Phrase | None


def read_administrative(
    context: Context, classified: Classified
) -> tuple[dict[str, FieldValue], tuple[str, ...]]:
    """All fields of an administrative document, and warnings (codes of sentences)."""
    page = first_page(context)
    spec = classified.type
    header = header_of(page, spec) if page else None
    if page is None or header is None:
        return {}, ("fields.not_registered",)
    own = _own_pages(context, page, spec)
    fields: dict[str, FieldValue] = {}
    fields.update(_bodies(context, header, spec))
    number = read_number(context, page, header.number, _symbol_check(spec))
    fields["doc_number"] = number
    fields.update(read_date(context, page, header.date))
    fields["doc_type"] = _doc_type(page, classified, number)
    fields["subject"] = _subject(context, header, classified)
    fields.update(_marks(context, page, spec))
    fields.update(read_closing(context, own, spec))
    cut = () if len(own) == len(context.pages) else ("fields.several_documents",)
    return {f.id: fields[f.id] for f in spec.fields if f.id in fields}, cut


def header_of(page: PageReading, spec: DocumentType) -> Header | None:
    """The header, or None where the national header is not found."""
    found = national_header(page, spec)
    if found is None:
        return None
    box = found.phrase.box
    near = [w for w in page.words if box[1] - 45 < middle(w.box)[1] < box[3] + HEADER_DEPTH]
    left = rows([w for w in near if w.box[2] < box[0] + 2])
    right = rows([w for w in near if middle(w.box)[0] > box[0] - 12 and w.box[1] > box[3]])
    return Header(page, box, left, number_row(left), date_row(right))


def _own_pages(context: Context, first: PageReading, spec: DocumentType) -> Sequence[PageReading]:
    """The pages up to the next one that has a national header: the first document's."""
    for index, page in enumerate(context.pages):
        if page.number > first.number and national_header(page, spec) is not None:
            return context.pages[:index]
    return context.pages


def _reader(context: Context, page: PageReading) -> str:
    return "text-layer" if context.digital(page) else "tesseract"


def _second(context: Context, page: PageReading, found: Sequence[Phrase]) -> list[str]:
    """The lines around ``found`` read again on their own; empty for born-digital pages."""
    if context.digital(page) or not found:
        return []
    box = around(row.box for row in found)
    zone = (box[0] - 5, box[1] - 3, box[2] + 5, box[3] + 3)
    text = read_block(context.cut(page, zone), context.options).text
    return [line for line in map(_tidy, text.splitlines()) if sum(c.isalpha() for c in line) > 1]


def _tidy(text: str) -> str:
    return folded(text).strip("_'`‘’~|.,;: ")


def _text_field(
    context: Context,
    page: PageReading,
    found: Sequence[Phrase],
    again: Sequence[str],
    *,
    required: bool,
    kind: FieldType = FieldType.text,
    repair: Callable[[str], str] = str,
) -> Field:
    """A field whose value is the text of whole rows, after ``repair``."""
    if not found:
        return judge(Evidence(kind, (), required))
    sure = 1.0 if context.digital(page) else min(row.confidence for row in found)
    first = " ".join(_tidy(row.text) for row in found)
    texts = [(_reader(context, page), first)]
    if again:
        texts.append(("tesseract-zone", " ".join(again)))
    readings = [Reading(reader=who, text=repair(text), confidence=sure) for who, text in texts]
    box = around(row.box for row in found)
    return judge(Evidence(kind, readings, required, page.number, box))


def _bodies(context: Context, header: Header, spec: DocumentType) -> dict[str, Field]:
    """``parent_org`` and ``issuing_org``: the rows over the number, parted at each body's name."""
    end = header.number.box[1] if header.number else header.national[3] + 40
    above = [
        row
        for row in header.left
        if row.box[3] < end + 2
        and row.box[1] > header.national[1] - 22
        and _shouts(row.text)
        and len(row.text) > 3
    ]
    heads = spec.vocabulary.get("organisation_heads", ())
    starts = [i for i, row in enumerate(above) if i == 0 or _names_body(row.text, heads)]
    cut = starts[-1] if starts else 0
    parent, issuer = above[:cut], above[cut:]
    again = _second(context, header.page, above)
    halves = (again[:cut], again[cut:]) if len(again) == len(above) else ([], [])
    return {
        "parent_org": _text_field(
            context, header.page, parent, halves[0], required=False, kind=FieldType.organisation
        ),
        "issuing_org": _text_field(
            context, header.page, issuer, halves[1], required=True, kind=FieldType.organisation
        ),
    }


def _names_body(text: str, heads: Sequence[str]) -> bool:
    start = plain(text)
    return any(start == plain(h) or start.startswith(plain(h) + " ") for h in heads)


def _shouts(text: str) -> bool:
    letters = [c for c in text if c.isalpha()]
    return bool(letters) and sum(c.isupper() for c in letters) >= 0.8 * len(letters)


def _symbol_check(spec: DocumentType) -> Callable[[str], Check]:
    """The type's abbreviation opens the symbol; official letters have none."""

    def check(symbol: str) -> Check:
        wanted = spec.recognise.symbols
        abbreviation = type_abbreviation(symbol)
        passed = abbreviation in wanted if wanted else abbreviation is None
        return Check(name="symbol_fits_type", passed=passed)

    return check


def _doc_type(page: PageReading, classified: Classified, number: Field) -> Field:
    """The heading, as the type's own name; the symbol in the number is a second witness."""
    spec = classified.type
    parts = number_parts("0" + number.value) if number.value else None
    symbol = _symbol_check(spec)(parts[1]) if parts else None
    sure = classified.confidence if symbol is None or symbol.passed else 0.4
    accepted = sure >= 0.9
    title = classified.title
    return Field(
        value=spec.title,
        raw=title.phrase.text if title else None,
        confidence=round(sure, 4),
        status=FieldStatus.accepted if accepted else FieldStatus.review,
        page=page.number,
        box=title.phrase.box if title else None,
        readers=(Reading(reader="title", text=spec.title or "", confidence=sure),),
        checks=(symbol,) if symbol else (),
    )


def _subject(context: Context, header: Header, classified: Classified) -> Field:
    page, title = header.page, classified.title
    if title is not None:
        under = [row for row in lines(page) if row.box[1] > middle(title.phrase.box)[1]]
        found = _following(under, title.phrase, classified.type)
    else:
        found = _official_subject(header, classified.type)
    again = _second(context, page, found)
    opening = classified.type.vocabulary.get("subject_openings", ())
    field = _text_field(
        context, page, found, again, required=True, repair=lambda text: opened(text, opening)
    )
    words = Check(name="words_possible", passed=_possible_words(field.value or ""))
    return with_checks(field, words)


def opened(text: str, openings: Sequence[str]) -> str:
    """``text`` with its opening formula as it is always printed: ``Vềviệc`` is ``Về việc``.

    Letters are compared without tones and spaces; anything else is left as read.
    """
    for opening in openings:
        wanted = plain(opening).replace(" ", "")
        taken = ""
        for index, letter in enumerate(text):
            taken += plain(letter)
            taken = taken if any(c.isalnum() for c in taken) else ""
            if taken == wanted and not text[index + 1 : index + 2].isalnum():
                return folded(f"{opening} {text[index + 1 :].lstrip()}")
            if not wanted.startswith(taken):
                break
    return text


def _possible_words(text: str) -> bool:
    """Every word in small letters is a possible syllable: ``thôngtin`` and ``trìnb`` are not."""
    words = [word.strip("()“”\"'.,;:!?…") for word in text.split()]
    small = [part for word in words for part in re.split(r"[-–/]", word) if part.islower()]
    return all(is_syllable(part) for part in small)


def _official_subject(header: Header, spec: DocumentType) -> list[Phrase]:
    """``V/v ...`` under the number of an official letter."""
    starts = [plain(t) for sign in spec.recognise.signs for t in sign.texts]
    for index, row in enumerate(header.left):
        if any(plain(row.text).startswith(start) for start in starts):
            return [row, *_following(header.left[index + 1 :], row, spec)]
    return []


def _following(under: Sequence[Phrase], above: Phrase, spec: DocumentType) -> list[Phrase]:
    """Rows that follow close under ``above``, until a gap, a body's name or the text's start."""
    stops = [plain(text) for text in spec.vocabulary.get("body_starts", ())]
    found: list[Phrase] = []
    last = above
    for row in sorted(under, key=lambda r: middle(r.box)[1]):
        if sum(c.isalpha() for c in row.text) < 2:
            continue
        step = middle(row.box)[1] - middle(last.box)[1]
        text = plain(row.text)
        wide = step > 2.0 * max(_line_height(last), _line_height(row))
        if wide or _shouts(row.text) or any(text.startswith(stop) for stop in stops):
            break
        found.append(row)
        last = row
    return found


def _line_height(row: Phrase) -> float:
    """Median height of the words: a slanting line is taller than its letters."""
    ordered = sorted(height(word.box) for word in row.words)
    return ordered[len(ordered) // 2]


def _marks(context: Context, page: PageReading, spec: DocumentType) -> dict[str, Field]:
    """Urgency and secrecy: words stamped apart from the text in the upper half of page 1."""
    parts = [
        part
        for row in lines(page)
        if row.box[1] < 0.5 * page.height
        for part in columns(row)
        if _shouts(part.text)
    ]
    fields = {}
    for name in ("urgency", "secrecy"):
        spec_field = spec.field(name)
        words = spec_field.words if spec_field else ()
        hit = next(
            ((w, p) for w in words for p in parts if fuzz.ratio(plain(w), plain(p.text)) >= 88),
            None,
        )
        if hit is None:
            fields[name] = judge(Evidence(FieldType.text, ()))
            continue
        readings = [
            Reading(reader=_reader(context, page), text=hit[0], confidence=hit[1].confidence),
            Reading(reader="vocabulary", text=hit[0], confidence=hit[1].confidence),
        ]
        box = hit[1].box
        fields[name] = judge(Evidence(FieldType.text, readings, False, page.number, box))
    return fields
