"""Counts of dossiers by when they came, kept while a process lives.

A year's dossiers need not be counted again because one of them moved: they are counted by weeks,
and by days where a period begins or ends within one. A week is counted anew where the event log
says that something happened to a dossier of it, or when one of them becomes late.
"""

import threading
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from storage.accepting import ACCEPTED
from storage.indicators import COUNTS, Indicators, Period, counted
from storage.tables import chain_head, dossier, event

A_DAY, A_WEEK = timedelta(days=1), timedelta(days=7)
A_MONDAY = datetime(2024, 1, 1, tzinfo=UTC)
MOST = 4000
"""Days and weeks that are kept."""

Stretch = tuple[datetime, datetime]
"""From a moment on and before another one."""


@dataclass(frozen=True)
class _Counts:
    lines: tuple[Indicators, ...]
    good_until: datetime | None
    """From then on one of the dossiers is late that was not."""


@dataclass
class DayCounts:
    """What one process has counted."""

    _known: dict[Stretch, _Counts] = field(default_factory=dict)
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
                for stretch in _stretches(connection, period)
                for one in self._of(connection, stretch, now)
            ]
        return _together(found, period)

    def _of(
        self, connection: sa.Connection, stretch: Stretch, now: datetime
    ) -> tuple[Indicators, ...]:
        known = self._known.get(stretch)
        if known is None or (known.good_until is not None and known.good_until < now):
            known = _Counts(*counted(connection, Period(*stretch), now))
            self._known[stretch] = known
        return known.lines

    def _forget_changed(self, connection: sa.Connection) -> None:
        """What is different since the last time."""
        seq = connection.execute(sa.select(chain_head.c.seq)).scalar_one()
        if self._known and seq != self._seq:
            new = event.c.seq > self._seq
            accepted = sa.select(event.c.seq).where(new, event.c.kind == ACCEPTED).limit(1)
            moved = sa.select(event.c.dossier_id).where(new, event.c.dossier_id.is_not(None))
            came = sa.select(dossier.c.created_at).where(dossier.c.id.in_(moved))
            repaired = seq < self._seq or connection.execute(accepted).first()
            if repaired or len(self._known) > MOST:
                self._known.clear()  # rows were set right without an event for each
            else:
                self._drop(sorted(connection.execute(came).scalars()))
        self._seq = seq

    def _drop(self, moments: list[datetime]) -> None:
        """The stretches in which one of these lies."""
        for since, until in list(self._known):
            at = bisect_left(moments, since)
            if at < len(moments) and moments[at] < until:
                del self._known[since, until]


def _stretches(connection: sa.Connection, period: Period) -> Iterator[Stretch]:
    """The weeks and days of a period, from the day on which the first dossier came; in UTC."""
    first = connection.execute(sa.select(sa.func.min(dossier.c.created_at))).scalar()
    last = connection.execute(sa.select(sa.func.max(dossier.c.created_at))).scalar()
    if first is None or last is None:  # both in one statement would read the whole index
        return
    since, until = period.since.astimezone(UTC), period.until.astimezone(UTC)
    if first > since:
        since += (first - since) // A_DAY * A_DAY
    while since < until and since <= last:
        whole_week = (since - A_MONDAY) % A_WEEK < A_DAY and since + A_WEEK <= until
        end = min(since + (A_WEEK if whole_week else A_DAY), until)
        yield since, end
        since = end


def _together(found: Iterable[Indicators], period: Period) -> list[Indicators]:
    """One line a department, of those that were asked for."""
    lines: dict[str, dict[str, int]] = {}
    for one in found:
        if period.departments is None or one.department in period.departments:
            line = lines.setdefault(one.department, dict.fromkeys(COUNTS, 0))
            for name in COUNTS:
                line[name] += getattr(one, name)
    return [Indicators(department=unit, **line) for unit, line in sorted(lines.items())]
