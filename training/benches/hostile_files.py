"""Files that are hostile by design: endless, nested, bombs, lies about themselves."""

import random
import struct
import zlib
from collections.abc import Callable, Sequence

import pikepdf
from PIL import Image

from training.benches.whole_files import annotate, saved, text_page, written


def _pdf(*objects: bytes, trailer: bytes = b"/Root 1 0 R") -> bytes:
    """A PDF of these objects, numbered from 1, written by hand: nothing is put right."""
    body, offsets = b"%PDF-1.7\n", []
    for number, thing in enumerate(objects, 1):
        offsets.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, thing)
    table = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    table += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    end = b"trailer << /Size %d %s >>\nstartxref\n%d\n%%%%EOF\n"
    return body + table + end % (len(objects) + 1, trailer, len(body))


_CATALOGUE = b"<< /Type /Catalog /Pages 2 0 R >>"
_TREE = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
_BOX = b"/Type /Page /Parent 2 0 R /MediaBox [0 0 595 842]"


def _stream(data: bytes, entries: bytes = b"") -> bytes:
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(data), entries, data)


def _one_page(content: bytes, resources: bytes = b"", *more: bytes, page: bytes = b"") -> bytes:
    leaf = b"<< %s /Resources << %s >> /Contents 4 0 R %s >>" % (_BOX, resources, page)
    return _pdf(_CATALOGUE, _TREE, leaf, _stream(content), *more)


def _cyclic_tree(rng: random.Random) -> bytes:
    kids = rng.choice((b"[2 0 R]", b"[3 0 R 2 0 R]", b"[3 0 R 3 0 R 3 0 R]", b"[1 0 R]", b"2 0 R"))
    tree = b"<< /Type /Pages /Kids %s /Count %s >>" % (kids, rng.choice((b"1", b"100000", b"-5")))
    return _pdf(_CATALOGUE, tree, b"<< %s >>" % _BOX)


def _deep_tree(rng: random.Random) -> bytes:
    depth = rng.choice((100, 3_000))
    nodes = [
        b"<< /Type /Pages /Kids [%d 0 R] /Count 1 /Parent %d 0 R >>" % (number + 1, number - 1)
        for number in range(2, depth)
    ]
    return _pdf(_CATALOGUE, *nodes, b"<< %s >>" % _BOX)


def _cyclic_forms(rng: random.Random) -> bytes:
    form = b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /A 5 0 R /B 6 0 R >> >>"  # noqa: E501
    times = b"/A Do /B Do " * rng.choice((1, 2, 40))
    return _one_page(times, b"/XObject << /A 5 0 R >>", _stream(times, form), _stream(times, form))


def _cyclic_references(rng: random.Random) -> bytes:
    loops = (
        (b"/Font << /F 5 0 R >>", b"<< /Type /Font /Subtype /Type0 /DescendantFonts 5 0 R >>"),
        (b"/ColorSpace 5 0 R", b"<< /A 5 0 R /CS [/Indexed 5 0 R 1 5 0 R] >>"),
        (b"/ExtGState << /G 5 0 R >>", b"<< /SMask << /S /Luminosity /G 5 0 R >> >>"),
        (b"/XObject 5 0 R", b"5 0 R"),
    )
    resources, thing = loops[rng.randrange(len(loops))]
    return _one_page(b"/G gs BT /F 12 Tf (abc) Tj ET /CS cs", resources, thing)


def _nested(rng: random.Random) -> bytes:
    depth = rng.choice((200, 5_000, 200_000))
    kind = rng.choice((b"[]", b"<<>>", b"()"))
    opening = b"/A <<" if kind == b"<<>>" else kind[:1]
    closing = kind[-2:] if kind == b"<<>>" else kind[-1:]
    return _one_page(b"", b"", opening * depth + closing * depth, page=b"/X 5 0 R")


def _nested_content(rng: random.Random) -> bytes:
    pieces = (b"q ", b"[", b"<< /A ", b"BT ", b"BI ", b"/A BMC ", b"((", b"1 0 0 1 0 0 cm q ")
    return _one_page(pieces[rng.randrange(len(pieces))] * rng.choice((500, 100_000)))


def _odd_page(rng: random.Random) -> bytes:
    boxes = (b"[0 0 1e9 1e9]", b"[0 0 0 0]", b"[0 0 -5 -9]", b"[0 0 14400 14400]", b"[1 2]",
             b"[0 0 0.001 90000]", b"[/a /b (c) null]", b"[nan inf 1 1]")  # fmt: skip
    extras = (b"/Rotate 45", b"/Rotate -99999999999", b"/UserUnit 1e9", b"/UserUnit 0",
              b"/UserUnit 30", b"/CropBox [5 5 5 5]", b"/Annots 3 0 R", b"")  # fmt: skip
    box, extra = boxes[rng.randrange(len(boxes))], extras[rng.randrange(len(extras))]
    leaf = b"<< /Type /Page /Parent 2 0 R /MediaBox %s %s /Contents 4 0 R >>" % (box, extra)
    return _pdf(_CATALOGUE, _TREE, leaf, _stream(b"0 0 100 100 re f"))


