"""Sessions of people who signed in, how often somebody tried to, and who saw what.

A session is known by the SHA-256 of its token; the token itself is in the person's browser alone.
None of this is part of the event log: it says nothing of what became of a dossier.
"""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from pydantic import Field

from schemas.page import Frozen
from storage.account_tables import access, account, attempt, session
from storage.accounts import COLUMNS, Account
from storage.database import Database
from storage.proving import Clock

FORGOTTEN = timedelta(hours=1)
"""How long it is remembered that somebody tried to sign in."""
KEPT = timedelta(days=30)
"""How long the row of an ended session is kept."""


class Session(Frozen):
    """A session that stands, and whose it is."""

    account: Account
    created_at: datetime
    seen_at: datetime


class Access(Frozen):
    """That somebody saw something."""

    at: datetime
    actor: str
    kind: str
    dossier_id: int | None = None
    document_id: int | None = None
    object: str | None = None
    departments: frozenset[str] | None = Field(
        None, description="whose people read another department's papers; None: their own"
    )
    purpose: str | None = Field(None, repr=False, description="what for, in their words")


_STANDING = (
    sa.select(*COLUMNS, session.c.created_at.label("begun_at"), session.c.seen_at)
    .join(session, session.c.account_id == account.c.id)
    .where(
        session.c.sha256 == sa.bindparam("named"),
        session.c.ended_at.is_(None),
        session.c.created_at > sa.bindparam("begun_after"),
        session.c.seen_at > sa.bindparam("seen_after"),
        account.c.disabled.is_(sa.false()),
    )
)


class Sessions:
    """The sessions of a ledger's accounts. Made by :attr:`storage.Ledger.sessions`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def begin(self, account_id: int, sha256: str, actor: str) -> None:
        """A person has signed in. Rows of sessions that ended long ago are removed."""
        now = self._clock()
        with self._database.write() as connection:
            connection.execute(
                sa.delete(session).where(
                    sa.or_(session.c.ended_at < now - KEPT, session.c.seen_at < now - KEPT)
                )
            )
            connection.execute(
                sa.insert(session).values(
                    sha256=sha256, account_id=account_id, created_at=now, seen_at=now
                )
            )
            connection.execute(sa.insert(access).values(at=now, actor=actor, kind="signed_in"))

    def standing(self, sha256: str, *, idle: timedelta, longest: timedelta) -> Session | None:
        """The session, unless it ended, ran out, or its account is disabled.

        Args:
            sha256: of its token.
            idle: how long it may go unused.
            longest: how long it may last at all.
        """
        now = self._clock()
        given = {"named": sha256, "begun_after": now - longest, "seen_after": now - idle}
        with self._database.read() as connection:
            row = connection.execute(_STANDING, given).mappings().first()
        if row is None:
            return None
        columns = {name: row[name] for name in Account.model_fields}
        return Session(
            account=Account(**columns), created_at=row["begun_at"], seen_at=row["seen_at"]
        )

    def touch(self, sha256: str) -> None:
        """It is used now."""
        with self._database.write() as connection:
            connection.execute(
                sa.update(session)
                .where(session.c.sha256 == sha256, session.c.ended_at.is_(None))
                .values(seen_at=self._clock())
            )

    def end(self, sha256: str) -> None:
        """This session ends; nothing happens where it has."""
        self._end(session.c.sha256 == sha256)

    def end_all(self, account_id: int) -> None:
        """Every session of an account ends, wherever it is used."""
        self._end(session.c.account_id == account_id)

    def _end(self, which: sa.ColumnElement[bool]) -> None:
        with self._database.write() as connection:
            connection.execute(
                sa.update(session)
                .where(which, session.c.ended_at.is_(None))
                .values(ended_at=self._clock())
            )


class Attempts:
    """Who tried to sign in how often. Made by :attr:`storage.Ledger.attempts`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def count(self, key: str, waits: Callable[[int], timedelta | None]) -> datetime | None:
        """One more; until when it must wait, where it must, and then it is not counted.

        It is counted before the password is looked at, so that many at once are not all let in.

        Args:
            key: hash of what is counted.
            waits: how long nobody is let in after so many.
        """
        now = self._clock()
        with self._database.write() as connection:
            connection.execute(sa.delete(attempt).where(attempt.c.last_at < now - FORGOTTEN))
            self._database.insert_missing(connection, attempt, key=key, count=0, last_at=now)
            row = connection.execute(
                sa.select(attempt.c["count"].label("before"), attempt.c.locked_until)
                .where(attempt.c.key == key)
                .with_for_update()
            ).one()
            if row.locked_until is not None and row.locked_until > now:
                return row.locked_until  # type: ignore[no-any-return]
            wait = waits(row.before + 1)
            self._set(
                connection,
                key,
                count=row.before + 1,
                last_at=now,
                locked_until=None if wait is None else now + wait,
            )
            return None

    def forget(self, key: str) -> None:
        """Somebody was let in, or an operator says that all is well."""
        with self._database.write() as connection:
            connection.execute(sa.delete(attempt).where(attempt.c.key == key))

    def take_back(self, key: str) -> None:
        """The last one counts not: it was let in."""
        with self._database.write() as connection:
            self._set(connection, key, count=attempt.c["count"] - 1, locked_until=None)

    @staticmethod
    def _set(connection: sa.Connection, key: str, **values: Any) -> None:
        connection.execute(sa.update(attempt).where(attempt.c.key == key).values(**values))


class Accesses:
    """Who saw what. Made by :attr:`storage.Ledger.accesses`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def note(
        self,
        actor: str,
        kind: str,
        *,
        dossier_id: int | None = None,
        document_id: int | None = None,
        what: str | None = None,
        departments: Collection[str] | None = None,
        purpose: str | None = None,
    ) -> None:
        """Somebody saw something.

        Args:
            actor: who.
            kind: what they did, ``picture_seen`` for example.
            dossier_id: whose.
            document_id: of it.
            what: the picture's hash, or another name without personal data.
            departments: theirs, where the papers are another department's.
            purpose: what for, where the papers are another department's.
        """
        with self._database.write() as connection:
            connection.execute(
                sa.insert(access).values(
                    at=self._clock(),
                    actor=actor,
                    kind=kind,
                    dossier_id=dossier_id,
                    document_id=document_id,
                    object=what,
                    departments=None if departments is None else frozenset(departments),
                    purpose=purpose,
                )
            )

    def purpose(self, actor: str, dossier_id: int, since: datetime) -> str | None:
        """What somebody said last that they read a dossier for, since then."""
        query = (
            sa.select(access.c.purpose)
            .where(
                access.c.actor == actor,
                access.c.at > since,
                access.c.dossier_id == dossier_id,
                access.c.purpose.is_not(None),
            )
            .order_by(access.c.id.desc())
            .limit(1)
        )
        with self._database.read() as connection:
            return connection.execute(query).scalar()

    def of(
        self,
        *,
        dossier_id: int | None = None,
        actor: str | None = None,
        newest: int | None = None,
    ) -> list[Access]:
        """What was seen of a dossier, or by somebody, oldest first.

        Args:
            dossier_id: of which dossier.
            actor: by whom.
            newest: so many of the last alone, the last first.
        """
        query = sa.select(*(access.c[name] for name in Access.model_fields))
        if newest is None:
            query = query.order_by(access.c.id)
        else:
            query = query.order_by(access.c.id.desc()).limit(newest)
        if dossier_id is not None:
            query = query.where(access.c.dossier_id == dossier_id)
        if actor is not None:
            query = query.where(access.c.actor == actor)
        with self._database.read() as connection:
            return [Access(**row) for row in connection.execute(query).mappings()]
