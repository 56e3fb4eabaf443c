"""Fits the reader of penned figures: ``python -m training.fit_pens FONT...``.

Two thirds of the figures are drawn from strokes (``strokes.yaml``): points shaken, slanted,
turned, thick and thin, with bits of a neighbour; one third comes from fonts as
:mod:`training.fit_digits` distorts them. The weights go to ``data/pens.npz``.
"""

import sys
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import yaml
from numpy.typing import NDArray

from ocr.fields.pen.digits import CLASSES, SIDE, normal_figure
from ocr.fields.pen.pen_figures import Layers, likely
from ocr.fields.zone_reader import Image
from training.fit_digits import WEIGHTS, drawn

SIZES = (SIDE * SIDE, 256, 128, len(CLASSES))
FIGURES = 40_000
EPOCHS = 14
BATCH = 256
FROM_FONTS = 0.33
TALL = 48.0
"""Pixels of a drawn figure."""

DROPPED = 0.2
SMOOTHED = 0.03
"""Of each label, spread over all: a network that is never quite certain."""

Way = list[list[tuple[float, float]]]
Array = NDArray[np.float32]


@lru_cache
def ways() -> dict[str, list[Way]]:
    """How each figure is written."""
    text = files("training").joinpath("strokes.yaml").read_text("utf-8")
    loaded: dict[str, list[Way]] = yaml.safe_load(text)
    return loaded


def smooth(points: NDArray[np.float64], steps: int = 10) -> NDArray[np.float64]:
    """A curve through ``points`` (Catmull and Rom), shape (n, 2)."""
    padded = np.vstack([points[:1], points, points[-1:]])
    t = np.linspace(0, 1, steps, endpoint=False)[:, None]
    parts = []
    for a, b, c, d in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        bend = (2 * a - 5 * b + 4 * c - d) * t * t + (3 * b - a - 3 * c + d) * t**3
        parts.append(0.5 * (2 * b + (c - a) * t + bend))
    return np.vstack([*parts, points[-1:]])


def penned(
    figure: str, rng: np.random.Generator, known: dict[str, list[Way]], *, alone: bool = False
) -> Image:
    """One figure as a hand may write it: grey, paper 255; some have a stroke of another beside
    them unless ``alone``."""
    canvas = np.zeros((96, 110), np.uint8)
    narrow = rng.uniform(0.35, 0.9) if figure == "1" else 1.0
    wide = rng.uniform(0.4, 0.95) * TALL * narrow
    slant, thick, shake = rng.uniform(-0.2, 0.5), rng.uniform(2.2, 8), rng.uniform(0.01, 0.075)
    angle = np.radians(rng.normal(0, 5))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    left = 55 - wide / 2 - slant * TALL / 2
    way = known[figure][int(rng.integers(len(known[figure])))]
    shift = rng.normal(0, 0.6 * shake, 2)
    for stroke in way:
        points = np.array(stroke) + rng.normal(0, shake, (len(stroke), 2)) + shift
        curve = (smooth(points) - 0.5) @ turn.T + 0.5
        x = left + curve[:, 0] * wide + (1 - curve[:, 1]) * slant * TALL
        y = 24 + curve[:, 1] * TALL
        path = np.round(np.stack([x, y], axis=1) * 8).astype(np.int32)
        cv2.polylines(canvas, [path], False, (255,), max(1, round(thick)), cv2.LINE_AA, 3)
    if rng.random() < 0.12 and not alone:
        side = left - rng.uniform(2, 6) if rng.random() < 0.5 else left + wide + rng.uniform(2, 9)
        top, foot = 24 + rng.uniform(0, 40), 24 + rng.uniform(0, 48)
        ends = ((int(side), int(top)), (int(side + rng.normal(0, 3)), int(foot)))
        cv2.line(canvas, *ends, (255,), 2, cv2.LINE_AA)
    if rng.random() < 0.4:
        canvas = np.asarray(cv2.GaussianBlur(canvas, (0, 0), rng.uniform(0.5, 1.6)), np.uint8)
    return np.asarray(255 - canvas, np.uint8)


