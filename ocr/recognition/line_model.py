"""The line model's file: pinned by its hash, asked for its hidden layer too.

The file gives one output, the likelihoods. What is taught (:mod:`ocr.recognition.adapter`) stands
on the layer below; it is made a second output of the graph in memory, while it is loaded. The file
is a message of Protocol Buffers, where a part that comes again is merged with the first: a second
graph that has nothing but the name of an output is put behind it.
"""

from collections.abc import Collection
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

HIDDEN = "/fusion/Add_output_0"
"""The layer below the classifier, shape (steps, lines, 512)."""
SIZE = 512
_CLASSES, _BIAS = "onnx::MatMul_1487", "classifier.bias"

_MODEL_GRAPH, _GRAPH_CONSTANT, _GRAPH_OUTPUT = 7, 5, 12
_CONSTANT_TYPE, _CONSTANT_NAME, _CONSTANT_DATA = 2, 8, 9
_HALF = 10
"""Numbers of fields in ``onnx.proto``."""


class Classifier(NamedTuple):
    """The model's last layer: from the hidden one to the characters."""

    weights: NDArray[np.float32]
    """Shape (512, characters)."""
    bias: NDArray[np.float32]


def with_hidden(model: bytes) -> bytes:
    """The model with its hidden layer as a second output."""
    return model + _message(_MODEL_GRAPH, _message(_GRAPH_OUTPUT, _message(1, HIDDEN.encode())))


def classifier(model: bytes) -> Classifier:
    """The model's last layer.

    Raises:
        ValueError: it has no such layer.
    """
    found = constants(model, {_CLASSES, _BIAS})
    return Classifier(found[_CLASSES].reshape(SIZE, -1), found[_BIAS])


def constants(model: bytes, names: Collection[str]) -> dict[str, NDArray[np.float32]]:
    """Constants of a graph by their names, flat; of 32 or 16 bits.

    Raises:
        ValueError: one is missing.
    """
    found = {}
    for field, at, end in _fields(model):
        if field != _MODEL_GRAPH:
            continue
        for part, start, stop in _fields(model, at, end):
            if part == _GRAPH_CONSTANT:
                inner = {key: (a, b) for key, a, b in _fields(model, start, stop)}
                a, b = inner.get(_CONSTANT_NAME, (0, 0))
                name = model[a:b].decode("utf-8", "replace")
                if name in names and _CONSTANT_DATA in inner:
                    kind, _ = _varint(model, inner[_CONSTANT_TYPE][0])
                    a, b = inner[_CONSTANT_DATA]
                    numbers = np.frombuffer(model[a:b], "<f2" if kind == _HALF else "<f4")
                    found[name] = numbers.astype(np.float32)
    if len(found) != len(names):
        raise ValueError("constants are missing")
    return found


def _fields(data: bytes, at: int = 0, end: int | None = None) -> list[tuple[int, int, int]]:
    """The fields of a message: number, where its content starts and ends."""
    found = []
    end = len(data) if end is None else end
    while at < end:
        key, at = _varint(data, at)
        match key & 7:
            case 0:
                _, stop = _varint(data, at)
            case 2:
                size, at = _varint(data, at)
                stop = at + size
            case _:
                raise ValueError("no such file")
        found.append((key >> 3, at, stop))
        at = stop
    return found


def _varint(data: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = data[at]
        at += 1
        number |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return number, at


def _message(field: int, content: bytes) -> bytes:
    return _encoded(field << 3 | 2) + _encoded(len(content)) + content


def _encoded(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])
