"""Whether what is seen on a page is the ink of its other side, which shines through the paper.

Thin paper shows its front on its back, mirrored and paler; a red seal comes through thicker paper.
So the page before or after, mirrored, must lie exactly on what is seen, and much of it must be
seen: then the page is a back. What it does not cover was written there, in pencil for example.
"""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.cleaning.blankness import PER_MM, Mask, PageContent, Traces, sorted_out

Picture = NDArray[np.float32]

HALF = 0.5
"""Scale of the copies on which the place is looked for: 50 dpi."""
SHIFT_MM = 8.0
"""By so much the two sides of a sheet may lie differently in their pictures."""
ANGLES = tuple(float(angle) for angle in np.arange(-2.0, 2.01, 0.25))
"""Degrees that one side may lie askew against the other."""
SLACK_MM = 1.1
"""Ink spreads in paper, and the place is found to about half a millimetre."""
TINTED = 0.5
"""Part of the depth that is tint in red and blue ink; black has next to none."""
LIKE = 0.3
"""Least correlation (-1 to 1) of what is seen with the mirrored page."""
SHOWN, SHOWN_TINTED = 0.3, 0.1
"""Least part of the other side's ink that is seen: a note is not its back, even under its lines.
Coloured ink comes through in places; of it, only that near what is seen counts."""
NEAR_MM = 5.0
HINT = 0.5
"""Part of the depth of a mark; where the other side is exactly there, less than a mark tells."""
FLAT = 1e-3
"""Part of the picture's greatest variance under which a place has nothing to compare."""
STRONGER = 1.15
"""What shines through is not darker than the ink it comes from; by so much it may seem to be."""
DEEPEST = 60.0
"""Grey levels from which ink counts as full: how much of it comes through varies."""
LEAST_PIXELS = 20


class _Alignment(NamedTuple):
    """How the mirrored page lies on this one."""

    likeness: float
    flip: int
    """OpenCV's code: 1 turned over the long edge, 0 over the short one."""
    angle: float
    dx: float
    dy: float
    """Pixels at full scale."""


def left_over(page: Traces, other: Traces) -> PageContent:
    """What stands on ``page`` when that is taken away which shines through from ``other``.

    ``other`` is the page on the other side of the sheet, turned over its long or its short edge;
    both as they lie in their file. About 0.4 s.
    """
    if int(page.ink.sum()) < LEAST_PIXELS or int(other.ink.sum()) < LEAST_PIXELS:
        return page.found
    deep, tint = (float(picture[page.ink].mean()) for picture in (page.depth, page.tint))
    tinted = tint >= TINTED * deep
    hints = page.depth > HINT * page.least
    seen, front = _ink(page, hints, tinted), _ink(other, other.ink, tinted)
    if not seen.any() or not front.any():
        return page.found
    alignment = _alignment(seen, front)
    if alignment.likeness < LIKE:
        return page.found
    laid = _laid(front, alignment, page.ink.shape)
    if _shown(page, hints, laid, tinted) < (SHOWN_TINTED if tinted else SHOWN):
        return page.found
    near = cv2.dilate(_laid(other.depth * other.ink, alignment, page.ink.shape), _disc(SLACK_MM))
    through = (near > 0) & (page.depth <= STRONGER * near)
    return sorted_out(page.ink & ~through, page.depth)


def _ink(traces: Traces, where: Mask, tinted: bool) -> Picture:
    """The ink that is compared: coloured ink alone where the page shows that."""
    depth = traces.tint if tinted else traces.depth
    return np.asarray(np.minimum(depth, DEEPEST) * where, np.float32)


def _shown(page: Traces, hints: Mask, laid: Picture, tinted: bool) -> float:
    """What part of the other side's ink is seen on a page, or hinted at."""
    seen = cv2.dilate(hints.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    near = cv2.dilate(page.ink.astype(np.uint8), _disc(NEAR_MM)) > 0
    every = laid[near] if tinted else laid
    return float(laid[seen & near if tinted else seen].sum()) / max(1.0, float(every.sum()))


def _disc(radius_mm: float) -> NDArray[np.uint8]:
    side = 2 * round(radius_mm * PER_MM) + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)), np.uint8)


def _alignment(seen: Picture, front: Picture) -> _Alignment:
    """Where the mirrored front fits best on what is seen."""
    small = _small(seen)
    best = _Alignment(-1.0, 1, 0.0, 0.0, 0.0)
    for flip in (1, 0):
        mirrored = _small(np.asarray(cv2.flip(front, flip), np.float32))
        for angle in ANGLES:
            likeness, dx, dy = _fit(small, _turned(mirrored, angle))
            if likeness > best.likeness:
                best = _Alignment(likeness, flip, angle, dx / HALF, dy / HALF)
    return best


def _fit(seen: Picture, front: Picture) -> tuple[float, float, float]:
    """Correlation at the best shift of the front, and that shift in pixels."""
    reach = round(SHIFT_MM * PER_MM * HALF)
    ys, xs = np.nonzero(seen > 0.1 * seen.max())
    top, foot, left, right = ys.min(), ys.max() + 1, xs.min(), xs.max() + 1
    wide = np.zeros((seen.shape[0] + 2 * reach, seen.shape[1] + 2 * reach), np.float32)
    height, width = min(seen.shape[0], front.shape[0]), min(seen.shape[1], front.shape[1])
    wide[reach : reach + height, reach : reach + width] = front[:height, :width]
    window = wide[top : foot + 2 * reach, left : right + 2 * reach]
    wanted = seen[top:foot, left:right]
    scores = cv2.matchTemplate(window, wanted, cv2.TM_CCOEFF_NORMED)
    # where nothing stands the correlation is a quotient of rounding errors
    scores[_variance(window, wanted.shape) < FLAT * float(front.var())] = -1.0
    _, likeness, _, (x, y) = cv2.minMaxLoc(np.nan_to_num(scores, posinf=-1.0, neginf=-1.0))
    return float(likeness), reach - x, reach - y


def _variance(window: Picture, size: tuple[int, ...]) -> Picture:
    """Of each place in ``window`` where a picture of ``size`` may lie."""
    sums, squares = (np.asarray(table, np.float64) for table in cv2.integral2(window))
    height, width = size

    def total(table: NDArray[np.float64]) -> NDArray[np.float64]:
        across = table[:, width:] - table[:, :-width]
        return np.asarray(across[height:] - across[:-height], np.float64)

    count = height * width
    return np.asarray(total(squares) / count - (total(sums) / count) ** 2, np.float32)


def _small(picture: Picture) -> Picture:
    size = (max(1, round(picture.shape[1] * HALF)), max(1, round(picture.shape[0] * HALF)))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.GaussianBlur(small, (0, 0), 0.8), np.float32)


def _turned(picture: Picture, angle: float) -> Picture:
    height, width = picture.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    return np.asarray(cv2.warpAffine(picture, turn, (width, height)), np.float32)


def _laid(front: Picture, alignment: _Alignment, shape: tuple[int, ...]) -> Picture:
    """The front as it lies on the back: mirrored, turned, moved, in the shape of the back."""
    turned = _turned(np.asarray(cv2.flip(front, alignment.flip), np.float32), alignment.angle)
    move = np.array([[1, 0, alignment.dx], [0, 1, alignment.dy]], np.float32)
    return np.asarray(cv2.warpAffine(turned, move, (shape[1], shape[0])), np.float32)
