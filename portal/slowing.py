"""Who asks for what is not there is answered more and more slowly, by the address they come from.

What is kept is small and in memory: the last few thousand addresses that missed lately. It holds
back guessing and load; what keeps codes from being guessed is their length.
"""

import asyncio
import ipaddress
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from portal.at_once import TooManyAtOnce

FREE = 10
"""Misses that cost nothing: people mistype."""
FIRST, LONGEST = 0.25, 8.0
"""Seconds that the first miss after those costs; each next one twice as many, up to the longest."""
FORGOTTEN = 600.0
"""Seconds in which as many misses as are free are forgotten, little by little."""
MOST = 4096
"""Addresses that are remembered; the one that missed longest ago goes first."""
AT_ONCE = 8
"""Requests of one address that may wait, or be answered, at a time."""
_NETWORK = 64
"""Bits of an IPv6 address that are one customer's."""


@dataclass
class _Missed:
    times: float
    at: float


class Slowing:
    """Remembers who missed how often. Used in one thread: that of the event loop."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._missed: OrderedDict[str, _Missed] = OrderedDict()
        self._going: dict[str, int] = {}

    @property
    def remembered(self) -> int:
        """How many addresses are."""
        return len(self._missed)

    def wait(self, peer: str) -> float:
        """How many seconds a request from there waits before anything is looked up."""
        over = self._times(network_of(peer)) - FREE
        return 0.0 if over < 1 else min(LONGEST, FIRST * 2 ** (over - 1))

    def missed(self, peer: str) -> None:
        """A request from there found nothing."""
        whose = network_of(peer)
        self._missed[whose] = _Missed(self._times(whose) + 1, self._clock())
        self._missed.move_to_end(whose)
        while len(self._missed) > MOST:
            self._missed.popitem(last=False)

    @asynccontextmanager
    async def held(self, peer: str) -> AsyncIterator[None]:
        """Hold a request back as long as its address has earned, then let the block run.

        Raises:
            TooManyAtOnce: ``check.busy``: enough from there wait already.
        """
        whose = network_of(peer)
        if self._going.get(whose, 0) >= AT_ONCE:
            raise TooManyAtOnce("check.busy")
        self._going[whose] = self._going.get(whose, 0) + 1
        try:
            await asyncio.sleep(self.wait(peer))
            yield
        finally:
            self._going[whose] -= 1
            if not self._going[whose]:
                del self._going[whose]

    def _times(self, whose: str) -> float:
        known = self._missed.get(whose)
        if known is None:
            return 0.0
        return max(0.0, known.times - (self._clock() - known.at) / FORGOTTEN * FREE)


def network_of(peer: str) -> str:
    """Whose an address is: of IPv6 the network, in which one customer has all addresses."""
    try:
        address = ipaddress.ip_address(peer.partition("%")[0])
    except ValueError:
        return peer
    if address.version == 4:
        return peer
    mapped = address.ipv4_mapped
    if mapped is not None:
        return str(mapped)
    return str(ipaddress.ip_network((address, _NETWORK), strict=False))
