"""Taking dot leaders away from under what was written on them.

Only where the geometry says a dot leader lies, and only at the leader's own pitch: removing every
small dot would also take the dots of ạ, ọ, ụ.
"""

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.fields.binarisation import ink_of, shades
from ocr.fields.context import POINT
from ocr.fields.zone_reader import Image

ABOVE, BELOW = 14.5, 7.0
"""A written line reaches so many points over and under its leader."""

SEARCH = 4.0
"""The leader is looked for so many points around the place the geometry gives."""

LARGEST_DOT = 2.3
"""Points; dot leaders' dots are 1 to 1.5 points wide, specks and accents that join them more."""

FEWEST_DOTS = 6

OFF_BEAT = 0.2
"""A dot further from the beat than this part of the pitch is no leader's dot."""


ON_PLACE = 1.8
"""A leader's dot lies so close (pixels) to its place."""

HALO = 1.0
"""Pixels a dot blurs beyond what counts as its ink."""

UNDER = 16
"""A letter's own dot has the letter within so many pixels above it."""


class Pieces(NamedTuple):
    """The connected pieces of ink of a strip, as OpenCV gives them."""

    labels: NDArray[np.int32]
    stats: NDArray[np.int32]
    centres: NDArray[np.float64]


class Dot(NamedTuple):
    """A small piece of ink, pixels of the strip."""

    x: float
    y: float
    width: int
    area: int


class Row(NamedTuple):
    """A dotted row of a strip: ``y = level + slope * x``, dots ``pitch`` apart, pixels."""

    level: float
    slope: float
    pitch: float
    radius: float
    area: float
    dots: tuple[Dot, ...]

    def y(self, x: float) -> float:
        """Height of the row at ``x``."""
        return self.level + self.slope * x


def find_row(image: Image, expected: float) -> Row | None:
    """The dotted row of a strip at 300 dpi near height ``expected`` (pixels)."""
    ink = ink_of(image)
    count, _, stats, centres = cv2.connectedComponentsWithStats(ink, connectivity=8)
    largest = LARGEST_DOT * POINT
    dots = [
        Dot(float(centres[i][0]), float(centres[i][1]), int(stats[i][2]), int(stats[i][4]))
        for i in range(1, count)
        if stats[i][2] <= largest
        and stats[i][3] <= largest
        and stats[i][4] >= 4
        and abs(centres[i][1] - expected) <= SEARCH * POINT
    ]
    if len(dots) < FEWEST_DOTS:
        return None
    heights = np.array([d.y for d in dots])
    level = float(heights[int(np.argmax([(np.abs(heights - h) <= 2).sum() for h in heights]))])
    near = [d for d in dots if abs(d.y - level) <= 4]
    xs, ys = np.array([d.x for d in near]), np.array([d.y for d in near])
    long = len(near) >= 2 * FEWEST_DOTS and np.ptp(xs) > 60 * POINT
    slope = float(np.polyfit(xs, ys, 1)[0]) if long else 0.0
    level = float(np.median(ys - slope * xs))
    row = sorted(d for d in near if abs(d.y - level - slope * d.x) <= 2.5)
    steps = np.diff([d.x for d in row])
    steps = steps[(steps > 1.5 * POINT) & (steps < 6 * POINT)]
    if len(steps) < FEWEST_DOTS - 1:
        return None
    pitch = _pitch(np.array([d.x for d in row]), float(np.median(steps)))
    radius = float(np.median([d.width for d in row])) / 2
    area = float(np.median([d.area for d in row]))
    return Row(level, slope, pitch, radius, area, tuple(row))


def _pitch(xs: NDArray[np.float64], rough: float) -> float:
    """The pitch near ``rough`` at which neighbouring dots keep the beat best."""
    steps = np.diff(xs)
    counts = np.round(steps / rough)
    fitting = (counts >= 1) & (counts <= 3) & (np.abs(steps - counts * rough) < 0.15 * rough)
    return float(steps[fitting].sum() / counts[fitting].sum()) if fitting.any() else rough


def without_dot_leader(
    image: Image, row: Row, x0: int, x1: int, *, dots_below: bool = True
) -> Image:
    """The strip from column ``x0`` to ``x1`` without its leader.

    Free dots vanish; where letters cover a dot's place, the disc is filled from what surrounds it,
    so that strokes go on through it. Dots off the beat, or larger than the leader's, stay: they
    belong to letters, unless nothing that is written here has ``dots_below``, as figures.
    """
    part = image[:, x0:x1]
    ink = ink_of(part)
    _, labels, stats, centres = cv2.connectedComponentsWithStats(ink, connectivity=8)
    pieces = Pieces(np.asarray(labels), np.asarray(stats), np.asarray(centres))
    marked = Marked(np.zeros(part.shape, np.uint8), np.zeros(part.shape, np.uint8))
    for x in beats(ink, row, x0):
        _mark(marked, ink, pieces, row, (x, row.y(x + x0)), dots_below=dots_below)
    paper = int(shades(part, 0.8)[0])
    cleaned = part.copy()
    grown = cv2.dilate(marked.free, np.ones((5, 5), np.uint8)) > 0
    cleaned[grown & ((ink == 0) | (marked.free > 0))] = paper
    if not marked.crossed.any():
        return cleaned
    return np.asarray(cv2.inpaint(cleaned, marked.crossed, 3, cv2.INPAINT_TELEA), np.uint8)


