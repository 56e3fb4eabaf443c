"""Taking a form's own print away with the help of its blank: lay it on to the pixel, erase.

Labels place the geometry to about a point. The blank's print, searched around each label, places
it to a pixel; paper stretches and scanners wobble, so that each zone is fitted once more.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.fields.bend import bend_of
from ocr.fields.binarisation import ink_of, shades
from ocr.fields.context import POINT, Context
from ocr.fields.forms.dot_leader_removal import find_row
from ocr.fields.registration import Affine, Registration, printed
from ocr.fields.zone_reader import Image
from schemas.document_type import DocumentType
from schemas.page import Box

REACH = 5.0
"""Points around a label in which its print is searched."""

ALIKE = 0.55
"""Correlation from which a label's print is believed to be found."""

FEWEST_PATCHES = 8

STRAY = 1.5
"""Pixels a label may lie off what the others say."""

WOBBLE = 5
"""Pixels a zone's print may still be off."""

FEWEST_INKED = 60
"""Pixels; a blank's strip with less is bare paper."""

PART = 150.0
"""Points of a zone that are fitted on their own."""

HALO = 3
"""Pixels (odd) a dot of the scan may be wider than the blank's."""

LETTER = 2.6
"""Pieces of ink at least so tall (points) are letters."""

SEEN = 5
"""Pixels of ink that were not painted, with which a piece under a letter is no drip."""


def onto(context: Context, laid: Registration, size: tuple[int, int]) -> Image:
    """The page as it would lie on the reference page: width and height in pixels at 300 dpi."""
    return laid.cut(context, (0.0, 0.0, size[0] / POINT, size[1] / POINT))


def fitted(context: Context, laid: Registration, blank: Image, spec: DocumentType) -> Registration:
    """The registration with the blank's print found on the page, to a pixel where it can be.

    Args:
        context: the document.
        laid: where its labels were found, to about a point.
        blank: the form's print on the reference page, 300 dpi.
        spec: the type; its labels say where print is.
    """
    here: list[tuple[float, float]] = []
    there: list[tuple[float, float]] = []
    for label in printed(spec):
        if label.box is None:
            continue
        moved = _moved(context, laid, blank, label.box)
        if moved is None:
            continue
        centre = ((label.box[0] + label.box[2]) / 2, (label.box[1] + label.box[3]) / 2)
        seen = laid.onto(np.array([[centre[0] + moved[0], centre[1] + moved[1]]]))[0]
        here.append(centre)
        there.append((float(seen[0]), float(seen[1])))
    if len(here) < FEWEST_PATCHES:
        return laid
    if laid.bend is not None:
        bent = bend_of(np.array(here), np.array(there))
        return laid if bent is None else laid._replace(bend=bent[0])
    found, mask = cv2.estimateAffine2D(
        np.array(here),
        np.array(there),
        method=cv2.RANSAC,
        ransacReprojThreshold=STRAY / POINT,
    )
    if found is None or int(mask.sum()) < FEWEST_PATCHES:
        return laid
    affine: Affine = np.asarray(found, np.float64)
    return laid._replace(affine=affine)


def _moved(
    context: Context, laid: Registration, blank: Image, box: Box
) -> tuple[float, float] | None:
    """How far (points) a label's print lies from where the registration has it."""
    x0, y0, x1, y1 = box[0] - 2, box[1] - 2, box[2] + 2, box[3] + 2
    patch = _of(blank, (x0, y0, x1, y1))
    window = laid.cut(context, (x0 - REACH, y0 - REACH, x1 + REACH, y1 + REACH))
    if patch.size == 0 or min(patch.shape) < 12 or float(patch.std()) < 12:
        return None
    if window.shape[0] <= patch.shape[0] or window.shape[1] <= patch.shape[1]:
        return None
    alike = cv2.matchTemplate(window, patch, cv2.TM_CCOEFF_NORMED)
    _, best, _, (x, y) = cv2.minMaxLoc(alike)
    if best < ALIKE:
        return None
    dx, dy = x + _between(alike[y], x), y + _between(alike[:, x], y)
    return dx / POINT - REACH, dy / POINT - REACH


def _between(values: NDArray[Any], at: int) -> float:
    """Where between the pixels the peak lies: a parabola through it and its neighbours."""
    if at in {0, len(values) - 1}:
        return 0.0
    left, top, right = (float(v) for v in values[at - 1 : at + 2])
    bend = left - 2 * top + right
    return 0.0 if bend >= 0 else 0.5 * (left - right) / bend


def _of(blank: Image, box: Box) -> Image:
    """The blank's part in a box of the reference page, white beyond its edges."""
    x0, y0, x1, y1 = (round(value * POINT) for value in box)
    height, width = blank.shape
    part = blank[max(y0, 0) : max(min(y1, height), 0), max(x0, 0) : max(min(x1, width), 0)]
    edges = (max(-y0, 0), max(y1 - height, 0), max(-x0, 0), max(x1 - width, 0))
    if any(edges):
        return np.pad(part, ((edges[0], edges[1]), (edges[2], edges[3])), constant_values=255)
    return part


