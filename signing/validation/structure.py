# mypy: disable-error-code="no-untyped-call"
# pyHanko ships py.typed but leaves much of its reading interface without annotations.
"""Whether later revisions are written so that every reader sees the same in them.

pyHanko forgives what readers of the wild forgive, and each reader forgives differently: of a key
that stands twice in a dictionary pyHanko takes the first value and PDFium the last; PDFium pays no
heed to generation numbers. What was appended after a signature must leave no such choice.
"""

import mmap
import re
from contextlib import suppress
from typing import IO, Any

from pyhanko.pdf_utils.generic import (
    DictionaryObject,
    NullObject,
    Reference,
    StreamObject,
    TrailerReference,
)
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.xref import XRefSectionType, read_object_header

from signing.validation.layout import accounted_for

_BYTE_RANGE = re.compile(rb"/ByteRange\s*\[\s*0\s+(\d{1,12})\s+(\d{1,12})\s+(\d{1,12})\s*\]")
_KINDS = (XRefSectionType.STANDARD, XRefSectionType.STREAM)


def unambiguous(reader: PdfFileReader, signed: int, end: int) -> bool:
    """Whether every revision after ``signed`` is one that all readers understand alike.

    That is: its cross-reference section has one form only (no hybrid references), comes after the
    one before it and points into its own revision only; it gives no object another generation and
    frees none; no dictionary in it has a key twice, no object is not what the entry says; and there
    is nothing in it that the section does not speak of. ``end``: where the signed bytes end.
    """
    forgiving = reader.strict
    reader.strict = True
    try:
        later = _after(reader, signed)
        plain = all(_plain(reader, revision) for revision in later)
        return plain and (not later or accounted_for(reader, signed, end))
    except Exception:  # what cannot be read strictly is read differently by different readers
        return False
    finally:
        reader.strict = forgiving


def _after(reader: PdfFileReader, revision: int) -> range:
    return range(revision + 1, int(reader.xrefs.total_revisions))


def _plain(reader: PdfFileReader, revision: int) -> bool:
    xrefs = reader.xrefs
    before = xrefs.get_xref_container_info(revision - 1)
    here = xrefs.get_xref_container_info(revision)
    if here.xref_section_type not in _KINDS or here.start_location < before.end_location:
        return False
    data = xrefs.get_xref_data(revision)
    offsets = [offset for _, offset in data.standard_xrefs.values()]
    if any(not before.end_location <= offset < here.end_location for offset in offsets):
        return False
    containers = {(number, 0) for number in data.obj_streams_used}
    entries = data.explicit_refs_in_revision
    if not containers <= entries or set(data.xrefs_in_objstm) & set(data.standard_xrefs):
        return False
    if any(_renamed(reader, number, revision) for number, _ in entries if number):
        return False
    _read_trailer(reader, revision)
    for number, generation in entries:
        if number not in data.freed:
            found = reader.get_object(Reference(number, generation, reader), revision=revision)
            if isinstance(found, NullObject) and number in data.xrefs_in_objstm:
                return False
    return True


def _renamed(reader: PdfFileReader, number: int, revision: int) -> bool:
    """Whether the entry frees an object that was there, or gives it another generation."""
    data = reader.xrefs.get_xref_data(revision)
    now = data.standard_xrefs[number][0] if number in data.standard_xrefs else 0
    for earlier in range(revision):
        known = reader.xrefs.get_xref_data(earlier)
        for section in (known, known.hybrid.xref_data if known.hybrid else known):
            present = number in section.standard_xrefs or number in section.xrefs_in_objstm
            if present and number in data.freed:
                return True
            if number in section.standard_xrefs and section.standard_xrefs[number][0] != now:
                return True
    return False


def _read_trailer(reader: PdfFileReader, revision: int) -> None:
    """Read a trailer, or the dictionary of a cross-reference stream, once more and strictly."""
    info = reader.xrefs.get_xref_container_info(revision)
    if info.xref_section_type is XRefSectionType.STANDARD:
        reader.stream.seek(info.end_location)
        DictionaryObject.read_from_stream(reader.stream, TrailerReference(reader))
        return
    reader.stream.seek(info.start_location)
    number, generation = read_object_header(reader.stream, strict=True)
    StreamObject.read_from_stream(reader.stream, Reference(number, generation, reader))


def evidence_only(reader: PdfFileReader, last: int) -> bool:
    """Whether every revision after ``last`` brings evidence for validation.

    An update that adds none has no business behind the last signature, however harmless it looks.
    """
    return all(_brings_evidence(reader, revision) for revision in _after(reader, last))


def _brings_evidence(reader: PdfFileReader, revision: int) -> bool:
    """Whether the DSS is new in a revision, or any part of it was written anew."""
    resolver = reader.get_historical_resolver(revision)
    root = resolver.root
    if "/DSS" not in root:
        return False
    earlier = reader.get_historical_resolver(revision - 1)
    if "/DSS" not in earlier.root:
        return True
    dss, before = root.raw_get("/DSS"), earlier.root.raw_get("/DSS")
    parts: set[Reference] = resolver.collect_dependencies(dss)
    return dss != before or bool(parts & resolver.explicit_refs_in_revision())


def usage_rights(reader: PdfFileReader) -> set[tuple[int, ...]]:
    """Byte ranges of signatures in no field, by which Acrobat lets its Reader save a form.

    They say nothing of who signed (ISO 32000-1, 12.8.2.3), and are not missing from the fields.
    """
    found = set()
    with suppress(Exception):
        permissions: Any = reader.root["/Perms"]
        for key in {"/UR3", "/UR"} & permissions.keys():
            held = permissions[key]
            methods = {str(one.get_object()["/TransformMethod"]) for one in held["/Reference"]}
            if methods <= {"/UR3", "/UR"}:
                found.add(tuple(int(number) for number in held["/ByteRange"]))
    return found


def hidden_signatures(stream: IO[bytes], known: set[tuple[int, ...]]) -> bool:
    """Whether the file has the bytes of a signature that the reader does not come to.

    So it is where a later cross-reference section passes over the signed revision. ``known`` are
    the byte ranges of the signatures that were found.
    """
    with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
        for match in _BYTE_RANGE.finditer(content):
            first, second, length = (int(number) for number in match.groups())
            if (0, first, second, length) in known or not first < second <= len(content):
                continue
            opened, closed = content[first : first + 1], content[second - 1 : second]
            if opened == b"<" and closed == b">" and second + length <= len(content):
                return True
    return False
