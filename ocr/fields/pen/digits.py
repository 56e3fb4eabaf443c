"""Figures cut out of a line, one by one, as the readers of figures take them."""

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.fields.binarisation import ink_of
from ocr.fields.zone_reader import Image

SIDE = 28
"""Pixels of the square a figure is brought to."""

INNER = 22
"""Pixels of its longer side in that square."""

Vector = NDArray[np.float32]


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
