"""Indicators of an office over a period, counted by the database; nobody is named.

What must be exact (dossiers received, digitised, signed, on time) is counted over all of the
period. What describes how work goes (times, doubts, corrections) is taken of some of its dossiers,
where it has very many.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from pydantic import Field

from schemas.dossier import Role, Stage
from schemas.page import Frozen
from storage.queries import of_departments
from storage.tables import decision, document, dossier, event

_SIGNED = tuple(one.value for one in (Stage.signed, Stage.stored, Stage.published, Stage.withdrawn))
_OUT = (Stage.published.value, Stage.withdrawn.value)
_PRIME = 10007
"""Numbers of dossiers may follow the order of departments; their remainders by a prime do not."""
_RUN = 16
"""Dossiers that came one after the other, taken together where few are taken of many."""
_MOST = 10_000
"""Dossiers asked about at once: a statement of SQLite takes 32,766 values."""
_COVER = "phieu_bia"


@dataclass(frozen=True)
class Period:
    """Dossiers received from ``since`` on and before ``until``, of some departments or all."""

    since: datetime
    until: datetime
    departments: Collection[str] | None = None

    @property
    def holds(self) -> sa.ColumnElement[bool]:
        """That a dossier is one of them."""
        return sa.and_(
            dossier.c.created_at >= self.since,
            dossier.c.created_at < self.until,
            of_departments(self.departments),
        )


class Indicators(Frozen):
    """Counts of one department."""

    department: str
    received: int
    digitised: int
    results: int
    results_signed: int
    components_signed: int
    due: int
    on_time: int
    late: int


class DocumentTimes(Frozen):
    """When a document came past its stages; None where it did not (yet)."""

    department: str
    received: datetime | None
    digitised: datetime | None
    in_review: datetime | None
    reviewed: datetime | None
    approved: datetime | None
    signed: datetime | None
    published: datetime | None


class Readings(Frozen):
    """Documents of one type in a department, and the doubts that they had when they were read."""

    department: str
    document_type: str
    documents: int
    doubts: int
    without_doubt: int


class Decided(Frozen):
    """Decisions of one kind on one path that stand."""

    document_type: str | None
    path: str
    kind: str
    decisions: int


class Audited(Frozen):
    """A value that machines had accepted and a person looked at all the same."""

    document_type: str | None
    path: str
    right: bool = Field(description="what was read stands on the paper")


COUNTS = tuple(name for name in Indicators.model_fields if name != "department")
_DONE = tuple(name for name in COUNTS if name not in {"received", "due"})


def counted(
    connection: sa.Connection, period: Period, now: datetime
) -> tuple[tuple[Indicators, ...], datetime | None]:
    """The counts of a period by department, and when one of its dossiers becomes late next."""
    received = {row["department"]: row for row in connection.execute(_received(period)).mappings()}
    if not received:
        return (), None
    first = min(row["first"] for row in received.values())
    last = max(row["last"] for row in received.values())
    query = _done(period, first, last, now)
    done = {row["department"]: row for row in connection.execute(query).mappings()}
    found = tuple(
        Indicators(
            department=department,
            received=row["received"],
            due=row["due"],
            **{name: done[department][name] if department in done else 0 for name in _DONE},
        )
        for department, row in received.items()
    )
    coming = [row["next_due"] for row in done.values() if row["next_due"] is not None]
    return found, min(coming, default=None)


def _received(period: Period) -> sa.Select[Any]:
    """Dossiers by department, and between which ids they are."""
    return (
        sa.select(
            dossier.c.department,
            sa.func.count().label("received"),
            sa.func.count(dossier.c.due_at).label("due"),
            sa.func.min(dossier.c.id).label("first"),
            sa.func.max(dossier.c.id).label("last"),
        )
        .where(period.holds)
        .group_by(dossier.c.department)
        .order_by(dossier.c.department)
    )


def _done(period: Period, first: int, last: int, now: datetime) -> sa.Select[Any]:
    """What was done to dossiers, by department."""
    component = document.c.role == Role.component.value
    result = document.c.role == Role.result.value
    signed = document.c.stage.in_(_SIGNED)
    typed = sa.and_(document.c.document_type.is_not(None), document.c.document_type != _COVER)
    # documents first, in the order of their index, then their dossiers: twice as fast
    made = (
        sa.select(
            document.c.dossier_id,
            _any(sa.and_(component, typed)).label("digitised"),
            _any(sa.and_(component, signed)).label("components_signed"),
            _count(sa.and_(result, document.c.stage != Stage.rejected.value)).label("results"),
            _count(sa.and_(result, signed)).label("results_signed"),
            sa.func.max(
                sa.case((sa.and_(result, document.c.stage.in_(_OUT)), document.c.updated_at))
            ).label("finished"),
        )
        .where(document.c.dossier_id.between(first, last), document.c.split.is_(sa.false()))
        .group_by(document.c.dossier_id)
        .subquery()
    )
    finished, due = made.c.finished, dossier.c.due_at
    return (
        sa.select(
            dossier.c.department,
            *(
                sa.func.sum(made.c[name]).label(name)
                for name in ("digitised", "components_signed", "results", "results_signed")
            ),
            _count(finished <= due).label("on_time"),
            _count(sa.or_(finished > due, sa.and_(finished.is_(None), due < now))).label("late"),
            sa.func.min(sa.case((sa.and_(finished.is_(None), due >= now), due))).label("next_due"),
        )
        .join(made, made.c.dossier_id == dossier.c.id)
        .where(period.holds)
        .group_by(dossier.c.department)
    )


def _any(holds: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.max(sa.case((holds, 1), else_=0))


def _count(holds: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.sum(sa.case((holds, 1), else_=0))


def some_dossiers(connection: sa.Connection, period: Period, every: int) -> list[int]:
    """See :meth:`storage.Ledger.some_dossiers`."""
    query = sa.select(dossier.c.id).where(period.holds).limit(_MOST)
    run = _RUN if every >= _RUN else 1  # neighbours lie on the same pages of the database
    if every > 1:
        query = query.where((dossier.c.id // run % _PRIME) % every == 0)
    return list(connection.execute(query).scalars())


def document_times(connection: sa.Connection, dossiers: Collection[int]) -> list[DocumentTimes]:
    """See :meth:`storage.Ledger.document_times`."""
    first = {name: _at(sa.func.min, name) for name in ("received", "digitised", "in_review")}
    last = {name: _at(sa.func.max, name) for name in ("reviewed", "approved", "signed")}
    every = {**first, **last, "published": _at(sa.func.min, "published")}
    each = (
        sa.select(event.c.dossier_id, *(made.label(name) for name, made in every.items()))
        .where(
            event.c.dossier_id.in_(dossiers),
            event.c.document_id.is_not(None),
            event.c.kind.in_(every),
        )
        .group_by(event.c.dossier_id, event.c.document_id)
        .subquery()
    )
    query = sa.select(dossier.c.department, *(each.c[name] for name in every)).join(
        each, each.c.dossier_id == dossier.c.id
    )
    return [DocumentTimes(**row) for row in connection.execute(query).mappings()]


def _at(which: Any, kind: str) -> sa.ColumnElement[datetime]:
    made: sa.ColumnElement[datetime] = which(sa.case((event.c.kind == kind, event.c.at)))
    return made


def readings(connection: sa.Connection, dossiers: Collection[int]) -> list[Readings]:
    """See :meth:`storage.Ledger.readings`."""
    query = (
        sa.select(
            dossier.c.department,
            document.c.document_type,
            sa.func.count().label("documents"),
            sa.func.sum(document.c.doubts).label("doubts"),
            _count(document.c.doubts == 0).label("without_doubt"),
        )
        .join(document, document.c.dossier_id == dossier.c.id)
        .where(
            document.c.dossier_id.in_(dossiers),
            document.c.doubts.is_not(None),
            document.c.document_type.is_not(None),
            document.c.duplicate_of.is_(None),
            document.c.split.is_(sa.false()),
        )
        .group_by(dossier.c.department, document.c.document_type)
    )
    return [Readings(**row) for row in connection.execute(query).mappings()]


def decided(connection: sa.Connection, dossiers: Collection[int]) -> list[Decided]:
    """See :meth:`storage.Ledger.decided_paths`."""
    query = (
        sa.select(
            document.c.document_type,
            decision.c.path,
            decision.c.kind,
            sa.func.count().label("decisions"),
        )
        .join(decision, decision.c.document_id == document.c.id)
        .where(document.c.dossier_id.in_(dossiers), decision.c.undone_at.is_(None))
        .group_by(document.c.document_type, decision.c.path, decision.c.kind)
    )
    return [Decided(**row) for row in connection.execute(query).mappings()]


def audited(connection: sa.Connection, dossiers: Collection[int]) -> list[Audited]:
    """See :meth:`storage.Ledger.audited_paths`."""
    query = (
        sa.select(event.c.document_id, document.c.document_type, event.c.data)
        .join(document, document.c.id == event.c.document_id)
        .where(
            event.c.dossier_id.in_(dossiers),
            event.c.kind == "reviewed",
            event.c.data.contains('"audited":{'),
            document.c.duplicate_of.is_(None),
        )
        .order_by(event.c.seq)
    )
    last: dict[int, list[Audited]] = {}  # a review that was opened again counts as it ended
    for document_id, document_type, data in connection.execute(query):
        last[document_id] = [
            Audited(document_type=document_type, path=path, right=right)
            for path, right in json.loads(data)["audited"].items()
        ]
    return [one for found in last.values() for one in found]