def _garbage_picture(rng: random.Random) -> bytes:
    filters = (b"/JBIG2Decode", b"/CCITTFaxDecode", b"/JPXDecode", b"/DCTDecode", b"/LZWDecode",
               b"/RunLengthDecode", b"/FlateDecode", b"/ASCII85Decode", b"/Nonsense",
               b"[/FlateDecode /FlateDecode /DCTDecode]")  # fmt: skip
    heads = (b"", b"\xff\xd8\xff\xe0", b"\0\0\0\x0cjP  \r\n\x87\n", b"\x97JB2\r\n\x1a\n")
    data = heads[rng.randrange(len(heads))] + rng.randbytes(rng.choice((0, 10, 5_000)))
    sides = (b"1", b"420", b"60000", b"99999999", b"-3", b"0")
    entries = b"/Type /XObject /Subtype /Image /Width %s /Height %s /BitsPerComponent %s" % (
        rng.choice(sides), rng.choice(sides), rng.choice((b"1", b"8", b"16", b"77")),
    )  # fmt: skip
    entries += b" /ColorSpace %s" % rng.choice((b"/DeviceGray", b"/DeviceCMYK", b"/Nope", b"[/X]"))
    entries += b" /DecodeParms << /K -1 /Columns %s >>" % rng.choice(sides)
    entries += b" /Filter %s" % filters[rng.randrange(len(filters))]
    content = b"q 595 0 0 842 0 0 cm /A Do Q"
    return _one_page(content, b"/XObject << /A 5 0 R >>", _stream(data, entries))


def _picture_bomb(rng: random.Random) -> bytes:
    """A few kilobytes that unpack to hundreds of megabytes."""
    side = rng.choice((3_000, 12_000))
    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(bytes(side)) for _ in range(side)) + packer.flush()
    entries = b"/Type /XObject /Subtype /Image /BitsPerComponent 8 /ColorSpace /DeviceGray"
    entries += b" /Width %d /Height %d /Filter /FlateDecode" % (side, side)
    content = b"q 595 0 0 842 0 0 cm /A Do Q"
    return _one_page(content, b"/XObject << /A 5 0 R >>", _stream(rows, entries))


def _content_bomb(rng: random.Random) -> bytes:
    unit = rng.choice((b"q Q\n", b"0 0 m 595 842 l S\n", b"(a) Tj\n", b"                \n"))
    packed = zlib.compress(unit * rng.choice((100_000, 3_000_000)), 9)
    leaf = b"<< %s /Contents 4 0 R >>" % _BOX
    return _pdf(_CATALOGUE, _TREE, leaf, _stream(packed, b"/Filter /FlateDecode"))


def _many_annotations(rng: random.Random) -> bytes:
    with pikepdf.new() as pdf:
        text_page(pdf)
        annotate(pdf, rng.choice((50, 3_000)))
        return written(pdf)


def _broken_font(rng: random.Random) -> bytes:
    with pikepdf.new() as pdf:
        garbage = pdf.make_stream(rng.randbytes(rng.choice((0, 50, 3_000))))
        descriptor = pikepdf.Dictionary(
            Type=pikepdf.Name.FontDescriptor, FontName=pikepdf.Name.Odd, Flags=4,
            FontBBox=[0, 0, 1, 1], ItalicAngle=0, Ascent=1, Descent=0, CapHeight=1, StemV=1,
        )  # fmt: skip
        descriptor[rng.choice(("/FontFile", "/FontFile2", "/FontFile3"))] = garbage
        kind = rng.choice(("/TrueType", "/Type1", "/Type3", "/CIDFontType2", "/Type0", "/Nope"))
        font = pikepdf.Dictionary(
            Type=pikepdf.Name.Font, Subtype=pikepdf.Name(kind), BaseFont=pikepdf.Name.Odd,
            FontDescriptor=descriptor, FirstChar=rng.choice((-9, 0, 99999999)),
            LastChar=rng.choice((255, 2**31 - 1)), Widths=[0, -5, 10**9], ToUnicode=garbage,
            CharProcs=pikepdf.Dictionary(), FontMatrix=[0, 0, 0, 0, 0, 0], FontBBox=[0, 0, 0, 0],
            Encoding=pikepdf.Name("/Identity-H"), DescendantFonts=[descriptor],
        )  # fmt: skip
        text_page(pdf, font)
        return written(pdf)


