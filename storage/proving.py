"""Proving the ledger: the log by its hashes, the rows by the events, the end by what lies outside.

Nothing is signed or published before :meth:`Proving.prove`. It costs the events since the last
time, a slice of the older ones, and the dossier at hand; a whole pass is that of ``sohoa doctor``
and of the night.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

import sqlalchemy as sa

from schemas.errors import NotTrusted
from storage import accepting, chain, findings, queries
from storage.chain import START, Position
from storage.database import Database
from storage.head import keep_head, kept_head
from storage.ledger_reads import LedgerReads
from storage.records import Document, Dossier, Head, KeptObject, LedgerFinding
from storage.replay import Contradiction, contradictions, orphans
from storage.tables import dossier

Looked = TypeVar("Looked")
Clock = Callable[[], datetime]
"""Gives the time now, aware."""

AT_FIRST = 50_000
"""Events that a process looks at before it signs for the first time: about a second."""
SLICE = 100
"""Older events looked at again each time: about 2 ms."""

BROKEN = "chain_broken"
SHORTENED = "log_shortened"
CONTRADICTS = "row_contradicts"


@dataclass(frozen=True)
class Proven:
    """A dossier whose rows are what its events say."""

    dossier: Dossier
    documents: tuple[Document, ...]
    objects: tuple[KeptObject, ...]
    head: Head
    """The end of the event log at that moment."""


@dataclass
class _Seen:
    """What this process has looked at, newest events and older ones apart."""

    end: Position = START
    older: Position = START
    started: bool = False
    rows: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass(frozen=True)
class Trouble:
    """Why the ledger cannot be trusted, before it is written down."""

    code: str
    place: str
    dossier_id: int | None = None


_COUNT = sa.select(sa.func.count()).select_from(dossier)


@dataclass(frozen=True)
class LedgerAccepted:
    """What an operator accepted or restored."""

    breaks: int
    dossiers: int
    restored: int


class Proving(LedgerReads):
    """The part of :class:`storage.Ledger` that checks, and that operators accept."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """``clock`` gives the time now, aware."""
        super().__init__(database)
        self._clock = clock
        self._seen = _Seen()

    def prove(self, dossier_id: int, *, alone: bool = False) -> Proven:
        """The dossier as its events prove it, with the log behind it intact as far as is known.

        Asked before anything is signed, published or fetched. Finds at once: an event of this
        dossier that was changed; a row of it that its events do not say; whatever was done to the
        log's end. What was done to older events of other dossiers is found slice by slice.

        Args:
            dossier_id: which one.
            alone: look at this dossier only: its results may be fetched while something else in
                the ledger waits for an operator.

        Raises:
            NotTrusted: the ledger contradicts itself, now or since an earlier look that no
                operator has answered. What was found is in :meth:`findings`.
            NotFound: no such dossier.
        """
        with self._looking() as (connection, kept):
            accepted = chain.accepted_breaks(connection)
            trouble = None if alone else self._stopping(connection, kept, accepted)
            trouble = trouble or _dossier_trouble(connection, dossier_id, accepted)
            if trouble is None:
                return self._proven(connection, dossier_id)
        raise self._doubt(trouble)

    def _proved(self, look: Callable[[sa.Connection], Looked]) -> Looked:
        """What ``look`` finds in a ledger whose log is intact as far as is known.

        Raises:
            NotTrusted: it is not, or something waits for an operator; or as ``look``.
        """
        with self._looking() as (connection, kept):
            trouble = self._stopping(connection, kept, chain.accepted_breaks(connection))
            if trouble is None:
                return look(connection)
        raise self._doubt(trouble)

    def _stopping(
        self, connection: sa.Connection, kept: Head | None, accepted: dict[int, str]
    ) -> Trouble | None:
        """What is found wrong with the log now; raises where something was found before."""
        stop = findings.stopping(connection)
        if stop is not None:
            raise NotTrusted("storing.ledger_doubted", what=stop.code, place=stop.place)
        return self._log_trouble(connection, kept, accepted, SLICE)

    def look_over(self, *, events: int, dossiers: int) -> bool:
        """Look at a few more of the older events and of the dossiers; whether all was right.

        Called again and again it goes round everything; what it finds stops signing.
        """
        with self._looking() as (connection, kept):
            if findings.stopping(connection) is not None:
                return False
            accepted = chain.accepted_breaks(connection)
            trouble = self._log_trouble(connection, kept, accepted, events)
            ids = _ids(connection, self._seen.rows, dossiers)
            for dossier_id in ids:
                trouble = trouble or _dossier_trouble(connection, dossier_id, accepted)
            self._seen.rows = ids[-1] if len(ids) == dossiers else 0
        if trouble is not None:
            self._doubt(trouble)
        return trouble is None

    def examine(
        self,
        *,
        newest: int | None = None,
        seen: Callable[[int, int], None] = lambda _done, _all: None,
    ) -> tuple[Trouble, ...]:
        """Look at the whole log, and at the rows of the dossiers; what is wrong is written down.

        Args:
            newest: only the rows of so many dossiers, those made last.
            seen: told after each hundred dossiers how many are done, and of how many.
        """
        wrong: list[Trouble] = []
        kept = kept_head(self._database.options.head_file)
        with self._database.read(snapshot=True) as connection:
            accepted = chain.accepted_breaks(connection)
            done = chain.walk(connection, START, accepted=accepted)
            log = _log_trouble_of(done, chain.head_of(connection)) or self._end_trouble(
                connection, kept
            )
            wrong += [log] if log else []
            wrong += [Trouble(CONTRADICTS, f"dossier {one}.*", one) for one in orphans(connection)]
            total = connection.execute(_COUNT).scalar_one()
            first = looked = 0
            if newest is not None and total > newest:
                first, total = _newest_from(connection, newest), newest
            while ids := _ids(connection, first, 100):
                for dossier_id in ids:
                    found = _dossier_trouble(connection, dossier_id, accepted)
                    wrong += [found] if found else []
                first, looked = ids[-1], looked + len(ids)
                seen(looked, total)
        for one in wrong:
            self._doubt(one)
        return tuple(wrong)

    @contextmanager
    def _looking(self) -> Iterator[tuple[sa.Connection, Head | None]]:
        """One state of the ledger, and the end that was kept before it.

        In this order: an end that another process or thread has seen since is no lost one.
        """
        with self._seen.lock:
            kept = kept_head(self._database.options.head_file)
            with self._database.read(snapshot=True) as connection:
                yield connection, kept

    def _log_trouble(
        self, connection: sa.Connection, kept: Head | None, accepted: dict[int, str], older: int
    ) -> Trouble | None:
        """What is wrong with the end, the events since the last look, or a slice of the others."""
        seen = self._seen
        if not seen.started:
            older = AT_FIRST
            seen.end = self._begin_at(connection, kept)
        trouble = self._end_trouble(connection, kept)
        for place in (seen.end, seen.older):
            if trouble is None and not chain.stands_at(connection, place):
                trouble = Trouble(BROKEN, f"event {place.seq}")
        if trouble is None:
            newer = chain.walk(connection, seen.end, accepted=accepted)
            trouble = _log_trouble_of(newer, chain.head_of(connection))
            again = chain.walk(connection, seen.older, limit=older, accepted=accepted)
            if trouble is None and again.breaks:
                trouble = Trouble(BROKEN, f"event {again.breaks[0].expected}")
            around = again.reached.seq >= newer.reached.seq
            seen.started, seen.end = True, newer.reached
            seen.older = START if around else again.reached
        if trouble is not None:
            self._forget()
        return trouble

    def _forget(self) -> None:
        """Look at everything again next time."""
        self._seen.started, self._seen.end, self._seen.older = False, START, START

    def _begin_at(self, connection: sa.Connection, kept: Head | None) -> Position:
        """Where the first look of a process begins: at the kept end of a long log."""
        if kept is None or kept.seq < AT_FIRST:
            return START
        position = Position(kept.seq, kept.hash)
        return position if chain.stands_at(connection, position) else START

    def _end_trouble(self, connection: sa.Connection, kept: Head | None) -> Trouble | None:
        """Whether the log still holds the end that was kept beside it."""
        if kept is None or self.holds(kept, connection):
            return None
        return Trouble(SHORTENED, f"event {kept.seq}")

    def holds(self, head: Head, connection: sa.Connection | None = None) -> bool:
        """Whether the log holds an end that was kept outside, or an operator answered since."""
        if connection is None:
            with self._database.read() as made:
                return self.holds(head, made)
        if chain.stands_at(connection, Position(head.seq, head.hash)):
            return True
        answered = chain.last_acceptance(connection)
        return answered is not None and answered >= head.at

    def _proven(self, connection: sa.Connection, dossier_id: int) -> Proven:
        end = chain.head_of(connection) or START
        return Proven(
            dossier=queries.dossier_by_id(connection, dossier_id),
            documents=tuple(queries.documents(connection, dossier_id)),
            objects=tuple(queries.objects(connection, dossier_id)),
            head=Head(seq=end.seq, hash=end.hash, at=self._clock()),
        )

    def keep_head(self) -> None:
        """Keep the end of the log beside the ledger, where the options say.

        Raises:
            OSError: it cannot be written.
        """
        if self._database.options.head_file is None:
            return
        with self._database.read() as connection:
            end = chain.head_of(connection)
        if end is not None:
            head = Head(seq=end.seq, hash=end.hash, at=self._clock())
            keep_head(self._database.options.head_file, head)

    def _doubt(self, trouble: Trouble) -> NotTrusted:
        self.found(trouble.code, trouble.place, dossier_id=trouble.dossier_id, stops=True)
        return NotTrusted("storing.ledger_doubted", what=trouble.code, place=trouble.place)

    # Findings

    def findings(
        self, dossier_id: int | None = None, limit: int | None = None
    ) -> list[LedgerFinding]:
        """What was found wrong and is neither mended nor accepted, oldest first."""
        with self._database.read() as connection:
            return findings.open_findings(connection, dossier_id, limit)

    def found(
        self,
        code: str,
        place: str,
        *,
        dossier_id: int | None = None,
        document_id: int | None = None,
        stops: bool = False,
        actor: str = "sohoa",
    ) -> None:
        """Write down what is wrong, with an event; once, however often it is found."""
        findings.found(
            self._database,
            self._clock(),
            code,
            place,
            dossier_id=dossier_id,
            document_id=document_id,
            stops=stops,
            actor=actor,
        )

    def end_findings(self, ids: Sequence[int], actor: str = "sohoa") -> list[LedgerFinding]:
        """These are mended; those that were open. Not for those that stop signing: see accept."""
        if not ids:
            return []
        now = self._clock()
        with chain.writing(self._database, now) as transaction:
            return findings.ended(transaction, now, ids, actor)

    def accept(self, reason: str, actor: str, *, restore: bool = False) -> LedgerAccepted:
        """An operator says that the ledger may be trusted again, and why.

        The log's breaks and its end are taken as they stand, each by its fingerprint, so that
        another change is found again. Rows that contradict their events are taken as they stand,
        too, or, with ``restore``, set back to what the events say where that can be. One event
        says all this.

        Args:
            reason: the operator's words; they are kept in the log for ever, and must name nobody.
            actor: who says so.
            restore: set rows back instead of taking them as they stand.

        Raises:
            Conflict: a row holds what cannot be, or is gone, and so cannot be taken as it stands
                or set back: a backup must be restored.
        """
        now = self._clock()
        with self._database.write() as connection:
            done = accepting.accept(connection, now, reason, actor, restore=restore)
        keep_head(
            self._database.options.head_file,
            Head(seq=done.end.seq, hash=done.end.hash, at=now),
            backwards=True,
        )
        with self._seen.lock:
            self._forget()
        return LedgerAccepted(done.breaks, done.dossiers, done.restored)

    def dossier_ids(self, after: int = 0, limit: int = 100) -> list[int]:
        """Ids of the dossiers after ``after``, in order: a way through all that needs no memory."""
        with self._database.read() as connection:
            return _ids(connection, after, limit)

    def count_dossiers(self) -> int:
        """How many dossiers there are."""
        with self._database.read() as connection:
            return connection.execute(_COUNT).scalar_one()


def _log_trouble_of(done: chain.Walk, head: Position | None) -> Trouble | None:
    if done.breaks:
        return Trouble(BROKEN, f"event {done.breaks[0].expected}")
    if head != done.reached:
        return Trouble(SHORTENED, f"event {min(done.reached.seq, head.seq if head else 0) + 1}")
    return None


def _dossier_trouble(
    connection: sa.Connection, dossier_id: int, accepted: dict[int, str]
) -> Trouble | None:
    forged = chain.forged_in(connection, dossier_id, accepted)
    if forged is not None:
        return Trouble(BROKEN, f"event {forged}", dossier_id)
    wrong: list[Contradiction] = contradictions(connection, dossier_id)
    return Trouble(CONTRADICTS, wrong[0].place, dossier_id) if wrong else None


def _ids(connection: sa.Connection, after: int, limit: int) -> list[int]:
    query = sa.select(dossier.c.id).where(dossier.c.id > after).order_by(dossier.c.id).limit(limit)
    return list(connection.execute(query).scalars())


def _newest_from(connection: sa.Connection, count: int) -> int:
    """After which id the newest dossiers begin."""
    query = sa.select(dossier.c.id).order_by(dossier.c.id.desc()).offset(count).limit(1)
    return int(connection.execute(query).scalar() or 0)


__all__ = ["LedgerAccepted", "Proven", "Proving", "Trouble"]
