"""Lines by real pens against their truth: as the line model reads them, and as fields are read.

A folder with ``truth.jsonl``: ``file``, ``kind``, ``text``. *Freely* is what the line model and its
adapters read, all letters allowed, nothing known; *known* is the likeliest with widths, words and
units weighed, as a field of text is read (:mod:`ocr.fields.forms.text_lines`).
"""

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from pydantic import Field as Describe
from rapidfuzz.distance import Levenshtein

from ocr import ReadingOptions
from ocr.fields.forms.text_lines import Again, likeliest, tidy
from ocr.recognition.adapter import adapters
from ocr.recognition.line_reader import MODEL_SHA256, line_reader
from schemas.errors import InputRejected
from schemas.page import Frozen
from schemas.validators import FieldType, folded

SHOWN = 5
"""Proposals that a person is shown."""


class LineScore(Frozen):
    """Lines of one kind."""

    kind: str
    total: int
    exact: int = Describe(description="read freely as the truth has it")
    character_error: float = Describe(description="edits per letter of the truth, read freely")
    known_exact: int = Describe(description="the likeliest, by words and units too, is the truth")
    known_error: float = Describe(description="edits per letter of the likeliest")
    proposed: int = Describe(description="the truth is among the first proposals")


class _Read(NamedTuple):
    kind: str
    truth: str
    freely: str
    known: tuple[str, ...]


def pen_lines(
    folder: Path, options: ReadingOptions, say: Callable[[str], None], first: int | None = None
) -> tuple[LineScore, ...]:
    """Measure the lines of ``folder``, each kind for itself and all together.

    Raises:
        InputRejected: ``bench.bad_truth``.
    """
    read = list(_read(folder, options, say, first))
    kinds = [*dict.fromkeys(one.kind for one in read), "all"]
    return tuple(_score(kind, [one for one in read if kind in {one.kind, "all"}]) for kind in kinds)


def _read(
    folder: Path, options: ReadingOptions, say: Callable[[str], None], first: int | None
) -> Iterator[_Read]:
    told = _told(folder / "truth.jsonl")[:first]
    taught = adapters(options.adapters, MODEL_SHA256)
    reader = line_reader()
    for number, (name, kind, text) in enumerate(told, 1):
        say(f"{number}/{len(told)}")
        picture = cv2.imread(str(folder / name), cv2.IMREAD_GRAYSCALE)
        if picture is None:
            raise InputRejected("bench.bad_truth", file=name)
        image = np.asarray(picture, np.uint8)
        line = reader.look(image, taught)
        if line is None:
            yield _Read(kind, folded(text), "", ())
            continue
        freely = " ".join(word.text for word in line.words())
        known = likeliest(line, FieldType.text, None, Again(image, reader, taught))
        said = (tidy(one.text, FieldType.text) for one in known)
        yield _Read(kind, folded(text), freely, tuple(dict.fromkeys(said)))


def _told(path: Path) -> list[tuple[str, str, str]]:
    try:
        rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        return [(str(row["file"]), str(row.get("kind", "all")), str(row["text"])) for row in rows]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as exc:
        raise InputRejected("bench.bad_truth", file=path.name) from exc


def _score(kind: str, read: Sequence[_Read]) -> LineScore:
    letters = max(sum(len(one.truth) for one in read), 1)
    best = [(one.truth, one.known[0] if one.known else "") for one in read]
    freely = sum(Levenshtein.distance(one.truth, one.freely) for one in read)
    return LineScore(
        kind=kind,
        total=len(read),
        exact=sum(one.truth == one.freely for one in read),
        character_error=round(freely / letters, 4),
        known_exact=sum(truth == said for truth, said in best),
        known_error=round(sum(Levenshtein.distance(*pair) for pair in best) / letters, 4),
        proposed=sum(one.truth in one.known[:SHOWN] for one in read),
    )
