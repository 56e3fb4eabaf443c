"""Fits what tells print from pens: ``python -m training.fit_ink FOLDER FONT...`` (needs JAX).

``FOLDER`` has the figures of real hands (:func:`training.drawn_figures.hands`); fonts in a folder
``pens`` are handwriting-like, all others print. Words and numbers are set in them, bent where a pen
wrote them, scanned, and cut into pieces as a zone is. The weights go to ``data/ink.npz``.
"""

import argparse
import sys
import unicodedata
from pathlib import Path

import cv2
import jax
import jax.numpy as jnp
import numpy as np
from PIL import Image as Picture
from PIL import ImageDraw, ImageFont

from ocr.fields.pen.ink import InkWeights, features, odds, pieces_of
from ocr.fields.zone_reader import Image
from schemas.validators import provinces
from training.drawn_figures import (
    WEIGHTS,
    Array,
    Hands,
    bent,
    hands,
    penned,
    rewritten,
    scanned,
    ways,
)
from training.fit_figures import Net

ZONES = 2_400
HIDDEN = 48
STEPS = 3_000
BATCH = 512
HELD_OUT = 6
"""Every sixth font is kept from fitting and only measured."""


def zone_in(font: Path, rng: np.random.Generator, *, pen: bool) -> Image:
    """A name or a number in a font, scanned."""
    name = unicodedata.normalize("NFD", str(rng.choice(sorted(provinces().values()))))
    text = "".join(c for c in name if c.isascii())  # few typefaces have every mark
    if rng.random() < 0.4:
        text = "".join(str(k) for k in rng.integers(0, 10, int(rng.integers(2, 12))))
    size = int(rng.integers(36, 62))
    face = ImageFont.truetype(str(font), size)
    wide = int(face.getlength(text)) + 60
    canvas = Picture.new("L", (wide, 2 * size + 20), 0)
    ImageDraw.Draw(canvas).text((30, int(1.4 * size)), text, fill=255, font=face, anchor="ls")
    ink = np.asarray(canvas, np.float32)
    if pen:
        ink = bent(ink, rng)
    thick = rng.random()
    if thick < 0.25:
        ink = np.asarray(cv2.dilate(ink, np.ones((2, 2))), np.float32)
    elif thick < 0.4:
        ink = np.asarray(cv2.erode(ink, np.ones((2, 2))), np.float32)
    soft = cv2.GaussianBlur(ink, (0, 0), rng.uniform(0.4, 1.3))
    grey = 245 - rng.uniform(0.6, 1) * 235 * soft / max(float(soft.max()), 1.0)
    if rng.random() < 0.25:
        grey = np.where(grey < 150, 10.0, 250.0)
    grey += rng.normal(0, rng.uniform(1, 6), grey.shape)
    return np.asarray(np.clip(grey, 0, 255), np.uint8)


def figure_of_hands(known: Hands, rng: np.random.Generator) -> Image:
    """A figure by a hand or drawn from strokes, scanned."""
    if rng.random() < 0.6:
        k = int(rng.integers(len(known.labels)))
        return scanned(rewritten(known.figures[k], int(known.labels[k]), rng), rng)
    return scanned(255 - penned(str(rng.integers(10)), rng, ways()).astype(np.float32), rng)


def examples(
    known: Hands, fonts: list[Path], count: int, rng: np.random.Generator
) -> tuple[Array, Array, list[tuple[Array, bool]]]:
    """Pieces as the network sees them, whether each was printed, and the same zone by zone."""
    groups = [[f for f in fonts if ("pens" in f.parts) == pen] for pen in (False, True)]
    zones: list[tuple[Array, bool]] = []
    while len(zones) < count:
        pen = bool(rng.random() < 0.55)
        if pen and rng.random() < 0.5:
            pieces = [p for _ in range(6) for p in pieces_of(figure_of_hands(known, rng))[:1]]
        else:
            group = groups[pen]
            pieces = pieces_of(zone_in(group[int(rng.integers(len(group)))], rng, pen=pen))
        if pieces:
            zones.append((features(pieces), not pen))
    printed = np.concatenate([np.full(len(seen), told) for seen, told in zones])
    return np.concatenate([seen for seen, _ in zones]), printed.astype(np.float32), zones


def fit(seen: Array, printed: Array, rng: np.random.Generator) -> InkWeights:
    """Adam on the cross entropy."""
    net: Net = {
        "w1": jnp.asarray(rng.normal(0, 0.1, (seen.shape[1], HIDDEN)), jnp.float32),
        "b1": jnp.zeros(HIDDEN),
        "w2": jnp.asarray(rng.normal(0, 0.1, (HIDDEN, 1)), jnp.float32),
        "b2": jnp.zeros(1),
    }

    def loss(net: Net, x: jax.Array, y: jax.Array) -> jax.Array:
        score = (jax.nn.relu(x @ net["w1"] + net["b1"]) @ net["w2"] + net["b2"])[:, 0]
        cross = jax.nn.softplus(score) - y * score
        return cross.mean() + 2e-4 * sum((net[k] ** 2).sum() for k in ("w1", "w2"))

    def step(
        net: Net, first: Net, second: Net, at: jax.Array, x: jax.Array, y: jax.Array
    ) -> tuple[Net, Net, Net]:
        slope = jax.grad(loss)(net, x, y)
        first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, slope)
        second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, second, slope)
        rate = 2e-3 * (1 - at / (STEPS + 1))
        net = jax.tree.map(
            lambda w, m, v: w - rate * (m / (1 - 0.9**at)) / (jnp.sqrt(v / (1 - 0.999**at)) + 1e-8),
            net,
            first,
            second,
        )
        return net, first, second

    moved_on = jax.jit(step)
    first = second = jax.tree.map(jnp.zeros_like, net)
    for at in range(1, STEPS + 1):
        chosen = rng.integers(0, len(seen), BATCH)
        batch = (jnp.asarray(seen[chosen]), jnp.asarray(printed[chosen]))
        net, first, second = moved_on(net, first, second, jnp.float32(at), *batch)
    return InkWeights(**{k: np.asarray(v) for k, v in net.items()})


def main(folder: Path, fonts: list[Path], out: Path) -> None:
    """Fit, say how zones in fonts never seen are told, and write the weights."""
    rng = np.random.default_rng(21)
    known = hands(folder)
    kept = [font for index, font in enumerate(fonts) if index % HELD_OUT]
    net = fit(*examples(known, kept, ZONES, rng)[:2], rng)
    others = [font for index, font in enumerate(fonts) if index % HELD_OUT == 0]
    _, _, zones = examples(known, others, 400, rng)
    told = [(printed, float(np.clip(odds(seen, net), -4, 4).mean()) > 0) for seen, printed in zones]
    for printed in (True, False):
        right = [said == one for one, said in told if one is printed]
        sys.stdout.write(f"printed {printed}: {np.mean(right):.3f} of {len(right)} told\n")
    with (out / "ink.npz").open("wb") as file:
        np.savez_compressed(file, **{k: v.astype(np.float16) for k, v in net._asdict().items()})


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("fonts", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    asked = parser.parse_args()
    main(asked.folder, asked.fonts, asked.out)
