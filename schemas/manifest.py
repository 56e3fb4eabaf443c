"""The manifest: everything Sohoa knows of one document, in one JSON file."""

from collections import Counter
from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from enum import StrEnum

from pydantic import Field as Describe

from schemas.changes import NO_CHANGES, Changes
from schemas.errors import InputRejected
from schemas.field import Field, FieldStatus, FieldValue, Table
from schemas.page import (
    Blankness,
    Box,
    Confidence,
    Frozen,
    PageReading,
    Shown,
)
from schemas.verdict import SignatureReport

FIELDS_UNREAD = "flow.fields_unread"
"""The warning that reading the fields failed as a whole."""
UNKNOWN_TYPE = "fields.unknown_type"
"""The warning that no document type fits."""
NOTHING_READ = "fields.nothing_read"
"""Said where a document of a known type has fields, and nothing was read of any of them."""
UNKNOWN = "unknown"
"""How the setting ``pass_unseen`` calls documents of no known type."""
ATTACHED_TAKEN = "reading.attached_taken"
"""A note: the papers inside the file became documents of their own."""
ATTACHED_DATA = "reading.attached_data"
"""A note: data (XML, JSON) lie inside the file."""
ATTACHED_LEFT = "reading.attached_left"
"""The warning that something inside the file was not taken out."""
ATTACHED_UNOPENED = "reading.attached_unopened"
"""The warning that papers lie inside the file and were not digitised with it."""
PORTFOLIO = "reading.portfolio"
"""The warning that viewers show the files in this one instead of its pages."""
FORM_UNSURE = "reading.form_unsure"
"""The warning that the pages of an XFA form may not be what it holds."""
PART_UNREAD = "reading.part_unread"
"""The warning that something on a page is seen, or should be, and was not read."""
PAGES_DIFFER = "reading.pages_differ"
"""The warning that the PDF/A does not surely show what its source shows."""
SEVERAL_DOCUMENTS = "reading.several_documents"
"""A scan of more than one document."""
TAKE_AGAIN = (
    "reading.photograph_dark",
    "reading.photograph_blurred",
    "reading.photograph_cut_off",
    "reading.photograph_small",
)
"""Warnings that say why a photograph should be taken again."""
CALLING = frozenset(
    {
        FIELDS_UNREAD,
        PART_UNREAD,
        PAGES_DIFFER,
        ATTACHED_LEFT,
        ATTACHED_UNOPENED,
        PORTFOLIO,
        FORM_UNSURE,
        *TAKE_AGAIN,
    }
)
"""Warnings that call a person, whatever the fields say."""
UNSEEN = frozenset(
    {
        UNKNOWN_TYPE,
        "fields.not_registered",
        "fields.few_labels",
        "fields.several_documents",
        "reading.text_doubted",
    }
)
"""Warnings that what a document says was not looked for, or not all of it. They call a person,
except for types that operators let pass."""

INK_UNREAD = "reading.ink_unread"
"""The warning that something stands on a page which was not read: a person must look at it."""


class Source(Frozen):
    """The file as it came in."""

    name: str
    sha256: str
    bytes: int
    media_type: str
    pages: tuple[int, ...] = Describe(
        (), description="those of its pages that are this document, counted from 1; none: all"
    )
    inside: str | None = Describe(
        None, description="SHA-256 of the file that this one was embedded in"
    )


class PartReason(StrEnum):
    """Why a document is thought to begin where it does."""

    first = "first"
    """It is the beginning of the file."""
    header = "header"
    """The national header stands at the head of a later page."""
    form = "form"
    """The title of a known form stands there."""
    separator = "separator"
    """An empty page comes before, and the page bears no number that goes on."""
    cover = "cover"
    """A cover sheet comes before."""
    person = "person"
    """A person said so."""


MARKED = frozenset({PartReason.header, PartReason.form, PartReason.cover})
"""Reasons that stand on the paper."""


