"""Whether a line looks like those an adapter is taught with: a logistic model of its mean step."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_PULL = 1e-2
"""How strongly the weights of scaled numbers are held at nothing."""
_ROUNDS = 30


class Likeness(NamedTuple):
    """Weights of a line's mean hidden step."""

    weights: NDArray[np.float32]
    bias: float


EVERY = 20.0


def of_every_line(size: int) -> Likeness:
    """That all lines are alike: an adapter that is to read everything."""
    return Likeness(np.zeros(size, np.float32), EVERY)


def likeness_of(taught: NDArray[np.floating], others: NDArray[np.floating]) -> Likeness:
    """What tells lines of one kind from others.

    Args:
        taught: mean hidden steps of the lines taught with, shape (lines, 512).
        others: of lines that must be read as ever, print above all.
    """
    x = np.concatenate([taught, others]).astype(np.float64)
    y = np.concatenate([np.ones(len(taught)), np.zeros(len(others))])
    share = np.where(y > 0, 0.5 / len(taught), 0.5 / len(others)) * len(y)
    centre, spread = x.mean(axis=0), x.std(axis=0) + 1e-6
    z = np.hstack([(x - centre) / spread, np.ones((len(x), 1))])
    held = np.full(z.shape[1], _PULL * len(y))
    held[-1] = 1e-6
    weights = np.zeros(z.shape[1])
    for _ in range(_ROUNDS):
        chance = 1 / (1 + np.exp(-np.clip(z @ weights, -30, 30)))
        slope = z.T @ (share * (y - chance)) - held * weights
        curve = (z * (share * chance * (1 - chance))[:, None]).T @ z + np.diag(held)
        step = np.linalg.solve(curve, slope)
        weights += step
        if float(np.abs(step).max()) < 1e-6:
            break
    scaled = weights[:-1] / spread
    return Likeness(scaled.astype(np.float32), float(weights[-1] - scaled @ centre))
