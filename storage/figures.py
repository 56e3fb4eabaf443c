"""Counts of documents and dossiers by stage, made by the database."""

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa

from schemas.dossier import Stage
from schemas.page import Frozen
from storage.queries import of_departments
from storage.tables import document, dossier


class StageCount(Frozen):
    """The documents of a department at one stage."""

    department: str
    stage: Stage
    documents: int
    oldest: datetime


def stage_counts(
    connection: sa.Connection, departments: Collection[str] | None
) -> list[StageCount]:
    """See :meth:`storage.Ledger.stage_counts`."""
    return counted(connection, departments, document.c.split.is_(sa.false()))


def counted(
    connection: sa.Connection,
    departments: Collection[str] | None,
    *which: sa.ColumnElement[bool],
) -> list[StageCount]:
    """The documents for which all of ``which`` holds, by department and stage."""
    query = (
        sa.select(
            dossier.c.department,
            document.c.stage,
            sa.func.count().label("documents"),
            sa.func.min(document.c.updated_at).label("oldest"),
        )
        .join(dossier, dossier.c.id == document.c.dossier_id)
        .where(of_departments(departments), *which)
        .group_by(dossier.c.department, document.c.stage)
        .order_by(dossier.c.department, document.c.stage)
    )
    return [StageCount(**row) for row in connection.execute(query).mappings()]
