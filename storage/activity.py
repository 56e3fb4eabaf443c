"""What goes on at this hour: how much moves, what is in hand, what failed. Made by the database."""

from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import pairwise

import sqlalchemy as sa

from schemas.dossier import Role, Stage
from schemas.page import Frozen
from storage.figures import StageCount, counted
from storage.queries import of_departments
from storage.tables import document, dossier, event

_AT_WORK = tuple(one.value for one in Stage if not one.settled)
_MOVING = (*_AT_WORK, Stage.in_review.value, Stage.awaiting_approval.value, Stage.failed.value)
COUNTED = ("received", "digitised", "reviewed", "signed", "published")
"""Kinds of events that are counted an hour."""


class HourCount(Frozen):
    """Documents that came past a stage within an hour that began at ``since``."""

    kind: str
    since: datetime
    documents: int


class InHand(Frozen):
    """A document of a dossier that a process works on now."""

    document_id: int
    duplicate_of: int | None
    dossier: str
    department: str
    number: int
    role: Role
    stage: Stage
    pages: int | None
    since: datetime


class FailedWith(Frozen):
    """Documents that failed with the same error and the same parameters."""

    error_code: str
    error_params: dict[str, str | int | float]
    documents: int
    oldest: datetime


class FailedDocument(Frozen):
    """A document that failed."""

    error_code: str
    dossier: str
    department: str
    number: int
    failed_from: Stage | None
    since: datetime


def moving_counts(
    connection: sa.Connection, departments: Collection[str] | None
) -> list[StageCount]:
    """See :meth:`storage.Ledger.moving_counts`."""
    moving = document.c.stage.in_(_MOVING)
    return counted(connection, departments, moving, document.c.duplicate_of.is_(None))


def per_hour(
    connection: sa.Connection, hours: Sequence[datetime], departments: Collection[str] | None
) -> list[HourCount]:
    """See :meth:`storage.Ledger.per_hour`."""
    first = _first_since(connection, hours[0])
    columns = [
        sa.func.sum(sa.case((sa.and_(event.c.at >= begins, event.c.at < ends), 1), else_=0)).label(
            f"h{number}"
        )
        for number, (begins, ends) in enumerate(pairwise(hours))
    ]
    query = sa.select(event.c.kind, *columns).where(
        event.c.seq >= first, event.c.kind.in_(COUNTED), event.c.document_id.is_not(None)
    )
    if departments is not None:
        query = query.join(dossier, dossier.c.id == event.c.dossier_id).where(
            of_departments(departments)
        )
    rows = connection.execute(query.group_by(event.c.kind)).mappings()
    return [
        HourCount(kind=row["kind"], since=begins, documents=row[f"h{number}"])
        for row in rows
        for number, begins in enumerate(hours[:-1])
    ]


def _first_since(connection: sa.Connection, moment: datetime) -> int:
    """About the number of the first event at or after ``moment``: found by halving, since events
    are in the order of their time, save for what clocks of hosts differ.
    """
    # asked together, SQLite would go through the whole log for the two ends of its key
    low, high = (
        connection.execute(sa.select(which(event.c.seq))).scalar()
        for which in (sa.func.min, sa.func.max)
    )
    low, high = low or 1, (high or 0) + 1
    at = sa.select(event.c.at).where(event.c.seq >= sa.bindparam("seq")).order_by(event.c.seq)
    while low < high:
        middle = (low + high) // 2
        found: datetime | None = connection.execute(at.limit(1), {"seq": middle}).scalar()
        if found is not None and found < moment:
            low = middle + 1
        else:
            high = middle
    return max(1, low - 1000)


def in_hand(
    connection: sa.Connection, now: datetime, departments: Collection[str] | None, limit: int
) -> list[InHand]:
    """See :meth:`storage.Ledger.in_hand`."""
    query = (
        sa.select(
            document.c.id.label("document_id"),
            document.c.duplicate_of,
            dossier.c.code.label("dossier"),
            dossier.c.department,
            document.c.number,
            document.c.role,
            document.c.stage,
            document.c.pages,
            document.c.updated_at.label("since"),
        )
        .join(dossier, dossier.c.id == document.c.dossier_id)
        .where(
            document.c.stage.in_(_AT_WORK),
            document.c.duplicate_of.is_(None),
            dossier.c.lease_until > now,
            of_departments(departments),
        )
        .order_by(document.c.updated_at, document.c.id)
        .limit(limit)
    )
    return [InHand(**row) for row in connection.execute(query).mappings()]


def failed_with(
    connection: sa.Connection, departments: Collection[str] | None, limit: int
) -> list[FailedWith]:
    """See :meth:`storage.Ledger.failed_with`."""
    count = sa.func.count()
    query = (
        sa.select(
            document.c.error_code,
            document.c.error_params,
            count.label("documents"),
            sa.func.min(document.c.updated_at).label("oldest"),
        )
        .join(dossier, dossier.c.id == document.c.dossier_id)
        .where(*_FAILED, of_departments(departments))
        .group_by(document.c.error_code, document.c.error_params)
        .order_by(count.desc(), document.c.error_code)
        .limit(limit)
    )
    return [FailedWith(**row) for row in connection.execute(query).mappings()]


def failed_documents(
    connection: sa.Connection,
    departments: Collection[str] | None,
    error_code: str | None,
    limit: int,
) -> list[FailedDocument]:
    """See :meth:`storage.Ledger.failed_documents`."""
    query = (
        sa.select(
            document.c.error_code,
            dossier.c.code.label("dossier"),
            dossier.c.department,
            document.c.number,
            document.c.failed_from,
            document.c.updated_at.label("since"),
        )
        .join(dossier, dossier.c.id == document.c.dossier_id)
        .where(*_FAILED, of_departments(departments))
        .order_by(document.c.updated_at.desc(), document.c.id)
        .limit(limit)
    )
    if error_code is not None:
        query = query.where(document.c.error_code == error_code)
    return [FailedDocument(**row) for row in connection.execute(query).mappings()]


_FAILED = (
    document.c.stage == Stage.failed.value,
    document.c.duplicate_of.is_(None),
    document.c.error_code.is_not(None),
)
