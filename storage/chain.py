"""The event log: every write transaction appends to it, each event holding the hash of the last.

The hash of an event is the SHA-256 of the canonical JSON of all its columns with that of the event
before it, so that nothing in it can be changed, inserted, removed or moved without every later
hash changing. ``chain_head`` keeps the last hash once more, so that a missing end is seen too.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from pydantic import JsonValue

from schemas.errors import NotTrusted
from storage import outgoing
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
        head = connection.execute(_LOCK_HEAD).first()
        if head is None:
            raise NotTrusted("storing.ledger_doubted", what="log_shortened", place="chain_head")
        self._written_seq: int = head.seq
        self._seq: int = head.seq
        self._hash: str = head.hash
        self._told: list[outgoing.Happened] = []

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
        told = outgoing.happened(row, data or {})
        if told is not None:
            self._told.append(told)
        return row

    def finish(self) -> None:
        """Note the new end of the log, and what other systems are to be told."""
        outgoing.enter(self.connection, self._told, self.now)
        if self._seq != self._written_seq:
            self.connection.execute(_MOVE_HEAD, {"new_seq": self._seq, "new_hash": self._hash})


@contextmanager
def writing(database: Database, now: datetime) -> Iterator[Writing]:
    """A write transaction that may append events."""
    with database.write() as connection:
        transaction = Writing(connection, now)
        yield transaction
        transaction.finish()


class Position(NamedTuple):
    """A place in the event log: the last event up to there, and its hash."""

    seq: int
    hash: str


START = Position(0, "0" * 64)
"""Before the first event."""


@dataclass(frozen=True)
class Break:
    """An event that does not follow from the one before, or is not what its hash says.

    Attributes:
        expected: the first number that is missing or changed.
        seq: of the event that stands there; ``None`` at the end of the log.
        fingerprint: hash of that event as it stands and of the place before it, by which an
            operator accepts it.
    """

    expected: int
    seq: int | None
    fingerprint: str


@dataclass(frozen=True)
class Walk:
    """How far the log was followed, and where it is broken."""

    reached: Position
    breaks: tuple[Break, ...]


def walk(
    connection: sa.Connection,
    after: Position,
    *,
    limit: int | None = None,
    accepted: Mapping[int, str] | None = None,
    stop: bool = True,
) -> Walk:
    """Compute the hashes of the events that follow ``after``.

    Args:
        connection: a transaction that sees one state.
        after: where to begin; that event itself is not looked at.
        limit: events at most.
        accepted: breaks that an operator accepted, by number: their fingerprints.
        stop: end at the first break.
    """
    known = accepted or {}
    breaks: list[Break] = []
    rows = connection.execute(
        sa.select(*_AS_STORED)
        .where(event.c.seq > after.seq)
        .order_by(event.c.seq)
        .limit(limit)
        .execution_options(yield_per=1000)
    )
    for row in map(dict, rows.mappings()):
        if not _follows(row, after):
            mark = fingerprint(row, after)
            if known.get(row["seq"]) != mark:
                breaks.append(Break(after.seq + 1, row["seq"], mark))
                if stop:
                    break
        after = Position(row["seq"], row["hash"])
    rows.close()
    return Walk(after, tuple(breaks))


def _follows(row: Mapping[str, Any], before: Position) -> bool:
    return bool(
        row["seq"] == before.seq + 1
        and row["prev_hash"] == before.hash
        and row["hash"] == _hash_as_stored(row)
    )


def fingerprint(row: Mapping[str, Any], before: Position) -> str:
    """What an operator accepts of a break: this row as it stands, at this place."""
    values = [None if value is None else str(value) for value in row.values()]
    return hashlib.sha256(canonical([*before, *values]).encode()).hexdigest()


def head_of(connection: sa.Connection) -> Position | None:
    """Where the log says that it ends."""
    found = connection.execute(_HEAD).first()
    return Position(found.seq, found.hash) if found is not None else None


def last_of(connection: sa.Connection) -> Position:
    """The last event that is there."""
    found = connection.execute(_LAST).first()
    return Position(found.seq, found.hash) if found is not None else START


def stands_at(connection: sa.Connection, position: Position) -> bool:
    """Whether the log holds that event."""
    if position == START:
        return True
    found = connection.execute(_HASH_AT, {"seq": position.seq}).scalar()
    return bool(found == position.hash)


def accepted_breaks(connection: sa.Connection) -> dict[int, str]:
    """The breaks that operators accepted: number of the event → fingerprint."""
    found: dict[int, str] = {}
    for text in connection.execute(_ACCEPTANCES).scalars():
        found |= {one["seq"]: one["fingerprint"] for one in json.loads(text).get("breaks", ())}
    return found


def last_acceptance(connection: sa.Connection) -> datetime | None:
    """When an operator last accepted the ledger as it stands."""
    moment: datetime | None = connection.execute(_LAST_ACCEPTANCE).scalar()
    return moment


def verify(database: Database) -> ChainReport:
    """Compute the whole log again. See :meth:`storage.Ledger.verify_chain`."""
    with database.read(snapshot=True) as connection:
        done = walk(connection, START, accepted=accepted_breaks(connection))
        head = head_of(connection)
        if done.breaks:
            return _broken(connection, done.breaks[0].expected)
        if head != done.reached:
            seq = done.reached.seq
            return _broken(connection, min(seq, head.seq if head else 0) + 1)
        count = connection.execute(_COUNT).scalar_one()
    return ChainReport(intact=True, events=count, first_broken_seq=None)


_AS_STORED = tuple(
    sa.type_coerce(column, sa.types.NullType()).label(column.name) for column in event.c
)
"""The columns as the driver gives them: a forged value must not break the reading of its row."""
_LAST = sa.select(*_AS_STORED).order_by(event.c.seq.desc()).limit(1)
_HASH_AT = sa.select(event.c.hash).where(event.c.seq == sa.bindparam("seq"))
_COUNT = sa.select(sa.func.count()).select_from(event)
_ACCEPTANCES = sa.select(event.c.data).where(event.c.kind == sa.literal_column("'ledger_accepted'"))
_LAST_ACCEPTANCE = (
    sa.select(event.c.at)
    .where(event.c.kind == sa.literal_column("'ledger_accepted'"))
    .order_by(event.c.seq.desc())
    .limit(1)
)
_OF_DOSSIER = (
    sa.select(*_AS_STORED).where(event.c.dossier_id == sa.bindparam("id")).order_by(event.c.seq)
)


_OF_NO_DOSSIER = (
    sa.select(*_AS_STORED)
    .where(event.c.dossier_id.is_(None), event.c.seq >= sa.bindparam("first"))
    .order_by(event.c.seq)
)


def told(connection: sa.Connection, first: int, name: str, value: str) -> list[dict[str, Any]]:
    """The events of no dossier whose data say ``value`` under ``name``, with their data read.

    Args:
        connection: a transaction.
        first: number of the first event to look at.
        name: a key of the events' data.
        value: what stands there.

    Raises:
        NotTrusted: one of them is not what its hash says, which no operator has accepted.
    """
    found: list[dict[str, Any]] = []
    accepted = accepted_breaks(connection)
    for row in map(dict, connection.execute(_OF_NO_DOSSIER, {"first": first}).mappings()):
        if value not in str(row["data"]):
            continue
        if row["hash"] != _hash_as_stored(row) and row["seq"] not in accepted:
            raise NotTrusted(
                "storing.ledger_doubted", what="chain_broken", place=f"event {row['seq']}"
            )
        data = json.loads(row["data"])
        if data.get(name) == value:
            found.append({**row, "data": data})
    return found


def forged_in(
    connection: sa.Connection, dossier_id: int, accepted: Mapping[int, str]
) -> int | None:
    """The first event of a dossier that is not what its hash says, looked at alone."""
    for row in map(dict, connection.execute(_OF_DOSSIER, {"id": dossier_id}).mappings()):
        if row["hash"] != _hash_as_stored(row) and row["seq"] not in accepted:
            return int(row["seq"])
    return None


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
    count = connection.execute(_COUNT).scalar_one()
    return ChainReport(intact=False, events=count, first_broken_seq=seq)


def as_event(row: Mapping[str, Any]) -> Event:
    """The record of a row."""
    return Event(**{**row, "data": json.loads(row["data"])})
