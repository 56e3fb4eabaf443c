"""What makes a photograph hard to read, said so that a person takes it again."""

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr import geometry
from ocr.photographs.recognised import Photograph

Grey = NDArray[np.uint8]

DARK = "reading.photograph_dark"
BLURRED = "reading.photograph_blurred"
CUT_OFF = "reading.photograph_cut_off"
SMALL = "reading.photograph_small"

LEAST_LIGHT = 75.0
"""Level of the paper, of 255; below it, noise eats into the ink."""
LEAST_DPI = 104.0
"""Pixels an inch of the sheet: A4 on nine tenths of a picture of 1.5 megapixels has 109."""
MOST_BLUR_MM = 0.36
"""Standard deviation of the blur; thin strokes of print are as wide."""
REACH_MM = 2.4
"""Within which print has ink and paper."""
LEAST_CONTRAST = 28.0
"""Of print, in levels; less is grain."""
RIM_MM = 3.0
"""Letters so near the sheet's side that was not seen go on beyond the picture."""
INK = 0.62
"""Of white; darker is ink."""
LETTER_MM = (1.2, 9.0)
FEWEST = 3
"""Letters at a side by which it is known that the sheet is cut off there."""


def faults(grey: Grey, dpi: float, own: float, found: Photograph) -> tuple[str, ...]:
    """Codes of sentences that say why the photograph should be taken again.

    Args:
        grey: the flat page, evenly lit, uint8, shape (height, width).
        dpi: its resolution.
        own: that of the photograph on the sheet.
        found: what is known of the photograph.
    """
    small = geometry.reduced(grey, min(1.0, own / dpi))
    dpi = dpi * small.shape[1] / grey.shape[1]
    said = (
        (DARK, found.light.level < LEAST_LIGHT),
        (BLURRED, blur_mm(small, dpi) > MOST_BLUR_MM),
        (CUT_OFF, _cut_off(small, dpi, found)),
        (SMALL, own < LEAST_DPI),
    )
    return tuple(code for code, so in said if so)


def blur_mm(grey: Grey, dpi: float) -> float:
    """How wide the edges of print are: the standard deviation of a Gaussian that makes them so.

    An edge of contrast ``c`` under such a blur has the slope ``c / (sd * sqrt(2 pi))`` (per pixel).
    0 on a page without print.
    """
    reach = max(3, round(REACH_MM / 25.4 * dpi) | 1)
    kernel = np.ones((reach, reach), np.uint8)
    quiet = cv2.GaussianBlur(grey, (0, 0), 0.6)
    contrast = cv2.subtract(cv2.dilate(quiet, kernel), cv2.erode(quiet, kernel))
    across = cv2.Sobel(quiet, cv2.CV_32F, 1, 0, scale=1 / 8)
    down = cv2.Sobel(quiet, cv2.CV_32F, 0, 1, scale=1 / 8)
    slope = cv2.magnitude(across, down)
    strong = float(np.quantile(contrast[::3, ::3], 0.99))
    print_ = contrast > 0.7 * strong
    if strong < LEAST_CONTRAST or not print_.any():
        return 0.0
    steep = float(np.quantile(slope[print_] / contrast[print_], 0.9))
    return float(1 / (max(steep, 1e-3) * np.sqrt(2 * np.pi)) / dpi * 25.4)


def _cut_off(grey: Grey, dpi: float, found: Photograph) -> bool:
    """Whether letters stand at a side of the sheet that is not in the picture."""
    seen = found.outline.seen if found.outline is not None else (False,) * 4
    if all(seen):
        return False
    per_mm = dpi / 25.4
    rim = max(2, round(RIM_MM * per_mm))
    ink = (grey < INK * 255).astype(np.uint8)
    strips = (ink[:rim], ink[:, -rim:], ink[-rim:], ink[:, :rim])
    return any(
        not there and _letters(np.ascontiguousarray(strip), per_mm) >= FEWEST
        for there, strip in zip(seen, strips, strict=True)
    )


def _letters(ink: NDArray[np.uint8], per_mm: float) -> int:
    """Pieces as large as letters."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    tall = stats[1:, cv2.CC_STAT_HEIGHT] / per_mm
    wide = stats[1:, cv2.CC_STAT_WIDTH] / per_mm
    longer = np.maximum(tall, wide)
    return int(((longer >= LETTER_MM[0]) & (longer <= LETTER_MM[1])).sum())
