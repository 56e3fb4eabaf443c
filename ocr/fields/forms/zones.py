"""Zones of a form as pictures of what was written: lines without dot leaders, cells, table rows."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.fields.binarisation import ink_of, shades
from ocr.fields.context import POINT, Context
from ocr.fields.forms.bent_leaders import without_remains
from ocr.fields.forms.dot_leader_removal import ABOVE, BELOW, find_row, without_dot_leader
from ocr.fields.forms.drop_out import coloured_writing
from ocr.fields.forms.print_removal import dot_leader_of, erased_dot_leader
from ocr.fields.registration import Registration
from ocr.fields.zone_reader import Image
from schemas.page import Box

TALLEST_SPECK = 2.6
"""Pieces of ink lower than this (points) are no letters."""

SMALL = 1.5
"""Lower pieces, down to this, are small letters where they stand beside taller ones."""

APART = 6.0
"""Points between such a piece and the writing it belongs to."""

STREAK = 0.75
"""Points; a scanner's streak is no wider."""

CROWDED = 0.33
"""A leader that runs less than this part of a capital's height under the letters' foot meets the
dots below them."""

MARK = 2.0
"""Ink so many points over a letter may be its mark."""

END = 2.0
"""Points before a zone's end to which letters run that may go on beyond it."""

REACHING = 6.0
"""Points: ink at a strip's upper or lower end that is taller belongs to what is written in it."""

NEAR = 1.0
"""Pixels: so far above the foot a dot leader only touches letters."""

Line = tuple[float, float, float]
"""``x0, x1, y`` of a line to write on, points of the reference page."""


class Zone(NamedTuple):
    """What was written in one place: its picture without print, None where nothing was."""

    image: Image | None
    box: Box
    """Upright box on the scan, points."""
    clear: bool = True
    """False where a leader runs so close under the letters that dots below (ạ) cannot be told."""
    exact: bool = False
    """Whether the leader was taken away dot by dot, by a blank or by its colour: none is left."""
    whole: bool = True
    """False where letters stand so high in the zone that marks above them (ử) may be cut off."""
    ended: bool = True
    """False where letters run to the zone's right end: there may be more beyond it."""
    inside: bool = True
    """False where letters run over any side of the zone, so that some may be cut or lost."""


def line_zone(
    context: Context,
    laid: Registration,
    zone: Line,
    beside: Sequence[Line] = (),
    blank: Image | None = None,
    *,
    dots_below: bool = True,
) -> Zone:
    """What was written on a line.

    Args:
        context: the document.
        laid: its registration.
        zone: ``x0, x1, y`` on the reference page, ``y`` that of the leader.
        beside: other zones of the same printed line; a short zone's leader is found with theirs.
        blank: the form's print on the reference page, where the installation has it.
        dots_below: whether what is written may have dots below its letters; figures have none.
    """
    x0, x1, y = zone
    place = laid.onto_page((x0, y - ABOVE, x1, y + BELOW))
    own = (x0 - 1.0, y - ABOVE, x1 + 1.5, y + BELOW)
    if (pen := _by_colour(context, laid, own)) is not None:
        clear = _parted(pen, (y - own[1]) * POINT)
        whole, over = marks_whole(pen), ended(pen)
        return Zone(_written(pen), place, clear, True, whole, over, stays_inside(pen))
    if blank is not None:
        cleaned = erased_dot_leader(laid.cut(context, own), blank, own)
        clear = _parted(cleaned, dot_leader_of(blank, own, (y - own[1]) * POINT))
        whole, over = marks_whole(cleaned), ended(cleaned)
        within = stays_inside(cleaned)
        return Zone(_written(cleaned), place, clear, True, whole, over, within)
    left = min(part[0] for part in (zone, *beside)) - 1.0
    right = max(part[1] for part in (zone, *beside)) + 1.5
    strip = laid.cut(context, (left, y - ABOVE, right, y + BELOW))
    start, end = round((x0 - 1.0 - left) * POINT), round((x1 + 1.5 - left) * POINT)
    row = find_row(strip, ABOVE * POINT)
    cleaned = strip[:, start:end]
    if row is not None:
        cleaned = without_dot_leader(strip, row, start, end, dots_below=dots_below)
        if laid.bend is not None:
            cleaned = without_remains(cleaned, row.y((start + end) / 2))
    clear = row is None or _parted(cleaned, row.y(start))
    whole, over = marks_whole(cleaned), ended(cleaned)
    return Zone(_written(cleaned), place, clear, False, whole, over, stays_inside(cleaned))


