"""Where the places of a form lie on a photographed sheet that is not quite flat.

A homography lays the reference page on the sheet; a sheet that is curled or was folded departs from
it smoothly. The departure of the printed labels is fitted by a low polynomial over the page. Dot
leaders then tell to a pixel how high each place lies, by another polynomial and, for
what that leaves, by the rows around.
"""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
"""Shape (n, 2), points (1/72 inch)."""

GROSS = 18.0
"""Points a label may lie off the homography; a curled sheet departs from it by so much."""
TOLERANCE = 5.0
"""Points it may lie off the bent page; words are boxed that roughly."""
ROUNDS = 4
RIDGE = 0.003
"""Of the number of labels: how strongly a page is held to be flat."""
FLAT, BETTER = 1.1, 0.8
"""Points that labels are off a homography at the most, in the middle, for a sheet to be flat; and
to what part of it a bend must bring them."""
ROW_RIDGE = 0.0005
BESIDE = 45.0
"""Points around a piece of a row in which others tell what is left."""
ROW_STILL = 0.5
"""Pieces' worth of weight for nothing being left."""
BEYOND = 0.05
"""Of the labels' extent: beyond it the bend is that of its edge."""
GRID = 8
"""Pixels between places that are computed; those between are interpolated."""


class Rise(NamedTuple):
    """By how much rows of print lie lower than a bend has them, all over the page, in points."""

    low: NDArray[np.float64]
    high: NDArray[np.float64]
    terms: NDArray[np.float64]
    places: Points
    left: NDArray[np.float64]

    def at(self, points: Points) -> NDArray[np.float64]:
        """The rise at places of the reference page."""
        near = np.exp(-_squares(points, self.places) / (2 * BESIDE**2))
        local = near @ self.left / (ROW_STILL + near.sum(axis=1))
        return np.asarray(_terms(_parts(points, self.low, self.high)) @ self.terms + local)


