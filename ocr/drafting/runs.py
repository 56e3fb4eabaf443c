"""Printed text of a blank: runs of words between leaders, rules and wide gaps, read one by one.

The layout analysis of whole pages loses the numbers before labels and words beside leaders; what is
left of a page once leaders and rules are gone are runs of text that are read well on their own.
"""

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np

from ocr.drafting.sheet import Mask, Piece, Sheet, closed, pieces
from ocr.fields.context import POINT
from ocr.fields.forms.written import second_reader
from ocr.fields.lines import around
from ocr.fields.zone_reader import Glyph, Image, read_line
from ocr.options import ReadingOptions
from schemas.page import Box
from schemas.validators import folded, is_syllable, plain

LETTER = (2.6, 17.0)
"""Points: heights of letters, with their marks where they touch."""

WORDS_APART = 10.0
"""Points: a wider gap ends a run."""

BAND = (6.0, 1.5)
"""Points over a letter's foot between which neighbours in a line meet."""

MARGIN = 1.6
"""Points of paper around a run when it is read."""

NOTE = 0.45
"""A note's sign (1) hangs so high over the foot of its run, in parts of a capital."""

FEWEST_LETTERS = 2


class Run(NamedTuple):
    """Words in one row: text and box of each, points."""

    words: tuple[tuple[str, Box], ...]
    box: Box
    base: float
    """Where its letters stand, points from the top."""
    confidence: float
    agreed: bool
    """Whether both readers say the same, tones and case apart."""

    @property
    def text(self) -> str:
        """The words with single spaces."""
        return folded(" ".join(word for word, _ in self.words))

    @property
    def is_capitals(self) -> bool:
        """Set in capitals."""
        letters = [c for c in self.text if c.isalpha()]
        return len(letters) >= 4 and sum(c.isupper() for c in letters) >= 0.8 * len(letters)


def runs(sheet: Sheet, without: Mask, options: ReadingOptions) -> list[Run]:
    """The runs of a page, top to bottom; ``without``: ink of rules and leaders."""
    ink = sheet.ink.copy()
    ink[without > 0] = 0
    found, _labels = pieces(ink)
    letters = [p for p in found if LETTER[0] * POINT <= p.tall <= LETTER[1] * POINT]
    bands = np.zeros_like(ink)
    for p in letters:
        top, foot = p.foot - round(BAND[0] * POINT), p.foot - round(BAND[1] * POINT)
        bands[max(0, top) : max(0, foot), p.x : p.right] = 255
    _joined, numbers = pieces(closed(bands, WORDS_APART, 0.0))
    groups: dict[int, list[Piece]] = {}
    for p in letters:
        row = max(0, p.foot - round(BAND[1] * POINT) - 1)
        number = int(numbers[row, min(p.x + p.wide // 2, numbers.shape[1] - 1)])
        groups.setdefault(number, []).append(p)
    groups.pop(0, None)
    cleaned = sheet.grey.copy()
    cleaned[cv2.dilate(without, np.ones((3, 3), np.uint8)) > 0] = 255
    read = (_read(group, cleaned, options) for group in groups.values())
    return sorted((run for run in read if run), key=lambda r: (r.base, r.box[0]))


def _read(group: Sequence[Piece], cleaned: Image, options: ReadingOptions) -> Run | None:
    """One run, without the signs of notes."""
    foot = float(np.median([p.foot for p in group]))
    tall = float(np.percentile([p.tall for p in group], 70))
    notes = [p for p in group if foot - p.foot > NOTE * tall]
    own = [p for p in group if p not in notes]
    if len(own) < FEWEST_LETTERS:
        return None
    x0, x1 = min(p.x for p in own), max(p.right for p in own)
    y0, y1 = min(p.y for p in own), max(p.foot for p in own)
    margin = round(MARGIN * POINT)
    top, left = max(0, y0 - margin), max(0, x0 - margin)
    part = cleaned[top : y1 + margin, left : x1 + margin].copy()
    for p in notes:
        part[
            max(0, p.y - top - 1) : max(0, p.foot - top + 1),
            max(0, p.x - left) : max(0, p.right - left),
        ] = 255
    words, sure, agreed = _said(part, left, top, options)
    if not words or not any(c.isalnum() for word, _ in words for c in word):
        return None
    box = tuple(round(v / POINT, 1) for v in (x0, y0, x1, y1))
    return Run(tuple(words), box, round(foot / POINT, 1), sure, agreed)  # type: ignore[arg-type]


def _said(
    part: Image, left: int, top: int, options: ReadingOptions
) -> tuple[list[tuple[str, Box]], float, bool]:
    """What two readers make of a run, word by word: its words, how sure, and whether they agree."""
    said = read_line(part, options)
    words = _words(said.glyphs, left, top)
    model = second_reader()
    line = model.look(part) if model is not None else None
    if line is None:
        return words, said.confidence, False
    other = [(word.text, _box([word.box], left, top)) for word in line.words()]
    best = line.read(best=1)
    sure = best[0].confidence if best else 0.0
    agreed = plain(" ".join(w for w, _ in words)).strip(" .:,") == plain(
        " ".join(w for w, _ in other)
    ).strip(" .:,")
    if len(words) == len(other):
        better = [
            (_likelier(mine, theirs, said.confidence >= sure), box)
            for (mine, box), (theirs, _) in zip(words, other, strict=True)
        ]
        return better, max(said.confidence, sure), agreed
    if _syllables(other) > _syllables(words) or (
        _syllables(other) == _syllables(words) and sure > said.confidence
    ):
        return other, sure, agreed
    return words, said.confidence, agreed


def _likelier(one: str, other: str, first: bool) -> str:
    """Of two readings of a word the one that is a syllable; both being one, the surer reader's."""
    known = _is_word(one), _is_word(other)
    if known[0] != known[1]:
        return one if known[0] else other
    return one if first else other


def _is_word(text: str) -> bool:
    bare = text.strip(" .,:;()/-")
    return bool(bare) and (is_syllable(bare) or not any(c.isalpha() for c in bare))


def _syllables(words: Sequence[tuple[str, Box]]) -> int:
    return sum(_is_word(word) for word, _ in words)


def _words(glyphs: Sequence[Glyph], left: int, top: int) -> list[tuple[str, Box]]:
    """Glyphs as words with their boxes on the page, points."""
    words: dict[int, list[Glyph]] = {}
    for glyph in glyphs:
        words.setdefault(glyph.word, []).append(glyph)
    found = []
    for group in words.values():
        found.append(("".join(g.text for g in group), _box([g.box for g in group], left, top)))
    return found


def _box(boxes: Sequence[tuple[float, float, float, float]], left: int, top: int) -> Box:
    """Around boxes of a cut part, on the page, points."""
    x0, y0, x1, y1 = around(boxes)
    return tuple(  # type: ignore[return-value]
        round(v / POINT, 1) for v in (x0 + left, y0 + top, x1 + left, y1 + top)
    )
