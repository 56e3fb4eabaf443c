"""Several documents in one file, and several pages on one sheet: a split to propose.

A document begins after a cover sheet, where the national header or a known form's title stands at
the head of a page that is not the first, or after an empty page where no page number goes on. Only
what is unmistakable is called sure; the rest a person decides. Nothing is cut here.

Every page is in a part, except cover sheets with their backs and pages that are certainly empty
between parts (:class:`schemas.page.Blankness`). In doubt a page belongs to the document before it.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from ocr.codes import read_codes
from ocr.fields.classify import Classified, classify, has_needs, national_header
from ocr.fields.context import ZONE_DPI, Context
from ocr.fields.lines import Phrase, columns, find, lines
from ocr.options import ReadingOptions
from schemas.document_type import DocumentType, known_types
from schemas.dossier import COVER_SHEET, is_code
from schemas.manifest import Part, PartReason, Region
from schemas.page import Blankness, Box, PageKind, PageReading
from schemas.validators import plain

HEAD_ZONE = 0.25
"""A document's head stands in this upper part of its first page."""
TITLE_ZONE = 0.4
TITLE_LEAST = 88.0
"""Likeness (0 to 100) of a heading and a form's title; half of a shout would be likely else."""
HEADER_SURE, TYPED_SURE, SEPARATED_SURE = 0.8, 0.95, 0.5
SEPARATED_TYPED_SURE, COVERED_SURE = 0.99, 0.99
COVER_WORDS = 40
"""Words on a cover sheet without its title, at most."""


class _Leaf(NamedTuple):
    """One page as a person sees it: a whole page, or one half of a sheet."""

    region: Region
    page: PageReading


class _Beginning(NamedTuple):
    reason: PartReason
    confidence: float
    known: Classified | None
    sure: bool = False


class _Cover(NamedTuple):
    """A cover sheet: the dossier it names, and whether there is no doubt of either."""

    code: str | None
    sure: bool


def propose_parts(
    path: Path,
    pages: Sequence[PageReading],
    options: ReadingOptions,
    types: Sequence[DocumentType] | None = None,
) -> tuple[Part, ...]:
    """The documents that a file seems to hold; none where it is one of whole pages.

    Cover sheets with their backs, and empty pages before a document, belong to none.

    Args:
        path: the file the pages came from; read again only to tell versions of one form apart.
        pages: all of its pages as read, in order.
        options: the reading options.
        types: document types to recognise; None: those shipped and those of ``options.types``.

    Raises:
        ConfigurationError: ``types.bad_file``, ``fields.bad_document_type``.
    """
    known = known_types(options.types) if types is None else types
    found = _Parts()
    for leaf in _leaves(pages):
        if found.set_aside(leaf):
            continue
        if (cover := _cover(leaf, known, path, options)) is not None:
            found.begin_cover(cover, leaf)
            continue
        found.add(leaf, _begins(leaf.page, found, known, path, options))
    sheets = any(region.box is not None for part in found.parts for region in part.regions)
    parts = found.ended()
    return parts if len(parts) > 1 or sheets or found.covered else ()


class _Parts:
    """The parts of a file while its pages are gone through."""

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self.cover: _Cover | None = None
        """The cover sheet whose papers begin with the next page."""
        self.covered = False
        self.before: PageReading | None = None
        self._code: str | None = None
        self._covers: list[int] = []
        """Cover sheets since the last part began, and their backs."""
        self._waiting: list[Region] = []
        """Blank pages before the first written one of a document: they may show something."""
        self._blank: set[int] = set()
        self._empty: set[int] = set()

    def set_aside(self, leaf: _Leaf) -> bool:
        """Take up a blank page that no document goes on with: at the file's beginning, or after a
        cover sheet. Whether it was one."""
        page = leaf.page
        if not page.blank or (self.parts and self.cover is None):
            return False
        self._note(leaf)
        if self.cover is not None and page.blankness is Blankness.back and not self._waiting:
            self._covers.append(leaf.region.page)
        elif page.blankness is not Blankness.empty:
            self._waiting.append(leaf.region)
        return True

    def begin_cover(self, cover: _Cover, leaf: _Leaf) -> None:
        """A cover sheet: the next written page begins a document."""
        self._give_back()
        self.cover = cover
        self._covers.append(leaf.region.page)

    def goes_on(self, number: int) -> bool:
        """Whether a page of this number is the next one of the document before it.

        Forms bear the number of their page in the circular that they are taken from.
        """
        pages = [region.page for region in self.parts[-1].regions]
        written = sum(page not in self._blank for page in pages)
        return number in {len(pages) + 1, written + 1}

    def add(self, leaf: _Leaf, begins: _Beginning | None) -> None:
        """Take up the next page: of a new part, or of the last one."""
        self._note(leaf)
        if self.cover is not None:
            self._code, self.cover, self.covered = self.cover.code, None, True
        if begins is None:
            self._extend((*self.parts[-1].regions, leaf.region))
        else:
            if self.parts:
                self._extend(self._trimmed(self.parts[-1].regions))
            part = _part((*self._waiting, leaf.region), begins)
            update = {"dossier_code": self._code, "covers": tuple(self._covers)}
            self.parts.append(part.model_copy(update=update))
            self._waiting, self._covers = [], []
        self.before = leaf.page

    def ended(self) -> tuple[Part, ...]:
        """The parts, when the last page is taken up.

        Where blank pages lie within documents, too, they are backs of sheets and part nothing.
        """
        self._give_back()
        if not self.parts:
            return ()
        if self._covers:
            covers = (*self.parts[-1].covers, *self._covers)
            self.parts[-1] = self.parts[-1].model_copy(update={"covers": covers})
        last = self._trimmed(self.parts[-1].regions)
        inside = [region for one in self.parts[:-1] for region in one.regions] + [*last]
        if any(region.page in self._blank for region in inside):
            marked = {PartReason.header, PartReason.form}
            return tuple(
                one.model_copy(update={"sure": one.sure and one.reason not in marked})
                for one in self.parts
            )
        return tuple(self.parts)

    def _note(self, leaf: _Leaf) -> None:
        if leaf.page.blank:
            self._blank.add(leaf.region.page)
        if leaf.page.blankness is Blankness.empty:
            self._empty.add(leaf.region.page)

    def _give_back(self) -> None:
        """Blank pages after which no document begins belong to the one before, or are one."""
        if self._waiting and self.parts:
            self._extend((*self.parts[-1].regions, *self._waiting))
        elif self._waiting:
            alone = _Beginning(PartReason.first, 1.0, None)
            self.parts.append(_part(tuple(self._waiting), alone))
        self._waiting = []

    def _extend(self, regions: tuple[Region, ...]) -> None:
        self.parts[-1] = self.parts[-1].model_copy(update={"regions": regions})

    def _trimmed(self, regions: tuple[Region, ...]) -> tuple[Region, ...]:
        """Without the empty pages at the end; a part has a page that is not empty."""
        end = len(regions)
        while end and regions[end - 1].page in self._empty:
            end -= 1
        return regions[:end]


