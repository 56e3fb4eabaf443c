"""A file system of its own for a running Sohoa, which can be filled."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
from running import Running


@contextmanager
def small_disk(folder: Path) -> Iterator[Path | None]:
    """``folder`` on a disk of 3 GB; None where this account may not mount one."""
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
        _limit_writing(running, 0)
        yield
        _limit_writing(running, psutil.RLIM_INFINITY)
        return
    balloon = disk / "balloon"
    with balloon.open("wb", buffering=0) as out, suppress(OSError):
        while True:
            out.write(b"\0" * (1 << 20))
    yield
    balloon.unlink()


def _limit_writing(running: Running, length: int) -> None:
    """Set the longest file that every process but the store's may write (its program would end)."""
    assert running.process is not None
    first = psutil.Process(running.process.pid)
    for process in (first, *first.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            if process.pid != running.pids()["store"]:
                process.rlimit(psutil.RLIMIT_FSIZE, (length, psutil.RLIM_INFINITY))
