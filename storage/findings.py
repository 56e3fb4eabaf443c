"""What was found wrong, until it is mended or accepted: a row each, an event where possible."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from schemas.errors import SohoaError
from storage.chain import Writing, writing
from storage.database import Database
from storage.records import LedgerFinding
from storage.tables import document, dossier, finding

_OPEN = sa.select(finding).where(finding.c.ended_at.is_(None)).order_by(finding.c.id)
_STOPS = _OPEN.where(finding.c.stops.is_(sa.true())).limit(1)


def open_findings(
    connection: sa.Connection, dossier_id: int | None = None, limit: int | None = None
) -> list[LedgerFinding]:
    """See :meth:`storage.Ledger.findings`."""
    query = _OPEN.limit(limit)
    if dossier_id is not None:
        query = query.where(finding.c.dossier_id == dossier_id)
    return [LedgerFinding(**row) for row in connection.execute(query).mappings()]


def stopping(connection: sa.Connection) -> LedgerFinding | None:
    """The first finding for which nothing may be signed."""
    row = connection.execute(_STOPS).mappings().first()
    return None if row is None else LedgerFinding(**row)


def found(
    database: Database,
    now: datetime,
    code: str,
    place: str,
    *,
    dossier_id: int | None,
    document_id: int | None,
    stops: bool,
    actor: str,
) -> None:
    """See :meth:`storage.Ledger.found`."""
    values = {
        "code": code,
        "place": place,
        "dossier_id": dossier_id,
        "document_id": document_id,
        "stops": stops,
        "found_at": now,
    }
    with database.read() as connection:
        if _known(connection, code, place) is not None:
            return
    try:
        with writing(database, now) as transaction:
            if _known(transaction.connection, code, place) is not None:
                return
            transaction.connection.execute(sa.insert(finding).values(**values))
            _said(transaction, "found", actor, values)
    except SohoaError:
        # a log that lost its end takes no events: the finding must stand all the same
        with database.write() as connection:
            if _known(connection, code, place) is None:
                connection.execute(sa.insert(finding).values(**values))


def ended(
    transaction: Writing, now: datetime, ids: Sequence[int], actor: str
) -> list[LedgerFinding]:
    """End these findings; those that were open."""
    connection = transaction.connection
    rows = (
        connection.execute(
            sa.update(finding)
            .where(finding.c.id.in_(ids), finding.c.ended_at.is_(None))
            .values(ended_at=now)
            .returning(finding)
        )
        .mappings()
        .all()
    )
    for row in rows:
        _said(transaction, "found_ended", actor, dict(row))
    return [LedgerFinding(**row) for row in rows]


def _known(connection: sa.Connection, code: str, place: str) -> int | None:
    known: int | None = connection.execute(
        sa.select(finding.c.id).where(
            finding.c.ended_at.is_(None), finding.c.code == code, finding.c.place == place
        )
    ).scalar()
    return known


def _said(transaction: Writing, kind: str, actor: str, values: Mapping[str, object]) -> None:
    """The event of a finding; rows it names may be gone, which the event must not need."""
    connection = transaction.connection

    def there(table: sa.Table, key: object) -> int | None:
        query = sa.select(table.c.id).where(table.c.id == key)
        known: int | None = connection.execute(query).scalar() if key is not None else None
        return known

    transaction.append(
        kind,
        actor,
        dossier_id=there(dossier, values["dossier_id"]),
        document_id=there(document, values["document_id"]),
        data={"code": str(values["code"]), "place": str(values["place"])},
    )
