"""What the pages of the desk show besides :mod:`schemas.views`: lists, one dossier, what waits."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from schemas.access_views import PagesView
from schemas.department import Department
from schemas.dossier import Role, Stage
from schemas.page import Frozen
from schemas.rescan_views import RescansNow, RescanView
from schemas.validators import FieldType
from schemas.verdict import SignatureReport
from schemas.views import DossierSummary, DossierView, FieldView, Moment, PagesRead
from schemas.work import HeldView, QueuePage, QueueTotals

# What waits


class Choice(Frozen):
    """Something that a list may be narrowed to: what an address says, and what people read."""

    value: str
    name: str


class WaitingNow(Frozen):
    """How many documents wait at a stage; another ``mark`` says that something moved."""

    stage: Stage
    documents: int
    mark: str


class WorklistView(Frozen):
    """A page of what waits, with what it may be narrowed to."""

    page: QueuePage
    totals: QueueTotals
    minutes: int = Field(description="about how long the doubts take")
    now: Moment
    waiting: tuple[WaitingNow, ...] = Field(description="of every stage, whatever was asked for")
    departments: tuple[Department, ...]
    types: tuple[Choice, ...]
    procedures: tuple[Choice, ...]
    held: dict[int, HeldView] = Field(description="document id → who has it open for review")
    rescans: dict[int, str] = Field(description="document id → code of what is scanned again")
    asked_again: RescansNow

    @property
    def type_names(self) -> dict[str, str]:
        """What types are called, by identifier."""
        return {one.value: one.name for one in self.types}

    @property
    def department_names(self) -> dict[str, str]:
        """What departments are called, by identifier."""
        return {one.id: one.name for one in self.departments}


# Dossiers


class DossierPage(Frozen):
    """A page of a list of dossiers, the newest first."""

    dossiers: tuple[DossierSummary, ...]
    next: int | None = Field(description="where the next page begins")
    departments: tuple[Department, ...]

    @property
    def department_names(self) -> dict[str, str]:
        """What departments are called, by identifier."""
        return {one.id: one.name for one in self.departments}


class NamedField(FieldView):
    """A field with what its type calls it."""

    name: str
    kind: FieldType | None = Field(description="what kind of value it is, where the type says so")


class TimelineEntry(Frozen):
    """What happened to a dossier, once or several times in a row."""

    at: datetime
    kind: str = Field(description="of the event, see :mod:`storage`")
    by: Literal["person", "system", "service"]
    who: str = Field(description="the account's name, or the system's")
    document: str | None = Field(description="as ``component-002``")
    number: int | None = Field(description="of the document in its dossier")
    count: int = Field(1, ge=1, description="how often, one after the other")
    stead: str | None = Field(None, description="name of the account in whose stead it was said")


class DossierOverview(Frozen):
    """A dossier as its page shows it."""

    dossier: DossierView
    department_name: str
    timeline: tuple[TimelineEntry, ...] = Field(description="the newest first")
    type_names: dict[str, str]
    chosen: int | None = Field(description="number of the document whose fields are shown")
    fields: tuple[NamedField, ...]
    signatures: tuple[SignatureReport, ...] = Field(description="that its source file had")
    unread: str | None = Field(description="why its fields cannot be shown, as a sentence")
    pages: PagesView | None = Field(description="of the chosen document; None: it has none yet")
    rescans: tuple[RescanView, ...] = Field((), description="what of it is to be scanned again")


# Handing in


class HandInView(Frozen):
    """What was handed in, and as which dossier."""

    dossier: str
    department: str
    provisional: bool = Field(description="the code is a provisional one")
    files: int
    handed_in_at: Moment


class DocumentState(Frozen):
    """How far a document is."""

    number: int
    label: str
    role: Role
    stage: Stage
    document_type: str | None
    pages: int | None
    reading: PagesRead | None = Field(description="while it is read")
    error: str | None = Field(description="a sentence, where it was rejected or failed")


class DossierState(Frozen):
    """How far a dossier is, for who handed it in."""

    dossier: str
    department: str
    stage: Stage | None = Field(description="None: nothing of it was taken out of the inbox yet")
    in_inbox: bool = Field(description="what was handed in last was not taken yet")
    settled: bool = Field(description="nothing moves by itself any more")
    waits_for_person: bool
    documents: tuple[DocumentState, ...]


# Results


class ResultLine(Frozen):
    """A published document as a line of a list."""

    dossier: str
    department: str
    shared: bool = Field(description="it is of another department, which shares it")
    hidden: bool = Field(description="an identity paper that who asks may not see")
    number: int
    label: str
    role: Role
    document_type: str | None
    type_name: str | None
    pages: int | None
    published_at: Moment


class ResultPage(Frozen):
    """A page of what was published, the last published first."""

    results: tuple[ResultLine, ...]
    next: str | None
    departments: tuple[Department, ...]
    types: tuple[Choice, ...]

    @property
    def department_names(self) -> dict[str, str]:
        """What departments are called, by identifier."""
        return {one.id: one.name for one in self.departments}
