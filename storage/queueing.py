"""What waits for a person, document by document, page by page.

Who may see which departments is part of the query. The order is stable: due first, then those
received first; a page begins after a place in that order, not at a number.
"""

import base64
import json
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from pydantic import Field

from schemas.dossier import Role, Stage
from schemas.errors import InputRejected
from schemas.page import Frozen
from schemas.work import QueueEntry, QueuePage, QueueTotals
from storage.entries import ABANDONED
from storage.queries import of_departments
from storage.sheet_tables import entry_turn
from storage.tables import approval, as_text, decision, document, dossier

MOST = 500
"""Entries of a page at most."""


class QueueFilter(Frozen):
    """Which of the waiting documents; ``None`` is all."""

    departments: frozenset[str] | None = None
    procedure: str | None = None
    document_type: str | None = None
    role: Role | None = None
    received_before: datetime | None = None
    due_before: datetime | None = None
    person: str | None = Field(
        None, description="who asks: what is entered twice is left out where it is not their turn"
    )


EVERYTHING = QueueFilter()

_BASE = sa.func.coalesce(document.c.reading_sha256, document.c.manifest_sha256)
_DECIDED = (
    sa.select(sa.func.count())
    .where(
        decision.c.document_id == document.c.id,
        decision.c.manifest_sha256 == _BASE,
        decision.c.undone_at.is_(None),
    )
    .correlate(document)
    .scalar_subquery()
)
_APPROVALS = (
    sa.select(sa.func.count(approval.c.made_by.distinct()))
    .where(approval.c.document_id == document.c.id, approval.c.void.is_(sa.false()))
    .correlate(document)
    .scalar_subquery()
)
_COLUMNS = (
    document.c.id.label("document_id"),
    document.c.number,
    document.c.role,
    document.c.document_type,
    document.c.pages,
    document.c.manifest_sha256,
    document.c.doubts,
    document.c.created_at.label("received_at"),
    document.c.updated_at.label("since"),
    dossier.c.code.label("dossier"),
    dossier.c.department,
    dossier.c.procedures,
    dossier.c.due_at,
)


def page(
    connection: sa.Connection,
    stage: Stage,
    wanted: QueueFilter,
    after: str | None,
    limit: int,
    now: datetime,
) -> QueuePage:
    """See :meth:`storage.Ledger.queue`."""
    limit = max(1, min(limit, MOST))
    query = sa.select(*_COLUMNS, _DECIDED.label("decided"), _APPROVALS.label("approvals"))
    query = query.join(dossier, dossier.c.id == document.c.dossier_id)
    query = query.where(*_conditions(stage, wanted, now))
    if after is not None:
        query = query.where(_after(after))
    query = query.order_by(
        dossier.c.due_at.is_(None), dossier.c.due_at, document.c.created_at, document.c.id
    ).limit(limit + 1)
    rows = connection.execute(query).mappings().all()
    entries = tuple(
        QueueEntry(**{**row, "procedures": tuple((row["procedures"] or "").split())})
        for row in rows[:limit]
    )
    return QueuePage(entries=entries, next=_place(entries[-1]) if len(rows) > limit else None)


def totals(
    connection: sa.Connection, stage: Stage, wanted: QueueFilter, now: datetime
) -> QueueTotals:
    """See :meth:`storage.Ledger.queue_totals`."""
    left = document.c.doubts - _DECIDED
    open_doubts = sa.case((left > 0, left), else_=0)
    query = (
        sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(open_doubts), 0))
        .select_from(document)
        .join(dossier, dossier.c.id == document.c.dossier_id)
        .where(*_conditions(stage, wanted, now))
    )
    count, doubts = connection.execute(query).one()
    return QueueTotals(documents=count, doubts=int(doubts))


def _conditions(stage: Stage, wanted: QueueFilter, now: datetime) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = [
        document.c.stage == stage.value,
        document.c.duplicate_of.is_(None),
        of_departments(wanted.departments),
    ]
    if wanted.procedure is not None:
        codes = sa.literal(" ") + dossier.c.procedures + sa.literal(" ")
        found.append(codes.contains(f" {wanted.procedure} ", autoescape=True))
    if wanted.document_type is not None:
        found.append(document.c.document_type == wanted.document_type)
    if wanted.role is not None:
        found.append(document.c.role == wanted.role.value)
    if wanted.received_before is not None:
        found.append(document.c.created_at < wanted.received_before)
    if wanted.due_before is not None:
        found.append(dossier.c.due_at < wanted.due_before)
    if wanted.person is not None:
        found.append(~_others_turn(wanted.person, now))
    return found


def _others_turn(person: str, now: datetime) -> sa.ColumnElement[bool]:
    """That a document is entered twice, and somebody may do nothing to it now.

    They have entered it, or somebody else is at it: :func:`storage.entries.turn_of` as a query.
    """
    theirs = entry_turn.c.made_by == person
    done = entry_turn.c.done_at.is_not(None)
    return (
        sa.select(entry_turn.c.number)
        .where(
            entry_turn.c.document_id == document.c.id,
            entry_turn.c.manifest_sha256 == _BASE,
            sa.or_(theirs & done, ~theirs & ~done & (entry_turn.c.moved_at > now - ABANDONED)),
        )
        .correlate(document)
        .exists()
    )


def _place(entry: QueueEntry) -> str:
    """Where an entry stands in the order, as text for an address."""
    place = [as_text(entry.due_at), as_text(entry.received_at), entry.document_id]
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def _after(text: str) -> sa.ColumnElement[bool]:
    """That a document comes after this place.

    Raises:
        InputRejected: ``storing.bad_cursor``.
    """
    try:
        due, received, document_id = json.loads(
            base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        )
        due_at = None if due is None else _moment(due)
        received_at, last = _moment(received), int(document_id)
    except (ValueError, TypeError):
        raise InputRejected("storing.bad_cursor") from None
    later = sa.or_(
        document.c.created_at > received_at,
        sa.and_(document.c.created_at == received_at, document.c.id > last),
    )
    if due_at is None:
        return sa.and_(dossier.c.due_at.is_(None), later)
    return sa.or_(
        dossier.c.due_at.is_(None),
        dossier.c.due_at > due_at,
        sa.and_(dossier.c.due_at == due_at, later),
    )


def _moment(text: Any) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
