"""The way of a page, step by step: take, look, orient, straighten, read, put in place.

Cleaning touches only the picture that is read; the page that people see stays as scanned. Every
step takes and gives plain values, so that a page can be read in any process.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz

from ocr import geometry
from ocr.cleaning import ink as inks
from ocr.cleaning import twoup
from ocr.cleaning.blankness import Traces, traces
from ocr.cleaning.borders import without_borders
from ocr.cleaning.orientation import BLANK_CONTRAST, FirstLook, as_told, is_blank, look
from ocr.files import pictures
from ocr.options import ReadingOptions
from ocr.page_ink import PageInk, few_words, missed_line, of_traces, page_ink, surely_read, unread
from ocr.recognition.marks import remarked
from ocr.recognition.reader import SeenWord, reader
from ocr.taken import Taken, kind_of, take
from schemas.errors import InputRejected
from schemas.page import Blankness, Box, PageKind, PageReading, Word

SOFTENING = 0.8
"""Gaussian sigma in pixels at the reading resolution for 1-bit pages (measured: 3.7 -> 2.1 %)."""
MOST_UPSCALING = 1.3
"""Of 1-bit pages: beyond it, the steps of their edges are read as strokes (measured at 144 dpi)."""
MOST_ENLARGING = 4.0
"""Of any page: a small picture on an enormous sheet must not become an enormous picture."""
SPECK_CONFIDENCE = 0.55
"""A word without a letter or digit is kept only when the reader is at least this sure."""
SPECK_PIXELS = 5
"""Largest piece of ink taken off 1-bit pages, at their own resolution. Measured at 144 dpi: error
2.4 -> 0.8 % (7 px the same, 9 px eats dots); at 200 dpi no difference up to 5 px, 10 px harms."""
SPECK_DPI = 130.0
"""Below this resolution the dot of an i may be as small as a speck; nothing is taken off."""
SPECK_POINTS = 1.6
"""A word without a letter or digit whose longer side is shorter is dirt on the glass."""
DOUBTFUL_CONFIDENCE = 0.08
"""Below this, what was read is texture: paper grain, the weave of a seal."""

MIXED = 0.25
"""Letters read from pictures, for each of the text layer, from which both make the page."""
FEWEST_READ = 3
"""A picture beside text in which fewer words are found is a logo or a seal."""
SAME_WORD = 60.0
"""Likeness of two words (rapidfuzz, of 100) in one place that are the same word twice."""


def read_page(
    path: Path, number: int, options: ReadingOptions, turn: int | None = None
) -> PageReading:
    """Read page ``number`` (from 1) of a file that :func:`ocr.inspect` accepted.

    Words of annotations (signature stamps) come last, with confidence 1. ``turn`` are the degrees
    clockwise that set the page upright, where a person has said so: nothing is found out then.

    Raises:
        InputRejected: ``reading.broken``, ``reading.too_many_pixels``, ``reading.page_memory``.
        MissingDependency: the engine or its language data is not there.
    """
    try:
        page = take(path, number, options)
        if page.scan is None:
            return _reading(number, page, FirstLook(turn or 0), [], page.digital)
        if page.kind is PageKind.digital and turn is None:
            return _beside(path, number, page, page.scan, options)
        image, dpi = _resampled(page.scan, options.ocr_dpi)
        image = without_borders(image, dpi)
        only_red = _only_red(page.scan)
        little = None
        if only_red or is_blank(image, dpi):
            little = _page_ink(page, page.scan, path, number, options)
        looked, image = _looked(image, dpi, little, options, only_red=only_red, turn=turn)
        if looked.blank:
            return _reading(number, page, looked, [], page.digital)
        seen = looked.seen if looked.seen is not None else reader(options).read(image, dpi)
        words = _in_place(seen, looked, image.shape, dpi, page)
        if options.restore_marks and "vie" in options.language.split("+"):
            words = remarked(words)
        rules = partial(twoup.rules_through, image, dpi)
        sides = twoup.halves(words, *_upright_size(page, looked.rotation), rules) or ()
        words = twoup.in_order(words, sides) if sides else words
    except MemoryError as exc:
        raise InputRejected("reading.page_memory", page=number) from exc
    made = _reading(number, page, looked, words, page.digital, sides)
    return _doubted(made, page, page.scan, path, little, options)


def _scan_read(made: PageReading, page: Taken) -> bool:
    """Whether what is read of a page's picture is sure; what its text layer says is no proof."""
    if not page.digital:
        return surely_read(made.words)
    read = [word for word in made.words if word.confidence < 1]
    ornament = made.kind is PageKind.digital and len(read) < FEWEST_READ
    return ornament or surely_read(read)


