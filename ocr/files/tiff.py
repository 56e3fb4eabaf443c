"""The directory structure of a TIFF file: frames, their sizes, where their data ends (TIFF 6.0)."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

MAX_FRAMES = 100_000
MAX_TAG_VALUES = 4_000_000

_WIDTH, _HEIGHT = 256, 257
_OFFSETS = {273: 279, 324: 325, 513: 514}
"""Tags with data offsets (strips, tiles, an old JPEG stream) and those with the byte counts."""

_SIZES = {1: ("B", 1), 3: ("H", 2), 4: ("I", 4), 13: ("I", 4), 16: ("Q", 8), 18: ("Q", 8)}


class TiffError(ValueError):
    """The directories of a TIFF cannot be followed: cut off, cyclic or senseless."""


@dataclass(frozen=True)
class TiffFrame:
    """One picture of a TIFF: its size in pixels and the offset behind its last data byte."""

    width: int
    height: int
    end: int


def walk(file: BinaryIO) -> Iterator[TiffFrame]:
    """The frames of a TIFF or BigTIFF, in order, without decoding anything.

    Raises:
        TiffError: a directory lies outside the file, twice in the chain, or the chain is endless.
    """
    size = file.seek(0, 2)
    file.seek(0)
    head = file.read(16)
    order = "<" if head[:2] == b"II" else ">"
    big = head[2:4] in {b"+\x00", b"\x00+"}
    offset = _unpack(order + ("Q" if big else "I"), head[8:16] if big else head[4:8])
    seen: set[int] = set()
    if not offset:
        raise TiffError("no directory")
    while offset:
        if offset in seen or offset >= size or len(seen) >= MAX_FRAMES:
            raise TiffError("the chain of directories is broken")
        seen.add(offset)
        tags, offset = _directory(file, offset, order, big)
        yield _frame(tags)


def _unpack(form: str, data: bytes) -> int:
    try:
        return int(struct.unpack(form, data)[0])
    except struct.error as exc:
        raise TiffError("cut off") from exc


def _directory(
    file: BinaryIO, offset: int, order: str, big: bool
) -> tuple[dict[int, tuple[int, ...]], int]:
    file.seek(offset)
    count = _unpack(order + ("Q" if big else "H"), file.read(8 if big else 2))
    entry = 20 if big else 12
    if count > 4_096:
        raise TiffError("too many tags")
    raw = file.read(count * entry)
    following = _unpack(order + ("Q" if big else "I"), file.read(8 if big else 4))
    tags: dict[int, tuple[int, ...]] = {}
    wanted = {_WIDTH, _HEIGHT, *_OFFSETS, *_OFFSETS.values()}
    for at in range(0, len(raw) - entry + 1, entry):
        tag, kind = struct.unpack_from(order + "HH", raw, at)
        if tag in wanted and kind in _SIZES:
            number = _unpack(order + ("Q" if big else "I"), raw[at + 4 : at + (12 if big else 8)])
            inline = raw[at + (12 if big else 8) : at + entry]
            tags[tag] = _values(file, kind, number, inline, order)
    return tags, following


def _values(file: BinaryIO, kind: int, number: int, inline: bytes, order: str) -> tuple[int, ...]:
    letter, width = _SIZES[kind]
    if number > MAX_TAG_VALUES:
        raise TiffError("too many values")
    data = inline
    if number * width > len(inline):
        file.seek(_unpack(order + ("Q" if len(inline) == 8 else "I"), inline))
        data = file.read(number * width)
    try:
        return struct.unpack(f"{order}{number}{letter}", data[: number * width])
    except struct.error as exc:
        raise TiffError("cut off") from exc


def _frame(tags: dict[int, tuple[int, ...]]) -> TiffFrame:
    end = 0
    for where, length in _OFFSETS.items():
        starts, counts = tags.get(where, ()), tags.get(length, ())
        end = max([end, *(start + count for start, count in zip(starts, counts, strict=False))])
    return TiffFrame(tags.get(_WIDTH, (0,))[0], tags.get(_HEIGHT, (0,))[0], end)