def _by_colour(context: Context, laid: Registration, box: Box) -> Image | None:
    """What a coloured pen wrote in a box; None where it is not known from the print by colour."""
    strip = laid.cut_colour(context, box)
    pen = coloured_writing(strip) if strip is not None else None
    # a dot leader printed in colour is still there
    return None if pen is None or find_row(pen, ABOVE * POINT) is not None else pen


def _parted(cleaned: Image, dot_leader: float) -> bool:
    """Whether a dot leader at that height (pixels) stays clear of the dots below the letters."""
    foot, tall = _foot(cleaned)
    return not -NEAR < dot_leader - foot < CROWDED * tall


def marks_whole(cleaned: Image) -> bool:
    """Whether no ink that is cut off at a strip's upper end lies close over a letter."""
    count, _, stats, _ = cv2.connectedComponentsWithStats(ink_of(cleaned), connectivity=8)
    pieces = [tuple(int(v) for v in stats[i][:4]) for i in range(1, count)]
    letters = [p for p in pieces if p[1] > 1 and p[3] >= TALLEST_SPECK * POINT]
    cut = [p for p in pieces if p[1] <= 1 and p[3] < 4 * POINT]
    return not any(
        x < left + wide and left < x + w and top - (y + h) < MARK * POINT
        for x, y, w, h in cut
        for left, top, wide, _ in letters
    )


def ended(cleaned: Image) -> bool:
    """Whether the letters of a strip end before its right end."""
    count, _, stats, _ = cv2.connectedComponentsWithStats(ink_of(cleaned), connectivity=8)
    height, width = cleaned.shape
    return not any(
        stats[i][0] + stats[i][2] > width - END * POINT
        and TALLEST_SPECK * POINT <= stats[i][3] < 0.8 * height
        and stats[i][2] >= SMALL * POINT
        for i in range(1, count)
    )


def stays_inside(cleaned: Image) -> bool:
    """Whether no letter of a strip runs over one of its four sides.

    What only reaches in from the line above or below is lower than a letter; a rule or a streak is
    narrower or goes through.
    """
    count, _, stats, _ = cv2.connectedComponentsWithStats(ink_of(cleaned), connectivity=8)
    height, width = cleaned.shape
    edge = END * POINT / 4

    def runs_over(x: int, y: int, wide: int, tall: int) -> bool:
        beside = x < edge or x + wide > width - edge
        above = y < edge or y + tall > height - edge
        letter = tall >= TALLEST_SPECK * POINT and wide >= SMALL * POINT
        return letter and tall < height - edge and (beside or (above and tall > REACHING * POINT))

    return not any(runs_over(*(int(v) for v in stats[k][:4])) for k in range(1, count))


def _foot(image: Image) -> tuple[float, float]:
    """The line most letters stand on (pixels from the top), and how tall capitals are."""
    ink = ink_of(image)
    count, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    letters = [
        stats[i]
        for i in range(1, count)
        if stats[i][3] >= TALLEST_SPECK * POINT and not _edge(stats[i], image.shape)
    ]
    if not letters:
        return 0.0, 0.0
    feet = float(np.median([s[1] + s[3] for s in letters]))
    return feet, float(np.percentile([s[3] for s in letters], 80))


def _written(image: Image) -> Image | None:
    """The part of a cleaned strip that holds letters, with a margin; None where there is none.

    Ink that only reaches in from the next line, ends of rules, and streaks are painted over.
    """
    if image.size == 0 or shades(image, 0.8)[0] - float(image.min()) < 60:
        return None
    ink = ink_of(image)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    streaks = _streaks(np.asarray(stats, np.int32), image.shape[0])
    strange = [i for i in range(1, count) if i in streaks or _edge(stats[i], image.shape)]
    letters = [
        stats[i]
        for i in range(1, count)
        if i not in strange and stats[i][3] >= TALLEST_SPECK * POINT
    ]
    if not letters:
        return None
    cleaned = image.copy()
    if strange:
        mask = np.isin(labels, strange).astype(np.uint8)
        cleaned[cv2.dilate(mask, np.ones((5, 5), np.uint8)) > 0] = int(shades(image, 0.8)[0])
    small = [s for i, s in enumerate(stats) if i and i not in strange and s[3] >= SMALL * POINT]
    left, right = _reaching(letters, small)
    pad = int(2.5 * POINT)
    return cleaned[:, max(0, left - pad) : right + pad]


