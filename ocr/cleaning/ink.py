"""Coloured ink told from black print: red seals and stamps, blue pens.

A seal's red is bright in the red channel and a pen's blue in the blue one; black is dark in all
three, also where a seal was pressed over it. So the brightest channel shows the black print alone.

The page is read without the colour that lies *over print*; a penned number or a stamp that stands
alone is read as it is. Colours are blue, green, red here, as OpenCV and PDFium have them.
"""

from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr import geometry

Grey = NDArray[np.uint8]
"""uint8, shape (height, width), 255 is paper."""
Colour = NDArray[np.uint8]
"""uint8, shape (height, width, 3): blue, green, red."""

VIVID = 50
"""Difference between a pixel's channels, paper being white, from which it is coloured ink."""
PALE = 24
"""By so much red exceeds green in ink that shines through."""
DARK = 105
"""Brightest channel under which a pixel is black print, whatever its tint (JPEG blurs colour)."""
GLANCE = 5
"""Every so many-th pixel tells whether a page has coloured ink at all."""
LEAST_SHARE = 0.0004
"""Part of the page: a seal covers 0.5 to 1.5 %, a short penned number 0.05 %."""
PAPER_QUANTILE = 0.85
"""Of each channel: most of a page is paper."""
JOIN_MM = 1.6
"""Gaps between strokes of one seal or one signature."""
LETTER_MM = (1.1, 8.0)
"""Heights of pieces of print; the dots of dot leaders are smaller, rules and frames are longer."""
PRINT_SHARE = 0.02
PRINT_MM2 = (1.0, 1.5)
"""So much print, a part of a seal's or signature's area within these limits, stands under it."""
WHITE = 244
"""Paper whose channels are all at least this bright needs no correction."""
BLACK = 40.0
"""Grey level of print."""
RIM = 2
"""Pixels around coloured ink that its blurred edge tints."""


class Ink(StrEnum):
    """Which ink of a page a picture shows."""

    every = "every"
    black = "black"
    colour = "colour"


def is_coloured(pixels: Colour) -> bool:
    """A glance at a page (about 2 ms): whether it has enough coloured ink to matter."""
    few = _channels(np.ascontiguousarray(pixels[::GLANCE, ::GLANCE]))
    return int(np.count_nonzero(few.vivid)) >= LEAST_SHARE * few.vivid.size


def kept(pixels: Colour, own_dpi: float, dpi: float) -> Colour | None:
    """A copy of a coloured page at ``dpi`` at most; None where it has no coloured ink to speak of.

    ``pixels`` may be of any shape that decoders give; one without colours has none.
    """
    if pixels.ndim != 3 or pixels.shape[2] < 3 or not is_coloured(pixels[:, :, :3]):
        return None
    return geometry.reduced(np.ascontiguousarray(pixels[:, :, :3]), dpi / own_dpi)


def of(pixels: Colour, ink: Ink) -> Grey:
    """The page in one ink, everything in the other being paper."""
    grey = _grey(pixels)
    if ink is Ink.every:
        return grey
    channels = _channels(pixels)
    coloured = np.asarray(cv2.dilate(channels.vivid, np.ones((3, 3), np.uint8)), np.uint8)
    if ink is Ink.black:
        return _lifted(channels, grey, coloured)
    grey[coloured == 0] = 255
    return grey


def of_scan(grey: Grey, colour: Colour | None, ink: Ink) -> Grey:
    """A page as it was taken from its file, in one ink; without colours all of it is black."""
    if ink is Ink.every:
        return grey
    if colour is not None:
        return of(colour, ink)
    return grey if ink is Ink.black else np.full_like(grey, 255)


def for_reading(pixels: Colour, dpi: float) -> Grey:
    """The page in grey without the seals and pen strokes that lie over print.

    About 60 ms at 200 dpi, so only for pages that :func:`is_coloured`.
    """
    grey = _grey(pixels)
    channels = _channels(pixels)
    over = _over_print(channels, dpi)
    return _lifted(channels, grey, over) if over.any() else grey


def without_red(pixels: Colour) -> Grey:
    """The page in grey, red ink being paper: what is left of a page that shows a seal's back."""
    _, green, red = cv2.split(_on_white(pixels))
    redness = cv2.dilate(cv2.subtract(red, green), np.ones((5, 5), np.uint8))
    grey = _grey(pixels)
    grey[redness > PALE] = np.uint8(np.quantile(grey[::GLANCE, ::GLANCE], PAPER_QUANTILE))
    return grey


@dataclass(frozen=True)
class _Channels:
    """A page on white paper: each pixel's brightest channel, and 1 where its ink is coloured."""

    brightest: NDArray[np.uint8]
    vivid: NDArray[np.uint8]


