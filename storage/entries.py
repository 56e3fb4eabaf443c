"""Double entry: two people say of a document's fields what stands there, neither seeing the other.

Where both say the same, that is a decision (:mod:`storage.decisions`); what they say differently
stays open for a third person. Until both are done nothing of it is a decision, nor in an event.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from pydantic import Field, JsonValue

from schemas.errors import Conflict, NotFound
from schemas.page import Frozen
from schemas.work import DecisionKind
from storage import decisions, marks
from storage.chain import Writing, writing
from storage.database import Database
from storage.proving import Clock
from storage.queries import document_by_id
from storage.records import Document, NewDecision, Sha256
from storage.sheet_tables import entry, entry_turn

ABANDONED = timedelta(hours=8)
"""Who has entered nothing for so long has left: somebody else begins that turn anew."""
SETTLING = 3
"""The turn of the person who settles what two said differently."""


class EntryTurn(Frozen):
    """Who enters a document first (1), or second (2)."""

    number: int
    made_by: str
    moved_at: datetime
    done_at: datetime | None


class Entry(Frozen):
    """What one of the two says of a field."""

    id: int
    turn: int
    path: str
    kind: DecisionKind
    value: str | None = Field(repr=False)
    key: str
    made_at: datetime

    def says_as(self, other: "Entry") -> bool:
        """Whether both say the same."""
        return (self.kind, self.value) == (other.kind, other.value)


class Entered(Frozen):
    """A document that is entered twice, as far as it has come."""

    turns: tuple[EntryTurn, ...] = ()
    entries: tuple[Entry, ...] = Field((), repr=False)

    def of_turn(self, number: int) -> dict[str, Entry]:
        """What was entered in one turn, by path."""
        return {one.path: one for one in self.entries if one.turn == number}


def turn_of(turns: Sequence[EntryTurn], actor: str, now: datetime, document: str) -> int:
    """Which turn is somebody's: 1, 2, or :data:`SETTLING`. Pure.

    Raises:
        Conflict: ``storing.entered_once``, they have entered it already;
            ``storing.being_entered``, somebody else is at it.
    """
    if any(one.made_by == actor and one.done_at is not None for one in turns):
        raise Conflict("storing.entered_once", document=document)
    known = {one.number: one for one in turns}
    for number in (1, 2):
        one = known.get(number)
        if one is None or (one.done_at is None and one.made_by == actor):
            return number
        if one.done_at is None:
            if now - one.moved_at >= ABANDONED:
                return number
            raise Conflict("storing.being_entered", document=document)
    return SETTLING


_ENTRY = tuple(entry.c[name] for name in Entry.model_fields)
_TURN = tuple(entry_turn.c[name] for name in EntryTurn.model_fields)


class Entries:
    """What is entered twice. Made by :attr:`storage.Ledger.entries`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def entered(self, document: Document) -> Entered:
        """How far the double entry of a document has come."""
        with self._database.read() as connection:
            return _entered(connection, document)

    def turn(self, document: Document, actor: str) -> int:
        """Which turn is somebody's.

        Raises:
            Conflict: as :func:`turn_of`.
        """
        return turn_of(self.entered(document).turns, actor, self._clock(), document.label)

    def save(self, document_id: int, new: NewDecision, actor: str, *, based_on: Sha256) -> Entry:
        """Save what one of the two says of a field; what they say of it now.

        Sent again it changes nothing. Who is the first to say something takes the turn.

        Args:
            document_id: of a document under review.
            new: what is said; ``replaces`` is the id of their entry that was seen.
            actor: who says so.
            based_on: hash of the manifest that the person saw.

        Raises:
            Conflict: as :func:`turn_of`; it is not under review with that manifest; or
                ``storing.field_decided``, they said otherwise in another window.
        """
        with writing(self._database, self._clock()) as transaction:
            now = document_by_id(transaction.connection, document_id)
            decisions.under_review(transaction, now, based_on)
            number = _take_turn(transaction, now, actor)
            there = _entered(transaction.connection, now).of_turn(number).get(new.path)
            if there is not None and (
                there.key == new.key or (there.kind, there.value) == (new.kind, new.value)
            ):
                return there
            if (there.id if there else None) != new.replaces:
                raise Conflict("storing.field_decided", document=now.label, field=new.path)
            _forget(transaction.connection, entry.c.id == (there.id if there else -1))
            return _insert(transaction, now, number, new)

    def undo(self, document_id: int, ids: Collection[int], actor: str) -> None:
        """Forget entries of the turn that somebody is at; those that are gone are gone.

        Raises:
            Conflict: as :func:`turn_of`.
            NotFound: ``storing.no_decision``, one is another's.
        """
        with writing(self._database, self._clock()) as transaction:
            now = document_by_id(transaction.connection, document_id)
            found = _entered(transaction.connection, now)
            number = turn_of(found.turns, actor, transaction.now, now.label)
            if any(one.id in ids and one.turn != number for one in found.entries):
                raise NotFound("storing.no_decision")
            _forget(transaction.connection, entry.c.id.in_(sorted(ids)) & (entry.c.turn == number))

    def end(self, document_id: int, actor: str, *, based_on: Sha256) -> tuple[str, ...]:
        """Somebody has entered everything; paths that both entered, and differently.

        After the second turn what both said is decided.

        Raises:
            Conflict: as :func:`turn_of`, or it is not under review with that manifest.
        """
        with writing(self._database, self._clock()) as transaction:
            now = document_by_id(transaction.connection, document_id)
            decisions.under_review(transaction, now, based_on)
            number = _take_turn(transaction, now, actor)
            found = _entered(transaction.connection, now)
            transaction.connection.execute(
                sa.update(entry_turn)
                .where(*_of(entry_turn, now), entry_turn.c.number == number)
                .values(done_at=transaction.now)
            )
            _tell(transaction, now, number, actor)
            if number == 1:
                return ()
            first, second = found.of_turn(1), found.of_turn(2)
            same = [path for path in second if path in first and second[path].says_as(first[path])]
            decided = [
                NewDecision(
                    path=path,
                    kind=second[path].kind,
                    value=second[path].value,
                    key=second[path].key,
                )
                for path in same
            ]
            decisions.record(transaction, now, decided, actor)
            return tuple(sorted((set(first) | set(second)) - set(same)))


