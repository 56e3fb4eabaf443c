"""Printed lines read by three looks: Tesseract's page, Tesseract alone, the line model.

The page says where a line is; here its strip is cut level out of the black print (no seals, no
coloured stamps), grown to words the page's layout lost, and read again.
"""

import math
import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.fields.context import ZONE_DPI, Context
from ocr.fields.decree30.colour import (
    Colours,
    black_ink,
    colour_page,
    darker_ink,
    has_colours,
    level_zone,
    red_ink,
)
from ocr.fields.evidence import Evidence, nothing
from ocr.fields.levelling import level_picture
from ocr.fields.lines import Phrase, around, height, middle
from ocr.fields.sureness import OF_PRINT
from ocr.fields.voting import Voted, doubted, voted
from ocr.fields.zone_reader import Image, read_block, read_line
from ocr.recognition.line_reader import line_reader
from schemas.errors import MissingDependency
from schemas.field import Check, Reading
from schemas.page import Box, PageReading, Word
from schemas.validators import FieldType, folded

PIXELS = ZONE_DPI / 72
"""Of a zone, per point."""

WORD_GAP = 1.15
"""Widest space inside a printed line, in heights of its letters; beyond it stands another thing."""

RED = 160
"""In a picture of red ink alone, what is darker is ink."""

TALLER = 1.4
"""A word's box that is so many times taller than the usual holds more than the line."""

ROOM = 2.6
"""Points left above and below the tallest word of a line."""

FRONT, BACK = "~|_'`‘’.,;:*•« »=!", "~|_'`‘*•« »-–—=!"
"""Specks and ends of rules are read as these at a line's ends; a line may end with a comma."""


_SPAN = re.compile(r" ?[-–—]$")


class Paper:
    """The pages of one document in colour, drawn when first asked for."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self._drawn: dict[int, Colours] = {}

    def zone(self, page: PageReading, box: Box) -> Colours:
        """A part of a page in colour at :data:`ZONE_DPI`, lines level."""
        return level_zone(self._page(page), box, page.skew, ZONE_DPI)

    def red_pixels(self, page: PageReading, part: float) -> int:
        """How many pixels of red ink the upper ``part`` of a page has, from one in 25."""
        whole = self._page(page)
        few = np.ascontiguousarray(whole[: int(part * len(whole)) : 5, ::5])
        return 25 * int((red_ink(few) < RED).sum())

    def coloured(self, page: PageReading) -> bool:
        """Whether the scan of a page has colours."""
        return has_colours(np.ascontiguousarray(self._page(page)[::5, ::5]))

    def _page(self, page: PageReading) -> Colours:
        if page.number not in self._drawn:
            self._drawn.clear()
            drawn = colour_page(self.context.path, page, ZONE_DPI, self.context.options)
            self._drawn[page.number] = level_picture(drawn, page)
        return self._drawn[page.number]

    def black(self, page: PageReading, box: Box) -> Image:
        """The black print of a part of a page."""
        return black_ink(self.zone(page, box))

    def darker(self, page: PageReading, box: Box) -> tuple[Image, Image]:
        """The black print of a part of a page, also told from the seals of a scan without colours,
        and with them; twice the same picture where they cannot be told."""
        zone = self.zone(page, box)
        black = black_ink(zone)
        return darker_ink(zone, black), black

    def red(self, page: PageReading, box: Box) -> Image:
        """The red ink of a part of a page."""
        return red_ink(self.zone(page, box))


class Printed(NamedTuple):
    """A printed line as read."""

    voted: Voted
    looks: tuple[str, ...]
    """Tesseract's, on the page first."""
    line: str
    sure: float
    """The line model's confidence in its own text."""
    box: Box


def line_height(row: Phrase) -> float:
    """Median height of the words: a slanting line is taller than its letters."""
    return median(height(word.box) for word in row.words)


