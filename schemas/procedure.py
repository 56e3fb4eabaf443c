"""Administrative procedures as data: which papers a dossier holds, and which are still missing."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from schemas.checklist_views import Register
from schemas.document_type import Names
from schemas.page import Frozen
from schemas.shipped_data import shipped_data


class Component(Frozen):
    """One paper that a dossier of a procedure holds."""

    id: str
    names: Names
    types: tuple[str, ...] = Field((), description="document types that are it; none: any paper")
    substitutes: bool = Field(
        False, description="where none of its types is there, another paper may stand for it"
    )
    required: bool = True
    data: Register | None = Field(
        None, description="replaced by data of this register, where that answers"
    )
    unread_form: str | None = Field(
        None, description="the form that the law names, whose text was not read: it has no type"
    )

    @model_validator(mode="after")
    def _not_both_ways(self) -> "Component":
        if self.unread_form and self.types and not self.substitutes:
            raise ValueError("a form that was not read is none of the types")
        if self.data is not None and self.required:
            raise ValueError("what data replace is not required")
        return self


class Procedure(Frozen):
    """A procedure, its components and the types of its results."""

    code: str | None = Field(
        None,
        pattern=r"^[123]\.[0-9]{6}(\.[0-9]{3}\.[0-9]{2}\.[0-9]{2}\.H[0-9]{2})?$",
        description="in the national database; none: it has no code of its own, or none was read",
    )
    other_codes: tuple[str, ...] = Field((), description="the same at another level, or before")
    essential: int | None = Field(
        None, ge=1, le=25, description="its number among the essential services of Project 06"
    )
    names: Names
    legal_basis: str = Field(min_length=1, description="laws, decrees, circulars in force")
    read_at: str = Field(min_length=1, description="where code and dossier were read")
    components: tuple[Component, ...] = ()
    outcome: Names = Field(description="what comes out, in words")
    results: tuple[str, ...] = Field((), description="document types of what comes out")
    due_days: int | None = Field(
        None,
        ge=1,
        le=366,
        description="working days from the day after it was received; none: nothing is due",
    )
    due_basis: str | None = Field(None, description="the law that says so")
    note: str | None = Field(None, description="what is not known, or will change")

    @model_validator(mode="after")
    def _with_its_law(self) -> "Procedure":
        if (self.due_days is None) != (self.due_basis is None):
            raise ValueError("due_days and due_basis go together")
        if self.code is None and self.essential is None:
            raise ValueError("a procedure has a code or a number among the essential services")
        return self

    @property
    def key(self) -> str:
        """What the project calls it by: its code, or its number among the essential services."""
        return self.code or f"QD06-{self.essential:02}"


class Ticked(Frozen):
    """A component, and whether the dossier has it."""

    component: Component
    present: bool


class Checklist(Frozen):
    """What a dossier holds of what its procedure asks; ``procedures`` are those it may be of."""

    procedures: tuple[Procedure, ...]
    components: tuple[Ticked, ...]

    @property
    def missing(self) -> tuple[Component, ...]:
        """Required components that are not there."""
        return tuple(t.component for t in self.components if t.component.required and not t.present)


@cache
def procedures() -> tuple[Procedure, ...]:
    """The procedures the project knows (``procedures.yaml``)."""
    return tuple(Procedure.model_validate(one) for one in shipped_data("schemas", "procedures"))


END_OF_DAY = time(17)
"""When an office closes: a result that is due on a day is due by then."""


def due_at(received: datetime, days: int, zone: ZoneInfo) -> datetime:
    """When a result is due, ``days`` working days after the day it was received.

    Saturdays and Sundays do not count (Decree 61/2018, art. 3, counts working days). Public
    holidays do, since Tet follows the moon: a date is at worst a few days early.

    Args:
        received: when the dossier came in.
        days: working days.
        zone: the office's.
    """
    day = received.astimezone(zone).date()
    left = days
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < 5
    return datetime.combine(day, END_OF_DAY, zone).astimezone(UTC)


def checklist(types: Sequence[str | None]) -> Checklist | None:
    """The components of a dossier ticked off.

    Args:
        types: the document type of each component document; None where it is not known.

    Returns:
        None where no document tells the procedure. Procedures that ask the same papers are told
        together: CT01 serves permanent and temporary residence.
    """
    scored = [(_telling(one, types), one) for one in procedures()]
    best = max((score for score, _ in scored), default=0)
    if best == 0:
        return None
    likely = tuple(one for score, one in scored if score == best)
    wanted = likely[0].components
    if any(_same(other.components) != _same(wanted) for other in likely):
        return None
    left = list(types)
    ticked: dict[str, bool] = {}
    own = [c for c in wanted if c.types]
    for component in own:
        _take(component, [t for t in left if t in component.types], left, ticked)
    for component in wanted:
        if not component.types or (component.substitutes and not ticked[component.id]):
            _take(component, left, left, ticked)
    return Checklist(
        procedures=likely,
        components=tuple(Ticked(component=c, present=ticked[c.id]) for c in wanted),
    )


def _take(
    component: Component,
    fitting: Sequence[str | None],
    left: list[str | None],
    ticked: dict[str, bool],
) -> None:
    ticked[component.id] = bool(fitting)
    if fitting:
        left.remove(fitting[0])


def _telling(procedure: Procedure, types: Sequence[str | None]) -> int:
    """How many required components of their own types the documents tick off."""
    return sum(
        any(t in component.types for t in types)
        for component in procedure.components
        if component.required and component.types
    )


def _same(components: Sequence[Component]) -> list[tuple[str, tuple[str, ...], bool, bool]]:
    return [(c.id, c.types, c.substitutes, c.required) for c in components]
