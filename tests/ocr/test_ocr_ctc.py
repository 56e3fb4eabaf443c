"""CTC decoding against its definition: the sum over every way through the steps."""

from collections.abc import Sequence
from itertools import product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr.recognition import ctc


def steps_of(seed: int, count: int, width: int) -> ctc.Steps:
    rng = np.random.default_rng(seed)
    scores = rng.normal(0, 2, (count, width))
    return scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)


def log_likelihood(steps: ctc.Steps, text: Sequence[int]) -> float:
    return float(ctc.log_likelihoods(steps, [text])[0])


def folded(path: tuple[int, ...]) -> tuple[int, ...]:
    kept = [c for i, c in enumerate(path) if i == 0 or c != path[i - 1]]
    return tuple(c for c in kept if c != ctc.BLANK)


def every_text(steps: ctc.Steps) -> dict[tuple[int, ...], float]:
    said: dict[tuple[int, ...], float] = {}
    for path in product(range(steps.shape[1]), repeat=len(steps)):
        likely = float(np.exp(sum(steps[i, c] for i, c in enumerate(path))))
        said[folded(path)] = said.get(folded(path), 0.0) + likely
    return said


@given(st.integers(0, 10**6), st.integers(1, 5), st.integers(2, 4))
@settings(max_examples=60, deadline=None)
def test_likelihood_is_the_sum_over_all_ways(seed: int, count: int, width: int) -> None:
    steps = steps_of(seed, count, width)
    for text, likely in every_text(steps).items():
        assert np.isclose(np.exp(log_likelihood(steps, text)), likely)


@given(st.integers(0, 10**6), st.integers(1, 5))
@settings(max_examples=60, deadline=None)
def test_a_wide_beam_finds_every_text_with_its_probability(seed: int, count: int) -> None:
    steps = steps_of(seed, count, 3)
    said = every_text(steps)
    found = dict(ctc.beam(steps, width=1000))
    best = max(said, key=lambda text: said[text])
    assert max(found, key=lambda text: found[text]) == best
    for text, logarithm in found.items():
        # beginnings far below the likeliest of a step are not followed
        assert np.exp(logarithm) <= said[text] + 1e-9
    assert np.isclose(np.exp(found[best]), said[best], rtol=0.02)


@given(st.integers(0, 10**6))
@settings(max_examples=40, deadline=None)
def test_places_hold_length_and_characters(seed: int) -> None:
    steps = steps_of(seed, 6, 4)
    for text, _ in ctc.beam(steps, places=[{1}, {1, 2}, {3}]):
        assert len(text) == 3
        assert text[0] == 1 and text[1] in {1, 2} and text[2] == 3


def test_held_steps_sum_to_one_and_leave_the_rest_out() -> None:
    held = ctc.held_to(steps_of(1, 4, 6), [2, 3])
    assert np.allclose(np.exp(held).sum(axis=1), 1.0)
    assert np.exp(held[:, [1, 4, 5]]).max() == 0.0


def test_a_double_letter_needs_a_blank_between() -> None:
    one = np.log(np.array([[0.01, 0.99]] * 2))
    assert log_likelihood(one, (1, 1)) < -1e8
    three = np.log(np.array([[0.01, 0.99], [0.99, 0.01], [0.01, 0.99]]))
    assert [span.character for span in ctc.best_path(three)] == [1, 1]
    assert ctc.beam(three)[0][0] == (1, 1)


@given(st.integers(0, 10**6), st.integers(1, 6))
@settings(max_examples=40, deadline=None)
def test_texts_are_followed_together_as_one_by_one(seed: int, count: int) -> None:
    steps = steps_of(seed, count, 4)
    texts = [*every_text(steps), (1,) * 9]
    together = ctc.log_likelihoods(steps, texts)
    assert np.allclose(together, [log_likelihood(steps, text) for text in texts])
    assert together[-1] <= -1e9


def test_an_unlikely_text_is_not_lost_in_a_long_line() -> None:
    rng = np.random.default_rng(3)
    scores = rng.normal(0, 6, (200, 30))
    steps = scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)
    text = [int(c) for c in rng.integers(1, 30, 60)]
    logarithm = log_likelihood(steps, text)
    assert -1e6 < logarithm < log_likelihood(steps, [s.character for s in ctc.best_path(steps)])


class Doubled:
    """A prior under which each column of value 2 counts ``odds`` times."""

    def __init__(self, odds: float) -> None:
        self.odds = odds

    def begin(self) -> int:
        return 0

    def after(self, state: int, column: int) -> tuple[int, float]:
        return state + 1, np.log(self.odds) if column == 2 else 0.0

    def end(self, state: int) -> float:
        return 0.0


@given(st.integers(0, 10**6), st.integers(1, 5))
@settings(max_examples=60, deadline=None)
def test_a_prior_orders_what_is_found_and_leaves_its_probability(seed: int, count: int) -> None:
    steps = steps_of(seed, count, 3)
    found = ctc.beam(steps, width=500, prior=Doubled(5.0))
    told = every_text(steps)
    weighed = {text: likely * 5.0 ** text.count(2) for text, likely in told.items()}
    # what is a thousand times less likely than another letter is not followed
    assert weighed[found[0][0]] >= 0.99 * max(weighed.values())
    for text, logarithm in found:
        assert np.exp(logarithm) <= told[text] * (1 + 1e-9)
    assert np.isclose(np.exp(found[0][1]), told[found[0][0]], rtol=0.01)


def test_a_prior_of_nothing_changes_nothing() -> None:
    steps = steps_of(3, 30, 12)
    assert ctc.beam(steps, prior=Doubled(1.0)) == ctc.beam(steps)
