"""Makes the font of the invisible text layer, ``ocr/pdfa/data/glyphless.ttf``.

    python -m training.glyphless_font FILE

It is always the same, and making it in every process that composes a PDF/A costs a tenth of a
second: fontTools has to be imported.
"""

import io
import sys
from pathlib import Path

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

from ocr.pdfa.textlayer import ADVANCE, ASCENT, DESCENT, SPACE_ADVANCE

_EPOCH = 3_600_000_000
"""A fixed date (seconds since 1904), so that equal documents have equal fonts."""


def glyphless_font() -> bytes:
    """A TrueType program of three glyphs: .notdef, the space, and all other characters.

    That of the characters is a line without breadth from corner to corner: it has the height of a
    letter and no area. PDFium takes the height of a text from its glyphs, and leaves out text that
    has none where it runs up or down, as it does on every page with a ``/Rotate`` of 90 or 270.
    """
    widths = {".notdef": ADVANCE, "space": SPACE_ADVANCE, "blank": ADVANCE}
    builder = FontBuilder(1000, isTTF=True)
    builder.font.recalcTimestamp = False
    builder.updateHead(created=_EPOCH, modified=_EPOCH)
    builder.setupGlyphOrder(list(widths))
    builder.setupCharacterMap({0x20: "space"})
    pen = TTGlyphPen(None)
    pen.moveTo((0, DESCENT))
    pen.lineTo((ADVANCE, ASCENT))
    pen.closePath()
    empty = TTGlyphPen(None).glyph()
    builder.setupGlyf({".notdef": empty, "space": empty, "blank": pen.glyph()})
    builder.setupHorizontalMetrics({name: (width, 0) for name, width in widths.items()})
    builder.setupHorizontalHeader(ascent=ASCENT, descent=DESCENT)
    builder.setupNameTable({"familyName": "Sohoa Glyphless", "psName": "SohoaGlyphless"})
    builder.setupOS2(sTypoAscender=ASCENT, usWinAscent=ASCENT, usWinDescent=-DESCENT)
    builder.setupPost()
    buffer = io.BytesIO()
    builder.save(buffer)
    return buffer.getvalue()


if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(glyphless_font())
