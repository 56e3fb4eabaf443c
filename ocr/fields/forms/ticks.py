"""Boxes to tick: which of a row bear a mark.

A tick, a cross, a dot, a filled box are marks alike. What cannot be told is for a person: a speck
or a stroke that only touches a box, a box that was filled over a mark and may be meant as struck
out, a stroke that runs through box and word.
"""

from typing import NamedTuple

import cv2
import numpy as np

from ocr.fields.binarisation import ink_of, shades
from ocr.fields.context import POINT, Context
from ocr.fields.evidence import Evidence
from ocr.fields.registration import Registration
from ocr.fields.zone_reader import Image
from schemas.document_type import Choice, FieldSpec
from schemas.field import Check, Reading
from schemas.page import Box
from schemas.validators import FieldType

JOINT = "; "
"""Between the words of boxes where more than one is ticked."""

SEARCH = 2.5
"""Points: a printed box may lie so far off its place."""

RIM = 1.3
"""Points inside a box's edge that its frame may take."""

EMPTY, MARKED = 0.015, 0.05
"""Of a box's inside: less ink is none, more is a mark; in between nobody knows."""

LEAST_STROKE = 0.35
"""A mark reaches so far over a box's inside, in parts of its width; a speck does not."""

OVER = 9.0
"""Points that a mark may run over its box to either side; more strikes out what stands there."""

SURE = 0.97
"""How sure it is which boxes are ticked, where every one is clear."""


class _Seen(NamedTuple):
    """What a box shows."""

    ticked: bool
    clear: bool
    place: Box


def read_ticks(context: Context, laid: Registration, field: FieldSpec) -> Evidence:
    """The words of the boxes that are ticked; none where none is."""
    seen = [_look(context, laid, choice) for choice in field.choices]
    ticked = [c.text for c, one in zip(field.choices, seen, strict=True) if one.ticked]
    clear = all(one.clear for one in seen)
    value = JOINT.join(ticked) or None
    place = _around([one.place for one in seen])
    checks = (Check(name="boxes_clear", passed=clear),)
    if value is None and clear:
        return Evidence(FieldType.text, None, None, (), (), field.required, laid.page.number, place)
    sure = SURE if clear else 0.5
    said = Reading(reader="ink", text=value or "", confidence=sure)
    return Evidence(
        FieldType.text,
        value,
        value or "?",
        (said,),
        checks,
        field.required,
        laid.page.number,
        place,
    )


def _look(context: Context, laid: Registration, choice: Choice) -> _Seen:
    """One box: found again near its place, looked at inside its frame."""
    x0, y0, x1, y1 = choice.box
    reach = OVER + SEARCH
    image = laid.cut(context, (x0 - reach, y0 - reach, x1 + reach, y1 + reach))
    place = laid.onto_page(choice.box)
    if image.size == 0 or shades(image, 0.8)[0] - float(image.min()) < 60:
        return _Seen(False, False, place)  # not even the frame is there
    ink = ink_of(image)
    size = (round((x1 - x0) * POINT), round((y1 - y0) * POINT))
    left, top, framed = _frame(ink, size, round(reach * POINT))
    rim = round(RIM * POINT)
    inside = ink[top + rim : top + size[1] - rim, left + rim : left + size[0] - rim] > 0
    share = float(inside.mean()) if inside.size else 0.0
    reached = max(inside.any(axis=0).mean(), inside.any(axis=1).mean()) if inside.size else 0.0
    through = _runs_through(ink, left, top, size)
    if share <= EMPTY:
        return _Seen(False, framed, place)
    ticked = share >= MARKED and reached >= LEAST_STROKE
    return _Seen(ticked, ticked and framed and not through, place)


def _frame(ink: Image, size: tuple[int, int], reach: int) -> tuple[int, int, bool]:
    """Where the printed frame lies, pixels from the left and top, and whether it was found."""
    search = round(SEARCH * POINT)
    best, at = -1.0, (reach, reach)
    wide, tall = size
    thick = max(2, round(0.6 * POINT))
    sums = cv2.integral((ink > 0).astype(np.uint8))

    def part(x: int, y: int, w: int, h: int) -> float:
        total = sums[y + h, x + w] - sums[y, x + w] - sums[y + h, x] + sums[y, x]
        return float(total) / (w * h)

    for top in range(reach - search, reach + search + 1):
        for left in range(reach - search, reach + search + 1):
            sides = (
                part(left, top, wide, thick),
                part(left, top + tall - thick, wide, thick),
                part(left, top, thick, tall),
                part(left + wide - thick, top, thick, tall),
            )
            score = min(sides) + 0.25 * sum(sides)
            if score > best:
                best, at = score, (left, top)
    return at[0], at[1], best >= 0.7


def _runs_through(ink: Image, left: int, top: int, size: tuple[int, int]) -> bool:
    """Whether a stroke runs from beyond one side of the box to beyond the other."""
    _, labels = cv2.connectedComponents(ink, connectivity=8)
    middle = labels[top : top + size[1], left : left + size[0]]
    own = set(np.unique(middle[middle > 0]).tolist())
    near, far = labels[:, :3], labels[:, -3:]
    return any((near == one).any() and (far == one).any() for one in own)


def _around(boxes: list[Box]) -> Box:
    return (
        min(b[0] for b in boxes),
        min(b[1] for b in boxes),
        max(b[2] for b in boxes),
        max(b[3] for b in boxes),
    )
