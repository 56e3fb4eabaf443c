"""What a search shows: documents that fit, what the office holds of a person, one result."""

from datetime import datetime
from itertools import groupby
from typing import Literal

from pydantic import Field

from schemas.access_views import PagesView
from schemas.department import Department
from schemas.desk_views import Choice, NamedField, ResultLine, TimelineEntry
from schemas.dossier import Role, Stage
from schemas.page import Frozen
from schemas.verdict import FileVerdict
from schemas.views import Moment

Fits = Literal["code", "marked", "plain", "near", "words", "near_words"]


class Piece(Frozen):
    """A piece of a text; ``hit``: it is what was looked for."""

    text: str = Field(repr=False)
    hit: bool = False


class Snippet(Frozen):
    """Where a document fits a question."""

    field: str | None = Field(None, description="what the field is called; None: of a page")
    page: int | None = Field(None, description="of the document, from 1; None: of a field")
    pieces: tuple[Piece, ...] = Field(repr=False)


class FoundLine(ResultLine):
    """A document that fits."""

    stage: Stage
    superseded_by: str | None = Field(None, description="as ``H17-261123-0001/result-002``")
    fit: Fits
    snippets: tuple[Snippet, ...] = Field(
        (), repr=False, description="none where another department shares it"
    )


class FoundPage(Frozen):
    """A page of what fits a question, best first."""

    results: tuple[FoundLine, ...]
    next: str | None
    departments: tuple[Department, ...]
    types: tuple[Choice, ...]

    @property
    def by_fit(self) -> list[tuple[Fits, list[FoundLine]]]:
        """The lines in their order, together as far as they fit alike."""
        return [(fit, list(lines)) for fit, lines in groupby(self.results, lambda one: one.fit)]

    @property
    def department_names(self) -> dict[str, str]:
        """What departments are called, by identifier."""
        return {one.id: one.name for one in self.departments}


class HeldDocument(Frozen):
    """A document that bears a person's number."""

    number: int
    label: str
    role: Role
    type_name: str | None
    pages: int | None
    published_at: Moment
    stage: Stage
    superseded_by: str | None


class HeldDossier(Frozen):
    """A dossier with documents that bear a person's number."""

    dossier: str
    department: str
    department_name: str
    shared: bool = Field(description="it is of another department, which shares it")
    received_at: Moment
    results: tuple[HeldDocument, ...]
    copies: tuple[HeldDocument, ...] = Field(description="components, signed as true copies")


class PersonHeld(Frozen):
    """What the office holds of one identity number (circular 01/2023/TT-VPCP, article 24)."""

    fingerprint: str = Field(description="what the access log calls the number")
    dossiers: tuple[HeldDossier, ...] = Field(description="the newest first")

    @property
    def documents(self) -> int:
        """How many documents there are."""
        return sum(len(one.results) + len(one.copies) for one in self.dossiers)


class ResultShown(Frozen):
    """One published document with all that may be told of it."""

    dossier: str
    department: str
    department_name: str
    shared: bool
    number: int
    label: str
    role: Role
    type_name: str | None
    stage: Stage
    published_at: Moment
    superseded_by: str | None
    pages: PagesView
    fields: tuple[NamedField, ...]
    unread: str | None = Field(description="why fields are not shown: a sentence")
    timeline: tuple[TimelineEntry, ...] = Field(description="the newest first")


class SignatureShown(Frozen):
    """The verdict on a document's signed file, as it stands in the store now."""

    verdict: FileVerdict
    checked_at: datetime