class Marked(NamedTuple):
    """A leader's dots by what becomes of them, 1 where one lies: free ones become paper, those that
    letters cross are filled from around."""

    free: NDArray[np.uint8]
    crossed: NDArray[np.uint8]


class Run(NamedTuple):
    """Dots that keep one beat: the ``k``-th lies at ``phase + k * pitch``, pixels."""

    first: float
    last: float
    phase: float
    pitch: float


def beats(ink: NDArray[np.uint8], row: Row, x0: int) -> list[float]:
    """Where the leader's dots lie in a zone, seen or hidden, pixels from the zone's left.

    A dot leader may be typed in two or three runs that do not keep one beat: each run of dots seen
    has its own. Without enough free dots the beat is that of the ink on the row.
    """
    width = ink.shape[1]
    seen = [d.x - x0 for d in row.dots if 0 <= d.x - x0 < width]
    runs = _runs(seen, row.pitch)
    if not runs:
        return _grid(_phase(ink, row, x0), row.pitch, 0.0, width)
    places: list[float] = []
    for index, run in enumerate(runs):
        start = 0.0 if index == 0 else run.first - run.pitch / 2
        end = width if index == len(runs) - 1 else runs[index + 1].first - run.pitch / 2
        places += _grid(run.phase, run.pitch, start, end)
    return places


def _runs(seen: Sequence[float], pitch: float) -> list[Run]:
    """Runs of dots from left to right; strays are left out."""
    left = list(seen)
    runs: list[Run] = []
    while len(left) >= 3:
        angles = np.exp(2j * np.pi * np.array(left) / pitch)
        votes = [(np.abs(np.angle(angles / a)) < 2 * np.pi * OFF_BEAT).sum() for a in angles]
        best = angles[int(np.argmax(votes))]
        keeps = np.abs(np.angle(angles / best)) < 2 * np.pi * OFF_BEAT
        if keeps.sum() < 3:
            break
        runs.append(_fitted(np.array(left)[keeps], pitch))
        # a stray among them is a letter's dot; another run lies beyond them
        first, last = runs[-1].first, runs[-1].last
        left = [x for x in left if x < first - pitch or x > last + pitch]
        if len(left) < FEWEST_DOTS:
            break
    return sorted(runs)


def _fitted(xs: NDArray[np.float64], pitch: float) -> Run:
    """The beat through ``xs``, counted from neighbour to neighbour."""
    counts = np.concatenate([[0], np.cumsum(np.round(np.diff(xs) / pitch))])
    if counts[-1] < 3:
        return Run(float(xs[0]), float(xs[-1]), float(np.median(xs - counts * pitch)), pitch)
    fitted, phase = np.polyfit(counts, xs, 1)
    off = np.abs(xs - phase - fitted * counts)
    good = off <= max(1.5, 2 * float(np.median(off)))
    if good.sum() >= 3 and np.ptp(counts[good]) >= 3:
        fitted, phase = np.polyfit(counts[good], xs[good], 1)
    return Run(float(xs[0]), float(xs[-1]), float(phase), float(fitted))


def _phase(ink: NDArray[np.uint8], row: Row, x0: int) -> float:
    y = round(row.y(x0 + ink.shape[1] / 2) + row.radius / 2)
    band = ink[max(0, y) : y + max(2, round(row.radius))].astype(np.float64).sum(axis=0)
    beat = (band * np.exp(2j * np.pi * np.arange(band.size) / row.pitch)).sum()
    return float(np.angle(beat) / (2 * np.pi) * row.pitch)


def _grid(phase: float, pitch: float, start: float, end: float) -> list[float]:
    first = int(np.ceil((start - phase) / pitch))
    last = int(np.floor((end - phase) / pitch))
    return [phase + k * pitch for k in range(first, last + 1)]


def _mark(
    marked: Marked,
    ink: NDArray[np.uint8],
    pieces: Pieces,
    row: Row,
    place: tuple[float, float],
    *,
    dots_below: bool,
) -> None:
    """Marks one dot, unless what lies there is a letter's.

    A piece of a dot's size that is larger or lies off the place, with a letter close above it,
    is the letter's own dot (ạ), maybe grown together with the leader's: it stays.
    """
    x, y = place
    radius = row.radius + 1.0
    top, bottom = max(int(y - radius), 0), int(np.ceil(y + radius)) + 1
    left, right = max(int(x - radius), 0), int(np.ceil(x + radius)) + 1
    window = ink[top:bottom, left:right] > 0
    if not window.any():
        return
    wide = slice(max(left - 2, 0), right + 2)
    under_letter = ink[max(top - UNDER, 0) : max(top - 2, 0), wide].any()
    largest = LARGEST_DOT * POINT
    for index in set(pieces.labels[top:bottom, left:right][window].tolist()):
        px, py, w, h, area = pieces.stats[index].tolist()
        if w > largest or h > largest:
            continue
        cx, cy = pieces.centres[index].tolist()
        is_leader = abs(cx - x) <= ON_PLACE and abs(cy - y) <= ON_PLACE and area < 1.4 * row.area
        if is_leader or not (under_letter and dots_below):
            box = (slice(py, py + h), slice(px, px + w))
            marked.free[box][pieces.labels[box] == index] = 1
        window &= pieces.labels[top:bottom, left:right] != index
    if window.any():
        cv2.circle(marked.crossed, (round(x), round(y)), round(radius + HALO), 1, -1)
