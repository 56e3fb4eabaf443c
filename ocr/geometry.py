"""Turning and straightening: skew by projection profile, boxes under rotation.

Pixels here: x to the right, y down.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from schemas.page import Box

Grey = NDArray[np.uint8]

PROFILE_DPI = 80.0
"""Resolution at which skew is measured: text lines are about ten pixels apart."""
MAX_SKEW = 9.0
"""Degrees looked through to either side; sheets are read that lie up to 8 degrees askew."""
STREAK_LENGTH = 0.5
"""Of the long side of the sheet."""
STREAK_WIDTH = 4.0
"""Mean width in pixels of the small copy; the edges of one line are up to two pixels each."""
MIN_INK = 400
"""Fewer ink pixels on the small copy than this, and no direction is claimed."""


@dataclass(frozen=True)
class Slant:
    """How the lines of a page lie.

    ``angle`` in degrees, positive where lines fall to the right; ``strength`` the profile's peak
    over its median (about 1: no lines seen); ``upended`` that of lines running down the page.
    """

    angle: float
    strength: float
    upended: float


def slant(grey: Grey, dpi: float) -> Slant:
    """Measure how lines lie on a page of resolution ``dpi``; about 15 ms for A4."""
    mask = without_streaks(ink(reduced(grey, PROFILE_DPI / dpi)))
    y, x = np.nonzero(mask)
    if len(y) < MIN_INK:
        return Slant(0.0, 1.0, 1.0)
    if len(y) > 60_000:
        step = len(y) // 60_000 + 1
        y, x = y[::step], x[::step]
    angle, strength = _best(x.astype(np.float32), y.astype(np.float32))
    _, upended = _best(y.astype(np.float32), x.astype(np.float32), fine=False)
    return Slant(angle, strength, upended)


def reduced(pixels: Grey, scale: float) -> Grey:
    """A smaller copy, at least one pixel high and wide; the same picture from ``scale`` 1 on.

    ``pixels`` is uint8, shape (height, width) or (height, width, channels).
    """
    if scale >= 1:
        return pixels
    height, width = (max(1, round(side * scale)) for side in pixels.shape[:2])
    small = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(small, dtype=np.uint8)


def ink(grey: Grey, contrast: int = 12) -> NDArray[np.bool_]:
    """Pixels darker than their surroundings, without the outermost 2 % (scanner borders).

    Large dark areas (a black border, a table under the sheet) count only by their edges.
    """
    mask = cv2.adaptiveThreshold(
        grey, 1, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 21, contrast
    ).astype(bool)
    top, left = (max(1, side // 50) for side in mask.shape)
    mask[:top] = mask[-top:] = False
    mask[:, :left] = mask[:, -left:] = False
    return mask


def without_streaks(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Ink without what is as thin as a rule and half as long as the sheet: dirt on the glass.

    Rules of forms and tables are shorter, or hang together in a grid; they say how a page lies. A
    streak says how the scanner stands.
    """
    count, labels, stats, _ = cv2.connectedComponentsWithStats(
        mask.astype(np.uint8), connectivity=8
    )
    long_side = stats[1:, (cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT)].max(axis=1, initial=0)
    drop = np.zeros(count, dtype=bool)
    for index in np.flatnonzero(long_side >= STREAK_LENGTH * max(mask.shape)) + 1:
        drop[index] = stats[index, cv2.CC_STAT_AREA] <= STREAK_WIDTH * long_side[index - 1]
    return mask & ~drop[labels] if drop.any() else mask


def _best(
    along: NDArray[np.float32], across: NDArray[np.float32], fine: bool = True
) -> tuple[float, float]:
    """The angle at which ink falls into the sharpest rows, and how sharp that is."""
    coarse = np.arange(-MAX_SKEW, MAX_SKEW + 0.01, 0.5)
    scores = np.array([_sharpness(along, across, angle) for angle in coarse])
    best = float(coarse[int(scores.argmax())])
    strength = float(scores.max() / max(float(np.median(scores)), 1e-9))
    if fine:
        near = best + np.arange(-0.45, 0.46, 0.09)
        sharp = np.array([_sharpness(along, across, angle) for angle in near])
        best = float(near[int(sharp.argmax())])
    return best, strength


def _sharpness(along: NDArray[np.float32], across: NDArray[np.float32], angle: float) -> float:
    rows = (across - along * math.tan(math.radians(angle))).astype(np.int32)
    rows -= rows.min()
    profile = np.bincount(rows).astype(np.float64)
    return float(np.square(np.diff(profile)).sum())


def straightened(grey: Grey, angle: float) -> Grey:
    """The page with lines that fell by ``angle`` degrees made level; same size, white corners."""
    height, width = grey.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    level = cv2.warpAffine(
        grey,
        turn,
        (width, height),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=(255,),
    )
    return np.asarray(level, dtype=np.uint8)


def unstraightened(box: Box, angle: float, width: float, height: float) -> Box:
    """Where a box of the level page stood on the page as scanned (all in the same unit).

    The box keeps its size and moves with its centre: words are small against the page.
    """
    x0, y0, x1, y1 = box
    dx, dy = (x0 + x1) / 2 - width / 2, (y0 + y1) / 2 - height / 2
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    x, y = dx * cos - dy * sin + width / 2, dx * sin + dy * cos + height / 2
    half_w, half_h = (x1 - x0) / 2, (y1 - y0) / 2
    return (x - half_w, y - half_h, x + half_w, y + half_h)


def turned(box: Box, width: float, height: float, rotation: int) -> Box:
    """A box after the page of ``width`` x ``height`` is turned ``rotation`` degrees clockwise."""
    x0, y0, x1, y1 = box
    match rotation % 360:
        case 90:
            return (height - y1, x0, height - y0, x1)
        case 180:
            return (width - x1, height - y1, width - x0, height - y0)
        case 270:
            return (y0, width - x1, y1, width - x0)
    return box


def clipped(box: Box, width: float, height: float) -> Box:
    """The part of a box on the page, ordered."""
    x0, x1 = sorted((min(max(box[0], 0.0), width), min(max(box[2], 0.0), width)))
    y0, y1 = sorted((min(max(box[1], 0.0), height), min(max(box[3], 0.0), height)))
    return (x0, y0, x1, y1)


def turned_image(grey: Grey, rotation: int) -> Grey:
    """The picture turned ``rotation`` degrees (a multiple of 90) clockwise."""
    return np.ascontiguousarray(np.rot90(grey, -(rotation // 90) % 4))
