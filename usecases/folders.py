"""Folders that other accounts of the machine may write to, walked without following a link.

A path says what stood there a moment ago: between a look and the next step a folder may have become
a link to somewhere else. So every folder below the inbox is opened from the one above it, by its
descriptor, with ``O_NOFOLLOW`` (openat(2)); what was opened stays what it is.
"""

import contextlib
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass(frozen=True)
class Entry:
    """One thing in a folder; ``info`` is its own, not that of what a link names."""

    name: str
    info: os.stat_result

    @property
    def is_folder(self) -> bool:
        """A real folder, no link to one."""
        return stat.S_ISDIR(self.info.st_mode)


@contextlib.contextmanager
def opened(root: Path, parts: Sequence[str] = ()) -> Iterator[int]:
    """The descriptor of the folder ``parts`` below ``root``, which alone may be a link.

    Raises:
        OSError: one of them is gone, no folder (any more), or may not be opened.
    """
    handle = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in parts:
            below = os.open(part, _FOLDER, dir_fd=handle)
            os.close(handle)
            handle = below
        yield handle
    finally:
        os.close(handle)


@contextlib.contextmanager
def opened_below(folder: int, name: str) -> Iterator[int]:
    """The descriptor of the folder ``name`` in ``folder``."""
    handle = os.open(name, _FOLDER, dir_fd=folder)
    try:
        yield handle
    finally:
        os.close(handle)


@contextlib.contextmanager
def opened_file(folder: int, relative: str) -> Iterator[int]:
    """The descriptor of a regular file, ``relative`` below ``folder``, for reading.

    Opening waits for nobody: a pipe in its place is refused.

    Raises:
        OSError: it is gone, no regular file, or may not be read.
    """
    *above, name = relative.split("/")
    with contextlib.ExitStack() as stack:
        for part in above:
            folder = stack.enter_context(opened_below(folder, part))
        handle = os.open(name, _FILE, dir_fd=folder)
        stack.callback(os.close, handle)
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(os.strerror(22))
        yield handle


def entries(folder: int) -> list[Entry]:
    """What is in an open folder, by the bytes of its name; what goes away meanwhile is left out."""
    found = []
    with os.scandir(folder) as names:
        for one in names:
            with contextlib.suppress(FileNotFoundError):
                found.append(Entry(one.name, one.stat(follow_symlinks=False)))
    return sorted(found, key=lambda entry: os.fsencode(entry.name))


def exists(folder: int, name: str) -> bool:
    """Whether ``folder`` has something called ``name``."""
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def make_like(path: Path, like: Path) -> None:
    """Make ``path`` and what is missing above it, with the mode of ``like``, which is above both.

    The process's umask is 077; who may read ``done/`` may read what is in it.
    """
    missing = []
    while path != like and not path.is_dir():
        missing.append(path)
        path = path.parent
    mode = stat.S_IMODE(like.stat().st_mode)
    for folder in reversed(missing):
        folder.mkdir(mode=0o700, exist_ok=True)
        with contextlib.suppress(OSError):  # a share may keep no modes
            folder.chmod(mode)