def _page_ink(
    page: Taken, scan: pictures.Scan, path: Path, number: int, options: ReadingOptions
) -> PageInk:
    """What stands on a page beside its text layer, which is read without being looked at."""
    if page.digital or scan.photographed:
        return of_traces(_marks(scan))
    return page_ink(path, kind_of(path), number, options)


def _marks(scan: pictures.Scan) -> Traces:
    return traces(scan.grey if scan.colour is None else scan.colour, _dpi_of(scan))


def _doubted(
    made: PageReading,
    page: Taken,
    scan: pictures.Scan,
    path: Path,
    little: PageInk | None,
    options: ReadingOptions,
) -> PageReading:
    """The page; one of few words with a warning where something stands on it that was not read."""
    if not few_words(made.words):
        return made
    how = (made.words, made.rotation, (made.width, made.height))
    if _scan_read(made, page):
        doubted = missed_line(_marks(scan), *how)
    else:
        little = little or _page_ink(page, scan, path, made.number, options)
        doubted = unread(little.traces, *how)
    if not doubted:
        return made
    return made.model_copy(update={"warnings": (*made.warnings, "reading.ink_unread")})


def _beside(
    path: Path, number: int, page: Taken, scan: pictures.Scan, options: ReadingOptions
) -> PageReading:
    """A page of text with pictures or drawings on it, which are read beside the text.

    The text says which way up the page is, unless there is more of it in a picture that lies
    another way. Most logos hold no word: the page stays digital where little was read.
    """
    image, dpi = _resampled(scan, options.ocr_dpi)
    image = without_borders(image, dpi)
    looked, image = _looked(image, dpi, None, options, only_red=_only_red(scan))
    seen = looked.seen
    if seen is None:  # too few pieces to be a page
        seen, looked = reader(options).read(image, dpi), replace(looked, blankness=None)
    words = _in_place(seen, looked, image.shape, dpi, page)
    if options.restore_marks and "vie" in options.language.split("+"):
        words = remarked(words)
    printed, read = (sum(len(word.text) for word in part) for part in (page.digital, words))
    if looked.rotation and read <= printed:
        upright = _upright_size(page, looked.rotation)
        words = [
            word.model_copy(update={"box": geometry.turned(word.box, *upright, -looked.rotation)})
            for word in words
        ]
        looked = replace(looked, rotation=0)
    looked = replace(looked, warnings=(), skew=looked.skew if read > printed else 0.0)
    if read > MIXED * printed:
        page = replace(page, kind=PageKind.mixed)
    made = _reading(number, page, looked, words, page.digital)
    return _doubted(made, page, scan, path, None, options)


def _looked(
    image: NDArray[np.uint8],
    dpi: float,
    little: PageInk | None,
    options: ReadingOptions,
    *,
    only_red: bool,
    turn: int | None = None,
) -> tuple[FirstLook, NDArray[np.uint8]]:
    """The first look at a page, and its picture upright and level.

    ``little`` is what stands on a page with few or only red marks, ``turn`` what a person said.
    """
    if little is not None and little.blankness is not None:
        back = little.blankness is Blankness.back
        warning = "reading.shines_through" if back else "reading.page_blank"
        return FirstLook(turn or 0, blankness=little.blankness, warnings=(warning,)), image
    if turn is not None:
        looked = as_told(image, dpi, turn, options)
        image = geometry.turned_image(image, turn)
        return looked, geometry.straightened(image, looked.level_by) if looked.level_by else image
    pale = only_red or (little is not None and little.traces.contrast < BLANK_CONTRAST)
    looked = look(image, dpi, options, pale=pale)
    image = geometry.turned_image(image, looked.rotation)
    if looked.level_by:
        image = geometry.straightened(image, looked.level_by)
    return looked, image


def _dpi_of(scan: pictures.Scan) -> float:
    """The resolution of the page's colours, or of its grey where it has none."""
    if scan.colour is None:
        return scan.dpi
    return scan.dpi * (int(scan.colour.shape[1]) / int(scan.grey.shape[1]))


def _only_red(scan: pictures.Scan) -> bool:
    if scan.colour is None:
        return False
    half = np.ascontiguousarray(scan.colour[::2, ::2])
    dpi = scan.dpi * half.shape[1] / scan.grey.shape[1]
    return is_blank(inks.without_red(half), dpi)


