"""What the fields of a form show: appearances of widgets that have none, drawn from their values.

Programs that fill forms often leave the drawing to the viewer (``/NeedAppearances``, ISO 32000-1,
12.7.2, or simply no ``/AP``). Text too long for its field is set smaller, never cut off.
"""

import re
from dataclasses import dataclass

import pikepdf

from ocr.files import strokes
from ocr.files.strokes import ContentBuilder, EmbeddedFonts

MULTILINE, PASSWORD, PUSH, RADIO, COMBO, COMB = 1 << 12, 1 << 13, 1 << 16, 1 << 15, 1 << 17, 1 << 24
"""Bits of ``/Ff``."""
USUAL = 12.0
"""Points; the size of text whose default appearance leaves it to the viewer, where it fits."""
OFF = "/Off"
_PADDING = 2.0
_MARKS = {"4": "√", "8": "×", "l": "●", "n": "■", "u": "◊", "H": "*"}
"""``/MK /CA`` in ZapfDingbats, and a letter that ordinary fonts have for it."""
_FONT = re.compile(r"/(\S+)\s+(-?[\d.]+)\s+Tf")
_FILL = re.compile(r"((?:-?[\d.]+\s+){1,4})(g|rg|k)\b")
_MOST_PARENTS = 32


@dataclass(frozen=True)
class DefaultAppearance:
    """A parsed ``/DA``: font name, size (0: as it fits), colour."""

    font: str = "Helv"
    size: float = 0.0
    colour: strokes.Colour = (0.0,)

    @classmethod
    def of(cls, text: str) -> "DefaultAppearance":
        """What a default appearance string says; its last operators count."""
        fonts, fills = _FONT.findall(text), _FILL.findall(text)
        try:
            shade = tuple(float(part) for part in fills[-1][0].split()) if fills else (0.0,)
            size = abs(float(fonts[-1][1])) if fonts else 0.0
        except ValueError:
            return cls()
        return cls(fonts[-1][0] if fonts else "Helv", size, shade)


def inherited(field: pikepdf.Object, key: str) -> pikepdf.Object | None:
    """An entry of a field or of the nearest parent that has it."""
    node: pikepdf.Object | None = field
    for _ in range(_MOST_PARENTS):
        if not isinstance(node, pikepdf.Dictionary):
            return None
        if key in node:
            return node[key]
        node = node.get("/Parent")
    return None


def is_signature(annotation: pikepdf.Object) -> bool:
    """Whether an annotation is the widget of a signature field."""
    return annotation.get("/Subtype") == pikepdf.Name.Widget and (
        inherited(annotation, "/FT") == pikepdf.Name.Sig
    )


def as_text(value: object) -> str:
    """A text value: a string, a name, or a stream."""
    if isinstance(value, pikepdf.Stream):
        return str(pikepdf.String(value.read_bytes()))
    if isinstance(value, pikepdf.Name):
        return str(value)[1:]
    if isinstance(value, pikepdf.Array):
        return "\n".join(as_text(one) for one in value)
    return str(value) if isinstance(value, pikepdf.String | str) else ""


def choose_state(widget: pikepdf.Object, *, by_value: bool) -> None:
    """Set the appearance state of a check box or radio button that has states but names none.

    With ``by_value`` (``/NeedAppearances``) the field's value decides, whatever state is named.
    """
    states = widget.AP.get("/N") if isinstance(widget.get("/AP"), pikepdf.Dictionary) else None
    if not isinstance(states, pikepdf.Dictionary) or isinstance(states, pikepdf.Stream):
        return
    value = inherited(widget, "/V")
    if isinstance(value, pikepdf.Name) and (by_value or "/AS" not in widget):
        widget.AS = value if str(value) in states.keys() else pikepdf.Name(OFF)  # noqa: SIM118


