"""Reading a zone on its own: one line or one block, with the alphabet that is known."""

import unicodedata
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ocr.options import ReaderName, ReadingOptions
from ocr.recognition.reader import tesseract

Image = NDArray[np.uint8]

DIGITS = "0123456789"
_WHITELIST = "tessedit_char_whitelist"


class Glyph(NamedTuple):
    """One character as read; its box in pixels of the zone (x0, y0, x1, y1)."""

    text: str
    box: tuple[int, int, int, int]
    confidence: float
    word: int


class ZoneText(NamedTuple):
    """What was read in a zone."""

    text: str
    confidence: float
    """That of the least sure word; 0 where nothing was read."""
    glyphs: tuple[Glyph, ...] = ()


NOTHING = ZoneText("", 0.0)


def read_line(image: Image, options: ReadingOptions, alphabet: str | None = None) -> ZoneText:
    """One line of text at 300 dpi, grey, paper 255. Lines parted by newlines do not occur."""
    return _read(image, options, 7, alphabet)


def read_block(image: Image, options: ReadingOptions) -> ZoneText:
    """A block of lines, parted by newlines."""
    return _read(image, options, 6, None)


def _read(image: Image, options: ReadingOptions, psm: int, alphabet: str | None) -> ZoneText:
    if image.size == 0 or min(image.shape[:2]) < 3:
        return NOTHING
    framed = np.pad(image, 12, constant_values=255)
    if options.reader is ReaderName.pytesseract:
        return _with_pytesseract(framed, options, psm, alphabet)
    return _with_tesserocr(framed, options, psm, alphabet)


def _with_tesserocr(
    image: Image, options: ReadingOptions, psm: int, alphabet: str | None
) -> ZoneText:
    api = tesseract(options.tessdata_folder(), options.language)
    api.SetPageSegMode(psm)
    api.SetVariable(_WHITELIST, alphabet or "")
    height, width = image.shape
    api.SetImageBytes(image.tobytes(), width, height, 1, width)
    api.SetSourceResolution(300)
    try:
        return _glyphs_of(api, psm) if api.Recognize() else NOTHING
    finally:
        api.SetVariable(_WHITELIST, "")
        api.Clear()


def _glyphs_of(api: Any, psm: int) -> ZoneText:
    """What the engine has recognised, character by character."""
    from tesserocr import RIL, iterate_level  # noqa: PLC0415 - a fallback does without it

    glyphs: list[Glyph] = []
    out: list[str] = []
    sure: list[float] = []
    for cursor in iterate_level(api.GetIterator(), RIL.SYMBOL):
        if cursor.Empty(RIL.SYMBOL):
            continue
        if cursor.IsAtBeginningOf(RIL.WORD):
            new_line = psm == 6 and cursor.IsAtBeginningOf(RIL.TEXTLINE)
            out.append("\n" if new_line else " ")
            sure.append(max(0.0, cursor.Confidence(RIL.WORD) / 100))
        text = cursor.GetUTF8Text(RIL.SYMBOL)
        x0, y0, x1, y1 = cursor.BoundingBox(RIL.SYMBOL)
        box = (x0 - 12, y0 - 12, x1 - 12, y1 - 12)
        confidence = max(0.0, cursor.Confidence(RIL.SYMBOL) / 100)
        glyphs.append(Glyph(text, box, confidence, len(sure) - 1))
        out.append(text)
    text = unicodedata.normalize("NFC", "".join(out)).strip()
    return ZoneText(text, min(sure, default=0.0), tuple(glyphs)) if text else NOTHING


def _with_pytesseract(
    image: Image, options: ReadingOptions, psm: int, alphabet: str | None
) -> ZoneText:
    import pytesseract  # noqa: PLC0415

    config = f"--psm {psm} --dpi 300 --tessdata-dir {Path(options.tessdata_folder())}"
    if alphabet:
        config += f" -c tessedit_char_whitelist={alphabet}"
    data = pytesseract.image_to_data(
        image, lang=options.language, config=config, output_type=pytesseract.Output.DICT
    )
    out, sure, line = [], [], None
    for index, word in enumerate(data["text"]):
        if not word.strip():
            continue
        here = (data["block_num"][index], data["par_num"][index], data["line_num"][index])
        out.append(("\n" if line not in (None, here) else " ") + word)
        sure.append(max(0.0, float(data["conf"][index]) / 100))
        line = here
    text = unicodedata.normalize("NFC", "".join(out)).strip()
    return ZoneText(text, min(sure), ()) if text else NOTHING
