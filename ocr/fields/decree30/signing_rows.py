"""The lines of a signer's block: found, cut out of the black print, read by both readers."""

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

import numpy as np

from ocr.fields.context import ZONE_DPI
from ocr.fields.decree30.printed import (
    PIXELS,
    WORD_GAP,
    Paper,
    line_extent,
    look_at_line,
    tidy,
)
from ocr.fields.lines import Phrase
from ocr.fields.sureness import SURE_NAME
from ocr.fields.voting import voted
from ocr.fields.zone_reader import Image, read_line
from ocr.recognition.reader import PSM_BLOCK, SeenWord, reader
from schemas.page import Box, PageReading


class Pictures(NamedTuple):
    """The block's picture, grey, at :data:`ZONE_DPI`."""

    print_: Image
    """The black print alone, as far as it can be told from seals."""
    whole: Image
    """All that is not coloured; the same picture where no more can be told."""


class Row(NamedTuple):
    """A line of the block: Tesseract's text, the line model's, and where it stands (points)."""

    tesseract: str
    again: str
    line: str
    sure: float
    box: Box
    beside: bool = False
    """Whether ink as tall as letters stands close before it: under a seal, a word may be lost."""

    @property
    def looks(self) -> tuple[str, ...]:
        """Tesseract's readings."""
        return tuple(text for text in (self.tesseract, self.again) if text)


def block_rows(paper: Paper, page: PageReading, image: Pictures, zone: Box) -> list[Row]:
    """The lines of the right half; ``image`` shows ``zone``."""
    seen = reader(paper.context.options).read(image.print_, ZONE_DPI, PSM_BLOCK)
    rows = []
    for _, group in groupby(seen, key=lambda word: word.line):
        words = [w for w in group if zone[0] + w.box[2] / PIXELS > 0.5 * page.width]
        if sum(c.isalpha() for w in words for c in w.text) >= 3:
            rows.append(row_of(paper, image, words, zone))
    return rows


def with_lost(
    rows: Sequence[Row], paper: Paper, page: PageReading, image: Pictures, zone: Box
) -> list[Row]:
    """The lines, and those seen on the whole page only: a seal upsets a block's layout."""
    found = list(rows)
    for seen in digital_rows(page, zone):
        x0, y0, x1, y1 = seen.box
        level = (y0 + y1) / 2
        if x0 > 0.5 * page.width - 20 and not any(r.box[1] < level < r.box[3] for r in rows):
            left, top, right, foot = (
                (v - zone[k % 2]) * PIXELS for k, v in enumerate((x0, y0, x1, y1))
            )
            strip = image.print_[max(0, int(top)) : int(foot) + 1]
            if strip.size:  # words beside those that were read may be lost, too
                first, last = line_extent(strip, (left, right), foot - top)
                left, right = min(left, first), max(right, last)
            word = SeenWord(seen.tesseract, (left, top, right, foot), 0.0, 0)
            found.append(row_of(paper, image, [word], zone))
    return sorted(found, key=lambda row: row.box[1])


def digital_rows(page: PageReading, zone: Box) -> list[Row]:
    """The lines as the page was read."""
    rows = []
    for _, group in groupby(page.words, key=lambda word: word.line):
        inside = [
            w
            for w in group
            if w.box[0] > zone[0] and zone[1] <= (w.box[1] + w.box[3]) / 2 <= zone[3]
        ]
        if inside:
            row = Phrase(tuple(inside))
            rows.append(Row(row.text, "", row.text, 1.0, row.box))
    return sorted(rows, key=lambda row: row.box[1])


def row_of(paper: Paper, image: Pictures, words: Sequence[SeenWord], zone: Box) -> Row:
    """One line, cut out of the block's picture and read again."""
    x0, x1 = min(w.box[0] for w in words), max(w.box[2] for w in words)
    y0, y1 = min(w.box[1] for w in words), max(w.box[3] for w in words)
    room = int(0.18 * (y1 - y0)) + 3
    rows = slice(max(0, int(y0) - room), int(y1) + room)
    columns = slice(max(0, int(x0) - 26), int(x1) + 26)
    strip = np.ascontiguousarray(image.print_[rows, columns])
    line, sure = look_at_line(strip)
    if sure < SURE_NAME and image.whole is not image.print_:
        other = look_at_line(np.ascontiguousarray(image.whole[rows, columns]))
        line, sure = other if other[1] >= SURE_NAME else (line, sure)
    first = tidy(" ".join(w.text for w in words))
    again = ""
    if not voted([first], line).proven:
        again = tidy(read_line(strip, paper.context.options).text)
    box = tuple(zone[k % 2] + v / PIXELS for k, v in enumerate((x0, y0, x1, y1)))
    near = image.print_[
        max(0, int(y0)) : int(y1) + 1, max(0, int(x0 - WORD_GAP * (y1 - y0))) : int(x0)
    ]
    beside = _inked(near)
    return Row(first, again, line, sure, (box[0], box[1], box[2], box[3]), beside)


def _inked(near: Image) -> bool:
    """Whether a part of a line has ink over half of its height, somewhere across."""
    if near.size == 0:
        return False
    tall = np.asarray((near < 128).any(axis=1), np.bool_)
    return bool(tall.mean() > 0.5)
