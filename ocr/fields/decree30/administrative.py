"""Fields of administrative documents: the boxes of Decree 30/2020, annex I.

The header's left column holds the bodies, the number and (official letters) the subject, the
right one the place and date; the signer stands right of *Nơi nhận* on the last page. Number and
day are often written by pen: they are accepted only where they look typed (same height, same
baseline, no gap) or stand in a signature's annotation.
"""

from collections.abc import Sequence

from ocr.fields.classify import Classified, first_page, national_header
from ocr.fields.context import Context
from ocr.fields.decree30.closing import read_closing
from ocr.fields.decree30.doc_number import CERTAIN, initials, read_number, symbol_check
from ocr.fields.decree30.header import Header, header_of
from ocr.fields.decree30.issue_date import read_date
from ocr.fields.decree30.printed import (
    Paper,
    Printed,
    printed_evidence,
    read_printed,
    tidy,
)
from ocr.fields.decree30.same_place import with_same_place
from ocr.fields.decree30.stamps import read_marks
from ocr.fields.decree30.subject import read_subject, shouts
from ocr.fields.evidence import Evidence, Found, with_checks
from ocr.fields.lines import Phrase, middle
from schemas.document_type import DocumentType
from schemas.field import Check, Reading
from schemas.page import PageReading
from schemas.validators import FieldType, folded, normalised, number_parts, plain, same_tones

COLUMN_ROOM = 25.0
"""A body's name may reach so many points beyond where the national header begins."""


def read_administrative(
    context: Context, classified: Classified
) -> tuple[dict[str, Found], tuple[str, ...]]:
    """All fields of an administrative document, and warnings (codes of sentences)."""
    page = first_page(context)
    spec = classified.type
    header = header_of(page, spec) if page else None
    if page is None or header is None:
        return {}, ("fields.not_registered",)
    own = _own_pages(context, page, spec)
    paper = Paper(context)
    signed = context.signed
    fields: dict[str, Found] = {}
    bodies = _bodies(paper, header, spec, signed.names)
    fields.update(bodies)
    body = bodies["issuing_org"].value
    number = read_number(context, header, spec, body)
    fields["doc_number"] = number
    bodies["issuing_org"] = _borne_out(bodies["issuing_org"], number)
    fields.update(with_same_place(bodies | read_date(context, header)))
    doc_type = _doc_type(page, classified, number, body)
    fields["doc_type"] = doc_type
    title = classified.title.phrase if classified.title else None
    subject = read_subject(paper, page, spec, title, header.left, header.national[0])
    if subject.value and not doc_type.holds:  # where it stands follows from the type
        subject = with_checks(subject, *doc_type.checks)
    fields["subject"] = subject
    fields.update(read_marks(paper, page, spec))
    fields.update(read_closing(paper, own, spec, signed.names, body))
    cut = () if len(own) == len(context.pages) else ("fields.several_documents",)
    return {f.id: fields[f.id] for f in spec.fields if f.id in fields}, cut


def read_head(
    paper: Paper, page: PageReading, spec: DocumentType
) -> tuple[dict[str, Evidence], float] | None:
    """What a national header says whatever the type, and the y (points) under which it ends.

    None where the page has no national header. Bodies, number, place, date, and the signer at the
    end of the pages.
    """
    header = header_of(page, spec)
    if header is None:
        return None
    context = paper.context
    fields = _bodies(paper, header, spec, context.signed.names)
    body = fields["issuing_org"].value
    fields["doc_number"] = read_number(context, header, spec, body)
    fields.update(read_date(context, header))
    own = _own_pages(context, page, spec)
    closing = read_closing(paper, own, spec, context.signed.names, body)
    fields |= {name: field for name, field in closing.items() if isinstance(field, Evidence)}
    row = header.date or header.number
    return fields, row.box[3] if row is not None else header.national[3] + 15


def _own_pages(context: Context, first: PageReading, spec: DocumentType) -> Sequence[PageReading]:
    """The pages up to the next one that has a national header: the first document's."""
    for index, page in enumerate(context.pages):
        if page.number > first.number and national_header(page, spec) is not None:
            return context.pages[:index]
    return context.pages


def _bodies(
    paper: Paper, header: Header, spec: DocumentType, certificates: Sequence[str]
) -> dict[str, Evidence]:
    """``parent_org`` and ``issuing_org``: the rows over the number, parted at each body's name."""
    end = header.number.box[1] if header.number else header.national[3] + 40
    above = [
        row
        for row in header.left
        if row.box[3] < end + 2
        and row.box[1] > header.national[1] - 22
        and shouts(row.text)
        and len(row.text) > 3
    ]
    heads = spec.vocabulary.get("organisation_heads", ())
    unfinished = spec.vocabulary.get("unfinished_bodies", ())
    starts = [
        index
        for index, row in enumerate(above)
        if index == 0
        or (_names_body(row.text, heads) and not _goes_on(above[index - 1].text, unfinished))
    ]
    cut = starts[-1] if starts else 0
    last = {cut - 1, len(above) - 1}
    read = [
        read_printed(
            paper, header.page, row, _room(header, row), repair=_ended if at in last else folded
        )
        for at, row in enumerate(above)
    ]
    return {
        "parent_org": _whole(
            _body(paper, header.page, read[:cut], certificates, required=False), spec
        ),
        "issuing_org": _whole(
            _body(paper, header.page, read[cut:], certificates, required=True), spec
        ),
    }