class Bend(NamedTuple):
    """A map from the reference page to the page of a photograph."""

    homography: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    terms: NDArray[np.float64]
    """Shape (terms, 2): the polynomial's factors, across and down; 0 for a flat sheet."""
    rises: tuple[Rise, ...] = ()
    """What rows of print said, each after the one before."""

    def onto(self, points: Points) -> Points:
        """Where places of the reference page lie."""
        for rise in reversed(self.rises):
            points = points + np.stack([np.zeros(len(points)), rise.at(points)], axis=1)
        bowed = _terms(_parts(points, self.low, self.high)) @ self.terms
        return np.asarray(_projected(self.homography, points) + bowed)

    def along(self, places: Points, lower: NDArray[np.float64]) -> "Bend":
        """The bend corrected by rows of print that lie by ``lower`` points lower at ``places``."""
        low, high = places.min(axis=0), places.max(axis=0)
        basis = _terms(_parts(places, low, high))
        terms, weight = _robust(basis, lower[:, None], ROW_RIDGE)
        left = (lower - basis @ terms[:, 0]) * weight
        rise = Rise(low, high, terms[:, 0], places, left)
        return self._replace(rises=(*self.rises, rise))

    def maps(self, box: tuple[float, float, float, float], size: tuple[int, int]) -> Points:
        """For each pixel of a picture of ``size`` (width, height) of ``box``, where it lies on the
        page, in points: shape (height, width, 2), float32."""
        columns, rows = (max(2, -(-side // GRID) + 1) for side in size)
        # the middles of the first and last pixels are the corners of the grid
        step = ((box[2] - box[0]) / size[0], (box[3] - box[1]) / size[1])
        x = box[0] + step[0] * np.linspace(0, size[0] - 1, columns)
        y = box[1] + step[1] * np.linspace(0, size[1] - 1, rows)
        grid = np.stack(np.meshgrid(x, y), axis=2).reshape(-1, 2)
        found = self.onto(grid).reshape(rows, columns, 2)
        across = _between(np.linspace(0, columns - 1, size[0]), found.transpose(1, 0, 2))
        return _between(np.linspace(0, rows - 1, size[1]), across.transpose(1, 0, 2))


def bend_of(here: Points, there: Points) -> tuple[Bend, int] | None:
    """The bend that lays ``here`` (reference page) on ``there``, and the labels that agree.

    None where no homography lays most of them near.
    """
    if len(here) < 8:
        return None
    first, mask = cv2.findHomography(here, there, cv2.RANSAC, GROSS)
    if first is None:
        return None
    homography = np.asarray(first, np.float64)
    kept = np.asarray(mask, bool).ravel()
    bend: Bend | None = None
    for _ in range(ROUNDS):
        if int(kept.sum()) < 8:
            return None
        bend = _fitted(homography, here[kept], there[kept])
        off = np.hypot(*(bend.onto(here) - there).T)
        again = off <= TOLERANCE
        if bool((again == kept).all()):
            break
        kept = again
    return None if bend is None else (bend, int(kept.sum()))


def _fitted(homography: NDArray[np.float64], here: Points, there: Points) -> Bend:
    """The homography, and the polynomial where labels depart from it by more than they err."""
    finer, _ = cv2.findHomography(here, there, 0)
    homography = homography if finer is None else np.asarray(finer, np.float64)
    low, high = here.min(axis=0), here.max(axis=0)
    flat = Bend(homography, low, high, np.zeros((TERMS, 2)))
    off = there - _projected(homography, here)
    basis = _terms(_parts(here, low, high))
    terms, _ = _robust(basis, off, RIDGE)
    before, after = (float(np.median(np.hypot(*one.T))) for one in (off, off - basis @ terms))
    if before <= FLAT or after > BETTER * before:
        return flat
    return flat._replace(terms=terms)


def _robust(
    basis: NDArray[np.float64], off: NDArray[np.float64], ridge: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Factors of the basis that explain ``off``, and the weight of each place, less where it is far
    off what the others say."""
    weight: NDArray[np.float64] = np.ones(len(basis))
    terms = np.zeros((basis.shape[1], off.shape[1]))
    for _ in range(ROUNDS):
        scaled = basis * weight[:, None]
        held = scaled.T @ basis + ridge * len(basis) * np.eye(basis.shape[1])
        terms = np.asarray(np.linalg.solve(held, scaled.T @ off), np.float64)
        far = np.sqrt(((off - basis @ terms) ** 2).sum(axis=1))
        near = max(0.2, 1.5 * float(np.median(far)))
        weight = np.asarray(1.0 / np.maximum(1.0, far / near) ** 2, np.float64)
    return terms, weight


def _parts(points: Points, low: NDArray[np.float64], high: NDArray[np.float64]) -> Points:
    """Places in parts of an extent, not far beyond it."""
    return np.clip((points - low) / np.maximum(high - low, 1.0), -BEYOND, 1 + BEYOND)


def _terms(parts: Points) -> NDArray[np.float64]:
    """What a homography cannot say, at places in parts of the labels' extent."""
    x, y = parts.T
    u = 2 * x - 1
    bows = [u**2, u**3, u**4]
    return np.stack([*bows, *(one * y for one in bows), y**2, u * y**2, u * y, u, y, 1 + 0 * y], 1)


TERMS = 12


def _projected(homography: NDArray[np.float64], points: Points) -> Points:
    with_one = np.hstack([points, np.ones((len(points), 1))]) @ homography.T
    return np.asarray(with_one[:, :2] / with_one[:, 2:])


def _squares(points: Points, others: Points) -> NDArray[np.float64]:
    apart = points[:, None, :] - others[None, :, :]
    return np.asarray((apart**2).sum(axis=2))


def _between(at: NDArray[np.float64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values, known at whole numbers along the first axis, at other places along it."""
    first = np.minimum(at.astype(int), len(values) - 2)
    part = (at - first)[:, None, None]
    return np.asarray(values[first] * (1 - part) + values[first + 1] * part)
