"""The letters of generated appearances: a Vietnamese font of the machine, embedded as a subset.

Form values come with ``/Helv`` of WinAnsi, which has no Vietnamese letter. Fonts of the Croscore
family have the metrics of those that forms name (Helvetica, Times, Courier) and every letter.
"""

import io
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pikepdf

from schemas.errors import MissingDependency

FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts")
FACES = {
    "sans": ("Arimo-Regular.ttf", "LiberationSans-Regular.ttf", "DejaVuSans.ttf", "arial.ttf"),
    "serif": ("Tinos-Regular.ttf", "LiberationSerif-Regular.ttf", "DejaVuSerif.ttf", "times.ttf"),
    "mono": ("Cousine-Regular.ttf", "LiberationMono-Regular.ttf", "DejaVuSansMono.ttf"),
}
"""Files by kind of face, the first found is taken."""
_UNITS = 1000
_UNKNOWN = "?"


def kind_of(font_name: str) -> str:
    """The kind of face nearest to a font named in a default appearance: ``/Helv``, ``/TiRo``."""
    name = font_name.lower()
    if "cour" in name or "mono" in name:
        return "mono"
    if name.lstrip("/").startswith(("ti", "times", "serif", "roman")) or "times" in name:
        return "serif"
    return "sans"


class Face:
    """A font file: which letters it has, how wide they are, and its subset in a PDF."""

    def __init__(self, path: Path) -> None:
        from fontTools.ttLib import TTFont  # noqa: PLC0415 - large, and few files have such forms

        self._data = path.read_bytes()
        font = TTFont(io.BytesIO(self._data), lazy=True)
        self._glyphs: dict[int, str] = font.getBestCmap()
        self._numbers = font.getReverseGlyphMap()
        scale = _UNITS / font["head"].unitsPerEm
        self._widths = {name: width * scale for name, (width, _) in font["hmtx"].metrics.items()}
        self.ascent = font["hhea"].ascent * scale
        self.descent = font["hhea"].descent * scale
        self._used: set[str] = set()

    def drawable(self, text: str) -> tuple[str, bool]:
        """``text`` in NFC with what the font lacks replaced, and whether anything was."""
        text = unicodedata.normalize("NFC", text)
        kept = "".join(
            char if ord(char) in self._glyphs else " " if char.isspace() else _UNKNOWN
            for char in text
        )
        return kept, any(a != b and not a.isspace() for a, b in zip(text, kept, strict=True))

    def width(self, text: str, size: float) -> float:
        """How wide ``text`` (from :meth:`drawable`) is, in points."""
        thousandths = sum(self._widths[self._glyphs[ord(char)]] for char in text)
        return float(thousandths * size / _UNITS)

    def encode(self, text: str) -> bytes:
        """``text`` as the hexadecimal operand of ``Tj``; its letters will be in the subset."""
        self._used |= set(text)
        codes = (self._numbers[self._glyphs[ord(char)]] for char in text)
        return b"<" + b"".join(b"%04X" % code for code in codes) + b">"

    def fill(self, font: pikepdf.Object, pdf: pikepdf.Pdf) -> None:
        """Make ``font``, an empty dictionary of ``pdf``, the font of all that was encoded.

        Type 0 with Identity-H, the glyphs keep their numbers (ISO 19005-2, 6.2.11).
        """
        from fontTools import subset  # noqa: PLC0415 - as above
        from fontTools.ttLib import TTFont  # noqa: PLC0415 - as above

        letters = sorted(self._used | {" "})
        options = subset.Options(retain_gids=True, notdef_outline=True, layout_features=[])
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=[ord(char) for char in letters])
        program = TTFont(io.BytesIO(self._data), recalcTimestamp=False)
        cutter.subset(program)
        buffer = io.BytesIO()
        program.save(buffer)
        name = pikepdf.Name("/SOHOAF+FormLetters")
        box = [round(getattr(program["head"], key) * _UNITS / program["head"].unitsPerEm)
               for key in ("xMin", "yMin", "xMax", "yMax")]  # fmt: skip
        descriptor = pikepdf.Dictionary(
            Type=pikepdf.Name.FontDescriptor,
            FontName=name,
            Flags=32,
            FontBBox=box,
            ItalicAngle=0,
            Ascent=round(self.ascent),
            Descent=round(self.descent),
            CapHeight=round(self.ascent),
            StemV=80,
            FontFile2=pdf.make_stream(buffer.getvalue(), Length1=len(buffer.getvalue())),
        )
        widths = pikepdf.Array()
        for char in letters:
            glyph = self._glyphs[ord(char)]
            widths.append(self._numbers[glyph])
            widths.append(pikepdf.Array([round(self._widths[glyph])]))
        descendant = pikepdf.Dictionary(
            Type=pikepdf.Name.Font,
            Subtype=pikepdf.Name.CIDFontType2,
            BaseFont=name,
            CIDSystemInfo=pikepdf.Dictionary(
                Registry=pikepdf.String("Adobe"), Ordering=pikepdf.String("Identity"), Supplement=0
            ),
            FontDescriptor=pdf.make_indirect(descriptor),
            W=widths,
            CIDToGIDMap=pikepdf.Name.Identity,
        )
        font.Type = pikepdf.Name.Font
        font.Subtype = pikepdf.Name.Type0
        font.BaseFont = name
        font.Encoding = pikepdf.Name("/Identity-H")
        font.DescendantFonts = pikepdf.Array([pdf.make_indirect(descendant)])
        font.ToUnicode = pdf.make_stream(self._to_unicode(letters))

    def _to_unicode(self, letters: Iterable[str]) -> bytes:
        pairs = {self._numbers[self._glyphs[ord(char)]]: char for char in letters}
        lines = [
            "/CIDInit /ProcSet findresource begin 12 dict begin begincmap",
            "/CMapName /Adobe-Identity-UCS def /CMapType 2 def",
            "1 begincodespacerange <0000> <FFFF> endcodespacerange",
        ]
        listed = [
            f"<{code:04X}> <{char.encode('utf-16-be').hex().upper()}>"
            for code, char in sorted(pairs.items())
        ]
        for start in range(0, len(listed), 100):
            block = listed[start : start + 100]
            lines += [f"{len(block)} beginbfchar", *block, "endbfchar"]
        lines += ["endcmap CMapName currentdict /CMap defineresource pop end end"]
        return "\n".join(lines).encode("ascii")


def face(kind: str) -> Face:
    """A new face of a kind of :data:`FACES`.

    Raises:
        MissingDependency: ``reading.no_form_font`` where no font with Vietnamese letters is there.
    """
    return Face(_file(kind))


@cache
def _file(kind: str) -> Path:
    for name in (*FACES[kind], *FACES["serif"], *FACES["sans"]):
        for folder in FOLDERS:
            for found in sorted(Path(folder).rglob(name)):
                return found
    raise MissingDependency("reading.no_form_font")
