"""Files on a disk: their names, whose they are, known by their hash."""

import hashlib
import os
import stat
from pathlib import Path

_BLOCK = 1 << 20
NAME_MAX = 255
"""Bytes of a file's name."""
LARGEST_FILE = 500_000_000
"""Bytes of a file that is taken in, by a folder or over the network. Larger ones would not
be read either (``reading.max_bytes``)."""
NO_CONTENT = hashlib.sha256().hexdigest()
"""Noted for what has no readable bytes: a link, a pipe, a file without permission."""


def fit_name(stem: str, ending: str) -> str:
    """``stem + ending`` within a file system's 255 bytes; a shortened stem gets its hash."""
    raw = os.fsencode(stem)
    room = NAME_MAX - len(os.fsencode(ending))
    if len(raw) <= room:
        return stem + ending
    mark = "~" + hashlib.sha256(raw).hexdigest()[:8]
    return raw[: room - len(mark)].decode("utf-8", "ignore") + mark + ending


def prune(path: Path, stop: Path) -> None:
    """Remove ``path`` and its parents below ``stop`` as long as they are empty."""
    while path != stop and stop in path.parents:
        try:
            path.rmdir()
        except FileNotFoundError:
            pass
        except OSError:
            return
        path = path.parent


def is_own_file(path: Path) -> bool:
    """Whether ``path`` is a regular file that has this one name.

    A second name (a hard link) may be somebody else's: who may not read a file can give it a name
    in the inbox where the kernel does not forbid it (``fs.protected_hardlinks``), and would have
    it published. Links, pipes, sockets and devices are no files at all.
    """
    try:
        info = path.lstat()
    except OSError:
        return False
    return stat.S_ISREG(info.st_mode) and info.st_nlink == 1


def fingerprint(path: Path) -> tuple[str, int]:
    """SHA-256 and size of a regular file; those of nothing for anything else.

    Links are not followed, and opening a pipe does not wait for its other end.
    """
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            return NO_CONTENT, 0
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return NO_CONTENT, 0
    with os.fdopen(handle, "rb") as source:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            return NO_CONTENT, 0
        digest, size = hashlib.sha256(), 0
        try:
            while block := source.read(_BLOCK):
                digest.update(block)
                size += len(block)
        except OSError:
            return NO_CONTENT, 0
        return digest.hexdigest(), size