def _room(header: Header, row: Phrase) -> tuple[float, float]:
    """Between which x a line of the left column may go on: up to what stands beside it."""
    level, end = middle(row.box)[1], row.box[2]
    beside = [
        word.box[0]
        for word in header.page.words
        if word.box[1] < level < word.box[3] and word.box[0] > end
    ]
    furthest = max(header.national[0], end) + COLUMN_ROOM
    return 0.03 * header.page.width, min([furthest, *(x - 3 for x in beside)])


def _whole(field: Evidence, spec: DocumentType) -> Evidence:
    """A body's field; a name that lost a line goes to a person.

    It begins with the name of a kind of body, and a people's committee or council says of what.
    """
    name = field.value
    if name is None:
        return field
    bare = [part for part in spec.vocabulary.get("bare_bodies", ()) if plain(name) == plain(part)]
    known = _names_body(name, spec.vocabulary.get("organisation_heads", ())) and not bare
    known &= "/" not in name  # the number's row was taken for one of its name
    return with_checks(field, Check(name="body_whole", passed=known))


def _borne_out(issuer: Evidence, number: Evidence) -> Evidence:
    """The issuer's field and whether the number's symbol has its initials, each word's of them:
    ``QĐ-STC`` of *Sở Tài chính*; those of all committees are alike and bear out nothing."""
    symbol = next((check for check in number.checks if check.name == "symbol_fits_issuer"), None)
    if symbol is None or initials(issuer.value) in CERTAIN:
        return issuer
    return with_checks(issuer, Check(name="initials_fit", passed=symbol.passed, blocking=False))


def _body(
    paper: Paper,
    page: PageReading,
    rows: Sequence[Printed],
    certificates: Sequence[str],
    *,
    required: bool,
) -> Evidence:
    """A body's name as it is spelled by law; ``raw`` has it as printed."""
    field = _settled(paper, page, rows, certificates, required=required)
    name = normalised(FieldType.organisation, field.value) if field.value else None
    return field._replace(value=name)


def _settled(
    paper: Paper,
    page: PageReading,
    rows: Sequence[Printed],
    certificates: Sequence[str],
    *,
    required: bool,
) -> Evidence:
    """The rows' text; a certificate with the same name settles which of two readings is right."""
    digital = paper.context.digital(page)
    field = printed_evidence(rows, page, digital=digital, required=required)
    if not rows or field.holds:
        return field
    named = {same_tones(name).casefold() for name in certificates}
    for reading in field.readings:
        if same_tones(reading.text).casefold() in named:
            borne = printed_evidence(
                rows, page, digital=digital, required=required, value=reading.text, proven=True
            )
            said = Reading(reader="certificate", text=reading.text, confidence=1.0)
            return borne._replace(readings=(*borne.readings, said))
    return field


def _ended(text: str) -> str:
    """The last line of a body's name: what is read after it are specks."""
    return text.rstrip(" .,;:")


def _goes_on(text: str, unfinished: Sequence[str]) -> bool:
    """Whether a body's name does not end with this line: *VĂN PHÒNG*, *... QUỐC HỘI VÀ*."""
    end = plain(text)
    return end.endswith((" va", ",", "-")) or any(end == plain(body) for body in unfinished)


def _names_body(text: str, heads: Sequence[str]) -> bool:
    start = plain(tidy(text))  # a speck may stand before it
    return any(start == plain(h) or start.startswith(plain(h) + " ") for h in heads)


def _reads(number: Evidence) -> bool:
    """Whether the symbol in a number can be trusted: readers agree, or it is its issuer's."""
    told = {"readers_agree", "symbol_fits_issuer"}
    return any(check.passed for check in number.checks if check.name in told)


def _doc_type(
    page: PageReading, classified: Classified, number: Evidence, issuer: str | None
) -> Evidence:
    """The heading, as the type's own name; the symbol in the number is a second witness."""
    spec = classified.type
    parts = number_parts("0" + number.value) if number.value else None
    symbol = symbol_check(parts[1], spec, issuer) if parts else None
    if classified.title is None and not _reads(number):
        # a heading may be lost over a subject that begins as a letter's does
        symbol = Check(name="symbol_fits_type", passed=False)
    title = classified.title
    said = Reading(reader="title", text=spec.title or "", confidence=classified.confidence)
    return Evidence(
        FieldType.doc_type,
        spec.title,
        title.phrase.text if title else None,
        (said,),
        (symbol,) if symbol else (),
        required=True,
        page=page.number,
        box=title.phrase.box if title else None,
    )
