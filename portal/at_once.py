"""How much one person, or one session, may have going on at a time."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from schemas.errors import Conflict


class TooManyAtOnce(Conflict):
    """They have enough going on already."""


class AtOnce:
    """Counts what goes on by whose it is. Used in one thread: that of the event loop."""

    def __init__(self, most: int) -> None:
        """At most ``most`` for each."""
        self._most = most
        self._going: Counter[str] = Counter()

    def see(self, whose: str) -> None:
        """See that one more may begin.

        Raises:
            TooManyAtOnce: ``intake.too_many_at_once``.
        """
        if self._going[whose] >= self._most:
            raise TooManyAtOnce("intake.too_many_at_once")

    @contextmanager
    def one(self, whose: str) -> Iterator[None]:
        """One of them goes on while the block runs.

        Raises:
            TooManyAtOnce: ``intake.too_many_at_once``.
        """
        self.see(whose)
        self._going[whose] += 1
        try:
            yield
        finally:
            self._going[whose] -= 1
            if self._going[whose] <= 0:
                del self._going[whose]