def examples(fonts: list[Path], rng: np.random.Generator) -> tuple[Array, NDArray[np.int64]]:
    """Drawn figures as the network takes them, and which they are."""
    known = ways()
    labels = rng.integers(len(CLASSES), size=FIGURES)
    vectors = np.zeros((FIGURES, SIZES[0]), np.float32)
    for index, label in enumerate(labels):
        if fonts and rng.random() < FROM_FONTS:
            image = drawn(fonts[int(rng.integers(len(fonts)))], CLASSES[label], rng)
        else:
            image = penned(CLASSES[label], rng, known)
        vectors[index] = normal_figure(image)
    return vectors, labels


def fit(vectors: Array, labels: NDArray[np.int64], rng: np.random.Generator) -> Layers:
    """The layers after all epochs (Adam, dropout, pictures shifted by up to two pixels)."""
    weights = [rng.normal(0, np.sqrt(2 / a), (a, b)) for a, b in pairwise(SIZES)]
    start_values = [*weights, *(np.zeros(size) for size in SIZES[1:])]
    values: list[Array] = [value.astype(np.float32) for value in start_values]
    first, second = ([np.zeros_like(value) for value in values] for _ in range(2))
    step = 0
    for epoch in range(EPOCHS):
        rate = 0.6e-3 * (1 + np.cos(np.pi * epoch / EPOCHS)) + 1e-5
        order = rng.permutation(len(vectors))
        for start in range(0, len(order), BATCH):
            chosen = order[start : start + BATCH]
            step += 1
            for index, gradient in enumerate(
                _gradients(values, vectors[chosen], labels[chosen], rng)
            ):
                first[index] = 0.9 * first[index] + 0.1 * gradient
                second[index] = 0.999 * second[index] + 0.001 * gradient**2
                mean, spread = first[index] / (1 - 0.9**step), second[index] / (1 - 0.999**step)
                decay = 1e-4 * values[index] if index < 3 else 0.0
                values[index] -= rate * (mean / (np.sqrt(spread) + 1e-8) + decay)
    w1, w2, w3, b1, b2, b3 = values
    return Layers(w1, b1, w2, b2, w3, b3)


def _gradients(
    values: list[Array], vectors: Array, labels: NDArray[np.int64], rng: np.random.Generator
) -> list[Array]:
    w1, w2, w3, b1, b2, b3 = values
    shift = tuple(int(s) for s in rng.integers(-2, 3, 2))
    x = np.roll(vectors.reshape(-1, SIDE, SIDE), shift, (1, 2)).reshape(len(vectors), -1)
    kept = (rng.random((len(x), SIZES[1])) > DROPPED).astype(np.float32) / (1 - DROPPED)
    h1 = np.maximum(x @ w1 + b1, 0.0) * kept
    h2 = np.maximum(h1 @ w2 + b2, 0.0)
    scores = h2 @ w3 + b3
    scores -= scores.max(axis=1, keepdims=True)
    shares = np.exp(scores)
    error = shares / shares.sum(axis=1, keepdims=True)
    error[np.arange(len(x)), labels] -= 1 - SMOOTHED
    error = ((error - SMOOTHED / SIZES[3]) / len(x)).astype(np.float32)
    back2 = (error @ w3.T) * (h2 > 0)
    back1 = (back2 @ w2.T) * (h1 > 0) * kept
    found = [x.T @ back1, h1.T @ back2, h2.T @ error]
    return [*found, back1.sum(axis=0), back2.sum(axis=0), error.sum(axis=0)]


def main(fonts: list[Path]) -> None:
    """Fit, say what figures never seen got right, and write the weights."""
    rng = np.random.default_rng(5)
    net = fit(*examples(fonts, rng), rng)
    known = ways()
    truth = rng.integers(len(CLASSES), size=2000)
    drawn_again = np.stack([normal_figure(penned(CLASSES[k], rng, known)) for k in truth])
    right = float((likely(drawn_again, net).argmax(axis=1) == truth).mean())
    sys.stdout.write(f"drawn anew: {right:.3f} right\n")
    with (WEIGHTS / "pens.npz").open("wb") as file:
        np.savez_compressed(file, **{k: v.astype(np.float16) for k, v in net._asdict().items()})


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]])
