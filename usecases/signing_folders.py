"""The folder of a route or batch: the PDFs lie there, what people said of them is in the ledger.

A small file in it names the row. It is written before the row and gets its final name after it, so
that a folder whose row was never written is told from one whose row is in another ledger.
"""

import os
import secrets
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal

from schemas.durable import fsync_folder, held, write_durably
from schemas.errors import Conflict, ServiceUnavailable
from storage import Ledger

Kind = Literal["route", "batch"]

KEY, NEW_KEY, LOCK = "id", "id.new", "lock"
HELD_SECONDS = 900.0
"""How long a host that died keeps others from going on; on the same host nobody waits."""
PROLONG_SECONDS = 20.0


class SigningFolder:
    """A folder that a person named, as a route's or a batch's."""

    def __init__(self, ledger: Ledger, folder: Path, kind: Kind) -> None:
        """``ledger`` is where its row is."""
        self.folder = folder
        self._ledger = ledger
        self._kind: Kind = kind
        self._own = folder / f".sohoa-{kind}"

    def key(self) -> str | None:
        """The key of its row; None where the folder has none.

        Raises:
            Conflict: ``signing.route_elsewhere`` or ``signing.batch_elsewhere``: the row is in
                another ledger.
        """
        final = self._read(KEY)
        if final is not None:
            if not self._known(final):
                raise Conflict(f"signing.{self._kind}_elsewhere")
            return final
        begun = self._read(NEW_KEY)
        if begun is None or not self._known(begun):
            return None
        with suppress(PermissionError):  # who may only look leaves it as it is
            self.keep_key()
        return begun

    def taken(self) -> bool:
        """Whether it belongs to a row, in whichever ledger."""
        return self._read(KEY) is not None

    def new_key(self, make: Callable[[], str]) -> str:
        """The key of a row that is about to be written; the same one after a crash."""
        self._own.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._read(NEW_KEY) is None:
            write_durably(self._own / NEW_KEY, make().encode(), replacing=False)
        return self._read(NEW_KEY) or make()

    def keep_key(self) -> None:
        """The row is written: the folder is its."""
        with suppress(FileNotFoundError):  # it has been said before
            (self._own / NEW_KEY).rename(self._own / KEY)
            fsync_folder(self._own)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """One process of this host at a time.

        Raises:
            ServiceUnavailable: another one works on this folder.
        """
        self._own.mkdir(mode=0o700, parents=True, exist_ok=True)
        with held(self._own / LOCK, ServiceUnavailable("signing.batch_in_progress")):
            yield

    @contextmanager
    def working(self, key: str) -> Iterator["Lease"]:
        """One process of all hosts at a time.

        Raises:
            ServiceUnavailable: another one works on this folder, or the ledger does not answer.
        """
        with self.alone():
            lease = Lease(self._ledger, self._kind, key)
            try:
                yield lease
            finally:
                lease.end()

    def _known(self, key: str) -> bool:
        found = self._ledger.route(key) if self._kind == "route" else self._ledger.batch(key)
        return found is not None

    def _read(self, name: str) -> str | None:
        try:
            return (self._own / name).read_text("ascii").strip() or None
        except (OSError, ValueError):
            return None


class Lease:
    """The right to work on a route or batch, for a while."""

    def __init__(self, ledger: Ledger, kind: Kind, key: str) -> None:
        """Take it; whoever calls holds the folder's lock, so that this host's older ones are dead.

        Raises:
            ServiceUnavailable: another host has it, or the ledger does not answer.
        """
        host = f"{socket.gethostname()}:"
        self._ledger = ledger
        self._kind: Kind = kind
        self._key = key
        self._owner = f"{host}{os.getpid()}:{secrets.token_hex(4)}"
        if not ledger.hold(kind, key, self._owner, HELD_SECONDS, dead=host):
            raise ServiceUnavailable("signing.batch_in_progress")
        self._prolonged = time.monotonic()

    def prolong(self) -> None:
        """Keep it; asks the ledger now and then only.

        Raises:
            ServiceUnavailable: another host has it by now.
        """
        if time.monotonic() - self._prolonged < PROLONG_SECONDS:
            return
        self._prolonged = time.monotonic()
        try:
            kept = self._ledger.hold(self._kind, self._key, self._owner, HELD_SECONDS)
        except ServiceUnavailable:
            return  # the ledger is away for a moment; the lease is long
        if not kept:
            raise ServiceUnavailable("signing.batch_in_progress")

    def end(self) -> None:
        """Give it back."""
        with suppress(ServiceUnavailable):  # it ends by itself
            self._ledger.let_go(self._kind, self._key, self._owner)
