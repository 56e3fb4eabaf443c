"""Which way up a page is, whether it is level, whether anything stands on it.

Tesseract's own detection (OSD) costs as much as half the reading and errs on sparse pages. Here the
profile of the ink says whether lines run across or down, the first reading says whether the page
made sense, and only a page that made none is tried the other ways round, on its densest part.
"""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr import geometry
from ocr.options import ReadingOptions
from ocr.recognition.reader import PSM_BLOCK, SeenWord, reader
from schemas.page import Blankness

SMALLEST_SKEW = 0.12
"""Degrees; less moves a line by about a pixel at 200 dpi and is left to the engine."""
SEEN_LINES = 1.6
"""Strength of a profile from which lines of text are believed to lie that way."""
UPENDED = 1.3
"""How much stronger the profile down the page must be for a trial before the first reading."""
SURE_CONFIDENCE = 0.70
"""Mean confidence of the longer words from which a page is taken to stand upright."""
TRIAL_DPI = 150.0
TRIAL_MARGIN = 2.0
"""How many times more must be readable another way round before a page is turned."""
RULE_INCHES = 0.4
"""Ink that goes straight on for so long is a rule, not a letter."""
BLANK_DPI = 100.0
BLANK_CONTRAST = 40
"""Grey levels under the surroundings; what shines through from the other side is fainter."""
BLANK_PIECES = 12
"""Fewer pieces of the size of letters than this: nothing is written here."""


@dataclass(frozen=True)
class FirstLook:
    """What the first look found."""

    rotation: int = 0
    skew: float = 0.0
    level_by: float = 0.0
    """Degrees the picture is to be straightened by; 0 when it is level enough."""
    blankness: Blankness | None = None
    seen: list[SeenWord] | None = None
    """The words, where finding out meant reading the page."""
    warnings: tuple[str, ...] = ()

    @property
    def blank(self) -> bool:
        """Whether there is nothing to read."""
        return self.blankness is not None


def look(
    image: NDArray[np.uint8], dpi: float, options: ReadingOptions, *, pale: bool = False
) -> FirstLook:
    """Find rotation and skew of a page in grey; reads it where nothing less will tell.

    A page with nothing but faint or red ink, as ``pale`` says, is taken for one that shows what
    stands on its other side, unless it can be read; a person must look at it.
    """
    lies = geometry.slant(image, dpi)
    down = lies.upended > SEEN_LINES and lies.upended > UPENDED * lies.strength
    best = _best_turn(image, dpi, (90, 270), options) if down else None
    if not best:
        first = _read(image, dpi, 0, lies.angle, options)
        if best == 0 or makes_sense(first.seen or []):
            return first
        along = lies.strength > SEEN_LINES and lies.strength > UPENDED * lies.upended
        best = _best_turn(image, dpi, (0, 180), options) if along else None
        best = _best_turn(image, dpi, (0, 90, 180, 270), options) if best is None else best
        if best is None and pale and not _has_sure_words(first.seen or []):
            warnings = ("reading.shines_through", "reading.ink_unread")
            return FirstLook(blankness=Blankness.faint, warnings=warnings)
        if best is None:
            return replace(first, warnings=("reading.orientation_unsure",))
        if best == 0:
            return first
    angle = geometry.slant(geometry.turned_image(image, best), dpi).angle
    return _read(image, dpi, best, angle, options)


def as_told(
    image: NDArray[np.uint8], dpi: float, rotation: int, options: ReadingOptions
) -> FirstLook:
    """The page as it stands upright by a person's word: it is made level, and read."""
    angle = geometry.slant(geometry.turned_image(image, rotation), dpi).angle
    return _read(image, dpi, rotation, angle, options)


def _read(
    image: NDArray[np.uint8], dpi: float, rotation: int, angle: float, options: ReadingOptions
) -> FirstLook:
    level_by = angle if abs(angle) >= SMALLEST_SKEW else 0.0
    upright = geometry.turned_image(image, rotation)
    if level_by:
        upright = geometry.straightened(upright, level_by)
    return FirstLook(rotation, angle, level_by, None, reader(options).read(upright, dpi))


