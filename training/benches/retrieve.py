"""What it costs that a file is fetched through the desk, next to a bare S3 GET of the same object.

Both are asked by the same client over a connection that stands, turn by turn, each file once: none
is in a cache of ours. S3 is asked with a presigned address over TLS, as clients ask it; the desk by
DocCode with a token. What the desk does besides: who asks and whether it reaches them, the events
that prove the row, the hash of all bytes before the first is given, the line in the access log.
"""

import ssl
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from statistics import median
from threading import Event, Thread

import httpx
from pydantic import Field

from schemas.page import Frozen
from storage import Ledger, Objects, StoreOptions
from training.benches.desk_served import Served, desk_served, rooms_of
from training.benches.retrieve_store import published, store_running
from usecases import tokens
from usecases.caller import Duty, local_operator

BAR = 1.5
"""How much longer it may take than a bare S3 GET."""
SIZES = (100_000, 1_000_000, 10_000_000)
"""Bytes: a page in black and white, a page in colour, a long document."""
AT_ONCE = 10
GROWTH_MB = 40.0
"""Megabytes by which the desk may grow while many fetch at once; less than one file for each."""
_FIRST = 3
"""Of each size, not counted."""


class Retrieved(Frozen):
    """Milliseconds of files of one size, a file on average."""

    bytes: int
    files: int
    bare_ms: float = Field(description="median of S3 GETs")
    desk_ms: float = Field(description="median of the same files through the desk")
    ratio: float = Field(description="median of each file's ratio")
    range_ms: float = Field(description="median of the first 1,000 bytes through the desk")
    cpu_ms: float = Field(description="of the desk's process, an answer on average")


class RetrieveReport(Frozen):
    """Fetching through the desk and past it."""

    sizes: tuple[Retrieved, ...]
    at_once: int
    fetched_mb: float = Field(description="by all of them together")
    before_mb: float = Field(description="of the desk's process, after it was warm")
    most_mb: float
    same: bool = Field(description="all bytes were those that were put")

    @property
    def passed(self) -> bool:
        """Whether the bars are kept."""
        quick = all(one.ratio <= BAR for one in self.sizes)
        return quick and self.same and self.most_mb - self.before_mb <= GROWTH_MB


def retrieve(files: int, rounds: int, say: Callable[[str], None]) -> RetrieveReport:
    """Measure over a store and a ledger of their own.

    Args:
        files: of each size.
        rounds: how often each of those that fetch at once fetches a file of the largest size.
        say: told what goes on.

    Raises:
        MissingDependency: there is no ``weed``.
        ServiceUnavailable: the store or the desk does not start.
    """
    with tempfile.TemporaryDirectory(prefix="sohoa-bench-") as name:
        folder = Path(name)
        with store_running(folder / "store") as store:
            keys, token = _filled(folder, store, files + _FIRST, say)
            with desk_served(folder / "ledger.sqlite", folder / "work", store=store) as desk:
                return _measured(desk, store, keys, token, rounds, say)


def _filled(
    folder: Path, store: StoreOptions, files: int, say: Callable[[str], None]
) -> tuple[list[list[str]], str]:
    """The keys of the objects by size, and a token that may fetch them."""
    objects = Objects(store)
    keys: list[list[str]] = []
    with Ledger.open(f"sqlite:///{folder}/ledger.sqlite") as ledger:
        for at, size in enumerate(SIZES):
            say(f"{files} x {size:,} B")
            numbers = range(at * files + 1, (at + 1) * files + 1)
            keys.append([published(ledger, objects, folder, one, size) for one in numbers])
        rooms = rooms_of(ledger, folder / "work")
        made = tokens.add(local_operator(), rooms, "do", [Duty.reader])
    return keys, made.token


