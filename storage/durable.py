"""Files that are there whole or not at all, also after a power cut."""

import ctypes
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def written_whole(path: Path, mode: int = 0o666, *, durable: bool = True) -> Iterator[BinaryIO]:
    """A stream whose content becomes ``path`` when the block ends without an exception.

    A temporary name in the same folder, fsync, rename, fsync of the folder. ``mode`` is that of
    the new file, less the umask. Not ``durable``: nothing is flushed, for
    copies of what lies elsewhere, whose readers compare its hash.

    Raises:
        OSError: the folder is missing or full, or the disk failed.
    """
    temporary = path.with_name(f".sohoa-{secrets.token_hex(8)}.part")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            yield stream
            stream.flush()
            if durable:
                os.fsync(stream.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    if durable:
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Bring a folder's names onto the disk.

    Raises:
        OSError: the disk failed.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_file_system(folder: Path) -> None:
    """Bring everything unwritten of the file system with ``folder`` onto the disk (``syncfs(2)``).

    Raises:
        OSError: there is no such folder, or the disk failed since the last call.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        if libc.syncfs(descriptor) != 0:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code))
    finally:
        os.close(descriptor)
