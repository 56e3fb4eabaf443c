"""A blank with its draft drawn over it, for the person who looks at it."""

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.fields.context import POINT
from ocr.fields.forms.dot_leader_removal import ABOVE
from ocr.fields.zone_reader import Image
from schemas.document_type import DocumentType, FieldSpec
from schemas.page import Box

SMALLER = 0.5
"""The picture is drawn at half of 300 dpi."""

GREEN, RED, GREY = (60, 150, 20), (30, 30, 220), (170, 120, 60)
"""Blue, green, red: places, places with a guess, labels."""


def pictures(spec: DocumentType, pages: Sequence[Image]) -> list[bytes]:
    """A PNG of each page: labels framed thin, places framed with their ids, guesses in red."""
    return [
        cv2.imencode(".png", _drawn(spec, page, number))[1].tobytes()
        for number, page in enumerate(pages, 1)
    ]


def _drawn(spec: DocumentType, page: Image, number: int) -> NDArray[np.uint8]:
    small = cv2.resize(page, None, fx=SMALLER, fy=SMALLER, interpolation=cv2.INTER_AREA)
    picture = np.asarray(cv2.cvtColor(small, cv2.COLOR_GRAY2BGR), np.uint8)
    for field in spec.fields:
        if field.page != number:
            continue
        colour = RED if field.guessed else GREEN
        for label in field.labels:
            if label.box is not None:
                _frame(picture, label.box, GREY, 1)
        for index, box in enumerate(_places(field)):
            _frame(picture, box, colour, 2)
            if index == 0:
                _write(picture, box, f"{field.id}: {field.type.value}", colour)
    return picture


def _places(field: FieldSpec) -> Iterator[Box]:
    """Where the field is written, the first one first."""
    for x0, x1, y in field.zones:
        yield (x0, y - ABOVE, x1, y + 1.0)
    if field.box is not None:
        yield field.box
        for column in field.columns:
            if column.x is not None and column.shown:
                yield (column.x[0], field.box[1] + field.head, column.x[1], field.box[3])
    yield from (choice.box for choice in field.choices)
    yield from (block.free for block in field.blocks)
    for block in field.blocks:
        for line in (block.date, block.name, block.pid):
            if line is not None:
                yield (line[0], line[2] - ABOVE, line[1], line[2] + 1.0)


def _pixel(value: float) -> int:
    return round(value * POINT * SMALLER)


def _frame(picture: NDArray[np.uint8], box: Box, colour: tuple[int, int, int], wide: int) -> None:
    x0, y0, x1, y1 = (_pixel(value) for value in box)
    cv2.rectangle(picture, (x0, y0), (x1, y1), colour, wide)


def _write(picture: NDArray[np.uint8], box: Box, text: str, colour: tuple[int, int, int]) -> None:
    place = (_pixel(box[0]) + 3, _pixel(box[1]) + 11)
    cv2.putText(picture, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.38, colour, 1, cv2.LINE_AA)
