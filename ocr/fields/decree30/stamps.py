"""Urgency and secrecy: words printed apart from the text, or stamped in red, often aslant.

A stamp is found by its red ink, in a scan without colours by its frame. It is turned level by its
own outline, freed of its frame and read by both kinds of readers; only the few words of the
vocabulary are looked for.
"""

import itertools
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import cv2
import numpy as np
from rapidfuzz import fuzz

from ocr.fields.decree30.printed import PIXELS, RED, Paper, look_at_line, tidy
from ocr.fields.decree30.subject import shouts
from ocr.fields.evidence import Evidence, nothing
from ocr.fields.lines import columns, lines
from ocr.fields.sureness import MARK_LIKE
from ocr.fields.weighing import Opinions, weigh
from ocr.fields.zone_reader import Image, read_line
from schemas.document_type import DocumentType
from schemas.field import Check, Reading
from schemas.page import Box, PageReading
from schemas.validators import FieldType, plain

UPPER = 0.62
"""Stamps of urgency stand in this upper part of page 1, most on the left."""

LEAST_INK = 900
"""Red pixels at 300 dpi under which no stamp is looked for."""

LENGTHS, HEIGHTS = (36.0, 230.0), (9.0, 120.0)
"""A stamp's sides, points."""

SLANT = 55.0
"""Degrees a stamp may lean."""

HOLLOW = 0.3
"""A frame's ink is at most this part of the place around it."""

MOST_FRAMES = 4
"""So many frames of a page are read; tables have more."""

MARKS = ("urgency", "secrecy")


class StampOutline(NamedTuple):
    """How a stamp lies: pixels and degrees, and the box around it in points."""

    centre: tuple[float, float]
    sides: tuple[float, float]
    angle: float
    box: Box


class Stamp(NamedTuple):
    """What a stamp says, by reader, and where it stands (points)."""

    readings: tuple[Reading, ...]
    box: Box


def read_marks(paper: Paper, page: PageReading, spec: DocumentType) -> dict[str, Evidence]:
    """The fields ``urgency`` and ``secrecy`` of the first page."""
    known = {}
    for name in MARKS:
        of_type = spec.field(name)
        known[name] = of_type.words if of_type else ()
    fields = {name: _printed(paper, page, words) for name, words in known.items()}
    if paper.context.digital(page) or all(fields.values()):
        return {name: field or _none() for name, field in fields.items()}
    stamps = list(_stamps(paper, page))
    return {
        name: field or _stamped(stamps, known[name], page) or _none()
        for name, field in fields.items()
    }


def _none() -> Evidence:
    return nothing(FieldType.text)


def _printed(paper: Paper, page: PageReading, words: Sequence[str]) -> Evidence | None:
    """A word of the vocabulary in capitals apart from the text."""
    reader = "text-layer" if paper.context.digital(page) else "tesseract"
    for row in lines(page):
        if row.box[1] > 0.5 * page.height:
            continue
        for part in columns(row):
            hit = _nearest(part.text, words) if shouts(part.text) else None
            if hit is not None:
                readings = [
                    Reading(reader=reader, text=hit, confidence=part.confidence),
                    Reading(reader="vocabulary", text=hit, confidence=part.confidence),
                ]
                return weigh(Opinions(FieldType.text, readings, False, page.number, part.box))
    return None


def _nearest(text: str, words: Sequence[str]) -> str | None:
    """The word of the vocabulary a reading is, by its letters."""
    bare = plain(tidy(text))
    scored = [(fuzz.ratio(plain(word), bare), word) for word in words]
    best = max(scored, default=(0.0, ""))
    return best[1] if best[0] >= MARK_LIKE else None


def _stamped(stamps: Sequence[Stamp], words: Sequence[str], page: PageReading) -> Evidence | None:
    """The word both kinds of readers find in a red stamp; one alone goes to a person."""
    for stamp in stamps:
        named = [(r.reader.split("-")[0], _nearest(r.text, words)) for r in stamp.readings]
        found = [word for _, word in named if word is not None]
        if not found:
            continue
        word = max(found, key=found.count)
        agreed = len({kind for kind, text in named if text == word}) > 1
        return Evidence(
            FieldType.text,
            word,
            stamp.readings[0].text or None,
            stamp.readings,
            (Check(name="readers_agree", passed=agreed),),
            page=page.number,
            box=stamp.box,
        )
    return None


def _stamps(paper: Paper, page: PageReading) -> Iterator[Stamp]:
    """The oblong patches of red ink in the upper part of the page, each read.

    In a scan without colours those in a frame are looked at.
    """
    zone: Box = (0.0, 0.0, page.width, UPPER * page.height)
    if paper.red_pixels(page, UPPER) >= LEAST_INK:
        red = paper.red(page, zone)
        places = _patches((red < RED).astype(np.uint8))
        yield from (_stamp(paper, red, place) for place in places)
    elif not paper.coloured(page):
        black = paper.black(page, zone)
        places = itertools.islice(_frames((black < RED).astype(np.uint8)), MOST_FRAMES)
        yield from (_stamp(paper, black, place) for place in places)


