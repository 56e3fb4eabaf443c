"""Whether a pen wrote something or a machine printed it, told by the ink alone.

A pen's strokes lean, wander and swell where a typeface's repeat; each piece of ink is looked at by
a small network, and all pieces of a zone together decide. Typefaces that look like hands count as
pens: what is taken for print is believed more easily (:mod:`ocr.fields.weighing`). Fitted by
:mod:`training.fit_ink`; the weights are in ``data/ink.npz``.
"""

from collections.abc import Sequence
from functools import cache
from importlib.resources import as_file, files
from typing import NamedTuple

import cv2
import numpy as np

from ocr.fields.binarisation import ink_of
from ocr.fields.pen.digits import SIDE, normal_figure
from ocr.fields.pen.hand_figures import Array
from ocr.fields.pen.pen_figures import directions
from ocr.fields.sureness import PRINTED
from ocr.fields.zone_reader import Image

MOST = 8
"""Pieces of a zone that are looked at."""

LOW = 0.35
"""Pieces lower than this part of the tallest are marks and dots, alike in print and by pen."""


class InkWeights(NamedTuple):
    """Weights and offsets of the two layers."""

    w1: Array
    b1: Array
    w2: Array
    b2: Array


@cache
def weights() -> InkWeights:
    """The shipped weights."""
    with (
        as_file(files("ocr.fields").joinpath("data/ink.npz")) as path,
        np.load(path, allow_pickle=False) as data,
    ):
        return InkWeights(*(data[name].astype(np.float32) for name in InkWeights._fields))


def pieces_of(image: Image) -> list[Image]:
    """What hangs together in a zone, each cut out alone; marks and dots left out."""
    ink = ink_of(image)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    tallest = max((int(stats[k][3]) for k in range(1, count)), default=0)
    tall = [k for k in range(1, count) if stats[k][3] >= LOW * tallest and stats[k][4] >= 20]
    if len(tall) > MOST:
        tall = [tall[round(k)] for k in np.linspace(0, len(tall) - 1, MOST)]
    found = []
    for k in tall:
        x, y, wide, high, _ = (int(v) for v in stats[k])
        part = np.s_[max(y - 2, 0) : y + high + 2, max(x - 2, 0) : x + wide + 2]
        near = cv2.dilate((labels[part] == k).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
        found.append(np.where(near, image[part], 250).astype(np.uint8))
    return found


def half_widths(ink: Image) -> Array:
    """Half the thickness of strokes, pixels, all along their middle; ``ink`` is 0 where there is
    none."""
    distance = cv2.distanceTransform(ink, cv2.DIST_L2, 3)
    ridge = (distance >= cv2.dilate(distance, np.ones((3, 3), np.uint8))) & (distance > 0)
    return np.asarray(distance[ridge], np.float32)


def features(pieces: Sequence[Image]) -> Array:
    """What the network sees of pieces: directions of edges, width to height, how thick and how
    evenly thick the strokes are in parts of the height; shape (pieces, 396)."""
    seen = directions(np.stack([normal_figure(piece) for piece in pieces]))
    more = np.zeros((len(pieces), 4), np.float32)
    for index, piece in enumerate(pieces):
        ink = ink_of(piece)
        thick = half_widths(ink)
        tall, wide = piece.shape
        if thick.size:
            mean = float(thick.mean())
            more[index] = (wide / tall, 4 * mean / tall, thick.std() / mean, SIDE / tall)
    return np.concatenate([seen, np.minimum(more, 3.0)], axis=1).astype(np.float32)


def odds(seen: Array, net: InkWeights) -> Array:
    """The log-odds of each piece that it was printed."""
    hidden = np.maximum(seen @ net.w1 + net.b1, 0.0)
    return np.asarray((hidden @ net.w2 + net.b2)[:, 0], np.float32)


def by_pen(images: Sequence[Image]) -> bool:
    """Whether a pen may have written what stands in the zones of one field."""
    pieces = [piece for image in images for piece in pieces_of(image)]
    if not pieces:
        return False
    # pieces of one zone are alike: they count as a few, however many there are
    mean = float(np.clip(odds(features(pieces), weights()), -4, 4).mean())
    return bool(1 / (1 + np.exp(-2 * mean)) < PRINTED)


def breadth(images: Sequence[Image], text: str) -> float:
    """How much ink stands across for each letter of ``text``, in heights of the writing."""
    letters = sum(not c.isspace() for c in text)
    across, heights = 0, []
    for image in images:
        ink = ink_of(image)
        _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
        tall = [int(stat[3]) for stat in stats[1:] if stat[4] >= 20]
        heights += [height for height in tall if height >= LOW * max(tall)]
        across += int(ink.any(axis=0).sum())
    return across / (max(letters, 1) * float(np.median(heights))) if heights else 0.0
