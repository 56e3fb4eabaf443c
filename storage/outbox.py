"""What is on its way to other systems: taken under a lease, kept until it was answered well.

Within a dossier and a target the order is that of the events: the first that is not delivered holds
up those behind it, also when it is dead. Several hosts may take at once; of each dossier and target
one thing at a time is being sent.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa

from schemas.delivery import News
from schemas.page import Frozen
from storage.chain import Writing, writing
from storage.database import Database
from storage.delivery_tables import delivery, delivery_target
from storage.proving import Clock
from storage.tables import Utc

IN_A_ROW = 5
"""Failures after which a system is left alone; then one thing at a time tries it."""
LEFT_ALONE = 300.0
"""Seconds, at most."""
SERVICE = "sohoa"


class Delivery(Frozen):
    """One piece of news for one system."""

    id: int
    target_id: int
    dossier_id: int
    document_id: int | None
    news: News
    key: str
    seq: int
    at: datetime
    since: datetime
    attempts: int
    retry_at: datetime
    body: str | None
    error: str | None
    status: int | None
    dead_at: datetime | None
    delivered_at: datetime | None
    acknowledged_at: datetime | None


class Failure(Frozen):
    """That a try failed.

    ``whole_target``: the system itself did not answer, or not for itself, so that others would fail
    as well.
    """

    code: str
    status: int | None = None
    whole_target: bool = True


COLUMNS = tuple(delivery.c[name] for name in Delivery.model_fields)
OPEN = delivery.c.delivered_at.is_(None)
_BEFORE = delivery.alias("before")
_FIRST = ~sa.exists().where(
    _BEFORE.c.target_id == delivery.c.target_id,
    _BEFORE.c.dossier_id == delivery.c.dossier_id,
    _BEFORE.c.delivered_at.is_(None),
    _BEFORE.c.id < delivery.c.id,
)
_NOW = sa.bindparam("now", type_=Utc)
_FREE = sa.or_(delivery.c.lease_until.is_(None), delivery.c.lease_until <= _NOW)
_TO_TARGET = delivery.c.target_id == sa.bindparam("target")
_BEING_SENT = (
    sa.select(sa.func.count())
    .select_from(delivery)
    .where(_TO_TARGET, OPEN, delivery.c.lease_until > _NOW)
)
_DUE = (
    sa.select(*COLUMNS)
    .where(_TO_TARGET, OPEN, delivery.c.dead_at.is_(None), delivery.c.retry_at <= _NOW)
    .where(_FREE, _FIRST)
    .order_by(delivery.c.id)
    .limit(sa.bindparam("most"))
    .with_for_update(skip_locked=True, of=delivery)
)
_STANDING = sa.select(
    delivery_target.c.id, delivery_target.c.failures, delivery_target.c.retry_at
).where(delivery_target.c.ended_at.is_(None))


class Outbox:
    """What is on its way. Made by :attr:`storage.Ledger.outbox`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def take(
        self, owner: str, targets: Collection[int], *, together: int, seconds: float
    ) -> list[Delivery]:
        """What is to be sent now, and nobody else sends it for so long.

        Args:
            owner: the same at each start of a host's sender.
            targets: those that it can send to.
            together: to one system at once, by all senders.
            seconds: of the lease.
        """
        now = self._clock()
        found: list[Delivery] = []
        with self._database.write() as connection:
            for target in connection.execute(_STANDING).all():
                if target.id not in targets or (target.retry_at and target.retry_at > now):
                    continue
                asked = {"target": target.id, "now": now}
                most = together if target.failures < IN_A_ROW else 1
                most -= connection.execute(_BEING_SENT, asked).scalar_one()
                if most > 0:
                    rows = connection.execute(_DUE, asked | {"most": most}).mappings()
                    found += [Delivery(**one) for one in rows]
            if found:
                connection.execute(
                    sa.update(delivery)
                    .where(delivery.c.id.in_([one.id for one in found]))
                    .values(lease_owner=owner, lease_until=now + timedelta(seconds=seconds))
                )
        return found

    def waits(self, targets: Collection[int]) -> bool:
        """Whether anything is on its way to one of these; asked often, so it only reads."""
        query = sa.select(sa.literal(1)).where(
            OPEN, delivery.c.dead_at.is_(None), delivery.c.target_id.in_(targets)
        )
        with self._database.read() as connection:
            return connection.execute(query.limit(1)).first() is not None

    def keep_bodies(self, bodies: Mapping[int, str], owner: str) -> None:
        """What is about to be sent for the first time: every try says the same."""
        if not bodies:
            return
        with self._database.write() as connection:
            for key, body in bodies.items():
                connection.execute(
                    sa.update(delivery)
                    .where(delivery.c.id == key, delivery.c.lease_owner == owner)
                    .where(delivery.c.body.is_(None))
                    .values(body=body)
                )

    def delivered(self, one: Delivery, owner: str, status: int) -> bool:
        """It was answered well: an event of the dossier; ``False`` when the lease was lost."""
        with writing(self._database, self._clock()) as transaction:
            done = self._release(
                transaction.connection,
                one,
                owner,
                delivered_at=transaction.now,
                body=None,
                error=None,
                status=status,
            )
            if done:
                transaction.connection.execute(
                    sa.update(delivery_target)
                    .where(delivery_target.c.id == one.target_id)
                    .values(
                        failures=0,
                        failing_since=None,
                        retry_at=None,
                        last_delivered_at=transaction.now,
                    )
                )
                tell(transaction, "delivered", SERVICE, one)
            return done

    def failed(
        self, one: Delivery, owner: str, why: Failure, retry_at: datetime, *, dead: bool
    ) -> bool:
        """A try failed; ``False`` when the lease was lost.

        Args:
            one: what was sent.
            owner: who took it.
            why: what came of it.
            retry_at: when it is tried again.
            dead: it is not, until a person says so: an event of the dossier.
        """
        with writing(self._database, self._clock()) as transaction:
            done = self._release(
                transaction.connection,
                one,
                owner,
                error=why.code,
                status=why.status,
                retry_at=retry_at,
                dead_at=transaction.now if dead else None,
            )
            if done and why.whole_target:
                _failing(transaction, one.target_id)
            if done and dead:
                tell(transaction, "delivery_dead", SERVICE, one)
            return done

    @staticmethod
    def _release(connection: sa.Connection, one: Delivery, owner: str, **values: object) -> bool:
        changed = connection.execute(
            sa.update(delivery)
            .where(delivery.c.id == one.id, delivery.c.lease_owner == owner, OPEN)
            .values(lease_owner=None, lease_until=None, attempts=delivery.c.attempts + 1, **values)
        )
        return changed.rowcount == 1

    def forget(self, before: datetime) -> int:
        """What was delivered before then is known by its event alone; how much it was."""
        with self._database.write() as connection:
            return connection.execute(
                sa.delete(delivery).where(delivery.c.delivered_at < before)
            ).rowcount

    def end_leases(self, owner: str) -> int:
        """What a sender that is known to be dead was sending is free again; how much it was."""
        with self._database.write() as connection:
            return connection.execute(
                sa.update(delivery)
                .where(delivery.c.lease_owner == owner, OPEN)
                .values(lease_owner=None, lease_until=None)
            ).rowcount


