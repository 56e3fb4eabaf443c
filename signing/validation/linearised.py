# mypy: disable-error-code="no-untyped-call"
# pyHanko ships py.typed but leaves much of its reading interface without annotations.
"""A linearised file's two cross-reference sections, read as the one revision that they are.

In a linearised file (ISO 32000-2, annex F) the section that is read first stands at the file's
beginning and names the objects of the first page; its ``/Prev`` leads forward to the section of the
others, near the end. Neither is a file without the other: where Acrobat or Distiller wrote it, the
catalogue is in the first and half of what it needs in the second. pyHanko 0.38 takes each section
for a revision, of which the older has no catalogue that can be read.

No upstream issue is known. To be removed when pyHanko's ``XRefCache`` counts both sections as one
revision: ``test_signing_linearised`` then passes without it.
"""

import re
from typing import IO

from pyhanko.pdf_utils.generic import DictionaryObject
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.xref import XRefSection, XRefSectionData, XRefSectionMetaInfo

_WITHIN = 1024  # bytes in which the parameters stand, all of them (ISO 32000-2, F.3.3)
_PARAMETERS = re.compile(rb"\d+\s+\d+\s+obj\s*<<[^>]*/Linearized[\s\d]")


def join_linearised(reader: PdfFileReader, sections: list[XRefSection]) -> list[XRefSection]:
    """The sections, oldest first; the two of a linearised file, and their trailers, are one.

    They must be in the order that only linearisation has: the later one before the earlier one.
    """
    if len(sections) < 2 or not _says_so(reader.stream):
        return sections
    main, first = sections[:2]
    if first.meta_info.start_location >= main.meta_info.start_location:
        return sections
    trailers: list[DictionaryObject] = reader.trailer._trailer_revisions
    held = {**dict(trailers[-1].items()), **dict(trailers[-2].items())}  # references as they are
    trailers[-2:] = [DictionaryObject(held)]
    return [_joined(main, first), *sections[2:]]


def _says_so(stream: IO[bytes]) -> bool:
    """Whether the file's first object holds the parameters of linearisation."""
    stream.seek(0)
    found = re.search(rb"\d+\s+\d+\s+obj\b", beginning := stream.read(_WITHIN))
    return found is not None and _PARAMETERS.match(beginning, found.start()) is not None


def _joined(main: XRefSection, first: XRefSection) -> XRefSection:
    """Both as one, which is closed where the later one in the file is."""
    data = XRefSectionData()
    for section in (main, first):
        if section.xref_data.hybrid is not None:
            _overlay(data, section.xref_data.hybrid.xref_data)
        _overlay(data, section.xref_data)
    one, other = main.meta_info, first.meta_info
    meta = XRefSectionMetaInfo(
        xref_section_type=other.xref_section_type,
        size=max(one.size, other.size),
        declared_startxref=other.declared_startxref,
        start_location=other.start_location,
        end_location=max(one.end_location, other.end_location),
        stream_ref=other.stream_ref,
    )
    return XRefSection(meta, data)


def _overlay(data: XRefSectionData, more: XRefSectionData) -> None:
    """Lay entries over others; one that frees another generation frees nothing."""
    for number, following in more.freed.items():
        generation = data.standard_xrefs.get(number, (0, 0))[0]
        if generation == following - 1:
            data.standard_xrefs.pop(number, None)
            data.xrefs_in_objstm.pop(number, None)
        data.freed[number] = following
    for number, place in more.standard_xrefs.items():
        data.xrefs_in_objstm.pop(number, None)
        data.freed.pop(number, None)
        data.standard_xrefs[number] = place
    for number, held in more.xrefs_in_objstm.items():
        data.standard_xrefs.pop(number, None)
        data.freed.pop(number, None)
        data.xrefs_in_objstm[number] = held
    data.obj_streams_used |= more.obj_streams_used
    data.explicit_refs_in_revision |= more.explicit_refs_in_revision