class Region(Frozen):
    """A page, or the part of a sheet that is one."""

    page: int
    box: Box | None = Describe(None, description="points of the upright page; None: all of it")


class Part(Frozen):
    """One document of several in a file.

    Cover sheets and empty pages between documents are no document's; every other page is one's.
    """

    regions: tuple[Region, ...] = Describe(description="its pages in reading order")
    reason: PartReason
    confidence: Confidence = Describe(description="that a document begins here")
    document_type: str | None = Describe(None, description="where it is known")
    form_version: str | None = None
    dossier_code: str | None = Describe(None, description="which the cover sheet before it names")
    covers: tuple[int, ...] = Describe(
        (), description="pages that are cover sheets before it, or after the last part"
    )
    sure: bool = Describe(
        False,
        description="what marks its beginning is unmistakable: a cover sheet with one dossier code,"
        " or an empty page before the head of a known document. The split there needs no person",
    )


class PageReport(Frozen):
    """A page without its words: what the manifest keeps of a :class:`PageReading`."""

    number: int
    width: float
    height: float
    dpi: float
    rotation: int
    skew: float
    blank: bool
    blankness: Blankness | None = Describe(None, description="why it is blank")
    words: int
    confidence: Confidence
    problem: str | None = Describe(
        None, description="code of the reason why the page was not read; a person must look at it"
    )
    shown: Shown = Describe(Shown.kept, description="what the PDF/A shows of the page")
    warnings: tuple[str, ...] = Describe(
        (), description="codes of sentences: blank, orientation not sure, two pages on a sheet"
    )

    @classmethod
    def of(cls, page: PageReading, shown: Shown = Shown.kept) -> "PageReport":
        """The report of a page, read or given up."""
        return cls(
            number=page.number,
            width=page.width,
            height=page.height,
            dpi=page.dpi,
            rotation=page.rotation,
            skew=page.skew,
            blank=page.blank,
            blankness=page.blankness,
            words=len(page.words),
            confidence=page.confidence,
            problem=page.problem,
            shown=shown,
            warnings=page.warnings,
        )


class Extraction(Frozen):
    """What a document is and says: its type and its data fields."""

    document_type: str | None
    form_version: str | None = None
    legal_basis: str | None = None
    fields: dict[str, FieldValue] = Describe(default_factory=dict)
    warnings: tuple[str, ...] = ()


class Manifest(Frozen):
    """One document, digitised. Published as JSON Schema by ``sohoa schema``."""

    source: Source
    document_type: str | None
    form_version: str | None
    legal_basis: str | None
    pages: tuple[PageReport, ...]
    fields: dict[str, FieldValue]
    signatures: tuple[SignatureReport, ...] = ()
    warnings: tuple[str, ...] = ()
    parts: tuple[Part, ...] = Describe(
        (), description="proposed split: several documents, or pages side by side on a sheet"
    )
    changes: Changes = Describe(
        NO_CHANGES, description="what people said of its pages and its type before it was read"
    )

    def undecided(self) -> bool:
        """Whether a person must say if the file is one document or several.

        Not where only an empty page speaks for it: the backs of sheets are blank as well.
        """
        marked = [part for part in self.parts if part.reason in MARKED]
        return bool(marked) and (
            len(page_groups(self.parts)) > 1 or marked[0].reason is PartReason.cover
        )

    def doubtful(self) -> tuple[str, ...]:
        """Paths of the fields a person must settle: ``full_name``, ``members.0.dob``."""
        return tuple(path for path, field in self.walk() if field.status is FieldStatus.review)

    def unread(self) -> tuple[int, ...]:
        """Numbers of the pages that a person must look at: not or not wholly read, not shown."""
        return tuple(
            page.number
            for page in self.pages
            if page.problem is not None
            or page.shown is Shown.missing
            or INK_UNREAD in page.warnings
        )

    def asks(self, pass_unseen: Collection[str] = ()) -> tuple[str, ...]:
        """Codes of the sentences that say why a person must look at the document as a whole.

        Doubtful fields, unread pages and proposed splits are not among them.

        Args:
            pass_unseen: ids of document types, or :data:`UNKNOWN`, whose documents may pass though
                their fields were not looked for.
        """
        calling = CALLING
        found = list(self.warnings)
        if (self.document_type or UNKNOWN) not in pass_unseen:
            calling |= UNSEEN | {NOTHING_READ}
            read = [field for _, field in self.walk()]
            if self.document_type is None and FIELDS_UNREAD not in found:
                found.append(UNKNOWN_TYPE)
            elif read and all(field.status is FieldStatus.missing for field in read):
                found.append(NOTHING_READ)
        return tuple(dict.fromkeys(code for code in found if code in calling))

    def needs_person(self, pass_unseen: Collection[str] = ()) -> bool:
        """Whether a person must look before the document is signed; ``pass_unseen`` as above.

        The fields of a document of no known type are proposals; they ask nobody where it may pass.
        """
        passes = self.document_type is None and UNKNOWN in pass_unseen
        doubtful = () if passes else self.doubtful()
        return bool(doubtful or self.unread() or self.undecided() or self.asks(pass_unseen))

    def walk(self) -> tuple[tuple[str, Field], ...]:
        """Every field with its path; table cells are ``table.row.column``, rows from 0."""
        return walk_fields(self.fields)


