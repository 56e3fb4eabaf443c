"""A reader of penned figures that was fitted on real hands: a small network of convolutions.

It knows how strokes lie to one another, where the reader of :mod:`ocr.fields.pen.pen_figures`
knows only which pixels are dark, and it knows what is no figure: two that were not cut apart. Each
figure is looked at in several views (as it is, slanted, thinner, bolder, wider, narrower); a figure
it is sure of looks the same in all. Fitted by :mod:`training.fit_figures`; the weights are in
``data/hands.npz``.
"""

from collections.abc import Sequence
from functools import cache
from importlib.resources import as_file, files
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.fields.pen.digits import SIDE, normal_figure
from ocr.fields.zone_reader import Image
from ocr.recognition.graph import FLOAT, Graph
from ocr.recognition.runtime import onnx_runtime

Array = NDArray[np.float32]

KINDS = "0123456789/?"
"""What a picture may be; ``?`` is no figure."""

KERNEL = 5
"""Pixels across of a convolution's window."""

LEAN = 0.15
"""Views are slanted by so much of their height."""


class Weights(NamedTuple):
    """Two layers of convolutions with their offsets, each halved after, and two full layers."""

    k1: Array
    c1: Array
    k2: Array
    c2: Array
    w1: Array
    b1: Array
    w2: Array
    b2: Array


@cache
def weights() -> Weights:
    """The shipped weights."""
    with (
        as_file(files("ocr.fields").joinpath("data/hands.npz")) as path,
        np.load(path, allow_pickle=False) as data,
    ):
        return Weights(*(data[name].astype(np.float32) for name in Weights._fields))


class HandNetwork:
    """The network, loaded; not to be shared between threads.

    In ONNX Runtime: with numpy's products of windows it took twenty times as long.
    """

    def __init__(self, net: Weights) -> None:
        options = onnx_runtime().SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4  # failures come as exceptions
        self._session: Any = onnx_runtime().InferenceSession(
            _graph(net).model(), options, providers=["CPUExecutionProvider"]
        )

    def likely(self, vectors: Array) -> Array:
        """For each figure, how likely each of :data:`KINDS` is; shape (figures, 12)."""
        figures = vectors.reshape(-1, 1, SIDE, SIDE)
        (shares,) = self._session.run(None, {"figures": figures})
        return np.asarray(shares, np.float32)


@cache
def network() -> HandNetwork:
    """With the shipped weights."""
    return HandNetwork(weights())


def _graph(net: Weights) -> Graph:
    """From pictures, (figures, 1, rows, columns), to shares; weights are kept window by window."""
    graph = Graph()
    planes = graph.input("figures", FLOAT, ("figures", 1, SIDE, SIDE))
    for kernel, offset in ((net.k1, net.c1), (net.k2, net.c2)):
        square = kernel.reshape(KERNEL, KERNEL, -1, kernel.shape[1]).transpose(3, 2, 0, 1)
        named = [graph.constant(np.ascontiguousarray(each)) for each in (square, offset)]
        (seen,) = graph.add("Conv", [planes, *named])
        (kept,) = graph.add("Relu", [seen])
        (planes,) = graph.add("MaxPool", [kept], kernel_shape=(2, 2), strides=(2, 2))
    (laid,) = graph.add("Transpose", [planes], perm=(0, 2, 3, 1))
    (flat,) = graph.add("Flatten", [laid], axis=1)
    (sums,) = graph.add("Gemm", [flat, graph.constant(net.w1), graph.constant(net.b1)])
    (hidden,) = graph.add("Relu", [sums])
    (scores,) = graph.add("Gemm", [hidden, graph.constant(net.w2), graph.constant(net.b2)])
    (shares,) = graph.add("Softmax", [scores], axis=-1)
    graph.output(shares, "shares", FLOAT, ("figures", len(KINDS)))
    return graph


def views(image: Image) -> list[Image]:
    """A figure as it is, slanted both ways, bolder, thinner, wider and narrower."""
    paper = int(np.percentile(image, 90))
    framed = cv2.copyMakeBorder(image, 3, 3, 6, 6, cv2.BORDER_CONSTANT, value=(paper,))
    tall, wide = framed.shape
    seen = [image]
    for lean in (-LEAN, LEAN):
        turn = np.array([[1, lean, -lean * tall / 2], [0, 1, 0]], np.float32)
        seen.append(np.asarray(cv2.warpAffine(framed, turn, (wide, tall), borderValue=(paper,))))
    square = np.ones((2, 2), np.uint8)
    seen += [np.asarray(cv2.erode(image, square)), np.asarray(cv2.dilate(image, square))]
    seen += [np.asarray(cv2.resize(image, None, fx=by, fy=1.0)) for by in (1.15, 0.87)]
    return seen


def look_at_hands(images: Sequence[Image], *, thorough: bool = True) -> Array:
    """How likely each picture is each of :data:`KINDS`; shape (pictures, 12).

    Args:
        images: figures that were cut apart, grey, paper bright.
        thorough: in all :func:`views`, whose mean is given; False: as they are alone.
    """
    if not images:
        return np.zeros((0, len(KINDS)), np.float32)
    seen = [views(image) if thorough else [image] for image in images]
    shares = network().likely(np.stack([normal_figure(view) for each in seen for view in each]))
    return np.asarray(shares.reshape(len(images), -1, len(KINDS)).mean(axis=1), np.float32)
