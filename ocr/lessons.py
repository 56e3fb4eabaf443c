"""The door to :mod:`ocr.learning`: lines that are kept, what is learned from them, what counts."""

from datetime import datetime
from pathlib import Path

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
from ocr.learning.teaching import Lesson, Taught, divided, teach
from ocr.recognition.adapter import Adapter, in_use
from ocr.recognition.adapter import adapters as loaded
from ocr.recognition.line_reader import MODEL_SHA256
from schemas.validators import FieldType

__all__ = [
    "KINDS",
    "Lesson",
    "Source",
    "Taught",
    "accepted",
    "adapters",
    "back",
    "begun_with",
    "better",
    "cards",
    "counted",
    "decoded",
    "divided",
    "forget",
    "in_use",
    "keep",
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


def line(text: str, kind: str, source: Source, now: datetime) -> Line:
    """The record of a line."""
    return Line(text=text, kind=FieldType(kind), source=source, kept_at=now)


def taught(one: Kept) -> Taught | None:
    """A kept line as it is learned from; None where its picture is gone."""
    image = one.image()
    if image is None:
        return None
    return Taught(image, one.line.text, one.line.source.value, one.line.kind.value)


def adapters(folder: Path) -> tuple[Adapter, ...]:
    """The adapters that count for this line model."""
    return loaded(folder, MODEL_SHA256)
