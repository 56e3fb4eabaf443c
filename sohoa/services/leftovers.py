"""Work files that a killed process has left: half-written, never renamed into place."""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

from flows.disposition import NOTE_PART
from flows.own_folders import HELD, REJECTED
from sohoa.settings import Settings
from usecases.submission import INCOMING

YOUNG_SECONDS = 10.0
"""A younger one may be a command's that writes beside the services."""
HANDED_OVER_SECONDS = 24 * 3600.0
"""How long `sohoa ingest` may take to copy."""


def sweep(settings: Settings) -> int:
    """Remove them, where the services keep what they make; how many there were.

    A work file is written under a name of its own and renamed when it is whole, so nothing is lost
    with it: what it was for is done again. Never raises.
    """
    now = time.time()
    count = 0
    for path, keep in _found(settings):
        with contextlib.suppress(OSError):
            if now - path.lstat().st_mtime > keep:
                _remove(path)
                count += 1
    return count


def _found(settings: Settings) -> Iterator[tuple[Path, float]]:
    """Work files and how old each must be. ``signed.pdf.part`` is none: it may hold a signature."""
    data, inbox = settings.data, settings.inbox
    learning = data / "learning"
    kept = (learning, learning / "lines", learning / "adapters", learning / "sheets")
    for folder in (data, data / "run", data / "secrets", data / "types", data / "work", *kept):
        yield from ((one, YOUNG_SECONDS) for one in folder.glob(".*.part"))
    for workspace in (data / "work").glob("*"):
        if workspace.is_dir() and not workspace.is_symlink():
            for pattern in (".*.part", "reading.part", "pages.part", ".composing-*"):
                yield from ((one, YOUNG_SECONDS) for one in workspace.glob(pattern))
    for folder in (inbox / REJECTED, inbox / HELD):
        yield from ((one, YOUNG_SECONDS) for one in folder.rglob(f".*{NOTE_PART}"))
    yield from ((one, HANDED_OVER_SECONDS) for one in (inbox / INCOMING).glob("*"))


def _remove(path: Path) -> None:
    """A file, or a folder of this user's with what is in it; links are not followed."""
    if path.is_symlink() or not path.is_dir():
        path.unlink()
        return
    for one in path.iterdir():
        _remove(one)
    path.rmdir()
