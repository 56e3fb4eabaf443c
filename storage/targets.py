"""Which systems are told of changes: added and ended, never removed; secrets are elsewhere."""

from datetime import datetime

import sqlalchemy as sa

from schemas.errors import Conflict, NotFound
from schemas.page import Frozen
from storage.accounts import words
from storage.chain import Writing, writing
from storage.database import Database
from storage.delivery_tables import delivery, delivery_target
from storage.proving import Clock


class NewTarget(Frozen):
    """A system that shall be told."""

    name: str
    folded: str
    url: str
    departments: frozenset[str] | None
    events: frozenset[str]
    adapter: str
    plain: bool


class Target(NewTarget):
    """A system as the ledger knows it."""

    id: int
    made_by: str
    made_at: datetime
    ended_by: str | None
    ended_at: datetime | None
    failures: int
    failing_since: datetime | None
    retry_at: datetime | None
    last_delivered_at: datetime | None


class Backlog(Frozen):
    """What is on its way to a system."""

    waiting: int = 0
    oldest: datetime | None = None
    dead: int = 0


_COLUMNS = tuple(delivery_target.c[name] for name in Target.model_fields)
_ALL = sa.select(*_COLUMNS).order_by(delivery_target.c.folded)
_BY_NAME = sa.select(*_COLUMNS).where(delivery_target.c.folded == sa.bindparam("folded"))
_ALIVE = delivery.c.dead_at.is_(None)
_BACKLOG = (
    sa.select(
        delivery.c.target_id,
        sa.func.sum(sa.case((_ALIVE, 1), else_=0)).label("waiting"),
        sa.func.min(sa.case((_ALIVE, delivery.c.since))).label("oldest"),
        sa.func.sum(sa.case((_ALIVE, 0), else_=1)).label("dead"),
    )
    .where(delivery.c.delivered_at.is_(None))
    .group_by(delivery.c.target_id)
)


class Targets:
    """The systems that are told. Made by :attr:`storage.Ledger.targets`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def all(self) -> list[Target]:
        """Every system, by name; those that are told no more, too."""
        with self._database.read() as connection:
            return [Target(**row) for row in connection.execute(_ALL).mappings()]

    def named(self, folded: str) -> Target | None:
        """The system of this name."""
        with self._database.read() as connection:
            return _named(connection, folded)

    def backlog(self) -> dict[int, Backlog]:
        """What is on its way, by the system's id; none where nothing is."""
        with self._database.read() as connection:
            rows = connection.execute(_BACKLOG).mappings().all()
        return {
            row["target_id"]: Backlog(
                waiting=row["waiting"],
                oldest=row["oldest"],
                dead=row["dead"],
            )
            for row in rows
        }

    def add(self, new: NewTarget, actor: str) -> Target:
        """Enter a system; it is told of what happens from now on.

        Raises:
            Conflict: ``storing.target_known``, there is or was one of that name.
        """
        with writing(self._database, self._clock()) as transaction:
            connection = transaction.connection
            if _named(connection, new.folded) is not None:
                raise Conflict("storing.target_known")
            made = connection.execute(
                sa.insert(delivery_target)
                .values(**new.model_dump(), made_by=actor, made_at=transaction.now)
                .returning(*_COLUMNS)
            )
            target = Target(**made.mappings().one())
            _tell(transaction, "target_added", actor, target)
            return target

    def end(self, folded: str, actor: str) -> Target:
        """It is told of nothing from now on, nor of what is on its way. Repeating changes nothing.

        Raises:
            NotFound: ``storing.no_target``.
        """
        with writing(self._database, self._clock()) as transaction:
            connection = transaction.connection
            known = _named(connection, folded)
            if known is None:
                raise NotFound("storing.no_target")
            if known.ended_at is not None:
                return known
            ended = {"ended_at": transaction.now, "ended_by": actor}
            connection.execute(
                sa.update(delivery_target)
                .where(delivery_target.c.id == known.id)
                .values(retry_at=None, failing_since=None, failures=0, **ended)
            )
            target = _named(connection, folded) or known
            _tell(transaction, "target_ended", actor, target)
            return target


def _named(connection: sa.Connection, folded: str) -> Target | None:
    row = connection.execute(_BY_NAME, {"folded": folded}).mappings().first()
    return None if row is None else Target(**row)


def _tell(transaction: Writing, kind: str, actor: str, about: Target) -> None:
    transaction.append(
        kind,
        actor,
        data={
            "target": about.name,
            "url": about.url,
            "departments": words(about.departments),
            "events": words(about.events),
            "adapter": about.adapter,
        },
    )
