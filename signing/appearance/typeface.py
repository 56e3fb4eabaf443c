# mypy: disable-error-code="no-untyped-call"
# pyHanko ships py.typed but leaves its PDF object constructors without annotations.
"""The typeface of stamps, embedded so that PDF/A stays PDF/A.

The decree asks for Times New Roman; Tinos has its metrics (Debian ``fonts-croscore``). Fonts drawn
on 2048 units an em come out twice too wide where a writer takes their widths as thousandths, so the
font is cut down to the letters needed and scaled to 1000 units an em once, when a signer is made.
"""

import os
import re
import zlib
from functools import cache
from io import BytesIO
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont, TTLibError
from fontTools.ttLib.scaleUpem import scale_upem
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.writer import BasePdfFileWriter

from schemas.errors import ConfigurationError, MissingDependency

FONT_NAMES = ("Tinos-Regular.ttf", "LiberationSerif-Regular.ttf", "times.ttf", "Times.ttf")
"""Files with the metrics of Times New Roman, the first found is taken."""

UNITS = 1000
_BASIC = "".join(map(chr, range(0x20, 0x7F)))
_VIETNAMESE = (
    "ÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝàáâãèéêìíòóôõùúýĂăĐđĨĩŨũƠơƯư"
    "ẠạẢảẤấẦầẨẩẪẫẬậẮắẰằẲẳẴẵẶặẸẹẺẻẼẽẾếỀềỂểỄễỆệỈỉỊịỌọỎỏỐốỒồỔổỖỗỘộỚớỜờỞởỠỡỢợỤụỦủỨứỪừỬửỮữỰựỲỳỴỵỶỷỸỹ–—“”‘’…"
)


def find_font(chosen: Path | None) -> Path:
    """The font file to use: the one chosen, or the first of :data:`FONT_NAMES` installed.

    Raises:
        MissingDependency: none is there.
    """
    if chosen is not None:
        if not chosen.is_file():
            raise MissingDependency("signing.font_missing")
        return chosen
    home = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share")
    for root in (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), home / "fonts"):
        for name in FONT_NAMES:
            for found in sorted(root.rglob(name)):
                return found
    raise MissingDependency("signing.font_missing")


class Typeface:
    """Letters with widths in thousandths of the size, and the font program that draws them."""

    def __init__(self, program: bytes, name: str, glyphs: dict[str, tuple[int, int]]) -> None:
        """``glyphs`` maps a character to its glyph number and width; see :func:`load`."""
        self._program = program
        self._name = name
        self._glyphs = glyphs
        font = TTFont(BytesIO(program))
        head, os2 = font["head"], font["OS/2"]
        self.ascent = int(os2.sTypoAscender)
        self.descent = int(os2.sTypoDescender)
        self._box = (head.xMin, head.yMin, head.xMax, head.yMax)
        self._wide = {letter: width for letter, (_, width) in glyphs.items()}
        self._packed = zlib.compress(program)  # once, not for every file
        self._unicode = zlib.compress(self._unicode_map())

    def covers(self, text: str) -> bool:
        """Whether every character of ``text`` can be drawn."""
        return all(letter in self._glyphs for letter in text)

    def require(self, text: str) -> None:
        """Refuse what cannot be drawn.

        Raises:
            ConfigurationError: a character is not in the font as it was cut.
        """
        if not self.covers(text):
            raise ConfigurationError("signing.letters_missing")

    def width(self, text: str, size: float) -> float:
        """How wide ``text`` is at ``size``, in points."""
        return sum(map(self._wide.__getitem__, text)) * size / UNITS

    def encode(self, text: str) -> bytes:
        """``text`` as the hexadecimal operand of ``Tj``."""
        return b"<" + b"".join(b"%04X" % self._glyphs[letter][0] for letter in text) + b">"

    def embed(self, writer: BasePdfFileWriter) -> generic.IndirectObject:
        """Write the font into a PDF: Type 0, Identity-H, TrueType program (ISO 19005-2, 6.2.11)."""
        program = _packed(self._packed, {pdf_name("/Length1"): len(self._program)})
        descendant = generic.DictionaryObject(
            {
                pdf_name("/Type"): pdf_name("/Font"),
                pdf_name("/Subtype"): pdf_name("/CIDFontType2"),
                pdf_name("/BaseFont"): pdf_name(f"/{self._name}"),
                pdf_name("/CIDSystemInfo"): generic.DictionaryObject(
                    {
                        pdf_name("/Registry"): generic.pdf_string("Adobe"),
                        pdf_name("/Ordering"): generic.pdf_string("Identity"),
                        pdf_name("/Supplement"): generic.NumberObject(0),
                    }
                ),
                pdf_name("/FontDescriptor"): writer.add_object(
                    self._descriptor(writer.add_object(program))
                ),
                pdf_name("/CIDToGIDMap"): pdf_name("/Identity"),
                pdf_name("/DW"): generic.NumberObject(UNITS),
                pdf_name("/W"): self._widths(),
            }
        )
        unicode_map = _packed(self._unicode, {})
        return writer.add_object(
            generic.DictionaryObject(
                {
                    pdf_name("/Type"): pdf_name("/Font"),
                    pdf_name("/Subtype"): pdf_name("/Type0"),
                    pdf_name("/BaseFont"): pdf_name(f"/{self._name}"),
                    pdf_name("/Encoding"): pdf_name("/Identity-H"),
                    pdf_name("/DescendantFonts"): generic.ArrayObject(
                        [writer.add_object(descendant)]
                    ),
                    pdf_name("/ToUnicode"): writer.add_object(unicode_map),
                }
            )
        )

    def _descriptor(self, program: generic.IndirectObject) -> generic.DictionaryObject:
        number = generic.NumberObject
        return generic.DictionaryObject(
            {
                pdf_name("/Type"): pdf_name("/FontDescriptor"),
                pdf_name("/FontName"): pdf_name(f"/{self._name}"),
                pdf_name("/Flags"): number(4),
                pdf_name("/FontBBox"): generic.ArrayObject([number(side) for side in self._box]),
                pdf_name("/ItalicAngle"): number(0),
                pdf_name("/Ascent"): number(self.ascent),
                pdf_name("/Descent"): number(self.descent),
                pdf_name("/CapHeight"): number(662),
                pdf_name("/StemV"): number(84),
                pdf_name("/FontFile2"): program,
            }
        )

    def _widths(self) -> generic.ArrayObject:
        runs: dict[int, generic.ArrayObject] = {}
        first = last = -2
        for glyph, width in sorted(set(self._glyphs.values())):
            if glyph != last + 1:
                first = glyph
            runs.setdefault(first, generic.ArrayObject()).append(generic.NumberObject(width))
            last = glyph
        widths: list[generic.PdfObject] = []
        for begin, run in runs.items():
            widths += [generic.NumberObject(begin), run]
        return generic.ArrayObject(widths)

    def _unicode_map(self) -> bytes:
        letters = {glyph: letter for letter, (glyph, _) in sorted(self._glyphs.items())}
        lines = [
            f"<{glyph:04X}> <{letter.encode('utf-16-be').hex().upper()}>"
            for glyph, letter in sorted(letters.items())
        ]
        blocks = [lines[start : start + 100] for start in range(0, len(lines), 100)]
        ranges = "\n".join(
            f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks
        )
        return (
            "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
            "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
            "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
            "1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n"
            f"{ranges}\nendcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"
        ).encode("ascii")


