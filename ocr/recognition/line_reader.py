"""The second reader: a line model that reads pens where Tesseract guesses.

The model is the one the ``asterocr`` wheel carries (AsterNet, MIT, 42 MB ONNX): a picture of one
line, 32 pixels high, to a likelihood of 226 characters every four pixels. None of that package's
code is imported, nothing is downloaded; the model runs in onnxruntime on one thread and is pinned
by its hash. Measured on drawn lines in five handwriting-like fonts: 0.2 to 0.6 % of characters
wrong; 0.18 ms of CPU per pixel of width (about 40 ms for a name), the same one by one as in
batches. Loading costs 0.15 s and 100 MB once per process, so that it waits for the first line.
"""

import hashlib
import json
import math
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.recognition import ctc
from ocr.recognition.prior import OfColumns, Prior, alike
from ocr.recognition.reader import SeenWord
from ocr.recognition.runtime import onnx_runtime
from schemas.errors import MissingDependency

Image = NDArray[np.uint8]

MODEL_SHA256 = "10c96b533e1f64031d73edfddafd7d4b13595544f11891f0531bcd72cb29be80"
CHARACTERS = 227
HEIGHT = 32
STEP = 4
"""Pixels of the model's picture per step."""

NARROWING = 0.9
"""Lines are set so much narrower than they are: fewer steps, no more errors (measured)."""

WIDTHS = (NARROWING, 1.1, 1.3)
"""The widths at which doubtful writing by pen is looked at."""

WIDEST = 800
"""Pixels; a longer line is cut at a space (the model takes 1,024, memory grows with the width)."""

MARGIN = 0.12
"""Of the ink's height, left above and below it."""

IMPOSSIBLE = -1e6
"""The logarithm for a text with a character the model does not know."""

FEWEST_PIXELS = 12
"""Pieces of ink that are smaller do not say where a line is."""


class Hypothesis(NamedTuple):
    """One reading of a line.

    ``confidence`` is the probability of the whole text under what is known (the alphabet, the
    places, the choice), 0 to 1; ``support`` is how probable the text is beside the one that would
    be read without knowing anything, 0 to 1: small where the alphabet was forced upon the line.
    """

    text: str
    confidence: float
    support: float


class Letter(NamedTuple):
    """One character of a reading, spaces too, and its place: pixels of the picture given."""

    text: str
    x0: float
    x1: float


