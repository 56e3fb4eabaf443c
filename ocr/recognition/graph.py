"""ONNX graphs written without the ``onnx`` package: the few messages that a network needs.

The field numbers are those of ``onnx.proto`` (ONNX IR version 8, operator set 17).
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

_IR_VERSION = 8
_OPERATORS = 17
FLOAT, INT32, INT64, HALF = 1, 6, 7, 10
"""Types of tensors, by their number in the format."""
_TYPES = {np.dtype("f4"): FLOAT, np.dtype("i4"): INT32, np.dtype("i8"): INT64, np.dtype("i1"): 3,
          np.dtype("f2"): HALF}  # fmt: skip
_INT, _STRING, _INTS = 2, 3, 7

Attribute = int | str | Sequence[int]


def _varint(number: int) -> bytes:
    number &= (1 << 64) - 1
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, value: bytes | str) -> bytes:
    raw = value.encode("utf-8") if isinstance(value, str) else value
    return _varint(field << 3 | 2) + _varint(len(raw)) + raw


def _attribute(name: str, value: Attribute) -> bytes:
    if isinstance(value, int):
        return _bytes(1, name) + _number(3, value) + _number(20, _INT)
    if isinstance(value, str):
        return _bytes(1, name) + _bytes(4, value) + _number(20, _STRING)
    return _bytes(1, name) + b"".join(_number(8, one) for one in value) + _number(20, _INTS)


def _value(name: str, kind: int, shape: Sequence[int | str]) -> bytes:
    sides = [_number(1, side) if isinstance(side, int) else _bytes(2, side) for side in shape]
    tensor = _number(1, kind) + _bytes(2, b"".join(_bytes(1, side) for side in sides))
    return _bytes(1, name) + _bytes(2, _bytes(1, tensor))


class Graph:
    """A graph under construction: operations in the order in which they are added."""

    def __init__(self) -> None:
        self._nodes: list[bytes] = []
        self._constants: list[bytes] = []
        self._inputs: list[bytes] = []
        self._outputs: list[bytes] = []
        self._count = 0

    def input(self, name: str, kind: int, shape: Sequence[int | str]) -> str:
        """An input; sides that vary have names."""
        self._inputs.append(_value(name, kind, shape))
        return name

    def constant(self, array: NDArray[np.generic], name: str | None = None) -> str:
        """A tensor of float32, float16, int32, int64 or int8; ``name`` is one to find it by."""
        name = name or self._name()
        sides = b"".join(_number(1, side) for side in array.shape)
        data = np.ascontiguousarray(array).tobytes()
        kind = _number(2, _TYPES[array.dtype])
        self._constants.append(sides + kind + _bytes(8, name) + _bytes(9, data))
        return name

    def add(
        self,
        operator: str,
        inputs: Sequence[str],
        outputs: int = 1,
        domain: str = "",
        **attributes: Attribute,
    ) -> list[str]:
        """An operation; returns the names of its outputs."""
        names = [self._name() for _ in range(outputs)]
        self._node(operator, inputs, names, domain, attributes)
        return names

    def output(self, source: str, name: str, kind: int, shape: Sequence[int | str]) -> None:
        """Give ``source`` out under ``name``."""
        self._node("Identity", [source], [name], "", {})
        self._outputs.append(_value(name, kind, shape))

    def model(self, metadata: Mapping[str, str] | None = None) -> bytes:
        """The whole as an ONNX file, with texts that its reader may ask for."""
        graph = b"".join(
            [
                *(_bytes(1, node) for node in self._nodes),
                _bytes(2, "lines"),
                *(_bytes(5, constant) for constant in self._constants),
                *(_bytes(11, value) for value in self._inputs),
                *(_bytes(12, value) for value in self._outputs),
            ]
        )
        standard = _bytes(1, "") + _number(2, _OPERATORS)
        contributed = _bytes(1, "com.microsoft") + _number(2, 1)
        return (
            _number(1, _IR_VERSION)
            + _bytes(7, graph)
            + _bytes(8, standard)
            + _bytes(8, contributed)
            + b"".join(_bytes(14, _bytes(1, k) + _bytes(2, v)) for k, v in (metadata or {}).items())
        )

    def _node(
        self,
        operator: str,
        inputs: Sequence[str],
        outputs: Sequence[str],
        domain: str,
        attributes: dict[str, Attribute],
    ) -> None:
        parts = [_bytes(1, name) for name in inputs] + [_bytes(2, name) for name in outputs]
        parts.append(_bytes(4, operator))
        parts += [_bytes(5, _attribute(name, value)) for name, value in attributes.items()]
        if domain:
            parts.append(_bytes(7, domain))
        self._nodes.append(b"".join(parts))

    def _name(self) -> str:
        self._count += 1
        return f"t{self._count}"
