# mypy: disable-error-code="no-untyped-call"
# pyHanko ships py.typed but leaves its PDF object constructors without annotations.
"""Pictures of signatures and seals: transparent PNGs, checked, embedded as PDF/A allows."""

import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.layout import BoxConstraints
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.stamp.base import BaseStamp, BaseStampStyle

from schemas.errors import ConfigurationError
from signing.appearance.stamp import form_xobject
from signing.options import InkColour

MAX_SIDE = 2400
"""Pixels; 50 mm at 1200 dpi."""

_MM = 72 / 25.4
_SOLID = 128  # of 255: from here on a pixel counts as drawn
_MOST = 0.8  # share of the drawn pixels that must have the colour asked for


@dataclass(frozen=True)
class Picture:
    """A transparent picture, decoded once."""

    rgb: bytes
    alpha: bytes
    pixels: tuple[int, int]
    size: tuple[float, float]
    """Width and height in points."""


def load_picture(path: Path, ink: InkColour, width_mm: float | None) -> Picture:
    """The picture in a PNG file, cut to what is drawn on it.

    Args:
        path: a PNG with an alpha channel.
        ink: the colour the decree asks for.
        width_mm: its real width; None: what the file says (``pHYs``).

    Raises:
        ConfigurationError: no PNG, no transparency, another colour, or of unknown size.
    """
    try:
        with Image.open(path) as opened:
            if opened.format != "PNG" or max(opened.size) > MAX_SIDE:
                raise ConfigurationError("signing.picture_unusable")
            dpi = opened.info.get("dpi")
            picture = opened.convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as exc:
        raise ConfigurationError("signing.picture_unusable") from exc
    drawn = np.asarray(picture)[:, :, 3] >= _SOLID
    rows, columns = np.nonzero(drawn)
    if not rows.size or drawn.mean() > 0.95:
        raise ConfigurationError("signing.picture_not_transparent")
    picture = picture.crop(
        (int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1)
    )
    if not _has_colour(picture, ink):
        raise ConfigurationError(f"signing.picture_not_{ink.value}")
    if width_mm is not None:
        scale = width_mm * _MM / picture.width
    elif dpi and dpi[0] > 1:
        scale = 72 / float(dpi[0])
    else:
        raise ConfigurationError("signing.picture_size_unknown")
    pixels = np.asarray(picture)
    return Picture(
        pixels[:, :, :3].tobytes(),
        pixels[:, :, 3].tobytes(),
        picture.size,
        (picture.width * scale, picture.height * scale),
    )


def _has_colour(picture: Image.Image, ink: InkColour) -> bool:
    pixels = np.asarray(picture).astype(int)
    drawn = pixels[pixels[:, :, 3] >= _SOLID]
    red, green, blue = drawn[:, 0], drawn[:, 1], drawn[:, 2]
    if ink is InkColour.blue:
        right = (blue > red + 20) & (blue > green + 10)
    else:
        right = (red > blue + 40) & (red > green + 40)
    return bool(right.mean() >= _MOST)


@dataclass(frozen=True)
class PictureStampStyle(BaseStampStyle):
    """A picture as pyHanko wants it: something that makes an appearance."""

    picture: Picture | None = field(default=None)
    size: tuple[float, float] = field(default=(0.0, 0.0))
    """On the upright page, in points."""
    rotation: int = field(default=0)
    opaque: bool = field(default=False)
    """Without soft mask: PDF/A-1 forbids transparency (ISO 19005-1, 6.4)."""

    def create_stamp(
        self, writer: BasePdfFileWriter, box: BoxConstraints, text_params: dict[str, object]
    ) -> "_PictureStamp":
        """Called by pyHanko for visible fields only."""
        return _PictureStamp(writer, self)


