"""What else is in the picture of a written line: paper, rules, leaders, neighbours, the scanner."""

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from training.lines.hands import Ink

Grey = NDArray[np.uint8]


def bent(ink: Ink, rng: Generator) -> Ink:
    """Ink moved smoothly here and there, as no two words are written alike."""
    height, width = ink.shape
    step = int(rng.integers(14, 60))
    far = rng.uniform(0.0, 0.085) * step
    grid = (2, height // step + 3, width // step + 3)
    moved = rng.normal(0, far, grid).astype(np.float32)
    dx, dy = (cv2.resize(part, (width, height), interpolation=cv2.INTER_CUBIC) for part in moved)
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    return np.asarray(cv2.remap(ink, x + dx, y + dy, cv2.INTER_LINEAR), np.uint8)


def worn(ink: Ink, rng: Generator) -> Ink:
    """Thinner or thicker, faint in places, broken."""
    way = rng.random()
    if way < 0.25:
        ink = np.asarray(cv2.dilate(ink, np.ones((2, 2), np.uint8)), np.uint8)
    elif way < 0.4:
        ink = np.asarray(cv2.erode(ink, np.ones((2, 2), np.uint8)), np.uint8)
    if rng.random() < 0.3:
        height, width = ink.shape
        coarse = rng.random((height // 5 + 2, width // 5 + 2)).astype(np.float32)
        field = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
        least = rng.uniform(-0.1, 0.18)
        ink = np.asarray(ink * np.clip((field - least) * 6, rng.uniform(0, 0.8), 1.0), np.uint8)
    return ink


def _ruled(page: NDArray[np.float32], base: int, height: float, rng: Generator) -> None:
    """A rule below the line or through it, perhaps one above."""
    level = float(rng.uniform(40, 170))
    thick = int(rng.integers(1, 4))
    tilt = rng.normal(0, 0.004) * page.shape[1]
    places = [base + rng.normal(0.1, 0.25) * height]
    if rng.random() < 0.4:
        places.append(base - rng.uniform(2.0, 3.0) * height)
    layer = np.zeros(page.shape, np.uint8)
    for y in places:
        ends = ((0, int(y)), (page.shape[1], int(y + tilt)))
        cv2.line(layer, ends[0], ends[1], (255,), thick, cv2.LINE_AA)
    np.minimum(page, 255 - (255 - level) * (layer / 255.0), out=page)


def _dotted(page: NDArray[np.float32], base: int, height: float, rng: Generator) -> None:
    """What is left of a dot leader, in pieces."""
    pitch = rng.uniform(0.25, 0.6) * height
    radius = max(1, round(rng.uniform(0.04, 0.1) * height))
    y = base + rng.normal(0.1, 0.1) * height
    kept = rng.uniform(0.1, 1.0)
    for x in np.arange(rng.uniform(0, pitch), page.shape[1], pitch):
        if rng.random() < kept:
            cv2.circle(page, (int(x), int(y)), radius, (60.0,), -1, cv2.LINE_AA)


def _celled(page: NDArray[np.float32], rng: Generator) -> None:
    """The rules of a table's cell, at the picture's edge."""
    level = float(rng.uniform(30, 120))
    right, foot = page.shape[1] - 2, page.shape[0] - 2
    edges = (
        ((1, 0), (1, foot)), ((right, 0), (right, foot)),
        ((0, 1), (right, 1)), ((0, foot), (right, foot)),
    )  # fmt: skip
    for start, end in edges:
        if rng.random() < 0.5:
            cv2.line(page, start, end, (level,), int(rng.integers(1, 3)))


def _neighboured(page: NDArray[np.float32], other: Ink, height: float, rng: Generator) -> None:
    """The feet of the line above, or the heads of the one below."""
    strip = max(2, int(rng.uniform(0.15, 0.45) * height))
    cut = other[-int(1.6 * height) :][:strip] if rng.random() < 0.5 else other[-strip * 3 :][:strip]
    if not cut.size:
        return
    wide = min(page.shape[1], cut.shape[1])
    rows = slice(0, cut.shape[0]) if rng.random() < 0.5 else slice(-cut.shape[0], None)
    part = page[rows, :wide]
    np.minimum(part, 255.0 - cut[: part.shape[0], :wide], out=part)


def on_paper(ink: Ink, height: float, other: Ink, rng: Generator) -> Grey:
    """A grey picture of written ink; ``other`` is a neighbour's, ``height`` a small x in pixels."""
    rows = np.flatnonzero(ink.max(axis=1) > 60)
    cols = np.flatnonzero(ink.max(axis=0) > 60)
    if not len(rows):
        return np.full((32, 64), 255, np.uint8)
    pad = [int(rng.uniform(0.1, 0.6) * height) for _ in range(4)]
    ink = ink[
        max(0, rows[0] - pad[0]) : rows[-1] + pad[1], max(0, cols[0] - pad[2]) : cols[-1] + pad[3]
    ]
    page = 255.0 - ink.astype(np.float32) * float(rng.uniform(0.6, 1.0))
    base = int(ink.shape[0] - pad[1] - rng.uniform(0.0, 0.8) * height)
    way = rng.random()
    if way < 0.3:
        _ruled(page, base, height, rng)
    elif way < 0.42:
        _dotted(page, base, height, rng)
    elif way < 0.5:
        _celled(page, rng)
    if rng.random() < 0.15:
        _neighboured(page, other, height, rng)
    return _scanned(page, rng)


def _scanned(page: NDArray[np.float32], rng: Generator) -> Grey:
    """As a scanner or a telephone gives it: shade, blur, grain, another resolution, JPEG."""
    bright = rng.uniform(0.62, 1.0) if rng.random() < 0.5 else 1.0
    ends = rng.uniform(-0.12, 0.12, 2) * (bright < 1.0)
    shade = bright * (1 + np.linspace(ends[0], ends[1], page.shape[1], dtype=np.float32))
    page = page * np.minimum(shade, 1.0)
    if rng.random() < 0.6:
        page = np.asarray(cv2.GaussianBlur(page, (0, 0), rng.uniform(0.4, 1.6)), np.float32)
    grained = page + rng.normal(0, rng.uniform(0.5, 9.0), page.shape)
    grey = np.clip(grained, 0, 255).astype(np.uint8)
    scale = rng.uniform(0.55, 1.1)
    size = (max(16, int(grey.shape[1] * scale)), max(12, int(grey.shape[0] * scale)))
    grey = np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)
    if rng.random() < 0.5:
        quality = int(rng.integers(40, 92))
        _, coded = cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, quality])
        grey = np.asarray(cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE), np.uint8)
    if rng.random() < 0.15:  # cleaned paper, as of forms whose print was taken away
        level = np.percentile(grey, 60)
        grey = np.where(grey > level - 25, 255, grey).astype(np.uint8)
    return grey
