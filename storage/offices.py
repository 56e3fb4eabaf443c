"""What all hosts that work with one ledger must have in common, as the first of them said it."""

import sqlalchemy as sa

from schemas.errors import NotFound
from storage.chain import Writing
from storage.tables import office

ENTERED = "office_entered"
REPLACED = "office_replaced"
"""Kinds of events."""


def known(connection: sa.Connection, name: str) -> str | None:
    """What was entered under a name."""
    found: str | None = connection.execute(
        sa.select(office.c.value).where(office.c.name == name)
    ).scalar()
    return found


def common(transaction: Writing, name: str, value: str) -> str:
    """See :meth:`storage.Ledger.common`. Writers queue on the ledger, so one of two is first."""
    there = known(transaction.connection, name)
    if there is not None:
        return there
    transaction.connection.execute(sa.insert(office).values(name=name, value=value))
    transaction.append(ENTERED, "sohoa", data={"name": name, "value": value})
    return value


def replace(transaction: Writing, name: str, value: str, reason: str, actor: str) -> None:
    """See :meth:`storage.Ledger.replace_common`."""
    before = known(transaction.connection, name)
    if before is None:
        raise NotFound("storing.nothing_common", name=name)
    if before == value:
        return
    transaction.connection.execute(
        sa.update(office).where(office.c.name == name).values(value=value)
    )
    said = {"name": name, "before": before, "value": value, "reason": reason}
    transaction.append(REPLACED, actor, data=said)
