"""Pictures as PDF image objects, pixel for pixel as they came.

A JPEG goes in as it is, also one inside a TIFF; a PNG's compressed data as they are; 1-bit pictures
as CCITT group 4; everything else deflated without loss. Compressions that PDF does not know, HEIC,
AVIF and WebP, and JPEG 2000, which PDF/A holds only in part, lose a little: without loss a
telephone's photograph would grow tenfold.
"""

import io
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps

from ocr.files.pictures import levelled, on_paper, open_picture, orientation, within_limit
from ocr.options import ReadingOptions
from ocr.pdfa.spool import PageImage
from ocr.pdfa.tiff_jpeg import joined
from ocr.values import FileKind
from schemas.page import Shown

RECOMPRESSED_QUALITY = 93
"""JPEG quality for what was compressed with loss already, in a way that PDF does not know."""
_TURNS = {1: 0, 3: 180, 6: 90, 8: 270}
"""EXIF orientations that are turns, in degrees clockwise; the others mirror."""
_WIDTH, _HEIGHT = 256, 257
_OFFSETS, _COUNTS, _TABLES, _COMPRESSION, _PHOTOMETRIC = 273, 279, 347, 259, 262
_JPEG_IN_TIFF, _RGB = 7, 2


@dataclass(frozen=True)
class Embedded:
    """An image, its size in points as stored, and the turn that sets it upright."""

    image: PageImage
    width: float
    height: float
    turn: int
    shown: Shown = Shown.kept


def embed_picture(
    path: Path, kind: FileKind, number: int, page: tuple[float, float], options: ReadingOptions
) -> Embedded:
    """Page ``number`` of a picture file as an image object.

    ``page`` is the size in points it was read at, upright as its EXIF orientation says.

    Raises:
        InputRejected: ``reading.broken``, ``reading.too_many_pixels``.
    """
    with open_picture(path, kind, number, options) as picture:
        within_limit(*picture.size, options)
        lies = orientation(picture)
        turn, image, shown = 0, None, Shown.kept
        if kind is FileKind.jpeg and lies in _TURNS:
            turn, image = _TURNS[lies], _jpeg(path, picture)
        elif kind is FileKind.png and lies == 1:
            image = _png(path.read_bytes())
        elif kind is FileKind.tiff and lies in _TURNS:
            turn, image = _TURNS[lies], _jpeg_in_tiff(path, picture)
        if image is None:
            turn, upright = 0, ImageOps.exif_transpose(levelled(picture))
            if _lossy(path, kind, picture):
                image = embed_jpeg(_plain(upright), RECOMPRESSED_QUALITY, subsampling=2)
                shown = Shown.recompressed
            else:
                image = embed_lossless(upright)
    width, height = page[::-1] if turn % 180 else page
    return Embedded(image, width, height, turn, shown)


def embed_lossless(picture: Image.Image) -> PageImage:
    """A decoded picture, compressed without loss; grey stays grey, 1 bit stays 1 bit."""
    if picture.mode == "1":
        return embed_bits(picture)
    buffer = io.BytesIO()
    _plain(picture).save(buffer, "PNG", compress_level=6)
    image = _png(buffer.getvalue())
    if image is None:
        raise ValueError("Pillow wrote a PNG of an unexpected kind")
    return image


def embed_jpeg(
    picture: Image.Image, quality: int, *, mask: PageImage | None = None, subsampling: int = 0
) -> PageImage:
    """A decoded picture (``L`` or ``RGB``) as a JPEG: for drawn pages, never for scans."""
    if picture.mode not in {"L", "RGB"}:
        picture = picture.convert("RGB")
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=quality, subsampling=subsampling, optimize=True)
    return _dct(buffer.getvalue(), picture, mask)


def embed_bits(picture: Image.Image, *, stencil: bool = False) -> PageImage:
    """A 1-bit picture in one strip of CCITT group 4.

    As a stencil, black paints and white lets through (ISO 32000-1, 8.9.6.2: 0 paints).
    """
    buffer = io.BytesIO()
    picture.save(buffer, "TIFF", compression="group4", tiffinfo={278: picture.height})
    with Image.open(buffer) as written:
        tags = written.tag_v2  # type: ignore[attr-defined]
        offsets, counts, photometric = tags[_OFFSETS], tags[_COUNTS], tags[_PHOTOMETRIC]
    if len(offsets) != 1:
        data = zlib.compress(picture.tobytes(), 9)
        return PageImage(data, picture.size, bits=1, filter="/FlateDecode", stencil=stencil)
    black = "true" if photometric == 1 else "false"
    return PageImage(
        buffer.getvalue()[offsets[0] : offsets[0] + counts[0]],
        picture.size,
        bits=1,
        filter="/CCITTFaxDecode",
        parms=f"<< /K -1 /Columns {picture.width} /Rows {picture.height} /BlackIs1 {black} >>",
        stencil=stencil,
    )


