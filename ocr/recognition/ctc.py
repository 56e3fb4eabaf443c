"""Decoding what a line model sees: one likelihood of every character at every step of a line.

Connectionist temporal classification (Graves et al., 2006): a text's probability is the sum over
all ways of stretching it over the steps, with blanks in between. Here: the reading of the best
path, a prefix beam search held to an alphabet, the exact probability of a given text. Pure
functions on arrays; log-probabilities are natural logarithms, shape (steps, characters), column 0
is the blank.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

BLANK = 0

Steps = NDArray[np.float64]

_NEVER = -1e9
_PRUNED = 9.0
"""A character so much (natural logarithm) below the likeliest of its step is not followed."""

_CERTAIN = 0.9998
"""A step that is so surely blank grows nothing."""


class Span(NamedTuple):
    """One character of a reading: its column, first and last step, probability of the step."""

    character: int
    first: int
    last: int
    probability: float


class ColumnPrior(Protocol):
    """How likely texts are before anything is seen, one column after the other.

    A state stands for a beginning; what it is, is the prior's own affair.
    """

    def begin(self) -> Any:
        """The state of the empty text."""

    def after(self, state: Any, column: int) -> tuple[Any, float]:
        """The state with one column more, and what that adds to the logarithm."""

    def end(self, state: Any) -> float:
        """What it adds that the text ends here."""


def best_path(steps: Steps) -> list[Span]:
    """The characters of the likeliest column of each step, repeats and blanks folded."""
    spans: list[Span] = []
    before = BLANK
    for index, column in enumerate(steps.argmax(axis=1)):
        likely = float(np.exp(steps[index, column]))
        if column == before != BLANK:
            last = spans[-1]
            spans[-1] = last._replace(last=index, probability=max(last.probability, likely))
        elif column != BLANK:
            spans.append(Span(int(column), index, index, likely))
        before = int(column)
    return spans


def held_to(steps: Steps, allowed: Collection[int]) -> Steps:
    """``steps`` where only ``allowed`` columns and the blank can occur, each step summing to 1."""
    mask = np.full(steps.shape[1], _NEVER)
    mask[[BLANK, *allowed]] = 0.0
    held = steps + mask
    total = np.logaddexp.reduce(held, axis=1, keepdims=True)
    return np.asarray(held - total, np.float64)


def beam(
    steps: Steps,
    width: int = 12,
    places: Sequence[Collection[int]] | None = None,
    prior: ColumnPrior | None = None,
) -> list[tuple[tuple[int, ...], float]]:
    """The likeliest texts, as columns, with the logarithm of their probability, best first.

    Args:
        steps: log-probabilities; hold them to an alphabet first.
        width: how many beginnings are followed at each step.
        places: the columns that may stand at each place of the text, and so its length; None: any
            text. Nothing is found where no followed text is as long.
        prior: which texts are likelier than others. It says what is followed and what comes first;
            the logarithms given are those of the line alone.
    """
    fits = [frozenset(place) for place in places] if places is not None else None
    kept: dict[tuple[int, ...], tuple[float, float]] = {(): (1.0, 0.0)}
    weights = _Weights(prior)
    scale = 0.0
    for row, wanted in zip(
        np.exp(steps), steps > steps.max(axis=1)[:, None] - _PRUNED, strict=True
    ):
        blank = float(row[BLANK])
        if blank > _CERTAIN:
            kept = {text: (sum(ends) * blank, 0.0) for text, ends in kept.items()}
            continue
        followed = [c for c in np.flatnonzero(wanted).tolist() if c != BLANK]
        if fits is not None:
            followed = _with_best_of_places(row, followed, fits, kept)
        grown = _grown(kept, row, followed, fits)
        ranked = sorted(grown.items(), key=lambda item: -weights.of(item[0]) * sum(item[1]))[:width]
        # a double letter before there was room for its blank has nothing
        top = max((*(sum(ends) for _, ends in ranked), 1e-300))
        scale += math.log(top)
        kept = {text: (a / top, b / top) for text, (a, b) in ranked if a + b > 0.0}
    found = [(text, scale + math.log(sum(ends))) for text, ends in kept.items() if sum(ends) > 0.0]
    if fits is not None:
        found = [item for item in found if len(item[0]) == len(fits)]
    return sorted(found, key=lambda item: -item[1] - weights.whole(item[0]))


class _Weights:
    """What a prior says of the beginnings that are followed, each asked once."""

    def __init__(self, prior: ColumnPrior | None) -> None:
        self._prior = prior
        self._known: dict[tuple[int, ...], tuple[Any, float]] = {}
        if prior is not None:
            self._known[()] = (prior.begin(), 0.0)

    def of(self, text: tuple[int, ...]) -> float:
        """The prior's probability of a beginning; 1 where there is no prior."""
        return 1.0 if self._prior is None else math.exp(max(self._state(text)[1], -600.0))

    def whole(self, text: tuple[int, ...]) -> float:
        """The logarithm of the prior's probability of a text that ends; 0 where there is none."""
        if self._prior is None:
            return 0.0
        state, total = self._state(text)
        return total + self._prior.end(state)

    def _state(self, text: tuple[int, ...]) -> tuple[Any, float]:
        found = self._known.get(text)
        if found is None and self._prior is not None:
            before, total = self._state(text[:-1])
            state, more = self._prior.after(before, text[-1])
            found = self._known[text] = (state, total + more)
        return found or (None, 0.0)


