"""A photographed sheet as a flat page: its proportions, and its picture without perspective."""

import math
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr import geometry
from ocr.photographs.outline import Outline

Colour = NDArray[np.uint8]
Floats = NDArray[np.float64]

FOCAL = (0.55, 2.2)
"""Focal length in longer sides of the picture, from the widest lens to the longest."""
USUAL_FOCAL = 0.85
"""Where the perspective is too weak to tell it."""
SHAPES = (297 / 210, 355.6 / 215.9, 330 / 215, 279.4 / 215.9, 85.6 / 53.98, 125 / 88)
"""Long to short side of papers: A4 (and A3, A5), legal, folio, letter, identity card, passport."""
A4_FITS, FITS = 0.075, 0.035
"""Part by which a shape found may differ from that of a paper."""
FINER = 1.6
"""A picture so many times finer than the page wanted is made smaller first, or letters fray."""


class Sheet(NamedTuple):
    """A sheet in a picture: its corners in pixels, upper left first, clockwise, and its size in
    pixels of the picture when it lies flat."""

    corners: Floats
    width: float
    height: float

    def scaled(self, factor: float) -> "Sheet":
        """The same sheet in a picture so many times larger."""
        corners = (self.corners + 0.5) * factor - 0.5
        return Sheet(corners, self.width * factor, self.height * factor)


def sheet_of(found: Outline | None, size: tuple[int, int]) -> Sheet:
    """The sheet in a picture of ``size`` (width, height); all of it where no outline was found."""
    width, height = size
    if found is None:
        whole = np.array([[0, 0], [1, 0], [1, 1], [0, 1]]) * np.array(size) - 0.5
        return Sheet(whole, float(width), float(height))
    corners = found.corners * np.array(size) - 0.5
    shape = _shape(corners - (np.array(size) - 1) / 2, max(size))
    if found.whole:
        shape = _known(shape)
    x, y = corners.T
    area = 0.5 * abs(float(x @ np.roll(y, -1) - y @ np.roll(x, -1)))
    return Sheet(corners, math.sqrt(area * shape), math.sqrt(area / shape))


def flattened(picture: Colour, sheet: Sheet, size: tuple[int, int]) -> Colour:
    """The sheet as a flat picture of ``size`` (width, height) in pixels."""
    picture, sheet = coarser(picture, sheet, size)
    width, height = size
    flat = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32) - 0.5
    matrix = cv2.getPerspectiveTransform(sheet.corners.astype(np.float32), flat.astype(np.float32))
    warped = cv2.warpPerspective(
        picture, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(warped, np.uint8)


def coarser(picture: Colour, sheet: Sheet, size: tuple[int, int]) -> tuple[Colour, Sheet]:
    """The picture made smaller, and the sheet in it, where it is far finer than ``size`` wants."""
    finer = math.sqrt(sheet.width * sheet.height / (size[0] * size[1]))
    if finer <= FINER:
        return picture, sheet
    smaller = geometry.reduced(picture, 1.25 / finer)
    return smaller, sheet.scaled(smaller.shape[1] / picture.shape[1])


def leaning(found: Outline, size: tuple[int, int]) -> float:
    """Degrees by which opposite sides of an outline are not parallel, the larger of both pairs."""
    edges = np.diff(np.vstack([found.corners, found.corners[:1]]), axis=0) * np.array(size)
    angles = np.degrees(np.arctan2(edges[:, 1], edges[:, 0]))
    apart = [(angles[i] - angles[i + 2] - 180) % 360 for i in (0, 1)]
    return float(max(min(one, 360 - one) for one in apart))


def _shape(corners: Floats, longer: int) -> float:
    """Width to height of the flat sheet; ``corners`` from the middle of the picture, in pixels.

    Z. Zhang and L. He, "Whiteboard scanning and image enhancement", 2007, section 4.2.
    """
    m1, m2, m4, m3 = np.hstack([corners, np.ones((4, 1))])  # 3 and 4: lower left, lower right
    k2 = float(np.cross(m1, m4) @ m3) / float(np.cross(m2, m4) @ m3)
    k3 = float(np.cross(m1, m4) @ m2) / float(np.cross(m3, m4) @ m2)
    n2, n3 = k2 * m2 - m1, k3 * m3 - m1
    focal = USUAL_FOCAL * longer
    if min(abs(n2[2]), abs(n3[2])) > 0.02:
        square = -float(n2[0] * n3[0] + n2[1] * n3[1]) / float(n2[2] * n3[2])
        if square > 0:
            focal = min(max(math.sqrt(square), FOCAL[0] * longer), FOCAL[1] * longer)
    across, down = (
        math.sqrt(float(n[0] ** 2 + n[1] ** 2) / focal**2 + float(n[2]) ** 2) for n in (n2, n3)
    )
    return across / max(down, 1e-9)


def _known(shape: float) -> float:
    """The shape of the known paper it is nearest to, A4 first."""
    long = max(shape, 1 / shape)
    if abs(long / SHAPES[0] - 1) <= A4_FITS:
        found = SHAPES[0]
    else:
        nearest = min(SHAPES, key=lambda one: abs(math.log(long / one)))
        found = nearest if abs(long / nearest - 1) <= FITS else long
    return found if shape >= 1 else 1 / found