class Line(NamedTuple):
    """What the model saw in a line; decoding asks it again and again at little cost."""

    steps: ctc.Steps
    """Log-probabilities, shape (steps, 227)."""
    x: tuple[float, ...]
    """Where each step begins, and the last ends, pixels of the picture that was given."""
    rows: tuple[int, int]
    """First row of the line and the row after its last, pixels of the picture that was given."""

    def read(
        self,
        alphabet: Iterable[str] | None = None,
        places: Sequence[Iterable[str]] | None = None,
        best: int = 5,
        prior: Prior | None = None,
    ) -> tuple[Hypothesis, ...]:
        """The likeliest texts, best first, NFC with single spaces; empty where nothing is written.

        Args:
            alphabet: the only characters that occur; None: all the model knows.
            places: the characters that may stand at each place of the text, and so its length.
            best: how many to give.
            prior: which texts are likelier than others before the line is looked at: it changes
                what is found and its order, never how probable the line itself makes a text.
        """
        known = _columns()
        steps = self.steps
        weighed = OfColumns(prior, _characters()) if prior is not None else None
        if places is not None:
            at = [_known(place, known) for place in places]
            allowed = sorted(set().union(*at)) if at else []
            found = ctc.beam(ctc.held_to(steps, allowed), places=at)
        elif alphabet is not None:
            held = ctc.held_to(steps, sorted(_known(alphabet, known)))
            found = ctc.beam(held, prior=weighed)
        else:
            found = ctc.beam(steps, prior=weighed)
        said: dict[str, float] = {}
        for columns, logarithm in found:
            text = " ".join(_text(columns).split())
            said[text] = said.get(text, 0.0) + float(np.exp(logarithm))
        likely = prior.logarithm if prior is not None else alike
        written = [item for item in said.items() if item[0]]
        written.sort(key=lambda item: -math.log(max(item[1], 1e-300)) - likely(item[0]))
        ranked = written[:best]
        supported = self.supports([text for text, _ in ranked])
        return tuple(
            Hypothesis(text, min(likely, 1.0), support)
            for (text, likely), support in zip(ranked, supported, strict=True)
        )

    def choose(self, texts: Iterable[str]) -> tuple[Hypothesis, ...]:
        """``texts`` ranked by how well they fit the line, the likeliest first.

        ``confidence`` is each text's share of the probability of all of them: look at ``support``
        to see whether any of them is there at all.
        """
        offered = [unicodedata.normalize("NFC", text) for text in texts]
        if not offered:
            return ()
        logs = self.logarithms(offered)
        free, logs = logs[0], logs[1:]
        shares = np.exp(logs - np.logaddexp.reduce(logs))
        return tuple(
            Hypothesis(offered[i], float(shares[i]), float(np.exp(min(logs[i] - free, 0.0))))
            for i in np.argsort(-logs, kind="stable")
        )

    def letters(self) -> list[Letter]:
        """The characters of the likeliest reading, left to right."""
        return [
            Letter(_text([span.character]), self.x[span.first], self.x[span.last + 1])
            for span in ctc.best_path(self.steps)
        ]

    def words(self) -> list[SeenWord]:
        """The words of the likeliest reading with their places, as from a ``Reader``."""
        words: list[SeenWord] = []
        letters: list[ctc.Span] = []
        for span in [*ctc.best_path(self.steps), None]:
            if span is not None and _characters()[span.character] != " ":
                letters.append(span)
            elif letters:
                box = (
                    self.x[letters[0].first],
                    float(self.rows[0]),
                    self.x[letters[-1].last + 1],
                    float(self.rows[1]),
                )
                sure = min(letter.probability for letter in letters)
                words.append(SeenWord(_text([s.character for s in letters]), box, sure, 0))
                letters = []
        return words

    def supports(self, texts: Sequence[str]) -> list[float]:
        """How probable each text is beside the one that is read freely, at most 1."""
        free = "".join(_characters()[span.character] for span in ctc.best_path(self.steps))
        if all(text == free for text in texts):  # they have nothing to be measured against
            return [1.0] * len(texts)
        logs = self.logarithms(texts)
        return [float(np.exp(min(one - logs[0], 0.0))) for one in logs[1:]]

    def logarithms(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Logarithms of probabilities: of what is read freely, then of each text."""
        known = _columns()
        possible = [all(character in known for character in text) for text in texts]
        columns = [[span.character for span in ctc.best_path(self.steps)]]
        columns += [
            [known[c] for c in text] if fits else []
            for text, fits in zip(texts, possible, strict=True)
        ]
        logs = ctc.log_likelihoods(self.steps, columns)
        logs[1:][~np.array(possible, bool)] = IMPOSSIBLE
        return logs


class _Cut(NamedTuple):
    """A picture as the model gets it: where its ink is, and its parts with their first and last
    column in that, pixels; all but the last are cut at a space."""

    window: tuple[int, int, int, int]
    parts: list[tuple[tuple[int, int], Image]]

    @classmethod
    def of(cls, image: Image, narrowing: float) -> "_Cut | None":
        """The line in ``image``, made so much narrower; None where there is no ink."""
        window = _inked(image)
        if window is None:
            return None
        top, bottom, left, right = window
        inked = image[top:bottom, left:right]
        parts = [
            ((x0, x1), _shrunk(inked[:, x0:x1], narrowing)) for x0, x1 in _pieces(inked, narrowing)
        ]
        return cls(window, parts)

    def line(self, seen: Iterator[ctc.Steps]) -> Line:
        """The line, of what the model saw in its parts, taken from ``seen`` in order."""
        top, bottom, left, right = self.window
        parts, places = list[ctc.Steps](), list[float]()
        for (x0, x1), small in self.parts:
            parts.append(next(seen))
            share = (x1 - x0) / small.shape[1] * STEP
            places += [left + x0 + share * k for k in range(len(parts[-1]))]
            if left + x1 < right:  # cut at a space
                parts.append(_a_space())
                places.append(float(left + x1))
        return Line(np.concatenate(parts), (*places, float(right)), (top, bottom))


class LineReader:
    """The model, loaded; one a process, from :func:`line_reader`."""

    def __init__(self, session: Any) -> None:
        self._session = session

    def look(self, image: Image, narrowing: float = NARROWING) -> Line | None:
        """Look at one line: grey, paper bright, any resolution; None where there is no ink.

        The picture is cut to the ink; specks do not count. Ink of other lines must not be in it.
        It is set ``narrowing`` times as wide as it is: what is written wide or tight is read better
        at another width than at the usual one (:data:`WIDTHS`).
        """
        return self.look_at_all([image], narrowing)[0]

    def look_at_all(
        self, images: Sequence[Image], narrowing: float = NARROWING
    ) -> list[Line | None]:
        """:meth:`look` at each of several pictures. Those of one width are run together: of short
        ones half the time goes into fetching the weights (measured: 11 ms alone, 6 in a batch)."""
        cuts = [_Cut.of(image, narrowing) for image in images]
        seen = iter(self._run([small for cut in cuts if cut is not None for _, small in cut.parts]))
        return [None if cut is None else cut.line(seen) for cut in cuts]

    def _run(self, pictures: Sequence[Image]) -> list[ctc.Steps]:
        steps: dict[int, ctc.Steps] = {}
        widths = [picture.shape[1] for picture in pictures]
        for width in dict.fromkeys(widths):
            places = [at for at, one in enumerate(widths) if one == width]
            batch = np.stack([pictures[at] for at in places]).astype(np.float32) / 255.0
            (out,) = self._session.run(
                ["log_probs"], {"images": np.repeat(batch[:, None], 3, axis=1)}
            )
            steps |= {at: np.asarray(out[:, k], np.float64) for k, at in enumerate(places)}
        return [steps[at] for at in range(len(pictures))]

    def read(
        self,
        image: Image,
        alphabet: Iterable[str] | None = None,
        places: Sequence[Iterable[str]] | None = None,
        best: int = 5,
    ) -> tuple[Hypothesis, ...]:
        """Look at a line and read it: see :meth:`look` and :meth:`Line.read`."""
        line = self.look(image)
        return line.read(alphabet, places, best) if line else ()


class LineModelReader:
    """The line reader as a ``Reader``, for a picture of a single line."""

    def read(self, image: Image, dpi: float, mode: int = 7) -> list[SeenWord]:
        """The words of the line; resolution and mode do not matter to it."""
        del dpi, mode
        line = line_reader().look(image)
        return line.words() if line else []


@cache
def line_reader() -> LineReader:
    """The line reader of this process, loaded on first use.

    Raises:
        MissingDependency: ``reading.no_engine`` where the model or its runtime is not installed,
            ``fields.line_model_changed`` where the model is another one.
    """
    model = _assets() / "asternet.onnx"
    try:
        onnxruntime = onnx_runtime()
        with model.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except (ImportError, OSError) as exc:
        raise MissingDependency("reading.no_engine", engine="asterocr") from exc
    if digest != MODEL_SHA256 or len(_characters()) != CHARACTERS:
        raise MissingDependency("fields.line_model_changed")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4  # failures come as exceptions
    return LineReader(
        onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    )


def _assets() -> Path:
    """Where the wheel keeps its model; found without importing the package."""
    spec = find_spec("asterocr")
    if spec is None or not spec.submodule_search_locations:
        raise MissingDependency("reading.no_engine", engine="asterocr")
    return Path(spec.submodule_search_locations[0]) / "assets"


@cache
def _characters() -> tuple[str, ...]:
    """What each column stands for; column 0 is the blank."""
    try:
        listed = json.loads((_assets() / "vocab.json").read_text("utf-8"))["chars"]
    except (OSError, ValueError, KeyError) as exc:
        raise MissingDependency("reading.no_engine", engine="asterocr") from exc
    return ("", *(str(character) for character in listed[1:]))


@cache
def _columns() -> dict[str, int]:
    return {character: index for index, character in enumerate(_characters()) if character}


def _known(characters: Iterable[str], known: dict[str, int]) -> set[int]:
    return {known[c] for c in characters if c in known}


def _text(columns: Iterable[int]) -> str:
    return unicodedata.normalize("NFC", "".join(_characters()[column] for column in columns))


def _a_space() -> ctc.Steps:
    step = np.full((1, CHARACTERS), -20.0)
    step[0, _columns()[" "]] = 0.0
    return step


def _inked(image: Image) -> tuple[int, int, int, int] | None:
    """The rows and columns of a line, with a margin: top, bottom, left, right."""
    if image.size == 0 or min(image.shape) < 4:
        return None
    counts = np.cumsum(np.bincount(image.ravel(), minlength=256))
    paper = float(np.searchsorted(counts, 0.8 * image.size))
    darkest = float(np.searchsorted(counts, 0.01 * image.size))
    if paper - min(darkest, float(image.min()) + 20) < 40:
        return None
    level = min(paper - 40, 0.5 * (paper + darkest) + 10)
    ink = (image < level).astype(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    pieces = stats[1:][stats[1:, cv2.CC_STAT_AREA] >= FEWEST_PIXELS]
    if not len(pieces):
        return None
    left, top = int(pieces[:, 0].min()), int(pieces[:, 1].min())
    right = int((pieces[:, 0] + pieces[:, 2]).max())
    bottom = int((pieces[:, 1] + pieces[:, 3]).max())
    margin = max(2, round(MARGIN * (bottom - top)))
    height, width = image.shape
    return (
        max(0, top - margin),
        min(height, bottom + margin),
        max(0, left - margin),
        min(width, right + margin),
    )


def _pieces(line: Image, narrowing: float) -> list[tuple[int, int]]:
    """Where to cut a line that is too long for the model: first and last column of each part."""
    widest = int(WIDEST * line.shape[0] / HEIGHT / narrowing)
    pieces = []
    start = 0
    paper = float(np.percentile(line, 80))
    inked = np.asarray((line < paper - 50).any(axis=0), np.bool_)
    while line.shape[1] - start > widest:
        cut = _widest_gap(inked, start + widest // 2, start + widest)
        pieces.append((start, cut))
        start = cut
    return [*pieces, (start, line.shape[1])]


def _widest_gap(inked: NDArray[np.bool_], low: int, high: int) -> int:
    """The middle of the widest run of columns without ink; ``high`` where there is none."""
    best, at, run = 0, high, 0
    for x in range(low, high):
        run = 0 if inked[x] else run + 1
        if run > best:
            best, at = run, x - run // 2
    return at


def _shrunk(line: Image, narrowing: float) -> Image:
    """The line at the model's height, its width a multiple of a step."""
    scale = HEIGHT / line.shape[0]
    width = max(2 * STEP, round(line.shape[1] * scale * narrowing))
    width = -(-width // STEP) * STEP
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(line, (width, HEIGHT), interpolation=way), np.uint8)
