"""Sheets: doubtful zones of one kind that one person looks at together, and what they said.

A zone on a sheet is nobody else's until the sheet is closed or its time is over. What is decided
by a sheet is a decision like any other (:mod:`storage.decisions`); sheets are no part of the event
log. Planted zones show a value that is known to be wrong: no decision ever comes of them.
"""

import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from pydantic import Field

from schemas.dossier import Stage
from schemas.errors import NotFound
from schemas.page import Frozen
from schemas.work import DecisionKind
from storage.database import Database
from storage.decisions import LATELY
from storage.proving import Clock
from storage.queries import of_departments
from storage.sheet_tables import MARKED, sheet, sheet_zone
from storage.tables import decision, document, dossier

KEPT = timedelta(days=90)
"""How long sheets are remembered."""
_AT_HAND = tuple(
    one.value
    for one in (Stage.in_review, Stage.awaiting_approval, Stage.ready_to_sign, Stage.signed)
)
"""Stages at which a document's manifest and pictures are in the office's work folder."""


class NewZone(Frozen):
    """A zone to be put on a sheet."""

    document_id: int
    manifest_sha256: str = Field(description="of the manifest in which it was found")
    path: str
    planted: bool = False
    shown: str | None = Field(None, repr=False, description="the wrong value of a planted zone")


class SheetZone(NewZone):
    """A zone on a sheet, and what came of it."""

    number: int = Field(description="its place on the sheet, from 1")
    wrong: bool | None = Field(description="what the person said; None: nothing yet")
    decision_id: int | None = Field(description="the decision that was made by it")


class Sheet(Frozen):
    """A sheet, and how far it has come."""

    key: str
    kind: str
    made_by: str
    made_at: datetime
    until: datetime
    answered_at: datetime | None
    closed_at: datetime | None
    undone_at: datetime | None


class SettledZone(Frozen):
    """A field about which a person has decided: what stands there is known."""

    document_id: int
    path: str
    kind: DecisionKind
    value: str | None = Field(repr=False)


_SHEET = tuple(sheet.c[name] for name in Sheet.model_fields)
_ZONE = tuple(sheet_zone.c[name] for name in SheetZone.model_fields)


