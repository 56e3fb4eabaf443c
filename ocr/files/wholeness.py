"""Whether a file has arrived to its end, and what kind of file it is, by its own bytes.

Nothing is decoded: only headers, chunk lengths and offsets are followed, so a scan that is still
being copied into the inbox costs a few reads each time it is looked at.
"""

import mmap
import re
import struct
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from ocr.files.tiff import TiffError, walk
from ocr.values import FileKind

HEAD_BYTES = 1_024
"""How far into a file ``%PDF-`` may stand (ISO 32000-1, annex H.3, note 13)."""

PDF_TAIL_BYTES = 4_096
"""How much may follow the last ``%%EOF``; scanners and mail gateways append a little."""

_HEIF_BRANDS = frozenset({b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"})


def sniff(head: bytes) -> FileKind | None:
    """The kind of a file from its first :data:`HEAD_BYTES`; None for what is not read."""
    if head.startswith(b"\xff\xd8\xff"):
        return FileKind.jpeg
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return FileKind.png
    if head[:4] in {b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"}:
        return FileKind.tiff
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return FileKind.webp
    if head[4:8] == b"ftyp" and _heif_brand(head):
        return FileKind.heic
    if b"%PDF-" in head[:HEAD_BYTES]:
        return FileKind.pdf
    return None


def _heif_brand(head: bytes) -> bool:
    size = min(struct.unpack(">I", head[:4])[0], len(head))
    brands = {head[at : at + 4] for at in range(8, size - 3, 4)}
    return not brands.isdisjoint(_HEIF_BRANDS)


def complete(path: Path) -> bool:
    """Whether a file is structurally whole: its end marker is there, its offsets lie inside it.

    False for an empty file and one that cannot be opened (yet). True for a kind that is not read:
    there is nothing to wait for. A whole file may still be broken inside.
    """
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
            kind = sniff(head)
            if kind is None:
                return bool(head)
            return whole(file, kind)
    except OSError:
        return False


def whole(file: BinaryIO, kind: FileKind) -> bool:
    """Whether an open file of a known kind is whole; the position in it changes."""
    size = file.seek(0, 2)
    try:
        return _CHECKS[kind](file, size)
    except (struct.error, TiffError, ValueError, OverflowError):
        return False


def _pdf(file: BinaryIO, size: int) -> bool:
    file.seek(0)
    stated = re.search(rb"/Linearized\b[^>]*?/L\s+(\d+)", file.read(HEAD_BYTES))
    if stated and int(stated[1]) > size:
        return False
    file.seek(max(0, size - PDF_TAIL_BYTES))
    tail = file.read()
    return b"%%EOF" in tail and b"startxref" in tail


def _jpeg(file: BinaryIO, size: int) -> bool:
    """Follow the segments to the first scan, then look for the end marker behind it.

    The thumbnail in the EXIF segment has an end marker of its own; it lies before the scan.
    """
    position = 2
    while position + 4 <= size:
        file.seek(position)
        lead, marker, length = struct.unpack(">BBH", file.read(4))
        if lead != 0xFF:
            return False
        if marker == 0xFF:
            position += 1
            continue
        position += 2 + length
        if marker == 0xDA:
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                return data.rfind(b"\xff\xd9", position) >= 0
    return False


def _png(file: BinaryIO, size: int) -> bool:
    position = 8
    while position + 12 <= size:
        file.seek(position)
        length, name = struct.unpack(">I4s", file.read(8))
        position += 12 + length
        if name == b"IEND":
            return bool(position <= size)
    return False


def _tiff(file: BinaryIO, size: int) -> bool:
    return all(frame.end <= size for frame in walk(file)) if size else False


def _webp(file: BinaryIO, size: int) -> bool:
    file.seek(4)
    return int(struct.unpack("<I", file.read(4))[0]) + 8 <= size


def _heic(file: BinaryIO, size: int) -> bool:
    """Follow the boxes to the end; a cut between two of them lacks the items or their bytes."""
    position, awaited = 0, {b"meta", b"mdat"}
    while position < size:
        file.seek(position)
        header = file.read(16)
        length = struct.unpack(">I", header[:4])[0]
        awaited.discard(header[4:8])
        if length == 1:
            length = struct.unpack(">Q", header[8:16])[0]
        if length == 0:
            return not awaited
        if length < 8:
            return False
        position += length
    return position == size and not awaited


_CHECKS: dict[FileKind, Callable[[BinaryIO, int], bool]] = {
    FileKind.pdf: _pdf,
    FileKind.jpeg: _jpeg,
    FileKind.png: _png,
    FileKind.tiff: _tiff,
    FileKind.webp: _webp,
    FileKind.heic: _heic,
}
