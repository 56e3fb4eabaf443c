"""What is in a ``.traineddata`` file of Tesseract: its line network, its characters, its words.

The format is Tesseract's own (``src/ccutil/tessdatamanager``, ``src/lstm``, ``src/dict`` there):
little-endian, without a description of itself. Only models for lines are understood, in the form
that Tesseract's own training writes; anything else is :class:`UnfitModel`, and Tesseract reads.
"""

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_NETWORK, _WORDS, _CHARSET, _RECODER = 17, 19, 21, 22
"""Places of the components in the file's table."""
_INT8, _DOUBLES = 1, 128
"""Flags of a matrix."""
_OWN_RATES = 64
"""Flag of a layer: learning rates follow."""
_DAWG_MAGIC = 42
_LAST, _BACKWARD, _ENDS = 1, 2, 4
"""Flags of an edge of the word graph."""
_MOST_LAYERS = 64
_MOST_EDGES = 5_000_000
_JOINED = ("Joined", "|Broken|0|1")
"""Names in the list of characters that stand for no character."""

Matrix = NDArray[np.float32]
"""Weights as trained: a row for each output, the last column is the bias."""


class UnfitModel(Exception):
    """The file holds no line network that is understood here."""


@dataclass(frozen=True)
class Layer:
    """A layer of the network and those inside it.

    ``kind`` is Tesseract's name of it. ``weights`` are one matrix, or for an LSTM four: cell
    input, input gate, forget gate, output gate. ``numbers`` are its sizes, in their order there.
    """

    kind: str
    inputs: int
    outputs: int
    numbers: tuple[int, ...] = ()
    weights: tuple[Matrix, ...] = ()
    inner: tuple["Layer", ...] = ()


@dataclass(frozen=True)
class LineModel:
    """A network for lines, what its outputs stand for, and the words its language knows."""

    network: Layer
    characters: tuple[str, ...]
    """For each output; empty for the blank."""
    blank: int
    words: frozenset[str]


def load(path: Path) -> LineModel:
    """Read the model of one language.

    Raises:
        UnfitModel: it is not one for lines, is broken, or of an unknown form.
        OSError: it cannot be read.
    """
    data = path.read_bytes()
    try:
        parts = _components(data)
        source = _Bytes(parts[_NETWORK])
        network = _layer(source)
        source.text()  # what was asked for when it was trained
        source.take("3i")
        blank = source.one("i")
        names = _names(parts[_CHARSET])
        characters = _characters(parts[_RECODER], names, network.outputs, blank)
        words = frozenset(_words(parts[_WORDS], names)) if _WORDS in parts else frozenset()
    except (struct.error, KeyError, ValueError, IndexError, RecursionError) as exc:
        raise UnfitModel from exc
    return LineModel(network, characters, blank, words)


def _components(data: bytes) -> dict[int, bytes]:
    (count,) = struct.unpack_from("<i", data)
    offsets = struct.unpack_from(f"<{count}q", data, 4)
    present = [(place, at) for place, at in enumerate(offsets) if at >= 0]
    ends = [at for _, at in present[1:]] + [len(data)]
    return {place: data[at:end] for (place, at), end in zip(present, ends, strict=True)}


class _Bytes:
    """Reads one value after the other."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, layout: str) -> tuple[int, ...]:
        values = struct.unpack_from(f"<{layout}", self.data, self.at)
        self.at += struct.calcsize(f"<{layout}")
        return values

    def one(self, layout: str) -> int:
        return self.take(layout)[0]

    def text(self) -> str:
        size = self.one("I")
        self.at += size
        return self.data[self.at - size : self.at].decode("utf-8")

    def array(self, kind: str, count: int) -> NDArray[np.generic]:
        values = np.frombuffer(self.data, kind, count, self.at)
        self.at += values.nbytes
        return values

    def matrix(self) -> Matrix:
        mode = self.one("B")
        if not mode & _DOUBLES:
            raise UnfitModel
        kind = "<i1" if mode & _INT8 else "<f8"
        rows, columns = self.take("2I")
        self.array(kind, 1)  # what empty cells hold
        cells = self.array(kind, rows * columns).reshape(rows, columns).astype(np.float32)
        if mode & _INT8:
            scales = self.array("<f8", self.one("I")).astype(np.float32)
            cells *= scales[:rows, None]
        return cells


def _layer(source: _Bytes, depth: int = 0) -> Layer:
    if source.one("b") != 0 or depth > _MOST_LAYERS:
        raise UnfitModel
    kind = source.text()
    source.take("2b")
    flags, inputs, outputs, _ = source.take("4i")
    source.text()
    if kind in {"Series", "XYTranspose", "RTLReversed"}:
        inner = tuple(_layer(source, depth + 1) for _ in range(source.one("I")))
        if flags & _OWN_RATES:
            source.array("<f4", source.one("I"))
        return Layer(kind, inputs, outputs, inner=inner)
    match kind:
        case "Input":
            return Layer(kind, inputs, outputs, numbers=source.take("5i"))
        case "Convolve" | "Maxpool":
            return Layer(kind, inputs, outputs, numbers=source.take("2i"))
        case "LSTM" | "SummLSTM":
            together = source.one("i")
            if together != inputs + outputs:
                raise UnfitModel  # two-dimensional
            return Layer(kind, inputs, outputs, weights=tuple(source.matrix() for _ in range(4)))
        case "Tanh" | "Softmax":
            return Layer(kind, inputs, outputs, weights=(source.matrix(),))
    raise UnfitModel


def _names(charset: bytes) -> list[str]:
    """The characters by their number in the list; 0 is the space."""
    lines = charset.decode("utf-8").split("\n")
    names = [line.split(" ", 1)[0] for line in lines[1 : int(lines[0]) + 1]]
    names[0] = " "
    return ["" if name in _JOINED else name for name in names]


def _characters(recoder: bytes, names: list[str], outputs: int, blank: int) -> tuple[str, ...]:
    source = _Bytes(recoder)
    characters = [""] * outputs
    for name in names[: source.one("I")]:
        source.take("b")
        code = source.take(f"{source.one('I')}i")
        if len(code) != 1:
            raise UnfitModel  # characters put together from parts, as in Chinese
        if code[0] != blank:
            characters[code[0]] = name
    if characters[0] != " ":
        raise UnfitModel
    return tuple(characters)


def _words(dawg: bytes, names: list[str]) -> Iterator[str]:
    """The words of a word graph: each path from the root to an edge that ends one."""
    magic, letters, count = struct.unpack_from("<hii", dawg)
    if magic != _DAWG_MAGIC or not 0 < count < _MOST_EDGES:
        raise UnfitModel
    edges = np.frombuffer(dawg, "<u8", count, struct.calcsize("<hii")).tolist()
    flag_bit = math.ceil(math.log2(letters + 1))
    letter_mask = (1 << flag_bit) - 1
    stack = [(0, "")]
    while stack:
        node, start = stack.pop()
        while True:
            edge = edges[node]
            flags, letter, onward = edge >> flag_bit & 7, edge & letter_mask, edge >> flag_bit + 3
            if not flags & _BACKWARD and letter < len(names) and len(start) < _MOST_LAYERS:
                word = start + names[letter]
                if flags & _ENDS:
                    yield word
                if onward:
                    stack.append((onward, word))
            node += 1
            if flags & _LAST:
                break
