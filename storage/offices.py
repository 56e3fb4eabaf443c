"""What all hosts that work with one ledger must have in common, as the first of them said it."""

import sqlalchemy as sa

from storage.chain import Writing
from storage.tables import office

ENTERED = "office_entered"
"""Kind of the event."""


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
