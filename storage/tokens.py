"""Tokens of other systems: known by their SHA-256, with an end, and what they may."""

from datetime import datetime

import sqlalchemy as sa

from schemas.errors import Conflict, NotFound
from schemas.page import Frozen
from storage.account_tables import token
from storage.accounts import words
from storage.chain import Writing, writing
from storage.database import Database
from storage.proving import Clock


class NewToken(Frozen):
    """A token to be entered."""

    name: str
    folded: str
    sha256: str
    duties: frozenset[str]
    departments: frozenset[str] | None
    ends_at: datetime


class Token(NewToken):
    """A token as the ledger knows it."""

    id: int
    created_at: datetime
    ended_at: datetime | None


_COLUMNS = tuple(token.c[name] for name in Token.model_fields)
_ALL = sa.select(*_COLUMNS).order_by(token.c.folded)
_BY_NAME = sa.select(*_COLUMNS).where(token.c.folded == sa.bindparam("folded"))
_BY_ID = sa.select(*_COLUMNS).where(token.c.id == sa.bindparam("id"))
_BY_HASH = sa.select(*_COLUMNS).where(token.c.sha256 == sa.bindparam("sha256"))


class Tokens:
    """The tokens of a ledger. Made by :attr:`storage.Ledger.tokens`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def all(self) -> list[Token]:
        """Every token, by name; those that ended, too."""
        with self._database.read() as connection:
            return [Token(**row) for row in connection.execute(_ALL).mappings()]

    def named(self, folded: str) -> Token | None:
        """The token of this name."""
        with self._database.read() as connection:
            row = connection.execute(_BY_NAME, {"folded": folded}).mappings().first()
        return None if row is None else Token(**row)

    def with_id(self, token_id: int) -> Token | None:
        """The token with this id; one that ended, too."""
        with self._database.read() as connection:
            row = connection.execute(_BY_ID, {"id": token_id}).mappings().first()
        return None if row is None else Token(**row)

    def standing(self, sha256: str) -> Token | None:
        """The token with this hash, unless it ended."""
        with self._database.read() as connection:
            row = connection.execute(_BY_HASH, {"sha256": sha256}).mappings().first()
        found = None if row is None else Token(**row)
        if found is None or found.ended_at is not None or found.ends_at <= self._clock():
            return None
        return found

    def add(self, new: NewToken, actor: str) -> Token:
        """Enter a token.

        Raises:
            Conflict: ``storing.token_known``, there is or was one of that name.
        """
        with writing(self._database, self._clock()) as transaction:
            connection = transaction.connection
            if connection.execute(_BY_NAME, {"folded": new.folded}).first() is not None:
                raise Conflict("storing.token_known")
            row = connection.execute(
                sa.insert(token)
                .values(**new.model_dump(), created_at=transaction.now)
                .returning(*_COLUMNS)
            ).mappings()
            made = Token(**row.one())
            _tell(transaction, "token_added", actor, made)
            return made

    def end(self, token_id: int, actor: str) -> Token:
        """It is worth nothing from now on. Repeating it changes nothing.

        Raises:
            NotFound: ``storing.no_token``.
        """
        with writing(self._database, self._clock()) as transaction:
            connection = transaction.connection
            by_id = sa.select(*_COLUMNS).where(token.c.id == token_id)
            row = connection.execute(by_id).mappings().first()
            if row is None:
                raise NotFound("storing.no_token")
            known = Token(**row)
            if known.ended_at is not None:
                return known
            connection.execute(
                sa.update(token).where(token.c.id == token_id).values(ended_at=transaction.now)
            )
            ended = known.model_copy(update={"ended_at": transaction.now})
            _tell(transaction, "token_ended", actor, ended)
            return ended


def _tell(transaction: Writing, kind: str, actor: str, about: Token) -> None:
    transaction.append(
        kind,
        actor,
        data={
            "token": about.name,
            "duties": words(about.duties),
            "departments": words(about.departments),
            "ends_at": about.ends_at.isoformat(),
        },
    )