def _xref_tricks(rng: random.Random) -> bytes:
    whole = _one_page(b"0 0 9 9 re f")
    tricks: tuple[Callable[[], bytes], ...] = (
        lambda: whole.replace(b"startxref", b"startxref\n99999999\nstartxref"),
        lambda: whole.replace(b"/Root 1 0 R", b"/Root 3 0 R"),
        lambda: whole.replace(b"/Root", b"/Prev %d /Root" % whole.index(b"xref\n0")),
        lambda: whole.replace(b"0000000009", b"0000000010"),
        lambda: whole.replace(b"/Size 5", b"/Size 999999999"),
        lambda: whole.replace(b"xref\n0 5", b"xref\n0 99999999"),
        lambda: whole[whole.index(b"1 0 obj") :] + whole,
        lambda: b"%PDF-1.7\n" * 3_000 + whole,
    )
    return tricks[rng.randrange(len(tricks))]()


def _locked(rng: random.Random) -> bytes:
    with pikepdf.new() as pdf:
        text_page(pdf)
        user = rng.choice(("", "secret"))
        return written(pdf, encryption=pikepdf.Encryption(owner="owner", user=user))


def _cyclic_fields(rng: random.Random) -> bytes:
    root = b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [5 0 R] >> /Outlines 5 0 R >>"
    leaf = b"<< %s /Annots [5 0 R 5 0 R] /Contents 4 0 R >>" % _BOX
    field = b"<< /FT /Sig /Kids [5 0 R] /Parent 5 0 R /Rect [0 0 9 9] /AP << /N %s >> /V %s >>"
    values = (b"5 0 R", b"<< /ByteRange [0 1 2 99999999999] /Contents <00> >>", b"(x)")
    forms = (b"5 0 R", b"<< /On 5 0 R >>", b"4 0 R")
    odd = field % (rng.choice(forms), rng.choice(values))
    return _pdf(root, _TREE, leaf, _stream(b"0 0 9 9 re f"), odd)


def _png_bomb(rng: random.Random) -> bytes:
    width, height = rng.choice(((1_500, 1_500), (30_000, 30_000), (1, 2**31 - 1), (2**31 - 1, 1)))

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    packed = zlib.compress(bytes(min(width * height, 9_000_000)), 9)
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, rng.choice((0, 1)))
    parts = (chunk(b"IHDR", header), chunk(b"IDAT", packed), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def _tiff_chain(rng: random.Random) -> bytes:
    """Directories that point at themselves, in a ring, or to thousands of empty pictures."""
    count = rng.choice((1, 2, 40, 3_000))
    directory = struct.pack("<HHHII", 2, 256, 4, 1, 1) + struct.pack("<HHII", 257, 4, 1, 1)
    size = len(directory) + 4
    body = b"II*\0" + struct.pack("<I", 8)
    for number in range(count):
        last = number + 1 == count
        following = rng.choice((8, 0)) if last else 8 + (number + 1) * size
        body += directory + struct.pack("<I", following)
    return body


def _long_picture(rng: random.Random) -> bytes:
    size = rng.choice(((1, 30_000), (30_000, 1), (1, 1), (2, 3)))
    kind = rng.choice(("PNG", "JPEG", "TIFF", "WEBP"))
    if kind == "WEBP":
        size = (min(size[0], 16_000), min(size[1], 16_000))
    return saved(Image.new("L", size, 200), kind)


def _not_a_scan(rng: random.Random) -> bytes:
    kinds: Sequence[bytes] = (
        b"", b"<html><body>404</body></html>", b"PK\x03\x04" + bytes(99), b"%PDF-", b"II*\0",
        b"\xff\xd8\xff", b"RIFF\0\0\0\0WEBP", bytes(5_000), b"%PDF-1.4\n%%EOF\nstartxref",
        b"\0\0\0\x18ftypheic" + bytes(99),
    )  # fmt: skip
    return kinds[rng.randrange(len(kinds))]


HOSTILE: tuple[tuple[str, Callable[[random.Random], bytes]], ...] = (
    ("pdf cyclic page tree", _cyclic_tree),
    ("pdf deep page tree", _deep_tree),
    ("pdf cyclic forms", _cyclic_forms),
    ("pdf cyclic references", _cyclic_references),
    ("pdf nested objects", _nested),
    ("pdf nested content", _nested_content),
    ("pdf odd page", _odd_page),
    ("pdf garbage picture", _garbage_picture),
    ("pdf garbage picture", _garbage_picture),
    ("pdf picture bomb", _picture_bomb),
    ("pdf content bomb", _content_bomb),
    ("pdf many annotations", _many_annotations),
    ("pdf broken font", _broken_font),
    ("pdf cross-reference", _xref_tricks),
    ("pdf locked", _locked),
    ("pdf cyclic fields", _cyclic_fields),
    ("png bomb", _png_bomb),
    ("tiff chain", _tiff_chain),
    ("long picture", _long_picture),
    ("no scan", _not_a_scan),
)