def _plain(picture: Image.Image) -> Image.Image:
    """In a mode that PDF has an equal for: ``L``, ``RGB``, ``P``, ``1``, ``I;16``."""
    flat = on_paper(levelled(picture))
    return flat if flat.mode in {"L", "RGB", "P", "1", "I;16"} else flat.convert("RGB")


def _lossy(path: Path, kind: FileKind, picture: Image.Image) -> bool:
    """Whether the picture's own compression has lost something already, and PDF does not know it.

    A WebP is lossless where it has a ``VP8L`` chunk. A TIFF may hold JPEGs in pieces.
    """
    if kind is FileKind.webp:
        with path.open("rb") as file:
            return b"VP8L" not in file.read(4_096)
    if kind is FileKind.tiff:
        return picture.info.get("compression") in {"jpeg", "jpeg2000", "webp"}
    return kind in {FileKind.heic, FileKind.avif, FileKind.jp2}


def _dct(data: bytes, picture: Image.Image, mask: PageImage | None = None) -> PageImage:
    return PageImage(data, picture.size, _colours(picture), filter="/DCTDecode", mask=mask)


def _colours(picture: Image.Image) -> str:
    return "/DeviceGray" if picture.mode == "L" else "/DeviceRGB"


def _jpeg(path: Path, picture: Image.Image) -> PageImage | None:
    """The file itself; None for colours PDF/A cannot hold without a profile (CMYK)."""
    if picture.mode not in {"L", "RGB"} or picture.format not in {"JPEG", "MPO"}:
        return None
    return _dct(path.read_bytes(), picture)


def _jpeg_in_tiff(path: Path, picture: Image.Image) -> PageImage | None:
    """The JPEG of a TIFF frame, its strips in one; None where it is not so simple."""
    tags = getattr(picture, "tag_v2", {})
    offsets, counts = tags.get(_OFFSETS, ()), tags.get(_COUNTS, ())
    simple = tags.get(_COMPRESSION) == _JPEG_IN_TIFF and len(offsets) == len(counts) > 0
    if not simple or picture.mode not in {"L", "RGB"} or tags.get(_PHOTOMETRIC) not in {1, 2, 6}:
        return None
    size = (int(tags[_WIDTH]), int(tags[_HEIGHT]))
    strips = []
    with path.open("rb") as file:
        for offset, count in zip(offsets, counts, strict=True):
            file.seek(offset)
            strips.append(file.read(count))
    tables = tags.get(_TABLES, b"")
    rgb = tags[_PHOTOMETRIC] == _RGB
    data = joined(strips, tables if isinstance(tables, bytes) else b"", size[1], rgb=rgb)
    if data is None:
        return None
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG",)) as whole:
            same = whole.size == size and whole.mode == picture.mode
            if same:
                whole.load()
    except (OSError, ValueError, SyntaxError):
        return None
    return PageImage(data, size, _colours(picture), filter="/DCTDecode") if same else None


def _png(data: bytes) -> PageImage | None:
    """The compressed rows of a PNG; None where PDF has no equal (interlaced, transparent)."""
    width, height, bits, colour, _, _, interlaced = struct.unpack(">IIBBBBB", data[16:29])
    chunks = _png_chunks(data)
    channels = {0: 1, 2: 3, 3: 1}.get(colour)
    if channels is None or interlaced or b"tRNS" in chunks:
        return None
    colours = "/DeviceGray" if channels == 1 else "/DeviceRGB"
    if colour == 3:
        palette = b"".join(chunks.get(b"PLTE", []))
        if len(palette) < 3:
            return None
        colours = f"[/Indexed /DeviceRGB {len(palette) // 3 - 1} <{palette.hex()}>]"
    return PageImage(
        b"".join(chunks.get(b"IDAT", [])),
        (width, height),
        colours,
        bits,
        filter="/FlateDecode",
        parms=f"<< /Predictor 15 /Colors {channels} /BitsPerComponent {bits} /Columns {width} >>",
    )


def _png_chunks(data: bytes) -> dict[bytes, list[bytes]]:
    chunks: dict[bytes, list[bytes]] = {}
    position = 8
    while position + 12 <= len(data):
        length, name = struct.unpack(">I4s", data[position : position + 8])
        chunks.setdefault(name, []).append(data[position + 8 : position + 8 + length])
        position += 12 + length
        if name == b"IEND":
            break
    return chunks
