"""Whether a file is complete, and what kind of file it is, by its own bytes.

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

PADDING = b"\x00\xff \t\r\n\x0c\x1a"
"""Bytes with which machines fill a file up behind its end, to a block of their disk or by mistake.
However many they are, nothing of the file is missing."""

_CHUNK = 1 << 16
_HEIF_BRANDS = frozenset({b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"})
_HEVC_BRANDS = frozenset({b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis"})
_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_JP2_SIGNATURE = b"\x00\x00\x00\x0cjP  \r\n\x87\n"
_J2K_SIGNATURE, _J2K_END = b"\xff\x4f\xff\x51", b"\xff\xd9"


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
    if head.startswith((_JP2_SIGNATURE, _J2K_SIGNATURE)):
        return FileKind.jp2
    if head[4:8] == b"ftyp" and (kind := _of_brands(head)) is not None:
        return kind
    if b"%PDF-" in head[:HEAD_BYTES]:
        return FileKind.pdf
    return None


def _of_brands(head: bytes) -> FileKind | None:
    """HEIC or AVIF: both name the brand ``mif1`` of what they have in common."""
    size = min(struct.unpack(">I", head[:4])[0], len(head))
    brands = {head[at : at + 4] for at in range(8, size - 3, 4)}
    if not brands.isdisjoint(_AVIF_BRANDS) and brands.isdisjoint(_HEVC_BRANDS):
        return FileKind.avif
    return None if brands.isdisjoint(_HEIF_BRANDS) else FileKind.heic


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
    end = _without_padding(file, size)
    file.seek(max(0, end - PDF_TAIL_BYTES))
    tail = file.read(end - file.tell())
    if size - end > PDF_TAIL_BYTES and not tail.endswith(b"%%EOF"):
        return False  # room that was set aside for a file that is still being copied
    return b"%%EOF" in tail and b"startxref" in tail


def _without_padding(file: BinaryIO, size: int) -> int:
    """The length of the file without what only fills it up at its end."""
    end = size
    while end > 0:
        start = max(0, end - _CHUNK)
        file.seek(start)
        kept = file.read(end - start).rstrip(PADDING)
        if kept:
            return start + len(kept)
        end = start
    return 0


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


def _boxes(file: BinaryIO, size: int, awaited: frozenset[bytes]) -> bool:
    """Follow the boxes to the end; a cut between two of them lacks the items or their bytes.

    Behind the last one may stand what fills the file up.
    """
    position, missing = 0, set(awaited)
    while position < size:
        file.seek(position)
        header = file.read(16)
        if not missing and not header[4:8].strip(PADDING):
            return True
        length = struct.unpack(">I", header[:4])[0]
        missing.discard(header[4:8])
        if length == 1:
            length = struct.unpack(">Q", header[8:16])[0]
        if length == 0:
            return not missing
        if length < 8:
            return False
        position += length
    return position == size and not missing


def _heif(file: BinaryIO, size: int) -> bool:
    return _boxes(file, size, frozenset({b"meta", b"mdat"}))


def _jp2(file: BinaryIO, size: int) -> bool:
    """A JP2 file's boxes, and in any case the marker that ends a codestream."""
    file.seek(0)
    boxed = file.read(len(_JP2_SIGNATURE)) == _JP2_SIGNATURE
    if boxed and not _boxes(file, size, frozenset({b"jp2c"})):
        return False
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return data.rfind(_J2K_END) >= 0


_CHECKS: dict[FileKind, Callable[[BinaryIO, int], bool]] = {
    FileKind.pdf: _pdf,
    FileKind.jpeg: _jpeg,
    FileKind.png: _png,
    FileKind.tiff: _tiff,
    FileKind.webp: _webp,
    FileKind.heic: _heif,
    FileKind.avif: _heif,
    FileKind.jp2: _jp2,
}
