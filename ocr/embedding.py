"""Pictures as PDF image objects, pixel for pixel as they came.

A JPEG goes in as it is; a PNG's compressed data as they are; 1-bit pictures as CCITT group 4;
everything else deflated without loss.
"""

import io
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

import pikepdf
from PIL import Image, ImageOps

from ocr.options import ReadingOptions
from ocr.pictures import on_paper, open_picture, picture_dpi, within_limit
from ocr.values import FileKind

_EXIF_ORIENTATION = 0x0112
_TURNS = {1: 0, 3: 180, 6: 90, 8: 270}
"""EXIF orientations that are turns, in degrees clockwise; the others mirror."""


@dataclass(frozen=True)
class Embedded:
    """An image object, its size in points as stored, and the turn that sets it upright."""

    image: pikepdf.Object
    width: float
    height: float
    turn: int


def embed_picture(
    pdf: pikepdf.Pdf, path: Path, kind: FileKind, number: int, options: ReadingOptions
) -> Embedded:
    """Frame ``number`` of a picture file as an image object of ``pdf``.

    Raises:
        InputRejected: ``reading.broken``, ``reading.too_many_pixels``.
    """
    with open_picture(path, kind, number) as picture:
        within_limit(*picture.size, options)
        dpi = picture_dpi(picture.size, picture.info.get("dpi"))
        orientation = int(picture.getexif().get(_EXIF_ORIENTATION, 1))
        turn, image = 0, None
        if kind is FileKind.jpeg and orientation in _TURNS:
            turn, image = _TURNS[orientation], _jpeg(pdf, path, picture)
        elif kind is FileKind.png and orientation == 1:
            image = _png(pdf, path.read_bytes())
        size = picture.size
        if image is None:
            turn, upright = 0, ImageOps.exif_transpose(picture)
            size, image = upright.size, embed_lossless(pdf, upright)
    return Embedded(image, size[0] * 72 / dpi, size[1] * 72 / dpi, turn)


def embed_lossless(pdf: pikepdf.Pdf, picture: Image.Image) -> pikepdf.Object:
    """A decoded picture, compressed without loss; grey stays grey, 1 bit stays 1 bit."""
    if picture.mode == "1":
        return _group4(pdf, picture)
    flat = on_paper(picture)
    if flat.mode not in {"L", "RGB", "P"}:
        flat = flat.convert("L" if flat.mode in {"I", "F"} or flat.mode.startswith("I;") else "RGB")
    buffer = io.BytesIO()
    flat.save(buffer, "PNG", compress_level=6)
    image = _png(pdf, buffer.getvalue())
    if image is None:
        raise ValueError("Pillow wrote a PNG of an unexpected kind")
    return image


def embed_jpeg(pdf: pikepdf.Pdf, picture: Image.Image, quality: int) -> pikepdf.Object:
    """A decoded picture (``L`` or ``RGB``) as a JPEG: for drawn pages only, never for scans."""
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=quality, subsampling=0)
    colours = pikepdf.Name.DeviceGray if picture.mode == "L" else pikepdf.Name.DeviceRGB
    return _stream(pdf, buffer.getvalue(), picture.size, colours, 8, Filter="/DCTDecode")


def _stream(
    pdf: pikepdf.Pdf,
    data: bytes,
    size: tuple[int, int],
    colours: pikepdf.Object,
    bits: int,
    *,
    Filter: str,
    DecodeParms: pikepdf.Object | None = None,
) -> pikepdf.Object:
    stream = pdf.make_stream(
        data,
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=size[0],
        Height=size[1],
        ColorSpace=colours,
        BitsPerComponent=bits,
        Filter=pikepdf.Name(Filter),
    )
    if DecodeParms is not None:
        stream.DecodeParms = DecodeParms
    return stream


def _jpeg(pdf: pikepdf.Pdf, path: Path, picture: Image.Image) -> pikepdf.Object | None:
    """The file itself; None for colours PDF/A cannot hold without a profile (CMYK)."""
    if picture.mode not in {"L", "RGB"} or picture.format not in {"JPEG", "MPO"}:
        return None
    colours = pikepdf.Name.DeviceGray if picture.mode == "L" else pikepdf.Name.DeviceRGB
    return _stream(pdf, path.read_bytes(), picture.size, colours, 8, Filter="/DCTDecode")


def _png(pdf: pikepdf.Pdf, data: bytes) -> pikepdf.Object | None:
    """The compressed rows of a PNG; None where PDF has no equal (interlaced, transparent)."""
    width, height, bits, colour, _, _, interlaced = struct.unpack(">IIBBBBB", data[16:29])
    chunks = _png_chunks(data)
    channels = {0: 1, 2: 3, 3: 1}.get(colour)
    if channels is None or interlaced or b"tRNS" in chunks:
        return None
    colours: pikepdf.Object = pikepdf.Name.DeviceGray if channels == 1 else pikepdf.Name.DeviceRGB
    if colour == 3:
        palette = b"".join(chunks.get(b"PLTE", []))
        if len(palette) < 3:
            return None
        colours = pikepdf.Array(
            [
                pikepdf.Name.Indexed,
                pikepdf.Name.DeviceRGB,
                len(palette) // 3 - 1,
                pikepdf.String(palette),
            ]
        )
    rows = pikepdf.Dictionary(Predictor=15, Colors=channels, BitsPerComponent=bits, Columns=width)
    body = b"".join(chunks.get(b"IDAT", []))
    return _stream(
        pdf, body, (width, height), colours, bits, Filter="/FlateDecode", DecodeParms=rows
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


def _group4(pdf: pikepdf.Pdf, picture: Image.Image) -> pikepdf.Object:
    """A 1-bit picture in one strip of CCITT group 4."""
    buffer = io.BytesIO()
    picture.save(buffer, "TIFF", compression="group4", tiffinfo={278: picture.height})
    with Image.open(buffer) as written:
        tags = written.tag_v2  # type: ignore[attr-defined]
        offsets, counts, photometric = tags[273], tags[279], tags[262]
    if len(offsets) != 1:
        return _deflated_bits(pdf, picture)
    data = buffer.getvalue()[offsets[0] : offsets[0] + counts[0]]
    how = pikepdf.Dictionary(
        K=-1, Columns=picture.width, Rows=picture.height, BlackIs1=photometric == 1
    )
    return _stream(
        pdf,
        data,
        picture.size,
        pikepdf.Name.DeviceGray,
        1,
        Filter="/CCITTFaxDecode",
        DecodeParms=how,
    )


def _deflated_bits(pdf: pikepdf.Pdf, picture: Image.Image) -> pikepdf.Object:
    data = zlib.compress(picture.tobytes(), 9)
    return _stream(pdf, data, picture.size, pikepdf.Name.DeviceGray, 1, Filter="/FlateDecode")
