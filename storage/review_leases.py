"""Who has a document open for review, until when. Only that somebody took over is an event.

Decisions are safe without it (each names what it replaces); it keeps two people from the same work.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

import sqlalchemy as sa
from pydantic import Field

from schemas.page import Frozen
from storage.chain import writing
from storage.database import Database
from storage.proving import Clock
from storage.queries import document_by_id
from storage.rescan_tables import review_lease

TAKEN_OVER = "review_taken_over"
"""The kind of the event."""


class ReviewLease(Frozen):
    """Somebody has a document open."""

    document_id: int
    holder: str
    mark: str = Field(description="of the page that was opened last")
    since: datetime
    until: datetime


_COLUMNS = tuple(review_lease.c[name] for name in ReviewLease.model_fields)
_OF = sa.select(*_COLUMNS).where(review_lease.c.document_id == sa.bindparam("document"))


class ReviewLeases:
    """Leases of documents under review. Made by :attr:`storage.Ledger.review_leases`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def take(
        self, document_id: int, holder: str, length: timedelta, *, mark: str | None = None
    ) -> ReviewLease:
        """Take a document, or hold it longer; the lease that stands, perhaps somebody else's.

        Args:
            document_id: which.
            holder: who takes it.
            length: how long it is theirs, if nothing is heard of them.
            mark: names a page that is opened; None: one that is open already.
        """
        now = self._clock()
        with self._database.write() as connection:
            self._database.insert_missing(
                connection, review_lease, document_id=document_id, holder=holder, mark=mark or "",
                since=now, until=now + length,
            )  # fmt: skip
            query = _OF.with_for_update()
            found = connection.execute(query, {"document": document_id}).mappings().one()
            known = ReviewLease(**found)
            if known.holder != holder and known.until > now:
                return known
            since = known.since if known.holder == holder and known.until > now else now
            opened = known.mark if mark is None else mark
            return _set(connection, document_id, holder, opened, since, now + length)

    def take_over(self, document_id: int, holder: str, length: timedelta) -> ReviewLease:
        """Take a document that somebody else has open, and say so.

        Raises:
            NotFound: no such document.
        """
        now = self._clock()
        with writing(self._database, now) as transaction:
            connection = transaction.connection
            document = document_by_id(connection, document_id)
            row = connection.execute(_OF, {"document": document_id}).mappings().first()
            known = ReviewLease(**row) if row else None
            if known is None:
                self._database.insert_missing(
                    connection, review_lease, document_id=document_id, holder=holder, mark="",
                    since=now, until=now + length,
                )  # fmt: skip
            elif known.holder != holder and known.until > now:
                transaction.append(
                    TAKEN_OVER,
                    holder,
                    dossier_id=document.dossier_id,
                    document_id=document_id,
                    data={"before": known.holder, "after": holder},
                )
            return _set(connection, document_id, holder, "", now, now + length)

    def let_go(self, document_id: int, holder: str, mark: str | None = None) -> None:
        """The holder has left it, or the page with this mark alone."""
        own = [review_lease.c.document_id == document_id, review_lease.c.holder == holder]
        if mark is not None:
            own.append(review_lease.c.mark == mark)
        with self._database.write() as connection:
            connection.execute(sa.delete(review_lease).where(*own))

    def of(self, document_ids: Collection[int]) -> dict[int, ReviewLease]:
        """The leases of these documents that have not run out."""
        query = sa.select(*_COLUMNS).where(
            review_lease.c.until > self._clock(), review_lease.c.document_id.in_(document_ids)
        )
        with self._database.read() as connection:
            found = [ReviewLease(**row) for row in connection.execute(query).mappings()]
        return {one.document_id: one for one in found}


def _set(
    connection: sa.Connection,
    document_id: int,
    holder: str,
    mark: str,
    since: datetime,
    until: datetime,
) -> ReviewLease:
    connection.execute(
        sa.update(review_lease)
        .where(review_lease.c.document_id == document_id)
        .values(holder=holder, mark=mark, since=since, until=until)
    )
    return ReviewLease(document_id=document_id, holder=holder, mark=mark, since=since, until=until)
