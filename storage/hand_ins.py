"""What was handed in over the network, by the key that its sender gave: the same again is the same.

The row is written before the papers go into the inbox, and with it the dossier's code, so that a
sender who asks again after a crash gets the same answer and nothing is there twice.
"""

from datetime import datetime, timedelta

import sqlalchemy as sa

from schemas.errors import Conflict
from schemas.page import Frozen
from storage.database import Database
from storage.intake_tables import hand_in
from storage.proving import Clock

KEPT = timedelta(days=30)
"""How long a key is remembered."""


class NewHandIn(Frozen):
    """Papers that somebody wants to hand in."""

    key: str
    department: str
    code: str
    provisional: bool
    files: int
    content: str
    made_by: str


class HandIn(NewHandIn):
    """Papers that were handed in, or are being."""

    made_at: datetime
    held_until: datetime | None
    done_at: datetime | None


_COLUMNS = tuple(hand_in.c[name] for name in HandIn.model_fields)
_BY_KEY = sa.select(*_COLUMNS).where(hand_in.c.key == sa.bindparam("key"))


class HandIns:
    """What was handed in. Made by :attr:`storage.Ledger.hand_ins`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def begin(self, new: NewHandIn, held: timedelta) -> tuple[HandIn, bool]:
        """Enter it, or find it by its key; and whether the caller is to put it into the inbox.

        Not where it is there already, nor while somebody else is putting it there. One whose
        maker died is given to the next who asks, under the code that it has.

        Args:
            new: what is handed in; ``code`` counts the first time alone where it is provisional.
            held: how long nobody else is to put it there.

        Raises:
            Conflict: ``storing.hand_in_differs``, the key names other papers.
        """
        now = self._clock()
        with self._database.write() as connection:
            connection.execute(sa.delete(hand_in).where(hand_in.c.made_at < now - KEPT))
            self._database.insert_missing(connection, hand_in, **new.model_dump(), made_at=now)
            query = _BY_KEY.with_for_update()
            known = HandIn(**connection.execute(query, {"key": new.key}).mappings().one())
            if not _same(known, new):
                raise Conflict("storing.hand_in_differs")
            held_by_another = known.held_until is not None and known.held_until > now
            if known.done_at is not None or held_by_another:
                return known, False
            until = now + held
            self._set(connection, new.key, held_until=until)
            return known.model_copy(update={"held_until": until}), True

    def done(self, key: str) -> HandIn:
        """It lies in the inbox."""
        with self._database.write() as connection:
            self._set(connection, key, held_until=None, done_at=self._clock())
            return HandIn(**connection.execute(_BY_KEY, {"key": key}).mappings().one())

    def give_up(self, key: str) -> None:
        """It could not be put there; the key is free again."""
        with self._database.write() as connection:
            connection.execute(
                sa.delete(hand_in).where(hand_in.c.key == key, hand_in.c.done_at.is_(None))
            )

    def named(self, key: str) -> HandIn | None:
        """What was handed in with this key."""
        with self._database.read() as connection:
            row = connection.execute(_BY_KEY, {"key": key}).mappings().first()
        return None if row is None else HandIn(**row)

    def newest(self, code: str, department: str) -> HandIn | None:
        """What was handed in last for a dossier."""
        query = (
            sa.select(*_COLUMNS)
            .where(hand_in.c.code == code, hand_in.c.department == department)
            .order_by(hand_in.c.made_at.desc())
            .limit(1)
        )
        with self._database.read() as connection:
            row = connection.execute(query).mappings().first()
        return None if row is None else HandIn(**row)

    @staticmethod
    def _set(connection: sa.Connection, key: str, **values: datetime | None) -> None:
        connection.execute(sa.update(hand_in).where(hand_in.c.key == key).values(**values))


def _same(known: HandIn, new: NewHandIn) -> bool:
    """Whether a key names the same papers; provisional codes are made anew each time."""
    code = (known.provisional and new.provisional) or known.code == new.code
    return code and (known.department, known.content) == (new.department, new.content)
