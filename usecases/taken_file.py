"""A file on its way out: known to be whole before any of it is given, and nowhere afterwards.

It goes through the work folder without a name, so that nothing of it is left when it was sent, or
when the process dies; memory holds a block of it.
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from schemas.errors import Damaged, NotFound
from storage import KeptObject
from usecases.fixity import note_damage, note_missing
from usecases.rooms import Rooms

FOLDER = "taken-away"
BLOCK = 1 << 20
"""Bytes that are held at a time."""


@dataclass(frozen=True)
class TakenFile:
    """A file that was found whole, open for reading.

    Attributes:
        size: bytes.
        name: what it is called where it is saved: without a person's name.
        sha256: of all of it; None where nothing names one.
    """

    stream: BinaryIO
    name: str
    media_type: str
    size: int
    sha256: str | None

    def blocks(self, begin: int = 0, end: int | None = None) -> Iterator[bytes]:
        """All of it, or the bytes from ``begin`` before ``end``; then it is closed, and gone."""
        left = (self.size if end is None else end) - begin
        with self.stream:
            self.stream.seek(begin)
            while left > 0 and (block := self.stream.read(min(BLOCK, left))):
                left -= len(block)
                yield block


def whole(rooms: Rooms, kept: KeptObject) -> BinaryIO:
    """An object's bytes, open for reading, once they are known to be those the ledger names.

    Raises:
        Damaged: the store has other bytes, or none; that is noted as a finding.
        ServiceUnavailable: the store does not answer.
    """
    path = place(rooms)
    try:
        rooms.objects().get(
            kept.bucket,
            kept.key,
            path,
            version_id=kept.version_id,
            sha256=kept.sha256,
            durable=False,
        )
        return path.open("rb")
    except Damaged:
        note_damage(rooms.ledger, kept)
        raise
    except NotFound:
        raise note_missing(rooms.ledger, kept) from None
    finally:
        path.unlink(missing_ok=True)


def place(rooms: Rooms) -> Path:
    """A path in the work folder that nothing stands under."""
    folder = rooms.work / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / secrets.token_hex(8)


def taken(stream: BinaryIO, name: str, media_type: str, sha256: str | None = None) -> TakenFile:
    """An open file, to be given out from its beginning."""
    size = stream.seek(0, 2)
    stream.seek(0)
    return TakenFile(stream, name, media_type, size, sha256)
