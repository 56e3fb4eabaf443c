"""The invisible text layer: a font without shapes, and words laid over the picture.

Readers of a PDF rebuild lines from where characters stand. So that pdfplumber, poppler and PDFium
give back the words as they were read, every line is written level, at one size, left to right,
with a real space between words, and no two lines are laid into one another; a word is stretched to
the width of its box. Lines of a crooked page are therefore level in the layer, each at the height
of its middle.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import pikepdf

from schemas.page import Box, Word

ASCENT, DESCENT, ADVANCE = 800, -200, 500
"""Of the font, in thousandths of its size."""
ROW_GAP = 3.4
"""Points; readers take tops nearer than 3 points for one row (pdfplumber's ``y_tolerance``)."""
MIN_SIZE, MAX_SIZE = 3.0, 200.0
SPACE_ADVANCE = 250
MIN_WORD_WIDTH = 0.6
MIN_SPACE = 0.2
"""Of the line's size: poppler parts words by the gap alone (from 0.15), whatever stands in it."""


_SPACE = 1
"""The code of the space, and its glyph."""


class LayerFont:
    """A font without shapes for the characters of one document (Type 0, CID TrueType).

    Codes are given in order of first use; :meth:`embed` writes the font with its ``/ToUnicode``.
    """

    def __init__(self) -> None:
        self._codes: dict[str, int] = {" ": _SPACE}

    def encode(self, text: str) -> bytes:
        """The codes of ``text`` as a hexadecimal PDF string, 2 bytes a character."""
        codes = [f"{self._codes.setdefault(char, len(self._codes) + 1):04X}" for char in text]
        return f"<{''.join(codes)}>".encode("ascii")

    def embed(self, pdf: pikepdf.Pdf) -> pikepdf.Object:
        """The font in ``pdf``, for all texts encoded so far."""
        program = pdf.make_stream(_program(), Length1=len(_program()))
        descriptor = pdf.make_indirect(
            pikepdf.Dictionary(
                Type=pikepdf.Name.FontDescriptor,
                FontName=pikepdf.Name.SohoaGlyphless,
                Flags=4,
                FontBBox=[0, DESCENT, ADVANCE, ASCENT],
                ItalicAngle=0,
                Ascent=ASCENT,
                Descent=DESCENT,
                CapHeight=ASCENT,
                StemV=80,
                FontFile2=program,
            )
        )
        descendant = pdf.make_indirect(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Font,
                Subtype=pikepdf.Name.CIDFontType2,
                BaseFont=pikepdf.Name.SohoaGlyphless,
                CIDSystemInfo=pikepdf.Dictionary(
                    Registry=pikepdf.String("Adobe"),
                    Ordering=pikepdf.String("Identity"),
                    Supplement=0,
                ),
                FontDescriptor=descriptor,
                DW=ADVANCE,
                W=[_SPACE, [SPACE_ADVANCE]],
                CIDToGIDMap=pdf.make_stream(
                    b"\x00\x00\x00\x01" + b"\x00\x02" * (len(self._codes) - 1)
                ),
            )
        )
        return pdf.make_indirect(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Font,
                Subtype=pikepdf.Name.Type0,
                BaseFont=pikepdf.Name.SohoaGlyphless,
                Encoding=pikepdf.Name("/Identity-H"),
                DescendantFonts=[descendant],
                ToUnicode=pdf.make_stream(_to_unicode(self._codes)),
            )
        )


@cache
def _program() -> bytes:
    """The shipped TrueType program, made by :mod:`training.glyphless_font`, of three glyphs:
    .notdef, the space, and all other characters."""
    return files("ocr.pdfa").joinpath("data/glyphless.ttf").read_bytes()


def _to_unicode(codes: dict[str, int]) -> bytes:
    lines = [
        "/CIDInit /ProcSet findresource begin",
        "12 dict begin",
        "begincmap",
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
        "/CMapName /Adobe-Identity-UCS def",
        "/CMapType 2 def",
        "1 begincodespacerange",
        "<0000> <FFFF>",
        "endcodespacerange",
    ]
    pairs = [
        f"<{code:04X}> <{char.encode('utf-16-be').hex().upper()}>" for char, code in codes.items()
    ]
    for start in range(0, len(pairs), 100):
        block = pairs[start : start + 100]
        lines += [f"{len(block)} beginbfchar", *block, "endbfchar"]
    lines += ["endcmap", "CMapName currentdict /CMap defineresource pop", "end", "end"]
    return "\n".join(lines).encode("ascii")


@dataclass
class _Line:
    top: float
    bottom: float
    words: list[Word]

    @property
    def left(self) -> float:
        return min(word.box[0] for word in self.words)

    @property
    def right(self) -> float:
        return max(word.box[2] for word in self.words)

    @property
    def size(self) -> float:
        return min(max(self.bottom - self.top, MIN_SIZE), MAX_SIZE)