def _failing(transaction: Writing, target_id: int) -> None:
    """One more failure of a system; after some in a row it is left alone for a while.

    What was on its way when that began, and fails as well, tells nothing new.
    """
    where, now = delivery_target.c.id == target_id, transaction.now
    not_resting = sa.or_(delivery_target.c.retry_at.is_(None), delivery_target.c.retry_at <= now)
    failures: int | None = transaction.connection.execute(
        sa.update(delivery_target)
        .where(where, not_resting)
        .values(
            failures=delivery_target.c.failures + 1,
            failing_since=sa.func.coalesce(
                delivery_target.c.failing_since, sa.bindparam("begun", now)
            ),
        )
        .returning(delivery_target.c.failures)
    ).scalar()
    if failures is not None and failures >= IN_A_ROW:
        pause = min(LEFT_ALONE, 2.0 ** min(failures - IN_A_ROW, 10))
        transaction.connection.execute(
            sa.update(delivery_target).where(where).values(retry_at=now + timedelta(seconds=pause))
        )


def target_name(connection: sa.Connection, target_id: int) -> str:
    """What a system is called."""
    query = sa.select(delivery_target.c.name).where(delivery_target.c.id == target_id)
    return str(connection.execute(query).scalar_one())


def tell(transaction: Writing, kind: str, actor: str, about: Delivery) -> None:
    """The event of a dossier about what was on its way to a system."""
    transaction.append(
        kind,
        actor,
        dossier_id=about.dossier_id,
        document_id=about.document_id,
        data={
            "target": target_name(transaction.connection, about.target_id),
            "news": about.news.value,
            "of": about.seq,
            "key": about.key,
        },
    )