def _cover(
    leaf: _Leaf, types: Sequence[DocumentType], path: Path, options: ReadingOptions
) -> _Cover | None:
    """The cover sheet that a page is.

    Sure only with its title and the QR code of one dossier. A page of few words with such a code
    may be another office's cover sheet, and a title without a code one whose code was spoilt: what
    dossier the next pages are of is then for a person to say.
    """
    page = leaf.page
    if leaf.region.box is not None or page.blank or page.problem is not None:
        return None
    titles = [text for t in types if t.id == COVER_SHEET for text in t.recognise.titles]
    titled = _titled(page, titles)
    if not titled and len(page.words) > COVER_WORDS:
        return None
    image = Context(path, (page,), (), options).image(page)
    codes = {text for code in read_codes(image, ZONE_DPI) if is_code(text := code.text.strip())}
    if titled:
        return _Cover(next(iter(codes)), True) if len(codes) == 1 else _Cover(None, False)
    return _Cover(next(iter(codes)), False) if len(codes) == 1 else None


def _part(regions: tuple[Region, ...], begins: _Beginning) -> Part:
    known = begins.known
    versioned = known is not None and known.version_known
    return Part(
        regions=regions,
        reason=begins.reason,
        confidence=begins.confidence,
        document_type=known.type.id if known else None,
        form_version=known.type.form_version if known and versioned else None,
        sure=begins.sure,
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
    found: _Parts,
    types: Sequence[DocumentType],
    path: Path,
    options: ReadingOptions,
) -> _Beginning | None:
    """Why a document begins at a page; None where it goes on."""
    if found.cover is not None:
        known = _known(page, types, path, options)
        return _Beginning(PartReason.cover, COVERED_SURE, known, found.cover.sure)
    if not found.parts:
        return _Beginning(PartReason.first, 1.0, _known(page, types, path, options))
    if not page.words:
        return None
    number = _number(page)
    separated = found.before is not None and found.before.blankness is Blankness.empty
    if number is not None and found.goes_on(number):
        return None
    if reason := _head(page, types):
        known = _known(page, types, path, options)
        if known is None:
            return _Beginning(reason, HEADER_SURE, None)
        sure = separated and found.parts[-1].document_type is not None
        return _Beginning(reason, SEPARATED_TYPED_SURE if sure else TYPED_SURE, known, sure)
    if separated and number is None:
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
    forms = [t for t in types if t.layout != "administrative"]
    alone = [text for t in forms if not t.recognise.needs for text in t.recognise.titles]
    needy = [t for t in forms if t.recognise.needs and _titled(page, t.recognise.titles)]
    whole = _titled(page, alone) or any(has_needs(lines(page), t) for t in needy)
    return PartReason.form if whole else None


def _titled(page: PageReading, titles: Sequence[str]) -> bool:
    """Whether one of ``titles`` stands in capitals in the upper part of a page."""
    top = [
        part
        for phrase in lines(page)
        if phrase.box[1] < TITLE_ZONE * page.height
        for part in columns(phrase)
        if _shouts(part)
    ]
    return any(find(top, text, least=TITLE_LEAST) for text in titles)


def _shouts(part: Phrase) -> bool:
    """Whether a phrase is set in capitals: the country's name stands in sentences, too."""
    letters = [char for char in part.text if char.isalpha()]
    return len(letters) >= 6 and sum(char.isupper() for char in letters) >= 0.9 * len(letters)


def _number(page: PageReading) -> int | None:
    """The number above 1 that stands alone on a page's first or last line."""
    ends = lines(page)
    texts = [plain(line.text).strip("-. ") for line in (ends[0], ends[-1])]
    numbers = (int(text) for text in texts if len(text) < 4 and text.isdecimal())
    return next((number for number in numbers if number > 1), None)
