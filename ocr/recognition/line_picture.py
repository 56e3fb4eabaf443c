"""The picture of a line as the line model gets it: cut to its ink, 32 pixels high, in parts."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]

HEIGHT = 32
STEP = 4
"""Pixels of the model's picture per step."""

NARROWING = 0.9
"""Lines are set so much narrower than they are: fewer steps, no more errors (measured)."""

WIDEST = 800
"""Pixels; a longer line is cut at a space (the model takes 1,024, memory grows with the width)."""

MARGIN = 0.12
"""Of the ink's height, left above and below it."""

FEWEST_PIXELS = 12
"""Pieces of ink that are smaller do not say where a line is."""


class CutLine(NamedTuple):
    """A picture cut for the model: where its ink is, and its parts with their first and last
    column in that, pixels; all but the last are cut at a space."""

    window: tuple[int, int, int, int]
    """Top, bottom, left, right, pixels of the picture that was given."""
    parts: list[tuple[tuple[int, int], Image]]

    @classmethod
    def of(cls, image: Image, narrowing: float = NARROWING) -> "CutLine | None":
        """The line in ``image``, set so much narrower than it is; None where there is no ink."""
        window = inked_window(image)
        if window is None:
            return None
        top, bottom, left, right = window
        inked = image[top:bottom, left:right]
        spans = _pieces(inked, narrowing)
        return cls(window, [((x0, x1), _shrunk(inked[:, x0:x1], narrowing)) for x0, x1 in spans])

    @property
    def pictures(self) -> list[Image]:
        """What the model looks at, left to right."""
        return [small for _, small in self.parts]


def inked_window(image: Image) -> tuple[int, int, int, int] | None:
    """The rows and columns of a line, with a margin: top, bottom, left, right."""
    if image.size == 0 or min(image.shape) < 4:
        return None
    counts = np.cumsum(np.bincount(image.ravel(), minlength=256))
    paper = float(np.searchsorted(counts, 0.8 * image.size))
    darkest = float(np.searchsorted(counts, 0.01 * image.size))
    if paper - min(darkest, float(image.min()) + 20) < 40:
        return None
    level = min(paper - 40, 0.5 * (paper + darkest) + 10)
    ink = (image < level).astype(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    pieces = stats[1:][stats[1:, cv2.CC_STAT_AREA] >= FEWEST_PIXELS]
    if not len(pieces):
        return None
    left, top = int(pieces[:, 0].min()), int(pieces[:, 1].min())
    right = int((pieces[:, 0] + pieces[:, 2]).max())
    bottom = int((pieces[:, 1] + pieces[:, 3]).max())
    margin = max(2, round(MARGIN * (bottom - top)))
    height, width = image.shape
    return (
        max(0, top - margin),
        min(height, bottom + margin),
        max(0, left - margin),
        min(width, right + margin),
    )


def _pieces(line: Image, narrowing: float) -> list[tuple[int, int]]:
    """Where to cut a line that is too long for the model: first and last column of each part."""
    widest = int(WIDEST * line.shape[0] / HEIGHT / narrowing)
    pieces = []
    start = 0
    paper = float(np.percentile(line, 80))
    inked = np.asarray((line < paper - 50).any(axis=0), np.bool_)
    while line.shape[1] - start > widest:
        cut = _widest_gap(inked, start + widest // 2, start + widest)
        pieces.append((start, cut))
        start = cut
    return [*pieces, (start, line.shape[1])]


def _widest_gap(inked: NDArray[np.bool_], low: int, high: int) -> int:
    """The middle of the widest run of columns without ink; ``high`` where there is none."""
    best, at, run = 0, high, 0
    for x in range(low, high):
        run = 0 if inked[x] else run + 1
        if run > best:
            best, at = run, x - run // 2
    return at


def _shrunk(line: Image, narrowing: float) -> Image:
    """The line at the model's height, its width a multiple of a step."""
    scale = HEIGHT / line.shape[0]
    width = max(2 * STEP, round(line.shape[1] * scale * narrowing))
    width = -(-width // STEP) * STEP
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(line, (width, HEIGHT), interpolation=way), np.uint8)
