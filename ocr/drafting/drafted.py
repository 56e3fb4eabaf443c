"""A blank as a document type: each page looked at, its places named, all of it put together."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from ocr.drafting.heading import Heading, heading_of, is_national
from ocr.drafting.naming import block_id, fields_of, table_field
from ocr.drafting.places import Place, Walk
from ocr.drafting.ruled import Grid
from ocr.drafting.seen import Seen, see
from ocr.drafting.sheet import sheet_of
from ocr.drafting.signing_places import SigningPlace, signing_places
from ocr.drafting.tables import table_of
from ocr.fields.context import POINT, Context
from ocr.fields.zone_reader import Image
from ocr.files.inspection import inspect
from ocr.options import ReadingOptions
from ocr.pipeline import read_page
from schemas.document_type import (
    Block,
    Column,
    DocumentType,
    FieldSpec,
    Geometry,
    Names,
    PrintedLabel,
    Recognition,
    Sign,
    known_types,
)
from schemas.errors import InputRejected
from schemas.label_names import rules_for, signer, slug
from schemas.validators import FieldType, plain

MOST_ANCHORS = 14
"""Printed texts besides the labels by which a page is found again."""

SHORTEST_ANCHOR, LONGEST_ANCHOR = 6, 60
"""Letters."""

BLOCK_COLUMNS = (
    Column(id="text", type=FieldType.text, required=False),
    Column(id="date", type=FieldType.date, required=False),
    Column(id="name", type=FieldType.name, required=False),
    Column(id="pid", type=FieldType.personal_id, required=False),
    Column(id="signed", type=FieldType.text, required=False),
)


class Draft(NamedTuple):
    """A drafted type, and the pages it was drafted from: level, grey, 300 dpi."""

    type: DocumentType
    pages: tuple[Image, ...]


class _Page(NamedTuple):
    """What was seen on one page, and the places made of it."""

    seen: Seen
    places: list[Place]
    signing: tuple[SigningPlace, ...]


def draft(
    file: Path,
    options: ReadingOptions,
    pages: Sequence[int] | None = None,
    like: DocumentType | None = None,
) -> Draft:
    """Draft the type of a form from its blank.

    Args:
        file: the empty form: PDF or picture, scanned or not.
        options: how pages are read.
        pages: those that make the form, from 1; None: all.
        like: a type whose names for labels, words and rules are taken first.

    Raises:
        InputRejected: ``types.nothing_to_fill``: no place to write was found; what
            :func:`ocr.inspect` raises; ``types.no_such_page``.
    """
    count = inspect(file, options).pages
    numbers = list(pages or range(1, count + 1))
    if not all(1 <= number <= count for number in numbers):
        raise InputRejected("types.no_such_page", count=count)
    read = [read_page(file, number, options) for number in numbers]
    context = Context(file, read, (), options)
    every = [see(sheet_of(context, page), options) for page in read]
    heading = heading_of(every[0].runs, read[0].width, read[0].height)
    foot = heading.title_box[3] if heading.title_box else 0.0
    found = [_found(seen, 0.0 if index else foot) for index, seen in enumerate(every)]
    drafted = _type(found, heading, like, options)
    if not drafted.fields:
        raise InputRejected("types.nothing_to_fill")
    return Draft(drafted, tuple(seen.sheet.grey for seen in every))


def _found(seen: Seen, title_foot: float) -> _Page:
    """The places of a page; above the foot of the title only what a head has."""
    page = seen.sheet.page
    walk = _walked(seen, title_foot)
    places = walk.places
    size = (page.width, page.height)
    signing = signing_places(seen.rows, walk.dates, places, walk.used, size, title_foot)
    used = [one.date for one in signing]
    for date in walk.dates:
        if date not in used:
            places.append(Place("date_parts", date.y, date.x0, "", zones=list(date.zones)))
    places.sort(key=lambda p: (round(p.y / 6), p.x))
    return _Page(seen, places, tuple(signing))


def _walked(seen: Seen, title_foot: float) -> Walk:
    """The walk down the rows of a page."""
    sheet, tables = seen.sheet, seen.rules.tables
    ink = sheet.ink

    def slashed(x0: float, x1: float, y: float) -> bool:
        part = ink[
            round((y - 7) * POINT) : round((y - 3) * POINT), round(x0 * POINT) : round(x1 * POINT)
        ]
        return bool(part.any())

    walk = Walk(sheet.page.width, slashed)
    left = list(seen.rules.cells)
    done: list[Grid] = []
    for row in seen.rows:
        if row.y <= title_foot:
            walk.head(row, 0.5 * sheet.page.width)
            continue
        passed = [t for t in tables if t.box[3] < row.y and t not in done]
        if passed:
            walk.hanging, walk.open = [], None
            done += passed
        own = [grid for grid in left if grid.box[1] + 2 <= row.y - 2 <= grid.box[3] + 2]
        own = [grid for grid in own if row.tokens and row.tokens[0].x0 < grid.box[0]]
        walk.row(row, own)
        left = [grid for grid in left if grid not in own]
    return walk


def _type(
    found: Sequence[_Page], heading: Heading, like: DocumentType | None, options: ReadingOptions
) -> DocumentType:
    """All pages as one type."""
    taken: set[str] = set()
    fields: list[FieldSpec] = []
    for number, page in enumerate(found, 1):
        fields += _fields(page, number, taken, like, heading)
    anchors = [
        anchor for number, page in enumerate(found, 1) for anchor in _anchors(page, number, fields)
    ]
    ids = {field.id for field in fields}
    columns = {f.id: {c.id for c in f.columns} for f in fields if f.columns}
    title = heading.title
    own = like.id if like else (heading.form or "").lower() or slug(title)
    size = [
        max(p.seen.sheet.page.width for p in found),
        max(p.seen.sheet.page.height for p in found),
    ]
    known = [
        t for t in known_types(options.types) if plain(title) in map(plain, t.recognise.titles)
    ]
    return DocumentType(
        id=own,
        names=like.names if like else Names(vi=title.capitalize() or own, en=own),
        form_version=heading.version,
        legal_basis=heading.basis or "-",
        layout="form",
        title=title or None,
        recognise=Recognition(
            titles=(title,) if title else (),
            signs=(Sign(texts=heading.signs, weight=3),) if heading.signs else (),
            needs=_needs(fields) if any(t.id != own for t in known) else (),
        ),
        geometry=Geometry(
            width=round(size[0], 1), height=round(size[1], 1), anchors=tuple(anchors)
        ),
        procedures=like.procedures if like else (),
        fields=tuple(fields),
        rules=rules_for(ids, columns),
        guessed=("id", "legal_basis", "names", "recognise") if not like else ("recognise",),
    )


def _needs(fields: Sequence[FieldSpec]) -> tuple[Sign, ...]:
    """Two labels of a form whose title other papers bear, too."""
    sure = [f.labels[0].text for f in fields if f.labels and len(f.labels[0].text) > 12]
    return tuple(Sign(texts=(text,)) for text in sure[:2])


def _fields(
    page: _Page, number: int, taken: set[str], like: DocumentType | None, heading: Heading
) -> Iterator[FieldSpec]:
    """A page's fields in reading order: answers, tables, places to sign."""
    title_y = heading.title_box[1] if heading.title_box and number == 1 else 0.0
    issuers = [
        p
        for p in page.places
        if not p.label
        and p.kind == "line"
        and p.y < title_y
        and p.x < 0.4 * page.seen.sheet.page.width
    ]
    ordered: list[tuple[float, float, FieldSpec]] = []
    places = [p for p in page.places if p not in issuers]
    for place, name in zip(reversed(issuers), ("issuing_org", "superior_org"), strict=False):
        ordered.append((place.y, place.x, _issuer(place, name, number)))
        taken.add(name)
    for place, field in zip(places, fields_of(places, number, taken, like), strict=True):
        ordered.append((place.y, place.x, field))
    for grid in page.seen.rules.tables:
        table = table_of(grid, page.seen.runs)
        ordered.append((grid.box[1], grid.box[0], table_field(table, number, taken, like)))
    ordered.sort(key=lambda one: (round(one[0] / 6), one[1]))
    yield from (field for _, _, field in ordered)
    if page.signing:
        yield _signatures(page.signing, number, taken)


