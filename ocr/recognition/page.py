"""A page's lines, from where they lie to words with boxes."""

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ocr.geometry import turned, turned_image
from ocr.recognition.cutting import Bounds, cut
from ocr.recognition.decoding import ReadWord, quality, words
from ocr.recognition.layout import Piece
from ocr.recognition.missed import in_order, missed
from ocr.recognition.network import LineNetwork
from ocr.recognition.placing import boxes
from ocr.recognition.traineddata import load
from schemas.page import Box

WORTHLESS = 0.65
"""Mean chance of the characters under which a piece is no text: a picture, a seal, a rule."""
SHORT, WORTHLESS_SHORT = 3, 0.45
"""Characters of a piece that may be less sure, and how much: a page number, a dash."""

TALLEST = 72.0
"""Points; a piece that is higher and wider is a block that layout analysis did not take apart."""
SURE, SURE_WORD = 0.75, 0.35
"""Chance of the characters, and confidence of a word, from which what layout analysis lost is
believed."""

Grey = NDArray[np.uint8]


@dataclass(frozen=True)
class Recognised:
    """A word: its box in pixels of the page, its confidence (0 to 1), the line it stands on."""

    text: str
    box: Box
    confidence: float
    line: int


@dataclass(frozen=True)
class _Line:
    """A piece as it was read."""

    piece: Piece
    words: list[ReadWord]
    boxes: list[Box]
    quality: float


class LineRecogniser:
    """Reads lines with the network of one language; one object a process."""

    def __init__(self, model: Path) -> None:
        """``model`` is a ``.traineddata`` file.

        Raises:
            UnfitModel: its network is of another kind.
            ImportError: ONNX Runtime is not installed.
            OSError: the file cannot be read.
        """
        self._model = load(model)
        self._network = LineNetwork(self._model)

    def read(
        self, page: Grey, pieces: Iterable[Piece], dpi: float, *, lost: bool = True
    ) -> Iterator[Recognised]:
        """The words of the pieces, in reading order; ``page`` is grey, shape (height, width).

        With ``lost`` also words outside of the pieces, where ink of the size of letters is.
        """
        views = _Views(page)
        found = [line for line in _better(self._lines(views, pieces)) if _is_text(line, dpi)]
        extra = list[_Line]()
        if lost:
            more = missed(page, [line.piece for line in found], dpi)
            extra = [line for line in map(_surest, self._lines(views, more)) if line.words]
        lines = [*found, *extra]
        order = in_order([line.piece for line in found], [line.piece for line in extra])
        for index, number in order:
            line = lines[index]
            for word, box in zip(line.words, line.boxes, strict=True):
                yield Recognised(word.text, box, word.confidence, number)

    def _lines(self, views: "_Views", pieces: Iterable[Piece]) -> Iterator[_Line]:
        height, stride = self._network.height, self._network.stride
        cuts = [
            (piece, made)
            for piece in pieces
            if (made := cut(views.upright(piece), views.there(piece.room, piece.turn), height))
        ]
        steps = self._network.run([made.picture for _, made in cuts])
        for (piece, made), seen in zip(cuts, steps, strict=True):
            read = words(seen, self._model)
            ink = views.there(piece.ink, piece.turn)
            places = boxes(views.upright(piece), ink, made, read, stride)
            on_page = [views.back(place, piece.turn) for place in places]
            yield _Line(piece, read, on_page, quality(seen, self._model))


def _better(lines: Iterable[_Line]) -> Iterator[_Line]:
    """Of a piece that was read both ways up, one after the other, the one that makes more sense."""
    for _, same in itertools.groupby(lines, lambda line: line.piece.ink):
        yield max(same, key=lambda line: line.quality)


def _is_text(line: _Line, dpi: float) -> bool:
    x0, y0, x1, y1 = line.piece.ink
    if min(x1 - x0, y1 - y0) * 72 > TALLEST * dpi:
        return False
    written = sum(len(word.text) for word in line.words)
    return line.quality >= (WORTHLESS if written > SHORT else WORTHLESS_SHORT) and written > 0


def _surest(line: _Line) -> _Line:
    """What may be believed of a piece that layout analysis left out."""
    kept = [
        (word, box)
        for word, box in zip(line.words, line.boxes, strict=True)
        if line.quality >= SURE and word.confidence >= SURE_WORD
    ]
    if not any(char.isalnum() for word, _ in kept for char in word.text):
        kept = []
    return _Line(line.piece, [word for word, _ in kept], [box for _, box in kept], line.quality)


class _Views:
    """The page as seen by text that stands on end; turned when first asked for."""

    def __init__(self, page: Grey) -> None:
        self._turned = {0: page}
        self._height, self._width = page.shape

    def upright(self, piece: Piece) -> Grey:
        if piece.turn not in self._turned:
            self._turned[piece.turn] = turned_image(self._turned[0], piece.turn)
        return self._turned[piece.turn]

    def there(self, bounds: Bounds, turn: int) -> Bounds:
        x0, y0, x1, y1 = turned(bounds, self._width, self._height, turn)
        return int(x0), int(y0), int(x1), int(y1)

    def back(self, box: Box, turn: int) -> Box:
        sides = (self._height, self._width) if turn % 180 else (self._width, self._height)
        return turned(box, *sides, -turn)
