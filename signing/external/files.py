"""Signed files while they are made: whole or not at all, by one process at a time."""

import fcntl
import hashlib
import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import IO

from schemas.durable import fsync_folder
from schemas.errors import ServiceUnavailable

_CHUNK = 1 << 20


def sha256_of(path: Path, length: int | None = None) -> str:
    """The SHA-256 of a file, or of its first ``length`` bytes, in hexadecimal."""
    digest = hashlib.sha256()
    left = path.stat().st_size if length is None else length
    with path.open("rb") as stream:
        while left > 0 and (block := stream.read(min(_CHUNK, left))):
            digest.update(block)
            left -= len(block)
    return digest.hexdigest()


class PartFile:
    """``<out>.part``: written by one process at a time, renamed to ``out`` when it is whole."""

    def __init__(self, out: Path) -> None:
        """Nothing is touched before :meth:`__enter__`."""
        self.out = out
        self.path = out.with_name(out.name + ".part")
        self._handle = -1

    def __enter__(self) -> "PartFile":
        """Open (or make) and lock it.

        Raises:
            ServiceUnavailable: another process writes it.
        """
        while True:
            handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o666)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if os.path.samestat(os.fstat(handle), self.path.stat()):
                    self._handle = handle
                    return self
            except BlockingIOError as exc:
                os.close(handle)
                raise ServiceUnavailable("signing.in_progress") from exc
            except FileNotFoundError:
                pass  # renamed or removed between opening and locking
            os.close(handle)

    def __exit__(self, *_: object) -> None:
        """Let go of it; what was not finished is removed."""
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(self._handle), self.path.stat()):
                self.path.unlink()
        os.close(self._handle)

    @property
    def empty(self) -> bool:
        """Nothing was left in it by an earlier run."""
        return os.fstat(self._handle).st_size == 0

    def fill_from(self, source: Path) -> IO[bytes]:
        """Its content becomes that of ``source``; the stream reads and writes it."""
        os.ftruncate(self._handle, 0)
        stream = self.path.open("r+b")
        with source.open("rb") as reader:
            shutil.copyfileobj(reader, stream, _CHUNK)
        stream.flush()
        return stream

    def finish(self) -> None:
        """Make it durable and rename it to ``out``."""
        os.fsync(self._handle)
        self.path.rename(self.out)
        fsync_folder(self.out.parent)
