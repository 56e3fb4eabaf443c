"""The sheet's outline in a photograph: four sides, each a straight step between paper and desk.

Segments of edges are joined into lines, and the four lines are taken along which most of the way
there is a step. So the desk may be of any colour, a finger may cover a part of an edge, another
sheet may lie beneath, and up to two sides may lie outside of the picture.
"""

from itertools import combinations
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

Colour = NDArray[np.uint8]
Smooth = NDArray[np.float32]
Floats = NDArray[np.float64]

LOOK_PIXELS = 900
"""Longer side of the copy on which the sheet is looked for."""
CLOSING = 11
"""Pixels of that copy: letters and rules are narrower, and are paper here."""
AROUND = 48.0
"""Standard deviation, in pixels, of the window over which the light around a place is taken."""
DARKEST = 0.22
"""In parts of the brightest paper: on a darker desk, smaller differences are its own."""
GAIN = 8.0
"""By which small differences of light are stretched, where segments are looked for."""
SHORTEST = 22.0
"""Pixels; shorter pieces of an edge are texture."""
MOST_SEGMENTS = 240
SAME_ANGLE, SAME_PLACE = 2.0, 4.0
"""Degrees and pixels by which segments of one line may differ."""
BOW_ANGLE, BOW_GAP = 7.0, 26.0
"""The same of the pieces of a bowed side: from one to the next, and pixels between them."""
MOST_LINES = 11
"""Lines of each direction that are tried."""
STRIDE = 4.0
"""Pixels between two places of a line that are looked at."""
BESIDE = (2.5, 5.5)
"""Pixels from a line to either side, where it is compared what lies there."""
STEP = 0.045
"""Difference of the two sides, in parts of their brightness, that is an edge."""
FRAME_WORTH = 0.45
"""What a side that lies on the picture's own edge counts for, where a seen one counts 1."""
LEAST_SUPPORT = 0.62
"""Of the outline that must be seen, sides on the picture's edge by their worth."""
LEAST_SIDE = 0.45
"""The same of each side that is not the picture's edge."""
LEAST_AREA = 0.12
LARGER = 0.35
"""How much the part of the picture that a sheet fills speaks for it."""
BEYOND = 0.06
"""So far outside of the picture, in parts of it, a corner may lie."""
CORNER = (52.0, 128.0)
"""Degrees at a corner."""
OPPOSITE = 2.2
"""Most one side may be longer than the one opposite."""


class Outline(NamedTuple):
    """Where a sheet lies in a picture.

    ``corners``, shape (4, 2): upper left, upper right, lower right, lower left, in parts of the
    picture's width and height. ``seen``: whether the upper, right, lower and left side was seen;
    one that was not is the picture's own edge.
    """

    corners: Floats
    seen: tuple[bool, bool, bool, bool]
    support: float

    @property
    def whole(self) -> bool:
        """Whether the whole sheet is in the picture."""
        return all(self.seen)


class _Line(NamedTuple):
    """A line, and where along it there is a step: ``steps`` every :data:`STRIDE` from ``start``."""

    point: Floats
    along: Floats
    start: float
    steps: NDArray[np.float32]
    frame: bool

    def supported(self, one: Floats, other: Floats) -> tuple[float, float]:
        """The part of the way between two points on it where there is a step, and its length."""
        t0, t1 = sorted(float((p - self.point) @ self.along) for p in (one, other))
        first = max(0, round((t0 - self.start) / STRIDE))
        last = max(first + 1, round((t1 - self.start) / STRIDE))
        return float(self.steps[first:last].sum()) / (last - first), t1 - t0


