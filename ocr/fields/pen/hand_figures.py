"""A reader of penned figures that was fitted on real hands: a small network of convolutions.

It knows how strokes lie to one another, where the reader of :mod:`ocr.fields.pen.pen_figures`
knows only which pixels are dark, and it knows what is no figure: two that were not cut apart. Each
figure is looked at in several views (as it is, slanted, thinner, bolder, wider, narrower); a figure
it is sure of looks the same in all. Fitted by :mod:`training.fit_figures`; the weights are in
``data/hands.npz``.
"""

from collections.abc import Sequence
from functools import cache
from importlib.resources import as_file, files
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.fields.pen.digits import SIDE, normal_figure
from ocr.fields.zone_reader import Image

Array = NDArray[np.float32]

KINDS = "0123456789/?"
"""What a picture may be; ``?`` is no figure."""

KERNEL = 5
"""Pixels across of a convolution's window."""

LEAN = 0.15
"""Views are slanted by so much of their height."""


class Weights(NamedTuple):
    """Two layers of convolutions with their offsets, each halved after, and two full layers."""

    k1: Array
    c1: Array
    k2: Array
    c2: Array
    w1: Array
    b1: Array
    w2: Array
    b2: Array


@cache
def weights() -> Weights:
    """The shipped weights."""
    with (
        as_file(files("ocr.fields").joinpath("data/hands.npz")) as path,
        np.load(path, allow_pickle=False) as data,
    ):
        return Weights(*(data[name].astype(np.float32) for name in Weights._fields))


def windows(planes: Array) -> Array:
    """Every window of :data:`KERNEL` pixels, a row each; planes: pictures, rows, columns, depth."""
    count, rows, columns, depth = planes.shape
    down, across = rows - KERNEL + 1, columns - KERNEL + 1
    step = planes.strides
    seen = np.lib.stride_tricks.as_strided(
        planes,
        (count, down, across, KERNEL, KERNEL, depth),
        (step[0], step[1], step[2], step[1], step[2], step[3]),
    )
    return seen.reshape(count * down * across, KERNEL * KERNEL * depth)


def halved(planes: Array) -> Array:
    """The greatest of each two by two values."""
    count, rows, columns, depth = planes.shape
    fours = planes.reshape(count, rows // 2, 2, columns // 2, 2, depth)
    return np.asarray(fours.max(axis=(2, 4)), np.float32)


def likely(vectors: Array, net: Weights) -> Array:
    """For each figure, how likely each of :data:`KINDS` is; shape (figures, 12)."""
    count = len(vectors)
    planes = vectors.reshape(count, SIDE, SIDE, 1)
    for kernel, offset in ((net.k1, net.c1), (net.k2, net.c2)):
        side = planes.shape[1] - KERNEL + 1
        seen = np.maximum(windows(planes) @ kernel + offset, 0.0)
        planes = np.ascontiguousarray(halved(seen.reshape(count, side, side, -1)))
    hidden = np.maximum(planes.reshape(count, -1) @ net.w1 + net.b1, 0.0)
    scores = hidden @ net.w2 + net.b2
    scores -= scores.max(axis=1, keepdims=True)
    shares = np.exp(scores)
    return np.asarray(shares / shares.sum(axis=1, keepdims=True), np.float32)


def views(image: Image) -> list[Image]:
    """A figure as it is, slanted both ways, bolder, thinner, wider and narrower."""
    paper = int(np.percentile(image, 90))
    framed = cv2.copyMakeBorder(image, 3, 3, 6, 6, cv2.BORDER_CONSTANT, value=(paper,))
    tall, wide = framed.shape
    seen = [image]
    for lean in (-LEAN, LEAN):
        turn = np.array([[1, lean, -lean * tall / 2], [0, 1, 0]], np.float32)
        seen.append(np.asarray(cv2.warpAffine(framed, turn, (wide, tall), borderValue=(paper,))))
    square = np.ones((2, 2), np.uint8)
    seen += [np.asarray(cv2.erode(image, square)), np.asarray(cv2.dilate(image, square))]
    seen += [np.asarray(cv2.resize(image, None, fx=by, fy=1.0)) for by in (1.15, 0.87)]
    return seen


def look_at_hands(images: Sequence[Image], *, thorough: bool = True) -> Array:
    """How likely each picture is each of :data:`KINDS`; shape (pictures, 12).

    Args:
        images: figures that were cut apart, grey, paper bright.
        thorough: in all :func:`views`, whose mean is given; False: as they are alone.
    """
    if not images:
        return np.zeros((0, len(KINDS)), np.float32)
    seen = [views(image) if thorough else [image] for image in images]
    shares = likely(np.stack([normal_figure(view) for each in seen for view in each]), weights())
    return np.asarray(shares.reshape(len(images), -1, len(KINDS)).mean(axis=1), np.float32)