def _grown(
    kept: Mapping[tuple[int, ...], tuple[float, float]],
    row: NDArray[np.float64],
    followed: Sequence[int],
    fits: Sequence[frozenset[int]] | None,
) -> dict[tuple[int, ...], list[float]]:
    """Each beginning one step on: the probabilities that it ends in a blank, in its last letter."""
    likely = {column: float(row[column]) for column in followed}
    blank = float(row[BLANK])
    grown: dict[tuple[int, ...], list[float]] = {}
    for text, (ends_blank, ends_in_text) in kept.items():
        both = ends_blank + ends_in_text
        here = grown.setdefault(text, [0.0, 0.0])
        here[0] += both * blank
        last = text[-1] if text else None
        if last is not None:
            here[1] += ends_in_text * float(row[last])
        if fits is not None and len(text) >= len(fits):
            continue
        for column, chance in likely.items():
            if fits is not None and column not in fits[len(text)]:
                continue
            more = grown.setdefault((*text, column), [0.0, 0.0])
            more[1] += (ends_blank if column == last else both) * chance
    return grown


def log_likelihoods(steps: Steps, texts: Sequence[Sequence[int]]) -> NDArray[np.float64]:
    """For each of ``texts`` the logarithm of the probability that the line says exactly that.

    All are followed together, as probabilities that are brought back to a sum of 1 after every
    step: ten times as fast as logarithms one by one. A text that is all but impossible gets the
    logarithm of no probability at all (-1e9).
    """
    longest = 2 * max((len(text) for text in texts), default=0) + 1
    states = np.full((len(texts), longest), BLANK)
    for row, text in zip(states, texts, strict=True):
        row[1 : 2 * len(text) : 2] = text
    # a character may follow another without a blank unless they are the same
    skips = np.zeros(states.shape)
    skips[:, 3::2] = states[:, 3::2] != states[:, 1:-2:2]
    likely = np.exp(steps)[:, states]
    alpha = np.zeros(states.shape)
    alpha[:, :2] = likely[0, :, :2]
    total = np.zeros(len(texts))
    for index, row in enumerate(likely):
        if index:
            before = alpha
            alpha = before.copy()
            alpha[:, 1:] += before[:, :-1]
            alpha[:, 2:] += before[:, :-2] * skips[:, 2:]
            alpha *= row
        weight = alpha.sum(axis=1)
        with np.errstate(divide="ignore"):
            total += np.log(weight)
        alpha /= np.maximum(weight, 1e-300)[:, None]
    last = np.array([2 * len(text) for text in texts], int)
    every = np.arange(len(texts))
    ends = alpha[every, last] + np.where(last > 0, alpha[every, last - 1], 0.0)
    with np.errstate(divide="ignore"):
        return np.asarray(np.maximum(total + np.log(ends), _NEVER), np.float64)


def _with_best_of_places(
    row: NDArray[np.float64],
    followed: list[int],
    fits: Sequence[frozenset[int]],
    kept: Collection[tuple[int, ...]],
) -> list[int]:
    """The columns followed, and for each place reached the likeliest that may stand there."""
    reached = {len(text) for text in kept if len(text) < len(fits)}
    best = {max(fits[place], key=lambda c: row[c]) for place in reached if fits[place]}
    return sorted({*followed, *best})
