"""The network that is taught: what it makes of a line's hidden layer, and its slopes.

Each step's 512 numbers are brought to mean 0 and deviation 1; two convolutions over seven steps
(to 256 channels and back) add a correction to them; then comes the model's own classifier. At the
start the correction is nothing, so that an untaught network reads as the model does. Lines lie one
below the other in one array, parted by rows of nothing (:data:`GAP`), so that no step is computed
for padding.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

TAPS = 7
"""Steps that a convolution looks at: 28 pixels, a letter and its neighbours."""
CHANNELS = 256
GAP = TAPS // 2
"""Rows between two lines: as far as a convolution reaches."""
EPSILON = 1e-5
"""Added to a step's variance."""
_BEND = float(np.sqrt(2 / np.pi))
_CUBE = 0.044715


class Weights(NamedTuple):
    """The weights; convolutions as (taps, from, to)."""

    inward: Floats
    inward_bias: Floats
    outward: Floats
    outward_bias: Floats
    classes: Floats
    classes_bias: Floats


class Stack(NamedTuple):
    """Lines one below the other."""

    rows: Floats
    """Hidden layers, shape (rows, 512); 0 in gaps."""
    spans: tuple[tuple[int, int], ...]
    """The first row of each line and the row after its last."""
    inside: Floats
    """1 in lines, 0 in gaps, shape (rows, 1)."""


def untaught(classes: Floats, bias: Floats, rng: np.random.Generator) -> Weights:
    """A network that reads as the model does, whose classifier is given."""
    size = classes.shape[0]
    spread = np.sqrt(2.0 / (TAPS * size))
    return Weights(
        rng.normal(0.0, spread, (TAPS, size, CHANNELS)).astype(np.float32),
        np.zeros(CHANNELS, np.float32),
        np.zeros((TAPS, CHANNELS, size), np.float32),
        np.zeros(size, np.float32),
        classes.copy(),
        bias.copy(),
    )


def stacked(lines: Sequence[NDArray[np.floating]]) -> Stack:
    """Hidden layers of lines, each (steps, 512), one below the other."""
    spans, at = [], GAP
    for line in lines:
        spans.append((at, at + len(line)))
        at += len(line) + GAP
    rows = np.zeros((at, lines[0].shape[1]), np.float32)
    inside = np.zeros((at, 1), np.float32)
    for (start, end), line in zip(spans, lines, strict=True):
        rows[start:end] = line
        inside[start:end] = 1.0
    return Stack(rows, tuple(spans), inside)


class Dropping(NamedTuple):
    """What is left out of a step while learning: factors for both convolutions' inputs."""

    inward: Floats
    outward: Floats

    @classmethod
    def of(cls, stack: Stack, shares: tuple[float, float], rng: np.random.Generator) -> "Dropping":
        """A new draw; ``shares`` are left out, the rest is raised by as much."""
        sizes = (stack.rows.shape[1], CHANNELS)
        masks = [
            (rng.random((len(stack.rows), size), np.float32) >= share).astype(np.float32)
            / np.float32(1 - share)
            for size, share in zip(sizes, shares, strict=True)
        ]
        return cls(*masks)


class Pass(NamedTuple):
    """One way through the network, with what its slopes need."""

    logits: Floats
    """Shape (rows, characters); rows of gaps mean nothing."""
    entered: Floats
    sums: Floats
    bent: Floats
    corrected: Floats
    stack: Stack
    dropping: Dropping | None


def forward(weights: Weights, stack: Stack, dropping: Dropping | None = None) -> Pass:
    """The logits of every step of the lines in ``stack``."""
    centred = stack.rows - stack.rows.mean(axis=1, keepdims=True)
    deviation = np.sqrt((centred * centred).mean(axis=1, keepdims=True) + EPSILON)
    entered = centred / deviation * stack.inside
    if dropping is not None:
        entered = entered * dropping.inward
    sums = _convolved(entered, weights.inward) + weights.inward_bias
    bent = _gelu(sums) * stack.inside
    if dropping is not None:
        bent = bent * dropping.outward
    corrected = stack.rows + _convolved(bent, weights.outward) + weights.outward_bias
    logits = np.asarray(corrected @ weights.classes + weights.classes_bias, np.float32)
    return Pass(logits, entered, sums, bent, corrected, stack, dropping)


def slopes(weights: Weights, run: Pass, slope: Floats) -> Weights:
    """The slopes of a loss by the weights, from its slope by the logits (0 in gaps)."""
    upon = slope @ weights.classes.T
    outward = _by_kernel(run.bent, upon)
    upon_bent = _by_rows(weights.outward, upon)
    upon_bent *= run.stack.inside
    if run.dropping is not None:
        upon_bent *= run.dropping.outward
    upon_sums = upon_bent * _gelu_slope(run.sums)
    return Weights(
        _by_kernel(run.entered, upon_sums),
        upon_sums.sum(axis=0),
        outward,
        upon.sum(axis=0),
        run.corrected.T @ slope,
        slope.sum(axis=0),
    )


def _framed(rows: Floats) -> Floats:
    return np.pad(rows, ((GAP, GAP), (0, 0)))


def _convolved(rows: Floats, kernel: Floats) -> Floats:
    framed, count = _framed(rows), len(rows)
    out = framed[:count] @ kernel[0]
    for tap in range(1, TAPS):
        out += framed[tap : tap + count] @ kernel[tap]
    return np.asarray(out, np.float32)


def _by_kernel(rows: Floats, upon: Floats) -> Floats:
    """The slope by a kernel, from that by what it convolved of ``rows``."""
    framed, count = _framed(rows), len(rows)
    return np.stack([framed[tap : tap + count].T @ upon for tap in range(TAPS)])


def _by_rows(kernel: Floats, upon: Floats) -> Floats:
    """The slope by what was convolved."""
    framed, count = _framed(upon), len(upon)
    out = framed[TAPS - 1 : TAPS - 1 + count] @ kernel[0].T
    for tap in range(1, TAPS):
        at = TAPS - 1 - tap
        out += framed[at : at + count] @ kernel[tap].T
    return np.asarray(out, np.float32)


def _gelu(x: Floats) -> Floats:
    """By the hyperbolic tangent (Hendrycks and Gimpel, 2016), as the runtime's ``FastGelu``."""
    return np.asarray(0.5 * x * (1 + np.tanh(_BEND * (x + _CUBE * x * x * x))), np.float32)


def _gelu_slope(x: Floats) -> Floats:
    bend = np.tanh(_BEND * (x + _CUBE * x * x * x))
    rising = _BEND * (1 + 3 * _CUBE * x * x)
    return np.asarray(0.5 * (1 + bend) + 0.5 * x * (1 - bend * bend) * rising, np.float32)
