"""The network fitted to lines whose text is known: AdamW over one cycle of learning rates."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ocr.learning.ctc_gradient import loss_and_slope
from ocr.learning.network import Dropping, Weights, forward, slopes, stacked

BATCH = 16
RATE = 1.5e-3
"""The highest learning rate of the cycle."""
RISING = 0.3
"""Share of the cycle in which the rate rises; then it falls to nothing, both by a cosine."""
DROPPED = (0.2, 0.3)
"""Shares of the convolutions' inputs that are left out."""
DECAY = 0.01
"""By which weights shrink in a step, times its rate."""
STEEPEST = 5.0
"""Length that all slopes together are cut to."""
_MEAN, _SQUARE, _EPSILON = 0.9, 0.99, 1e-8


class Example(NamedTuple):
    """A line to learn from: its hidden layer, shape (steps, 512), and the columns of its text."""

    hidden: NDArray[np.floating]
    columns: tuple[int, ...]


def fitted(
    start: Weights,
    batches: Iterable[Sequence[Example]],
    steps: int,
    rng: np.random.Generator,
    progress: Callable[[int, float], None] | None = None,
) -> Weights:
    """The weights after ``steps`` batches.

    Args:
        start: where the fit begins; it is not changed.
        batches: examples whose texts fit their steps, at least ``steps`` times; they may be made
            as they are asked for.
        steps: length of the cycle of learning rates.
        rng: what is left out of each step.
        progress: told the number of steps done and the mean loss of a character in the last one.
    """
    descent = _Descent(start)
    for step, batch in zip(range(steps), batches, strict=False):
        loss, by = _slopes(descent.weights, batch, rng)
        descent.follow(by, rate_at(step / steps))
        if progress is not None:
            progress(step + 1, loss)
    return descent.weights


def shuffled(
    examples: Sequence[Example], rng: np.random.Generator, size: int = BATCH
) -> Iterator[Sequence[Example]]:
    """Batches of all examples in a new order, without end."""
    while True:
        order = rng.permutation(len(examples))
        for at in range(0, len(order), size):
            yield [examples[k] for k in order[at : at + size]]


def rate_at(share: float) -> float:
    """The learning rate after a share of the cycle."""
    if share < RISING:
        return RATE * (0.04 + 0.96 * (0.5 - 0.5 * float(np.cos(np.pi * share / RISING))))
    return RATE * (0.5 + 0.5 * float(np.cos(np.pi * (share - RISING) / (1 - RISING))))


def _slopes(
    weights: Weights, batch: Sequence[Example], rng: np.random.Generator
) -> tuple[float, Weights]:
    stack = stacked([example.hidden for example in batch])
    run = forward(weights, stack, Dropping.of(stack, DROPPED, rng))
    losses, slope = loss_and_slope(run.logits, stack.spans, [one.columns for one in batch])
    letters = sum(len(one.columns) for one in batch)
    by = slopes(weights, run, slope / np.float32(len(batch)))
    return float(losses.sum()) / letters, by


class _Descent:
    """AdamW (Loshchilov and Hutter, 2019): weights follow their slopes; biases do not decay."""

    def __init__(self, start: Weights) -> None:
        self.weights = Weights(*(np.array(each, np.float32) for each in start))
        self._means = [np.zeros_like(each) for each in self.weights]
        self._squares = [np.zeros_like(each) for each in self.weights]
        self._count = 0

    def follow(self, slopes_by: Weights, rate: float) -> None:
        """One step, in place."""
        self._count += 1
        length = float(np.sqrt(sum(float(np.vdot(each, each)) for each in slopes_by)))
        shorter = np.float32(min(1.0, STEEPEST / max(length, 1e-12)))
        for at, weight in enumerate(self.weights):
            cut = slopes_by[at] * shorter
            mean, square = self._means[at], self._squares[at]
            np.add(mean * _MEAN, (1 - _MEAN) * cut, out=mean)
            np.add(square * _SQUARE, (1 - _SQUARE) * cut * cut, out=square)
            aim = mean / (1 - _MEAN**self._count)
            aim /= np.sqrt(square / (1 - _SQUARE**self._count)) + _EPSILON
            if weight.ndim > 1:
                aim += DECAY * weight
            np.subtract(weight, np.float32(rate) * aim, out=weight)