def _patches(mask: Image) -> Iterator[StampOutline]:
    """Ink that stands close together in the size of a stamp."""
    joined = cv2.dilate(mask, np.ones((25, 25), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    for index in range(1, count):
        x, y, w, h, _ = (int(v) for v in stats[index])
        own = mask[y : y + h, x : x + w] * (labels[y : y + h, x : x + w] == index)
        place = _outline(own, (x, y, w, h))
        if place is not None:
            yield place


def _frames(mask: Image) -> Iterator[StampOutline]:
    """Lines that hang together around a place of the size of a stamp, and little ink in all."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    least = LENGTHS[0] * PIXELS / 2
    for index in range(1, count):
        x, y, w, h, area = (int(v) for v in stats[index])
        if w < least or h < least / 2 or area < LEAST_INK or area > HOLLOW * w * h:
            continue
        own = (labels[y : y + h, x : x + w] == index).astype(np.uint8)
        place = _outline(own, (x, y, w, h))
        if place is not None:
            yield place


def _outline(own: Image, box: tuple[int, int, int, int]) -> StampOutline | None:
    """How a patch of ink lies; None where it has not the form of a stamp."""
    x, y, w, h = box
    at = np.argwhere(own)[:, ::-1].astype(np.float32)
    if len(at) < LEAST_INK:
        return None
    centre, sides, angle = cv2.minAreaRect(at)
    long, short = max(sides), min(sides)
    if sides[0] < sides[1]:
        angle -= 90.0
    angle = (angle + 90.0) % 180.0 - 90.0
    fits = LENGTHS[0] <= long / PIXELS <= LENGTHS[1] and short / PIXELS <= HEIGHTS[1]
    if not fits or short / PIXELS < HEIGHTS[0] or abs(angle) > SLANT or long < 1.35 * short:
        return None
    outside = (x / PIXELS, y / PIXELS, (x + w) / PIXELS, (y + h) / PIXELS)
    return StampOutline((x + centre[0], y + centre[1]), (long, short), angle, outside)


def _stamp(paper: Paper, ink: Image, place: StampOutline) -> Stamp:
    level = _level(ink, place.centre, place.sides, place.angle)
    return Stamp(_read(paper, _unframed(level)), place.box)


def _level(
    red: Image, centre: tuple[float, float], sides: tuple[float, float], angle: float
) -> Image:
    """The patch turned so that its long side lies level."""
    size = (int(sides[0]) + 16, int(sides[1]) + 16)
    turn = cv2.getRotationMatrix2D(centre, angle, 1.0)
    turn[0, 2] += size[0] / 2 - centre[0]
    turn[1, 2] += size[1] / 2 - centre[1]
    cut = cv2.warpAffine(red, turn, size, flags=cv2.INTER_LINEAR, borderValue=(255,))
    return np.asarray(cut, np.uint8)


def _unframed(image: Image) -> Image:
    """The patch without its frame, and cut to the letters: pieces of a like height in a row."""
    ink = (image < 170).astype(np.uint8)
    count, labels, stats, centres = cv2.connectedComponentsWithStats(ink, connectivity=8)
    tall, wide = image.shape
    clean = image.copy()
    heights, rows = [], []
    for index in range(1, count):
        _, y, w, h, area = (int(v) for v in stats[index])
        if w > 0.5 * wide or (h > 0.85 * tall and tall > 60 and w > 0.25 * wide):
            clean[labels == index] = 255
        elif area > 30 and h > 0.15 * tall:
            heights.append(h)
            rows.append((y, y + h, float(centres[index][1])))
    if not heights:
        return clean
    usual = float(np.median(heights))
    middle = float(np.median([c for _, _, c in rows]))
    near = [(a, b) for a, b, c in rows if abs(c - middle) < usual]
    if not near:  # what is in the frame stands in no row
        return clean
    top = max(0, min(a for a, _ in near) - int(0.35 * usual))
    foot = min(tall, max(b for _, b in near) + int(0.2 * usual))
    return np.ascontiguousarray(clean[top:foot])


def _read(paper: Paper, image: Image) -> tuple[Reading, ...]:
    line, sure = look_at_line(image)
    alone = read_line(image, paper.context.options)
    said = (("line", line, sure), ("tesseract-zone", tidy(alone.text), alone.confidence))
    return tuple(Reading(reader=who, text=text, confidence=c) for who, text, c in said)