def draw_widget(
    widget: pikepdf.Object,
    form: pikepdf.Object | None,
    letters: EmbeddedFonts,
    width: float,
    height: float,
) -> ContentBuilder | None:
    """What a widget of this size shows; None where it shows nothing.

    ``form`` is the document's ``/AcroForm``.
    """
    ink = ContentBuilder()
    kind, flags = inherited(widget, "/FT"), _number(inherited(widget, "/Ff"))
    line = _frame(widget, ink, width, height)
    said = inherited(widget, "/DA") or (form.get("/DA") if form is not None else None)
    look = DefaultAppearance.of(as_text(said))
    drawn = len(ink.parts)
    area = (width - 2 * line - 2 * _PADDING, height - 2 * line)
    if kind == pikepdf.Name.Btn:
        _button(widget, flags, look, letters, ink, (width, height))
    elif kind == pikepdf.Name.Ch and not flags & COMBO:
        _list_box(widget, look, letters, ink, (width, height))
    elif kind in {pikepdf.Name.Tx, pikepdf.Name.Ch}:
        text = _shown_text(widget, kind == pikepdf.Name.Ch, flags)
        limit = _number(inherited(widget, "/MaxLen"))
        if text and flags & COMB and 0 < limit <= 200:
            _comb(text, limit, look, letters, ink, (width, height))
        elif text:
            _text(widget, text, flags, look, letters, ink, (width, height), area)
    return ink if len(ink.parts) > drawn or drawn else None


def _number(value: object) -> int:
    try:
        return int(value)  # type: ignore[call-overload, no-any-return]
    except (TypeError, ValueError):
        return 0


def _frame(widget: pikepdf.Object, ink: ContentBuilder, width: float, height: float) -> float:
    """Background and border; returns the border's width."""
    about = widget.get("/MK")
    if not isinstance(about, pikepdf.Dictionary):
        return 0.0
    ground, edge = strokes.colour(about.get("/BG")), strokes.colour(about.get("/BC"))
    if ground:
        ink.add(strokes.filling(ground), strokes.rectangle(0, 0, width, height), "f")
    style = widget.get("/BS")
    line = float(style.get("/W", 1)) if isinstance(style, pikepdf.Dictionary) else 1.0
    if not edge or line <= 0:
        return 0.0
    half = line / 2
    box = strokes.rectangle(half, half, width - half, height - half)
    ink.add(f"{line:g} w {strokes.stroking(edge)}", box, "S")
    return line


def _shown_text(widget: pikepdf.Object, choice: bool, flags: int) -> str:
    value = inherited(widget, "/V")
    text = as_text(value)
    if choice:
        for exported, shown in _options(widget):
            if text == exported:
                text = shown
                break
    if not choice and flags & PASSWORD:
        text = "*" * len(text)
    return text


def _options(widget: pikepdf.Object) -> list[tuple[str, str]]:
    """Exported value and text shown of each option of a choice field."""
    listed = inherited(widget, "/Opt")
    found = []
    for one in listed if isinstance(listed, pikepdf.Array) else []:
        if isinstance(one, pikepdf.Array) and len(one) == 2:
            found.append((as_text(one[0]), as_text(one[1])))
        else:
            found.append((as_text(one), as_text(one)))
    return found


def _text(
    widget: pikepdf.Object,
    text: str,
    flags: int,
    look: DefaultAppearance,
    letters: EmbeddedFonts,
    ink: ContentBuilder,
    size: tuple[float, float],
    area: tuple[float, float],
) -> None:
    name, letter_face = letters.of(look.font)
    wanted = look.size or min(USUAL, max(strokes.SMALLEST, area[1] * 0.75))
    if flags & MULTILINE:
        kept = "\n".join(letters.drawable(part, letter_face) for part in text.splitlines())
        lines, points = strokes.fitted(kept, letter_face, wanted, max(area[0], 1), area[1])
        top = (size[1] + area[1]) / 2 - points
    else:
        line = letters.drawable(" ".join(text.split()), letter_face)
        across = letter_face.width(line, wanted)
        points = wanted * min(1.0, max(area[0], 1) / across) if across else wanted
        lines = [line]
        middle = (letter_face.ascent + letter_face.descent) / 2000 * points
        top = size[1] / 2 - middle
    place = _number(inherited(widget, "/Q"))
    ink.add("BT", strokes.filling(look.colour))
    for index, line in enumerate(lines):
        free = size[0] - letter_face.width(line, points)
        x = {1: free / 2, 2: free - _PADDING}.get(place, (size[0] - area[0]) / 2)
        y = top - index * points * strokes.LEADING
        ink.add(strokes.written(name, letter_face, line, points, x, y))
    ink.add("ET")