def outline(small: Colour) -> Outline | None:
    """The sheet in a picture (uint8, shape (height, width, 3), longer side some 900 pixels).

    None where no outline is seen. About 60 ms.
    """
    smooth = _without_ink(small)
    lines = _lines(smooth)
    best: tuple[float, Outline] | None = None
    height, width = small.shape[:2]
    level, upright = _frame(width, height)
    across = [*_strongest(lines, upright=False), *level]
    down = [*_strongest(lines, upright=True), *upright]
    for top, foot in combinations(across, 2):
        for left, right in combinations(down, 2):
            found = _outline_of((top, foot, left, right), (width, height))
            if found is not None and (best is None or found[0] > best[0]):
                best = found
    if best is None or not any(best[1].seen):
        return None
    return best[1]


def _without_ink(small: Colour) -> Smooth:
    """Letters and rules made paper, grain smoothed; 1 is the brightest paper."""
    kernel = np.ones((CLOSING, CLOSING), np.uint8)
    quiet = cv2.medianBlur(cv2.GaussianBlur(small.astype(np.float32), (0, 0), 0.8), 5)
    closed = cv2.GaussianBlur(cv2.morphologyEx(quiet, cv2.MORPH_CLOSE, kernel), (0, 0), 1.0)
    paper = max(float(np.quantile(closed[::8, ::8], 0.95)), 1.0)
    return np.asarray(closed / paper, np.float32)


