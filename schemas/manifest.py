"""The manifest: everything Sohoa knows of one document, in one JSON file."""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from pydantic import Field as Describe

from schemas.field import Field, FieldStatus, FieldValue, Table
from schemas.page import Box, Confidence, Frozen, PageReading, Shown
from schemas.verdict import SignatureReport

FIELDS_UNREAD = "flow.fields_unread"
"""The warning that reading the fields failed as a whole."""
PART_UNREAD = "reading.part_unread"
"""The warning that something on a page is seen, or should be, and was not read."""
PAGES_DIFFER = "reading.pages_differ"
"""The warning that the PDF/A does not surely show what its source shows."""
CALLING = frozenset({FIELDS_UNREAD, PART_UNREAD, PAGES_DIFFER})
"""Warnings that call a person, whatever the fields say."""


class Source(Frozen):
    """The file as it came in."""

    name: str
    sha256: str
    bytes: int
    media_type: str
    pages: tuple[int, ...] = Describe(
        (), description="those of its pages that are this document, counted from 1; none: all"
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
    """A blank page comes before, and the page bears no number that goes on."""
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

    Cover sheets and blank pages between documents are no document's.
    """

    regions: tuple[Region, ...] = Describe(description="its pages in reading order")
    reason: PartReason
    confidence: Confidence = Describe(description="that a document begins here")
    document_type: str | None = Describe(None, description="where it is known")
    form_version: str | None = None
    dossier_code: str | None = Describe(None, description="which the cover sheet before it names")
    sure: bool = Describe(
        False,
        description="what marks its beginning is unmistakable: a cover sheet with one dossier code,"
        " or a blank page before the head of a known document. The split there needs no person",
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

    def undecided(self) -> bool:
        """Whether a person must say if the file is one document or several.

        Not where only a blank page speaks for it: the backs of sheets are blank as well.
        """
        marked = [part for part in self.parts if part.reason in MARKED]
        return bool(marked) and (
            len(page_groups(self.parts)) > 1 or marked[0].reason is PartReason.cover
        )

    def doubtful(self) -> tuple[str, ...]:
        """Paths of the fields a person must settle: ``full_name``, ``members.0.dob``."""
        return tuple(path for path, field in self.walk() if field.status is FieldStatus.review)

    def unread(self) -> tuple[int, ...]:
        """Numbers of the pages that a person must look at: not read, or not shown."""
        return tuple(
            page.number
            for page in self.pages
            if page.problem is not None or page.shown is Shown.missing
        )

    def needs_person(self) -> bool:
        """Whether a person must look before the document is signed."""
        unread = self.unread() or CALLING & set(self.warnings)
        return bool(self.doubtful() or unread or self.undecided())

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
