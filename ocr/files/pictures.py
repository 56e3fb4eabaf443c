"""Picture files as pages: JPEG, PNG, TIFF (many pages), HEIC, AVIF, WebP, JPEG 2000."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import pillow_heif
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from ocr.cleaning import ink
from ocr.files.paper_size import (
    A4_LONG_INCHES,
    SQUARE,
    Letters,
    Resolution,
    Stated,
    letters_of,
    resolution,
)
from ocr.files.tiff import TiffError, page_frame
from ocr.files.tiff_codecs import PILLOW_READS, decoded_frame
from ocr.options import ReadingOptions
from ocr.values import FileKind
from schemas.errors import InputRejected
from schemas.page import PHOTOGRAPH

pillow_heif.register_heif_opener()
Image.MAX_IMAGE_PIXELS = None  # the limit is ReadingOptions.max_pixels, held before decoding

_FORMATS = {
    FileKind.jpeg: ("JPEG", "MPO"),
    FileKind.png: ("PNG",),
    FileKind.tiff: ("TIFF",),
    FileKind.heic: ("HEIF",),
    FileKind.webp: ("WEBP",),
    FileKind.avif: ("AVIF",),
    FileKind.jp2: ("JPEG2000",),
}
_WHITES = (1.0, 255.0, 1_023.0, 4_095.0, 16_383.0, 65_535.0)
"""What white may be in a deep picture: the smallest that none of its values exceeds. Scanners write
10, 12 and 14 bits into 16, and float pictures go to 1 or 255."""
_ORIENTATION, _PHOTOMETRIC = 0x0112, 262
_ACROSS, _DOWN, _UNIT = 282, 283, 296
_NO_UNIT, _INCH, _CENTIMETRE = 1, 2, 3
_LEAST_DPI = 50.0
"""Numbers of a TIFF without a unit that are no smaller are meant as pixels per inch."""
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

    ``grey`` is uint8, shape (height, width), 255 is paper, its pixels square; ``dpi`` its own
    resolution, ``source_dpi`` that of the picture it was made from; ``width`` and ``height`` the
    page in points. ``colour`` is the same page (blue, green, red) where it has coloured ink, at the
    resolution asked for or its own, whichever is less.
    """

    grey: NDArray[np.uint8]
    dpi: float
    source_dpi: float
    bilevel: bool
    width: float
    height: float
    colour: NDArray[np.uint8] | None = None
    warnings: tuple[str, ...] = ()
    """Of a photograph, which is here laid flat: that it is one, and what is wrong with it."""

    @property
    def photographed(self) -> bool:
        """Whether it was made of a photograph."""
        return PHOTOGRAPH in self.warnings


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
def open_picture(
    path: Path, kind: FileKind, number: int, options: ReadingOptions | None = None
) -> Iterator[Image.Image]:
    """Page ``number`` (from 1) of a picture file, its pixels mostly not decoded yet.

    Frames of a TIFF whose compression Pillow does not know are decoded here, up to the number of
    pixels that ``options`` allow.

    Raises:
        InputRejected: ``reading.broken``, also for errors of decoding inside the ``with`` block;
            ``reading.tiff_compression``, ``reading.too_many_pixels``.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            frame = page_frame(path, number) if kind is FileKind.tiff else None
            if frame is not None and frame.compression not in PILLOW_READS:
                yield decoded_frame(path, frame, options or ReadingOptions())
                return
            # given a path, Pillow maps uncompressed TIFFs into memory and mixes up those that lie
            with path.open("rb") as file, Image.open(file, formats=_FORMATS[kind]) as picture:
                if frame is not None:
                    picture.seek(frame.index)
                yield picture
    except (TiffError, *_BROKEN, UnidentifiedImageError) as exc:
        raise InputRejected("reading.broken", kind=kind.value.upper()) from exc


def orientation(picture: Image.Image) -> int:
    """The EXIF orientation, 1 to 8; what a file says beyond that means nothing (1, upright)."""
    said = picture.getexif().get(_ORIENTATION, 1)
    return said if isinstance(said, int) and 1 <= said <= 8 else 1


def stated_resolution(picture: Image.Image) -> Stated:
    """What the header of this frame says of its resolution, pixels as stored.

    Pillow gives a frame of a TIFF without a resolution that of the frame before, and EXIF's number
    across the page also down it.
    """
    tags = getattr(picture, "tag_v2", None)
    info = picture.info
    if tags is not None:
        across, down, unit = tags.get(_ACROSS), tags.get(_DOWN), tags.get(_UNIT, _INCH)
        per = 2.54 if unit == _CENTIMETRE else 1.0
        known = Stated.of(_times(across, per), _times(down, per))
        if unit in {_INCH, _CENTIMETRE} or known.across >= _LEAST_DPI:
            return known
        return Stated.of(across, down, absolute=False)
    if (shape := _pair(info.get("aspect"))) is not None:  # PNG pHYs without a unit
        return Stated.of(*shape, absolute=False)
    if info.get("jfif_unit") == 0 and (shape := _pair(info.get("jfif_density"))) is not None:
        ratio = Stated.of(*shape, absolute=False)
        if ratio.ratio != 1.0:
            return ratio
    exif = picture.getexif()
    per = 2.54 if exif.get(_UNIT) == _CENTIMETRE else 1.0
    said = Stated.of(_times(exif.get(_ACROSS), per), _times(exif.get(_DOWN), per))
    pair = _pair(info.get("dpi"))
    known = Stated() if pair is None else Stated.of(*pair)
    return said if not known.across or (known.default and said.across) else known


def upright(picture: Image.Image) -> tuple[tuple[int, int], Stated]:
    """Size in pixels and stated resolution of a picture that is not decoded yet, once it is turned
    as its EXIF orientation says.

    Pillow gives the size of a TIFF turned already, and the numbers of its header as they stand.
    """
    stated = stated_resolution(picture)
    if orientation(picture) < 5:
        return picture.size, stated
    size = picture.size if hasattr(picture, "tag_v2") else picture.size[::-1]
    return size, Stated(stated.down, stated.across, 1 / stated.ratio, stated.default)


def _pair(value: object) -> tuple[object, object] | None:
    return (value[0], value[1]) if isinstance(value, tuple) and len(value) == 2 else None


def _times(value: object, factor: float) -> object:
    try:
        return float(value) * factor  # type: ignore[arg-type]
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None


def load_picture(
    path: Path,
    kind: FileKind,
    number: int,
    dpi: float,
    options: ReadingOptions,
    page: tuple[float, float] | None = None,
) -> Scan:
    """Page ``number`` as a grey page, upright as its EXIF orientation says.

    A JPEG without coloured ink is decoded straight to grey, and any JPEG finer than twice ``dpi``
    at a fraction of its size; other pictures come at their own resolution. Width and height are
    ``page`` (points), or else those :mod:`ocr.files.paper_size` finds likeliest.

    Raises:
        InputRejected: ``reading.broken``, ``reading.too_many_pixels``.
    """
    coloured = kind is not FileKind.jpeg or _is_coloured_jpeg(path, number, options)
    with open_picture(path, kind, number, options) as picture:
        within_limit(*picture.size, options)
        full, stated = upright(picture)
        if kind is FileKind.jpeg:
            finest = full[0] * 72 / page[0] if page else at_least(full, stated)
            if coloured or finest > dpi:
                shrink = min(1.0, dpi / finest)
                small = (
                    int(picture.size[0] * shrink) + 1,
                    int(picture.size[1] * shrink) + 1,
                )
                picture.draft("RGB" if coloured else "L", small)
        bilevel = picture.mode == "1"
        turned = ImageOps.exif_transpose(levelled(picture))
        pixels = np.asarray(as_grey(turned), dtype=np.uint8)
        drafted = full[0] / pixels.shape[1]
        if page is not None:
            made = Resolution(full[0] * 72 / page[0], full[1] * 72 / page[1], False)
        else:
            made = judged(full, stated, pixels)
        scan = replace(page_of(pixels, made, drafted), bilevel=bilevel)
        if coloured and turned.mode in COLOURED:
            seen = np.asarray(on_paper(turned).convert("RGB"), dtype=np.uint8)[:, :, ::-1]
            seen = squared(np.ascontiguousarray(seen), scan.grey.shape)
            scan = replace(scan, colour=ink.kept(seen, scan.dpi, dpi))
    return scan


def at_least(size: tuple[int, int], stated: Stated) -> float:
    """Resolution that the picture has hardly less than, before it was looked at."""
    guess = max(size) / A4_LONG_INCHES
    return max(1.0, min(stated.across, stated.down, guess) if stated.across else guess)


def judged(size: tuple[int, int], stated: Stated, pixels: NDArray[np.uint8]) -> Resolution:
    """The resolution of an upright picture of ``size``, of which ``pixels`` are a copy."""
    scale = size[0] / pixels.shape[1]

    def letters() -> Letters | None:
        seen = letters_of(pixels)
        return None if seen is None else seen._replace(height=seen.height * scale)

    return resolution(size, stated, letters)


def page_of(pixels: NDArray[np.uint8], made: Resolution, drafted: float) -> Scan:
    """A grey page of ``pixels``, a copy ``drafted`` times smaller than the picture of resolution
    ``made``; what is coarser in one direction is enlarged there."""
    height, width = pixels.shape
    across, down = made.across / drafted, made.down / drafted
    page = (width * 72 / across, height * 72 / down)
    if abs(across / down - 1) > SQUARE:
        fine = max(across, down)
        shape = (max(1, round(page[1] * fine / 72)), max(1, round(page[0] * fine / 72)))
        pixels, across = squared(pixels, shape), fine
    return Scan(
        grey=pixels,
        dpi=across,
        source_dpi=min(made.across, made.down),
        bilevel=False,
        width=page[0],
        height=page[1],
    )


def squared(pixels: NDArray[np.uint8], shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """The picture at another shape (height, width), in grey or colours; itself where it has it."""
    if pixels.shape[:2] == tuple(shape[:2]):
        return pixels
    size = (int(shape[1]), int(shape[0]))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_CUBIC), dtype=np.uint8)


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
    made.getexif()[_ORIENTATION] = orientation(picture)
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
