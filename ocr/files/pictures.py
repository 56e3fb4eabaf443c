"""Picture files as pages: JPEG, PNG, TIFF (many pages), HEIC, WebP."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pillow_heif
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from ocr.cleaning import ink
from ocr.options import ReadingOptions
from ocr.values import FileKind
from schemas.errors import InputRejected

pillow_heif.register_heif_opener()
Image.MAX_IMAGE_PIXELS = None  # the limit is ReadingOptions.max_pixels, held before decoding

A4_LONG_INCHES = 297 / 25.4
PLAUSIBLE_DPI = (97.0, 2_400.0)
"""72 and 96 are what cameras and screens write when they know nothing."""
PLAUSIBLE_INCHES = (3.0, 50.0)
"""Long side of a sheet: from a card to A0."""

_FORMATS = {
    FileKind.jpeg: ("JPEG", "MPO"),
    FileKind.png: ("PNG",),
    FileKind.tiff: ("TIFF",),
    FileKind.heic: ("HEIF",),
    FileKind.webp: ("WEBP",),
}
_WHITES = (1.0, 255.0, 1_023.0, 4_095.0, 16_383.0, 65_535.0)
"""What white may be in a deep picture: the smallest that none of its values exceeds. Scanners write
10, 12 and 14 bits into 16, and float pictures go to 1 or 255."""
_ORIENTATION, _PHOTOMETRIC = 0x0112, 262
_WHITE_IS_ZERO = 0
COLOURED = {"RGB", "RGBA", "RGBa", "P", "PA", "CMYK", "YCbCr", "LAB"}
_BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    EOFError,
    IndexError,
    KeyError,
    OverflowError,
)
"""What Pillow's decoders raise on broken data (``UnidentifiedImageError`` is an ``OSError``)."""


@dataclass(frozen=True)
class Scan:
    """One page as a grey picture.

    ``grey`` is uint8, shape (height, width), 255 is paper; ``dpi`` its own resolution,
    ``source_dpi`` that of the picture it was made from; ``width`` and ``height`` the page in
    points. ``colour`` is the same page (blue, green, red) where it has coloured ink, at the
    resolution asked for or its own, whichever is less.
    """

    grey: NDArray[np.uint8]
    dpi: float
    source_dpi: float
    bilevel: bool
    width: float
    height: float
    colour: NDArray[np.uint8] | None = None


def within_limit(width: int, height: int, options: ReadingOptions) -> None:
    """Refuse a picture of more pixels than are decoded.

    Raises:
        InputRejected: ``reading.too_many_pixels``, or ``reading.broken`` for a side of 0.
    """
    if width <= 0 or height <= 0:
        raise InputRejected("reading.broken", kind="")
    if width * height > options.max_pixels:
        raise InputRejected(
            "reading.too_many_pixels",
            width=width,
            height=height,
            limit=options.max_pixels // 1_000_000,
        )


