"""Notifications of changes in a few folders: inotify(7).

News are hints to look, so what came is not even read. ``watchfiles``, which did this before, ends
at a name that is not UTF-8 and takes watches for whole trees, ``done/`` with all its years too. A
kernel takes a limited number of watches (``fs.inotify.max_user_watches``): when it takes no more,
:attr:`FolderNews.deaf` says so, and who waits must look by itself.
"""

import ctypes
import errno
import os
from collections.abc import Iterable
from pathlib import Path

_libc = ctypes.CDLL(None, use_errno=True)

# <sys/inotify.h>
_ATTRIB, _CLOSE_WRITE = 0x4, 0x8
_MOVED_TO, _CREATE = 0x80, 0x100
_ONLY_FOLDERS, _NOT_THROUGH_LINKS = 0x0100_0000, 0x0200_0000
_EVENTS = _ATTRIB | _CLOSE_WRITE | _MOVED_TO | _CREATE
_READ_BYTES = 65_536


class FolderNews:
    """Watches folders, not what is below them. Read from an event loop by its descriptor."""

    def __init__(self) -> None:
        self.deaf = False
        """Whether some folder could not be watched."""
        self._watches: dict[bytes, int] = {}
        self._handle: int = _libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if self._handle < 0:
            self.deaf = True

    def fileno(self) -> int:
        """The descriptor; negative where the kernel gave none."""
        return self._handle

    def watch(self, folders: Iterable[Path]) -> bool:
        """Watch these folders from now on, and no others; whether one is new. Any bytes will do.

        A path that has become another folder is watched anew: the kernel knows folders, not paths.
        What came into a new one before this is told by nobody: look again.
        """
        if self._handle < 0:
            return False
        deaf = False
        watches: dict[bytes, int] = {}
        for number, folder in enumerate(folders):
            path = os.fsencode(folder)
            flags = _EVENTS | _ONLY_FOLDERS | (_NOT_THROUGH_LINKS if number else 0)
            watch = _libc.inotify_add_watch(self._handle, path, flags)
            if watch >= 0:
                watches[path] = watch
            elif ctypes.get_errno() not in {errno.ENOENT, errno.ENOTDIR, errno.ELOOP}:
                deaf = True
        before, now = set(self._watches.values()), set(watches.values())
        for watch in before - now:
            _libc.inotify_rm_watch(self._handle, watch)
        self._watches, self.deaf = watches, deaf
        return not now <= before

    def __len__(self) -> int:
        """How many folders are watched."""
        return len(self._watches)

    def drain(self) -> None:
        """Forget the news that have come; what they say is seen by looking."""
        try:
            while os.read(self._handle, _READ_BYTES):
                pass
        except OSError:  # none left
            return

    def close(self) -> None:
        """Give the watches back."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1
