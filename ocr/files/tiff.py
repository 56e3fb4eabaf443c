"""The directory structure of a TIFF file: frames, their sizes, where their data ends (TIFF 6.0).

Not every frame is a page: a file may hold thumbnails of its pages and masks for them.
"""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

MAX_FRAMES = 100_000
MAX_TAG_VALUES = 4_000_000

_NEW_SUBFILE, _SUBFILE, _WIDTH, _HEIGHT, _COMPRESSION = 254, 255, 256, 257, 259
_REDUCED, _MASK = 1, 4
"""Bits of ``NewSubfileType`` (TIFF 6.0, section 8): a reduced copy of a page, a mask for one."""
_OLD_REDUCED = 2
"""Value of the older ``SubfileType`` that says the same."""
_THUMBNAIL = 640
"""Pixels of the longer side up to which a reduced copy may have another shape than its page."""
_MOST_SIZES = 256
"""A file with pages of more sizes was made to keep somebody busy: all its frames count."""
_ALIKE = 0.04
"""Part by which the shape of a larger reduced copy may differ from its page's."""
_OFFSETS = {273: 279, 324: 325, 513: 514}
"""Tags with data offsets (strips, tiles, an old JPEG stream) and those with the byte counts."""

_SIZES = {1: ("B", 1), 3: ("H", 2), 4: ("I", 4), 13: ("I", 4), 16: ("Q", 8), 18: ("Q", 8)}


class TiffError(ValueError):
    """The directories of a TIFF cannot be followed: cut off, cyclic or senseless."""


@dataclass(frozen=True)
class TiffFrame:
    """One picture of a TIFF: its size in pixels and the offset behind its last data byte.

    ``reduced`` and ``mask`` are what the file says of it: a smaller copy of another frame, or the
    mask through which another one is seen.
    """

    width: int
    height: int
    end: int
    reduced: bool = False
    mask: bool = False
    compression: int = 1
    index: int = 0
    """In the chain of directories, from 0."""
    offset: int = 0
    """Of its directory."""


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
        at = offset
        tags, offset = _directory(file, at, order, big)
        yield replace(_frame(tags), index=len(seen) - 1, offset=at)


def pages(frames: Iterable[TiffFrame]) -> tuple[TiffFrame, ...]:
    """The frames that are pages, in order.

    A mask is none, and neither is a reduced copy of a page that is there: smaller than that and of
    the same shape, or so small that it can only be a thumbnail. Programs that mark real pages so
    lose nothing; where no frame would be left, all are pages.
    """
    every = tuple(frames)
    full = {(f.width, f.height) for f in every if not (f.reduced or f.mask)}
    compared = full if len(full) <= _MOST_SIZES else ()
    kept = tuple(
        frame
        for frame in every
        if not (full and frame.mask)
        and not (frame.reduced and any(_is_copy(frame, size) for size in compared))
    )
    return kept or every


def _is_copy(small: TiffFrame, full: tuple[int, int]) -> bool:
    width, height = full
    sides = (small.width, small.height)
    if min(sides) < 1 or small.width >= width or small.height >= height:
        return False
    if max(sides) <= _THUMBNAIL:
        return True
    return abs(small.width * height / (small.height * width) - 1) <= _ALIKE


def page_frame(path: Path, number: int) -> TiffFrame:
    """The frame that is page ``number`` (from 1) of a TIFF file.

    Raises:
        TiffError: the directories cannot be followed, or there is no such page.
        OSError: the file cannot be read.
    """
    status = path.stat()
    known = _page_frames(path, status.st_size, status.st_mtime_ns, status.st_ino)
    if not 1 <= number <= len(known):
        raise TiffError("no such page")
    return known[number - 1]


@lru_cache(maxsize=8)
def _page_frames(path: Path, *_stamp: int) -> tuple[TiffFrame, ...]:
    with path.open("rb") as file:
        return pages(walk(file))


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
    wanted = {_NEW_SUBFILE, _SUBFILE, _WIDTH, _HEIGHT, _COMPRESSION, *_OFFSETS, *_OFFSETS.values()}
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
    kind = _first(tags, _NEW_SUBFILE)
    return TiffFrame(
        _first(tags, _WIDTH),
        _first(tags, _HEIGHT),
        end,
        reduced=bool(kind & _REDUCED) or _first(tags, _SUBFILE) == _OLD_REDUCED,
        mask=bool(kind & _MASK),
        compression=_first(tags, _COMPRESSION) or 1,
    )


def _first(tags: dict[int, tuple[int, ...]], tag: int) -> int:
    return next(iter(tags.get(tag, ())), 0)
