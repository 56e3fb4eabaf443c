"""A reader of penned figures that looks at the directions of their strokes.

A second opinion beside :mod:`ocr.fields.pen.hand_figures`: not the picture but how strongly its
edges run which way in each part of it, set upright first; so it is mistaken in other figures. Two
layers, fitted by :mod:`training.fit_figures` on figures drawn anew for it; the weights are in
``data/pens.npz``.
"""

from collections.abc import Sequence
from functools import cache
from importlib.resources import as_file, files
from typing import NamedTuple

import cv2
import numpy as np

from ocr.fields.pen.digits import SIDE, normal_figure
from ocr.fields.pen.hand_figures import KINDS, Array
from ocr.fields.zone_reader import Image

DIRECTIONS = 8
"""Kinds of edges."""

GRID = 7
"""Parts of the picture, across and down."""

STEEPEST = 0.6
"""A figure that leans more is not set upright by all of it: it is a stroke, not a lean."""


class Layers(NamedTuple):
    """Weights and offsets of the two layers."""

    w1: Array
    b1: Array
    w2: Array
    b2: Array


@cache
def layers() -> Layers:
    """The shipped weights."""
    with (
        as_file(files("ocr.fields").joinpath("data/pens.npz")) as path,
        np.load(path, allow_pickle=False) as data,
    ):
        return Layers(*(data[name].astype(np.float32) for name in Layers._fields))


def upright(figure: Array) -> Array:
    """A figure without its lean, as its moments have it; shape and size stay."""
    total = float(figure.sum())
    if total < 1.0:
        return figure
    rows, columns = np.mgrid[: figure.shape[0], : figure.shape[1]].astype(np.float32)
    down, across = float((rows * figure).sum()) / total, float((columns * figure).sum()) / total
    spread = float(((rows - down) ** 2 * figure).sum())
    together = float(((rows - down) * (columns - across) * figure).sum())
    lean = max(-STEEPEST, min(STEEPEST, together / max(spread, 1e-6)))
    turn = np.array([[1, lean, -lean * down], [0, 1, 0]], np.float32)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(figure, turn, figure.shape[::-1], flags=flags), np.float32)


def directions(vectors: Array) -> Array:
    """How strongly edges run in each direction in each part: shape (figures, 392), roots of shares.

    Args:
        vectors: figures as :func:`~ocr.fields.pen.digits.normal_figure` gives them.
    """
    figures = [cv2.GaussianBlur(upright(v.reshape(SIDE, SIDE)), (0, 0), 0.8) for v in vectors]
    across = np.stack([cv2.Sobel(figure, cv2.CV_32F, 1, 0, ksize=3) for figure in figures])
    down = np.stack([cv2.Sobel(figure, cv2.CV_32F, 0, 1, ksize=3) for figure in figures])
    turn = np.mod(np.arctan2(down, across) * (DIRECTIONS / (2 * np.pi)), DIRECTIONS)
    strength = np.hypot(across, down)
    first = np.floor(turn)
    over = (turn - first) * strength
    first = first[..., None] % DIRECTIONS
    kinds = np.arange(DIRECTIONS, dtype=np.float32)
    part = np.where(first == kinds, (strength - over)[..., None], 0)
    part += np.where(first == (kinds - 1) % DIRECTIONS, over[..., None], 0)
    soft = np.stack([cv2.GaussianBlur(one.astype(np.float32), (0, 0), 1.2) for one in part])
    each = SIDE // GRID
    found = soft.reshape(-1, GRID, each, GRID, each, DIRECTIONS).mean(axis=(2, 4))
    flat = np.moveaxis(found, 3, 1).reshape(len(vectors), -1)
    shares = flat / np.maximum(flat.sum(axis=1, keepdims=True), 1e-6)
    return np.asarray(np.sqrt(shares), np.float32)


def likely(seen: Array, net: Layers) -> Array:
    """For each figure's :func:`directions`, how likely each of :data:`KINDS` is."""
    hidden = np.maximum(seen @ net.w1 + net.b1, 0.0)
    scores = hidden @ net.w2 + net.b2
    scores -= scores.max(axis=1, keepdims=True)
    shares = np.exp(scores)
    return np.asarray(shares / shares.sum(axis=1, keepdims=True), np.float32)


def look_at_figures(images: Sequence[Image]) -> Array:
    """How likely each picture is each of :data:`KINDS`; shape (pictures, 12).

    Args:
        images: figures that were cut apart, grey, paper bright.
    """
    if not images:
        return np.zeros((0, len(KINDS)), np.float32)
    return likely(directions(np.stack([normal_figure(image) for image in images])), layers())
