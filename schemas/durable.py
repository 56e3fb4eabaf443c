"""Files that are there whole or not at all, also after a power cut; and who works on them alone."""

import ctypes
import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from schemas.errors import SohoaError


@contextmanager
def written_whole(
    path: Path, mode: int = 0o666, *, replacing: bool = True, durable: bool = True
) -> Iterator[BinaryIO]:
    """A stream whose content becomes ``path`` when the block ends without an exception.

    A temporary name in the same folder (``.*.part``, swept where one is left), fsync, rename, fsync
    of the folder. Others may write the same path at the same time: the last one to finish counts.

    Args:
        path: the file.
        mode: that of the new file, less the umask.
        replacing: whether it takes the place of what is there; else what is there stays.
        durable: whether it is flushed to the disk; copies of what lies elsewhere, whose readers
            compare its hash, need not be.

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
        if replacing:
            temporary.replace(path)
        else:
            with suppress(FileExistsError):
                path.hardlink_to(temporary)
    finally:
        temporary.unlink(missing_ok=True)
    if durable:
        fsync_folder(path.parent)


def write_durably(path: Path, content: bytes, mode: int = 0o666, *, replacing: bool = True) -> None:
    """Write ``content`` to ``path`` as :func:`written_whole` does."""
    with written_whole(path, mode, replacing=replacing) as stream:
        stream.write(content)


def fsync_folder(folder: Path) -> None:
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


@contextmanager
def held(path: Path, otherwise: SohoaError) -> Iterator[None]:
    """Hold the lock file ``path`` while the block runs: one process at a time.

    The lock is advisory and ends with the process; children do not inherit it. The file (mode 600)
    is made where it is missing and never removed.

    Raises:
        SohoaError: ``otherwise``, where another process holds it.
        OSError: it cannot be opened.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise otherwise from None
        yield
    finally:
        os.close(descriptor)
