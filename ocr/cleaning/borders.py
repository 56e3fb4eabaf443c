"""Black around the sheet: the scanner's edge, a crooked sheet's wedges, a lid left open.

Only the picture that is read is cleaned; nothing is cut off, so that words keep their places.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr import geometry

Grey = NDArray[np.uint8]

LOOK_DPI = 50.0
DARK_PART = 0.45
"""Of the brightness of paper; darker is no paper."""
PAPER_QUANTILE = 0.9
THICK_MM = 2.2
"""Dark areas thinner than this are print and rules, not the scanner."""
RIM_MM = 3.0
"""A border begins within so much of the picture's edge."""
LEAST_RIM = 0.01
"""Dark part of that rim from which there is a border to look for."""
EDGE_MM = 1.2
"""Shadow of the sheet's edge beside the black."""
MOST = 0.75
"""Part of the picture; where more would go, the page itself is dark and stays as it is."""


def without_borders(grey: Grey, dpi: float) -> Grey:
    """The picture with black areas at its edges made paper; the same object where there are none.

    ``grey`` is uint8, shape (height, width), at ``dpi``; about 3 ms for A4 at 200 dpi.
    """
    scale = min(1.0, LOOK_DPI / dpi)
    small = geometry.reduced(grey, scale)
    paper = float(np.quantile(small, PAPER_QUANTILE))
    dark = (small < DARK_PART * paper).astype(np.uint8)
    per_mm = dpi * scale / 25.4
    if min(dark.shape) < 4 * RIM_MM * per_mm or not _has_rim(dark, round(RIM_MM * per_mm)):
        return grey
    border = _border(dark, per_mm)
    if not border.any() or border.mean() > MOST:
        return grey
    size = (grey.shape[1], grey.shape[0])
    wide = cv2.resize(border, size, interpolation=cv2.INTER_NEAREST)
    clean = grey.copy()
    clean[wide > 0] = int(paper)
    return clean


def _has_rim(dark: NDArray[np.uint8], rim: int) -> bool:
    rim = max(1, rim)
    strips = (dark[:rim], dark[-rim:], dark[:, :rim], dark[:, -rim:])
    return any(strip.mean() >= LEAST_RIM for strip in strips)


def _border(dark: NDArray[np.uint8], per_mm: float) -> NDArray[np.uint8]:
    """1 where thick dark areas reach the rim of the picture, and a little beyond them."""
    reach = max(2, round(THICK_MM * per_mm))
    kernel = np.ones((reach, reach), np.uint8)
    # beyond the picture it is dark, too: a thin strip along the edge counts as thick
    framed = cv2.copyMakeBorder(dark, reach, reach, reach, reach, cv2.BORDER_REPLICATE)
    thick = cv2.morphologyEx(framed, cv2.MORPH_OPEN, kernel)[reach:-reach, reach:-reach]
    count, labels, stats, _ = cv2.connectedComponentsWithStats(thick, connectivity=8)
    rim = round(RIM_MM * per_mm)
    height, width = dark.shape
    left, top = stats[:, cv2.CC_STAT_LEFT], stats[:, cv2.CC_STAT_TOP]
    right, foot = left + stats[:, cv2.CC_STAT_WIDTH], top + stats[:, cv2.CC_STAT_HEIGHT]
    outer = (left <= rim) | (top <= rim) | (right >= width - rim) | (foot >= height - rim)
    outer[0] = False
    edge = 2 * max(1, round(EDGE_MM * per_mm)) + 1
    found = outer[:count].astype(np.uint8)[labels]
    return np.asarray(cv2.dilate(found, np.ones((edge, edge), np.uint8)), np.uint8)
