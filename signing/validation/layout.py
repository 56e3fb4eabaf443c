# mypy: disable-error-code="no-untyped-call"
# pyHanko ships py.typed but leaves much of its reading interface without annotations.
"""Whether every byte behind a signature belongs to what the cross-references speak of.

A reader that finds a fault in a file looks through all of it for objects, and the last one of a
number counts. An update may bring, beside honest evidence, objects that no cross-reference names,
or two entries for one object: one reader shows the signed page, another one something else
(incremental saving; Mladenov et al., "1 Trillion Dollar Refund", CCS 2019). So an update is read as
ISO 32000-1, 7.5 has it, from its first byte to its last: objects where entries say, one section,
its end.
"""

import re
from typing import IO, Any

from pyhanko.pdf_utils.generic import (
    DictionaryObject,
    Reference,
    StreamObject,
    TrailerReference,
    read_object,
)
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.xref import (
    XRefSectionData,
    XRefSectionMetaInfo,
    XRefSectionType,
    parse_xref_stream,
    read_object_header,
)

from signing.validation.ending import FILLING, content_end

_CHUNK = 4096
_FEW = 16  # blanks at most before an object that an entry points at
_REMARKS = 1000  # in one place
_BLANK = b"\x00\t\n\x0c\r "
_REMARK = re.compile(rb"%[^\r\n]*")
_NO_REMARK = re.compile(rb"\bobj\b|\bxref\b|\btrailer\b|\bstartxref\b")
"""A remark in which readers that mend files would find an object or a section."""

_CLOSING = re.compile(rb"startxref\s+(\d{1,12})\s+%%EOF")
_LINE = re.compile(rb"\d{10} \d{5} [nf](?: \r| \n|\r\n)")
_HEAD = re.compile(rb"(\d{1,10}) (\d{1,10})[ \t]*(?:\r\n|\r|\n)")


class _Amiss(Exception):
    """Something stands where nothing of the kind should."""


def accounted_for(reader: PdfFileReader, signed: int, end: int) -> bool:
    """Whether the revisions after ``signed``, whose bytes end at ``end``, hold nothing else.

    Raises:
        Exception: of many kinds, which say no as well.
    """
    try:
        _walk(reader, signed, end)
    except _Amiss:
        return False
    return True


def _walk(reader: PdfFileReader, signed: int, end: int) -> None:
    xrefs, stream = reader.xrefs, reader.stream
    before = xrefs.get_xref_container_info(signed)
    at = _closed(stream, end, before, needed=False)
    for revision in range(signed + 1, int(xrefs.total_revisions)):
        here, data = xrefs.get_xref_container_info(revision), xrefs.get_xref_data(revision)
        if here.size < before.size:
            raise _Amiss  # for some readers objects beyond the size are not there
        section = here.declared_startxref
        _objects(reader, at, section, data)
        stream.seek(section)
        if here.xref_section_type is XRefSectionType.STANDARD:
            _table(reader, here)
        else:
            _stream(reader, here)
        at = _closed(stream, stream.tell(), here, needed=True)
        before = here
    if _over_blanks(stream, at) < content_end(stream):
        raise _Amiss


def _objects(reader: PdfFileReader, at: int, section: int, data: XRefSectionData) -> None:
    """Every object from ``at`` to the cross-reference section, each one where its entry says."""
    stream = reader.stream
    entries = [
        (_behind_blanks(stream, offset), (number, generation))
        for number, (generation, offset) in data.standard_xrefs.items()
        if offset != section
    ]
    waiting = dict(entries)
    if len(waiting) != len(entries):
        raise _Amiss
    while (at := _over_blanks(stream, at)) != section:
        number, generation = waiting.pop(at, (0, 0))
        if not number:
            raise _Amiss
        stream.seek(at)
        if read_object_header(stream, strict=True) != (number, generation):
            raise _Amiss
        held = read_object(stream, Reference(number, generation, reader))
        at = _over_blanks(stream, stream.tell())
        _expect(stream, at, b"endobj")
        at += len(b"endobj")
        if isinstance(held, StreamObject) and held.get("/Type") == "/ObjStm":
            _packed(reader, number, data)
    if waiting:
        raise _Amiss


