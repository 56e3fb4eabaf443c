"""What the page of a review shows, and what it sends back: one frozen model for each thing.

Values of fields are personal data: they are left out of ``repr``.
"""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from schemas.page import Box, Frozen
from schemas.validators.kinds import FieldType
from schemas.views import Moment, WhyView
from schemas.work import DecisionKind

Identifier = Annotated[int, Field(ge=1 - 2**31, lt=2**31)]
"""Of a decision; below zero: of what one of two people said (:mod:`usecases.double_entry`)."""


class Asked(StrEnum):
    """What a person is asked about."""

    field = "field"
    """A value of a field."""
    page = "page"
    """A page that was not read, or not wholly."""
    whole = "whole"
    """The document as a whole: its type is not known, something in it was not read."""
    parts = "parts"
    """Whether the file is one document."""


class Origin(StrEnum):
    """Where a candidate for a value is from."""

    reader = "reader"
    printed = "printed"
    """As it stands on the paper, before it was set right."""
    register = "register"
    same_person = "same_person"
    """The same person's in another place of the dossier."""
    before = "before"
    """What this office last entered there."""
    usual = "usual"
    """One of the few values that usually stand there."""


class Source(Frozen):
    """One origin of a candidate; ``name`` says which reader, or where in the dossier."""

    origin: Origin
    name: str = ""


class Span(Frozen):
    """Letters of a text: from ``start`` up to ``end``, counted in UTF-16 units as browsers do."""

    start: int
    end: int


class Candidate(Frozen):
    """A value that may be the one on the paper, as people write it, and who says so."""

    text: str = Field(repr=False)
    sources: tuple[Source, ...]
    differences: tuple[Span, ...] = Field((), description="letters that the present value has not")


class StandingView(Frozen):
    """What somebody decided of a doubt already."""

    id: int = Field(description="below zero: an entry of one of two people, no decision yet")
    kind: DecisionKind
    text: str | None = Field(repr=False, description="where the kind is ``value``")
    by: str
    own: bool = Field(description="the person who looks said it themselves")
    at: Moment
    rescan: str | None = Field(None, description="code of the request that it has just made")


class ProposedDocument(Frozen):
    """One of the documents that a file seems to hold."""

    pages: str = Field(description="as a person would write them: ``1-2,4``")
    type_name: str | None
    dossier: str | None


class AskedView(Frozen):
    """One doubt, with all that helps to settle it."""

    path: str = Field(description="a field's path, ``pages.7``, ``parts``, or a sentence's code")
    about: Asked
    label: str = Field(description="how people call it")
    group: str | None = Field(None, description="of a table's cell: the row")
    field_type: FieldType | None = None
    text: str = Field("", repr=False, description="the value as people write it: 02/01/1990")
    confidence: float = 0.0
    reasons: tuple[WhyView, ...] = Field((), repr=False)
    blind: bool = Field(False, description="entered again: nothing is told of what was read")
    page: int | None = None
    box: Box | None = Field(None, description="where it stands, points of the upright page")
    zone: Box | None = Field(None, description="the box with what stands around it")
    differences: tuple[Span, ...] = Field(
        (), description="letters of ``text`` about which the readers differ"
    )
    candidates: tuple[Candidate, ...] = ()
    parts: tuple[ProposedDocument, ...] = ()
    standing: StandingView | None = None


class PageSize(Frozen):
    """A page's size in points, upright."""

    number: int
    width: float
    height: float


class ReviewView(Frozen):
    """A document under review: what is doubtful, in the order of its pages, and nothing else."""

    department: str
    dossier: str
    number: int
    name: str = Field(repr=False, description="what the clerk called the file")
    type_name: str | None
    manifest_sha256: str = Field(description="of what is shown; sent back with every decision")
    pdf: str = Field(description="how the hash of its PDF/A begins: the same pictures for ever")
    due_at: Moment | None
    pages: tuple[PageSize, ...]
    asked: tuple[AskedView, ...]
    signed: bool = Field(description="its file is signed: it cannot be split")
    turn: int | None = Field(
        None, description="of a document that is entered twice: 1, 2; 3 settles differences"
    )


class TriedView(Frozen):
    """What the rules say of a value that somebody types."""

    allowed: bool = Field(description="False: it cannot be a value of this field at all")
    text: str = Field(repr=False, description="the value as it would be kept, as people write it")
    sentences: tuple[str, ...]


class NextView(Frozen):
    """The document that is to be reviewed next, and how many wait."""

    department: str | None
    dossier: str | None = Field(description="None: nothing waits")
    number: int | None
    waiting: int = Field(description="documents under review that are the person's")


class UndoneView(Frozen):
    """Decisions that stand no longer."""

    ids: tuple[int, ...]
    rescans: tuple[str, ...] = Field((), description="codes of requests taken back with them")


class SaidDecision(Frozen):
    """What a person says of one doubt."""

    path: str = Field(max_length=200)
    kind: DecisionKind
    text: str | None = Field(None, max_length=4000, repr=False)
    replaces: Identifier | None = None
    key: str = Field(min_length=16, max_length=64, description="made where it was said")
    seen: str = Field(min_length=64, max_length=64, description="``manifest_sha256`` as shown")


class SaidUndo(Frozen):
    """Decisions that are taken back."""

    ids: tuple[Identifier, ...] = Field(min_length=1, max_length=200)


class SaidDone(Frozen):
    """The review of a document is done."""

    seen: str = Field(min_length=64, max_length=64)


class SaidSplit(Frozen):
    """The documents in a file, as ``1-2,3``; empty: as proposed."""

    ranges: str = Field("", max_length=2000)
    seen: str = Field(min_length=64, max_length=64)


class SaidValue(Frozen):
    """A value to be tried, which is not kept."""

    path: str = Field(max_length=200)
    text: str = Field(max_length=4000, repr=False)
