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

import numpy as np
from numpy.typing import NDArray

from ocr.recognition import ctc
from ocr.recognition.adapter import Adapter, Hidden, likest
from ocr.recognition.line_model import HIDDEN, Classifier, classifier, with_hidden
from ocr.recognition.line_picture import NARROWING, STEP, CutLine, Image
from ocr.recognition.prior import OfColumns, Prior, alike
from ocr.recognition.reader import SeenWord
from ocr.recognition.runtime import onnx_runtime
from schemas.errors import MissingDependency

MODEL_SHA256 = "10c96b533e1f64031d73edfddafd7d4b13595544f11891f0531bcd72cb29be80"
CHARACTERS = 227
IMPOSSIBLE = -1e6
"""The logarithm for a text with a character the model does not know."""


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
            found = ctc.beam(ctc.held_to(steps, sorted(_known(alphabet, known))), prior=weighed)
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


class _Seen(NamedTuple):
    """What the model makes of one picture: log-probabilities (steps, 227), hidden (steps, 512)."""

    steps: ctc.Steps
    hidden: Hidden


class LineReader:
    """The model, loaded; one a process, from :func:`line_reader`."""

    def __init__(self, session: Any) -> None:
        self._session = session

    def look(
        self, image: Image, taught: Sequence[Adapter] = (), narrowing: float | None = None
    ) -> Line | None:
        """Look at one line: grey, paper bright, any resolution; None where there is no ink.

        The picture is cut to the ink; specks do not count. Ink of other lines must not be in it.
        A line like those that one of ``taught`` learned from is read by the first such one, the
        others as ever. It is set ``narrowing`` times as wide as it is; None: as is best for whoever
        reads it.
        """
        cut = CutLine.of(image, narrowing or NARROWING)
        if cut is None:
            return None
        seen = self._run(cut.pictures)
        by = likest(taught, np.concatenate([one.hidden for one in seen])) if taught else None
        if by is None:
            return _line(cut, iter([one.steps for one in seen]))
        if narrowing is None and by.card.narrowing != NARROWING:
            cut = CutLine.of(image, by.card.narrowing) or cut
            seen = self._run(cut.pictures)
        return _line(cut, iter([by.steps(one.hidden) for one in seen]))

    def look_at_all(self, images: Sequence[Image]) -> list[Line | None]:
        """:meth:`look` at each of several pictures. Those of one width are run together: of short
        ones half the time goes into fetching the weights (measured: 11 ms alone, 6 in a batch)."""
        cuts = [CutLine.of(image) for image in images]
        seen = self._run([small for cut in cuts if cut is not None for small in cut.pictures])
        steps = iter([one.steps for one in seen])
        return [None if cut is None else _line(cut, steps) for cut in cuts]

    def hidden(self, image: Image, narrowing: float = NARROWING) -> list[Hidden]:
        """The model's hidden layer of each part of a line, (steps, 512); none without ink."""
        cut = CutLine.of(image, narrowing)
        return [] if cut is None else [one.hidden for one in self._run(cut.pictures)]

    def _run(self, pictures: Sequence[Image]) -> list[_Seen]:
        seen: dict[int, _Seen] = {}
        widths = [picture.shape[1] for picture in pictures]
        for width in dict.fromkeys(widths):
            places = [at for at, one in enumerate(widths) if one == width]
            batch = np.stack([pictures[at] for at in places]).astype(np.float32) / 255.0
            out, hidden = self._session.run(
                ["log_probs", HIDDEN], {"images": np.repeat(batch[:, None], 3, axis=1)}
            )
            seen |= {
                at: _Seen(np.asarray(out[:, k], np.float64), hidden[:, k])
                for k, at in enumerate(places)
            }
        return [seen[at] for at in range(len(pictures))]

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
        content = model.read_bytes()
    except (ImportError, OSError) as exc:
        raise MissingDependency("reading.no_engine", engine="asterocr") from exc
    if hashlib.sha256(content).hexdigest() != MODEL_SHA256 or len(_characters()) != CHARACTERS:
        raise MissingDependency("fields.line_model_changed")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4  # failures come as exceptions
    return LineReader(
        onnxruntime.InferenceSession(
            with_hidden(content), options, providers=["CPUExecutionProvider"]
        )
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


def line_classifier() -> Classifier:
    """The model's last layer, where what is taught begins.

    Raises:
        MissingDependency: as :func:`line_reader`.
    """
    line_reader()  # it is the model that is known
    return classifier((_assets() / "asternet.onnx").read_bytes())


def columns_of(text: str) -> tuple[int, ...] | None:
    """A text as the model's columns, with single spaces; None where it has a character that the
    model does not know."""
    known = _columns()
    letters = " ".join(unicodedata.normalize("NFC", text).split())
    return tuple(known[c] for c in letters) if all(c in known for c in letters) else None


def _line(cut: CutLine, seen: Iterator[ctc.Steps]) -> Line:
    """The line, of what the model saw in its parts, taken from ``seen`` in order."""
    top, bottom, left, right = cut.window
    parts, places = list[ctc.Steps](), list[float]()
    for (x0, x1), small in cut.parts:
        parts.append(next(seen))
        share = (x1 - x0) / small.shape[1] * STEP
        places += [left + x0 + share * k for k in range(len(parts[-1]))]
        if left + x1 < right:  # cut at a space
            parts.append(_a_space())
            places.append(float(left + x1))
    return Line(np.concatenate(parts), (*places, float(right)), (top, bottom))


def _a_space() -> ctc.Steps:
    step = np.full((1, CHARACTERS), -20.0)
    step[0, _columns()[" "]] = 0.0
    return step
