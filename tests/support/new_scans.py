"""Pictures as telephones make them of a page, and ones that mean harm."""

import io
import struct
import zlib
from pathlib import Path

import pypdfium2
from PIL import Image
from stacks import stack


def photograph(path: Path, *, turned: int = 0) -> Path:
    """A page of prose as a telephone's picture, on its side as telephones store them."""
    drawn = stack(path.with_suffix(".pdf"), "blank", "blank", "blank", "blank", "more")
    with pypdfium2.PdfDocument(drawn) as pdf:
        page = pdf[4].render(scale=200 / 72).to_pil().convert("RGB")
    exif = Image.Exif()
    if turned:
        page = page.rotate(turned, expand=True)  # stored so, and the EXIF orientation says it
        exif[0x0112] = {90: 6, 270: 8}[turned]
    page.save(path, "JPEG", quality=88, exif=exif)
    return path


def _chunk(kind: bytes, data: bytes) -> bytes:
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def bomb() -> bytes:
    """A PNG of few bytes that says it has ten thousand million pixels."""
    head = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 0, 0, 0, 0)
    data = zlib.compress(bytes(1000))
    chunks = (_chunk(b"IHDR", head), _chunk(b"IDAT", data), _chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def small_jpeg(shade: int = 200) -> bytes:
    """A picture of nothing."""
    out = io.BytesIO()
    Image.new("RGB", (600, 850), (shade, shade, shade)).save(out, "JPEG")
    return out.getvalue()


def broken_jpeg() -> bytes:
    """Its ends are right, and nothing between them."""
    whole = small_jpeg()
    return whole[:200] + bytes(500) + whole[-2:]