ISSUERS = {
    "issuing_org": Names(vi="Cơ quan ban hành", en="Issuer"),
    "superior_org": Names(vi="Cơ quan cấp trên", en="Superior office"),
}


def _issuer(place: Place, name: str, page: int) -> FieldSpec:
    return FieldSpec(
        id=name,
        names=ISSUERS[name],
        type=FieldType.organisation,
        zones=tuple(place.zones),
        page=page,
        guessed=("id", "type"),
    )


def _signatures(signing: Sequence[SigningPlace], page: int, taken: set[str]) -> FieldSpec:
    """All places to sign of a page as one field, a row for each."""
    blocks: list[Block] = []
    guessed: set[str] = set()
    for one in signing:
        who = signer(one.heading)
        if not who.known:
            guessed.add("blocks")
        date = (round(one.date.x0, 1), round(one.date.x1, 1), one.date.y) if one.date else None
        blocks.append(
            Block(
                id=block_id(who.id, [b.id for b in blocks]),
                names=Names(vi=who.heading.capitalize(), en=who.id.replace("_", " ").capitalize()),
                date=date,
                free=one.free,
                name=one.name,
                pid=one.pid,
            )
        )
    own = (
        "consents"
        if any(plain(s.heading).startswith(("y kien", "ykien")) for s in signing)
        else "signatures"
    )
    own = own if own not in taken else f"{own}_{page}"
    taken.add(own)
    return FieldSpec(
        id=own,
        names=Names(vi="Ý kiến và chữ ký", en="Consents and signatures"),
        shape="table",
        columns=BLOCK_COLUMNS,
        blocks=tuple(blocks),
        page=page,
        guessed=tuple(guessed),
    )


def _anchors(page: _Page, number: int, fields: Sequence[FieldSpec]) -> Iterator[PrintedLabel]:
    """Printed texts that stand once on the page and were read alike by both readers."""
    labels = {plain(label.text) for f in fields for label in f.labels if f.page == number}
    said = [plain(run.text) for run in page.seen.runs]
    found = []
    for run in page.seen.runs:
        text = run.text.strip(" .:;,")
        good = run.agreed and sum(c.isalpha() for c in text) >= SHORTEST_ANCHOR
        alone = said.count(plain(run.text)) == 1 and plain(text) not in labels
        if good and alone and len(text) <= LONGEST_ANCHOR:
            found.append(PrintedLabel(text=text, box=run.box, page=number))
    head = [one for one in found if is_national(one.text) or one.text.isupper()]
    rest = [one for one in found if one not in head]
    step = max(1, -(-len(rest) // max(1, MOST_ANCHORS - len(head[:6]))))
    yield from head[:6]
    yield from rest[::step]
