"""Some frames of a TIFF file as a file of their own: their data is copied, never decoded."""

import struct
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from ocr.files.tiff import (
    IfdEntry,
    Layout,
    TiffError,
    directories,
    entries_of,
    layout_of,
    numbers,
)

_DATA = {273: 279, 324: 325}
"""Tags with offsets of strips or tiles, and those with their byte counts."""
_COMPRESSION, _OLD_JPEG = 259, 6


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
    for number, directory in enumerate(directories(source, layout), start=1):
        if number in wanted:
            kept = list(entries_of(source, layout, directory))
            entries = list(_with_data(source, layout, kept, out))
            link = _write_directory(out, layout, entries, link)
            wanted.discard(number)
    if wanted:
        raise TiffError("no such frame")


def _with_data(
    file: BinaryIO, layout: Layout, entries: list[IfdEntry], out: BinaryIO
) -> Iterator[IfdEntry]:
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
        yield IfdEntry(entry.tag, 16 if layout.big else 4, len(placed), value)


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


def _write_directory(out: BinaryIO, layout: Layout, entries: list[IfdEntry], link: int) -> int:
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
