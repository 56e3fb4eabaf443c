# mypy: disable-error-code="no-untyped-call"
# pyHanko ships py.typed but leaves its PDF object constructors without annotations.
"""What a reader sees of a signature: lines of text in a form XObject, fonts embedded."""

import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.layout import BoxConstraints
from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.stamp.base import BaseStamp, BaseStampStyle

from schemas.page import Box
from signing.appearance.placement import FirstPage, free_box
from signing.appearance.qr import QrCode
from signing.appearance.typeface import Typeface

SIZES = (10.0, 9.0, 8.0)
"""Type sizes in points: what the decree asks for, then smaller ones where 10 does not fit."""

WIDTHS = (190.0, 150.0, 240.0, 120.0)
"""Widths in points that lines may have, in the order they are tried."""

JOINED_WIDTHS = (240.0, 340.0)
"""The same where the paragraphs follow each other, for pages with little room above the text."""

NARROW = 75.0
"""The width that breaks a time between its date and its hour, beside other stamps."""

LEADING = 1.2

CODE_SIDE = 42.5
"""Side of a QR code in points: 15 mm."""

CODE_COSTS = 45.0
"""Points that a QR code may move the lines down; where it would cost more, it is left out."""

CODE_GAP = 6.0


@dataclass(frozen=True)
class Stamp:
    """Lines laid out, with the rectangle they take in PDF user space."""

    lines: tuple[str, ...]
    size: float
    width: float
    height: float
    box: Box
    """On the upright page, from its top left."""
    rectangle: tuple[float, float, float, float]
    rotation: int
    code: QrCode | None = None
    """A QR code at the left of the lines."""

    @property
    def indent(self) -> float:
        """How far the lines stand from the left edge, in points."""
        return 0.0 if self.code is None else CODE_SIDE + CODE_GAP


