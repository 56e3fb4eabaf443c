"""How far a network's steps are from the texts of their lines, and which way is better.

Connectionist temporal classification (Graves et al., 2006, sections 4.1 and 4.2): the loss of a
line is minus the logarithm of the probability of its text, summed over all ways of stretching it
over the steps. Probabilities are scaled to a sum of 1 at every step, as in
:mod:`ocr.recognition.ctc`.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ocr.recognition.ctc import BLANK

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

_LEAST = 1e-30
"""Probability below which nothing is told apart."""


def fits(columns: Sequence[int], steps: int) -> bool:
    """Whether a text can be stretched over so many steps: a letter twice needs a blank between."""
    doubled = sum(a == b for a, b in pairwise(columns))
    return 0 < len(columns) + doubled <= steps


def loss_and_slope(
    logits: Floats, spans: Sequence[tuple[int, int]], texts: Sequence[Sequence[int]]
) -> tuple[Doubles, Floats]:
    """The loss of each line, and the slope of their sum by every logit.

    Args:
        logits: of all lines, one below the other, shape (rows, characters).
        spans: the first row of each line and the row after its last.
        texts: the columns of each line's text; each must fit (:func:`fits`).

    Returns:
        Losses in natural logarithms, shape (lines,); slopes shaped as ``logits``, 0 outside spans.
    """
    chances = _softmax(logits)
    states = _States(texts, logits.shape[1])
    ends = np.array([end - start for start, end in spans])
    seen = np.zeros((int(ends.max()), len(spans), states.columns.shape[1]))
    for line, (start, end) in enumerate(spans):
        seen[: end - start, line] = chances[start:end][:, states.columns[line]]
    seen = np.maximum(seen, _LEAST) * states.there
    ahead, losses = states.forward(seen, ends)
    both = ahead * states.backward(seen, ends)
    both /= np.maximum(both.sum(axis=2, keepdims=True), _LEAST)
    slope = np.zeros_like(logits)
    for line, (start, end) in enumerate(spans):
        owed = both[: end - start, line] @ states.spread[line]
        slope[start:end] = chances[start:end] - owed
    return losses, slope


def _softmax(logits: Floats) -> Floats:
    risen = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(risen / risen.sum(axis=1, keepdims=True), np.float32)


class _States:
    """The texts with a blank before, between and after their letters, padded to one length."""

    def __init__(self, texts: Sequence[Sequence[int]], characters: int) -> None:
        self.lengths = np.array([2 * len(text) + 1 for text in texts])
        widest = int(self.lengths.max())
        self.columns = np.full((len(texts), widest), BLANK)
        for row, text in zip(self.columns, texts, strict=True):
            row[1 : 2 * len(text) : 2] = text
        self.there = (np.arange(widest) < self.lengths[:, None]).astype(np.float64)
        self.skips = np.zeros(self.columns.shape)
        self.skips[:, 3::2] = self.columns[:, 3::2] != self.columns[:, 1:-2:2]
        self.spread = np.zeros((len(texts), widest, characters), np.float32)
        np.put_along_axis(self.spread, self.columns[:, :, None], 1.0, axis=2)
        self.spread *= self.there[:, :, None]

    def forward(self, seen: Doubles, ends: NDArray[np.int64]) -> tuple[Doubles, Doubles]:
        """The share of each state at each step, and the loss of each line."""
        every = np.arange(len(ends))
        ahead = np.zeros_like(seen)
        losses = np.zeros(len(ends))
        now = np.zeros(self.columns.shape)
        now[:, :2] = 1.0
        for step in range(len(seen)):
            if step:
                moved = now.copy()
                moved[:, 1:] += now[:, :-1]
                moved[:, 2:] += now[:, :-2] * self.skips[:, 2:]
                now = moved
            now = now * seen[step]
            total = np.maximum(now.sum(axis=1), _LEAST)
            now /= total[:, None]
            ahead[step] = now
            losses -= np.log(total) * (step < ends)
        last = ahead[ends - 1, every]
        ending = last[every, self.lengths - 1] + last[every, self.lengths - 2]
        return ahead, losses - np.log(np.maximum(ending, _LEAST))

    def backward(self, seen: Doubles, ends: NDArray[np.int64]) -> Doubles:
        """How well each state at each step can still come to the text's end."""
        every = np.arange(len(ends))
        final = np.zeros(self.columns.shape)
        final[every, self.lengths - 1] = final[every, self.lengths - 2] = 1.0
        behind = np.zeros_like(seen)
        now = final
        for step in reversed(range(len(seen))):
            if step + 1 < len(seen):
                later = now * seen[step + 1]
                moved = later.copy()
                moved[:, :-1] += later[:, 1:]
                moved[:, :-2] += later[:, 2:] * self.skips[:, 2:]
                now = moved / np.maximum(moved.sum(axis=1), _LEAST)[:, None]
            now = np.where((ends - 1 == step)[:, None], final, now)
            behind[step] = now
        return behind
