"""The directory structure of a TIFF file: its tags, frames and pages (TIFF 6.0, BigTIFF).

Not every frame is a page: a file may hold thumbnails of its pages and masks for them. Nothing is
decoded. Files are strangers': a chain that goes in circles, counts beyond reason and missing bytes
are a :class:`TiffError`. (tifffile 2026.3.3 follows a circle of directories without end, is three
times as slow, and cannot copy a frame's data undecoded.)
"""

import struct
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, NamedTuple

MAX_FRAMES = 100_000
MAX_TAGS = 4_096
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
_FRAME_TAGS = frozenset(
    {_NEW_SUBFILE, _SUBFILE, _WIDTH, _HEIGHT, _COMPRESSION, *_OFFSETS, *_OFFSETS.values()}
)

_SIZES = {
    **{1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8},
    **{13: 4, 16: 8, 17: 8, 18: 8},
}
"""Bytes of a value of each type (TIFF 6.0, section 2; BigTIFF)."""
_LETTERS = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}
"""Types of whole numbers, as :mod:`struct` has them."""
_POINTERS = {13, 18}
"""Types of offsets of directories below."""
_LEFT_OUT = {254, 255, 288, 289, 297, 330, 513, 514, 34665, 34853, 40965}
"""Directories below, gaps, page numbers: they point elsewhere or are not true of a frame alone."""


class TiffError(ValueError):
    """The directories of a TIFF cannot be followed: cut off, cyclic or senseless."""


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

    @property
    def entry(self) -> int:
        """Bytes of a tag in a directory."""
        return 4 + 2 * self.width


class Directory(NamedTuple):
    """The tags of one frame as they stand in the file, and where."""

    offset: int
    raw: bytes


class IfdEntry(NamedTuple):
    """One tag: its type, how many values, their bytes."""

    tag: int
    kind: int
    values: int
    value: bytes


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


def layout_of(file: BinaryIO) -> Layout:
    """How numbers stand in ``file``."""
    file.seek(0)
    head = file.read(4)
    order = "<" if head[:2] == b"II" else ">"
    return Layout(order, head[2:4] in {b"+\x00", b"\x00+"})


def directories(file: BinaryIO, layout: Layout) -> Iterator[Directory]:
    """The directories in order.

    Raises:
        TiffError: one lies outside the file, twice in the chain, or the chain is endless.
    """
    size = file.seek(0, 2)
    file.seek(8 if layout.big else 4)
    offset = layout.unpack(layout.offset, file.read(layout.width))
    seen: set[int] = set()
    while offset:
        if offset in seen or offset >= size or len(seen) >= MAX_FRAMES:
            raise TiffError("the chain of directories is broken")
        seen.add(offset)
        directory, offset = _directory(file, layout, offset)
        yield directory


def directory_at(file: BinaryIO, layout: Layout, offset: int) -> Directory:
    """The directory at ``offset``; ``TiffError`` where it is cut off or senseless."""
    return _directory(file, layout, offset)[0]


def _directory(file: BinaryIO, layout: Layout, offset: int) -> tuple[Directory, int]:
    """The directory at ``offset``, and where the next one is."""
    file.seek(offset)
    count = layout.unpack("Q" if layout.big else "H", file.read(8 if layout.big else 2))
    if count > MAX_TAGS:
        raise TiffError("too many tags")
    raw = file.read(count * layout.entry)
    return Directory(offset, raw), layout.unpack(layout.offset, file.read(layout.width))


def stands_alone(tag: int, kind: int) -> bool:
    """Whether a tag of that type is true of a frame alone, and points to no other directory."""
    return tag not in _LEFT_OUT and kind not in _POINTERS


def entries_of(
    file: BinaryIO,
    layout: Layout,
    directory: Directory,
    chosen: Callable[[int, int], bool] = stands_alone,
) -> Iterator[IfdEntry]:
    """The tags of a directory that are ``chosen`` by tag and type; of unknown types none is.

    Raises:
        TiffError: a value is cut off or too long.
    """
    raw, width = directory.raw, layout.width
    for at in range(0, len(raw) - layout.entry + 1, layout.entry):
        tag, kind = struct.unpack_from(layout.order + "HH", raw, at)
        if kind not in _SIZES or not chosen(tag, kind):
            continue
        count = layout.unpack(layout.offset, raw[at + 4 : at + 4 + width])
        inline = raw[at + 4 + width : at + layout.entry]
        length = count * _SIZES[kind]
        if length > MAX_TAG_VALUES * 8:
            raise TiffError("too many values")
        value = inline[:length]
        if length > width:
            file.seek(layout.unpack(layout.offset, inline))
            value = file.read(length)
        if len(value) != length:
            raise TiffError("cut off")
        yield IfdEntry(tag, kind, count, value)


def numbers(layout: Layout, entry: IfdEntry) -> tuple[int, ...]:
    """The values of a tag of whole numbers; ``TiffError`` for any other, and for too many."""
    if entry.kind not in _LETTERS or not entry.values:
        raise TiffError("no number")
    if entry.values > MAX_TAG_VALUES:
        raise TiffError("too many values")
    return struct.unpack(f"{layout.order}{entry.values}{_LETTERS[entry.kind]}", entry.value)


def _describes(tag: int, kind: int) -> bool:
    return tag in _FRAME_TAGS and kind in _LETTERS


def walk(file: BinaryIO) -> Iterator[TiffFrame]:
    """The frames of a TIFF or BigTIFF, in order, without decoding anything.

    Raises:
        TiffError: as :func:`directories` and :func:`entries_of`; there is no frame.
    """
    layout = layout_of(file)
    index = -1
    for index, directory in enumerate(directories(file, layout)):
        tags = {
            entry.tag: numbers(layout, entry)
            for entry in entries_of(file, layout, directory, _describes)
            if entry.values
        }
        yield _frame(tags, index, directory.offset)
    if index < 0:
        raise TiffError("no directory")


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


def _frame(tags: dict[int, tuple[int, ...]], index: int, offset: int) -> TiffFrame:
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
        index=index,
        offset=offset,
    )


def _first(tags: dict[int, tuple[int, ...]], tag: int) -> int:
    return next(iter(tags.get(tag, ())), 0)
