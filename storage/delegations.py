"""Who approves in whose stead, from when to when: added and ended, never removed.

Both are events: they name the accounts, the times, and have the salted mark of the reason.
"""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from pydantic import Field

from schemas.errors import NotFound
from schemas.page import Frozen
from storage import marks
from storage.account_tables import account, approval_delegation
from storage.chain import Writing, writing
from storage.database import Database
from storage.proving import Clock


class NewDelegation(Frozen):
    """That somebody shall approve in somebody else's stead."""

    giver_id: int
    delegate_id: int
    begins_at: datetime
    ends_at: datetime = Field(description="from here on no more")
    reason: str = Field(repr=False)


class ApprovalDelegation(NewDelegation):
    """A delegation as the ledger knows it."""

    id: int
    giver: str = Field(description="name of the account")
    delegate: str
    giver_departments: frozenset[str] | None = Field(description="of the account now; None: all")
    delegate_departments: frozenset[str] | None
    giver_duties: frozenset[str]
    made_by: str
    made_at: datetime
    ended_by: str | None
    ended_at: datetime | None

    @property
    def departments(self) -> frozenset[str] | None:
        """Where it counts: what both have now; None is all of them."""
        if self.giver_departments is None:
            return self.delegate_departments
        if self.delegate_departments is None:
            return self.giver_departments
        return self.giver_departments & self.delegate_departments


_GIVER, _DELEGATE = account.alias("giver"), account.alias("delegate")
_OWN = (*NewDelegation.model_fields, "id", "made_by", "made_at", "ended_by", "ended_at")
_ALL = (
    sa.select(
        *(approval_delegation.c[name] for name in _OWN),
        _GIVER.c.name.label("giver"),
        _GIVER.c.departments.label("giver_departments"),
        _GIVER.c.duties.label("giver_duties"),
        _DELEGATE.c.name.label("delegate"),
        _DELEGATE.c.departments.label("delegate_departments"),
    )
    .join(_GIVER, _GIVER.c.id == approval_delegation.c.giver_id)
    .join(_DELEGATE, _DELEGATE.c.id == approval_delegation.c.delegate_id)
    .order_by(approval_delegation.c.id)
)
_BY_ID = _ALL.where(approval_delegation.c.id == sa.bindparam("id"))
_STANDING = _ALL.where(
    approval_delegation.c.begins_at <= sa.bindparam("now"),
    approval_delegation.c.ends_at > sa.bindparam("now"),
    approval_delegation.c.ended_at.is_(None),
    _GIVER.c.disabled.is_(sa.false()),
    _DELEGATE.c.disabled.is_(sa.false()),
)
_TO_DELEGATE = _STANDING.where(approval_delegation.c.delegate_id == sa.bindparam("delegate_id"))
_STANDS = _STANDING.where(approval_delegation.c.id == sa.bindparam("id"))


class Delegations:
    """The delegations of a ledger. Made by :attr:`storage.Ledger.delegations`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def all(self) -> list[ApprovalDelegation]:
        """Every delegation, the first made first; those that ended, too."""
        with self._database.read() as connection:
            return [_made(row) for row in connection.execute(_ALL).mappings()]

    def to(self, delegate_id: int) -> list[ApprovalDelegation]:
        """Those that stand now for an account that approves in others' stead."""
        given = {"now": self._clock(), "delegate_id": delegate_id}
        with self._database.read() as connection:
            return [_made(row) for row in connection.execute(_TO_DELEGATE, given).mappings()]

    def add(self, new: NewDelegation, actor: str) -> ApprovalDelegation:
        """Enter a delegation."""
        salt = marks.new_salt()
        with writing(self._database, self._clock()) as transaction:
            connection = transaction.connection
            key: int = connection.execute(
                sa.insert(approval_delegation)
                .values(**new.model_dump(), salt=salt, made_by=actor, made_at=transaction.now)
                .returning(approval_delegation.c.id)
            ).scalar_one()
            made = _found(connection, key)
            _tell(transaction, "delegation_added", actor, made, marks.mark(salt, made.reason))
            return made

    def end(self, key: int, actor: str) -> ApprovalDelegation:
        """It counts no more from now on. Repeating it changes nothing.

        Raises:
            NotFound: ``storing.no_delegation``.
        """
        with writing(self._database, self._clock()) as transaction:
            connection = transaction.connection
            known = _found(connection, key)
            if known.ended_at is not None:
                return known
            connection.execute(
                sa.update(approval_delegation)
                .where(approval_delegation.c.id == key)
                .values(ended_at=transaction.now, ended_by=actor)
            )
            ended = _found(connection, key)
            _tell(transaction, "delegation_ended", actor, ended, None)
            return ended


def standing(connection: sa.Connection, key: int, now: datetime) -> ApprovalDelegation | None:
    """The delegation of that id, if it stands now and who gave it still signs."""
    row = connection.execute(_STANDS, {"id": key, "now": now}).mappings().first()
    found = None if row is None else _made(row)
    return found if found is not None and "signer" in found.giver_duties else None


def _made(row: sa.RowMapping) -> ApprovalDelegation:
    return ApprovalDelegation(**row)


def _found(connection: sa.Connection, key: int) -> ApprovalDelegation:
    row: Any = connection.execute(_BY_ID, {"id": key}).mappings().first()
    if row is None:
        raise NotFound("storing.no_delegation")
    return _made(row)


def _tell(
    transaction: Writing, kind: str, actor: str, about: ApprovalDelegation, mark: str | None
) -> None:
    transaction.append(
        kind,
        actor,
        data={
            "delegation": about.id,
            "giver": about.giver,
            "delegate": about.delegate,
            "begins_at": about.begins_at.isoformat(),
            "ends_at": about.ends_at.isoformat(),
            **({"reason_mark": mark} if mark else {}),
        },
    )
