"""Decoding what a line model sees: one likelihood of every character at every step of a line.

Connectionist temporal classification (Graves et al., 2006): a text's probability is the sum over
all ways of stretching it over the steps, with blanks in between. Here: the reading of the best
path, a prefix beam search held to an alphabet, the exact probability of a given text. Pure
functions on arrays; log-probabilities are natural logarithms, shape (steps, characters), column 0
is the blank.
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

BLANK = 0

Steps = NDArray[np.float64]

_NEVER = -1e9
_PRUNED = 9.0
"""A character so much (natural logarithm) below the likeliest of its step is not followed."""

_CERTAIN = float(np.log(0.9998))
"""A step that is so surely blank grows nothing."""


class Span(NamedTuple):
    """One character of a reading: its column, first and last step, probability of the step."""

    character: int
    first: int
    last: int
    probability: float


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
) -> list[tuple[tuple[int, ...], float]]:
    """The likeliest texts, as columns, with the logarithm of their probability, best first.

    Args:
        steps: log-probabilities; hold them to an alphabet first.
        width: how many beginnings are followed at each step.
        places: the columns that may stand at each place of the text, and so its length; None: any
            text. Nothing is found where no followed text is as long.
    """
    fits = [frozenset(place) for place in places] if places is not None else None
    kept: dict[tuple[int, ...], tuple[float, float]] = {(): (0.0, _NEVER)}
    for row in steps:
        top = float(row.max())
        if row[BLANK] > _CERTAIN:
            kept = {text: (_add(*ends) + float(row[BLANK]), _NEVER) for text, ends in kept.items()}
            continue
        followed = [int(c) for c in np.flatnonzero(row > top - _PRUNED) if c != BLANK]
        if fits is not None:
            followed = _with_best_of_places(row, followed, fits, kept)
        grown: dict[tuple[int, ...], list[float]] = {}
        for text, (ends_blank, ends_in_text) in kept.items():
            both = _add(ends_blank, ends_in_text)
            here = grown.setdefault(text, [_NEVER, _NEVER])
            here[0] = _add(here[0], both + float(row[BLANK]))
            last = text[-1] if text else None
            if last is not None:
                here[1] = _add(here[1], ends_in_text + float(row[last]))
            if fits is not None and len(text) >= len(fits):
                continue
            for column in followed:
                if fits is not None and column not in fits[len(text)]:
                    continue
                more = grown.setdefault((*text, column), [_NEVER, _NEVER])
                start = ends_blank if column == last else both
                more[1] = _add(more[1], start + float(row[column]))
        ranked = sorted(grown.items(), key=lambda item: -_add(item[1][0], item[1][1]))
        kept = {
            text: (ends[0], ends[1])
            for text, ends in ranked[:width]
            if max(ends) > _NEVER / 2  # a double letter before there was room for its blank
        }
    found = [(text, _add(*ends)) for text, ends in kept.items()]
    if fits is not None:
        found = [item for item in found if len(item[0]) == len(fits)]
    return sorted(found, key=lambda item: -item[1])


def log_likelihood(steps: Steps, text: Sequence[int]) -> float:
    """The logarithm of the probability that the line says exactly ``text`` (columns)."""
    if not text:
        return float(steps[:, BLANK].sum())
    states = np.full(2 * len(text) + 1, BLANK)
    states[1::2] = text
    # a character may follow another without a blank unless they are the same
    skips = np.zeros(states.size, bool)
    skips[3::2] = states[3::2] != states[1:-2:2]
    alpha = np.full(states.size, _NEVER)
    alpha[:2] = steps[0, states[:2]]
    for row in steps[1:]:
        stay_or_step = np.logaddexp(alpha, np.concatenate([[_NEVER], alpha[:-1]]))
        skip = np.concatenate([[_NEVER, _NEVER], alpha[:-2]])
        alpha = np.where(skips, np.logaddexp(stay_or_step, skip), stay_or_step) + row[states]
    return float(np.logaddexp(alpha[-1], alpha[-2]))


def _add(a: float, b: float) -> float:
    """``log(exp(a) + exp(b))``."""
    if a < b:
        a, b = b, a
    return a if b <= _NEVER / 2 else a + float(np.log1p(np.exp(b - a)))


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
