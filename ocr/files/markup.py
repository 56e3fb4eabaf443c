"""What comments, marks and drawings on a page show that came without an appearance.

ISO 32000-1, 12.5.6: a viewer draws FreeText, ink, highlights and the like from their geometry.
All is drawn in the space of the page; :attr:`Mark.box` is the part of it that is drawn on.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

import pikepdf

from ocr.files import strokes
from ocr.files.form_fields import DefaultAppearance, as_text
from ocr.files.strokes import ContentBuilder, EmbeddedFonts
from schemas.page import Box

Point = tuple[float, float]
_YELLOW = (1.0, 1.0, 0.0)
_NOTE = 20.0
_PADDING = 2.0
_SIZE = re.compile(r"font(?:-size)?\s*:[^;]*?([\d.]+)\s*pt")
_TAGS = re.compile(r"<[^>]*>")
_NAMES = re.compile(r"(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True)
class Mark:
    """What an annotation draws, and where."""

    ink: ContentBuilder
    box: Box
    """``(left, bottom, right, top)`` in the page's user space."""


def draw_markup(annotation: pikepdf.Object, letters: EmbeddedFonts) -> Mark | None:
    """What an annotation shows; None for kinds that show nothing by themselves.

    Raises:
        ValueError, TypeError, KeyError, AttributeError: its entries are not what they should be.
    """
    draw = _DRAWN.get(str(annotation.get("/Subtype", "")))
    if draw is None:
        return None
    left, bottom, right, top = (float(value) for value in annotation.Rect)
    box = (min(left, right), min(bottom, top), max(left, right), max(bottom, top))
    ink = ContentBuilder(opacity=min(1.0, max(0.0, float(annotation.get("/CA", 1)))))
    points = draw(annotation, box, ink, letters)
    if not ink.parts:
        return None
    line = _line_width(annotation) + 1
    xs, ys = [x for x, _ in points], [y for _, y in points]
    if points:
        box = (
            min(box[0], min(xs) - line),
            min(box[1], min(ys) - line),
            max(box[2], max(xs) + line),
            max(box[3], max(ys) + line),
        )
    return Mark(ink, box) if box[2] > box[0] and box[3] > box[1] else None


def _line_width(annotation: pikepdf.Object, usual: float = 1.0) -> float:
    style, border = annotation.get("/BS"), annotation.get("/Border")
    if isinstance(style, pikepdf.Dictionary):
        return float(style.get("/W", usual))
    if isinstance(border, pikepdf.Array) and len(border) >= 3:
        return float(border[2])
    return usual


def _pen(annotation: pikepdf.Object, ink: ContentBuilder) -> float:
    width = _line_width(annotation)
    shade = strokes.colour(annotation.get("/C")) or (0.0,)
    ink.add(f"{width:g} w 1 J 1 j {strokes.stroking(shade)}")
    style = annotation.get("/BS")
    dashes = style.get("/D") if isinstance(style, pikepdf.Dictionary) else None
    if isinstance(style, pikepdf.Dictionary) and style.get("/S") == pikepdf.Name.D:
        lengths = [float(one) for one in dashes] if isinstance(dashes, pikepdf.Array) else [3.0]
        ink.add("[" + " ".join(f"{one:g}" for one in lengths) + "] 0 d")
    return width


def _pairs(values: object) -> list[Point]:
    numbers = [float(value) for value in values] if isinstance(values, pikepdf.Array) else []
    return list(zip(numbers[::2], numbers[1::2], strict=False))


def _quads(annotation: pikepdf.Object, box: Box) -> list[tuple[Point, Point, Point, Point]]:
    """Upper left, upper right, lower left, lower right of each part marked.

    In the order that programs write, which is not the standard's.
    """
    points = _pairs(annotation.get("/QuadPoints"))
    found = [
        (points[i], points[i + 1], points[i + 2], points[i + 3])
        for i in range(0, len(points) - 3, 4)
    ]
    x0, y0, x1, y1 = box
    return found or [((x0, y1), (x1, y1), (x0, y0), (x1, y0))]


def _highlight(
    annotation: pikepdf.Object, box: Box, ink: ContentBuilder, _letters: EmbeddedFonts
) -> list[Point]:
    shade = strokes.colour(annotation.get("/C")) or _YELLOW
    ink.multiply = True
    ink.add(strokes.filling(shade))
    quads = _quads(annotation, box)
    for upper_left, upper_right, lower_left, lower_right in quads:
        corners = (upper_left, upper_right, lower_right, lower_left)
        ink.add(strokes.path(corners, close=True), "f")
    return [point for quad in quads for point in quad]


def _underline(
    annotation: pikepdf.Object, box: Box, ink: ContentBuilder, _letters: EmbeddedFonts
) -> list[Point]:
    _pen(annotation, ink)
    quads = _quads(annotation, box)
    for _, _, lower_left, lower_right in quads:
        ink.add(strokes.path((_up(lower_left, 1), _up(lower_right, 1))), "S")
    return [point for quad in quads for point in quad]