class Sheets:
    """The sheets of the ledger. Made by :attr:`storage.Ledger.sheets`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def open(
        self, kind: str, zones: Sequence[NewZone], actor: str, length: timedelta
    ) -> Sheet | None:
        """A sheet of those zones that are on nobody's; None where no doubtful one is left.

        Args:
            kind: of values.
            zones: in their order on the sheet, planted ones among them.
            actor: whose it is.
            length: how long nobody else gets its zones.
        """
        now, key = self._clock(), secrets.token_hex(16)
        with self._database.write() as connection:
            _tidy(connection, now)
            connection.execute(
                sa.insert(sheet).values(
                    key=key, kind=kind, made_by=actor, made_at=now, until=now + length
                )
            )
            for number, one in enumerate(zones, start=1):
                self._database.insert_missing(
                    connection,
                    sheet_zone,
                    **one.model_dump(),
                    sheet_key=key,
                    number=number,
                    held=not one.planted,
                )
            if not any(not one.planted for one in _zones(connection, key)):
                connection.execute(sa.delete(sheet_zone).where(sheet_zone.c.sheet_key == key))
                connection.execute(sa.delete(sheet).where(sheet.c.key == key))
                return None
            return _sheet(connection, key, actor)

    def hold(self, key: str, length: timedelta) -> None:
        """Nobody else gets the zones of a sheet for ``length`` from now on."""
        now = self._clock()
        with self._database.write() as connection:
            connection.execute(
                sa.update(sheet)
                .where(sheet.c.key == key, sheet.c.until > now)
                .values(until=now + length)
            )

    def present(self, actor: str) -> Sheet | None:
        """The sheet that a person has before them."""
        query = (
            sa.select(*_SHEET)
            .where(
                sheet.c.made_by == actor,
                sheet.c.answered_at.is_(None),
                sheet.c.until > self._clock(),
            )
            .order_by(sheet.c.made_at.desc())
            .limit(1)
        )
        with self._database.read() as connection:
            row = connection.execute(query).mappings().first()
        return None if row is None else Sheet(**row)

    def last(self, actor: str, since: datetime) -> Sheet | None:
        """The sheet that a person has closed last, since then; None where that was undone."""
        query = (
            sa.select(*_SHEET)
            .where(sheet.c.made_by == actor, sheet.c.closed_at >= since)
            .order_by(sheet.c.closed_at.desc())
            .limit(1)
        )
        with self._database.read() as connection:
            row = connection.execute(query).mappings().first()
        found = None if row is None else Sheet(**row)
        return found if found is not None and found.undone_at is None else None

    def find(self, key: str, actor: str) -> Sheet:
        """A person's own sheet.

        Raises:
            NotFound: ``storing.no_sheet``; another's is none.
        """
        with self._database.read() as connection:
            return _sheet(connection, key, actor)

    def zones(self, key: str) -> list[SheetZone]:
        """The zones of a sheet in their order."""
        with self._database.read() as connection:
            return _zones(connection, key)

    def taken(self) -> set[tuple[int, str, str]]:
        """Document, manifest and path of zones that are for no other sheet.

        Those that are on somebody's now, and those that somebody marked as wrong.
        """
        place = (sheet_zone.c.document_id, sheet_zone.c.manifest_sha256, sheet_zone.c.path)
        on_a_sheet = (
            sa.select(*place)
            .join(sheet, sheet.c.key == sheet_zone.c.sheet_key)
            .where(sheet_zone.c.held.is_(sa.true()), sheet.c.until > self._clock())
        )
        marked = (
            sa.select(*place)
            .join(sheet, sheet.c.key == sheet_zone.c.sheet_key)
            .join(document, document.c.id == sheet_zone.c.document_id)
            .where(
                MARKED,
                sheet.c.undone_at.is_(None),
                document.c.stage == Stage.in_review.value,
            )
        )
        with self._database.read() as connection:
            rows = connection.execute(sa.union(on_a_sheet, marked))
            return {(row[0], row[1], row[2]) for row in rows}

    def answer(self, key: str, wrong: Collection[int]) -> list[SheetZone]:
        """What the person said of a sheet's zones: the first answer counts; the zones.

        Args:
            key: of the sheet.
            wrong: numbers of the zones whose value is wrong.
        """
        mine = sheet_zone.c.sheet_key == key
        with self._database.write() as connection:
            first = connection.execute(
                sa.update(sheet)
                .where(sheet.c.key == key, sheet.c.answered_at.is_(None))
                .values(answered_at=self._clock())
            )
            if first.rowcount:
                connection.execute(
                    sa.update(sheet_zone)
                    .where(mine)
                    .values(wrong=sheet_zone.c.number.in_(sorted(wrong)))
                )
            return _zones(connection, key)

    def close(self, key: str, made: Mapping[int, int]) -> None:
        """The sheet is done: its zones are free, and planted values are forgotten.

        Args:
            key: of the sheet.
            made: number of a zone → id of the decision made by it.
        """
        mine = sheet_zone.c.sheet_key == key
        with self._database.write() as connection:
            for number, decision_id in made.items():
                connection.execute(
                    sa.update(sheet_zone)
                    .where(mine, sheet_zone.c.number == number)
                    .values(decision_id=decision_id)
                )
            connection.execute(sa.update(sheet_zone).where(mine).values(held=False, shown=None))
            _set(connection, key, closed_at=self._clock())

    def planted_lately(self, actor: str, limit: int) -> list[SheetZone]:
        """The last planted zones of which a person said something, the last first."""
        query = (
            sa.select(*_ZONE)
            .join(sheet, sheet.c.key == sheet_zone.c.sheet_key)
            .where(
                sheet.c.made_by == actor,
                sheet_zone.c.planted.is_(sa.true()),
                sheet_zone.c.wrong.is_not(None),
            )
            .order_by(sheet.c.made_at.desc(), sheet_zone.c.number.desc())
            .limit(limit)
        )
        with self._database.read() as connection:
            return [SheetZone(**row) for row in connection.execute(query).mappings()]

    def settled_lately(self, departments: Collection[str] | None, limit: int) -> list[SettledZone]:
        """Fields of documents at work about which a person has decided, the last first.

        Args:
            departments: of these alone; None: of all.
            limit: how many at most.
        """
        lately = sa.select(decision).order_by(decision.c.id.desc()).limit(LATELY).subquery()
        query = (
            sa.select(lately.c.document_id, lately.c.path, lately.c.kind, lately.c.value)
            .join(document, document.c.id == lately.c.document_id)
            .join(dossier, dossier.c.id == document.c.dossier_id)
            .where(
                lately.c.kind.in_([DecisionKind.value.value, DecisionKind.confirmed.value]),
                lately.c.undone_at.is_(None),
                document.c.stage.in_(_AT_HAND),
                document.c.duplicate_of.is_(None),
                of_departments(departments),
            )
            .order_by(lately.c.id.desc())
            .limit(limit)
        )
        with self._database.read() as connection:
            return [SettledZone(**row) for row in connection.execute(query).mappings()]


def note_undone(connection: sa.Connection, key: str, now: datetime) -> None:
    """The decisions made by a sheet stand no longer."""
    _set(connection, key, undone_at=now)


def decided_by(connection: sa.Connection, key: str) -> dict[int, list[int]]:
    """The decisions that were made by a sheet, by document."""
    found: dict[int, list[int]] = {}
    for one in _zones(connection, key):
        if one.decision_id is not None:
            found.setdefault(one.document_id, []).append(one.decision_id)
    return found


def _tidy(connection: sa.Connection, now: datetime) -> None:
    """Zones of sheets whose time is over are free; old sheets are forgotten."""
    over = sa.select(sheet.c.key).where(sheet.c.until <= now)
    connection.execute(
        sa.update(sheet_zone)
        .where(sheet_zone.c.held.is_(sa.true()), sheet_zone.c.sheet_key.in_(over))
        .values(held=False)
    )
    old = sheet.c.made_at < now - KEPT
    gone = sa.select(sheet.c.key).where(old)
    connection.execute(sa.delete(sheet_zone).where(sheet_zone.c.sheet_key.in_(gone)))
    connection.execute(sa.delete(sheet).where(old))


def _sheet(connection: sa.Connection, key: str, actor: str) -> Sheet:
    query = sa.select(*_SHEET).where(sheet.c.key == key, sheet.c.made_by == actor)
    row = connection.execute(query).mappings().first()
    if row is None:
        raise NotFound("storing.no_sheet")
    return Sheet(**row)


def _zones(connection: sa.Connection, key: str) -> list[SheetZone]:
    query = sa.select(*_ZONE).where(sheet_zone.c.sheet_key == key).order_by(sheet_zone.c.number)
    return [SheetZone(**row) for row in connection.execute(query).mappings()]


def _set(connection: sa.Connection, key: str, **values: datetime) -> None:
    connection.execute(sa.update(sheet).where(sheet.c.key == key).values(**values))