def wrap(text: str, typeface: Typeface, size: float, width: float) -> list[str]:
    """``text`` in lines of at most ``width`` points; a longer word has a line of its own."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and typeface.width(longer, size) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def lay_out(
    paragraphs: Sequence[str],
    typeface: Typeface,
    page: FirstPage,
    code: QrCode | None = None,
    checked: Sequence[str] = (),
) -> Stamp | None:
    """Break ``paragraphs`` into lines and place them at the top right of ``page``.

    Where the code would push the lines away from the corner, as much of it is left out as must be:
    what people read, then what telephones read, then both.

    Args:
        paragraphs: what must stand there.
        typeface: measures it.
        page: where it goes.
        code: a QR code, if one belongs there.
        checked: the paragraphs with those that say the code in letters; empty where none do.

    Returns:
        The stamp; ``None`` where nothing of what was looked at is free.
    """
    plain = _laid_out(paragraphs, typeface, page, None)
    if plain is None:
        return None
    wanted = [(checked, code)] if checked else []
    wanted += [(paragraphs, code)] if code is not None else []
    wanted += [(checked, None)] if checked and code is not None else []
    for said, drawn in wanted:
        stamp = _laid_out(said, typeface, page, drawn)
        if stamp is not None and stamp.box[1] - plain.box[1] <= CODE_COSTS:
            return stamp
    return plain


def _laid_out(
    paragraphs: Sequence[str], typeface: Typeface, page: FirstPage, code: QrCode | None
) -> Stamp | None:
    layouts = _layouts(tuple(paragraphs), typeface)
    side, indent = (0.0, 0.0) if code is None else (CODE_SIDE, CODE_SIDE + CODE_GAP)
    boxes = [
        (
            indent + max(typeface.width(line, size) for line in lines),
            max(side, len(lines) * size * LEADING),
        )
        for lines, size in layouts
    ]
    found = free_box(page, boxes)
    if found is None:
        return None
    index, box = found
    lines, size = layouts[index]
    width, height = boxes[index]
    rectangle = page.to_user_space(box)
    return Stamp(lines, size, width, height, box, rectangle, page.rotation, code)


@lru_cache(maxsize=16)
def _layouts(
    paragraphs: tuple[str, ...], typeface: Typeface
) -> tuple[tuple[tuple[str, ...], float], ...]:
    """The lines and sizes that a text may have; files signed in one second say the same."""
    texts = [unicodedata.normalize("NFC", text) for text in paragraphs]
    shapes = [(texts, width) for width in WIDTHS]
    shapes.append(([_breakable(text) for text in texts], NARROW))
    shapes += [(["; ".join(texts)], width) for width in JOINED_WIDTHS]
    layouts: list[tuple[tuple[str, ...], float]] = []
    for size in SIZES:
        for blocks, width in shapes:
            lines = tuple(line for text in blocks for line in wrap(text, typeface, size, width))
            if (lines, size) not in layouts:
                layouts.append((lines, size))
    return tuple(layouts)


def _breakable(text: str) -> str:
    """An ISO 8601 time with a space for its ``T``, as the standard lets people agree on."""
    return re.sub(r"(\d{4}-\d\d-\d\d)T(?=\d\d:)", r"\1 ", text)


def form_xobject(
    size: tuple[float, float],
    rotation: int,
    resources: generic.DictionaryObject,
    operators: bytes,
) -> generic.StreamObject:
    """An appearance of ``size`` points, turned so that it stands upright on a turned page."""
    number = generic.FloatObject
    angle = math.radians(rotation)
    cos, sin = round(math.cos(angle)), round(math.sin(angle))
    width, height = (round(side, 2) for side in size)
    form = generic.StreamObject(
        {
            pdf_name("/Type"): pdf_name("/XObject"),
            pdf_name("/Subtype"): pdf_name("/Form"),
            pdf_name("/BBox"): generic.ArrayObject(
                [number(side) for side in (0, 0, width, height)]
            ),
            # a page turned clockwise for display needs its stamp turned back
            pdf_name("/Matrix"): generic.ArrayObject(
                [number(entry) for entry in (cos, sin, -sin, cos, 0, 0)]
            ),
            pdf_name("/Resources"): resources,
        },
        stream_data=operators,
    )
    form.compress()
    return form


@dataclass(frozen=True)
class LineStampStyle(BaseStampStyle):
    """A stamp as pyHanko wants it: something that makes an appearance when the field is written."""

    stamp: Stamp | None = field(default=None)
    typeface: Typeface | None = field(default=None)

    def create_stamp(
        self, writer: BasePdfFileWriter, box: BoxConstraints, text_params: dict[str, object]
    ) -> "_LineStamp":
        """Called by pyHanko for visible fields only."""
        if self.stamp is None or self.typeface is None:
            raise ValueError("a stamp without text")
        return _LineStamp(writer, self, self.stamp, self.typeface)


class _LineStamp(BaseStamp):
    """Draws the lines, in place of pyHanko's text layout and its fonts."""

    def __init__(
        self, writer: BasePdfFileWriter, style: LineStampStyle, stamp: Stamp, typeface: Typeface
    ) -> None:
        super().__init__(writer, style)
        self._stamp = stamp
        self._typeface = typeface

    def as_form_xobject(self) -> generic.StreamObject:
        """The form XObject itself; pyHanko registers it and points the widget to it."""
        return self._form(self._ensure_writer)

    def _form(self, writer: BasePdfFileWriter) -> generic.StreamObject:
        stamp = self._stamp
        font = generic.DictionaryObject({pdf_name("/F1"): self._typeface.embed(writer)})
        resources = generic.DictionaryObject({pdf_name("/Font"): font})
        return form_xobject(
            (stamp.width, stamp.height), stamp.rotation, resources, self._operators()
        )

    def _operators(self) -> bytes:
        stamp, typeface = self._stamp, self._typeface
        leading = stamp.size * LEADING
        body = (typeface.ascent - typeface.descent) * stamp.size / 1000
        first = stamp.height - (leading - body) / 2 - typeface.ascent * stamp.size / 1000
        operators = [b"q 0 g"]
        if stamp.code is not None:
            operators.append(stamp.code.operators(0.0, stamp.height - CODE_SIDE, CODE_SIDE))
        place = (stamp.size, leading, stamp.indent, first)
        operators.append(b"BT /F1 %g Tf %g TL %.2f %.2f Td" % place)
        operators += [typeface.encode(line) + b" Tj T*" for line in stamp.lines]
        return b"\n".join([*operators, b"ET Q"])