def _squiggly(
    annotation: pikepdf.Object, box: Box, ink: ContentBuilder, _letters: EmbeddedFonts
) -> list[Point]:
    _pen(annotation, ink)
    quads = _quads(annotation, box)
    for _, _, (x, y), (end, _) in quads:
        count = max(2, int(abs(end - x) / 2))
        teeth = [(x + (end - x) * n / count, y + 1 + 2 * (n % 2)) for n in range(count + 1)]
        ink.add(strokes.path(teeth), "S")
    return [point for quad in quads for point in quad]


def _strike(
    annotation: pikepdf.Object, box: Box, ink: ContentBuilder, _letters: EmbeddedFonts
) -> list[Point]:
    _pen(annotation, ink)
    quads = _quads(annotation, box)
    for upper_left, upper_right, lower_left, lower_right in quads:
        ends = (_between(upper_left, lower_left), _between(upper_right, lower_right))
        ink.add(strokes.path(ends), "S")
    return [point for quad in quads for point in quad]


def _up(point: Point, by: float) -> Point:
    return point[0], point[1] + by


def _between(one: Point, other: Point) -> Point:
    return (one[0] + other[0]) / 2, (one[1] + other[1]) / 2


def _ink(
    annotation: pikepdf.Object, _box: Box, ink: ContentBuilder, _letters: EmbeddedFonts
) -> list[Point]:
    if _pen(annotation, ink) <= 0:
        ink.parts.clear()
        return []
    drawn: list[Point] = []
    for stroke in annotation.get("/InkList", []):
        points = _pairs(stroke)
        if points:
            ink.add(strokes.path(points if len(points) > 1 else points * 2), "S")
        drawn += points
    return drawn


def _line(
    annotation: pikepdf.Object, _box: Box, ink: ContentBuilder, _letters: EmbeddedFonts
) -> list[Point]:
    width = _pen(annotation, ink)
    points = _pairs(annotation.get("/L"))[:2]
    if len(points) < 2 or width <= 0:
        ink.parts.clear()
        return []
    ink.add(strokes.path(points), "S")
    drawn = list(points)
    ends = annotation.get("/LE")
    for index, end in enumerate(list(ends)[:2] if isinstance(ends, pikepdf.Array) else []):
        if "Arrow" in str(end):
            drawn += _arrow(points[index], points[1 - index], 6 * width + 3, ink)
    return drawn


def _arrow(tip: Point, tail: Point, length: float, ink: ContentBuilder) -> list[Point]:
    angle = math.atan2(tail[1] - tip[1], tail[0] - tip[0])
    sides = [
        (tip[0] + length * math.cos(angle + turn), tip[1] + length * math.sin(angle + turn))
        for turn in (0.5, -0.5)
    ]
    ink.add(strokes.path((sides[0], tip, sides[1])), "S")
    return sides


def _polygon(
    annotation: pikepdf.Object, _box: Box, ink: ContentBuilder, _letters: EmbeddedFonts
) -> list[Point]:
    closed = annotation.Subtype == pikepdf.Name.Polygon
    width = _pen(annotation, ink)
    inside = strokes.colour(annotation.get("/IC")) if closed else ()
    points = _pairs(annotation.get("/Vertices"))
    if len(points) < 2:
        ink.parts.clear()
        return []
    _paint(strokes.path(points, close=closed), inside, width, ink)
    return points


def _paint(shape: str, inside: strokes.Colour, width: float, ink: ContentBuilder) -> None:
    if inside:
        ink.add(strokes.filling(inside))
    operator = {(True, True): "B", (True, False): "f", (False, True): "S"}.get(
        (bool(inside), width > 0), "n"
    )
    ink.add(shape, operator)


def _shape(
    annotation: pikepdf.Object, box: Box, ink: ContentBuilder, _letters: EmbeddedFonts
) -> list[Point]:
    width = _pen(annotation, ink)
    inset = [float(one) for one in annotation.get("/RD", [0, 0, 0, 0])]
    x0, y0, x1, y1 = (
        box[0] + inset[0] + width / 2,
        box[1] + inset[1] + width / 2,
        box[2] - inset[2] - width / 2,
        box[3] - inset[3] - width / 2,
    )
    circle = annotation.Subtype == pikepdf.Name.Circle
    made = strokes.ellipse(x0, y0, x1, y1) if circle else strokes.rectangle(x0, y0, x1, y1)
    _paint(made, strokes.colour(annotation.get("/IC")), width, ink)
    return []


