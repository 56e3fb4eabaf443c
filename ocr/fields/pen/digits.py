"""A reader of single figures that is not Tesseract: a small network of two layers.

Tesseract guesses wrongly and surely at pen-like figures (a crossed 7 is a 1, an open 4 a 9), at
every scale alike; a second opinion must come from something else. The weights in
``data/digits.npz`` were fitted on drawn figures by :mod:`training.fit_digits`.
"""

from functools import cache
from importlib.resources import as_file, files
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.fields.binarisation import ink_of
from ocr.fields.zone_reader import Image

CLASSES = "0123456789/"

SIDE = 28
"""Pixels of the square a figure is brought to."""

INNER = 22
"""Pixels of its longer side in that square."""

Vector = NDArray[np.float32]


class Network(NamedTuple):
    """Weights of the two layers."""

    w1: Vector
    b1: Vector
    w2: Vector
    b2: Vector


@cache
def network() -> Network:
    """The shipped weights."""
    with (
        as_file(files("ocr.fields").joinpath("data/digits.npz")) as path,
        np.load(path, allow_pickle=False) as data,
    ):
        return Network(*(data[name].astype(np.float32) for name in Network._fields))


def normal_figure(image: Image) -> Vector:
    """One figure, grey on paper, as the network takes it: ``SIDE * SIDE`` values, ink 1."""
    paper = float(np.percentile(image, 90))
    darkest = float(image.min())
    ink = np.clip((paper - image.astype(np.float32)) / max(paper - darkest, 1.0), 0.0, 1.0)
    ink[ink < 0.2] = 0.0
    strong = ink > 0.4
    rows, columns = np.flatnonzero(strong.any(axis=1)), np.flatnonzero(strong.any(axis=0))
    if rows.size == 0:
        return np.zeros(SIDE * SIDE, np.float32)
    ink = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = INNER / max(ink.shape)
    size = (max(1, round(ink.shape[1] * scale)), max(1, round(ink.shape[0] * scale)))
    small = cv2.resize(ink, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    square = np.zeros((SIDE, SIDE), np.float32)
    top, left = (SIDE - size[1]) // 2, (SIDE - size[0]) // 2
    square[top : top + size[1], left : left + size[0]] = small
    return square.reshape(-1)


def through(vectors: Vector, weights: Vector, offsets: Vector) -> Vector:
    """One layer of a network, figure by figure.

    A few figures at once would go to all of the BLAS's threads, which cost 15 ms of CPU where one
    costs 0.3 (measured on a busy machine).
    """
    return np.asarray(np.stack([vector @ weights for vector in vectors]) + offsets, np.float32)


def probabilities(vectors: NDArray[np.float32], net: Network) -> NDArray[np.float32]:
    """For each figure, how likely each of :data:`CLASSES` is; shape (figures, 11)."""
    hidden = np.maximum(through(vectors, net.w1, net.b1), 0.0)
    scores = through(hidden, net.w2, net.b2)
    scores -= scores.max(axis=1, keepdims=True)
    likely = np.exp(scores)
    return np.asarray(likely / likely.sum(axis=1, keepdims=True), np.float32)


def cut_apart(line: Image, *, wide: bool = False) -> list[Image]:
    """The figures of a line, left to right; empty where some touch or are in pieces.

    Pieces that stand above one another belong together; a piece wider than it is tall is two
    figures grown together, and then nothing is returned unless ``wide`` ones are asked for, too.
    """
    ink = ink_of(line)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    found = sorted(
        (int(stats[i][0]), int(stats[i][0] + stats[i][2]), i)
        for i in range(1, count)
        if stats[i][4] >= 12
    )
    tallest = max((int(stats[i][3]) for _, _, i in found), default=0)
    groups: list[tuple[int, int, list[int]]] = []
    for x0, x1, index in found:
        if groups:
            left, right, members = groups[-1]
            if min(right, x1) - max(left, x0) > 0.4 * min(right - left, x1 - x0):
                groups[-1] = (left, max(right, x1), [*members, index])
                continue
        groups.append((x0, x1, [index]))
    figures: list[Image] = []
    paper = int(np.percentile(line, 90))
    for x0, x1, members in groups:
        mask = np.isin(labels, members).astype(np.uint8)
        rows = np.flatnonzero(mask.any(axis=1))
        tall = int(rows[-1] - rows[0] + 1)
        if tall < 0.45 * tallest:
            continue
        if x1 - x0 > 1.05 * tallest and not wide:
            return []
        near = cv2.dilate(mask, np.ones((3, 3), np.uint8)) > 0
        alone = np.where(near, line, paper).astype(np.uint8)
        top, left = max(int(rows[0]) - 2, 0), max(x0 - 2, 0)
        figures.append(alone[top : int(rows[-1]) + 3, left : x1 + 2])
    return figures