class _PictureStamp(BaseStamp):
    """Draws the picture in all of the widget's rectangle."""

    def __init__(self, writer: BasePdfFileWriter, style: PictureStampStyle) -> None:
        super().__init__(writer, style)
        self._chosen = style

    def as_form_xobject(self) -> generic.StreamObject:
        """The form XObject itself; pyHanko registers it and points the widget to it."""
        writer, chosen = self._ensure_writer, self._chosen
        if chosen.picture is None:
            raise ValueError("a stamp without a picture")
        colours = _srgb()
        image = writer.add_object(_image(writer, chosen.picture, colours, chosen.opaque))
        names = generic.DictionaryObject({pdf_name("/Im"): image})
        resources = generic.DictionaryObject({pdf_name("/XObject"): names})
        operators = b"q %.3f 0 0 %.3f 0 0 cm /Im Do Q" % chosen.size
        form = form_xobject(chosen.size, chosen.rotation, resources, operators)
        if not chosen.opaque:
            form[pdf_name("/Group")] = generic.DictionaryObject(
                {
                    pdf_name("/S"): pdf_name("/Transparency"),
                    pdf_name("/CS"): colours,
                    pdf_name("/I"): generic.BooleanObject(True),
                }
            )
        return form


def _image(
    writer: BasePdfFileWriter, picture: Picture, colours: generic.ArrayObject, opaque: bool
) -> generic.StreamObject:
    mask = _bitmap(picture.pixels, _bits(picture) if opaque else picture.alpha)
    if opaque:
        mask[pdf_name("/ImageMask")] = generic.BooleanObject(True)
        mask[pdf_name("/BitsPerComponent")] = generic.NumberObject(1)
    else:
        mask[pdf_name("/ColorSpace")] = pdf_name("/DeviceGray")
    image = _bitmap(picture.pixels, picture.rgb)
    image[pdf_name("/ColorSpace")] = colours
    image[pdf_name("/Mask" if opaque else "/SMask")] = writer.add_object(mask)
    return image


def _bitmap(pixels: tuple[int, int], content: bytes) -> generic.StreamObject:
    image = generic.StreamObject(
        {
            pdf_name("/Type"): pdf_name("/XObject"),
            pdf_name("/Subtype"): pdf_name("/Image"),
            pdf_name("/Width"): generic.NumberObject(pixels[0]),
            pdf_name("/Height"): generic.NumberObject(pixels[1]),
            pdf_name("/BitsPerComponent"): generic.NumberObject(8),
        },
        stream_data=content,
    )
    image.compress()
    return image


def _bits(picture: Picture) -> bytes:
    """One bit a pixel, set where nothing is drawn (ISO 32000-1, 8.9.6.3)."""
    wide, high = picture.pixels
    alpha = np.frombuffer(picture.alpha, np.uint8).reshape(high, wide)
    return np.packbits(alpha < _SOLID, axis=1).tobytes()


def _srgb() -> generic.ArrayObject:
    """sRGB by its primaries (IEC 61966-2-1) rather than by a profile: legal at every level of
    PDF/A, whatever the document's output intent is."""
    number = generic.FloatObject

    def numbers(*values: float) -> generic.ArrayObject:
        return generic.ArrayObject([number(value) for value in values])

    return generic.ArrayObject(
        [
            pdf_name("/CalRGB"),
            generic.DictionaryObject(
                {
                    pdf_name("/WhitePoint"): numbers(0.9505, 1, 1.089),
                    pdf_name("/Gamma"): numbers(2.2, 2.2, 2.2),
                    pdf_name("/Matrix"): numbers(
                        0.4124, 0.2126, 0.0193, 0.3576, 0.7152, 0.1192, 0.1805, 0.0722, 0.9505
                    ),
                }
            ),
        ]
    )


def forbids_transparency(reader: PdfFileReader) -> bool:
    """Whether the document says that it is PDF/A-1."""
    if "/Metadata" not in reader.root:
        return False
    data = getattr(reader.root["/Metadata"], "data", b"")
    return re.search(rb"pdfaid:part(?:>|\s*=\s*[\"'])\s*1\b", data) is not None
