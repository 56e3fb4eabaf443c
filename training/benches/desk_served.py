"""A desk over a ledger of its own, served by a process of its own, for benchmarks of its pages."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import psutil
import uvicorn

from portal.app import make_app
from portal.options import PortalOptions
from schemas.errors import ServiceUnavailable
from storage import Ledger, Objects, StoreOptions
from usecases import accounts
from usecases.caller import Duty, local_operator
from usecases.rooms import Rooms

PASSWORD = "mật khẩu để đo 2026"  # noqa: S105 - of a ledger that is thrown away
REVIEWERS = 10
EVERY_DUTY = "do"
"""An account for all departments with every duty; the reviewers r0 to r9 are clerks of all."""
_START_SECONDS = 60


class _Store:
    """In place of the store: every published document has the same manifest."""

    def __init__(self, manifest: bytes) -> None:
        self._manifest = manifest

    def get(self, _bucket: str, _key: str, path: Path, **_which: Any) -> None:
        path.write_bytes(self._manifest)


def rooms_of(
    ledger: Ledger, work: Path, manifest: bytes = b"", options: StoreOptions | None = None
) -> Rooms:
    """What pages work with; the store is stood in for, where none is named."""
    store: Any = _Store(manifest) if options is None else Objects(options)
    return Rooms(ledger=ledger, work=work, objects=lambda: store)


def add_people(rooms: Rooms, departments: list[str] | None = None) -> None:
    """The accounts that measure; those that are there already stay."""
    known = {one.name for one in accounts.accounts(local_operator(), rooms)}
    people = {EVERY_DUTY: list(Duty), **{f"r{at}": [Duty.clerk] for at in range(REVIEWERS)}}
    for name, duties in people.items():
        if name not in known:
            accounts.add(local_operator(), rooms, name, duties, departments, password=PASSWORD)


class Served(NamedTuple):
    """Where a desk is, and the process that serves it."""

    address: str
    process: psutil.Process

    def cpu(self) -> float:
        """CPU-seconds that it has spent."""
        spent = self.process.cpu_times()
        return float(spent.user + spent.system)


@contextmanager
def desk_served(
    ledger: Path, work: Path, manifest: bytes = b"", store: StoreOptions | None = None
) -> Iterator[Served]:
    """A desk over that ledger, for as long as the block lasts.

    Args:
        ledger: its file.
        work: the folder of what is worked on.
        manifest: of every document, where the store is stood in for.
        store: the store; None: one is stood in for.

    Raises:
        ServiceUnavailable: ``bench.no_start``.
    """
    here, there = get_context("spawn").Pipe()
    process = get_context("spawn").Process(
        target=_serve, args=(there, ledger, work, manifest, store)
    )  # no daemon: the process that draws pictures is its child
    process.start()
    try:
        if not here.poll(_START_SECONDS):
            raise ServiceUnavailable("bench.no_start")
        yield Served(f"http://127.0.0.1:{here.recv()}", psutil.Process(process.pid))
    finally:
        process.terminate()
        process.join(30)
        process.kill()
        process.join()


def _serve(
    there: Connection, ledger: Path, work: Path, manifest: bytes, store: StoreOptions | None
) -> None:
    """Serve until ended."""
    tcp = socket.IPPROTO_TCP  # without it asyncio leaves small answers waiting for an ACK (40 ms)
    with (
        Ledger.open(f"sqlite:///{ledger}") as opened,
        socket.socket(proto=tcp) as listening,
    ):
        listening.bind(("127.0.0.1", 0))
        app = make_app(rooms_of(opened, work, manifest, store), PortalOptions())
        config = uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off")
        there.send(listening.getsockname()[1])
        uvicorn.Server(config).run([listening])
        app.state.desk.close()


def signed_in(address: str, name: str) -> httpx.Client:
    """A browser without a window, of a person who has signed in.

    Raises:
        ServiceUnavailable: ``bench.no_start``, the desk let nobody in.
    """
    client = httpx.Client(base_url=address, timeout=120)
    answer = client.post("/sign-in", data={"username": name, "password": PASSWORD})
    if answer.status_code != 303:
        raise ServiceUnavailable("bench.no_start")
    return client
