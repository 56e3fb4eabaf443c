"""Figures that look like others than they are meant to be: left out where confidence is fitted.

About one in fifty of MNIST's held-back figures looks like another one: an open 9 like a 4, a 2
without its foot like a 7. No reader, and no person, reads them as they were meant; a model of
confidence that counts them as misread learns to doubt what is right. They are told by figures
alone, not by any network: those that most of the nearest of MNIST's 60,000 others call otherwise
(Northcutt and others, Confident Learning, 2021, do the same with a model).
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from training.drawn_figures import Array, Hands

NEAREST, FEWEST = 10, 5
"""So many of the nearest are asked; so many of them must be the same figure."""

AT_ONCE = 500
"""Figures compared at once, to keep memory small."""


def legible(figures: Hands, known: Hands) -> Hands:
    """Those of ``figures`` that most of their nearest among ``known`` bear out."""
    votes = _votes(figures, known)
    kept = votes >= FEWEST
    return Hands(figures.figures[kept], figures.labels[kept])


def _votes(figures: Hands, known: Hands) -> NDArray[np.int64]:
    every, asked = _upright(known.figures), _upright(figures.figures)
    found = []
    for start in range(0, len(asked), AT_ONCE):
        alike = asked[start : start + AT_ONCE] @ every.T
        nearest = np.argpartition(-alike, NEAREST, axis=1)[:, :NEAREST]
        labels = figures.labels[start : start + AT_ONCE, None]
        found.append((known.labels[nearest] == labels).sum(axis=1))
    return np.concatenate(found)


def _upright(figures: Array) -> Array:
    """Figures without their slant, a little blurred, as vectors of length 1."""
    found = []
    for figure in figures:
        moments = cv2.moments(figure)
        lean = moments["mu11"] / moments["mu02"] if moments["mu02"] > 0.01 else 0.0
        side = figure.shape[0]
        turn = np.array([[1.0, lean, -0.5 * side * lean], [0.0, 1.0, 0.0]])
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        straight = cv2.warpAffine(figure, turn, figure.shape[::-1], flags=flags)
        found.append(cv2.GaussianBlur(straight, (0, 0), 0.8).ravel())
    rows = np.asarray(found, np.float32)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)
