"""Updates of PDFs written by hand, as attackers write them: nothing is checked, nothing is mended.

Names follow the literature: incremental saving, signature wrapping and universal signature forgery
(Mladenov et al., CCS 2019), shadow attacks (Mainka et al., NDSS 2021), attacks on certified
documents (Rohlmann et al., IEEE S&P 2021).
"""

import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO

from pyhanko.pdf_utils.generic import (
    ArrayObject,
    DictionaryObject,
    FloatObject,
    StreamObject,
    pdf_name,
    pdf_string,
)
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

Change = Callable[[IncrementalPdfFileWriter], None]


@dataclass(frozen=True)
class Entry:
    """A cross-reference entry that points where the attacker likes."""

    offset: int
    generation: int = 0
    free: bool = False


def last_startxref(content: bytes) -> int:
    """Where the last cross-reference section begins, as the file says."""
    return int(re.findall(rb"startxref\s+(\d+)", content)[-1])


def number_of(content: bytes, key: bytes) -> int:
    """The object number in the last ``/key n 0 R`` of the file's readable bytes."""
    return int(re.findall(rb"/%s\s+(\d+)\s+0\s+R" % key, content)[-1])


def size_of(content: bytes) -> int:
    """The largest ``/Size`` that any trailer tells."""
    return max(int(size) for size in re.findall(rb"/Size\s+(\d+)", content))


def updated(content: bytes, change: Change) -> bytes:
    """An incremental update made by a library."""
    writer = IncrementalPdfFileWriter(BytesIO(content), strict=False)
    change(writer)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def appended(
    content: bytes,
    objects: Mapping[int, bytes],
    *,
    extra: Mapping[int, Entry] | None = None,
    trailer: bytes = b"",
    previous: int | None = None,
    startxref: int | None = None,
) -> bytes:
    """An incremental update with a cross-reference table: ``objects`` are bodies by number.

    ``extra`` are entries for which nothing is written; ``previous`` and ``startxref`` are the
    honest ones where not given.
    """
    out = bytearray(content)
    if not out.endswith(b"\n"):
        out += b"\n"
    entries: dict[int, Entry] = dict(extra or {})
    for number, body in objects.items():
        entries[number] = Entry(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n"
    for number, entry in sorted(entries.items()):
        kind = b"f" if entry.free else b"n"
        out += b"%d 1\n%010d %05d %s \n" % (number, entry.offset, entry.generation, kind)
    size = max([size_of(content), *(number + 1 for number in entries)])
    prev = last_startxref(content) if previous is None else previous
    out += b"trailer\n<< /Size %d /Root %d 0 R /Prev %d %s >>\n" % (
        size,
        number_of(content, b"Root"),
        prev,
        trailer,
    )
    out += b"startxref\n%d\n%%%%EOF\n" % (table if startxref is None else startxref)
    return bytes(out)


def appended_as_stream(
    content: bytes,
    objects: Mapping[int, bytes],
    *,
    packed: Mapping[int, bytes] | None = None,
    unnamed: int | None = None,
) -> bytes:
    """The same with a cross-reference stream; ``packed`` objects go into an object stream.

    There is no entry for the object ``unnamed``.
    """
    out = bytearray(content)
    if not out.endswith(b"\n"):
        out += b"\n"
    number = size_of(content)
    rows: dict[int, bytes] = {}
    for one, body in objects.items():
        rows[one] = b"\x01" + len(out).to_bytes(4, "big") + b"\0\0"
        out += b"%d 0 obj\n%s\nendobj\n" % (one, body)
    if packed:
        head, bodies = b"", b""
        for index, (one, body) in enumerate(packed.items()):
            head += b"%d %d " % (one, len(bodies))
            bodies += body + b" "
            rows[one] = b"\x02" + number.to_bytes(4, "big") + index.to_bytes(2, "big")
        data = zlib.compress(head + bodies)
        rows[number] = b"\x01" + len(out).to_bytes(4, "big") + b"\0\0"
        out += b"%d 0 obj\n<< /Type /ObjStm /N %d /First %d /Length %d" % (
            number,
            len(packed),
            len(head),
            len(data),
        )
        out += b" /Filter /FlateDecode >>\nstream\n" + data + b"\nendstream\nendobj\n"
        number += 1
    if unnamed is not None:
        del rows[unnamed]
    here = len(out)
    rows[number] = b"\x01" + here.to_bytes(4, "big") + b"\0\0"
    index = b" ".join(b"%d 1" % one for one in sorted(rows))
    data = zlib.compress(b"".join(rows[one] for one in sorted(rows)))
    out += b"%d 0 obj\n<< /Type /XRef /W [1 4 2] /Index [%s] /Size %d /Root %d 0 R /Prev %d" % (
        number,
        index,
        number + 1,
        number_of(content, b"Root"),
        last_startxref(content),
    )
    out += b" /Length %d /Filter /FlateDecode >>\nstream\n" % len(data)
    out += data + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % here
    return bytes(out)


def gaps(content: bytes) -> list[tuple[int, int]]:
    """The holes of all byte ranges, in the order they stand in the file."""
    found = re.findall(rb"/ByteRange\s*\[\s*0\s+(\d+)\s+(\d+)\s+\d+\s*\]", content)
    return [(int(start), int(end)) for start, end in found]


def with_byte_range(content: bytes, numbers: bytes) -> bytes:
    """The first byte range overwritten in place, padded or cut to the room there is."""
    at = re.search(rb"/ByteRange\s*\[[^\]]*\]\s*", content)
    assert at is not None
    width = at.end() - at.start()
    return content[: at.start()] + numbers.ljust(width)[:width] + content[at.end() :]


def with_contents(content: bytes, value: bytes) -> bytes:
    """The first signature's hexadecimal string overwritten in place."""
    start, end = gaps(content)[0]
    return content[:start] + value.ljust(end - start) + content[end:]


def body_of(content: bytes, number: int) -> bytes:
    """The last body written for an object that stands openly in the file."""
    found = re.findall(rb"(?:^|[\r\n])%d 0 obj\s(.*?)\sendobj" % number, content, re.DOTALL)
    return bytes(found[-1])


def replace_page(writer: IncrementalPdfFileWriter) -> None:
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    content = writer.add_object(StreamObject(stream_data=b"BT ET 0 0 300 300 re f"))
    page[pdf_name("/Contents")] = content
    writer.update_container(page)


def annotate(writer: IncrementalPdfFileWriter) -> None:
    page_ref, _ = writer.find_page_for_modification(0)
    page = page_ref.get_object()
    note = DictionaryObject(
        {
            pdf_name("/Type"): pdf_name("/Annot"),
            pdf_name("/Subtype"): pdf_name("/FreeText"),
            pdf_name("/Rect"): ArrayObject([FloatObject(side) for side in (50, 500, 400, 700)]),
            pdf_name("/Contents"): pdf_string("Một triệu đồng"),
            pdf_name("/DA"): pdf_string("/Helv 12 Tf 0 g"),
        }
    )
    page["/Annots"].append(writer.add_object(note))
    writer.update_container(page["/Annots"])
    writer.update_container(page)
