"""A look at the figures of a header's number and date themselves, not through Tesseract's words.

Tesseract says where the print around them stands; the marks in between are compared with that
print and read by the figure reader.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from ocr.fields.pen.digits import read_figures
from ocr.fields.pen.typed import Mark, between, looks_typed, marks
from ocr.fields.zone_reader import DIGITS, Glyph, Image, ZoneText

_DATE = re.compile(r"ng.{1,2}y(.*?)(th.{1,2}ng)(.*?)(n.m)([0-9]{4})")


class Look(NamedTuple):
    """What the figures are, and whether they are typed; no text where they cannot be told."""

    text: str
    confidence: float
    typed: bool


NOTHING_SEEN = Look("", 0.0, False)


def look_at_number(image: Image, read: ZoneText) -> Look:
    """The figures between ``Số:`` and the symbol; ``read`` is the strip as Tesseract reads it."""
    label = next((i for i, g in enumerate(read.glyphs) if g.text in {":", "."}), None)
    if label is None:
        return NOTHING_SEEN
    symbol = next(
        (i for i in range(label + 1, len(read.glyphs)) if _capital(read.glyphs[i].text)), None
    )
    if symbol is None:
        return NOTHING_SEEN
    left, right = read.glyphs[label].box[2], read.glyphs[symbol].box[0]
    every = marks(image)
    seen = between(every, left, right)
    if not seen:
        return NOTHING_SEEN
    told = read_figures([m.picture for m in seen], DIGITS + "/")
    print_ = between(every, right, image.shape[1])
    figures = [m for m, c in zip(seen, told.text, strict=True) if c != "/"]
    slashes = [m for m, c in zip(seen, told.text, strict=True) if c == "/"]
    match = re.fullmatch(r"([0-9]+(?:/[0-9]{4})?)/?", told.text)
    if match is None or not slashes or slashes[-1] is not seen[-1]:
        return NOTHING_SEEN if match is None else Look(match[1], told.confidence, False)
    typed = looks_typed(figures, print_, until=slashes[-1].x0)
    return Look(match[1], told.confidence, typed)


def look_at_date(image: Image, read: ZoneText) -> Look:
    """Day, month and year between the printed words of a date line, as ``d/m/yyyy``."""
    text, owner = _joined(read.glyphs)
    match = _DATE.search(text)
    if match is None:
        return NOTHING_SEEN
    box = [glyph.box for glyph in read.glyphs]
    day = (box[owner[match.start(1) - 1]][2], box[owner[match.start(2)]][0])
    month = (box[owner[match.end(2) - 1]][2], box[owner[match.start(4)]][0])
    year = (box[owner[match.end(4) - 1]][2], box[owner[match.end(5) - 1]][2] + 6)
    every = marks(image)
    parts = [between(every, *span) for span in (day, month, year)]
    if not all(parts) or len(parts[2]) != 4:
        return NOTHING_SEEN
    typed = all(looks_typed(part, parts[2]) for part in parts[:2])
    return _dated(parts, typed)


def _dated(parts: Sequence[Sequence[Mark]], typed: bool) -> Look:
    told = [read_figures([m.picture for m in part], DIGITS) for part in parts]
    return Look("/".join(t.text for t in told), min(t.confidence for t in told), typed)


def _capital(text: str) -> bool:
    return text.isalpha() and text.isupper()


def _joined(glyphs: Sequence[Glyph]) -> tuple[str, list[int]]:
    """All characters in one string, and for each the glyph it comes from."""
    text, owner = "", []
    for index, glyph in enumerate(glyphs):
        for character in unicodedata.normalize("NFC", glyph.text):
            text += character
            owner.append(index)
    return text, owner
