"""What a one-page dossier costs outside OCR, through services of its own."""

import tempfile
import threading
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import psutil
from pydantic import Field

from schemas.dossier import Stage
from schemas.errors import ServiceUnavailable
from schemas.page import Frozen
from sohoa.bootstrap import open_ledger, work_folder
from sohoa.sample import draw_small
from sohoa.services import running, supervise
from sohoa.settings import Settings, load_settings
from usecases.caller import SERVICE
from usecases.review import settle
from usecases.submission import Submission, submit

_WARM_UP = 4
_CALM_SECONDS = 4.0
"""Prefect's server writes what it was told some seconds later; it counts too."""


class PipelineReport(Frozen):
    """CPU of one-page dossiers through the embedded services; seconds are CPU unless said."""

    dossiers: int
    wall_seconds: float
    dossiers_per_minute: float
    outside_ocr: float = Field(description="CPU-seconds a dossier: all but the reading processes")
    watcher: float = Field(description="Prefect's client, ledger, signing, storing; a dossier")
    prefect: float = Field(description="Prefect's server, a dossier")
    store: float = Field(description="the object store, a dossier")
    portal: float = Field(description="the desk, which nobody uses meanwhile; a dossier")
    reading: float = Field(description="the reading processes: OCR, fields, PDF/A; a dossier")


def pipeline(dossiers: int, say: Callable[[str], None]) -> PipelineReport:
    """Run ``dossiers`` one-page dossiers through services of their own, in a folder of their own.

    Raises:
        ServiceUnavailable: a dossier was not published.
    """
    with tempfile.TemporaryDirectory(prefix="sohoa-bench-") as folder:
        settings = load_settings(data=Path(folder) / "data", inbox=Path(folder) / "inbox")
        stop, ready = threading.Event(), threading.Event()
        services = threading.Thread(
            target=supervise,
            args=(settings,),
            kwargs={"on_ready": lambda _endpoints: ready.set(), "stop": stop},
        )
        services.start()
        try:
            while not ready.wait(0.2):
                if not services.is_alive():
                    raise ServiceUnavailable("bench.no_start")
            pages = draw_small(Path(folder) / "pages", dossiers + _WARM_UP, date.today())
            say(f"warm-up: {_WARM_UP}")
            _through(settings, pages[:_WARM_UP], 0)
            time.sleep(_CALM_SECONDS)
            before, start = _cpu(settings), time.monotonic()
            say(f"dossiers: {dossiers}")
            _through(settings, pages[_WARM_UP:], _WARM_UP)
            wall = time.monotonic() - start
            time.sleep(_CALM_SECONDS)
            after = _cpu(settings)
        finally:
            stop.set()
            services.join()
    used = {name: (after[name] - before[name]) / dossiers for name in after}
    return PipelineReport(
        dossiers=dossiers,
        wall_seconds=wall,
        dossiers_per_minute=60 * dossiers / wall,
        outside_ocr=used["watcher"] + used["prefect"] + used["store"] + used["portal"],
        **used,
    )


def _through(settings: Settings, pages: list[Path], done: int) -> None:
    """Hand each page over as a dossier, settle doubts, and wait until all are published."""
    today = f"{date.today():%y%m%d}"
    for number, page in enumerate(pages, start=done + 1):
        submission = Submission(f"H17-{today}-{number:04d}", False, (page,))
        submit(SERVICE, settings.inbox, "bench", submission)
    end = time.monotonic() + 60 + 20 * len(pages)
    with open_ledger(settings) as ledger:
        while time.monotonic() < end:
            time.sleep(0.5)
            for doubtful in ledger.dossiers(stage=Stage.in_review):
                settle(SERVICE, ledger, work_folder(settings), doubtful, (), accept=True)
            stages = [one.stage for one in ledger.dossiers()]
            if stages.count(Stage.published) >= done + len(pages):
                return
            if {Stage.failed, Stage.rejected} & set(stages):
                break
    raise ServiceUnavailable("bench.not_published")


def _cpu(settings: Settings) -> dict[str, float]:
    """CPU-seconds so far of each service, the watcher's reading processes apart."""
    facts = running(settings)
    if facts is None:
        raise ServiceUnavailable("bench.no_start")
    seconds = dict.fromkeys(("watcher", "prefect", "store", "portal", "reading"), 0.0)
    for name, fact in facts.services.items():
        process = psutil.Process(fact.pid or 0)
        seconds[name] += _own(process)
        for child in process.children(recursive=True):
            seconds["reading" if name == "watcher" else name] += _own(child)
    return seconds


def _own(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)
