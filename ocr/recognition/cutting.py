"""Lines cut out of a page and made as the network learned them: height, sharpness, contrast.

It follows Tesseract (``pixScale`` of Leptonica, ``ComputeBlackWhite``): the network is used to the
sharpening that scaling does there, and loses small marks without it.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

PADDING = 4
"""Pixels of surroundings on each side."""
_REDUCED = 0.7
"""Below this scale pixels are averaged, above it interpolated, and sharpened differently."""
_ENLARGED = 1.4
"""From this scale on nothing is sharpened."""

Bounds = tuple[int, int, int, int]
"""``(x0, y0, x1, y1)`` in pixels of the page."""


@dataclass(frozen=True)
class Cut:
    """A line cut out: the picture for the network and what leads back to the page."""

    picture: NDArray[np.float32]
    scale: float
    """Pixels of ``picture`` for one of the page."""
    left: int
    """Where ``picture`` begins on the page."""
    middle: float
    """The grey between ink and paper."""


def cut(page: NDArray[np.uint8], bounds: Bounds, height: int) -> Cut | None:
    """The line within ``bounds``, ``height`` pixels high; ``None`` when nothing is there."""
    x0, y0, x1, y1 = bounds
    left, top = max(0, x0 - PADDING), max(0, y0 - PADDING)
    piece = page[top : y1 + PADDING, left : x1 + PADDING]
    if piece.shape[0] < 3 or piece.shape[1] < 3:
        return None
    scale = height / piece.shape[0]
    size = (max(3, round(piece.shape[1] * scale)), height)
    way = cv2.INTER_AREA if scale < _REDUCED else cv2.INTER_LINEAR
    line = cv2.resize(piece, size, interpolation=way).astype(np.float32)
    if scale < _ENLARGED:
        around, part = (3, 0.2) if scale < _REDUCED else (5, 0.4)
        line = np.clip(line + part * (line - cv2.blur(line, (around, around))), 0, 255)
    black, white = _black_and_white(line[height // 2])
    half = (white - black) / 2 if white > black else 1.0
    picture = np.clip((line - black) / half - 1, -1, 1)
    return Cut(picture, size[0] / piece.shape[1], left, black + half)


def _black_and_white(row: NDArray[np.float32]) -> tuple[float, float]:
    """What ink and paper look like, from the lows and highs of the row through the middle."""
    before, here, after = row[:-2], row[1:-1], row[2:]
    low = ((here < before) & (here <= after)) | ((here <= before) & (here < after))
    high = ((here > before) & (here >= after)) | ((here >= before) & (here > after))
    lows, highs = np.sort(here[low]), np.sort(here[high])
    black = float(lows[len(lows) // 4]) if len(lows) else 0.0
    return black, float(highs[len(highs) * 3 // 4]) if len(highs) else 255.0