def _comb(
    text: str,
    cells: int,
    look: DefaultAppearance,
    letters: EmbeddedFonts,
    ink: ContentBuilder,
    size: tuple[float, float],
) -> None:
    """One letter in each cell. As one string with wide gaps it would be read as many words."""
    name, letter_face = letters.of(look.font)
    text = letters.drawable(text, letter_face)[:cells]
    cell = size[0] / cells
    points = look.size or min(USUAL, max(strokes.SMALLEST, size[1] * 0.75))
    y = size[1] / 2 - (letter_face.ascent + letter_face.descent) / 2000 * points
    ink.add("BT", strokes.filling(look.colour))
    for index, char in enumerate(text):
        x = (index + 0.5) * cell - letter_face.width(char, points) / 2
        ink.add(strokes.written(name, letter_face, char, points, x, y))
    ink.add("ET")


def _list_box(
    widget: pikepdf.Object,
    look: DefaultAppearance,
    letters: EmbeddedFonts,
    ink: ContentBuilder,
    size: tuple[float, float],
) -> None:
    """The options from the top one on, what is chosen on a darker ground."""
    name, letter_face = letters.of(look.font)
    points = look.size or USUAL
    value = inherited(widget, "/V")
    values = list(value) if isinstance(value, pikepdf.Array) else [value]
    chosen = {as_text(one) for one in values if one is not None}
    options = _options(widget)
    first = max(0, _number(inherited(widget, "/TI")))
    room = max(1, int(size[1] / (points * strokes.LEADING)))
    marked = [n for n, (exported, _) in enumerate(options) if exported in chosen]
    if marked and not first <= marked[0] < first + room:
        first = marked[0]
    for row, (exported, shown) in enumerate(options[first : first + room]):
        top = size[1] - row * points * strokes.LEADING
        if exported in chosen:
            low = top - points * strokes.LEADING
            ink.add("0.6 0.75 0.85 rg", strokes.rectangle(0, low, size[0], top), "f")
        line = letters.drawable(shown, letter_face)
        ink.add("BT", strokes.filling(look.colour))
        ink.add(strokes.written(name, letter_face, line, points, _PADDING, top - points))
        ink.add("ET")


def _button(
    widget: pikepdf.Object,
    flags: int,
    look: DefaultAppearance,
    letters: EmbeddedFonts,
    ink: ContentBuilder,
    size: tuple[float, float],
) -> None:
    about = widget.get("/MK")
    caption = as_text(about.get("/CA")) if isinstance(about, pikepdf.Dictionary) else ""
    if flags & PUSH:
        text, points = caption, look.size or USUAL
    else:
        state = widget.get("/AS")
        if state is None:
            state = inherited(widget, "/V")
        if not isinstance(state, pikepdf.Name) or str(state) == OFF:
            return
        text = _MARKS.get(caption, _MARKS["l" if flags & RADIO else "4"])
        points = look.size or 0.8 * min(size)
    if not text:
        return
    name, letter_face = letters.of("TiRo" if not flags & PUSH else look.font)
    text = letters.drawable(text, letter_face)
    across = letter_face.width(text, points)
    y = size[1] / 2 - 0.35 * points
    ink.add("BT", strokes.filling(look.colour))
    ink.add(strokes.written(name, letter_face, text, points, (size[0] - across) / 2, y))
    ink.add("ET")