def _light_around(smooth: Smooth) -> NDArray[np.float32]:
    """The light around each place, shape (height, width); soft, or its own edges would be found."""
    grey = np.asarray(cv2.cvtColor(smooth, cv2.COLOR_BGR2GRAY), np.float32)
    small = cv2.resize(grey, None, fx=0.125, fy=0.125, interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(small, (0, 0), AROUND / 8)
    wide = cv2.resize(soft, (grey.shape[1], grey.shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(np.maximum(wide, DARKEST), np.float32)


def _lines(smooth: Smooth) -> list[_Line]:
    """Lines of the picture made of the segments that lie on them, straight or a little bowed."""
    segments = _segments(smooth)
    left = list(range(len(segments)))
    lines: list[_Line] = []
    while left and len(lines) < 8 * MOST_LINES:
        first = segments[left[0]]
        same = [i for i in left if _on_one_line(first, segments[i])]
        lines.append(_straight(smooth, segments[same]))
        left = [i for i in left if i not in same]
    lines += [_bowed(smooth, chain) for chain in _chains(segments)]
    return lines


def _segments(smooth: Smooth) -> Floats:
    """Straight pieces of edges (x0, y0, x1, y1), longest first: of brightness, and of tints."""
    finder = cv2.createLineSegmentDetector(cv2.LSD_REFINE_STD)
    blue, green, red = cv2.split(smooth / _light_around(smooth)[:, :, None])
    found = []
    for shades in ((blue + green + red) / 3 - 1, red - green, blue - green):
        levels = (128 + 127 * np.tanh(GAIN * shades)).astype(np.uint8)
        seen = finder.detect(levels)[0]
        if seen is not None:
            found.append(seen.reshape(-1, 4))
    if not found:
        return np.zeros((0, 4))
    every = np.concatenate(found).astype(np.float64)
    length = np.hypot(every[:, 2] - every[:, 0], every[:, 3] - every[:, 1])
    order = np.argsort(-length)
    return every[order][length[order] >= SHORTEST][:MOST_SEGMENTS]


def _on_one_line(first: Floats, other: Floats) -> bool:
    along = _direction(first)
    if abs(_turn(along, _direction(other))) > SAME_ANGLE:
        return False
    normal = np.array([-along[1], along[0]])
    offs = [abs(float((p - first[:2]) @ normal)) for p in (other[:2], other[2:])]
    return max(offs) <= SAME_PLACE


def _direction(segment: Floats) -> Floats:
    """Unit vector, to the right, or down where it is steeper than 45 degrees."""
    along = segment[2:] - segment[:2]
    along = along / max(float(np.hypot(*along)), 1e-9)
    lead = along[0] if abs(along[0]) >= abs(along[1]) else along[1]
    return np.asarray(along if lead >= 0 else -along)


def _turn(one: Floats, other: Floats) -> float:
    """Degrees from one direction to another, -90 to 90."""
    angle = float(np.degrees(np.arctan2(one[0] * other[1] - one[1] * other[0], one @ other)))
    return (angle + 90) % 180 - 90


def _straight(smooth: Smooth, segments: Floats) -> _Line:
    """The line through segments, and its steps."""
    points = segments.reshape(-1, 2)
    weight = np.repeat(np.hypot(*(segments[:, 2:] - segments[:, :2]).T), 2)
    middle = (points * weight[:, None]).sum(axis=0) / weight.sum()
    spread = (points - middle) * np.sqrt(weight)[:, None]
    along = np.linalg.svd(spread, full_matrices=False)[2][0]
    along = _direction(np.concatenate([middle, middle + along]))
    start, steps = _steps(smooth, middle, along)
    return _Line(middle, along, start, steps, False)


def _steps(smooth: Smooth, point: Floats, along: Floats) -> tuple[float, NDArray[np.float32]]:
    """Where along a line, within the picture, the two sides of it differ."""
    height, width = smooth.shape[:2]
    reach = float(np.hypot(height, width))
    start, count = -reach, int(2 * reach / STRIDE)
    at = point + (start + STRIDE * np.arange(count))[:, None] * along
    normal = np.array([-along[1], along[0]])
    sides = []
    for sign in (-1, 1):
        values = [_at(smooth, at + sign * off * normal) for off in BESIDE]
        sides.append(np.mean(values, axis=0))
    brightness = np.maximum(np.maximum(*sides).max(axis=1), DARKEST)
    differ = np.abs(sides[0] - sides[1]).max(axis=1) / brightness
    inside = (at > 0).all(axis=1) & (at < (width, height)).all(axis=1)
    return start, np.asarray((differ > STEP) & inside, np.float32)


def _at(picture: Smooth, points: Floats) -> Floats:
    """The picture's values at points, shape (n, 3)."""
    height, width = picture.shape[:2]
    x = np.clip(np.round(points[:, 0]).astype(int), 0, width - 1)
    y = np.clip(np.round(points[:, 1]).astype(int), 0, height - 1)
    return np.asarray(picture[y, x], np.float64)


def _chains(segments: Floats) -> list[Floats]:
    """Segments that follow one another around a bow: the side of a sheet that does not lie flat."""
    chains = []
    for upright in (False, True):
        axis = 1 if upright else 0
        some = [s for s in segments if _is_upright(s[2:] - s[:2]) is upright]
        ordered = sorted((_ordered(s, axis) for s in some), key=lambda s: float(s[axis]))
        used: set[int] = set()
        for index in range(len(ordered)):
            if index in used:
                continue
            chain = [index]
            for later in range(index + 1, len(ordered)):
                if later not in used and _follows(ordered[chain[-1]], ordered[later], axis):
                    chain.append(later)
            if len(chain) > 1:
                used.update(chain)
                chains.append(np.array([ordered[i] for i in chain]))
    return chains


def _ordered(segment: Floats, axis: int) -> Floats:
    return segment if segment[axis] <= segment[axis + 2] else np.roll(segment, 2)


def _follows(one: Floats, other: Floats, axis: int) -> bool:
    gap = other[:2] - one[2:]
    if not -SAME_PLACE <= gap[axis] <= BOW_GAP or abs(gap[1 - axis]) > SAME_PLACE + 0.1 * BOW_GAP:
        return False
    return abs(_turn(_direction(one), _direction(other))) <= BOW_ANGLE


def _bowed(smooth: Smooth, chain: Floats) -> _Line:
    """The line between the ends of a bow; there are steps where its pieces are."""
    ends = np.concatenate([chain[0][:2], chain[-1][2:]])
    along = _direction(ends)
    point = ends[:2]
    start, steps = _steps(smooth, point, along)
    for segment in chain:
        t0, t1 = sorted(float((p - point) @ along) for p in (segment[:2], segment[2:]))
        steps[round((t0 - start) / STRIDE) : round((t1 - start) / STRIDE) + 1] = 1.0
    return _Line(point, along, start, steps, False)


def _frame(width: int, height: int) -> tuple[list[_Line], list[_Line]]:
    """The picture's own edges, level and upright."""

    def line(x: float, y: float, along: tuple[float, float]) -> _Line:
        reach = float(np.hypot(width, height))
        steps = np.full(int(2 * reach / STRIDE), FRAME_WORTH, np.float32)
        return _Line(np.array([x, y]), np.array(along), -reach, steps, True)

    level = [line(0, 0, (1, 0)), line(0, height - 1, (1, 0))]
    upright = [line(0, 0, (0, 1)), line(width - 1, 0, (0, 1))]
    return level, upright


def _strongest(lines: list[_Line], *, upright: bool) -> list[_Line]:
    some = [line for line in lines if _is_upright(line.along) is upright]
    return sorted(some, key=lambda line: -float(line.steps.sum()))[:MOST_LINES]


def _outline_of(
    sides: tuple[_Line, _Line, _Line, _Line], size: tuple[int, int]
) -> tuple[float, Outline] | None:
    """The outline of four lines, and how good it is; None where it can be no sheet's."""
    corners = _corners(sides, size)
    if corners is None:
        return None
    top, foot, left, right = sides
    middles = [(corners[i] + corners[(i + 1) % 4]) / 2 for i in range(4)]
    if middles[0][1] > middles[2][1]:
        top, foot, corners = foot, top, corners[[3, 2, 1, 0]]
    if middles[3][0] > middles[1][0]:
        left, right, corners = right, left, corners[[1, 0, 3, 2]]
    whole = supported = 0.0
    for index, side in enumerate((top, right, foot, left)):
        part, length = side.supported(corners[index], corners[(index + 1) % 4])
        if not side.frame and part < LEAST_SIDE:
            return None
        supported, whole = supported + part * length, whole + length
    area = _area(corners) / (size[0] * size[1])
    support = supported / whole
    if support < LEAST_SUPPORT or area < LEAST_AREA:
        return None
    seen = (not top.frame, not right.frame, not foot.frame, not left.frame)
    return support + LARGER * area, Outline(corners / np.array(size), seen, support)


def _corners(sides: tuple[_Line, _Line, _Line, _Line], size: tuple[int, int]) -> Floats | None:
    """Where four lines cross, in order around; None where no sheet looks like that."""
    top, foot, left, right = sides
    found = [_crossing(a, b) for a, b in ((top, left), (top, right), (foot, right), (foot, left))]
    if any(one is None for one in found):
        return None
    corners = np.array(found)
    low, high = -BEYOND * np.array(size), (1 + BEYOND) * np.array(size)
    if (corners < low).any() or (corners > high).any():
        return None
    edges = np.roll(corners, -1, axis=0) - corners
    lengths = np.hypot(edges[:, 0], edges[:, 1])
    if lengths.min() < 0.2 * min(size):
        return None
    pairs = lengths[[0, 1]] / lengths[[2, 3]]
    if pairs.max() > OPPOSITE or pairs.min() < 1 / OPPOSITE:
        return None
    units = edges / lengths[:, None]
    cosines = -(units * np.roll(units, 1, axis=0)).sum(axis=1)
    angles = np.degrees(np.arccos(np.clip(cosines, -1, 1)))
    return corners if CORNER[0] <= angles.min() and angles.max() <= CORNER[1] else None


def _crossing(one: _Line, other: _Line) -> Floats | None:
    matrix = np.array([one.along, -other.along]).T
    if abs(float(np.linalg.det(matrix))) < 0.3:
        return None
    t = np.linalg.solve(matrix, other.point - one.point)
    return np.asarray(one.point + t[0] * one.along)


def _area(corners: Floats) -> float:
    x, y = corners.T
    return 0.5 * abs(float(x @ np.roll(y, -1) - y @ np.roll(x, -1)))


def _is_upright(along: Floats) -> bool:
    return bool(abs(along[1]) > abs(along[0]))
