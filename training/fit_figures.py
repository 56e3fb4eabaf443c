"""Fits both readers of figures: ``python -m training.fit_figures FOLDER FONT...`` (needs JAX).

``FOLDER`` has figures of real hands (:func:`training.drawn_figures.hands`; MNIST by Y. LeCun and
C. Cortes, CC BY-SA 3.0; UCI optical digits, CC BY 4.0); fonts whose name has ``pens`` in their
path are handwriting-like. Both readers are fitted on the same kinds of examples, each on its own
drawing of them: nearly half from hands, a third from strokes, the rest from fonts; some are two
figures that touch: cut apart more or less well, they are still the figure; whole, they are none.
The weights go to ``data/hands.npz`` and ``data/pens.npz``.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np

from ocr.fields.pen.digits import SIDE, normal_figure
from ocr.fields.pen.hand_figures import KERNEL, KINDS, HandNetwork, Weights
from ocr.fields.pen.pen_figures import DIRECTIONS, GRID, Layers, directions
from ocr.fields.pen.pen_figures import likely as likely_by_directions
from training.drawn_figures import WEIGHTS, Array, Labels, Maker, hands, other_hands

EXAMPLES = 160_000
BATCH = 256
EPOCHS = {"hands": 8, "pens": 24}
PLANES = (24, 48)
HIDDEN = {"hands": 128, "pens": 320}
DROPPED = 0.3
SMOOTHED = 0.03
"""Of each label, spread over all: a network that is never quite certain."""

TOGETHER = 2_000
"""Figures whose directions are looked for at once: of all, they would fill the memory."""

Net = dict[str, jax.Array]


def begun(name: str, rng: np.random.Generator) -> Net:
    """Weights to begin with."""
    area, hidden, kinds = KERNEL * KERNEL, HIDDEN[name], len(KINDS)
    if name == "hands":
        shapes = {"k1": (area, PLANES[0]), "k2": (area * PLANES[0], PLANES[1])}
        shapes |= {"w1": (16 * PLANES[1], hidden), "w2": (hidden, kinds)}
        offsets = {"c1": PLANES[0], "c2": PLANES[1], "b1": hidden, "b2": kinds}
    else:
        shapes = {"w1": (DIRECTIONS * GRID * GRID, hidden), "w2": (hidden, kinds)}
        offsets = {"b1": hidden, "b2": kinds}
    net = {k: rng.normal(0, np.sqrt(2 / size[0]), size) for k, size in shapes.items()}
    zeros = {k: np.zeros(n) for k, n in offsets.items()}
    return {k: jnp.asarray(v, jnp.float32) for k, v in (net | zeros).items()}


def by_hands(net: Net, x: jax.Array, kept: jax.Array) -> jax.Array:
    """Scores by convolutions, as :func:`ocr.fields.pen.hand_figures.likely` has them."""
    planes = x.reshape(-1, SIDE, SIDE, 1)
    for kernel, offset in (("k1", "c1"), ("k2", "c2")):
        depth = planes.shape[-1]
        window = net[kernel].reshape(KERNEL, KERNEL, depth, -1)
        planes = jax.lax.conv_general_dilated(
            planes, window, (1, 1), "VALID", dimension_numbers=("NHWC", "HWIO", "NHWC")
        )
        planes = jax.nn.relu(planes + net[offset])
        n, rows, columns, deep = planes.shape
        planes = planes.reshape(n, rows // 2, 2, columns // 2, 2, deep).max(axis=(2, 4))
    flat = planes.reshape(len(x), -1) * kept[:, : planes[0].size]
    return jax.nn.relu(flat @ net["w1"] + net["b1"]) @ net["w2"] + net["b2"]


def by_directions(net: Net, x: jax.Array, kept: jax.Array) -> jax.Array:
    """Scores by directions, as :func:`ocr.fields.pen.pen_figures.likely` has them."""
    hidden = jax.nn.relu(x @ net["w1"] + net["b1"]) * kept[:, : net["b1"].size]
    return hidden @ net["w2"] + net["b2"]


def fit(
    name: str,
    score: Callable[[Net, jax.Array, jax.Array], jax.Array],
    vectors: Array,
    labels: Labels,
    rng: np.random.Generator,
) -> Net:
    """The weights after all epochs (Adam, one cycle, pictures shifted by up to a pixel)."""

    def loss(net: Net, x: jax.Array, y: jax.Array, kept: jax.Array) -> jax.Array:
        logs = jax.nn.log_softmax(score(net, x, kept))
        target = jax.nn.one_hot(y, len(KINDS)) * (1 - SMOOTHED) + SMOOTHED / len(KINDS)
        return -(target * logs).sum(axis=1).mean()

    def step(
        net: Net, first: Net, second: Net, at: jax.Array, rate: jax.Array, *batch: jax.Array
    ) -> tuple[Net, Net, Net]:
        slope = jax.grad(loss)(net, *batch)
        first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, slope)
        second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, second, slope)

        def moved(w: jax.Array, m: jax.Array, v: jax.Array) -> jax.Array:
            mean, spread = m / (1 - 0.9**at), v / (1 - 0.999**at)
            decay = 1e-4 * w if w.ndim > 1 else 0.0
            return w - rate * (mean / (jnp.sqrt(spread) + 1e-8) + decay)

        return jax.tree.map(moved, net, first, second), first, second

    moved_on = jax.jit(step)
    net = begun(name, rng)
    first = second = jax.tree.map(jnp.zeros_like, net)
    size = 16 * PLANES[1] if name == "hands" else HIDDEN[name]
    at, steps = 0, EPOCHS[name] * (len(vectors) // BATCH)
    for epoch in range(EPOCHS[name]):
        order = rng.permutation(len(vectors))
        for start in range(0, len(order) - BATCH + 1, BATCH):
            chosen = order[start : start + BATCH]
            x = vectors[chosen]
            if name == "hands":
                shift = tuple(int(s) for s in rng.integers(-1, 2, 2))
                x = np.roll(x.reshape(-1, SIDE, SIDE), shift, (1, 2)).reshape(len(chosen), -1)
            at += 1
            rate = 1.5e-3 * 0.5 * (1 + np.cos(np.pi * at / steps)) + 1e-5
            kept = (rng.random((BATCH, size)) > DROPPED).astype(np.float32) / (1 - DROPPED)
            batch = (jnp.asarray(x), jnp.asarray(labels[chosen]), jnp.asarray(kept))
            net, first, second = moved_on(
                net, first, second, jnp.float32(at), jnp.float32(rate), *batch
            )
        sys.stdout.write(f"{name}: {epoch + 1} of {EPOCHS[name]}\n")
        sys.stdout.flush()
    return net


def seen_by_directions(vectors: Array) -> Array:
    """:func:`directions` of many figures, some at a time."""
    parts = np.array_split(vectors, -(-len(vectors) // TOGETHER))
    return np.concatenate([directions(part) for part in parts])


def main(folder: Path, fonts: list[Path], only: str | None, examples: int, out: Path) -> None:
    """Fit, say what hands never seen got right, and write the weights."""
    known, (figures, labels) = hands(folder), other_hands(folder)
    clean = np.stack([normal_figure(np.asarray(255 - f * 255, np.uint8)) for f in figures])
    for seed, name in enumerate(("hands", "pens")):
        if only not in (None, name):
            continue
        rng = np.random.default_rng((14, seed))
        maker = Maker(known, fonts, rng)
        made = [maker.example() for _ in range(examples)]
        vectors, told = np.stack([v for v, _ in made]), np.array([label for _, label in made])
        if name == "hands":
            net = fit(name, by_hands, vectors, told, rng)
            weights = Weights(**{k: np.asarray(v) for k, v in net.items()})
            found, small = HandNetwork(weights).likely(clean), weights._asdict()
        else:
            net = fit(name, by_directions, seen_by_directions(vectors), told, rng)
            layers = Layers(**{k: np.asarray(v) for k, v in net.items()})
            found, small = likely_by_directions(seen_by_directions(clean), layers), layers._asdict()
        right = float((found[:, :10].argmax(axis=1) == labels).mean())
        sys.stdout.write(f"{name}: of hands never seen {right:.4f} right\n")
        with (out / f"{name}.npz").open("wb") as file:
            np.savez_compressed(file, **{k: v.astype(np.float16) for k, v in small.items()})


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("fonts", type=Path, nargs="+")
    parser.add_argument("--only", choices=("hands", "pens"))
    parser.add_argument("--examples", type=int, default=EXAMPLES)
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    asked = parser.parse_args()
    main(asked.folder, asked.fonts, asked.only, asked.examples, asked.out)
