"""A reader of single figures written by pen, fitted on drawn strokes.

Office hands write a 1 with a long flag, a 7 with a bar, an open 4; readers fitted on print and
school-like fonts take the one for the other. This network of three layers was fitted on strokes
that are drawn the way offices write (``strokes.yaml``, :mod:`training.fit_pens`) and
on fonts; the weights are in ``data/pens.npz``. On the penned numbers of real scans whose figures
stand apart it read 7 of 8, the reader of :mod:`ocr.fields.pen.digits` 3 of 8.
"""

from collections.abc import Sequence
from functools import cache
from importlib.resources import as_file, files
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ocr.fields.pen.digits import CLASSES, normal_figure, through
from ocr.fields.zone_reader import Image

Vector = NDArray[np.float32]


class Layers(NamedTuple):
    """Weights and offsets of the three layers."""

    w1: Vector
    b1: Vector
    w2: Vector
    b2: Vector
    w3: Vector
    b3: Vector


@cache
def layers() -> Layers:
    """The shipped weights."""
    with (
        as_file(files("ocr.fields").joinpath("data/pens.npz")) as path,
        np.load(path, allow_pickle=False) as data,
    ):
        return Layers(*(data[name].astype(np.float32) for name in Layers._fields))


def likely(vectors: Vector, net: Layers) -> Vector:
    """For each figure, how likely each of :data:`CLASSES` is; shape (figures, 11)."""
    hidden = np.maximum(through(vectors, net.w1, net.b1), 0.0)
    hidden = np.maximum(through(hidden, net.w2, net.b2), 0.0)
    scores = through(hidden, net.w3, net.b3)
    scores -= scores.max(axis=1, keepdims=True)
    shares = np.exp(scores)
    return np.asarray(shares / shares.sum(axis=1, keepdims=True), np.float32)


def look_at_figures(images: Sequence[Image]) -> Vector:
    """How likely each figure 0 to 9 is, for figures that were cut apart, in order; shape (n, 10).

    A slash at the end, the first of the symbol's print, is left out.
    """
    if not images:
        return np.zeros((0, 10), np.float32)
    shares = likely(np.stack([normal_figure(image) for image in images]), layers())
    if CLASSES[int(shares[-1].argmax())] == "/":
        shares = shares[:-1]
    figures = shares[:, :10]
    return np.asarray(figures / np.maximum(figures.sum(axis=1, keepdims=True), 1e-6), np.float32)
