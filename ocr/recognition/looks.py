"""Several looks at one line, at other widths: they are weighed together.

What is written wide or tight is read better at another width than at the usual one, and no width is
best for all. A text is as probable as the looks make it on the whole; what one of them cannot see
there costs it dearly.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ocr.recognition.adapter import Adapter
from ocr.recognition.line_picture import NARROWING, Image
from ocr.recognition.line_reader import Hypothesis, Line, LineReader
from ocr.recognition.prior import Prior, alike
from ocr.recognition.unruled import unruled

WIDTHS = (NARROWING, 1.1, 1.3)
"""The widths at which doubtful writing by pen is looked at, in those that it has."""


CHOSEN = 0.5
"""How sure the likeliest of several texts is at most for being that: under what counts for the
agreement of readers of writing."""


class Looks(NamedTuple):
    """What the model saw in one line, the usual look first; asked as a :class:`Line` is."""

    lines: tuple[Line, ...]

    def read(
        self,
        alphabet: Iterable[str] | None = None,
        best: int = 5,
        prior: Prior | None = None,
    ) -> tuple[Hypothesis, ...]:
        """The likeliest texts, best first: see :meth:`Line.read`."""
        held = frozenset(alphabet) if alphabet is not None else None
        found = [line.read(held, best=best, prior=prior) for line in self.lines]
        if len(found) == 1:
            return found[0]
        texts = list(dict.fromkeys(one.text for read in found for one in read))
        return self.ranked(texts, prior)[:best]

    def ranked(self, texts: Sequence[str], prior: Prior | None = None) -> tuple[Hypothesis, ...]:
        """``texts`` by how probable all looks and the prior make them, the likeliest first.

        ``confidence`` is the probability that the looks alone give a text, or, where that is less,
        :data:`CHOSEN` of its share of all of them: enough to be preferred to a guess.
        """
        if not texts:
            return ()
        logs = np.stack([line.logarithms(texts) for line in self.lines])
        free, logs = logs[:, :1], logs[:, 1:]
        mean = logs.mean(axis=0)
        support = np.exp(np.minimum(logs - free, 0.0).mean(axis=0))
        likely = prior.logarithm if prior is not None else alike
        total = mean + np.array([likely(text) for text in texts])
        share = np.exp(total - np.logaddexp.reduce(total))
        sure = np.maximum(np.exp(np.minimum(mean, 0.0)), CHOSEN * share)
        return tuple(
            Hypothesis(texts[at], float(sure[at]), float(support[at])) for at in _falling(total)
        )


def _falling(values: NDArray[np.float64]) -> list[int]:
    return [int(at) for at in np.argsort(-values, kind="stable")]


def looks(reader: LineReader, image: Image, first: Line, taught: Sequence[Adapter] = ()) -> Looks:
    """``first``, and what is seen of the line at the other widths; of ruled paper, whose rules make
    the first look a bad one, what is seen without them in its stead."""
    bare = unruled(image)
    wanted = [(image, width) for width in WIDTHS[1:]]
    if bare is not None:
        wanted += [(bare, width) for width in WIDTHS[:2]]
    seen = (reader.look(picture, taught, width) for picture, width in wanted)
    more = tuple(line for line in seen if line is not None)
    return Looks(more if bare is not None and more else (first, *more))