def _packed(content: bytes, entries: dict[generic.NameObject, int]) -> generic.StreamObject:
    """A stream of what is compressed already."""
    held: dict[generic.NameObject, generic.PdfObject] = {
        name: generic.NumberObject(value) for name, value in entries.items()
    }
    held[pdf_name("/Filter")] = pdf_name("/FlateDecode")
    return generic.StreamObject(held, encoded_data=content)


@cache
def load(path: Path, letters: str) -> Typeface:
    """The typeface in ``path``, cut down to ``letters`` and scaled to 1000 units an em.

    Raises:
        ConfigurationError: the file is no TrueType font, or lacks one of the letters.
    """
    try:
        font = TTFont(path, lazy=True)
        missing = set(letters) - {chr(code) for code in font.getBestCmap()}
        if missing or "glyf" not in font:
            raise ConfigurationError("signing.font_unusable")
        options = subset.Options(
            hinting=False, layout_features=[], name_IDs=[6], notdef_outline=True, glyph_names=False
        )
        subsetter = subset.Subsetter(options)
        subsetter.populate(text=letters)
        subsetter.subset(font)
        scale_upem(font, UNITS)
        stream = BytesIO()
        font.save(stream)
    except (TTLibError, OSError, KeyError, AssertionError) as exc:
        raise ConfigurationError("signing.font_unusable") from exc
    cut = TTFont(BytesIO(stream.getvalue()))
    names, metrics = cut.getBestCmap(), cut["hmtx"]
    glyphs = {
        letter: (cut.getGlyphID(names[ord(letter)]), metrics[names[ord(letter)]][0])
        for letter in letters
    }
    return Typeface(stream.getvalue(), _tagged(cut, path), glyphs)


def _tagged(font: TTFont, path: Path) -> str:
    """The PostScript name with a subset tag (ISO 32000-1, 9.6.4)."""
    name = font["name"].getDebugName(6) or path.stem
    return "SOHOAA+" + re.sub(r"[^A-Za-z0-9-]", "", name)


def vietnamese_letters() -> str:
    """ASCII and every precomposed Vietnamese letter, in code point order."""
    return "".join(sorted(set(_BASIC + _VIETNAMESE)))
