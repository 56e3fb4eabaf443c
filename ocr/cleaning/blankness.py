"""Whether anything stands on a page: certainly nothing, the scanner's dirt, or ink.

Pieces of the size of letters are not asked for: a sketch, a photograph, a note in faint pencil and
a wash of yellow are content as well (NAPS2 issue 440, OCRmyPDF issue 12). What differs from the
paper around it by more than the paper's own grain, in any colour, is a mark. Marks that no person
makes (shadows of the sheet's edge, specks, punch holes, streaks along the glass) are told by their
shape; every other one is ink.
"""

from dataclasses import dataclass
from enum import Enum

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr import geometry
from ocr.cleaning.borders import without_borders

Mask = NDArray[np.bool_]

LOOK_DPI = 100.0
PER_MM = LOOK_DPI / 25.4
STROKE = 1.0
"""Gaussian sigma in pixels: half a pencil's stroke of 0.5 mm."""
LEAST_CONTRAST = 6.0
"""Grey levels under the paper, after softening: more than a JPEG's blocks, less than pencil."""
EXACT_CONTRAST = 1.0
"""Of a page that no scanner has seen: it has no grain."""
GRAINS = 6.5
"""Standard deviations of the paper's grain that a mark exceeds."""
PALER = 0.6
"""Part of the least depth for what hangs together with a mark."""
PAPER_MM = 18.0
"""Marks are darker than the paper within so much around them."""
SPREAD = 45.0
"""Differences of the paper's brightness across a sheet that light alone does not make."""
DARK_PAPER = 70.0
"""A sheet darker than this is no paper: a lid left open, a photograph at night."""
RIM_MM = 4.5
"""Depth of a sheet's edge shadow."""
TOUCH_MM, NEAR_MM = 0.8, 2.6
"""It touches the picture's edge; one that begins so near to it is dirt."""
CORE = 0.4
"""Part of a piece's greatest depth that its core has; softening makes dark specks wide."""
SPECK_MM, PIECE_MM = 1.1, 1.9
"""Largest side of the core of a speck of dust, and of a larger crumb."""
MOST_SPECKS = 25
GROUP_MM, GROUP_SPECKS, GROUP_PIECES = 4.0, 8, 3
"""So many specks, each so near to the next one, are a dotted line or a grey tint; so many crumbs
are letters."""
STREAK = 0.6
"""Of the side along which a streak runs; dirt on the glass draws it while the sheet is fed."""
STREAK_MM, STREAK_LEAN_MM = 2.2, 5.0
HOLE_MM = (3.5, 9.5)
"""Diameter of a punch hole, its shadow included (ISO 838: 6 mm)."""
HOLE_EDGE_MM = 24.0
HOLE_ROUND = 0.16
"""Mean distance of its outline from a circle, in radii."""


class PageContent(Enum):
    """What stands on a page."""

    nothing = "nothing"
    dirt = "dirt"
    """Nothing but what scanners, dust and punches leave: most likely no content."""
    ink = "ink"


@dataclass(frozen=True)
class Traces:
    """The marks on a page at 100 dpi, upright as it lies in its file.

    ``ink`` and ``depth`` have the shape (height, width) of the page at :data:`LOOK_DPI`: where ink
    is, and by how many grey levels (0 to 255) the page is darker than its paper; ``tint`` by how
    many more in one colour than in another: red and blue ink are tinted, black is not.
    """

    found: PageContent
    ink: Mask
    depth: NDArray[np.float32]
    tint: NDArray[np.float32]
    least: float
    """The depth from which something is a mark."""

    @property
    def contrast(self) -> float:
        """Grey levels by which the stronger part of the ink is darker than paper; 0 without ink."""
        return float(np.quantile(self.depth[self.ink], 0.9)) if self.ink.any() else 0.0


def traces(pixels: NDArray[np.uint8], dpi: float, *, exact: bool = False) -> Traces:
    """Look for marks on a page; about 60 ms for A4.

    Args:
        pixels: uint8, shape (height, width) or (height, width, 3), 255 is white.
        dpi: its resolution.
        exact: it was drawn from lines and letters, not scanned: everything on it is meant.
    """
    if exact:
        return _drawn(pixels, dpi)
    small = geometry.reduced(pixels, LOOK_DPI / dpi)
    colours = [small] if small.ndim == 2 else cv2.split(small)
    planes = [np.ascontiguousarray(plane, np.uint8) for plane in colours]
    border = np.zeros(small.shape[:2], dtype=bool)
    grey = small if small.ndim == 2 else _grey(small)
    cleaned = without_borders(grey, LOOK_DPI)
    border = _grown(cleaned != grey, 3) if cleaned is not grey else border
    depths = np.stack([_depth(plane, border) for plane in planes])
    depth = depths.max(axis=0)
    tint = depth - depths.min(axis=0)
    least = _least(depth[~border])
    marks = _marks(depth, border, least)
    ink, dirt = _parted(marks, depth)
    if ink.any() or _uneven(planes, border):
        return Traces(PageContent.ink, ink, depth, tint, least)
    return Traces(PageContent.dirt if dirt else PageContent.nothing, ink, depth, tint, least)