def page_groups(parts: Sequence[Part], *, sure: bool = False) -> tuple[tuple[Part, ...], ...]:
    """``parts`` put together where a page is on both sides, since pages are not cut.

    With ``sure`` a group begins only where a split needs no person.
    """
    groups: list[list[Part]] = []
    for part in parts:
        before = groups[-1][-1].regions[-1].page if groups else 0
        apart = part.regions[0].page > before and (part.sure or not sure)
        if groups and not apart:
            groups[-1].append(part)
        else:
            groups.append([part])
    return tuple(map(tuple, groups))


def pages_of(group: Sequence[Part]) -> tuple[int, ...]:
    """The pages of parts that are one document, in order."""
    return tuple(dict.fromkeys(region.page for part in group for region in part.regions))


def cover_pages(parts: Sequence[Part]) -> frozenset[int]:
    """The pages of a file that were found to be cover sheets, with their backs."""
    return frozenset(number for part in parts for number in part.covers)


def pages_left_out(
    groups: Sequence[Sequence[int]],
    pages: Iterable[PageReport | PageReading],
    covers: Container[int],
) -> tuple[int, ...]:
    """The pages of a file that are in none of its documents.

    Args:
        groups: the pages of each document, counted from 1.
        pages: all pages of the file.
        covers: those that are cover sheets.

    Raises:
        InputRejected: ``flow.pages_lost``, something stands on one of them; ``flow.bad_ranges``,
            a page is in two documents.
    """
    named = Counter(number for group in groups for number in group)
    if any(times > 1 for times in named.values()):
        raise InputRejected("flow.bad_ranges")
    left = [page for page in pages if page.number not in named]
    lost = [
        page.number
        for page in left
        if page.blankness is not Blankness.empty and page.number not in covers
    ]
    if lost:
        raise InputRejected("flow.pages_lost", pages=", ".join(map(str, lost)))
    return tuple(page.number for page in left)


def walk_fields(fields: Mapping[str, FieldValue]) -> tuple[tuple[str, Field], ...]:
    """Every field with its path; table cells are ``table.row.column``, rows from 0."""
    found: list[tuple[str, Field]] = []
    for name, value in fields.items():
        if isinstance(value, Table):
            found += [
                (f"{name}.{index}.{column}", cell)
                for index, row in enumerate(value.rows)
                for column, cell in row.items()
            ]
        else:
            found.append((name, value))
    return tuple(found)
