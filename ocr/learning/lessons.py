"""Lines whose text is known, kept in a folder for as long as the office says.

They are personal data: the folder is its owner's alone, a line's name is the hash of its content
and says nothing of it, and what is older than allowed is removed (:func:`forget`). A line is a
picture (PNG) and a record (JSON) of the same name; it counts once its record is there, which is
written last.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from pydantic import Field, ValidationError

from ocr.recognition.line_picture import Image
from schemas.durable import write_durably
from schemas.page import Frozen
from schemas.validators import FieldType, folded


class Source(StrEnum):
    """Where a line comes from."""

    correction = "correction"
    """A person's decision on a field."""
    sheet = "sheet"
    """A sheet that somebody copied by hand."""
    given = "given"
    """A folder of lines that was given."""


class Line(Frozen):
    """The record of a kept line."""

    text: str = Field(min_length=1)
    kind: FieldType = FieldType.text
    source: Source
    kept_at: datetime
    document: int | None = Field(None, description="number in the ledger, of a correction")
    field: str | None = None


class Kept(NamedTuple):
    """A kept line and where its picture lies."""

    line: Line
    picture: Path

    def image(self) -> Image | None:
        """The picture, grey; None where the file is damaged or gone."""
        try:
            return decoded(self.picture.read_bytes())
        except OSError:
            return None


def decoded(content: bytes) -> Image | None:
    """A picture file as grey; None where it is none."""
    found = (
        cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_GRAYSCALE) if content else None
    )
    return None if found is None else np.asarray(found, np.uint8)


def keep(folder: Path, picture: Image, line: Line) -> bool:
    """Keep a line; False where it is there already.

    Raises:
        OSError: the folder cannot be written to.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    line = line.model_copy(update={"text": folded(line.text)})
    content = cv2.imencode(".png", picture)[1].tobytes()
    name = hashlib.sha256(content + line.text.encode()).hexdigest()[:32]
    record = folder / f"{name}.json"
    if record.is_file():
        return False
    write_durably(folder / f"{name}.png", content, 0o600)
    write_durably(record, line.model_dump_json().encode(), 0o600)
    return True


def kept(folder: Path) -> list[Kept]:
    """The lines, oldest first; damaged records are passed over."""
    found = []
    for record in sorted(folder.glob("*.json")):
        try:
            line = Line.model_validate_json(record.read_bytes())
        except (OSError, ValidationError):
            continue
        found.append(Kept(line, record.with_suffix(".png")))
    return sorted(found, key=lambda one: one.line.kept_at)


def forget(folder: Path, before: datetime) -> int:
    """Remove what was kept before a moment; how many lines that were. Records go last, so that
    what was cut off is found again."""
    old = [one.picture for one in kept(folder) if one.line.kept_at < before]
    for picture in old:
        picture.unlink(missing_ok=True)
        picture.with_suffix(".json").unlink(missing_ok=True)
    for picture in folder.glob("*.png"):  # of a line whose record was never written
        if (
            not picture.with_suffix(".json").exists()
            and picture.stat().st_mtime < before.timestamp()
        ):
            picture.unlink(missing_ok=True)
    return len(old)


def counted(lines: Sequence[Kept]) -> dict[str, int]:
    """How many lines come from where."""
    sources = [one.line.source.value for one in lines]
    return {source: sources.count(source) for source in dict.fromkeys(sources)}