def _drawn(pixels: NDArray[np.uint8], dpi: float) -> Traces:
    """What differs from the page's ground, down to hairlines of nearly its colour."""
    colours = pixels[:, :, None] if pixels.ndim == 2 else pixels
    ground = np.median(colours.reshape(-1, colours.shape[2]), axis=0)
    away = np.abs(colours.astype(np.float32) - ground.astype(np.float32))
    deep = away.max(axis=2)
    ink = np.where(deep > EXACT_CONTRAST, 255, 0).astype(np.uint8)
    scale = LOOK_DPI / dpi
    depth, tint = (
        geometry.reduced(np.asarray(picture, np.uint8), scale).astype(np.float32)
        for picture in (deep, deep - away.min(axis=2))
    )
    return Traces(
        found=PageContent.ink if ink.any() else PageContent.nothing,
        ink=geometry.reduced(ink, scale) > 0,
        depth=depth,
        tint=tint,
        least=EXACT_CONTRAST,
    )


def _grey(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY), np.uint8)


def _grown(mask: Mask, pixels: int) -> Mask:
    kernel = np.ones((2 * pixels + 1, 2 * pixels + 1), np.uint8)
    return np.asarray(cv2.dilate(mask.astype(np.uint8), kernel), dtype=bool)


def _depth(plane: NDArray[np.uint8], border: Mask) -> NDArray[np.float32]:
    """By how much each pixel, softened, is darker than the paper around it."""
    height, width = plane.shape
    soft = cv2.GaussianBlur(plane.astype(np.float32), (0, 0), STROKE)
    if border.any():
        soft[border] = float(np.median(soft[~border])) if not border.all() else 255.0
    step = 8
    size = (max(1, width // step), max(1, height // step))
    coarse = cv2.resize(soft, size, interpolation=cv2.INTER_AREA)
    reach = max(3, round(PAPER_MM * PER_MM / step) | 1)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    # bright within reach is paper: a closing fills what is darker and smaller than its kernel
    paper = cv2.morphologyEx(coarse, cv2.MORPH_CLOSE, kernel, borderType=cv2.BORDER_REPLICATE)
    paper = cv2.GaussianBlur(paper, (0, 0), reach / 4)
    wide = cv2.resize(paper, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(np.maximum(wide - soft, 0), np.float32)


def _least(depth: NDArray[np.float32]) -> float:
    """The depth from which a pixel is a mark and not the paper's grain."""
    if not depth.size:
        return LEAST_CONTRAST
    middle = float(np.median(depth))
    grain = 1.4826 * float(np.median(np.abs(depth - middle)))
    return max(LEAST_CONTRAST, middle + GRAINS * grain)


def _marks(depth: NDArray[np.float32], border: Mask, least: float) -> Mask:
    """What is deep enough, with the paler ends that hang together with it."""
    pale = (depth > PALER * least) & ~border
    count, labels = cv2.connectedComponents(pale.astype(np.uint8), connectivity=8)
    sure = np.zeros(count, dtype=bool)
    sure[labels[depth > least]] = True
    sure[0] = False
    return np.asarray(sure[labels])


def _uneven(planes: list[NDArray[np.uint8]], border: Mask) -> bool:
    """Whether the sheet is no even paper: shades as wide as the page, or darkness."""
    inside = ~_grown(border, round(3 * PER_MM))
    inside = _without_rim(inside)
    if not inside.any():
        return False
    for plane in planes:
        soft = cv2.GaussianBlur(plane, (0, 0), 4)[inside]
        low, high = (float(np.quantile(soft, part)) for part in (0.005, 0.995))
        if high - low > SPREAD:
            return True
    return max(float(np.median(plane[inside])) for plane in planes) < DARK_PAPER


def _without_rim(mask: Mask) -> Mask:
    rim = round(RIM_MM * PER_MM)
    if min(mask.shape) > 4 * rim:
        mask = mask.copy()
        mask[:rim] = mask[-rim:] = False
        mask[:, :rim] = mask[:, -rim:] = False
    return mask


@dataclass(frozen=True)
class _Piece:
    """Marks that hang together: their box and number, in pixels."""

    left: int
    top: int
    width: int
    height: int
    area: int

    @property
    def side(self) -> float:
        """The longer side in millimetres."""
        return max(self.width, self.height) / PER_MM


def sorted_out(marks: Mask, depth: NDArray[np.float32]) -> PageContent:
    """What ``marks`` of some depth at :data:`LOOK_DPI` are, by their shapes."""
    ink, dirt = _parted(marks, depth)
    return PageContent.ink if ink.any() else PageContent.dirt if dirt else PageContent.nothing


def _parted(marks: Mask, depth: NDArray[np.float32]) -> tuple[Mask, bool]:
    """The ink among ``marks``, and whether there is dirt besides."""
    count, named, stats, _ = cv2.connectedComponentsWithStats(
        marks.astype(np.uint8), connectivity=8
    )
    labels = np.asarray(named, np.int32)
    keep, specks, crumbs = (np.zeros(count, dtype=bool) for _ in range(3))
    dirt = False
    for index in range(1, count):
        piece = _Piece(*(int(value) for value in stats[index]))
        if _is_edge(piece, marks.shape, TOUCH_MM):
            continue
        side = _core(piece, labels, index, depth) if piece.side <= 3 * PIECE_MM else piece.side
        if _is_edge(piece, marks.shape, NEAR_MM):
            dirt = True
        elif side <= SPECK_MM:
            specks[index] = True
        elif side <= PIECE_MM:
            crumbs[index] = True
        elif _is_streak(piece, marks.shape) or _is_hole(piece, labels, index, marks.shape):
            dirt = True
        else:
            keep[index] = True
    small = specks | crumbs
    grouped = _grouped(small[labels], GROUP_SPECKS) or _grouped(crumbs[labels], GROUP_PIECES)
    if keep.any() or grouped:
        keep |= small
    elif crumbs.any() or int(specks.sum()) > MOST_SPECKS:
        dirt = True
    return keep[labels], dirt


def _core(
    piece: _Piece, labels: NDArray[np.int32], index: int, depth: NDArray[np.float32]
) -> float:
    """The longer side in millimetres of the deeper part of a piece."""
    box = np.s_[piece.top : piece.top + piece.height, piece.left : piece.left + piece.width]
    inside = np.where(labels[box] == index, depth[box], 0)
    rows, columns = np.nonzero(inside >= CORE * inside.max())
    return float(max(np.ptp(rows), np.ptp(columns)) + 1) / PER_MM


def _is_edge(piece: _Piece, shape: tuple[int, ...], near_mm: float) -> bool:
    """Whether it is the shadow of the sheet's edge: so near the picture's edge, flat against it."""
    height, width = shape
    rim, near = RIM_MM * PER_MM, near_mm * PER_MM
    right, foot = width - piece.left - piece.width, height - piece.top - piece.height
    upright = min(piece.left, right) <= near and piece.width <= rim
    lying = min(piece.top, foot) <= near and piece.height <= rim
    return upright or lying


def _is_streak(piece: _Piece, shape: tuple[int, ...]) -> bool:
    height, width = shape
    if piece.area > STREAK_MM * PER_MM * max(piece.width, piece.height):
        return False
    thin = STREAK_LEAN_MM * PER_MM
    upright = piece.height >= STREAK * height and piece.width <= thin
    lying = piece.width >= STREAK * width and piece.height <= thin
    return upright or lying


def _is_hole(piece: _Piece, labels: NDArray[np.int32], index: int, shape: tuple[int, ...]) -> bool:
    """Whether it is a punch hole near the sheet's edge, dark inside or only its rim."""
    low, high = (value * PER_MM for value in HOLE_MM)
    if not (low <= piece.width <= high and low <= piece.height <= high):
        return False
    x, y = piece.left + piece.width / 2, piece.top + piece.height / 2
    if min(x, y, shape[1] - x, shape[0] - y) > HOLE_EDGE_MM * PER_MM:
        return False
    box = np.s_[piece.top : piece.top + piece.height, piece.left : piece.left + piece.width]
    cut = np.pad((labels[box] == index).astype(np.uint8), 1)
    outlines, _ = cv2.findContours(cut, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    points = np.concatenate(outlines)[:, 0].astype(np.float32)
    (cx, cy), radius = cv2.minEnclosingCircle(points)
    away = np.abs(np.hypot(points[:, 0] - cx, points[:, 1] - cy) - radius) / radius
    angles = np.arctan2(points[:, 1] - cy, points[:, 0] - cx)
    around = len(np.unique(np.floor(angles * 12 / np.pi)))
    return float(away.mean()) <= HOLE_ROUND and around >= 18


def _grouped(small: Mask, least: int) -> bool:
    """Whether small pieces stand together: a dotted line, a tint of dots, letters in shreds."""
    pieces, names = cv2.connectedComponents(small.astype(np.uint8), connectivity=8)
    if pieces - 1 < least:
        return False
    reach = round(GROUP_MM * PER_MM / 2)
    count, labels = cv2.connectedComponents(_grown(small, reach).astype(np.uint8), connectivity=8)
    group_of = np.zeros(pieces, np.int64)
    group_of[names.ravel()] = labels.ravel()
    return bool(np.bincount(group_of[1:], minlength=count)[1:].max(initial=0) >= least)