def _of(table: sa.Table, now: Document) -> tuple[sa.ColumnElement[bool], ...]:
    """Rows of a document, as it was read last."""
    base = now.reading_sha256 or now.manifest_sha256
    return (table.c.document_id == now.id, table.c.manifest_sha256 == base)


def _entered(connection: sa.Connection, now: Document) -> Entered:
    turns = sa.select(*_TURN).where(*_of(entry_turn, now)).order_by(entry_turn.c.number)
    entries = sa.select(*_ENTRY).where(*_of(entry, now)).order_by(entry.c.id)
    return Entered(
        turns=tuple(EntryTurn(**row) for row in connection.execute(turns).mappings()),
        entries=tuple(Entry(**row) for row in connection.execute(entries).mappings()),
    )


def _take_turn(transaction: Writing, now: Document, actor: str) -> int:
    """The turn of somebody who enters something, 1 or 2; noted as theirs.

    Raises:
        Conflict: as :func:`turn_of`; ``storing.entered_once`` where both are done.
    """
    connection = transaction.connection
    turns = _entered(connection, now).turns
    number = turn_of(turns, actor, transaction.now, now.label)
    if number == SETTLING:
        raise Conflict("storing.entered_once", document=now.label)
    mine = (*_of(entry_turn, now), entry_turn.c.number == number)
    if any(one.number == number and one.made_by != actor for one in turns):  # they have left
        _forget(connection, *_of(entry, now), entry.c.turn == number)
        connection.execute(sa.delete(entry_turn).where(*mine))
        turns = ()
    if any(one.number == number for one in turns):
        connection.execute(sa.update(entry_turn).where(*mine).values(moved_at=transaction.now))
    else:
        connection.execute(
            sa.insert(entry_turn).values(
                document_id=now.id,
                manifest_sha256=now.manifest_sha256,
                number=number,
                made_by=actor,
                moved_at=transaction.now,
            )
        )
    return number


def _insert(transaction: Writing, now: Document, number: int, new: NewDecision) -> Entry:
    row = transaction.connection.execute(
        sa.insert(entry)
        .values(
            document_id=now.id,
            manifest_sha256=now.manifest_sha256,
            turn=number,
            path=new.path,
            kind=new.kind.value,
            value=new.value,
            salt=marks.new_salt(),
            key=new.key,
            made_at=transaction.now,
        )
        .returning(*_ENTRY)
    ).mappings()
    return Entry(**row.one())


def _forget(connection: sa.Connection, *which: sa.ColumnElement[bool]) -> None:
    connection.execute(sa.delete(entry).where(*which))


def _tell(transaction: Writing, now: Document, number: int, actor: str) -> None:
    """The event of a turn that is done: its values are told by their salted marks alone."""
    columns = (entry.c.path, entry.c.kind, entry.c.value, entry.c.salt)
    rows = transaction.connection.execute(
        sa.select(*columns).where(*_of(entry, now), entry.c.turn == number).order_by(entry.c.id)
    )
    entered: list[JsonValue] = [
        {"path": path, "kind": kind, "mark": marks.mark(salt, value)}
        for path, kind, value, salt in rows
    ]
    transaction.append(
        "entered",
        actor,
        dossier_id=now.dossier_id,
        document_id=now.id,
        hash_before=now.manifest_sha256,
        data={"turn": number, "entered": entered},
    )
