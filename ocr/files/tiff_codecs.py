"""Frames of TIFF files in compressions that Pillow does not open: JPEG 2000 and WebP.

Their strips or tiles are pictures of their own, which Pillow reads. Scanners and archives write
them with the compression numbers of Leadtools, Aperio and libtiff.
"""

import io
from pathlib import Path
from typing import BinaryIO

from PIL import Image

from ocr.files.tiff import (
    IfdEntry,
    Layout,
    TiffError,
    TiffFrame,
    directory_at,
    entries_of,
    layout_of,
    numbers,
)
from ocr.options import ReadingOptions
from schemas.errors import InputRejected

_JPEG_2000, _WEBP, _WEBP_NUMBER = ("JPEG2000",), ("WEBP",), 50001
_CODECS = {
    33003: _JPEG_2000,
    33004: _JPEG_2000,
    33005: _JPEG_2000,
    34712: _JPEG_2000,
    _WEBP_NUMBER: _WEBP,
}
_YCC = {33003}
"""JPEG 2000 whose three components are brightness and differences of colour."""
PILLOW_READS = frozenset(
    {1, 2, 3, 4, 5, 6, 7, 8, 32771, 32773, 32809, 32946, 34676, 34677, 34925, 50000}
)
"""Numbers of the compressions that Pillow reads, most of them through libtiff."""
_ORIENTATION = 274
_STRIPS, _STRIP_BYTES, _ROWS = 273, 279, 278
_TILES, _TILE_BYTES, _TILE_WIDTH, _TILE_HEIGHT = 324, 325, 322, 323
_ACROSS, _DOWN, _UNIT = 282, 283, 296
_RATIONAL = 5
_MOST_PARTS = 100_000


def decoded_frame(path: Path, frame: TiffFrame, options: ReadingOptions) -> Image.Image:
    """The picture of a frame whose compression is not one that Pillow reads.

    Its ``info`` has ``dpi`` or ``aspect`` and ``compression`` as Pillow would give them, its EXIF
    the orientation.

    Raises:
        TiffError: the frame's directory cannot be followed.
        InputRejected: ``reading.tiff_compression`` for one that nothing here reads;
            ``reading.too_many_pixels``.
        OSError, ValueError: the data are broken.
    """
    if frame.compression not in _CODECS:
        raise InputRejected("reading.tiff_compression", number=frame.compression)
    if frame.width * frame.height > options.max_pixels:
        raise InputRejected(
            "reading.too_many_pixels",
            width=frame.width,
            height=frame.height,
            limit=options.max_pixels // 1_000_000,
        )
    with path.open("rb") as file:
        layout = layout_of(file)
        directory = directory_at(file, layout, frame.offset)
        entries = {entry.tag: entry for entry in entries_of(file, layout, directory)}
        page = _pasted(file, frame, layout, entries)
    if frame.compression in _YCC and page.mode == "RGB":
        page = Image.merge("YCbCr", page.split()).convert("RGB")
    page.info["compression"] = "webp" if frame.compression == _WEBP_NUMBER else "jpeg2000"
    _described(page, layout, entries)
    return page


def _pasted(
    file: BinaryIO, frame: TiffFrame, layout: Layout, entries: dict[int, IfdEntry]
) -> Image.Image:
    """The strips or tiles of a frame as one picture."""
    size = (frame.width, frame.height)
    if min(size) <= 0:
        raise TiffError("no size")
    tiled = _TILES in entries
    part = (size[0], _one(layout, entries, _ROWS, size[1]) or size[1])
    if tiled:
        part = (_one(layout, entries, _TILE_WIDTH, 0), _one(layout, entries, _TILE_HEIGHT, 0))
    starts = _all(layout, entries, _TILES if tiled else _STRIPS)
    lengths = _all(layout, entries, _TILE_BYTES if tiled else _STRIP_BYTES)
    if min(part) <= 0 or len(starts) != len(lengths) or not 0 < len(starts) <= _MOST_PARTS:
        raise TiffError("no data")
    across = -(-size[0] // part[0])
    page: Image.Image | None = None
    for index, (start, length) in enumerate(zip(starts, lengths, strict=True)):
        file.seek(start)
        data = io.BytesIO(file.read(length))
        with Image.open(data, formats=_CODECS[frame.compression]) as piece:
            if piece.size[0] > part[0] or piece.size[1] > part[1]:
                raise TiffError("a part is larger than it may be")
            page = page or Image.new(piece.mode, size)
            place = (index % across * part[0], index // across * part[1])
            page.paste(piece.convert(page.mode), place)
    if page is None:
        raise TiffError("no data")
    return page


def _described(page: Image.Image, layout: Layout, entries: dict[int, IfdEntry]) -> None:
    """Give the picture the frame's orientation and resolution."""
    page.getexif()[_ORIENTATION] = _one(layout, entries, _ORIENTATION, 1)
    across, down = (_ratio(layout, entries.get(tag)) for tag in (_ACROSS, _DOWN))
    unit = _one(layout, entries, _UNIT, 2)
    if unit == 1:
        page.info["aspect"] = (across, down)
    else:
        per = 2.54 if unit == 3 else 1.0
        page.info["dpi"] = (across * per, down * per)


def _ratio(layout: Layout, entry: IfdEntry | None) -> float:
    if entry is None or entry.kind != _RATIONAL or len(entry.value) < 8:
        return 0.0
    above, below = (layout.unpack("I", entry.value[at : at + 4]) for at in (0, 4))
    return above / below if below else 0.0


def _one(layout: Layout, entries: dict[int, IfdEntry], tag: int, absent: int) -> int:
    return next(iter(_all(layout, entries, tag)), absent)


def _all(layout: Layout, entries: dict[int, IfdEntry], tag: int) -> tuple[int, ...]:
    entry = entries.get(tag)
    return () if entry is None else numbers(layout, entry)