def _reaching(
    letters: Sequence[NDArray[np.int32]], small: Sequence[NDArray[np.int32]]
) -> tuple[int, int]:
    """From where to where there is writing (pixels): letters, and small ones in line with them."""
    left = min(int(s[0]) for s in letters)
    right = max(int(s[0] + s[2]) for s in letters)
    high = min(int(s[1]) for s in letters)
    low = max(int(s[1] + s[3]) for s in letters)
    beside = [s for s in small if high <= s[1] + s[3] / 2 <= low]
    for s in sorted(beside, key=lambda s: int(s[0])):
        if right < s[0] + s[2] and s[0] - right <= APART * POINT:
            right = int(s[0] + s[2])
    for s in sorted(beside, key=lambda s: -int(s[0])):
        if s[0] < left and left - (s[0] + s[2]) <= APART * POINT:
            left = int(s[0])
    return left, right


def _edge(stat: NDArray[np.int32], shape: tuple[int, ...]) -> bool:
    """Ink that only reaches in from the line above or below, or a rule's end at the side."""
    x, y, w, h, _ = (int(v) for v in stat)
    low = y <= 1 and h < 4 * POINT
    high = y + h >= shape[0] - 1 and h < 4 * POINT
    side = (x <= 1 or x + w >= shape[1] - 1) and w < 2.0 * POINT
    return low or high or side


def _streaks(stats: NDArray[np.int32], height: int) -> set[int]:
    """Pieces of a scanner's upright streak: thin ones, one over the other, from top to bottom."""
    thin = np.flatnonzero(stats[:, 2] <= STREAK * POINT)
    places = stats[thin, 0] + stats[thin, 2] / 2
    found: set[int] = set()
    for place in places:
        over = thin[np.abs(places - place) <= STREAK * POINT / 2]
        tops, ends = stats[over, 1], stats[over, 1] + stats[over, 3]
        whole = tops.min() < 0.2 * height and ends.max() > 0.85 * height
        if whole and (ends - tops).sum() > 0.35 * height:
            found.update(int(i) for i in over)
    return found


class Cells(NamedTuple):
    """A row of boxes: one picture a box, None where a box is empty."""

    images: tuple[Image | None, ...]
    box: Box


def cells_zone(context: Context, laid: Registration, box: Box, count: int) -> Cells:
    """The characters in a row of ``count`` printed boxes; rules are found again and left out."""
    margin = 5.0
    outer = (box[0] - margin, box[1] - margin, box[2] + margin, box[3] + margin)
    strip = laid.cut(context, outer)
    ink = ink_of(strip)
    step = (box[2] - box[0]) / count
    expected = [(margin + k * step) * POINT for k in range(count + 1)]
    uprights = _rules(ink, expected, axis=0)
    levels = _rules(ink, [margin * POINT, (margin + box[3] - box[1]) * POINT], axis=1)
    images = []
    for left, right in pairwise(uprights):
        inside = strip[levels[0][1] + 2 : levels[1][0] - 2, left[1] + 2 : right[0] - 2]
        images.append(_character(inside))
    return Cells(tuple(images), laid.onto_page(box))


def _rules(ink: NDArray[np.uint8], expected: Sequence[float], axis: int) -> list[tuple[int, int]]:
    """First and last pixel of each printed rule near its expected place.

    ``axis`` 0 looks for upright rules, 1 for level ones. A rule that is not found is taken to lie
    where it is expected, three pixels wide.
    """
    profile = ink.mean(axis=axis) / 255
    found = []
    for place in expected:
        low, high = max(0, int(place - 3.5 * POINT)), int(place + 3.5 * POINT) + 1
        window = profile[low:high]
        if window.size == 0 or window.max() < 0.35:
            found.append((int(place) - 1, int(place) + 1))
            continue
        peak = int(np.argmax(window))
        first = last = peak
        while first > 0 and window[first - 1] > 0.25:
            first -= 1
        while last < window.size - 1 and window[last + 1] > 0.25:
            last += 1
        found.append((low + first, low + last))
    return found