def _free_text(
    annotation: pikepdf.Object, box: Box, ink: ContentBuilder, letters: EmbeddedFonts
) -> list[Point]:
    look = DefaultAppearance.of(as_text(annotation.get("/DA")))
    style = as_text(annotation.get("/DS")) + as_text(annotation.get("/RC"))
    stated = _SIZE.search(style)
    size = look.size or (float(stated.group(1)) if stated else 0.0) or 12.0
    text = as_text(annotation.get("/Contents")) or _TAGS.sub(" ", as_text(annotation.get("/RC")))
    x0, y0, x1, y1 = box
    ground = strokes.colour(annotation.get("/C"))
    if ground:
        ink.add(strokes.filling(ground), strokes.rectangle(*box), "f")
    if "/BS" in annotation or "/Border" in annotation:
        width = _line_width(annotation)
        if width > 0:
            ink.add(f"{width:g} w {strokes.stroking(look.colour)}")
            half = width / 2
            ink.add(strokes.rectangle(x0 + half, y0 + half, x1 - half, y1 - half), "S")
    callout = _pairs(annotation.get("/CL"))
    if len(callout) > 1:
        ink.add(f"1 w {strokes.stroking(look.colour)}", strokes.path(callout), "S")
    _set_text(annotation, text, look, size, box, ink, letters)
    return callout


def _set_text(
    annotation: pikepdf.Object,
    text: str,
    look: DefaultAppearance,
    size: float,
    box: Box,
    ink: ContentBuilder,
    letters: EmbeddedFonts,
) -> None:
    if not text.strip():
        return
    name, letter_face = letters.of(look.font)
    kept = "\n".join(letters.drawable(part, letter_face) for part in text.splitlines())
    room = max(1.0, box[2] - box[0] - 2 * _PADDING)
    lines, size = strokes.fitted(kept, letter_face, size, room, box[3] - box[1])
    place = int(annotation.get("/Q", 0))
    ink.add("BT", strokes.filling(look.colour))
    for index, line in enumerate(lines):
        free = box[2] - box[0] - letter_face.width(line, size)
        x = box[0] + {1: free / 2, 2: free - _PADDING}.get(place, _PADDING)
        y = box[3] - size - index * size * strokes.LEADING
        ink.add(strokes.written(name, letter_face, line, size, x, y))
    ink.add("ET")


def _stamp(
    annotation: pikepdf.Object, box: Box, ink: ContentBuilder, letters: EmbeddedFonts
) -> list[Point]:
    """A frame with the stamp's name, for viewers bring pictures of their own for those."""
    said = _NAMES.sub(" ", str(annotation.get("/Name", "/Draft"))[1:]).upper()
    shade = strokes.colour(annotation.get("/C")) or (0.8, 0.0, 0.0)
    frame = strokes.rectangle(box[0] + 1, box[1] + 1, box[2] - 1, box[3] - 1)
    ink.add(f"1.5 w {strokes.stroking(shade)}", frame, "S")
    name, letter_face = letters.of("Helv")
    text = letters.drawable(said, letter_face)
    width, height = box[2] - box[0] - 6, box[3] - box[1]
    size = min(0.6 * height, width / max(letter_face.width(text, 1.0), 0.01))
    across = letter_face.width(text, size)
    x, y = (box[0] + box[2] - across) / 2, (box[1] + box[3]) / 2 - 0.35 * size
    ink.add(
        "BT", strokes.filling(shade), strokes.written(name, letter_face, text, size, x, y), "ET"
    )
    return []


def _note(
    annotation: pikepdf.Object, box: Box, ink: ContentBuilder, _letters: EmbeddedFonts
) -> list[Point]:
    """The sign of a note at the upper left corner; its text opens on a click only."""
    shade = strokes.colour(annotation.get("/C")) or _YELLOW
    x, y = box[0], box[3]
    ink.add(strokes.filling(shade), "0 G 0.7 w", strokes.rectangle(x, y - _NOTE, x + _NOTE, y), "B")
    for row in (6, 10, 14):
        ink.add(strokes.path(((x + 4, y - row), (x + _NOTE - 4, y - row))), "S")
    return [(x, y - _NOTE), (x + _NOTE, y)]


def _caret(
    annotation: pikepdf.Object, box: Box, ink: ContentBuilder, _letters: EmbeddedFonts
) -> list[Point]:
    shade = strokes.colour(annotation.get("/C")) or (0.0,)
    points = ((box[0], box[1]), ((box[0] + box[2]) / 2, box[3]), (box[2], box[1]))
    ink.add(strokes.filling(shade), strokes.path(points, close=True), "f")
    return []


_DRAWN: dict[str, Callable[[pikepdf.Object, Box, ContentBuilder, EmbeddedFonts], list[Point]]] = {
    "/Highlight": _highlight,
    "/Underline": _underline,
    "/Squiggly": _squiggly,
    "/StrikeOut": _strike,
    "/Ink": _ink,
    "/Line": _line,
    "/Polygon": _polygon,
    "/PolyLine": _polygon,
    "/Square": _shape,
    "/Circle": _shape,
    "/FreeText": _free_text,
    "/Stamp": _stamp,
    "/Text": _note,
    "/Caret": _caret,
}
