"""A taught network as the file of an adapter, and back.

Its weights are kept with 16 bits, at half the size; they are computed with in 32.
"""

import numpy as np
from numpy.typing import NDArray

from ocr.learning.likeness import Likeness
from ocr.learning.network import CHANNELS, GAP, TAPS, Weights
from ocr.recognition.graph import FLOAT, Graph
from ocr.recognition.line_model import SIZE, constants
from schemas.learning import Card

_NAMES = {name: f"taught.{name}" for name in Weights._fields}
_FRAME = (GAP, GAP)


def adapter_file(weights: Weights, likeness: Likeness, card: Card, cooling: float = 1.0) -> bytes:
    """The file of an adapter.

    Args:
        weights: as they were fitted.
        likeness: whether a line looks like those it was taught with.
        card: goes into the file.
        cooling: what the logits are divided by, so that probabilities are true.
    """
    graph = Graph()
    hidden = graph.input("hidden", FLOAT, ("steps", "lines", SIZE))
    named = {}
    for name, array in weights._asdict().items():
        kept = graph.constant(_laid(array).astype(np.float16), _NAMES[name])
        (named[name],) = graph.add("Cast", [kept], to=FLOAT)
    ones = graph.constant(np.ones(SIZE, np.float32))
    nothing = graph.constant(np.zeros(SIZE, np.float32))
    (scaled,) = graph.add("LayerNormalization", [hidden, ones, nothing], axis=-1)
    (turned,) = graph.add("Transpose", [scaled], perm=(1, 2, 0))
    (sums,) = graph.add("Conv", [turned, named["inward"], named["inward_bias"]], pads=_FRAME)
    (bent,) = graph.add("FastGelu", [sums], domain="com.microsoft")
    (out,) = graph.add("Conv", [bent, named["outward"], named["outward_bias"]], pads=_FRAME)
    (back,) = graph.add("Transpose", [out], perm=(2, 0, 1))
    (corrected,) = graph.add("Add", [hidden, back])
    (product,) = graph.add("MatMul", [corrected, named["classes"]])
    (logits,) = graph.add("Add", [product, named["classes_bias"]])
    (cooled,) = graph.add("Div", [logits, graph.constant(np.array([cooling], np.float32))])
    (chances,) = graph.add("LogSoftmax", [cooled], axis=-1)
    graph.output(chances, "log_probs", FLOAT, ("steps", "lines", weights.classes.shape[1]))
    (mean,) = graph.add("ReduceMean", [hidden], axes=(0,), keepdims=0)
    (alike,) = graph.add("MatMul", [mean, graph.constant(likeness.weights[:, None])])
    (moved,) = graph.add("Add", [alike, graph.constant(np.array([likeness.bias], np.float32))])
    (share,) = graph.add("Sigmoid", [moved])
    graph.output(share, "likeness", FLOAT, ("lines", 1))
    return graph.model({"card": card.model_dump_json()})


def weights_in(content: bytes) -> Weights:
    """The weights in an adapter's file, to go on from.

    Raises:
        ValueError: it is no adapter.
    """
    found = constants(content, set(_NAMES.values()))
    return Weights(*(_unlaid(name, found[_NAMES[name]]) for name in Weights._fields))


def _laid(array: NDArray[np.float32]) -> NDArray[np.float32]:
    """A kernel as ONNX has it: (to, from, taps)."""
    return np.ascontiguousarray(array.transpose(2, 1, 0)) if array.ndim == 3 else array


def _unlaid(name: str, flat: NDArray[np.float32]) -> NDArray[np.float32]:
    match name:
        case "inward":
            return np.ascontiguousarray(flat.reshape(CHANNELS, SIZE, TAPS).transpose(2, 1, 0))
        case "outward":
            return np.ascontiguousarray(flat.reshape(SIZE, CHANNELS, TAPS).transpose(2, 1, 0))
        case "classes":
            return flat.reshape(SIZE, -1).copy()
    return flat.copy()
