"""Figures that look like others than they are meant to be."""

import numpy as np

from training.drawn_figures import Hands
from training.legible import legible


def drawn(kind: int, seed: int) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """An upright stroke (1) or a ring (0), a little moved."""
    rng = np.random.default_rng(seed)
    image = np.zeros((28, 28), np.float32)
    x, y = rng.integers(-1, 2, 2)
    image[5 + y : 23 + y, 13 + x : 16 + x] = 1
    if kind == 0:
        image[5 + y : 23 + y, 7 + x : 22 + x] = 1
        image[9 + y : 19 + y, 11 + x : 18 + x] = 0
    return image


def of(kinds: list[int], labels: list[int], seed: int) -> Hands:
    figures = np.stack([drawn(kind, seed + n) for n, kind in enumerate(kinds)])
    return Hands(figures, np.array(labels, np.int64))


def test_a_figure_that_its_nearest_call_otherwise_is_left_out() -> None:
    known = of([0, 1] * 30, [0, 1] * 30, 1)
    asked = of([0, 1, 0, 1], [0, 1, 1, 0], 100)
    kept = legible(asked, known)
    assert kept.labels.tolist() == [0, 1]
    assert np.array_equal(kept.figures, asked.figures[:2])
