"""Where the words of a line stand: from the steps of the network to boxes around their ink."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ocr.recognition.cutting import Bounds, Cut
from ocr.recognition.decoding import ReadWord
from schemas.page import Box


def boxes(
    page: NDArray[np.uint8], ink: Bounds, cut: Cut, words: Sequence[ReadWord], stride: int
) -> list[Box]:
    """A box for each word, in pixels of ``page``; ``stride`` is the width of a step.

    The network says about where a word begins and ends; the boundary between two is the widest
    gap in the ink around there.
    """
    x0, y0, x1, y1 = ink
    mask = page[y0:y1, x0:x1] < cut.middle
    columns = np.asarray(mask.any(axis=0))
    if not columns.any():
        return [(float(x0), float(y0), float(x1), float(y1))] * len(words)
    step = stride / cut.scale
    origin = cut.left - x0
    starts = [origin + word.first * step for word in words]
    ends = [origin + word.end * step for word in words]
    gaps = _gaps(columns)
    edges = [
        0,
        *(_boundary(gaps, ends[at] - step, starts[at + 1] + step) for at in range(len(words) - 1)),
        len(columns),
    ]
    placed = []
    for at in range(len(words)):
        left, right = edges[at], max(edges[at + 1], edges[at] + 1)
        inked = np.flatnonzero(columns[left:right])
        if len(inked):
            left, right = left + int(inked[0]), left + int(inked[-1]) + 1
        rows = np.flatnonzero(mask[:, left:right].any(axis=1))
        top, bottom = (int(rows[0]), int(rows[-1]) + 1) if len(rows) else (0, y1 - y0)
        placed.append((float(x0 + left), float(y0 + top), float(x0 + right), float(y0 + bottom)))
    return placed


def _gaps(columns: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Runs of columns without ink, (begin, end) in each row."""
    change = np.flatnonzero(np.diff(np.concatenate([[True], columns, [True]]).astype(np.int8)))
    return change.reshape(-1, 2)


def _boundary(gaps: NDArray[np.int64], left: float, right: float) -> int:
    """The middle of the widest gap between two places; their middle where there is none."""
    left, right = min(left, right), max(left, right)
    near = gaps[(gaps[:, 0] < right) & (gaps[:, 1] > left)]
    if not len(near):
        return max(0, int((left + right) / 2))
    begin, end = near[(near[:, 1] - near[:, 0]).argmax()]
    return int(begin + end) // 2
