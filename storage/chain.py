"""The event log: every write transaction appends to it, each event holding the hash of the last.

The hash of an event is the SHA-256 of the canonical JSON of all its columns with that of the event
before it, so that nothing in it can be changed, inserted, removed or moved without every later
hash changing. ``chain_head`` keeps the last hash once more, so that a missing end is seen too.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from pydantic import JsonValue

from storage.database import Database
from storage.records import ChainReport, Event
from storage.tables import canonical, chain_head, event

_FORMAT = "sohoa-event-1"

# Statements of every transaction are built once: building them is most of what they cost.
_HEAD = sa.select(chain_head.c.seq, chain_head.c.hash).where(chain_head.c.id == 1)
_LOCK_HEAD = _HEAD.with_for_update()
_MOVE_HEAD = (
    sa.update(chain_head)
    .where(chain_head.c.id == 1)
    .values(seq=sa.bindparam("new_seq"), hash=sa.bindparam("new_hash"))
)
_APPEND = sa.insert(event)


def event_hash(row: Mapping[str, Any]) -> str:
    """The hash of an event from its columns (``data`` as the stored text)."""
    text = canonical(
        [
            _FORMAT,
            row["seq"],
            row["at"].astimezone(UTC).isoformat(timespec="microseconds"),
            row["actor"],
            row["kind"],
            row["dossier_id"],
            row["document_id"],
            row["hash_before"],
            row["hash_after"],
            row["data"],
            row["prev_hash"],
        ]
    )
    return hashlib.sha256(text.encode()).hexdigest()


def hash_of(one: Event) -> str:
    """The hash that an event must have by what it says; for evidence checked without a ledger."""
    return event_hash({**one.model_dump(), "data": canonical(dict(one.data))})


class Writing:
    """One write transaction with its place in the event log.

    Holding the row of ``chain_head`` keeps other writers out until the end, in PostgreSQL too.
    """

    def __init__(self, connection: sa.Connection, now: datetime) -> None:
        self.connection = connection
        self.now = now
        head = connection.execute(_LOCK_HEAD).one()
        self._written_seq: int = head.seq
        self._seq: int = head.seq
        self._hash: str = head.hash

    def append(
        self,
        kind: str,
        actor: str,
        *,
        dossier_id: int | None = None,
        document_id: int | None = None,
        hash_before: str | None = None,
        hash_after: str | None = None,
        data: Mapping[str, JsonValue] | None = None,
    ) -> dict[str, Any]:
        """Add an event; its columns."""
        row: dict[str, Any] = {
            "seq": self._seq + 1,
            "at": self.now,
            "actor": actor,
            "kind": kind,
            "dossier_id": dossier_id,
            "document_id": document_id,
            "hash_before": hash_before,
            "hash_after": hash_after,
            "data": canonical(dict(data or {})),
            "prev_hash": self._hash,
        }
        row["hash"] = event_hash(row)
        self.connection.execute(_APPEND, row)
        self._seq, self._hash = row["seq"], row["hash"]
        return row

    def finish(self) -> None:
        """Note the new end of the log."""
        if self._seq != self._written_seq:
            self.connection.execute(_MOVE_HEAD, {"new_seq": self._seq, "new_hash": self._hash})


@contextmanager
def writing(database: Database, now: datetime) -> Iterator[Writing]:
    """A write transaction that may append events."""
    with database.write() as connection:
        transaction = Writing(connection, now)
        yield transaction
        transaction.finish()


def verify(database: Database) -> ChainReport:
    """Compute the whole log again. See :meth:`storage.Ledger.verify_chain`."""
    seq, last = 0, "0" * 64
    with database.read(snapshot=True) as connection:
        head = connection.execute(_HEAD).first()
        rows = connection.execution_options(yield_per=1000).execute(
            sa.select(*_AS_STORED).order_by(event.c.seq)
        )
        for row in map(dict, rows.mappings()):
            follows = row["seq"] == seq + 1 and row["prev_hash"] == last
            if not follows or row["hash"] != _hash_as_stored(row):
                return _broken(connection, seq + 1)
            seq, last = seq + 1, row["hash"]
        if head is None or head.seq != seq or head.hash != last:
            return _broken(connection, min(seq, head.seq if head else 0) + 1)
    return ChainReport(intact=True, events=seq, first_broken_seq=None)


_AS_STORED = tuple(
    sa.type_coerce(column, sa.types.NullType()).label(column.name) for column in event.c
)
"""The columns as the driver gives them: a forged value must not break the reading of its row."""


def _hash_as_stored(row: Mapping[str, Any]) -> str | None:
    """The hash of an event, or ``None`` where a column does not hold what belongs into it."""
    try:
        at = row["at"]
        if not isinstance(at, datetime):
            at = datetime.fromisoformat(at).replace(tzinfo=UTC)
        return event_hash({**row, "at": at})
    except (ValueError, TypeError):
        return None


def _broken(connection: sa.Connection, seq: int) -> ChainReport:
    count = connection.execute(sa.select(sa.func.count()).select_from(event)).scalar_one()
    return ChainReport(intact=False, events=count, first_broken_seq=seq)


def as_event(row: Mapping[str, Any]) -> Event:
    """The record of a row."""
    return Event(**{**row, "data": json.loads(row["data"])})