def erased(strip: Image, blank: Image, box: Box) -> Image:
    """A strip of the page without the blank's print; ink that crosses the print stays.

    Args:
        strip: the page in ``box``, level, 300 dpi.
        blank: the reference page.
        box: points of the reference page.
    """
    mask = _print(strip, blank, box)
    return strip if mask is None else _painted(strip, mask)


def erased_dot_leader(strip: Image, blank: Image, box: Box) -> Image:
    """The same for a line to write on: what is painted in where the leader was never hangs under
    the letters, where it would look like the dot below a vowel.
    """
    mask = _print(strip, blank, box)
    return strip if mask is None else _without_drips(_painted(strip, mask), mask > 0)


def dot_leader_of(blank: Image, box: Box, expected: float) -> float:
    """Height (pixels from the top) of the leader in a box of the blank; else ``expected``."""
    row = find_row(_of(blank, box), expected)
    return expected if row is None else row.y((box[2] - box[0]) * POINT / 2)


def _painted(strip: Image, mask: NDArray[np.uint8]) -> Image:
    return np.asarray(cv2.inpaint(strip, mask, 3, cv2.INPAINT_TELEA), np.uint8)


def _print(strip: Image, blank: Image, box: Box) -> NDArray[np.uint8] | None:
    """The blank's print on a strip (255); None where it has none there."""
    height, width = strip.shape
    margin = WOBBLE / POINT
    wide = _of(blank, (box[0] - margin, box[1] - margin, box[2] + margin, box[3] + margin))
    # rounding may leave it a pixel too small or too large
    wide = wide[: height + 2 * WOBBLE, : width + 2 * WOBBLE]
    lacking = (height + 2 * WOBBLE - wide.shape[0], width + 2 * WOBBLE - wide.shape[1])
    if int((ink_of(wide) > 0).sum()) < FEWEST_INKED:
        return None
    print_ = _shifted(strip, np.pad(wide, ((0, lacking[0]), (0, lacking[1])), mode="edge"))
    inked = ink_of(print_)
    if not inked.any():
        return None
    return np.asarray(cv2.dilate(inked, np.ones((HALO, HALO), np.uint8)), np.uint8)


def _without_drips(cleaned: Image, painted: NDArray[np.bool_]) -> Image:
    """Painted ink under the letters' foot stays only where it leads on to ink that was seen."""
    ink = ink_of(cleaned) > 0
    foot = _foot_of((ink & ~painted).astype(np.uint8))
    if foot is None:
        return cleaned
    below = ink.copy()
    below[: foot + 1] = False
    _, labels = cv2.connectedComponents(below.astype(np.uint8), connectivity=8)
    seen = np.bincount(labels[below & ~painted], minlength=int(labels.max()) + 1)
    drips = below & painted & (seen[labels] < SEEN)
    if not drips.any():
        return cleaned
    near = cv2.dilate(drips.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    near[: foot + 1] = False
    paper = cleaned[painted & ~ink]
    tone = float(np.median(paper)) if paper.size else shades(cleaned, 0.8)[0]
    return np.where(near & painted, tone, cleaned).astype(np.uint8)


def _foot_of(ink: NDArray[np.uint8]) -> int | None:
    """The row of pixels most letters end on; None where there are none."""
    count, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    ends = [int(s[1] + s[3]) for s in stats[1:count] if s[3] >= LETTER * POINT]
    return int(np.median(ends)) if ends else None


def _shifted(strip: Image, wide: Image) -> Image:
    """The blank's strip, each part of it moved to where its print lies on the page."""
    height, width = strip.shape
    count = max(1, round(width / (PART * POINT)))
    edges = [round(k * width / count) for k in range(count + 1)]
    out = np.full_like(strip, 255)
    known: list[tuple[int, int]] = []
    for x0, x1 in pairwise(edges):
        known.append(_best_shift(strip[:, x0:x1], wide[:, x0 : x1 + 2 * WOBBLE], known))
        dx, dy = known[-1]
        out[:, x0:x1] = wide[dy : dy + height, x0 + dx : x1 + dx]
    return out


def _best_shift(strip: Image, wide: Image, before: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """The shift at which the blank's ink covers the page's ink best."""
    still = before[-1] if before else (WOBBLE, WOBBLE)
    ink = ink_of(wide)
    if int(ink.sum()) < 255 * 40:
        return still
    # how much page ink lies under the blank's ink, at every shift of the blank
    page = ink_of(strip).astype(np.float32) / 255
    cover = cv2.matchTemplate(ink.astype(np.float32) / 255, page, cv2.TM_CCORR)
    _, best, _, (x, y) = cv2.minMaxLoc(cover)
    return (int(x), int(y)) if best > 1.02 * float(cover[still[1], still[0]]) else still
