"""The door to :mod:`ocr.learning`: lines that are kept, what is learned from them, what counts."""

from datetime import datetime
from pathlib import Path

from rapidfuzz import fuzz

from ocr.learning.accepted import accepted
from ocr.learning.adapters_kept import (
    back,
    begun_with,
    better,
    cards,
    last_try,
    remember,
    take,
)
from ocr.learning.lessons import Kept, Line, Source, counted, decoded, forget, keep, kept
from ocr.learning.sheets import CODE, CORNERS, ROWS, box_of, code_text
from ocr.learning.teaching import Lesson, Taught, divided, teach
from ocr.recognition.adapter import Adapter, in_use
from ocr.recognition.adapter import adapters as loaded
from ocr.recognition.line_reader import MODEL_SHA256, line_reader
from schemas.validators import FieldType

__all__ = [
    "CODE",
    "CORNERS",
    "KINDS",
    "ROWS",
    "Lesson",
    "Source",
    "Taught",
    "accepted",
    "adapters",
    "back",
    "begun_with",
    "better",
    "box_of",
    "cards",
    "code_text",
    "counted",
    "decoded",
    "divided",
    "forget",
    "in_use",
    "keep",
    "keep_worthwhile",
    "kept",
    "last_try",
    "line",
    "remember",
    "take",
    "taught",
    "teach",
]

KINDS = frozenset({FieldType.name.value, FieldType.text.value})
"""Types of fields whose lines are learned from."""

KNOWN_ALREADY = 0.9
"""A line that is read right with this confidence teaches nothing."""
FEWEST_ALIKE = 35.0
"""Of 100: a text that is less like what is read there is hardly what is written there."""


def line(text: str, kind: str, source: Source, now: datetime) -> Line:
    """The record of a line."""
    return Line(text=text, kind=FieldType(kind), source=source, kept_at=now)


def taught(one: Kept) -> Taught | None:
    """A kept line as it is learned from; None where its picture is gone."""
    image = one.image()
    if image is None:
        return None
    return Taught(image, one.line.text, one.line.source.value, one.line.kind.value)


def keep_worthwhile(folder: Path, picture: bytes, one: Line) -> bool:
    """Keep a line a person confirmed, where it teaches something; whether it is a new one.

    Not what the reader reads right and surely (print above all), and not what can hardly stand in
    the picture: people also type what a value should be, or write a name out.
    """
    image = decoded(picture)
    best = line_reader().read(image, best=1) if image is not None else ()
    if image is None or not best:
        return False
    if best[0].text == one.text and best[0].confidence >= KNOWN_ALREADY:
        return False
    if fuzz.ratio(best[0].text, one.text) < FEWEST_ALIKE:
        return False
    return keep(folder, image, one)


def adapters(folder: Path) -> tuple[Adapter, ...]:
    """The adapters that count for this line model."""
    return loaded(folder, MODEL_SHA256)
