"""A hash tree over the ledger's events (RFC 6962, section 2.1): one root says what all of them are.

With the path from an event to the root anybody can tell that the event is among them and at which
place, without seeing the events of other dossiers.
"""

import hashlib
from collections.abc import Sequence


class Tree:
    """The tree over leaves; a leaf is the hash of an event."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        """All nodes are computed at once: two hashes an event."""
        self._levels = [[_leaf(value) for value in leaves]]
        while len(self._levels[-1]) > 1:
            below = self._levels[-1]
            above = [_node(a, b) for a, b in zip(below[::2], below[1::2], strict=False)]
            if len(below) % 2:
                above.append(below[-1])
            self._levels.append(above)

    @property
    def root(self) -> bytes:
        """The root; of no leaves the hash of nothing."""
        top = self._levels[-1]
        return top[0] if top else hashlib.sha256().digest()

    def path(self, index: int) -> list[bytes]:
        """The neighbours on the way from a leaf to the root, the lowest first."""
        found = []
        for level in self._levels[:-1]:
            neighbour = index ^ 1
            if neighbour < len(level):
                found.append(level[neighbour])
            index //= 2
        return found


def summary(root: bytes, size: int) -> bytes:
    """Root and number of leaves in one hash: trees of different sizes can have the same shape."""
    return hashlib.sha256(b"\x02" + size.to_bytes(8, "big") + root).digest()


def root_of(value: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The root that a leaf at ``index`` of ``size`` leads to; ``None`` if the path cannot be right.

    RFC 9162, section 2.1.3.2.
    """
    if not 0 <= index < size:
        return None
    last, found = size - 1, _leaf(value)
    for neighbour in path:
        if last == 0:
            return None
        if index % 2 or index == last:
            found = _node(neighbour, found)
            while index and not index % 2:
                index, last = index // 2, last // 2
        else:
            found = _node(found, neighbour)
        index, last = index // 2, last // 2
    return found if last == 0 else None


def _leaf(value: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + value).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()
