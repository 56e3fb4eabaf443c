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
from ocr.fields.forms.cells import TALLEST_SPECK, rules_near
from ocr.fields.forms.dot_leader_removal import ABOVE, BELOW, find_row, without_dot_leader
from ocr.fields.forms.drop_out import coloured_writing
from ocr.fields.forms.overreach import REACH, Followed, followed
from ocr.fields.forms.print_removal import dot_leader_of, erased_dot_leader
from ocr.fields.registration import Registration
from ocr.fields.zone_reader import Image
from schemas.page import Box

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
    own = (x0 - 1.0, y - ABOVE, x1 + 1.5, y + BELOW)
    if (pen := _by_colour(context, laid, own)) is not None:
        clear = _parted(pen, (y - own[1]) * POINT)
        return _zone(context, laid, zone, pen, clear=clear, exact=True)
    if blank is not None:
        cleaned = erased_dot_leader(laid.cut(context, own), blank, own)
        clear = _parted(cleaned, dot_leader_of(blank, own, (y - own[1]) * POINT))
        return _zone(context, laid, zone, cleaned, clear=clear, exact=True)
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
    return _zone(context, laid, zone, cleaned, clear=clear, exact=False)


def _zone(
    context: Context, laid: Registration, zone: Line, cleaned: Image, *, clear: bool, exact: bool
) -> Zone:
    """The zone of a cleaned strip, with what of its letters lies over the lines beside it."""
    x0, x1, y = zone
    above, wide = round(REACH * POINT), cleaned.shape[1]

    def around() -> Image:
        cut = laid.cut(context, (x0 - 1.0, y - ABOVE - REACH, x1 + 1.5, y + BELOW + REACH))
        missing = max(0, wide - cut.shape[1])
        return np.pad(cut, ((0, 0), (0, missing)), constant_values=255)[:, :wide]

    image, up, down = followed(cleaned, around, above, round(ABOVE * POINT))
    place = (x0, y - ABOVE - up / POINT, x1, y + BELOW + down / POINT)
    return Zone(
        _written(image),
        laid.onto_page(place),
        clear,
        exact,
        marks_whole(image),
        ended(image),
        stays_inside(image),
    )


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
            sides = rules_near(part, [left, right], axis=0)
            across = slice(sides[0][1] + 3, sides[1][0] - 2)
            inside, up, down = _of_row(strip[:, across], upper, lower)
            top = box[1] - 3 + (upper[1] - up) / POINT
            bottom = box[1] - 3 + (lower[0] + down) / POINT
            place = laid.onto_page((x0, top, x1, bottom))
            row.append(Zone(_written(inside), place, inside=stays_inside(inside)))
        rows.append(row)
    while rows and sum(zone.image is not None for zone in rows[-1][1:]) < 2:
        rows.pop()
    return rows


def _of_row(strip: Image, upper: tuple[int, int], lower: tuple[int, int]) -> Followed:
    """What was written between two rules of a column, over them, too."""
    top, foot = upper[1] + 2, lower[0] - 1
    start, end = max(0, top - round(REACH * POINT)), foot + round(REACH * POINT)
    return followed(strip[top:foot], lambda: strip[start:end], top - start)


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