def _resampled(scan: pictures.Scan, target: float) -> tuple[NDArray[np.uint8], float]:
    image, dpi = scan.grey, scan.dpi
    if scan.colour is not None:
        dpi *= scan.colour.shape[1] / image.shape[1]
        image = inks.for_reading(scan.colour, dpi)
    scale = min(target / dpi, MOST_ENLARGING)
    if scan.bilevel:
        scale = min(scale, MOST_UPSCALING)
        image = _without_specks(image) if scan.dpi >= SPECK_DPI else image
    if scale < 0.98:
        image = geometry.reduced(image, scale)
    elif scale > 1.02:
        image = np.asarray(
            cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC),
            dtype=np.uint8,
        )
    else:
        scale = 1.0
    if scan.bilevel and scale > 0.75:
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), SOFTENING), dtype=np.uint8)
    return image, dpi * scale


def _without_specks(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A 1-bit page without the pieces of ink that are too small for a dot."""
    inked = (image < 128).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(inked, connectivity=8)
    specks = stats[:, cv2.CC_STAT_AREA] <= SPECK_PIXELS
    specks[0] = False
    if not specks.any():
        return image
    clean = image.copy()
    clean[specks[labels]] = 255
    return clean


def _in_place(
    seen: Sequence[SeenWord],
    looked: FirstLook,
    shape: tuple[int, ...],
    dpi: float,
    page: Taken,
) -> list[Word]:
    """Words in points of the upright visible page, without specks.

    Without what the text layer says in the same place: it may lie over its own picture.
    """
    height, width = shape[:2]
    points = 72 / dpi
    upright = _upright_size(page, looked.rotation)
    printed = [
        (word.text, geometry.turned(word.box, page.width, page.height, looked.rotation))
        for word in page.digital
    ]
    words = []
    for word in seen:
        if not _meant(word, points):
            continue
        box = word.box
        if looked.level_by:
            box = geometry.unstraightened(box, looked.level_by, width, height)
        x0, y0, x1, y1 = (value * points for value in box)
        box = geometry.clipped((x0, y0, x1, y1), *upright)
        if not any(_centre_in(box, at) and _alike(word.text, said) for said, at in printed):
            words.append(Word(text=word.text, box=box, confidence=word.confidence, line=word.line))
    return words


def _meant(word: SeenWord, points: float) -> bool:
    if any(char.isalnum() for char in word.text):
        return word.confidence >= DOUBTFUL_CONFIDENCE
    x0, y0, x1, y1 = word.box
    return word.confidence >= SPECK_CONFIDENCE and max(x1 - x0, y1 - y0) * points >= SPECK_POINTS


def _alike(one: str, other: str) -> bool:
    return fuzz.partial_ratio(one.lower(), other.lower()) >= SAME_WORD


def _centre_in(box: Box, other: Box) -> bool:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return other[0] <= x <= other[2] and other[1] <= y <= other[3]


def _upright_size(page: Taken, rotation: int) -> tuple[float, float]:
    return (page.height, page.width) if rotation % 180 else (page.width, page.height)


def _reading(
    number: int,
    page: Taken,
    looked: FirstLook,
    words: list[Word],
    digital: list[Word],
    sides: tuple[Box, ...] = (),
) -> PageReading:
    """Put the parts of a page together, lines counted on from part to part."""
    width, height = _upright_size(page, looked.rotation)
    parts = [digital, words] if len(digital) > len(words) else [words, digital]
    joined: list[Word] = []
    for part in [*parts, *page.stamps]:
        turn = part is not words
        joined += _renumbered(part, joined, page, looked.rotation if turn else 0, (width, height))
    sure = [word.confidence for word in joined]
    blank = looked.blank and not joined
    noted = looked.warnings
    if looked.blank and joined:  # only its picture is blank
        unread_ink = looked.blankness in {Blankness.faint, Blankness.back}
        noted = ("reading.ink_unread",) if unread_ink else ()
    return PageReading(
        number=number,
        width=width,
        height=height,
        dpi=round(page.scan.source_dpi, 1) if page.scan is not None else 0.0,
        rotation=looked.rotation,
        skew=round(looked.skew, 2),
        blank=blank,
        blankness=looked.blankness if blank else None,
        kind=page.kind,
        words=tuple(joined),
        confidence=sum(sure) / len(sure) if sure else 0.0,
        warnings=(*noted, *page.warnings, *(("reading.two_up",) if sides else ())),
        halves=sides,
    )


def _renumbered(
    part: Sequence[Word],
    before: Sequence[Word],
    page: Taken,
    rotation: int,
    upright: tuple[float, float],
) -> list[Word]:
    line = before[-1].line if before else -1
    own: int | None = None
    words = []
    for word in part:
        if word.line != own:
            line, own = line + 1, word.line
        box = geometry.turned(word.box, page.width, page.height, rotation)
        words.append(word.model_copy(update={"line": line, "box": geometry.clipped(box, *upright)}))
    return words
