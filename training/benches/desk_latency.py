"""How long pages of the desk take with a year's dossiers in the ledger.

Of one request the time from sending it to the last byte of its answer, over loopback, by a server
in a process of its own. Drawing the page in a browser is not part of it.
"""

import time
from collections.abc import Callable, Mapping
from pathlib import Path

import httpx
import sqlalchemy as sa
from pydantic import Field

from schemas.page import Frozen
from storage import Ledger
from storage.tables import dossier
from training.benches.desk_served import (
    EVERY_DUTY,
    Served,
    add_people,
    desk_served,
    rooms_of,
    signed_in,
)
from training.benches.desk_sizes import PageSize, page_sizes
from training.benches.many_dossiers import UNITS, a_manifest, numbers_in

BAR_MS = 150.0
BARRED = ("queue", "queue of a department", "dossier")
"""Pages that have a bar; the others are told besides."""
_FIRST = 2
"""Answers that are not counted: templates are compiled, files of the ledger read."""


class PageTime(Frozen):
    """Milliseconds of one page, asked for several times."""

    page: str
    asked: int
    median_ms: float
    p95_ms: float
    slowest_ms: float
    cpu_ms: float = Field(description="of the desk's process, a page on average")
    html_kb: float = Field(description="of the answer, not packed")


class LatencyReport(Frozen):
    """Pages of a desk with many dossiers."""

    dossiers: int
    waiting: int
    pages: tuple[PageTime, ...]
    sizes: tuple[PageSize, ...]

    @property
    def passed(self) -> bool:
        """Whether the pages that have a bar keep it."""
        barred = (one for one in self.pages if one.page in BARRED)
        in_time = all(one.p95_ms <= BAR_MS for one in barred)
        return in_time and all(one.passed for one in self.sizes)


def latency(
    ledger: Path, dossiers: int, waiting: int, times: int, say: Callable[[str], None]
) -> LatencyReport:
    """Ask a desk over a ledger made by :func:`training.benches.many_dossiers.fill`.

    Args:
        ledger: its file; accounts are added to it.
        dossiers: how many it has.
        waiting: how many of them wait.
        times: how often each page is asked for.
        say: told which page is asked for.

    Raises:
        ServiceUnavailable: ``bench.no_start``.
    """
    work = ledger.parent / "work"
    with Ledger.open(f"sqlite:///{ledger}") as opened:
        add_people(rooms_of(opened, work))
    codes = _codes(ledger, [*numbers_in(dossiers, waiting, times)])
    measured: list[PageTime] = []
    with desk_served(ledger, work, a_manifest().model_dump_json().encode()) as desk:
        client = signed_in(desk.address, EVERY_DUTY)
        for page, path in _PAGES.items():
            say(page)
            measured.append(page_time(desk, client, page, [path] * times))
        say("dossier")
        measured.append(page_time(desk, client, "dossier", [f"/dossiers/{one}" for one in codes]))
        shown = {name: path for name, path in _PAGES.items() if " of " not in name}
        more = {"dossier": f"/dossiers/{codes[0]}", **_OTHER_PAGES}
        sizes = tuple(page_sizes(client, {**shown, **more}))
        client.close()
    return LatencyReport(dossiers=dossiers, waiting=waiting, pages=tuple(measured), sizes=sizes)


_PAGES: Mapping[str, str] = {
    "queue": "/queue",
    "queue of a department": f"/queue?department={UNITS[1]}",
    "queue of a type": "/queue?type=ct01",
    "queue of a procedure": "/queue?procedure=1.004194",
    "queue, late": "/queue?age=late",
    "queue of approvals": "/queue?stage=awaiting_approval",
    "queue of failures": "/queue?stage=failed",
    "start": "/",
    "dossiers": "/dossiers",
    "dossiers of a department": f"/dossiers?department={UNITS[1]}",
    "dossiers under review": "/dossiers?stage=in_review",
    "dossiers by a part of a code": "/dossiers?code=-0042",
    "results": "/results",
    "approve": "/approve",
    "carpet": "/carpet",
    "review": "/review",
    "operate": "/operate",
    "figures": "/figures",
    "figures of a year": "/figures?since=2026-01-01",
    "accounts": "/accounts",
}


_OTHER_PAGES: Mapping[str, str] = {
    "drop": "/drop",
    "rescans": "/rescans",
    "delegation": "/delegation",
    "password": "/password",
}


def page_time(desk: Served, client: httpx.Client, page: str, paths: list[str]) -> PageTime:
    """Ask for these addresses one after the other.

    Raises:
        httpx.HTTPStatusError: the desk refuses one.
    """
    times: list[float] = []
    size, spent = 0, desk.cpu()
    for at, path in enumerate([*paths[:_FIRST], *paths]):
        if at == _FIRST:
            spent = desk.cpu()
        begun = time.perf_counter()
        answer = client.get(path, follow_redirects=True)
        times.append(1000 * (time.perf_counter() - begun))
        answer.raise_for_status()
        size = max(size, len(answer.content))
    return time_of(page, times[_FIRST:], size, desk.cpu() - spent)


def time_of(page: str, times: list[float], size: int, cpu: float) -> PageTime:
    """Median, 95th percentile and the worst of these milliseconds."""
    ranked = sorted(times)
    return PageTime(
        page=page,
        asked=len(ranked),
        median_ms=round(ranked[len(ranked) // 2], 1),
        p95_ms=round(ranked[min(len(ranked) - 1, int(0.95 * len(ranked)))], 1),
        slowest_ms=round(ranked[-1], 1),
        cpu_ms=round(1000 * cpu / len(ranked), 1),
        html_kb=round(size / 1000, 1),
    )


def _codes(ledger: Path, numbers: list[int]) -> list[str]:
    engine = sa.create_engine(f"sqlite:///{ledger}")
    with engine.connect() as connection:
        query = sa.select(dossier.c.code, dossier.c.department).where(dossier.c.id.in_(numbers))
        found = [f"{code}?department={unit}" for code, unit in connection.execute(query)]
    engine.dispose()
    return found
