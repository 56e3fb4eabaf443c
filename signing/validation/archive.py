"""ZIP archives from strangers: only those that every program reads alike.

One program goes by the directory at the end, another by the headers before each file; what lies
between files, or in a header's spare room, no signature covers, and a PDF or a web page may stand
there.
"""

import os
import stat
import struct
import zipfile
from pathlib import Path, PurePosixPath

_HEADER = struct.Struct("<4s5H3L2H")
"""A file's own header (APPNOTE 4.3.7)."""

_END = struct.Struct("<4s4H2LH")
"""The end of central directory record, without a comment (APPNOTE 4.3.16)."""

_END_64, _LOCATOR_64 = 56, 20  # bytes of their counterparts in ZIP64, without extensions
_DIRECTORY_ENTRY = 46
_SPARE = 64
"""Bytes of a header's spare room (``extra``): times, owners and large sizes fit in."""

_FOLLOWS = 1 << 3  # flag: sizes come behind the file
_DESCRIPTORS = (12, 16, 20, 24)  # bytes of such a record: with a signature or not, ZIP64 or not

_ENTRIES = 10_000
_UNPACKED = 8 << 30


class DamagedArchive(Exception):
    """It is not the archive it says it is."""


def entries(archive: zipfile.ZipFile, path: Path) -> list[str]:
    """The names of the files in it, in their order.

    Raises:
        DamagedArchive: a name stands twice or leads elsewhere; a folder has content; the archive
            is too large; or its files do not lie one behind the other without a gap, as both
            header and directory tell.
    """
    infos = archive.infolist()
    names = [info.filename for info in infos]
    if (
        not 1 <= len(infos) <= _ENTRIES
        or len({name.casefold() for name in names}) != len(names)
        or any(PurePosixPath(name).is_absolute() or ".." in name.split("/") for name in names)
        or any("\\" in name or not name.isprintable() for name in names)
        or any(info.is_dir() and (info.file_size or info.compress_size) for info in infos)
        or any(stat.S_ISLNK(info.external_attr >> 16) for info in infos)
        or sum(info.file_size for info in infos) > _UNPACKED
        or archive.comment
    ):
        raise DamagedArchive
    with path.open("rb") as stream:
        _without_gaps(archive, infos, stream.fileno())
    return [name for name in names if not name.endswith("/")]


def _without_gaps(archive: zipfile.ZipFile, infos: list[zipfile.ZipInfo], descriptor: int) -> None:
    places = {0}
    for info in sorted(infos, key=lambda one: one.header_offset):
        if info.header_offset not in places or len(info.extra) > _SPARE or info.comment:
            raise DamagedArchive
        places = _behind(info, descriptor)
    if archive.start_dir not in places:
        raise DamagedArchive
    size = archive.start_dir + sum(
        _DIRECTORY_ENTRY + len(_encoded(info)) + len(info.extra) for info in infos
    )
    whole = os.fstat(descriptor).st_size
    if whole - size not in {_END.size, _END.size + _END_64 + _LOCATOR_64}:
        raise DamagedArchive
    end = _END.unpack(os.pread(descriptor, _END.size, whole - _END.size))
    signature, *disks, here, all_of_them, _, start, comment = end
    if (
        signature != b"PK\x05\x06"
        or comment
        or any(disks)
        or not {here, all_of_them} <= {0xFFFF, len(infos)}
        or start not in {0xFFFFFFFF, archive.start_dir}
    ):
        raise DamagedArchive


def _behind(info: zipfile.ZipInfo, descriptor: int) -> set[int]:
    """Where the next file may begin, if a file's own header says what the directory says."""
    head = os.pread(descriptor, _HEADER.size, info.header_offset)
    if len(head) != _HEADER.size:
        raise DamagedArchive
    signature, _, flags, method, clock, day, crc, packed, full, name, spare = _HEADER.unpack(head)
    sizes = {(info.compress_size, info.file_size), (0xFFFFFFFF, 0xFFFFFFFF)}
    sums = {info.CRC}
    if flags & _FOLLOWS:
        sizes.add((0, 0))
        sums.add(0)
    if (
        signature != b"PK\x03\x04"
        or method != info.compress_type
        or flags != info.flag_bits
        or flags & 1
        or (day, clock) != _stamp(info)
        or info.volume
        or crc not in sums
        or (packed, full) not in sizes
        or spare > _SPARE
        or os.pread(descriptor, name, info.header_offset + _HEADER.size) != _encoded(info)
    ):
        raise DamagedArchive
    end = info.header_offset + _HEADER.size + name + spare + info.compress_size
    if not flags & _FOLLOWS:
        return {end}
    return {end + length for length in _DESCRIPTORS}


def _stamp(info: zipfile.ZipInfo) -> tuple[int, int]:
    """Day and time as they are written (APPNOTE 4.4.6)."""
    year, month, day, hour, minute, second = info.date_time
    return (year - 1980) << 9 | month << 5 | day, hour << 11 | minute << 5 | second // 2


def _encoded(info: zipfile.ZipInfo) -> bytes:
    """The name as it is written (APPNOTE, appendix D)."""
    return info.orig_filename.encode("utf-8" if info.flag_bits & 0x800 else "cp437")
