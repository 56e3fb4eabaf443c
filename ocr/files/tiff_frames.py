"""Some frames of a TIFF file as a file of their own: their data is copied, never decoded."""

import struct
from collections.abc import Iterator, Sequence
from typing import BinaryIO, NamedTuple

from ocr.files.tiff import MAX_FRAMES, MAX_TAG_VALUES, TiffError

_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 16: 8, 17: 8}
"""Bytes of a value of each type (TIFF 6.0, section 2; BigTIFF)."""
_LETTERS = {1: "B", 3: "H", 4: "I", 16: "Q"}
_DATA = {273: 279, 324: 325}
"""Tags with offsets of strips or tiles, and those with their byte counts."""
_LEFT_OUT = {254, 255, 288, 289, 297, 330, 513, 514, 34665, 34853, 40965}
"""Directories below, gaps, page numbers: they point elsewhere or are no longer true."""
_COMPRESSION, _OLD_JPEG = 259, 6


class Layout(NamedTuple):
    """How numbers stand in a file: byte order, and whether it is a BigTIFF."""

    order: str
    big: bool

    def unpack(self, letter: str, data: bytes) -> int:
        """One number, by its letter of :mod:`struct`; ``TiffError`` where bytes are missing."""
        try:
            return int(struct.unpack(self.order + letter, data)[0])
        except struct.error as exc:
            raise TiffError("cut off") from exc

    @property
    def offset(self) -> str:
        """The letter of an offset."""
        return "Q" if self.big else "I"

    @property
    def width(self) -> int:
        """Bytes of an offset."""
        return 8 if self.big else 4


class Entry(NamedTuple):
    """One tag: its type, how many values, their bytes."""

    tag: int
    kind: int
    values: int
    value: bytes


def copy_frames(source: BinaryIO, frames: Sequence[int], out: BinaryIO) -> None:
    """Write a TIFF with ``frames`` (counted from 1, ascending) of the TIFF ``source``.

    Raises:
        TiffError: a frame is not there, its directory cannot be followed, or its data is a JPEG of
            the old kind, whose parts lie anywhere.
    """
    layout = layout_of(source)
    head = b"II" if layout.order == "<" else b"MM"
    out.write(head + struct.pack(layout.order + "H", 43 if layout.big else 42))
    if layout.big:
        out.write(struct.pack(layout.order + "HH", 8, 0))
    link = out.tell()
    out.write(bytes(layout.width))
    wanted = set(frames)
    for number, offset in enumerate(directories(source, layout), start=1):
        if number in wanted:
            entries = list(_with_data(source, layout, entries_of(source, layout, offset), out))
            link = _write_directory(out, layout, entries, link)
            wanted.discard(number)
    if wanted:
        raise TiffError("no such frame")


def layout_of(file: BinaryIO) -> Layout:
    """How numbers stand in ``file``."""
    file.seek(0)
    head = file.read(4)
    order = "<" if head[:2] == b"II" else ">"
    return Layout(order, head[2:4] in {b"+\x00", b"\x00+"})


def directories(file: BinaryIO, layout: Layout) -> Iterator[int]:
    """Offsets of the directories in order."""
    file.seek(8 if layout.big else 4)
    offset = layout.unpack(layout.offset, file.read(layout.width))
    seen: set[int] = set()
    while offset:
        if offset in seen or len(seen) >= MAX_FRAMES:
            raise TiffError("the chain of directories is broken")
        seen.add(offset)
        yield offset
        count = _count(file, layout, offset)
        file.seek(count * (20 if layout.big else 12), 1)
        offset = layout.unpack(layout.offset, file.read(layout.width))


def _count(file: BinaryIO, layout: Layout, offset: int) -> int:
    file.seek(offset)
    count = layout.unpack("Q" if layout.big else "H", file.read(8 if layout.big else 2))
    if count > 4_096:
        raise TiffError("too many tags")
    return count


