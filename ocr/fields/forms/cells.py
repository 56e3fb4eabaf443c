"""Rows of printed boxes, a character in each, and the rules that make them."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.fields.binarisation import ink_of, shades
from ocr.fields.context import POINT, Context
from ocr.fields.registration import Registration
from ocr.fields.zone_reader import Image
from schemas.page import Box

TALLEST_SPECK = 2.6
"""Pieces of ink lower than this (points) are no letters."""


class Cells(NamedTuple):
    """A row of boxes: one picture a box, None where a box is empty."""

    images: tuple[Image | None, ...]
    box: Box


def cells_zone(context: Context, laid: Registration, box: Box, count: int) -> Cells:
    """The characters in a row of ``count`` printed boxes; rules are found again and left out."""
    margin = 5.0
    outer = (box[0] - margin, box[1] - margin, box[2] + margin, box[3] + margin)
    strip = laid.cut(context, outer)
    ink = ink_of(strip)
    step = (box[2] - box[0]) / count
    expected = [(margin + k * step) * POINT for k in range(count + 1)]
    uprights = rules_near(ink, expected, axis=0)
    levels = rules_near(ink, [margin * POINT, (margin + box[3] - box[1]) * POINT], axis=1)
    images = []
    for left, right in pairwise(uprights):
        inside = strip[levels[0][1] + 2 : levels[1][0] - 2, left[1] + 2 : right[0] - 2]
        images.append(_character(inside))
    return Cells(tuple(images), laid.onto_page(box))


def rules_near(
    ink: NDArray[np.uint8], expected: Sequence[float], axis: int
) -> list[tuple[int, int]]:
    """First and last pixel of each printed rule near its expected place.

    ``axis`` 0 looks for upright rules, 1 for level ones. A rule that is not found is taken to lie
    where it is expected, three pixels wide.
    """
    profile = ink.mean(axis=axis) / 255
    found = []
    for place in expected:
        low, high = max(0, int(place - 3.5 * POINT)), int(place + 3.5 * POINT) + 1
        window = profile[low:high]
        if window.size == 0 or window.max() < 0.35:
            found.append((int(place) - 1, int(place) + 1))
            continue
        peak = int(np.argmax(window))
        first = last = peak
        while first > 0 and window[first - 1] > 0.25:
            first -= 1
        while last < window.size - 1 and window[last + 1] > 0.25:
            last += 1
        found.append((low + first, low + last))
    return found


def _character(inside: Image) -> Image | None:
    """The character in a box, cut close; remains of rules along the border are dropped."""
    if inside.size == 0 or min(inside.shape) < 8:
        return None
    ink = ink_of(inside)
    if shades(inside, 0.8)[0] - float(inside.min()) < 60:
        return None
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    height, width = inside.shape
    keep = np.zeros(inside.shape, np.uint8)
    tallest = max((int(stats[i][3]) for i in range(1, count)), default=0)
    for index in range(1, count):
        x, y, w, h, area = (int(v) for v in stats[index])
        at_border = x == 0 or y == 0 or x + w == width or y + h == height
        thin = w < 1.2 * POINT or h < 1.2 * POINT
        if area < 12 or h < 0.25 * tallest or (at_border and thin):
            continue
        keep[labels == index] = 255
    rows = np.flatnonzero(keep.any(axis=1))
    columns = np.flatnonzero(keep.any(axis=0))
    if rows.size == 0 or rows[-1] - rows[0] < TALLEST_SPECK * POINT:
        return None
    paper = int(shades(inside, 0.8)[0])
    near = cv2.dilate(keep, np.ones((5, 5), np.uint8)) > 0
    cleaned = np.where(near, inside, paper).astype(np.uint8)
    top, left = max(rows[0] - 2, 0), max(columns[0] - 2, 0)
    return np.asarray(cleaned[top : rows[-1] + 3, left : columns[-1] + 3], np.uint8)


def side_by_side(images: Sequence[Image], space: float = 0.35) -> Image:
    """Characters set as one line: the same foot, ``space`` of their height apart."""
    tall = max(image.shape[0] for image in images)
    gap = int(space * tall)
    paper = int(np.median([shades(image, 0.95)[0] for image in images]))
    width = sum(image.shape[1] for image in images) + gap * (len(images) + 1)
    line = np.full((tall + 2 * gap, width), paper, np.uint8)
    x = gap
    for image in images:
        h, w = image.shape
        line[gap + tall - h : gap + tall, x : x + w] = image
        x += w + gap
    return line
