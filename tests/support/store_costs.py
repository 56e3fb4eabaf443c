"""What it costs a dossier of one page that its work lies in the store until it is published.

``PYTHONPATH=.:tests/support python tests/support/store_costs.py [COUNT]``: original, PDF/A and
signed file are kept as a step keeps them, and dropped; CPU milliseconds of this client and of the
store, and the milliseconds it waits, a dossier. Files are as long as those of an A4 page in colour.
"""

import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

import psutil
from running_store import RunningStore

from storage import Objects

SIZES = {"original": 400_000, "pdfa": 420_000, "signed": 480_000}


def main(count: int) -> None:
    """Measure ``count`` dossiers one after the other."""
    with tempfile.TemporaryDirectory(prefix="sohoa-") as name:
        folder = Path(name)
        store = RunningStore(folder)
        store.start()
        try:
            objects = Objects(store.options())
            objects.ensure()
            _measure(objects, folder, count)
        finally:
            store.kill()


def _measure(objects: Objects, folder: Path, count: int) -> None:
    cpu: Counter[str] = Counter()
    wall: Counter[str] = Counter()

    def step(name: str, act: Callable[[], object]) -> None:
        spent, began = time.process_time(), time.perf_counter()
        act()
        cpu[name] += 1000 * (time.process_time() - spent) / count
        wall[name] += 1000 * (time.perf_counter() - began) / count

    before = _store_seconds(folder)
    for number in range(count):
        claim = f"claim-{number}"
        for kind, size in SIZES.items():
            (folder / kind).write_bytes(os.urandom(size))
        original, copy = folder / "original", folder / "copy"
        step("original", partial(objects.keep_original, claim, original, copy))
        step("flushed", objects.sync)
        step("pdfa", partial(objects.keep_made, claim, folder / "pdfa"))
        step("asked for a signed file", partial(objects.made, claim, "signed"))
        step("signed", partial(objects.keep_made, claim, folder / "signed", "signed"))
        step("dropped", partial(objects.drop, claim))
    store = 1000 * (_store_seconds(folder) - before) / count
    for name in cpu:
        print(f"{name:24} {cpu[name]:6.1f} ms CPU {wall[name]:6.1f} ms")
    print(
        f"{'in all':24} {cpu.total():6.1f} ms CPU {wall.total():6.1f} ms; the store's {store:.1f}"
    )


def _store_seconds(folder: Path) -> float:
    """CPU seconds of the store's processes so far."""
    named = psutil.process_iter(["cmdline", "cpu_times"])
    return sum(
        one.info["cpu_times"].user + one.info["cpu_times"].system
        for one in named
        if any(str(folder) in part for part in one.info["cmdline"] or ())
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
