"""The line network of a model as one graph, run by ONNX Runtime for several lines at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ocr.recognition.graph import FLOAT, INT32, INT64, Graph
from ocr.recognition.runtime import onnx_runtime
from ocr.recognition.traineddata import Layer, LineModel, Matrix, UnfitModel

CHOICES = 3
"""Characters that are handed out for each step, likeliest first."""
TOGETHER = 4
"""Lines in one run: more are slower, their states leave the fast cache (measured 1 to 16)."""

Picture = NDArray[np.float32]
"""A line as the network wants it: :attr:`LineNetwork.height` rows, ink -1, paper 1."""


@dataclass(frozen=True)
class Steps:
    """What the network says of a line: for each step, from left to right, its likeliest outputs.

    Both have the shape (steps, :data:`CHOICES`).
    """

    labels: NDArray[np.int64]
    chances: NDArray[np.float32]


class LineNetwork:
    """A loaded network; not to be shared between threads."""

    def __init__(self, model: LineModel) -> None:
        """Raises :class:`UnfitModel`; ``ImportError`` without the runtime."""
        onnxruntime = onnx_runtime()
        self.height, self.stride, graph = _graph(model.network)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4  # failures come as exceptions
        self._session: Any = onnxruntime.InferenceSession(
            graph.model(), options, providers=["CPUExecutionProvider"]
        )

    def run(self, lines: Sequence[Picture]) -> list[Steps]:
        """Recognise lines; those of about the same width are run together."""
        out: dict[int, Steps] = {}
        order = sorted(range(len(lines)), key=lambda index: lines[index].shape[1])
        for start in range(0, len(order), TOGETHER):
            chosen = order[start : start + TOGETHER]
            widest = max(lines[index].shape[1] for index in chosen)
            batch = np.zeros((len(chosen), 1, self.height, widest), np.float32)
            for place, index in enumerate(chosen):
                batch[place, 0, :, : lines[index].shape[1]] = lines[index]
            steps = [max(1, lines[index].shape[1] // self.stride) for index in chosen]
            chances, labels = self._session.run(
                None, {"lines": batch, "steps": np.array(steps, np.int32)}
            )
            for place, index in enumerate(chosen):
                count = steps[place]
                out[index] = Steps(labels[:count, place], chances[:count, place])
        return [out[index] for index in range(len(lines))]


def _graph(network: Layer) -> tuple[int, int, Graph]:
    """Height of a line, pixels in a step, and the graph from pictures to choices."""
    match network.inner:
        case (
            Layer("Input", numbers=(_, int(height), _, 1, _)),
            Layer("Series", inner=(Layer("Convolve", numbers=(1, 1)), Layer("Tanh") as convolved)),
            Layer("Maxpool", numbers=(int(pool_x), int(pool_y))),
            Layer("XYTranspose", inner=(Layer("SummLSTM") as columns,)),
            *others,
            Layer("Softmax") as last,
        ) if height > 0:
            pass
        case _:
            raise UnfitModel
    graph = Graph()
    lines = graph.input("lines", FLOAT, ["lines", 1, height, "width"])
    steps = graph.input("steps", INT32, ["lines"])
    (x,) = _convolution(graph, lines, convolved.weights[0])
    (x,) = graph.add("MaxPool", [x], kernel_shape=[pool_y, pool_x], strides=[pool_y, pool_x])
    (x,) = graph.add("Tanh", [x])
    x = _columns(graph, x, height // pool_y, columns)
    for layer in others:
        match layer:
            case Layer("LSTM"):
                x = _along(graph, x, steps, layer, "forward")
            case Layer("RTLReversed", inner=(Layer("LSTM") as inner,)):
                x = _along(graph, x, steps, inner, "reverse")
            case _:
                raise UnfitModel
    _choices(graph, x, last)
    return height, pool_x, graph


def _convolution(graph: Graph, lines: str, weights: Matrix) -> list[str]:
    """Three by three pixels, column by column in Tesseract's order; outside of the line is grey."""
    kernel = weights[:, :9].reshape(-1, 1, 3, 3).transpose(0, 1, 3, 2)
    kernel_and_bias = [graph.constant(kernel), graph.constant(weights[:, 9])]
    return graph.add("Conv", [lines, *kernel_and_bias], kernel_shape=[3, 3], pads=[1, 1, 1, 1])


def _columns(graph: Graph, x: str, rows: int, layer: Layer) -> str:
    """Each column of cells from top to bottom becomes one vector: (steps, lines, outputs)."""
    (x,) = graph.add("Transpose", [x], perm=[2, 0, 3, 1])
    (shape,) = graph.add("Shape", [x])
    (x,) = graph.add("Reshape", [x, graph.constant(np.array([rows, -1, layer.inputs]))])
    _, x = _lstm(graph, x, "", layer, "forward")
    first, last = graph.constant(np.array([1])), graph.constant(np.array([3]))
    (lines_and_steps,) = graph.add("Slice", [shape, first, last])
    width = graph.constant(np.array([layer.outputs]))
    (wanted,) = graph.add("Concat", [lines_and_steps, width], axis=0)
    (x,) = graph.add("Reshape", [x, wanted])
    return graph.add("Transpose", [x], perm=[1, 0, 2])[0]


def _along(graph: Graph, x: str, steps: str, layer: Layer, direction: str) -> str:
    every, _ = _lstm(graph, x, steps, layer, direction)
    return graph.add("Squeeze", [every, graph.constant(np.array([1]))])[0]


def _lstm(graph: Graph, x: str, steps: str, layer: Layer, direction: str) -> tuple[str, str]:
    """An LSTM with weights of eight bits; its outputs at every step, and at the last one."""
    cell, into, forget, out = layer.weights
    weights = np.concatenate([into, out, forget, cell])  # in the order of ONNX
    inputs, hidden = layer.inputs, layer.outputs
    bias = np.concatenate([weights[:, -1], np.zeros(4 * hidden, np.float32)])[None]
    of_input, input_scales = _eight_bits(weights[:, :inputs])
    of_state, state_scales = _eight_bits(weights[:, inputs:-1])
    every, last, _ = graph.add(
        "DynamicQuantizeLSTM",
        [
            x,
            graph.constant(of_input),
            graph.constant(of_state),
            graph.constant(bias),
            steps,
            *("", "", ""),  # states at the start, peepholes
            graph.constant(input_scales),
            graph.constant(np.zeros_like(input_scales, np.int8)),
            graph.constant(state_scales),
            graph.constant(np.zeros_like(state_scales, np.int8)),
        ],
        outputs=3,
        domain="com.microsoft",
        hidden_size=hidden,
        direction=direction,
    )
    return every, last


def _eight_bits(weights: Matrix) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Weights (1, inputs, outputs) and the scale of each output (1, outputs)."""
    scales = np.maximum(np.abs(weights).max(axis=1), 1e-12) / 127
    return np.rint(weights / scales[:, None]).astype(np.int8).T[None], scales[None]


def _choices(graph: Graph, x: str, layer: Layer) -> None:
    weights = layer.weights[0]
    (x,) = graph.add("MatMul", [x, graph.constant(weights[:, :-1].T)])
    (x,) = graph.add("Add", [x, graph.constant(weights[:, -1])])
    (x,) = graph.add("Softmax", [x], axis=-1)
    chances, labels = graph.add("TopK", [x, graph.constant(np.array([CHOICES]))], 2, axis=-1)
    graph.output(chances, "chances", FLOAT, ["steps", "lines", CHOICES])
    graph.output(labels, "labels", INT64, ["steps", "lines", CHOICES])
