"""Counts of dossiers by the day on which they came, kept while a process lives.

A year's dossiers need not be counted again for one that moved: a day is counted anew where the
event log says that something happened to a dossier of it, or when one of them becomes late.
"""

import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from storage.accepting import ACCEPTED
from storage.indicators import COUNTS, Indicators, Period, counted
from storage.tables import chain_head, dossier, event

A_DAY = timedelta(days=1)
MOST = 4000
"""Days that are kept: eleven years."""


@dataclass(frozen=True)
class _Day:
    counts: tuple[Indicators, ...]
    good_until: datetime | None
    """From then on one of its dossiers is late that was not."""


@dataclass
class DayCounts:
    """What one process has counted."""

    _days: dict[datetime, _Day] = field(default_factory=dict)
    _seq: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def indicators(
        self, connection: sa.Connection, period: Period, now: datetime
    ) -> list[Indicators]:
        """See :meth:`storage.Ledger.indicators`.

        Args:
            connection: sees one state of the ledger throughout.
            period: from the beginning of a day on, which decides where days begin.
            now: by which the late ones are late.
        """
        with self._lock:
            self._forget_changed(connection)
            found = [
                one
                for since, until in _days(connection, period)
                for one in self._of(connection, since, until, now)
            ]
        return _together(found, period)

    def _of(
        self, connection: sa.Connection, since: datetime, until: datetime, now: datetime
    ) -> tuple[Indicators, ...]:
        whole = until - since == A_DAY
        known = self._days.get(since) if whole else None
        if known is None or (known.good_until is not None and known.good_until < now):
            known = _Day(*counted(connection, Period(since, until), now))
            if whole:
                self._days[since] = known
        return known.counts

    def _forget_changed(self, connection: sa.Connection) -> None:
        """Days of which something is different since the last time."""
        seq = connection.execute(sa.select(chain_head.c.seq)).scalar_one()
        if self._days and seq != self._seq:
            new = event.c.seq > self._seq
            accepted = sa.select(event.c.seq).where(new, event.c.kind == ACCEPTED).limit(1)
            moved = sa.select(event.c.dossier_id).where(new, event.c.dossier_id.is_not(None))
            came = sa.select(dossier.c.created_at).where(dossier.c.id.in_(moved))
            repaired = seq < self._seq or connection.execute(accepted).first()
            if repaired or len(self._days) > MOST:
                self._days.clear()  # rows were set right without an event for each
            else:
                self._drop(connection.execute(came).scalars())
        self._seq = seq

    def _drop(self, moments: Iterable[datetime]) -> None:
        """The days that hold these moments, in whichever time zones they begin."""
        begin = {one - _midnight(one) for one in self._days}
        gone = {_midnight(moment - one) + one for moment in moments for one in begin}
        for day in gone:
            self._days.pop(day, None)


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def _days(connection: sa.Connection, period: Period) -> Iterator[tuple[datetime, datetime]]:
    """Beginning and end of the days of a period, from the first on which a dossier came; UTC."""
    ends = sa.select(sa.func.min(dossier.c.created_at), sa.func.max(dossier.c.created_at))
    first, last = connection.execute(ends).one()
    if first is None:
        return
    since, until = period.since.astimezone(UTC), period.until.astimezone(UTC)
    if first > since:
        since += (first - since) // A_DAY * A_DAY
    while since < until and since <= last:
        yield since, min(since + A_DAY, until)
        since += A_DAY


def _together(found: Iterable[Indicators], period: Period) -> list[Indicators]:
    """One line a department, of those that were asked for."""
    lines: dict[str, dict[str, int]] = {}
    for one in found:
        if period.departments is None or one.department in period.departments:
            line = lines.setdefault(one.department, dict.fromkeys(COUNTS, 0))
            for name in COUNTS:
                line[name] += getattr(one, name)
    return [Indicators(department=unit, **line) for unit, line in sorted(lines.items())]
