"""Lists of what there is, page by page: dossiers, what was published, how much waits.

Who may see which departments is part of the query. A page begins after a row, not at a number, so
that the last one costs as much as the first.
"""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from schemas.dossier import Role, Stage, is_code
from schemas.errors import InputRejected
from schemas.page import Frozen
from storage.queries import of_departments
from storage.records import Dossier
from storage.sharing import Reach, near
from storage.tables import as_text, document, dossier

MOST = 200
"""Rows of a page at most."""
FEW = 200
"""So many dossiers of a code are asked for their documents one by one."""
SMALL = 3000
"""So many dossiers near somebody are: what is rare would else be looked for among all."""


class DossierFilter(Frozen):
    """Which dossiers; ``None`` is all."""

    departments: frozenset[str] | None = None
    code: str | None = None
    """A part of the code, or of the provisional one it had."""
    stage: Stage | None = None


class PublishedFilter(Frozen):
    """Which published documents; ``None`` is all."""

    reach: Reach | None = None
    """Whose list it is: what is theirs, and what others share with them."""
    departments: frozenset[str] | None = None
    """Of these alone."""
    code: str | None = None
    """A part of the dossier's code."""
    document_type: str | None = None
    role: Role | None = None
    since: datetime | None = None
    until: datetime | None = None


class PublishedRow(Frozen):
    """A published document as a line of a list."""

    document_id: int
    number: int
    role: Role
    document_type: str | None
    pages: int | None
    published_at: datetime
    dossier: str
    department: str


class WaitingCount(Frozen):
    """How many documents of a department wait at a stage, and what tells a change of them."""

    department: str
    stage: Stage
    documents: int
    moved_at: datetime


def dossiers(
    connection: sa.Connection, wanted: DossierFilter, after: int | None, limit: int
) -> tuple[list[Dossier], int | None]:
    """See :meth:`storage.Ledger.dossier_page`."""
    limit = max(1, min(limit, MOST))
    query = sa.select(dossier).where(of_departments(wanted.departments))
    if wanted.stage is not None:
        query = query.where(dossier.c.stage == wanted.stage.value)
    if wanted.code is not None:
        query = query.where(dossier.c.id.in_(_called(wanted.code)))
    if after is not None:
        query = query.where(dossier.c.id < after)
    rows = connection.execute(query.order_by(dossier.c.id.desc()).limit(limit + 1)).mappings()
    found = [Dossier(**row) for row in rows]
    return found[:limit], found[limit - 1].id if len(found) > limit else None


def _called(part: str) -> sa.CompoundSelect[tuple[int]]:
    """Ids of dossiers by a part of a code they have or had; codes are of capitals, always.

    A whole code is looked up; for a part of one the codes are looked through in their indexes,
    which are a tenth of the table.
    """
    text = part.upper()
    if is_code(text):
        now, once = dossier.c.code == text, dossier.c.first_code == text
    else:
        now = dossier.c.code.contains(text, autoescape=True)
        once = sa.and_(
            dossier.c.first_code.is_not(None), dossier.c.first_code.contains(text, autoescape=True)
        )
    ids = sa.select(dossier.c.id)
    return sa.union_all(ids.where(now), ids.where(once))


def published(
    connection: sa.Connection, wanted: PublishedFilter, after: str | None, limit: int
) -> tuple[list[PublishedRow], str | None]:
    """See :meth:`storage.Ledger.published_page`."""
    limit = max(1, min(limit, MOST))
    query = (
        sa.select(
            document.c.id.label("document_id"),
            document.c.number,
            document.c.role,
            document.c.document_type,
            document.c.pages,
            document.c.updated_at.label("published_at"),
            dossier.c.code.label("dossier"),
            dossier.c.department,
        )
        .join(dossier, dossier.c.id == document.c.dossier_id)
        .where(document.c.split.is_(sa.false()), *_conditions(wanted), *_found(connection, wanted))
    )
    if after is not None:
        moment, last = _place(after)
        same = sa.and_(document.c.updated_at == moment, document.c.id < last)
        # the first condition alone is what the index is entered by
        query = query.where(
            document.c.updated_at <= moment, sa.or_(document.c.updated_at < moment, same)
        )
    query = query.order_by(document.c.updated_at.desc(), document.c.id.desc()).limit(limit + 1)
    found = [PublishedRow(**row) for row in connection.execute(query).mappings()]
    last_one = found[limit - 1] if len(found) > limit else None
    following = f"{as_text(last_one.published_at)}/{last_one.document_id}" if last_one else None
    return found[:limit], following


