"""Coloured ink told from black print: red seals and stamps, blue pens.

A seal's red is bright in the red channel and a pen's blue in the blue one; black is dark in all
three, also where a seal was pressed over it. So the brightest channel of a pixel shows the black
print alone: a signer's name comes out whole from under the seal.
"""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import ImageOps

from ocr.fields.zone_reader import Image
from ocr.files import open_pages, pictures
from ocr.files.wholeness import HEAD_BYTES, sniff
from ocr.options import ReadingOptions
from ocr.values import FileKind
from schemas.errors import InputRejected
from schemas.page import Box, PageReading

Colours = NDArray[np.uint8]
"""Red, green, blue; shape (height, width, 3)."""

VIVID = 60
"""Difference between a pixel's channels from which it is coloured."""

DARK = 115
"""Brightest channel under which a pixel is black print, whatever its tint (JPEG blurs colour)."""

DARK_BLUE = 85
"""The same of blue ink, which is darker than a seal's red."""

FULL, EMPTY = 40, 0.72
"""Contrast: this bright and darker is full ink; this part of the paper and brighter is none."""

SHADE = 5
"""Levels of grey that are counted together where strokes' darkness is looked at."""

VALLEY = 5
"""So many shades between two inks hardly any stroke has."""

HARDLY = 0.1
"""Of the strokes of the rarer ink: so many may lie in between."""

RARER = 0.05
"""An ink has this part of all strokes at least."""

FEWEST_STROKES = 200

THIN = 16
"""Pixels at 300 dpi: pieces no larger, beside dark strokes, are their thin ends and marks."""

NEAR = 11
"""Pixels across of the space around a dark stroke in which its thin pieces lie."""


