"""How often somebody may try to sign in: by name, known or not, and by the address they come from;
and the same for who holds a paper, by its code.

The first few tries are free; then each one waits twice as long as the one before. Both counts are
kept in the ledger, so that they hold for all hosts and after a restart, under hashes: what was
typed instead of a name may have been a password.
"""

import hashlib
from datetime import timedelta

from schemas.account import folded
from usecases.rooms import Rooms

FREE_BY_NAME = 5
FREE_BY_PEER = 30
FIRST_WAIT = timedelta(seconds=10)
LONGEST_WAIT = timedelta(minutes=15)


def must_wait(rooms: Rooms, name: str, peer: str | None = None) -> int | None:
    """Count a try; how many seconds this name, or this address, must wait, if it must.

    ``peer`` None: of somebody who has signed in, and says their password once more.
    """
    attempts = rooms.ledger.attempts
    by_peer = None
    if peer is not None:
        by_peer = attempts.count(_key("peer", peer), lambda count: _wait(count - FREE_BY_PEER))
    by_name = attempts.count(_key("name", folded(name)), lambda count: _wait(count - FREE_BY_NAME))
    until = max((one for one in (by_peer, by_name) if one is not None), default=None)
    return None if until is None else max(1, round((until - rooms.clock()).total_seconds()))


def must_wait_with_paper(rooms: Rooms, code: str, peer: str) -> int | None:
    """Count a try with a paper's code, known or not; how many seconds it must wait, if it must.

    Args:
        rooms: the ledger.
        code: fingerprint of the code.
        peer: the address that they come from.
    """
    attempts = rooms.ledger.attempts
    by_peer = attempts.count(_key("paper-peer", peer), lambda count: _wait(count - FREE_BY_PEER))
    by_code = attempts.count(_key("paper", code), lambda count: _wait(count - FREE_BY_NAME))
    until = max((one for one in (by_peer, by_code) if one is not None), default=None)
    return None if until is None else max(1, round((until - rooms.clock()).total_seconds()))


def forgive_paper(rooms: Rooms, code: str, peer: str) -> None:
    """The figures were right: forget the tries with this code, and that one from this address."""
    rooms.ledger.attempts.forget(_key("paper", code))
    rooms.ledger.attempts.take_back(_key("paper-peer", peer))


def let_in(rooms: Rooms, name: str, peer: str | None = None) -> None:
    """The password was right: forget the tries of this name, and that one of this address."""
    forgive(rooms, folded(name))
    if peer is not None:
        rooms.ledger.attempts.take_back(_key("peer", peer))


def forgive(rooms: Rooms, folded_name: str) -> None:
    """Forget the tries of a name."""
    rooms.ledger.attempts.forget(_key("name", folded_name))


def _wait(over: int) -> timedelta | None:
    if over < 0:
        return None
    return min(LONGEST_WAIT, FIRST_WAIT * (1 << min(over, 16)))


def _key(kind: str, text: str) -> str:
    return hashlib.sha256(f"{kind}\0{text}".encode("utf-8", "replace")).hexdigest()
