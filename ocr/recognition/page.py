"""A page's lines, from where they lie to words with boxes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ocr.geometry import turned, turned_image
from ocr.recognition.cutting import Bounds, Cut, cut
from ocr.recognition.decoding import quality, words
from ocr.recognition.layout import Piece
from ocr.recognition.network import LineNetwork, Steps
from ocr.recognition.placing import boxes
from ocr.recognition.traineddata import load
from schemas.page import Box

WORTHLESS = 0.65
"""Mean chance of the characters under which a piece is no text: a picture, a seal, a rule."""
SHORT = 3
"""Characters up to which a piece is judged by its words alone: a page number, a dash."""

Grey = NDArray[np.uint8]


@dataclass(frozen=True)
class Recognised:
    """A word: its box in pixels of the page, its confidence (0 to 1), the line it stands on."""

    text: str
    box: Box
    confidence: float
    line: int


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

    def read(self, page: Grey, pieces: Iterable[Piece]) -> Iterator[Recognised]:
        """The words of the pieces, in their order; ``page`` is grey, shape (height, width)."""
        views = _Views(page)
        lines = [
            (piece, made)
            for piece in pieces
            if (
                made := cut(views.upright(piece), views.there(piece.room, piece.turn), self._height)
            )
        ]
        steps = self._network.run([made.picture for _, made in lines])
        for (piece, made), seen in zip(lines, steps, strict=True):
            yield from self._words(views, piece, made, seen)

    @property
    def _height(self) -> int:
        return self._network.height

    def _words(self, views: "_Views", piece: Piece, made: Cut, seen: Steps) -> Iterator[Recognised]:
        found = words(seen, self._model)
        written = sum(len(word.text) for word in found)
        if not found or (written > SHORT and quality(seen, self._model) < WORTHLESS):
            return
        ink = views.there(piece.ink, piece.turn)
        places = boxes(views.upright(piece), ink, made, found, self._network.stride)
        for word, place in zip(found, places, strict=True):
            box = views.back(place, piece.turn)
            yield Recognised(word.text, box, word.confidence, piece.line)


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