def colour_page(path: Path, page: PageReading, dpi: float, options: ReadingOptions) -> Colours:
    """The page in colour, upright, without the appearances of annotations.

    A pixel is ``72 / dpi`` points of the page's boxes; not deskewed.

    Raises:
        InputRejected: the page cannot be drawn, or has too many pixels.
    """
    size = (max(1, round(page.width * dpi / 72)), max(1, round(page.height * dpi / 72)))
    pictures.within_limit(*size, options)
    drawn = _drawn(path, page, dpi, options)
    turned = np.ascontiguousarray(np.rot90(drawn, -(page.rotation // 90) % 4))
    if turned.shape[1::-1] != size:
        way = cv2.INTER_AREA if turned.shape[1] > size[0] else cv2.INTER_LINEAR
        turned = np.asarray(cv2.resize(turned, size, interpolation=way), np.uint8)
    return turned


def _drawn(path: Path, reading: PageReading, dpi: float, options: ReadingOptions) -> Colours:
    number = reading.number
    with path.open("rb") as file:
        kind = sniff(file.read(HEAD_BYTES))
    if kind is FileKind.pdf:
        with open_pages.open_page(path, number) as page:
            own, wanted = page.get_size(), reading.size_as_stored
            bitmap = page.render(
                scale=dpi / 72 * max(wanted[0] / own[0], wanted[1] / own[1]),
                draw_annots=False,
                may_draw_forms=False,
                rev_byteorder=True,
                prefer_bgrx=False,
            )
            pixels = np.asarray(bitmap.to_numpy(), np.uint8)
        return _three(pixels)
    if kind is None:
        raise InputRejected("reading.unknown_type")
    with pictures.open_picture(path, kind, number, options) as picture:
        pictures.within_limit(*picture.size, options)
        if picture.mode not in {"RGB", "RGBA", "P", "CMYK", "YCbCr"}:
            upright = ImageOps.exif_transpose(pictures.levelled(picture))
            return _three(np.asarray(pictures.as_grey(upright), np.uint8))
        upright = ImageOps.exif_transpose(pictures.on_paper(picture).convert("RGB"))
        return np.asarray(upright, np.uint8)


def _three(pixels: NDArray[np.uint8]) -> Colours:
    if pixels.ndim == 2:
        pixels = pixels[:, :, None]
    if pixels.shape[2] == 1:
        pixels = np.repeat(pixels, 3, axis=2)
    return np.ascontiguousarray(pixels[:, :, :3])


def black_ink(zone: Colours) -> Image:
    """Only the black print of a zone: grey, paper 255."""
    brightest, spread = _extent(zone)
    vivid = spread > VIVID
    paper = max(float(np.percentile(brightest, 80)) * EMPTY, FULL + 20.0)
    shades = np.arange(256, dtype=np.float64)
    contrast = np.clip((shades - FULL) / (paper - FULL), 0.0, 1.0) * 255
    left = contrast.astype(np.uint8)[brightest]
    if not vivid.any():
        return left
    blue = zone[:, :, 2].astype(np.int16) - zone[:, :, 0] > VIVID
    left[vivid & (brightest > np.where(blue, DARK_BLUE, DARK))] = 255
    return left


def _extent(zone: Colours) -> tuple[Image, Image]:
    """Of each pixel the brightest colour, and how far the darkest is from it."""
    red, green, blue = cv2.split(zone)
    brightest = cv2.max(cv2.max(red, green), blue)
    darkest = cv2.min(cv2.min(red, green), blue)
    return np.asarray(brightest, np.uint8), np.asarray(brightest - darkest, np.uint8)


def darker_ink(zone: Colours, black: Image) -> Image:
    """The black print of a grey scan, where a red seal is only less dark: the darker of two inks.

    Args:
        zone: the zone as scanned, at 300 dpi.
        black: its :func:`black_ink`, which is returned where there is colour, or only one ink.
    """
    if zone.size == 0 or has_colours(zone):
        return black
    grey = zone[:, :, 0]
    level = _between_inks(grey)
    if level is None:
        return black
    dark = cv2.dilate((grey < level).astype(np.uint8), np.ones((3, 3), np.uint8))
    rest = ((black < 160) & (dark == 0)).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(rest, connectivity=8)
    beside = np.zeros(len(stats), np.bool_)
    beside[np.unique(labels[cv2.dilate(dark, np.ones((NEAR, NEAR), np.uint8)) > 0])] = True
    small = beside & (stats[:, 2] <= THIN) & (stats[:, 3] <= THIN)
    small[0] = False
    kept = cv2.dilate(dark | small[labels].astype(np.uint8), np.ones((3, 3), np.uint8))
    return np.asarray(np.where(kept > 0, black, 255), np.uint8)


def has_colours(zone: Colours) -> bool:
    """Whether a scan has colours at all: noise makes no pixel vivid."""
    return bool((_extent(zone)[1] > VIVID // 4).any())


def _between_inks(grey: Image) -> int | None:
    """The level of grey between two inks: the middles of strokes have one shade or the other."""
    limit = float(np.percentile(grey, 80)) * EMPTY
    middles = (grey <= cv2.erode(grey, np.ones((5, 5), np.uint8))) & (grey < limit)
    shades = np.bincount(grey[middles] // SHADE, minlength=256 // SHADE + 1)
    total = int(shades.sum())
    if total < FEWEST_STROKES:
        return None
    found: tuple[int, int, int] | None = None
    for start in range(3, int(limit) // SHADE - VALLEY):
        darker, lighter = int(shades[:start].sum()), int(shades[start + VALLEY :].sum())
        between = total - darker - lighter
        clear = min(darker, lighter) >= RARER * total and between <= HARDLY * min(darker, lighter)
        if clear and (found is None or between < found[0]):
            found = between, start + VALLEY, lighter
    if found is None:
        return None
    _, end, lighter = found
    while end < len(shades) and shades[end] < 0.03 * lighter:
        end += 1
    return end * SHADE


def red_ink(zone: Colours) -> Image:
    """Only what is red (stamps, seals): grey, paper 255; all paper where the scan has no colour."""
    red, green, blue = (zone[:, :, k].astype(np.int16) for k in range(3))
    redness = np.clip(red - np.maximum(green, blue), 0, 120).astype(np.float32)
    return np.asarray(255 - redness / 120 * 255, np.uint8)


def level_zone(colours: Colours, box: Box, skew: float, dpi: float) -> Colours:
    """The part of a page in ``box`` (points), its lines brought level; outside the page white."""
    scale = dpi / 72
    centre = ((box[0] + box[2]) / 2 * scale, (box[1] + box[3]) / 2 * scale)
    size = (max(1, int((box[2] - box[0]) * scale)), max(1, int((box[3] - box[1]) * scale)))
    turn = cv2.getRotationMatrix2D(centre, skew, 1.0)
    turn[0, 2] += size[0] / 2 - centre[0]
    turn[1, 2] += size[1] / 2 - centre[1]
    if skew == 0:  # whole pixels are copied as they are
        turn[:, 2] = np.round(turn[:, 2])
    cut = cv2.warpAffine(
        colours,
        turn,
        size,
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=(255, 255, 255),
    )
    return np.asarray(cut, np.uint8)
