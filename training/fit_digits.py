"""Fits the figure reader on drawn figures: ``python -m training.fit_digits FONT...``.

Print and handwriting-like fonts, turned, slanted, thickened, thinned, blurred, cut at the foot as
by a dot leader. The weights go to ``data/digits.npz`` with the share that held-out fonts got right.
"""

import sys
from importlib.resources import files
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Picture
from PIL import ImageDraw, ImageFont

from ocr.fields.pen.digits import CLASSES, SIDE, Network, normal_figure, probabilities
from ocr.fields.zone_reader import Image

WEIGHTS = Path(str(files("ocr.fields"))) / "data"
"""Where what was fitted is kept."""

HIDDEN = 96
EPOCHS = 20
BATCH = 256
PER_FONT = 90
"""Drawings of each figure and font."""

CROSSED = 0.4
"""The share of sevens drawn with a bar."""

HELD_OUT = 5
"""Every fifth font is kept from fitting and only measured."""


def drawn(font: Path, figure: str, rng: np.random.Generator) -> Image:
    """One figure from a font, distorted at random."""
    face = ImageFont.truetype(str(font), 72)
    canvas = Picture.new("L", (120, 120), 255)
    ImageDraw.Draw(canvas).text((60, 88), figure, fill=0, font=face, anchor="ms")
    ink = 255 - np.asarray(canvas)
    if figure == "7" and rng.random() < CROSSED:
        ink = crossed(ink, rng)
    kernel = np.ones((int(rng.integers(1, 5)),) * 2, np.uint8)
    ink = cv2.dilate(ink, kernel) if rng.random() < 0.5 else ink
    if rng.random() < 0.2:
        ink = cv2.erode(ink, np.ones((2, 2), np.uint8))
    turn, slant = np.radians(rng.uniform(-8, 8)), rng.uniform(-0.2, 0.2)
    wide, tall = rng.uniform(0.8, 1.2), rng.uniform(0.85, 1.15)
    c, s = np.cos(turn), np.sin(turn)
    linear = np.array([[c, -s], [s, c]]) @ np.array([[wide, slant], [0, tall]])
    centre = np.array([60.0, 64.0])
    matrix = np.hstack([linear, (centre - linear @ centre).reshape(2, 1)])
    ink = cv2.warpAffine(ink, matrix, (120, 120))
    scale = rng.uniform(0.28, 0.75)
    ink = cv2.resize(ink, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    rows = np.flatnonzero(ink.max(axis=1) > 100)
    if rows.size and rng.random() < 0.2:
        ink[rows[-1] - int(rng.integers(0, 3)) :] = 0
    ink = cv2.GaussianBlur(ink, (0, 0), rng.uniform(0.3, 1.1))
    dark = rng.uniform(0.5, 1.0)
    grey = 240 - dark * 240 * ink.astype(np.float32) / max(float(ink.max()), 1.0)
    grey += rng.normal(0, rng.uniform(1, 9), grey.shape)
    return np.asarray(np.clip(grey, 0, 255), np.uint8)


def crossed(ink: Image, rng: np.random.Generator) -> Image:
    """A 7 with the bar through its stem that people write and few fonts have."""
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    y = int(rows[0] + rng.uniform(0.42, 0.6) * np.ptp(rows))
    stem = np.flatnonzero(ink[y] > 100)
    middle = int(stem.mean()) if stem.size else int(columns.mean())
    half = int(rng.uniform(0.25, 0.45) * np.ptp(columns))
    ink = ink.copy()
    tilt = int(rng.integers(-3, 4))
    thick = int(rng.integers(3, 8))
    cv2.line(ink, (middle - half, y + tilt), (middle + half, y - tilt), 255, thick)
    return ink


def figures(
    fonts: list[Path], each: int, rng: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Vectors and classes of ``each`` drawings of every figure in every font."""
    vectors, classes = [], []
    for font in fonts:
        for index, figure in enumerate(CLASSES):
            for _ in range(each):
                vectors.append(normal_figure(drawn(font, figure, rng)))
                classes.append(index)
    return np.stack(vectors), np.array(classes)


def fit(
    vectors: NDArray[np.float32], classes: NDArray[np.int64], rng: np.random.Generator
) -> Network:
    """Adam on the cross entropy with smoothed targets."""
    size, kinds = SIDE * SIDE, len(CLASSES)
    start = [
        rng.normal(0, np.sqrt(2 / size), (size, HIDDEN)),
        np.zeros(HIDDEN),
        rng.normal(0, np.sqrt(2 / HIDDEN), (HIDDEN, kinds)),
        np.zeros(kinds),
    ]
    weights: list[NDArray[np.float32]] = [w.astype(np.float32) for w in start]
    first = [np.zeros_like(w) for w in weights]
    second = [np.zeros_like(w) for w in weights]
    targets = np.full((len(classes), kinds), 0.02 / kinds, np.float32)
    targets[np.arange(len(classes)), classes] += 0.98
    step = 0
    for epoch in range(EPOCHS):
        rate = 0.002 * 0.5 * (1 + np.cos(np.pi * epoch / EPOCHS))
        order = rng.permutation(len(classes))
        for begin in range(0, len(order), BATCH):
            step += 1
            chosen = order[begin : begin + BATCH]
            x = vectors[chosen] + rng.normal(0, 0.05, (len(chosen), size)).astype(np.float32)
            hidden = np.maximum(x @ weights[0] + weights[1], 0)
            keep = (rng.random(hidden.shape) > 0.2) / 0.8
            hidden = (hidden * keep).astype(np.float32)
            scores = hidden @ weights[2] + weights[3]
            likely = np.exp(scores - scores.max(axis=1, keepdims=True))
            likely /= likely.sum(axis=1, keepdims=True)
            error = (likely - targets[chosen]) / len(chosen)
            back = (error @ weights[2].T) * (hidden > 0) * keep
            slopes = [x.T @ back, back.sum(axis=0), hidden.T @ error, error.sum(axis=0)]
            for k, slope in enumerate(slopes):
                first[k] = 0.9 * first[k] + 0.1 * slope
                second[k] = 0.999 * second[k] + 0.001 * slope**2
                m = first[k] / (1 - 0.9**step)
                v = second[k] / (1 - 0.999**step)
                weights[k] -= (rate * m / (np.sqrt(v) + 1e-8)).astype(np.float32)
    return Network(*weights)


def main(fonts: list[Path], out: Path) -> float:
    """Fits, measures on the held-out fonts, writes; returns the share that was right."""
    rng = np.random.default_rng(20_251_103)
    kept = [font for i, font in enumerate(fonts) if i % HELD_OUT]
    out_fonts = [font for i, font in enumerate(fonts) if i % HELD_OUT == 0]
    net = fit(*figures(kept, PER_FONT, rng), rng)
    vectors, classes = figures(out_fonts, 30, rng)
    right = float((probabilities(vectors, net).argmax(axis=1) == classes).mean())
    out.parent.mkdir(exist_ok=True)
    small = {name: value.astype(np.float16) for name, value in net._asdict().items()}
    np.savez_compressed(out, held_out_right=np.float32(right), **small)
    return right


if __name__ == "__main__":
    print(main(sorted(map(Path, sys.argv[1:])), WEIGHTS / "digits.npz"))
