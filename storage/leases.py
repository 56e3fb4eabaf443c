"""Leases: who works on a dossier, route or batch, until when. They are no part of the event log."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from storage.tables import dossier


def take(
    connection: sa.Connection, dossier_id: int, owner: str, now: datetime, length: timedelta
) -> bool:
    """See :meth:`storage.Ledger.lease`."""
    taken = connection.execute(
        sa.update(dossier)
        .where(
            dossier.c.id == dossier_id,
            sa.or_(dossier.c.lease_until.is_(None), dossier.c.lease_until <= now),
        )
        .values(lease_owner=owner, lease_until=now + length, attempts=dossier.c.attempts + 1)
    )
    return taken.rowcount == 1


def prolong(
    connection: sa.Connection, dossier_id: int, owner: str, now: datetime, length: timedelta
) -> bool:
    """See :meth:`storage.Ledger.renew`: also after the end, unless somebody else has it."""
    prolonged = connection.execute(
        sa.update(dossier)
        .where(dossier.c.id == dossier_id, dossier.c.lease_owner == owner)
        .values(lease_until=now + length)
    )
    return prolonged.rowcount == 1


def give_back(
    connection: sa.Connection, dossier_id: int, owner: str, retry_at: datetime | None
) -> None:
    """See :meth:`storage.Ledger.release`."""
    counted = {} if retry_at is not None else {"attempts": 0}
    connection.execute(
        sa.update(dossier)
        .where(dossier.c.id == dossier_id, dossier.c.lease_owner == owner)
        .values(lease_owner=None, lease_until=None, next_attempt_at=retry_at, **counted)
    )


def end_all(connection: sa.Connection, owner: str) -> int:
    """See :meth:`storage.Ledger.end_leases`."""
    ended = connection.execute(
        sa.update(dossier)
        .where(dossier.c.lease_owner == owner)
        .values(lease_owner=None, lease_until=None)
    )
    return ended.rowcount


def hold(
    connection: sa.Connection,
    table: sa.Table,
    key: str,
    owner: str,
    *,
    dead: str | None,
    now: datetime,
    length: timedelta,
) -> bool:
    """See :meth:`storage.Ledger.hold`."""
    free = [table.c.lease_until.is_(None), table.c.lease_until <= now, table.c.lease_owner == owner]
    if dead is not None:
        free.append(table.c.lease_owner.startswith(dead, autoescape=True))
    held = connection.execute(
        sa.update(table)
        .where(table.c.key == key, sa.or_(*free))
        .values(lease_owner=owner, lease_until=now + length)
    )
    return held.rowcount == 1


def let_go(connection: sa.Connection, table: sa.Table, key: str, owner: str) -> None:
    """See :meth:`storage.Ledger.let_go`."""
    connection.execute(
        sa.update(table)
        .where(table.c.key == key, table.c.lease_owner == owner)
        .values(lease_owner=None, lease_until=None)
    )