def _character(inside: Image) -> Image | None:
    """The character in a box, cut close; remains of rules along the border are dropped."""
    if inside.size == 0 or min(inside.shape) < 8:
        return None
    ink = ink_of(inside)
    if shades(inside, 0.8)[0] - float(inside.min()) < 60:
        return None
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    height, width = inside.shape
    keep = np.zeros(inside.shape, np.uint8)
    tallest = max((int(stats[i][3]) for i in range(1, count)), default=0)
    for index in range(1, count):
        x, y, w, h, area = (int(v) for v in stats[index])
        at_border = x == 0 or y == 0 or x + w == width or y + h == height
        thin = w < 1.2 * POINT or h < 1.2 * POINT
        if area < 12 or h < 0.25 * tallest or (at_border and thin):
            continue
        keep[labels == index] = 255
    rows = np.flatnonzero(keep.any(axis=1))
    columns = np.flatnonzero(keep.any(axis=0))
    if rows.size == 0 or rows[-1] - rows[0] < TALLEST_SPECK * POINT:
        return None
    paper = int(shades(inside, 0.8)[0])
    near = cv2.dilate(keep, np.ones((5, 5), np.uint8)) > 0
    cleaned = np.where(near, inside, paper).astype(np.uint8)
    top, left = max(rows[0] - 2, 0), max(columns[0] - 2, 0)
    return np.asarray(cleaned[top : rows[-1] + 3, left : columns[-1] + 3], np.uint8)


def side_by_side(images: Sequence[Image], space: float = 0.35) -> Image:
    """Characters set as one line: the same foot, ``space`` of their height apart."""
    tall = max(image.shape[0] for image in images)
    gap = int(space * tall)
    paper = int(np.median([shades(image, 0.95)[0] for image in images]))
    width = sum(image.shape[1] for image in images) + gap * (len(images) + 1)
    line = np.full((tall + 2 * gap, width), paper, np.uint8)
    x = gap
    for image in images:
        h, w = image.shape
        line[gap + tall - h : gap + tall, x : x + w] = image
        x += w + gap
    return line


def table_rows(
    context: Context,
    laid: Registration,
    box: Box,
    head: float,
    columns: Sequence[tuple[float, float]],
) -> list[list[Zone]]:
    """The cells of a ruled table under its heading, row by row; empty rows at the end dropped."""
    strip = laid.cut(context, (box[0] - 3, box[1] - 3, box[2] + 3, box[3] + 3))
    ink = ink_of(strip)
    levels = _levels(ink, (head - 4) * POINT)
    rows: list[list[Zone]] = []
    for upper, lower in pairwise(levels):
        if lower[0] - upper[1] < 8 * POINT:
            continue
        row = []
        for x0, x1 in columns:
            left = (x0 - box[0] + 3) * POINT
            right = (x1 - box[0] + 3) * POINT
            part = ink[upper[1] : lower[0]]
            sides = _rules(part, [left, right], axis=0)
            inside = strip[upper[1] + 2 : lower[0] - 1, sides[0][1] + 3 : sides[1][0] - 2]
            top = box[1] - 3 + upper[1] / POINT
            bottom = box[1] - 3 + lower[0] / POINT
            place = laid.onto_page((x0, top, x1, bottom))
            row.append(Zone(_written(inside), place, inside=stays_inside(inside)))
        rows.append(row)
    while rows and sum(zone.image is not None for zone in rows[-1][1:]) < 2:
        rows.pop()
    return rows


def _levels(ink: NDArray[np.uint8], start: float) -> list[tuple[int, int]]:
    """Level rules from ``start`` (pixels) down: first and last pixel row of each."""
    profile = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((1, 60), np.uint8)).mean(axis=1) / 255
    found: list[tuple[int, int]] = []
    y = int(start)
    while y < profile.size:
        if profile[y] > 0.3:
            first = y
            while y < profile.size and profile[y] > 0.15:
                y += 1
            if found and first - found[-1][1] < 3:
                found[-1] = (found[-1][0], y - 1)
            else:
                found.append((first, y - 1))
        y += 1
    return found