def entries_of(file: BinaryIO, layout: Layout, offset: int) -> list[Entry]:
    """The tags of the directory at ``offset``, but for those that point to other directories.

    Raises:
        TiffError: it is cut off or senseless.
    """
    size = 20 if layout.big else 12
    raw = file.read(_count(file, layout, offset) * size)
    found = []
    for at in range(0, len(raw) - size + 1, size):
        tag, kind = struct.unpack_from(layout.order + "HH", raw, at)
        count = layout.unpack(layout.offset, raw[at + 4 : at + 4 + layout.width])
        inline = raw[at + 4 + layout.width : at + size]
        if tag in _LEFT_OUT or kind not in _SIZES:
            continue
        length = count * _SIZES[kind]
        if length > MAX_TAG_VALUES * 8:
            raise TiffError("too many values")
        value = inline[:length]
        if length > len(inline):
            file.seek(layout.unpack(layout.offset, inline))
            value = file.read(length)
        if len(value) != length:
            raise TiffError("cut off")
        found.append(Entry(tag, kind, count, value))
    return found


def _with_data(
    file: BinaryIO, layout: Layout, entries: list[Entry], out: BinaryIO
) -> Iterator[Entry]:
    """The entries, the picture's data copied to ``out`` and found there."""
    known = {entry.tag: entry for entry in entries}
    if _COMPRESSION in known and numbers(layout, known[_COMPRESSION])[0] == _OLD_JPEG:
        raise TiffError("a JPEG of the old kind")
    if not known.keys() & _DATA.keys():
        raise TiffError("no data")
    for entry in entries:
        if entry.tag not in _DATA:
            yield entry
            continue
        if _DATA[entry.tag] not in known:
            raise TiffError("no byte counts")
        starts, lengths = numbers(layout, entry), numbers(layout, known[_DATA[entry.tag]])
        if len(starts) != len(lengths):
            raise TiffError("offsets and byte counts differ")
        placed = [
            _copied(file, start, length, out) for start, length in zip(starts, lengths, strict=True)
        ]
        value = struct.pack(f"{layout.order}{len(placed)}{layout.offset}", *placed)
        yield Entry(entry.tag, 16 if layout.big else 4, len(placed), value)


def numbers(layout: Layout, entry: Entry) -> tuple[int, ...]:
    """The values of a tag of whole numbers; ``TiffError`` for any other."""
    if entry.kind not in _LETTERS or not entry.values:
        raise TiffError("no number")
    return struct.unpack(f"{layout.order}{entry.values}{_LETTERS[entry.kind]}", entry.value)


def _copied(file: BinaryIO, start: int, length: int, out: BinaryIO) -> int:
    """Where the data lies in ``out``."""
    file.seek(start)
    data = file.read(length)
    if len(data) != length:
        raise TiffError("cut off")
    return _appended(out, data)


def _appended(out: BinaryIO, data: bytes) -> int:
    at = out.tell()
    if at % 2:
        out.write(b"\0")
        at += 1
    out.write(data)
    return at


def _write_directory(out: BinaryIO, layout: Layout, entries: list[Entry], link: int) -> int:
    """Write a directory and point ``link`` to it; where its own link to the next one stands."""
    rows = []
    for entry in sorted(entries, key=lambda one: one.tag):
        value = entry.value.ljust(layout.width, b"\0")
        if len(value) > layout.width:
            value = struct.pack(layout.order + layout.offset, _appended(out, entry.value))
        head = struct.pack(f"{layout.order}HH{layout.offset}", entry.tag, entry.kind, entry.values)
        rows.append(head + value)
    count = struct.pack(layout.order + ("Q" if layout.big else "H"), len(rows))
    at = _appended(out, count + b"".join(rows))
    following = out.tell()
    out.write(bytes(layout.width))
    out.seek(link)
    out.write(struct.pack(layout.order + layout.offset, at))
    out.seek(0, 2)
    return following