def _grey(pixels: Colour) -> Grey:
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY), np.uint8)


def _channels(pixels: Colour) -> _Channels:
    blue, green, red = cv2.split(_on_white(pixels))
    brightest = cv2.max(cv2.max(blue, green), red)
    spread = cv2.subtract(brightest, cv2.min(cv2.min(blue, green), red))
    vivid = cv2.bitwise_and(
        cv2.threshold(spread, VIVID, 1, cv2.THRESH_BINARY)[1],
        cv2.threshold(brightest, DARK, 1, cv2.THRESH_BINARY)[1],
    )
    return _Channels(np.asarray(brightest, np.uint8), np.asarray(vivid, np.uint8))


def _on_white(pixels: Colour) -> Colour:
    """The page as if its paper were white: old paper is yellow, some scanners tint."""
    few = pixels[::GLANCE, ::GLANCE].reshape(-1, 3)
    paper = np.clip(np.quantile(few, PAPER_QUANTILE, axis=0), 128.0, 255.0)
    if paper.min() >= WHITE:
        return pixels
    steps = np.arange(256, dtype=np.float64)[:, None] * (255.0 / paper)
    table = np.clip(np.round(steps), 0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(pixels, table[None, :, :]), np.uint8)


def _over_print(channels: _Channels, dpi: float) -> NDArray[np.uint8]:
    """1 where coloured ink belongs to a seal or a signature that has print under it."""
    rim = cv2.dilate(channels.vivid, np.ones((2 * RIM + 1, 2 * RIM + 1), np.uint8))
    # found on a copy of half the size, which is enough for shapes of millimetres
    scale = dpi / 2 / 25.4
    small = np.ascontiguousarray(channels.vivid[::2, ::2])
    black = (channels.brightest[::2, ::2] < DARK).astype(np.uint8)
    reach = max(3, round(JOIN_MM * scale) | 1)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    joined = cv2.morphologyEx(small, cv2.MORPH_CLOSE, kernel)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    letters = np.bincount(labels[_letters(black, scale) > 0], minlength=count)
    under, area = letters / scale**2, stats[:, cv2.CC_STAT_AREA] / scale**2
    over = under >= np.clip(PRINT_SHARE * area, *PRINT_MM2)
    over[0] = False
    over |= _within(np.asarray(stats, np.int32), np.flatnonzero(over))
    size = (rim.shape[1], rim.shape[0])
    found = cv2.dilate(over.astype(np.uint8)[labels], np.ones((3, 3), np.uint8))
    wide = cv2.resize(found, size, interpolation=cv2.INTER_NEAREST)
    return np.asarray(cv2.bitwise_and(wide, rim), np.uint8)


def _within(stats: NDArray[np.int32], which: NDArray[np.intp]) -> NDArray[np.bool_]:
    """The pieces whose middle lies in the box of one of ``which``: the inner rings of a seal."""
    left, top, width, height = (stats[:, column] for column in range(4))
    x, y = left + width / 2, top + height / 2
    inside = np.zeros(len(stats), dtype=bool)
    for one in which:
        across = (x > left[one]) & (x < left[one] + width[one])
        inside |= across & (y > top[one]) & (y < top[one] + height[one])
    inside[0] = False
    return inside


def _letters(black: NDArray[np.uint8], scale: float) -> NDArray[np.uint8]:
    """Black pieces as high as letters; ``scale`` in pixels a millimetre."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(black, connectivity=8)
    tall = stats[:, cv2.CC_STAT_HEIGHT] / scale
    fits = (tall >= LETTER_MM[0]) & (tall <= LETTER_MM[1])
    fits[0] = False
    return np.asarray(fits[labels], np.uint8)


def _lifted(channels: _Channels, grey: Grey, where: NDArray[np.uint8]) -> Grey:
    """``grey`` with the ink at ``where`` made as bright as paper, black under it as dark as it is.

    The brightest channel is stretched so that the paler three quarters of the ink become paper.
    """
    inside = where > 0
    brightest = channels.brightest[inside]
    ink = brightest[brightest > DARK]
    if not ink.size:
        return grey
    level = max(float(np.quantile(ink, 0.25)), DARK + 30.0)
    paper = float(np.quantile(grey[::GLANCE, ::GLANCE], PAPER_QUANTILE))
    stretched = BLACK + (np.arange(256.0) - BLACK) * ((paper - BLACK) / (level - BLACK))
    lifted = grey.copy()
    lifted[inside] = np.clip(stretched, 0, paper).astype(np.uint8)[brightest]
    return lifted