def _found(connection: sa.Connection, wanted: PublishedFilter) -> list[sa.ColumnElement[bool]]:
    """That they are published, and of dossiers of that code.

    Few dossiers, of a code or near whoever asks, are asked for their documents; else the published
    ones are gone through in their order. SQLite, without statistics, would go through all of them
    for one dossier, too: an index is not used for a column in an expression.
    """
    order = [document.c.stage == Stage.published.value]
    unordered = document.c.stage.concat("") == Stage.published.value
    if wanted.code is not None:
        few = _few(connection, _called(wanted.code))
        if few is not None:
            return [document.c.dossier_id.in_(few), unordered]
        order.append(dossier.c.code.contains(wanted.code.upper(), autoescape=True))
    reach = wanted.reach
    if reach is not None and reach.departments is not None:
        around = near(
            reach.departments,
            reach.now,
            of_departments(wanted.departments),
            document_type=wanted.document_type,
        )
        few = _few(connection, around, SMALL)
        if few is not None:
            return [document.c.dossier_id.in_(few), unordered, *order[1:]]
    return order


def _few(
    connection: sa.Connection, ids: sa.CompoundSelect[Any], most: int = FEW
) -> set[int] | None:
    """These ids, where they are few."""
    found = list(connection.execute(ids.limit(most + 1)).scalars())
    return set(found) if len(found) <= most else None


def begins_with(connection: sa.Connection, code: str) -> list[int]:
    """Ids of the :data:`FEW` dossiers whose code, or the one they had, begins so; the last ones."""
    text = code.upper()
    ids = sa.select(dossier.c.id)
    if connection.dialect.name == "sqlite":  # by its index, which orders by bytes
        now = sa.and_(dossier.c.code >= text, dossier.c.code < text + "\uffff")
    else:
        now = dossier.c.code.startswith(text, autoescape=True)
    found = connection.execute(ids.where(now).order_by(dossier.c.code.desc()).limit(FEW)).all()
    once = connection.execute(ids.where(dossier.c.first_code == text)).all()
    return [row.id for row in (*found, *once)]


def _conditions(wanted: PublishedFilter) -> list[sa.ColumnElement[bool]]:
    found = [of_departments(wanted.departments)]
    if wanted.reach is not None:
        found.append(wanted.reach.condition())
    if wanted.document_type is not None:
        found.append(document.c.document_type == wanted.document_type)
    if wanted.role is not None:
        found.append(document.c.role == wanted.role.value)
    if wanted.since is not None:
        found.append(document.c.updated_at >= wanted.since)
    if wanted.until is not None:
        found.append(document.c.updated_at < wanted.until)
    return found


def _place(text: str) -> tuple[datetime, int]:
    """Where a page begins.

    Raises:
        InputRejected: ``storing.bad_cursor``.
    """
    moment, _, last = text.partition("/")
    try:
        at, number = datetime.fromisoformat(moment), int(last)
    except ValueError:
        raise InputRejected("storing.bad_cursor") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC), number


def waiting(connection: sa.Connection, stages: tuple[Stage, ...]) -> list[WaitingCount]:
    """See :meth:`storage.Ledger.waiting_counts`."""
    query = (
        sa.select(
            dossier.c.department,
            document.c.stage,
            sa.func.count().label("documents"),
            sa.func.max(document.c.updated_at).label("moved_at"),
        )
        .join(dossier, dossier.c.id == document.c.dossier_id)
        .where(
            document.c.stage.in_([one.value for one in stages]), document.c.duplicate_of.is_(None)
        )
        .group_by(dossier.c.department, document.c.stage)
    )
    return [WaitingCount(**row) for row in connection.execute(query).mappings()]