def makes_sense(seen: list[SeenWord]) -> bool:
    """Whether a reading is one of an upright page: sure words, wider than they are high.

    Tesseract reads a page on its side rather well, and gives words standing on end.
    """
    longer = [word for word in seen if len(word.text) > 2 and word.text.isalpha()]
    lying = sum(_lies(word) for word in longer)
    sure = sum(word.confidence for word in longer)
    return len(longer) >= 5 and lying > 0.4 * len(longer) and sure >= SURE_CONFIDENCE * len(longer)


def _has_sure_words(seen: list[SeenWord]) -> bool:
    """Whether most of what was read are words that texture and mirrored print do not give."""
    letters = sum(len(word.text) for word in seen)
    sure = sum(
        len(word.text)
        for word in seen
        if len(word.text) > 2 and word.text.isalpha() and word.confidence >= SURE_CONFIDENCE
    )
    return sure > 0.5 * letters


def _lies(word: SeenWord) -> bool:
    x0, y0, x1, y1 = word.box
    return x1 - x0 > y1 - y0


def _best_turn(
    image: NDArray[np.uint8], dpi: float, turns: tuple[int, ...], options: ReadingOptions
) -> int | None:
    """The rotation of ``turns`` in which clearly most is readable; None when none stands out."""
    scale = min(1.0, TRIAL_DPI / dpi)
    small = geometry.reduced(image, scale)
    scores: dict[int, float] = {}
    for rotation in turns:
        upright = _densest(geometry.turned_image(small, rotation))
        angle = geometry.slant(upright, dpi * scale).angle
        if abs(angle) >= 0.5:
            upright = geometry.straightened(upright, angle)
        upright = _without_rules(upright, dpi * scale)
        seen = reader(options).read(upright, dpi * scale, PSM_BLOCK)
        scores[rotation] = sum(
            len(word.text) * word.confidence**2
            for word in seen
            if word.confidence >= 0.6 and len(word.text) > 1 and word.text.isalpha()
        )
    first, second = sorted(scores.values(), reverse=True)[:2]
    if first < 12 or first < TRIAL_MARGIN * second:
        return None
    return max(scores, key=lambda rotation: scores[rotation])


def _without_rules(image: NDArray[np.uint8], dpi: float) -> NDArray[np.uint8]:
    """The level picture without the rules of tables, in which a block of text finds no lines."""
    inked = geometry.ink(image).astype(np.uint8)
    long, thick = max(3, round(RULE_INCHES * dpi)), np.ones((3, 3), np.uint8)
    across = cv2.morphologyEx(inked, cv2.MORPH_OPEN, np.ones((1, long), np.uint8))
    down = cv2.morphologyEx(inked, cv2.MORPH_OPEN, np.ones((long, 1), np.uint8))
    rules = np.asarray(cv2.bitwise_or(across, down), np.uint8)
    if not rules.any():
        return image
    clean = image.copy()
    clean[cv2.dilate(rules, thick, iterations=2) > 0] = 255
    return clean


def _densest(image: NDArray[np.uint8], share: float = 0.4) -> NDArray[np.uint8]:
    """The band of rows with the most ink; all columns."""
    rows = geometry.without_streaks(geometry.ink(image)).sum(axis=1).astype(np.float64)
    band = max(1, int(len(rows) * share))
    sums = np.convolve(rows, np.ones(band), mode="valid")
    top = int(sums.argmax())
    return np.ascontiguousarray(image[top : top + band])


def is_blank(
    image: NDArray[np.uint8],
    dpi: float,
    contrast: int = BLANK_CONTRAST,
    pieces: int = BLANK_PIECES,
) -> bool:
    """Whether no text to speak of is written: no or few pieces of ink of the size of letters.

    Bleed-through from the other side does not count, and neither do specks or the scanner's border;
    but neither do drawings, pictures, a few large letters: see :mod:`ocr.cleaning.blankness`.
    """
    small = geometry.reduced(image, BLANK_DPI / dpi)
    mask = geometry.ink(small, contrast).astype(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    scale = min(1.0, dpi / BLANK_DPI) if dpi < BLANK_DPI else 1.0
    tall = stats[1:, cv2.CC_STAT_HEIGHT] / scale
    area = stats[1:, cv2.CC_STAT_AREA] / scale**2
    letters = int(((tall >= 4) & (tall <= 60) & (area >= 6)).sum())
    return letters < pieces
