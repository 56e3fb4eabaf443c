"""A full disk: what is under way waits, nothing is lost, and it goes on when there is room."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path

import psutil
import pytest
from running import Running, running_in

from schemas.dossier import Stage
from sohoa.sample import draw_small
from usecases.caller import SERVICE
from usecases.submission import Submission, submit


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path | None]:
    """A file system of its own that can be filled; None where this account may not mount one."""
    folder = tmp_path / "data"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=3g", "tmpfs", folder]
    mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    yield folder if mounted else None
    if mounted:
        subprocess.run(["umount", "--lazy", folder], check=False)


@contextmanager
def no_room(running: Running, disk: Path | None) -> Iterator[None]:
    """Nothing can be written: the disk is full, or our processes may write no byte to a file."""
    if disk is None:
        limit_writing(running, 0)
        yield
        limit_writing(running, psutil.RLIM_INFINITY)
        return
    balloon = disk / "balloon"
    with balloon.open("wb", buffering=0) as out, suppress(OSError):
        while True:
            out.write(b"\0" * (1 << 20))
    yield
    balloon.unlink()


def limit_writing(running: Running, length: int) -> None:
    """Set the longest file that every process but the store's may write (its program would end)."""
    assert running.process is not None
    first = psutil.Process(running.process.pid)
    for process in (first, *first.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            if process.pid != running.pids()["store"]:
                process.rlimit(psutil.RLIMIT_FSIZE, (length, psutil.RLIM_INFINITY))


@pytest.mark.service
@pytest.mark.slow
def test_a_full_disk_delays_and_loses_nothing(small_disk: Path | None, tmp_path: Path) -> None:
    running: Running = running_in(tmp_path)
    first, second = draw_small(tmp_path / "pages", 2, date.today())
    running.start()
    try:
        submit(SERVICE, running.inbox, "mot-cua", Submission(first.name, False, (first,)))
        with running.ledger() as ledger:

            def stages() -> list[Stage]:
                return [one.stage for one in ledger.dossiers()]

            running.wait_for(lambda: stages() == [Stage.published], 60, "the first dossier")
            with no_room(running, small_disk):
                submit(SERVICE, running.inbox, "mot-cua", Submission(second.name, False, (second,)))
                time.sleep(8)
                assert stages().count(Stage.published) == 1
                assert Stage.failed not in stages()
                assert Stage.rejected not in stages()
            running.wait_for(lambda: stages() == [Stage.published] * 2, 150, "the second one")
            assert ledger.verify_chain().intact

        def no_claim() -> bool:
            return not any((running.inbox / ".claimed").iterdir())

        running.wait_for(no_claim, 60, "the claims to be put away")
    finally:
        running.stop()
