"""Several documents in one file, and several pages on one sheet: a split to propose.

A document begins where the national header or a known form's title stands at the head of a page
that is not the first, or after a blank page where no page number goes on. Nothing is cut: the
proposal stands in the manifest, and a person decides.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from ocr.fields.classify import Classified, classify, national_header
from ocr.fields.context import Context
from ocr.fields.lines import Phrase, columns, find, lines
from ocr.options import ReadingOptions
from schemas.document_type import DocumentType, known_types
from schemas.manifest import Part, PartReason, Region
from schemas.page import Box, PageKind, PageReading
from schemas.validators import plain

SEVERAL_DOCUMENTS = "reading.several_documents"
"""The warning that goes with more than one part."""
HEAD_ZONE = 0.25
"""A document's head stands in this upper part of its first page."""
TITLE_ZONE = 0.4
TITLE_LEAST = 88.0
"""Likeness (0 to 100) of a heading and a form's title; half of a shout would be likely else."""
HEADER_SURE, TYPED_SURE, SEPARATED_SURE = 0.8, 0.95, 0.5


class _Leaf(NamedTuple):
    """One page as a person sees it: a whole page, or one half of a sheet."""

    region: Region
    page: PageReading


class _Beginning(NamedTuple):
    reason: PartReason
    confidence: float
    known: Classified | None


def propose_parts(
    path: Path,
    pages: Sequence[PageReading],
    options: ReadingOptions,
    types: Sequence[DocumentType] | None = None,
) -> tuple[Part, ...]:
    """The documents that a file seems to hold; none where it is one of whole pages.

    Args:
        path: the file the pages came from; read again only to tell versions of one form apart.
        pages: all of its pages as read, in order.
        options: the reading options.
        types: document types to recognise; None: those shipped and those of ``options.types``.

    Raises:
        ConfigurationError: ``types.bad_file``, ``fields.bad_document_type``.
    """
    known = known_types(options.types) if types is None else types
    parts: list[Part] = []
    before: PageReading | None = None
    sheets = False
    for leaf in _leaves(pages):
        sheets |= leaf.region.box is not None
        begins = _begins(leaf.page, before, known, path, options, first=not parts)
        if begins is None:
            whole = (*parts[-1].regions, leaf.region)
            parts[-1] = parts[-1].model_copy(update={"regions": whole})
        else:
            parts.append(_part(leaf.region, begins))
        before = leaf.page
    return tuple(parts) if len(parts) > 1 or sheets else ()


def _part(region: Region, begins: _Beginning) -> Part:
    known = begins.known
    versioned = known is not None and known.version_known
    return Part(
        regions=(region,),
        reason=begins.reason,
        confidence=begins.confidence,
        document_type=known.type.id if known else None,
        form_version=known.type.form_version if known and versioned else None,
    )


def _leaves(pages: Sequence[PageReading]) -> Iterator[_Leaf]:
    for page in pages:
        if not page.halves:
            yield _Leaf(Region(page=page.number), page)
        for box in page.halves:
            yield _Leaf(Region(page=page.number, box=box), half(page, box))


def half(page: PageReading, box: Box) -> PageReading:
    """What was read in ``box`` of a sheet, as a page of its own; lengths from its corner.

    It is called digital because no picture of the file shows it alone.
    """
    x0, y0, x1, y1 = box
    words = []
    for word in page.words:
        left, top, right, foot = word.box
        if x0 <= (left + right) / 2 < x1 and y0 <= (top + foot) / 2 < y1:
            moved = (left - x0, top - y0, right - x0, foot - y0)
            words.append(word.model_copy(update={"box": moved}))
    return page.model_copy(
        update={
            "words": tuple(words),
            "width": x1 - x0,
            "height": y1 - y0,
            "kind": PageKind.digital,
            "halves": (),
        }
    )


def _begins(
    page: PageReading,
    before: PageReading | None,
    types: Sequence[DocumentType],
    path: Path,
    options: ReadingOptions,
    *,
    first: bool,
) -> _Beginning | None:
    """Why a document begins at a page; None where it goes on."""
    if first:
        return _Beginning(PartReason.first, 1.0, _known(page, types, path, options))
    if not page.words:
        return None
    if found := _head(page, types):
        known = _known(page, types, path, options)
        return _Beginning(found, TYPED_SURE if known else HEADER_SURE, known)
    if before is not None and before.blank and not _numbered(page):
        return _Beginning(PartReason.separator, SEPARATED_SURE, None)
    return None


def _known(
    page: PageReading, types: Sequence[DocumentType], path: Path, options: ReadingOptions
) -> Classified | None:
    return classify(Context(path, (page,), (), options), types)


def _head(page: PageReading, types: Sequence[DocumentType]) -> PartReason | None:
    """What stands at the head of a page that only a document's first page has."""
    official = next((t for t in types if t.vocabulary.get("national_header")), None)
    header = national_header(page, official) if official else None
    high = header is not None and header.phrase.box[1] < HEAD_ZONE * page.height
    if header is not None and high and _shouts(header.phrase):
        return PartReason.header
    top = [
        part
        for phrase in lines(page)
        if phrase.box[1] < TITLE_ZONE * page.height
        for part in columns(phrase)
        if _shouts(part)
    ]
    titles = (text for t in types if t.layout != "administrative" for text in t.recognise.titles)
    if any(find(top, text, least=TITLE_LEAST) for text in titles):
        return PartReason.form
    return None


def _shouts(part: Phrase) -> bool:
    """Whether a phrase is set in capitals: the country's name stands in sentences, too."""
    letters = [char for char in part.text if char.isalpha()]
    return len(letters) >= 6 and sum(char.isupper() for char in letters) >= 0.9 * len(letters)


def _numbered(page: PageReading) -> bool:
    """Whether a page bears a number above 1 alone on its first or last line."""
    ends = lines(page)
    texts = [plain(line.text).strip("-. ") for line in (ends[0], ends[-1])]
    return any(text.isdecimal() and 1 < int(text) < 1_000 for text in texts if len(text) < 4)