def read_printed(
    paper: Paper,
    page: PageReading,
    row: Phrase,
    bounds: tuple[float, float],
    *,
    grow: bool = True,
    repair: Callable[[str], str] = str,
) -> Printed:
    """Read a printed line again.

    Args:
        paper: the document's pages in colour.
        page: the page of the line.
        row: the line's words as the page was read.
        bounds: between these x (points) the line may be grown to words that were not read.
        grow: False: the strip is the row's own box.
        repair: applied to each reading before they are compared.
    """
    context = paper.context
    if context.digital(page):
        text = repair(folded(row.text))
        return Printed(Voted(text, True, 0), (text,), "", 1.0, row.box)
    usual = _usual(row)
    tall = max(height(word.box) for word in usual.words)
    strip, left = _strip(paper, page, row, usual, bounds if grow else None, tall)
    own = ((row.box[0] - left) * PIXELS, (row.box[2] - left) * PIXELS)
    x0, x1 = line_extent(strip, own, tall * PIXELS) if grow else (0, strip.shape[1])
    cut = grow and (x0 <= 2 or x1 >= strip.shape[1] - 2)
    inside = [
        w for w in row.words if x0 / PIXELS + left - 2 <= middle(w.box)[0] <= x1 / PIXELS + left + 2
    ]
    image = np.ascontiguousarray(strip[:, x0:x1])
    line, sure = look_at_line(image)
    line = repair(line)
    looks = [repair(tidy(" ".join(w.text for w in inside)))] if inside else []
    if not voted(looks, line).proven:
        looks.append(repair(_alone(image, context)))
    _, y0, _, y1 = row.box
    box = (left + x0 / PIXELS, y0, left + x1 / PIXELS, y1)
    read = doubted(voted(looks, line, sure=sure))
    if cut:  # the ink goes on beyond the bounds: something else is near, or letters are lost
        read = read._replace(proven=False, doubts=read.doubts + 1)
    return Printed(read, tuple(looks), line, sure, box)


def _usual(row: Phrase) -> Phrase:
    """The line without words whose boxes reach into the next one."""
    most = TALLER * line_height(row)
    return Phrase(tuple(word for word in row.words if height(word.box) <= most))


def _alone(image: Image, context: Context) -> str:
    """The strip as Tesseract reads it alone: as one line, or as a block where it sees none."""
    read = read_line(image, context.options).text or read_block(image, context.options).text
    return tidy(read)


def look_at_line(image: Image) -> tuple[str, float]:
    """The line model's reading of a strip and its confidence; empty where it is not installed."""
    try:
        found = line_reader().read(image, best=1)
    except MissingDependency:
        return "", 0.0
    return (tidy(found[0].text), found[0].confidence) if found else ("", 0.0)


def printed_evidence(
    rows: Sequence[Printed],
    page: PageReading,
    *,
    digital: bool,
    required: bool = False,
    checks: tuple[Check, ...] = (),
    value: str | None = None,
    proven: bool | None = None,
) -> Evidence:
    """A field whose value is the text of whole printed lines.

    Its readers agree where every line is proven (or ``proven`` says so by a rule of its own);
    ``value`` stands for the lines' text where a rule gave it another form.
    """
    if not rows:
        return nothing(FieldType.text, required=required)
    text = tidy(" ".join(row.voted.text for row in rows)) if value is None else value
    sure = all(row.voted.proven for row in rows) if proven is None else proven
    box = around(row.box for row in rows)
    readings = [
        Reading(reader="text-layer" if digital else "tesseract", text=said, confidence=weight)
        for said, weight in (
            (" ".join(r.looks[0] for r in rows if r.looks), 1.0 if digital else OF_PRINT),
        )
        if said
    ]
    again = [row.looks[1] for row in rows if len(row.looks) > 1]
    if again:
        readings.append(Reading(reader="tesseract-zone", text=" ".join(again), confidence=OF_PRINT))
    if not digital:
        said = " ".join(row.line for row in rows)
        readings.append(Reading(reader="line", text=said, confidence=min(r.sure for r in rows)))
    checks = (Check(name="readers_agree", passed=sure), *checks)
    return Evidence(
        FieldType.text,
        text or None,
        folded(" ".join(row.looks[0] for row in rows if row.looks)) or None,
        tuple(readings),
        checks,
        required,
        page.number,
        box,
    )


