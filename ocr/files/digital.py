"""The text layer of a PDF's page: its words, where they stand, in which font.

PDFium lists characters one by one; what is text here need not be what the page shows
(:mod:`ocr.files.believed`).
"""

import ctypes
import math
import re
from collections.abc import Container
from dataclasses import dataclass

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from ocr.files.open_pages import user_unit
from ocr.recognition.reader import clean
from schemas.page import Box, Word


@dataclass(frozen=True)
class LaidWord:
    """A word of a text layer.

    ``turn`` says how many degrees clockwise it lies on the page as viewed, in steps of 90;
    ``font`` tells fonts of the page apart, and ``owners`` are the addresses of its text objects.
    """

    word: Word
    font: int
    turn: int
    owners: frozenset[int]


def text_words(page: "pdfium.PdfPage", visible: Container[int] | None = None) -> list[Word]:
    """Words of the text layer in content order, boxes in points of the page as viewed.

    ``visible`` limits them to the text objects at these addresses. Confidence is 1: nothing was
    guessed.
    """
    return [laid.word for laid in laid_words(page, visible)]


def laid_words(page: "pdfium.PdfPage", visible: Container[int] | None = None) -> list[LaidWord]:
    """As :func:`text_words`, with what the words are made of."""
    text_page = page.get_textpage()
    try:
        count = text_page.count_chars()
        letters = [_Letter.at(text_page, index, visible) for index in range(count)]
    finally:
        text_page.close()
    return _words(letters, _to_view(page))


@dataclass(frozen=True)
class _Letter:
    char: str
    box: tuple[float, float, float, float] | None
    owner: int = 0
    font: int = 0
    angle: float = 0.0
    """Radians, clockwise."""

    @classmethod
    def at(
        cls, text_page: "pdfium.PdfTextPage", index: int, visible: Container[int] | None
    ) -> "_Letter":
        char = chr(pdfium_c.FPDFText_GetUnicode(text_page, index))
        if char.isspace():
            return cls(char, None)
        owner = pdfium_c.FPDFText_GetTextObject(text_page, index)
        address = ctypes.addressof(owner.contents) if owner else 0
        if visible is not None and address not in visible:
            return cls(" ", None)
        font = pdfium_c.FPDFTextObj_GetFont(owner) if owner else None
        return cls(
            char,
            text_page.get_charbox(index, loose=True),
            address,
            ctypes.addressof(font.contents) if font else 0,
            float(pdfium_c.FPDFText_GetCharAngle(text_page, index)),
        )


def _words(letters: list[_Letter], view: "_View") -> list[LaidWord]:
    words: list[LaidWord] = []
    line, run = 0, list[_Letter]()

    def flush() -> None:
        nonlocal line
        text = clean(_joined("".join(letter.char for letter in run)))
        placed = [letter for letter in run if letter.box is not None]
        boxes = [letter.box for letter in placed if letter.box is not None]
        run.clear()
        if text.strip() and boxes:
            left, right = min(b[0] for b in boxes), max(b[2] for b in boxes)
            bottom, top = min(b[1] for b in boxes), max(b[3] for b in boxes)
            box = view.box(left, bottom, right, top)
            word = Word(text=text.strip(), box=box, confidence=1.0, line=line)
            turn = (round(math.degrees(placed[0].angle) / 90) * 90 + view.rotation) % 360
            owners = frozenset(letter.owner for letter in placed)
            if words and words[-1].word.line == line and _apart(words[-1], word, turn):
                line += 1
                word = word.model_copy(update={"line": line})
            words.append(LaidWord(word, placed[0].font, turn, owners))

    for letter in letters:
        if letter.char.isspace():
            flush()
            if letter.char in "\r\n" and words and words[-1].word.line == line:
                line += 1
        else:
            run.append(letter)
    flush()
    return words


def _apart(before: LaidWord, word: Word, turn: int) -> bool:
    """Whether a word stands on another line than the one before, which PDFium did not part."""
    low, high = (0, 2) if turn % 180 else (1, 3)
    one, other = before.word.box, word.box
    return before.turn == turn and (one[high] <= other[low] or other[high] <= one[low])


def _joined(text: str) -> str:
    """UTF-16 surrogates that PDFium reports one by one, put together."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


@dataclass(frozen=True)
class _View:
    """From PDF user space to the page as viewed (points, origin top left)."""

    left: float
    bottom: float
    right: float
    top: float
    rotation: int
    unit: float

    def box(self, x0: float, y0: float, x1: float, y1: float) -> Box:
        box = self._turned(x0, y0, x1, y1)
        return (box[0] * self.unit, box[1] * self.unit, box[2] * self.unit, box[3] * self.unit)

    def _turned(self, x0: float, y0: float, x1: float, y1: float) -> Box:
        match self.rotation:
            case 90:
                return (y0 - self.bottom, x0 - self.left, y1 - self.bottom, x1 - self.left)
            case 180:
                return (self.right - x1, y0 - self.bottom, self.right - x0, y1 - self.bottom)
            case 270:
                return (self.top - y1, self.right - x1, self.top - y0, self.right - x0)
        return (x0 - self.left, self.top - y1, x1 - self.left, self.top - y0)


def _to_view(page: "pdfium.PdfPage") -> _View:
    left, bottom, right, top = page.get_bbox()
    return _View(left, bottom, right, top, page.get_rotation(), user_unit(page))


def viewed(page: "pdfium.PdfPage", bounds: tuple[float, float, float, float]) -> Box:
    """``(left, bottom, right, top)`` of user space as a box of the page as viewed."""
    return _to_view(page).box(*bounds)


_LEGACY = re.compile(r"[^\W\d_][¸µ¶·¹®©ª«¬­¦§¨¾»¼½Æ£¥Ö×Þß][^\W\d_]|[^\W\d_][®¸µ¶·¹](?=\s|$)")
"""TCVN3 and VNI fonts seen as Latin-1: Vietnamese letters come out as signs inside words."""


def sane(words: list[Word]) -> bool:
    """Whether a text layer can be believed: no private, unknown or legacy-encoded letters."""
    text = " ".join(word.text for word in words)
    if not text:
        return False
    bad = sum(char == "\ufffd" or "\ue000" <= char <= "\uf8ff" for char in text)
    legacy = len(_LEGACY.findall(text))
    letters = sum(char.isalnum() for char in text)
    return bad <= 0.03 * len(text) and legacy <= 0.05 * len(words) and letters >= 0.3 * len(text)
