"""Broken and hostile files, made from drawn ones: the same seed and number give the same file."""

import io
import random
import re
import struct
import zlib
from collections.abc import Callable, Sequence
from functools import cache
from typing import NamedTuple

import pikepdf
import pillow_heif
from PIL import Image, ImageDraw, ImageFont

pillow_heif.register_heif_opener()

PAGE = (420, 594)
"""Pixels of the drawn pages: A4 at 51 dpi, small enough for thousands."""
_TEXT = ("Giay bien nhan so 27", "Ngay 05 thang 11 nam 2025", "Trang thu nghiem")
_NUMBERS = (b"0", b"-1", b"1", b"65535", b"2147483647", b"4294967296", b"99999999999", b"0.0001")
_WORD = re.compile(rb"\d+")


class Mutant(NamedTuple):
    """A file to be digitised: how it was made, its name's ending, its bytes."""

    recipe: str
    ending: str
    data: bytes


def mutant(seed: int, number: int) -> Mutant:
    """File ``number`` of the series: one in four is built hostile, the others are damaged."""
    rng = random.Random(seed * 1_000_003 + number)  # noqa: S311 - repeatable on purpose
    if number % 4 == 0:
        name, make = HOSTILE[(number // 4) % len(HOSTILE)]
        return Mutant(f"hostile:{name}", "pdf" if name.startswith("pdf") else "bin", make(rng))
    names = sorted(originals())
    name = names[rng.randrange(len(names))]
    data = originals()[name]
    damages = [DAMAGES[rng.randrange(len(DAMAGES))] for _ in range(rng.choice((1, 1, 1, 2, 3)))]
    for _, damage in damages:
        data = damage(rng, data)
    recipe = "+".join(label for label, _ in damages)
    return Mutant(f"{name}:{recipe}", name.partition("-")[2] or name, data)


@cache
def originals() -> dict[str, bytes]:
    """A drawn file of every kind, whole."""
    grey = _drawn()
    colour, bits = grey.convert("RGB"), grey.convert("1")
    made = {
        "jpeg": _saved(grey, "JPEG", quality=80),
        "colour-jpeg": _saved(colour, "JPEG", quality=80, progressive=True),
        "png": _saved(grey, "PNG"),
        "bits-png": _saved(bits, "PNG"),
        "palette-png": _saved(colour.convert("P"), "PNG"),
        "group4-tiff": _saved(bits, "TIFF", compression="group4"),
        "lzw-tiff": _saved(colour, "TIFF", compression="tiff_lzw"),
        "jpeg-tiff": _saved(colour, "TIFF", compression="jpeg"),
        "many-tiff": _saved(bits, "TIFF", save_all=True, append_images=[bits, bits]),
        "webp": _saved(grey, "WEBP"),
        "heic": _saved(colour, "HEIF"),
    }
    return made | _documents(made["jpeg"], made["group4-tiff"])


def _documents(jpeg: bytes, group4: bytes) -> dict[str, bytes]:
    pictures: dict[str, tuple[bytes, dict[str, pikepdf.Object], int]] = {
        "dct": (jpeg, {"Filter": pikepdf.Name.DCTDecode}, 8),
        "ccitt": (_strip(group4), {
            "Filter": pikepdf.Name.CCITTFaxDecode,
            "DecodeParms": pikepdf.Dictionary(K=-1, Columns=PAGE[0], Rows=PAGE[1]),
        }, 1),
    }  # fmt: skip
    made = {}
    for name, (data, entries, bits) in pictures.items():
        with pikepdf.new() as pdf:
            _scan_page(pdf, data, entries, bits)
            _scan_page(pdf, data, entries, bits)
            made[f"{name}-pdf"] = _written(pdf)
            made[f"{name}-packed-pdf"] = _written(
                pdf, object_stream_mode=pikepdf.ObjectStreamMode.generate
            )
    with pikepdf.new() as pdf:
        _text_page(pdf)
        made["text-pdf"] = _written(pdf)
        _annotate(pdf, 1)
        made["stamped-pdf"] = _written(pdf)
    return made


def _drawn() -> Image.Image:
    page = Image.new("L", PAGE, 250)
    pen, font = ImageDraw.Draw(page), ImageFont.load_default(16)
    for row, text in enumerate(_TEXT):
        pen.text((30, 60 + 40 * row), text, font=font, fill=20)
    return page


def _saved(picture: Image.Image, kind: str, **how: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **how)
    return buffer.getvalue()


def _written(pdf: pikepdf.Pdf, **how: object) -> bytes:
    buffer = io.BytesIO()
    pdf.save(buffer, **({"object_stream_mode": pikepdf.ObjectStreamMode.disable} | how))
    return buffer.getvalue()


def _strip(tiff: bytes) -> bytes:
    with Image.open(io.BytesIO(tiff)) as picture:
        tags = picture.tag_v2  # type: ignore[attr-defined]
        return tiff[tags[273][0] : tags[273][0] + tags[279][0]]


def _scan_page(
    pdf: pikepdf.Pdf,
    data: bytes,
    entries: dict[str, pikepdf.Object],
    bits: int = 8,
    size: tuple[int, int] = PAGE,
) -> pikepdf.Object:
    picture = pdf.make_stream(
        data,
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=size[0],
        Height=size[1],
        ColorSpace=pikepdf.Name.DeviceGray,
        BitsPerComponent=bits,
        **entries,
    )
    page = _blank(pdf)
    page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=picture))
    page.Contents = pdf.make_stream(b"q 595 0 0 842 0 0 cm /Im0 Do Q")
    return page


