"""Accounts of people: added, changed, disabled; never removed, since events name them.

Every change is an event that says the account's name, duties and departments. Hashes of passwords
stand in the row alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from pydantic import Field, JsonValue

from schemas.errors import Conflict, NotFound
from schemas.page import Frozen
from storage.account_tables import account, session
from storage.chain import Writing, writing
from storage.database import Database
from storage.proving import Clock


class Account(Frozen):
    """An account as the ledger knows it. ``departments`` None: all of them."""

    id: int
    name: str
    folded: str
    password: str | None = Field(repr=False, description="argon2 hash; None: no password")
    subject: str | None = Field(repr=False, description="who an outside provider says it is")
    duties: frozenset[str]
    departments: frozenset[str] | None
    must_change: bool
    disabled: bool
    created_at: datetime
    password_at: datetime | None


class NewAccount(Frozen):
    """An account to be added."""

    name: str = Field(min_length=1, max_length=64)
    folded: str = Field(min_length=1, max_length=64, description="the same for the same name")
    password: str | None = Field(None, repr=False)
    subject: str | None = Field(None, repr=False)
    duties: frozenset[str]
    departments: frozenset[str] | None
    must_change: bool = False


@dataclass(frozen=True)
class LastOne:
    """That somebody must be left with a duty; ``error`` says why not."""

    duty: str
    error: str


COLUMNS = tuple(account.c[name] for name in Account.model_fields)
_ALL = sa.select(*COLUMNS).order_by(account.c.folded)
_BY_NAME = sa.select(*COLUMNS).where(account.c.folded == sa.bindparam("folded"))
_BY_ID = sa.select(*COLUMNS).where(account.c.id == sa.bindparam("id"))
_BY_SUBJECT = sa.select(*COLUMNS).where(account.c.subject == sa.bindparam("subject"))


class Accounts:
    """The accounts of a ledger. Made by :attr:`storage.Ledger.accounts`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def all(self) -> list[Account]:
        """Every account, by name."""
        with self._database.read() as connection:
            return [Account(**row) for row in connection.execute(_ALL).mappings()]

    def named(self, folded: str) -> Account | None:
        """The account of this name, as :func:`usecases.names.folded` gives it."""
        return self._one(_BY_NAME, folded=folded)

    def with_id(self, account_id: int) -> Account | None:
        """The account with this id."""
        return self._one(_BY_ID, id=account_id)

    def of_subject(self, subject: str) -> Account | None:
        """The account that an outside provider of identities calls so."""
        return self._one(_BY_SUBJECT, subject=subject)

    def add(self, new: NewAccount, actor: str, *, first: bool = False) -> Account | None:
        """Enter an account.

        Args:
            new: its name, hash and duties.
            actor: who adds it.
            first: only where there is no account at all; ``None`` where there is one.

        Raises:
            Conflict: ``storing.account_known``, there is one of that name.
        """
        with writing(self._database, self._clock()) as transaction:
            connection = transaction.connection
            if first and connection.execute(_ALL.limit(1)).first() is not None:
                return None
            if connection.execute(_BY_NAME, {"folded": new.folded}).first() is not None:
                raise Conflict("storing.account_known")
            row = connection.execute(
                sa.insert(account)
                .values(
                    **new.model_dump(),
                    created_at=transaction.now,
                    password_at=transaction.now if new.password else None,
                )
                .returning(*COLUMNS)
            ).mappings()
            made = Account(**row.one())
            _tell(transaction, "account_added", actor, made)
            return made

    def change(
        self,
        account_id: int,
        actor: str,
        kind: str,
        *,
        keep: str | None = None,
        sessions_end: bool = True,
        left: LastOne | None = None,
        **columns: Any,
    ) -> Account:
        """Set columns of an account. Where none would change, nothing happens.

        Sessions that it has end, unless what changes lets them stand: a disabled account, a new
        password and what a provider says must not be worked with a moment longer.

        Args:
            account_id: of the account.
            actor: who changes it.
            kind: of the event: ``account_disabled``, ``password_changed``, ...
            keep: SHA-256 of a session's token that goes on.
            sessions_end: False: its sessions go on, as what it is now.
            left: a duty that a usable account for as many departments must have after it.
            columns: what to set; a new ``password`` notes the time, too.

        Raises:
            NotFound: ``storing.no_account``.
            Conflict: nobody would be left with the duty.
        """
        with writing(self._database, self._clock()) as transaction:
            connection = transaction.connection
            by_id = sa.select(*COLUMNS).where(account.c.id == account_id)
            row = connection.execute(by_id).mappings().first()
            if row is None:
                raise NotFound("storing.no_account")
            before = Account(**row)
            if all(getattr(before, name) == value for name, value in columns.items()):
                return before
            if "password" in columns:
                columns = {**columns, "password_at": transaction.now}
            connection.execute(
                sa.update(account).where(account.c.id == account_id).values(**columns)
            )
            if left is not None and not _somebody(connection, left.duty, before):
                raise Conflict(left.error)
            if sessions_end:
                connection.execute(
                    sa.update(session)
                    .where(
                        session.c.account_id == account_id,
                        session.c.ended_at.is_(None),
                        session.c.sha256 != (keep or ""),
                    )
                    .values(ended_at=transaction.now)
                )
            after = Account(**connection.execute(by_id).mappings().one())
            _tell(transaction, kind, actor, after)
            return after

    def _one(self, query: sa.Select[Any], **given: str | int) -> Account | None:
        with self._database.read() as connection:
            row = connection.execute(query, given).mappings().first()
            return None if row is None else Account(**row)


def _somebody(connection: sa.Connection, duty: str, before: Account) -> bool:
    """Whether a usable account has the duty for as many departments; true where it had it not."""
    if duty not in before.duties or before.disabled:
        return True
    rows = [Account(**row) for row in connection.execute(_ALL).mappings()]
    return any(
        duty in one.duties
        and not one.disabled
        and (one.departments is None or before.departments is not None)
        for one in rows
    )


def _tell(transaction: Writing, kind: str, actor: str, about: Account) -> None:
    transaction.append(
        kind,
        actor,
        data={
            "account": about.name,
            "duties": words(about.duties),
            "departments": words(about.departments),
            "disabled": about.disabled,
        },
    )


def words(some: Iterable[str] | None) -> JsonValue:
    """A set as an event says it."""
    return None if some is None else list[JsonValue](sorted(some))