def layer(words: Sequence[Word], font: LayerFont, name: str, height: float) -> bytes:
    """Content that draws ``words`` invisibly; ``name`` is the font's resource name with its slash.

    User space is that of an upright page of ``height`` points, origin at the bottom left.
    """
    if not words:
        return b""
    parts = [b"BT 3 Tr\n"]
    for line in _apart(_lines(words)):
        baseline = height - line.top - line.size * ASCENT / 1000
        parts.append(f"{name} {line.size:.2f} Tf 1 0 0 1 0 {baseline:.3f} Tm\n".encode("ascii"))
        parts += _line_content(line, baseline, font)
    parts.append(b"ET\n")
    return b"".join(parts)


def _line_content(line: _Line, baseline: float, font: LayerFont) -> Iterable[bytes]:
    """Each word with the space behind it, in one piece: PDFium loses pieces of one character."""
    for word, (x0, x1) in zip(line.words, _side_by_side(line.words, line.size), strict=True):
        scale = 100_000 * (x1 - x0) / (len(word.text) * line.size * ADVANCE)
        place = f"{scale:.2f} Tz 1 0 0 1 {x0:.3f} {baseline:.3f} Tm ".encode("ascii")
        yield place + font.encode(word.text + " ") + b" Tj\n"


def _lines(words: Sequence[Word]) -> list[_Line]:
    """Words by line; the height of a line is the usual height of its words, at their middle."""
    by_line: dict[int, list[Word]] = {}
    for word in words:
        by_line.setdefault(word.line, []).append(word)
    lines = []
    for members in by_line.values():
        middle = _median([(word.box[1] + word.box[3]) / 2 for word in members])
        half = _median([word.box[3] - word.box[1] for word in members]) / 2
        lines.append(_Line(middle - half, middle + half, members))
    return lines


def _median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


def _side_by_side(words: Sequence[Word], size: float) -> list[tuple[float, float]]:
    """Left and right of each word in a line, moved where needed so that each has room around it.

    Reading order decides: a word that starts left of its predecessor is pushed behind it.
    """
    gap = MIN_SPACE * size
    places: list[tuple[float, float]] = []
    limit = float("-inf")
    for index, word in enumerate(words):
        x0 = max(word.box[0], limit)
        x1 = max(word.box[2], x0 + MIN_WORD_WIDTH)
        if index + 1 < len(words):
            room = words[index + 1].box[0] - gap
            if x1 > room > x0 + (x1 - x0) / 3:
                x1 = room
        places.append((x0, x1))
        limit = x1 + gap
    return places


def _apart(lines: list[_Line]) -> list[_Line]:
    """The same lines, moved down where two that share columns would fall into one row.

    A row is what a reader takes for one: tops that follow each other within :data:`ROW_GAP`. No
    line reaches down into one below it: poppler takes lines that overlap by half for one.
    """
    pending = sorted(lines, key=lambda line: line.top)
    floor = float("-inf")
    at = 0
    while at < len(pending):
        end, top = at + 1, max(pending[at].top, floor)
        last = top
        while end < len(pending) and pending[end].top - last < ROW_GAP:
            last = max(last, pending[end].top)
            end += 1
        rows = _rows(pending[at:end])
        for number, row in enumerate(rows):
            for line in row:
                line.bottom += top + number * ROW_GAP - line.top
                line.top = top + number * ROW_GAP
        floor = top + len(rows) * ROW_GAP
        at = end
    for line in lines:
        below = [other.top for other in lines if other.top > line.top and _share(line, other)]
        line.bottom = min([line.bottom, *below])
    return lines


def _share(line: _Line, other: _Line) -> bool:
    return line.left < other.right + 1 and other.left < line.right + 1


def _rows(lines: list[_Line]) -> list[list[_Line]]:
    """Lines of nearly one height, sorted into rows in which none overlaps another."""
    rows: list[list[_Line]] = []
    for line in lines:
        for row in rows:
            if not any(_share(line, other) for other in row):
                row.append(line)
                break
        else:
            rows.append([line])
    return rows


def on_page(rotation: int, media: Box) -> tuple[float, float, float, float, float, float]:
    """The matrix from the upright page (origin bottom left) to the user space of a turned one.

    ``rotation`` is the page's ``/Rotate``; ``media`` its crop box ``(left, bottom, right, top)``.
    """
    left, bottom, right, top = media
    match rotation % 360:
        case 90:
            return (0, 1, -1, 0, right, bottom)
        case 180:
            return (-1, 0, 0, -1, right, top)
        case 270:
            return (0, -1, 1, 0, left, top)
    return (1, 0, 0, 1, left, bottom)
