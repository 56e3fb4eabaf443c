"""Drop-out by colour: what a coloured pen wrote on a black form, without the form.

Most people fill forms with a blue pen. On a colour scan that ink is told from the print by its
tint alone, also where letters stand on a dot leader; a grey scan needs the leader's geometry
(:mod:`ocr.fields.forms.dot_leader_removal`) or a blank (:mod:`ocr.fields.forms.print_removal`).
"""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.cleaning.ink import Colour
from ocr.fields.binarisation import ink_of, shades
from ocr.fields.context import POINT
from ocr.fields.forms.dot_leader_removal import LARGEST_DOT
from ocr.fields.zone_reader import Image

TINTED = 0.2
"""Spread of a pixel's channels beside its depth from which its ink is coloured: black has 0, blue
pens 0.35 to 0.6, at the blurred edge of a stroke as in its middle."""

LETTER = 3.5
"""Points: coloured ink as tall as this is writing."""

REACH = 7
"""Pixels around a stroke (odd) in which black may hide part of it: a leader's dot is 5 to 8 wide.
Measured on drawn strips: wider leaves more of the dots, narrower takes feet of letters."""


class _Parted(NamedTuple):
    """The ink of a strip by its tint."""

    grey: Image
    coloured: NDArray[np.uint8]
    black: NDArray[np.uint8]


def coloured_writing(strip: Colour) -> Image | None:
    """The coloured writing of a strip in grey, everything else paper.

    None where nothing as tall as a letter is coloured, or where something as tall is black and
    reaches in from nowhere: then it may belong to what was written.

    Args:
        strip: 300 dpi; blue, green, red.
    """
    parted = _parted(strip)
    if _tallest(parted.coloured, LETTER * POINT) == 0:
        return None
    if _tallest(parted.black, LARGEST_DOT * POINT) > 0:
        return None
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (REACH, REACH))
    reached = cv2.dilate(parted.coloured, kernel) > 0
    crossed = np.where(reached, parted.black, 0).astype(np.uint8)
    near = cv2.dilate(parted.coloured, np.ones((3, 3), np.uint8))
    paper = int(shades(parted.grey, 0.8)[0])
    shown = np.where((near > 0) | (crossed > 0), parted.grey, paper).astype(np.uint8)
    if not crossed.any():
        return shown
    around = np.where(parted.coloured > 0, 0, cv2.dilate(crossed, np.ones((3, 3), np.uint8)))
    return np.asarray(cv2.inpaint(shown, around.astype(np.uint8), 3, cv2.INPAINT_TELEA), np.uint8)


def _parted(strip: Colour) -> _Parted:
    grey = np.asarray(cv2.cvtColor(strip, cv2.COLOR_BGR2GRAY), np.uint8)
    inked = ink_of(grey)
    paper = np.clip(np.percentile(strip[::3, ::3].reshape(-1, 3), 80, axis=0), 64.0, 255.0)
    steps = np.arange(256, dtype=np.float64)[:, None] * (255.0 / paper)
    white = cv2.LUT(strip, np.clip(np.round(steps), 0, 255).astype(np.uint8)[None, :, :])
    blue, green, red = cv2.split(white)
    brightest = cv2.max(cv2.max(blue, green), red)
    least = cv2.min(cv2.min(blue, green), red)
    tinted = (brightest - least) > TINTED * (255.0 - least)
    # red is a seal's ink or a stamp's
    coloured = np.where(tinted & (red < brightest), inked, 0).astype(np.uint8)
    beside = cv2.dilate(coloured, np.ones((3, 3), np.uint8))
    alone = np.where(beside > 0, 0, inked).astype(np.uint8)
    black = cv2.morphologyEx(alone, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
    return _Parted(grey, coloured, np.asarray(black, np.uint8))


def _tallest(ink: NDArray[np.uint8], least: float) -> int:
    """Height (pixels) of the tallest piece that reaches over no edge of the strip; 0 where none
    is taller than ``least``."""
    height, width = ink.shape
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    inside = [
        int(s[3])
        for s in stats[1:]
        if s[3] > least
        and s[0] > 1
        and s[1] > 1
        and s[0] + s[2] < width - 1
        and s[1] + s[3] < height - 1
    ]
    return max(inside, default=0)
