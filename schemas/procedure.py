"""Administrative procedures as data: which papers a dossier holds, and which are still missing."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from schemas.document_type import Names
from schemas.page import Frozen
from schemas.shipped_data import shipped_data


class Component(Frozen):
    """One paper that a dossier of a procedure holds."""

    id: str
    names: Names
    types: tuple[str, ...] = Field((), description="document types that are it; none: any paper")
    required: bool = True


class Procedure(Frozen):
    """A procedure, its components and the types of its results."""

    code: str = Field(pattern=r"^[123]\.[0-9]{6}(\.[0-9]{3}\.[0-9]{2}\.[0-9]{2}\.H[0-9]{2})?$")
    names: Names
    components: tuple[Component, ...]
    results: tuple[str, ...] = ()
    due_days: int | None = Field(
        None,
        ge=1,
        le=366,
        description="working days from the day after it was received; none: nothing is due",
    )
    due_basis: str | None = Field(None, description="the law that says so")

    @model_validator(mode="after")
    def _with_its_law(self) -> "Procedure":
        if (self.due_days is None) != (self.due_basis is None):
            raise ValueError("due_days and due_basis go together")
        return self


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
    for component in sorted(wanted, key=lambda c: not c.types):
        fitting = next((t for t in left if not component.types or t in component.types), _NONE)
        ticked[component.id] = fitting is not _NONE
        if fitting is not _NONE:
            left.remove(fitting)
    return Checklist(
        procedures=likely,
        components=tuple(Ticked(component=c, present=ticked[c.id]) for c in wanted),
    )


_NONE = "no document"


def _telling(procedure: Procedure, types: Sequence[str | None]) -> int:
    """How many required components of their own types the documents tick off."""
    return sum(
        any(t in component.types for t in types)
        for component in procedure.components
        if component.required and component.types
    )


def _same(components: Sequence[Component]) -> list[tuple[str, tuple[str, ...], bool]]:
    return [(c.id, c.types, c.required) for c in components]
