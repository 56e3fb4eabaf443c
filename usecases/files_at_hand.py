"""Files that were found whole a moment ago, for who reads one by ranges.

A viewer of PDFs asks for a long file in dozens of ranges; without this each of them would have all
of it read from the store and hashed. Rights are asked and accesses noted each time all the same.
"""

import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import BinaryIO

SECONDS = 60.0
"""How long a file is at hand; what is older goes when the next one is asked for."""
MOST, MOST_BYTES = 16, 256_000_000
"""Of all of them together; they lie on the disk, not in memory."""


class FilesAtHand:
    """A few open files without a name, by the SHA-256 of their bytes. For several threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._files: OrderedDict[str, tuple[float, int, BinaryIO]] = OrderedDict()

    def again(self, sha256: str) -> BinaryIO | None:
        """The file with this hash, to be read from its beginning; None where it is not at hand."""
        with self._lock:
            self._leave()
            found = self._files.get(sha256)
            return None if found is None else _opened(found[2])

    def keep(self, sha256: str, stream: BinaryIO) -> None:
        """Keep a file at hand; ``stream`` goes on being its reader's."""
        size = os.fstat(stream.fileno()).st_size
        if size > MOST_BYTES:
            return
        with self._lock:
            self._leave()
            if sha256 not in self._files:
                self._files[sha256] = (self._clock(), size, _opened(stream))
            while (
                len(self._files) > MOST or sum(one[1] for one in self._files.values()) > MOST_BYTES
            ):
                self._drop(next(iter(self._files)))

    def _leave(self) -> None:
        now = self._clock()
        for name in [one for one, found in self._files.items() if now - found[0] >= SECONDS]:
            self._drop(name)

    def _bytes(self) -> int:
        return sum(size for _, size, _ in self._files.values())

    def _drop(self, name: str) -> None:
        self._files.pop(name)[2].close()


def _opened(stream: BinaryIO) -> BinaryIO:
    """The same file, opened once more: two readers of a descriptor would share one place in it."""
    return open(f"/proc/self/fd/{stream.fileno()}", "rb")  # noqa: PTH123 - proc(5)
