"""What operators see and do about news on its way, and what the systems that get them say."""

from collections.abc import Collection, Sequence

import sqlalchemy as sa

from schemas.delivery import News
from schemas.errors import Conflict, NotFound
from schemas.page import Frozen
from storage.chain import writing
from storage.database import Database
from storage.delivery_tables import delivery, delivery_target
from storage.outbox import COLUMNS, OPEN, Delivery, target_name, tell
from storage.outgoing import Happened, row
from storage.proving import Clock
from storage.tables import document, dossier


class ListedDelivery(Frozen):
    """A piece of news as operators see it."""

    one: Delivery
    target: str
    dossier: str
    department: str
    document: int | None


_ALIVE = delivery.c.dead_at.is_(None)


class Deliveries:
    """What is on its way, and was. Made by :attr:`storage.Ledger.deliveries`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def listed(
        self,
        targets: Collection[int],
        *,
        dead: bool | None = None,
        limit: int = 50,
    ) -> list[ListedDelivery]:
        """What is on its way, in its order.

        Args:
            targets: to these.
            dead: those alone that are, or are not.
            limit: how many at most.
        """
        query = (
            sa.select(
                *COLUMNS,
                delivery_target.c.name.label("target"),
                dossier.c.code.label("dossier"),
                dossier.c.department,
                document.c.number.label("document"),
            )
            .join(delivery_target, delivery_target.c.id == delivery.c.target_id)
            .join(dossier, dossier.c.id == delivery.c.dossier_id)
            .outerjoin(document, document.c.id == delivery.c.document_id)
            .where(OPEN, delivery.c.target_id.in_(targets))
            .order_by(delivery.c.id)
            .limit(limit)
        )
        if dead is not None:
            query = query.where(delivery.c.dead_at.is_not(None) if dead else _ALIVE)
        shown = ("target", "dossier", "department", "document")
        with self._database.read() as connection:
            return [
                ListedDelivery(
                    one=Delivery(**{name: found[name] for name in Delivery.model_fields}),
                    **{name: found[name] for name in shown},
                )
                for found in connection.execute(query).mappings()
            ]

    def retry(self, target_id: int, actor: str, *, numbers: Sequence[int] | None = None) -> int:
        """Dead ones are tried again, for as many days; how many there were. An event if any.

        Args:
            target_id: to this system.
            actor: who says so.
            numbers: these alone; None: all of them.
        """
        with writing(self._database, self._clock()) as transaction:
            now = transaction.now
            change = (
                sa.update(delivery)
                .where(delivery.c.target_id == target_id, OPEN, delivery.c.dead_at.is_not(None))
                .values(dead_at=None, since=now, retry_at=now, attempts=0)
            )
            if numbers is not None:
                change = change.where(delivery.c.id.in_(numbers))
            count = transaction.connection.execute(change).rowcount
            if count:
                transaction.connection.execute(
                    sa.update(delivery_target)
                    .where(delivery_target.c.id == target_id)
                    .values(retry_at=None)
                )
                name = target_name(transaction.connection, target_id)
                transaction.append(
                    "deliveries_retried", actor, data={"target": name, "count": count}
                )
            return count

    def acknowledge(self, target_id: int, key: str, actor: str) -> Delivery:
        """The system has worked on it. Once an event; repeating changes nothing.

        Raises:
            NotFound: ``storing.no_delivery``, it got none with this key.
        """
        with writing(self._database, self._clock()) as transaction:
            found = _one(transaction.connection, delivery.c.key == key, target_id)
            if found is None:
                raise NotFound("storing.no_delivery")
            if found.acknowledged_at is not None:
                return found
            moment = transaction.now
            transaction.connection.execute(
                sa.update(delivery).where(delivery.c.id == found.id).values(acknowledged_at=moment)
            )
            tell(transaction, "delivery_acknowledged", actor, found)
            return found.model_copy(update={"acknowledged_at": moment})

    def ask(self, target_id: int, dossier_id: int, asked_key: str, actor: str) -> Delivery:
        """The system asked how a dossier stands: it is told, in its turn. Once for each key.

        Args:
            target_id: who asked.
            dossier_id: what about.
            asked_key: hash of who asked and the key they gave.
            actor: who asked, as events record it.

        Raises:
            Conflict: ``storing.asked_differs``, the key named another dossier before.
        """
        with writing(self._database, self._clock()) as transaction:
            connection = transaction.connection
            known = _one(connection, delivery.c.asked_key == asked_key, target_id)
            if known is not None and known.dossier_id != dossier_id:
                raise Conflict("storing.asked_differs")
            if known is not None:
                return known
            said = transaction.append(
                "status_asked",
                actor,
                dossier_id=dossier_id,
                data={"target": target_name(connection, target_id)},
            )
            happened = Happened(News.status, said["seq"], dossier_id, None)
            made = connection.execute(
                sa.insert(delivery)
                .values(**row(target_id, happened, transaction.now), asked_key=asked_key)
                .returning(*COLUMNS)
            )
            return Delivery(**made.mappings().one())


def _one(
    connection: sa.Connection, which: sa.ColumnElement[bool], target_id: int
) -> Delivery | None:
    query = sa.select(*COLUMNS).where(which, delivery.c.target_id == target_id)
    found = connection.execute(query).mappings().first()
    return None if found is None else Delivery(**found)