def _measured(
    desk: Served,
    store: StoreOptions,
    keys: list[list[str]],
    token: str,
    rounds: int,
    say: Callable[[str], None],
) -> RetrieveReport:
    objects = Objects(store)
    verify = ssl.create_default_context(cafile=str(store.ca_file))
    headers = {"authorization": f"Bearer {token}"}
    with (
        httpx.Client(verify=verify, timeout=120) as bare,
        httpx.Client(base_url=desk.address, headers=headers, timeout=120) as client,
    ):
        codes = _codes(client)
        sizes, same = [], True
        for size, its in zip(SIZES, keys, strict=True):
            say(f"{size:,} B")
            spent = desk.cpu()
            found, right = _of_size(bare, client, objects, its, codes)
            cpu = 1000 * (desk.cpu() - spent) / (2 * len(its))
            found = found.model_copy(update={"cpu_ms": round(cpu, 2)})
            sizes.append(found)
            same &= right
        say(f"{AT_ONCE} at once")
        largest = [codes[key] for key in keys[-1]]
        _all_at_once(client, largest[:AT_ONCE], 1)
        before = desk.process.memory_info().rss / 1e6
        with _watched(desk) as most:
            fetched = _all_at_once(client, largest, rounds)
    return RetrieveReport(
        sizes=tuple(sizes),
        at_once=AT_ONCE,
        fetched_mb=round(fetched / 1e6, 1),
        before_mb=round(before, 1),
        most_mb=round(most[0], 1),
        same=same,
    )


def _codes(client: httpx.Client) -> dict[str, str]:
    """The DocCode of each object's document, by the object's key."""
    found: dict[str, str] = {}
    after: str | None = None
    while True:
        asked = {"limit": "200"} | ({"after": after} if after else {})
        page = client.get("/api/v1/documents", params=asked).raise_for_status().json()
        for one in page["Documents"]:
            key = f"{one['Department']}/{one['Dossier']}/result-{one['Number']:03d}.pdf"
            found[key] = one["DocCode"]
        after = page["Next"]
        if after is None:
            return found


def _of_size(
    bare: httpx.Client,
    client: httpx.Client,
    objects: Objects,
    keys: Sequence[str],
    codes: dict[str, str],
) -> tuple[Retrieved, bool]:
    """Each file past the desk and through it; every other one through it first."""
    times: list[tuple[float, float, float]] = []
    same, size = True, 0
    for at, key in enumerate(keys):
        address = objects.presigned(objects.options.results_bucket, key, timedelta(minutes=10))
        path = f"/api/v1/documents/download/{codes[key]}"
        if at % 2:
            past, took_bare = _timed(bare, address)
            through, took_desk = _timed(client, path)
        else:
            through, took_desk = _timed(client, path)
            past, took_bare = _timed(bare, address)
        part, took_part = _timed(client, path, {"range": "bytes=0-999"})
        same &= past == through and part == past[:1000]
        size = len(past)
        times.append((took_bare, took_desk, took_part))
    counted = times[_FIRST:]
    return (
        Retrieved(
            bytes=size,
            files=len(counted),
            bare_ms=round(median(one[0] for one in counted), 2),
            desk_ms=round(median(one[1] for one in counted), 2),
            ratio=round(median(one[1] / one[0] for one in counted), 2),
            range_ms=round(median(one[2] for one in counted), 2),
            cpu_ms=0.0,
        ),
        same,
    )


def _timed(
    client: httpx.Client, address: str, headers: dict[str, str] | None = None
) -> tuple[bytes, float]:
    begun = time.perf_counter()
    answer = client.get(address, headers=headers)
    took = 1000 * (time.perf_counter() - begun)
    return answer.raise_for_status().content, took


def _all_at_once(client: httpx.Client, codes: Sequence[str], rounds: int) -> int:
    """Fetch files with several threads; the bytes of all, none of which is kept."""

    def fetch(code: str) -> int:
        size = 0
        with client.stream("GET", f"/api/v1/documents/download/{code}") as answer:
            answer.raise_for_status()
            for block in answer.iter_raw(1 << 18):
                size += len(block)
        return size

    asked = [codes[at % len(codes)] for at in range(AT_ONCE * rounds)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return sum(pool.map(fetch, asked))


@contextmanager
def _watched(desk: Served) -> Iterator[list[float]]:
    """The most memory that the desk's process has while the block lasts, in megabytes."""
    most, over = [0.0], Event()

    def watch() -> None:
        while not over.wait(0.02):
            most[0] = max(most[0], desk.process.memory_info().rss / 1e6)

    watching = Thread(target=watch)
    watching.start()
    try:
        yield most
    finally:
        over.set()
        watching.join()
