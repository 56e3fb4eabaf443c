"""Pieces of PDF content for generated appearances: colours, paths, lines of text.

Lengths are points of the appearance's own space, colours components from 0 to 1.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pikepdf

from ocr.files.typeface import Face, face, kind_of

Colour = tuple[float, ...]
"""One number is grey, three are red, green and blue, four are process colours; none: nothing."""
_OPERATORS = {1: ("g", "G"), 3: ("rg", "RG"), 4: ("k", "K")}
LEADING = 1.15
"""Lines of text are so many times their size apart."""
SMALLEST = 4.0
"""Points; text is never set smaller to fit its field."""
_CIRCLE = 0.5523


class EmbeddedFonts:
    """The faces used in one PDF; :meth:`finish` embeds what was used of each."""

    def __init__(self, pdf: pikepdf.Pdf) -> None:
        self._pdf = pdf
        self._faces: dict[str, tuple[Face, pikepdf.Object]] = {}
        self.lacking = False
        """Whether a letter was asked for that no font has."""

    def of(self, font_name: str) -> tuple[str, Face]:
        """The resource name (without slash) and the face nearest to a font's name."""
        kind = kind_of(font_name)
        if kind not in self._faces:
            self._faces[kind] = (face(kind), self._pdf.make_indirect(pikepdf.Dictionary()))
        return f"Sohoa{kind}", self._faces[kind][0]

    def drawable(self, text: str, letters: Face) -> str:
        """``text`` as the face can draw it; notes what it cannot."""
        kept, lacking = letters.drawable(text)
        self.lacking = self.lacking or lacking
        return kept

    def resources(self) -> pikepdf.Object:
        """The fonts by resource name."""
        return pikepdf.Dictionary(
            {f"/Sohoa{kind}": font for kind, (_, font) in self._faces.items()}
        )

    def finish(self) -> None:
        """Embed the fonts, once all text is encoded."""
        for letters, font in self._faces.values():
            letters.fill(font, self._pdf)


@dataclass
class ContentBuilder:
    """Content being drawn, and what it needs of the graphics state."""

    parts: list[str] = field(default_factory=list)
    opacity: float = 1.0
    multiply: bool = False

    def add(self, *lines: str) -> None:
        """Operators, as they are."""
        self.parts += lines

    def content(self) -> bytes:
        """All of it."""
        return "\n".join(self.parts).encode("latin-1")


def colour(value: object) -> Colour:
    """The components of a ``/C``, ``/IC``, ``/BG`` or ``/BC``; none where it is none."""
    if not isinstance(value, pikepdf.Array):
        return ()
    try:
        return tuple(min(1.0, max(0.0, float(part))) for part in value)
    except (TypeError, ValueError):
        return ()


def filling(shade: Colour) -> str:
    """The operator that fills in this colour; black for a colour that is none."""
    return _operator(shade, 0)


def stroking(shade: Colour) -> str:
    """The operator that strokes in this colour; black for a colour that is none."""
    return _operator(shade, 1)


def _operator(shade: Colour, which: int) -> str:
    if len(shade) not in _OPERATORS:
        shade = (0.0,)
    return " ".join(f"{part:g}" for part in shade) + " " + _OPERATORS[len(shade)][which]


def rectangle(x0: float, y0: float, x1: float, y1: float) -> str:
    """A rectangle's path."""
    return f"{x0:.2f} {y0:.2f} {x1 - x0:.2f} {y1 - y0:.2f} re"


def path(points: Sequence[tuple[float, float]], *, close: bool = False) -> str:
    """A path through the points."""
    steps = [f"{x:.2f} {y:.2f} {'l' if index else 'm'}" for index, (x, y) in enumerate(points)]
    return " ".join(steps) + (" h" if close else "")


def ellipse(x0: float, y0: float, x1: float, y1: float) -> str:
    """The path of the ellipse in a rectangle."""
    x, y, a, b = (x0 + x1) / 2, (y0 + y1) / 2, (x1 - x0) / 2, (y1 - y0) / 2
    c, d = a * _CIRCLE, b * _CIRCLE
    curves = (
        (x + a, y + d, x + c, y + b, x, y + b),
        (x - c, y + b, x - a, y + d, x - a, y),
        (x - a, y - d, x - c, y - b, x, y - b),
        (x + c, y - b, x + a, y - d, x + a, y),
    )
    drawn = [" ".join(f"{value:.2f}" for value in curve) + " c" for curve in curves]
    return f"{x + a:.2f} {y:.2f} m " + " ".join(drawn) + " h"


def written(name: str, letters: Face, text: str, size: float, x: float, y: float) -> str:
    """One line of text with its baseline at ``(x, y)``, inside of ``BT`` and ``ET``."""
    return f"/{name} {size:.2f} Tf 1 0 0 1 {x:.2f} {y:.2f} Tm {letters.encode(text).decode()} Tj"


def wrapped(text: str, letters: Face, size: float, width: float) -> list[str]:
    """The lines of ``text``, broken at spaces (a longer word anywhere) to fit ``width``."""
    lines: list[str] = []
    for paragraph in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        line = ""
        for word in paragraph.split(" "):
            longer = f"{line} {word}" if line else word
            if line and letters.width(longer, size) > width:
                lines.append(line)
                line = word
            else:
                line = longer
            while len(line) > 1 and letters.width(line, size) > width:
                fits = max(
                    1, sum(letters.width(line[:n], size) <= width for n in range(1, len(line)))
                )
                lines.append(line[:fits])
                line = line[fits:]
        lines.append(line)
    return lines


def fitted(
    text: str, letters: Face, size: float, width: float, height: float
) -> tuple[list[str], float]:
    """The lines and the size, at most ``size``, at which ``text`` fits a box."""
    while True:
        lines = wrapped(text, letters, size, width)
        if len(lines) * size * LEADING <= height or size <= SMALLEST:
            return lines, size
        size = max(SMALLEST, size * 0.9)