def _blank(pdf: pikepdf.Pdf) -> pikepdf.Object:
    pdf.add_blank_page(page_size=(595, 842))
    return pdf.pages[-1].obj


def _text_page(pdf: pikepdf.Pdf, font: pikepdf.Object | None = None) -> pikepdf.Object:
    page = _blank(pdf)
    plain = pikepdf.Dictionary(
        Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
    )
    page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font or plain))
    lines = " T* ".join(f"({text}) Tj" for text in _TEXT)
    page.Contents = pdf.make_stream(f"BT /F1 14 Tf 16 TL 72 700 Td {lines} ET".encode("ascii"))
    return page


def _annotate(pdf: pikepdf.Pdf, count: int) -> None:
    form = pdf.make_stream(
        b"0 0 50 20 re f", Subtype=pikepdf.Name.Form, Type=pikepdf.Name.XObject,
        BBox=[0, 0, 50, 20],
    )  # fmt: skip
    pdf.pages[0].obj.Annots = pikepdf.Array(
        [
            pikepdf.Dictionary(
                Type=pikepdf.Name.Annot,
                Subtype=pikepdf.Name.Stamp,
                Rect=[index % 500, 100, index % 500 + 50, 120],
                AP=pikepdf.Dictionary(N=form),
            )
            for index in range(count)
        ]
    )


# Damage to whole files


def _truncated(rng: random.Random, data: bytes) -> bytes:
    return data[: rng.randrange(len(data) + 1)]


def _flipped(rng: random.Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.choice((1, 4, 16, 64)) if changed else 0):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _overwritten(rng: random.Random, data: bytes) -> bytes:
    start, length = rng.randrange(len(data) + 1), rng.randrange(1, 2_000)
    filling = rng.choice((bytes(length), b"\xff" * length, rng.randbytes(length)))
    return data[:start] + filling + data[start + length :]


def _cut(rng: random.Random, data: bytes) -> bytes:
    start, length = rng.randrange(len(data) + 1), rng.randrange(1, 500)
    return data[:start] + data[start + length :]


def _doubled(rng: random.Random, data: bytes) -> bytes:
    start, length = rng.randrange(len(data) + 1), rng.randrange(1, 4_000)
    return data[:start] + data[start : start + length] * rng.choice((2, 3, 50)) + data[start:]


def _spliced(rng: random.Random, data: bytes) -> bytes:
    names = sorted(originals())
    other = originals()[names[rng.randrange(len(names))]]
    return data[: rng.randrange(len(data) + 1)] + other[rng.randrange(len(other)) :]


def _renumbered(rng: random.Random, data: bytes) -> bytes:
    """Decimal numbers exchanged: lengths, offsets, references, sizes of a PDF."""
    places = list(_WORD.finditer(data))
    for place in sorted(rng.sample(places, min(len(places), rng.choice((1, 2, 5)))), reverse=True,
                        key=lambda found: found.start()):  # fmt: skip
        data = data[: place.start()] + rng.choice(_NUMBERS) + data[place.end() :]
    return data


def _resized(rng: random.Random, data: bytes) -> bytes:
    """Big-endian and little-endian fields set to extreme values: sizes in pictures' headers."""
    changed = bytearray(data)
    for _ in range(3):
        at = rng.randrange(min(len(changed), 400) or 1)
        value = rng.choice((0, 1, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF))
        form = rng.choice((">I", "<I", ">H", "<H"))
        size = struct.calcsize(form)
        if at + size <= len(changed):
            struct.pack_into(form, changed, at, value & (0xFFFF if size == 2 else 0xFFFFFFFF))
    return bytes(changed)


Damage = Callable[[random.Random, bytes], bytes]
DAMAGES: tuple[tuple[str, Damage], ...] = (
    ("truncated", _truncated),
    ("flipped", _flipped),
    ("flipped", _flipped),
    ("overwritten", _overwritten),
    ("cut", _cut),
    ("doubled", _doubled),
    ("spliced", _spliced),
    ("renumbered", _renumbered),
    ("resized", _resized),
)


# Files that are hostile by design


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
        _text_page(pdf)
        _annotate(pdf, rng.choice((50, 3_000)))
        return _written(pdf)


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
        _text_page(pdf, font)
        return _written(pdf)


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
        _text_page(pdf)
        user = rng.choice(("", "secret"))
        return _written(pdf, encryption=pikepdf.Encryption(owner="owner", user=user))


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
    return _saved(Image.new("L", size, 200), kind)


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
