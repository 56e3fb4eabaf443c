"""The folders that Sohoa keeps in the inbox, and who may read them.

An inbox elsewhere than in the data folder is shared with clerks. What was taken is nobody's but the
service's; ``done/``, ``rejected/`` and ``held/`` may be read by the group that may read the inbox,
never by everybody.
"""

import contextlib
import os
import stat
from pathlib import Path

from schemas.errors import ConfigurationError
from usecases.submission import CLAIMED, INCOMING

DONE = "done"
REJECTED = "rejected"
HELD = "held"
SHOWN = (DONE, REJECTED, HELD)
_RESERVED = frozenset(SHOWN)


def is_reserved(name: str) -> bool:
    """Whether a folder directly in the inbox is ours, also as SMB clients may spell it."""
    return name.casefold().rstrip(" .") in _RESERVED


def prepare(root: Path) -> None:
    """Make the inbox's own folders where they are missing, and close them to everybody else.

    Where the inbox is ours and others may write to it, nobody may rename or remove what another
    has put there (the sticky bit): else ``done/`` could be exchanged for a link.

    Raises:
        ConfigurationError: one of them is a link, no folder, or another user's.
    """
    root.mkdir(mode=0o750, parents=True, exist_ok=True)
    home = root.stat()
    if home.st_uid == os.geteuid() and home.st_mode & 0o022 and not home.st_mode & stat.S_ISVTX:
        _set_mode(root, stat.S_IMODE(home.st_mode) | stat.S_ISVTX)
    for name in (CLAIMED, INCOMING, *SHOWN):
        path = root / name
        with contextlib.suppress(FileExistsError):
            path.mkdir(mode=0o700)
        info = path.lstat()
        if not stat.S_ISDIR(info.st_mode) or info.st_uid not in {os.geteuid(), home.st_uid}:
            raise ConfigurationError("flow.own_folder_foreign", folder=name)
        if info.st_uid == os.geteuid():
            _close(path, home, shown=name in SHOWN)


def _close(path: Path, home: os.stat_result, *, shown: bool) -> None:
    mode = 0o700
    if shown and home.st_mode & 0o050:
        with contextlib.suppress(OSError):  # not a member of that group
            os.chown(path, -1, home.st_gid)
            mode = 0o2750
    _set_mode(path, mode)


def _set_mode(path: Path, mode: int) -> None:
    with contextlib.suppress(OSError):  # a share may keep no modes
        path.chmod(mode)