@contextmanager
def open_picture(path: Path, kind: FileKind, number: int) -> Iterator[Image.Image]:
    """Frame ``number`` (from 1) of a picture file, its pixels not decoded yet.

    Raises:
        InputRejected: ``reading.broken``, also for errors of decoding inside the ``with`` block.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # given a path, Pillow maps uncompressed TIFFs into memory and mixes up those that lie
            with path.open("rb") as file, Image.open(file, formats=_FORMATS[kind]) as picture:
                if kind is FileKind.tiff:
                    picture.seek(number - 1)
                yield picture
    except (*_BROKEN, UnidentifiedImageError) as exc:
        raise InputRejected("reading.broken", kind=kind.value.upper()) from exc


def picture_dpi(size: tuple[int, int], stated: object) -> float:
    """Resolution of a picture of ``size`` pixels: the stated one when a sheet can have it.

    Otherwise the long side is taken for that of A4.
    """
    long_side = max(size)
    try:
        dpi = float(stated[0])  # type: ignore[index]
    except (TypeError, ValueError, IndexError, ZeroDivisionError):
        dpi = 0.0
    low, high = PLAUSIBLE_INCHES
    if PLAUSIBLE_DPI[0] <= dpi <= PLAUSIBLE_DPI[1] and low <= long_side / dpi <= high:
        return dpi
    return max(long_side / A4_LONG_INCHES, 1.0)


def load_picture(
    path: Path, kind: FileKind, number: int, dpi: float, options: ReadingOptions
) -> Scan:
    """Frame ``number`` as a grey page, upright as its EXIF orientation says.

    A JPEG without coloured ink is decoded straight to grey, and any JPEG finer than twice ``dpi``
    at a fraction of its size; other pictures come at their own resolution.

    Raises:
        InputRejected: ``reading.broken``, ``reading.too_many_pixels``.
    """
    coloured = kind is not FileKind.jpeg or _is_coloured_jpeg(path, number, options)
    with open_picture(path, kind, number) as picture:
        size = picture.size
        within_limit(*size, options)
        source_dpi = picture_dpi(size, picture.info.get("dpi"))
        if kind is FileKind.jpeg and (coloured or source_dpi > dpi):
            shrink = min(1.0, dpi / source_dpi)
            small = (int(size[0] * shrink) + 1, int(size[1] * shrink) + 1)
            picture.draft("RGB" if coloured else "L", small)
        bilevel = picture.mode == "1"
        upright = ImageOps.exif_transpose(levelled(picture))
        pixels = np.asarray(as_grey(upright), dtype=np.uint8)
        own_dpi = source_dpi * max(pixels.shape) / max(size)
        colour = None
        if coloured and upright.mode in COLOURED:
            seen = np.asarray(on_paper(upright).convert("RGB"), dtype=np.uint8)
            colour = ink.kept(seen[:, :, ::-1], own_dpi, dpi)
    height, width = pixels.shape
    return Scan(
        grey=pixels,
        dpi=own_dpi,
        source_dpi=source_dpi,
        bilevel=bilevel,
        width=width * 72 / own_dpi,
        height=height * 72 / own_dpi,
        colour=colour,
    )


def _is_coloured_jpeg(path: Path, number: int, options: ReadingOptions) -> bool:
    """Whether a JPEG has coloured ink, by a quarter of its size: a fifth of the time."""
    with open_picture(path, FileKind.jpeg, number) as picture:
        within_limit(*picture.size, options)
        if picture.mode != "RGB":
            return False
        picture.draft("RGB", (picture.size[0] // 4 + 1, picture.size[1] // 4 + 1))
        return ink.is_coloured(np.asarray(picture, dtype=np.uint8)[:, :, ::-1])


def levelled(picture: Image.Image) -> Image.Image:
    """A grey picture of more than 8 bits or of numbers as 16 bits (``I;16``), white at 65,535.

    Other pictures are given back as they are. Pillow leaves the range of such pictures to who
    reads them, and cuts them off at 255 where it is told to make them ``L``.
    """
    if not (picture.mode.startswith("I;16") or picture.mode in {"I", "F"}):
        return picture
    values = np.nan_to_num(np.asarray(picture, dtype=np.float32))
    highest = float(values.max(initial=0.0))
    white = next((white for white in _WHITES if highest <= white), highest)
    deep = np.clip(np.rint(values * (_WHITES[-1] / white)), 0, _WHITES[-1]).astype(np.uint16)
    tags = getattr(picture, "tag_v2", {})
    if tags.get(_PHOTOMETRIC) == _WHITE_IS_ZERO:
        deep = np.uint16(_WHITES[-1]) - deep
    made = Image.fromarray(deep)
    made.getexif()[_ORIENTATION] = picture.getexif().get(_ORIENTATION, 1)
    return made


def as_grey(picture: Image.Image) -> Image.Image:
    """The picture in mode ``L``; what is transparent is paper."""
    deep = levelled(picture)
    if deep.mode == "I;16":
        return Image.fromarray((np.asarray(deep, dtype=np.uint16) >> 8).astype(np.uint8))
    return on_paper(picture).convert("L")


def on_paper(picture: Image.Image) -> Image.Image:
    """The picture without transparency, laid on white."""
    if picture.mode in {"RGBA", "LA", "PA", "RGBa", "La"} or "transparency" in picture.info:
        layered = picture.convert("RGBA")
        paper = Image.new("RGBA", layered.size, "white")
        return Image.alpha_composite(paper, layered).convert("RGB")
    return picture