def _packed(reader: PdfFileReader, number: int, data: XRefSectionData) -> None:
    """An object stream brings the objects that entries know of, and no others."""
    held = reader.get_object(Reference(number, 0, reader))
    numbers = held.data[: int(held["/First"])].split()
    inside = [int(one) for one in numbers[: 2 * int(held["/N"]) : 2]]
    known = {one for one, where in data.xrefs_in_objstm.items() if where.obj_stream_id == number}
    if "/Extends" in held or len(set(inside)) != len(inside) or set(inside) != known:
        raise _Amiss


def _table(reader: PdfFileReader, here: XRefSectionMetaInfo) -> None:
    """A cross-reference table that names no object twice, and its trailer."""
    stream = reader.stream
    _expect(stream, stream.tell(), b"xref")
    at = _over_blanks(stream, stream.tell())
    seen: list[range] = []
    while (head := _HEAD.match(_read(stream, at, 32))) is not None:
        first, count = int(head[1]), int(head[2])
        numbers = range(first, first + count)
        if first + count > here.size or any(_meet(numbers, one) for one in seen):
            raise _Amiss
        seen.append(numbers)
        at += head.end()
        lines = _read(stream, at, 20 * count)
        if len(lines) != 20 * count:
            raise _Amiss
        if any(not _LINE.fullmatch(lines, one, one + 20) for one in range(0, len(lines), 20)):
            raise _Amiss
        at += len(lines)
    at = _over_blanks(stream, at)
    _expect(stream, at, b"trailer")
    stream.seek(_over_blanks(stream, at + len(b"trailer")))
    DictionaryObject.read_from_stream(stream, TrailerReference(reader))


def _meet(one: range, other: range) -> bool:
    return max(one.start, other.start) < min(one.stop, other.stop)


def _stream(reader: PdfFileReader, here: XRefSectionMetaInfo) -> None:
    """A cross-reference stream, all of whose entries are of a kind that everybody knows."""
    stream = reader.stream
    number, generation = read_object_header(stream, strict=True)
    held = StreamObject.read_from_stream(stream, Reference(number, generation, reader))
    counts: list[Any] = list(held["/Index"]) if "/Index" in held else [0, here.size]
    known = sum(1 for _ in parse_xref_stream(held, strict=True))
    if known != sum(int(one) for one in counts[1::2]):
        raise _Amiss
    at = _over_blanks(stream, stream.tell())
    _expect(stream, at, b"endobj")


def _closed(stream: IO[bytes], at: int, section: XRefSectionMetaInfo, *, needed: bool) -> int:
    """Where what closes a section ends, if it tells of this section."""
    at = _over_filling(stream, _over_blanks(stream, at))
    closing = _CLOSING.match(_read(stream, at, _CHUNK))
    if closing is None and not needed:
        return at
    if closing is None or int(closing[1]) != section.declared_startxref:
        raise _Amiss
    return _over_filling(stream, at + closing.end())


def _over_filling(stream: IO[bytes], at: int) -> int:
    """The next place behind the end of a revision that is more than filling."""
    while chunk := _read(stream, at, _CHUNK):
        rest = chunk.lstrip(FILLING)
        at += len(chunk) - len(rest)
        if rest:
            break
    return at


def _behind_blanks(stream: IO[bytes], at: int) -> int:
    """Where an entry leads that may point at the blanks before its object, as some writers do.

    Readers skip blanks there, whether they mend files or not, and come to the same object.
    """
    return at + _FEW - len(_read(stream, at, _FEW).ljust(_FEW, b"x").lstrip(_BLANK))


def _over_blanks(stream: IO[bytes], at: int) -> int:
    """The next place behind ``at`` where there is neither blank nor remark."""
    remarks = 0
    while chunk := _read(stream, at, _CHUNK):
        rest = chunk.lstrip(_BLANK)
        at += len(chunk) - len(rest)
        if not rest:
            continue
        remark = _REMARK.match(_read(stream, at, _CHUNK))
        if remark is None:
            return at
        remarks += 1
        if remark.end() == _CHUNK or remarks > _REMARKS or _NO_REMARK.search(remark[0]):
            raise _Amiss
        at += remark.end()
    return at


def _read(stream: IO[bytes], at: int, length: int) -> bytes:
    stream.seek(at)
    return stream.read(length)


def _expect(stream: IO[bytes], at: int, word: bytes) -> None:
    if _read(stream, at, len(word)) != word:
        raise _Amiss