def tidy(text: str) -> str:
    """A line without what specks and rules at its ends are read as; ``2021 -`` may go on."""
    bare = folded(text).lstrip(FRONT).rstrip(BACK)
    goes_on = bare[-1:].isdigit() and _SPAN.match(folded(text).lstrip(FRONT)[len(bare) :])
    return f"{bare} -" if goes_on else bare


def count_letters(image: Image, tall: float, least: float = 0.45) -> int:
    """How many pieces of ink have the size of letters: ``least`` heights of a line and more."""
    if image.size == 0:
        return 0
    ink = (image < 128).astype(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    return sum(least * tall < h < 1.3 * tall and w < 1.5 * tall for _, _, w, h, _ in stats[1:])


def phrase(words: Sequence[Word]) -> Phrase:
    """Words as a line, left to right."""
    return Phrase(tuple(sorted(words, key=lambda word: word.box[0])))


def _strip(
    paper: Paper,
    page: PageReading,
    row: Phrase,
    usual: Phrase,
    bounds: tuple[float, float] | None,
    tall: float,
) -> tuple[Image, float]:
    """The line's black print between ``bounds``, and the x (points) where the strip begins."""
    x0, _, x1, _ = row.box
    x, y = middle(usual.box)
    if bounds is not None:
        x0, x1 = min(bounds[0], x0), max(bounds[1], x1)
    else:
        x0, x1 = x0 - 3, x1 + 3
    # the strip turns about its own centre; that must lie on the line
    centre = y + math.tan(math.radians(page.skew)) * ((x0 + x1) / 2 - x)
    half = tall / 2 + ROOM
    return paper.black(page, (x0, centre - half, x1, centre + half)), x0


def line_extent(strip: Image, own: tuple[float, float], tall: float) -> tuple[int, int]:
    """First and last column of a line: its own ink and what stands close beside it.

    Args:
        strip: the line's picture, ink dark.
        own: between these columns its words were read.
        tall: height of its letters; all in pixels.
    """
    inked = _columns(strip, tall)
    runs = _runs(inked, int(WORD_GAP * tall))
    best = max(runs, key=lambda r: min(r[1], own[1]) - max(r[0], own[0]), default=None)
    if best is None:
        return max(0, int(own[0]) - 4), min(strip.shape[1], int(own[1]) + 4)
    return max(0, best[0] - 6), min(strip.shape[1], best[1] + 7)


def _columns(strip: Image, tall: float) -> NDArray[np.bool_]:
    """The columns with ink of letters: no frames of stamps, which cross the whole strip."""
    ink = (strip < 128).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    rows = strip.shape[0]
    for index in range(1, count):
        x, y, w, h, area = (int(v) for v in stats[index])
        frame = h >= rows - 1 and w < 0.3 * tall
        rule = w > 4 * tall and h < 0.2 * tall
        if frame or rule or area < 9 or y >= rows - 2 or y + h <= 2:
            ink[:, x : x + w][labels[:, x : x + w] == index] = 0
    return np.asarray(ink.any(axis=0), np.bool_)


def _runs(inked: NDArray[np.bool_], gap: int) -> list[tuple[int, int]]:
    """Stretches of ink without a gap wider than ``gap``, first and last column."""
    at = np.flatnonzero(inked)
    if at.size == 0:
        return []
    cuts = [0, *(i + 1 for i, (a, b) in enumerate(pairwise(at)) if b - a > gap), at.size]
    return [(int(at[a]), int(at[b - 1]) + 1) for a, b in pairwise(cuts)]
