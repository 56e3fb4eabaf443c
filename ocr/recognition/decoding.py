"""From the steps of the network to words: the likeliest path, and a word list for the doubtful.

Tesseract searches among paths and lets words of its list win against likelier ones that are not in
it. Here the likeliest path is taken, and only a word that is not in the list is held against those
in it that differ by a character or two: the same measure, without the search.
"""

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ocr.recognition.network import Steps
from ocr.recognition.traineddata import LineModel

UNLISTED = 2.25
"""How much more unlikeliness counts of a word that is not in the list (Tesseract's ratio)."""
STEP_COST = 0.085
"""Taken off the logarithm of each step's chance (Tesseract's offset)."""
CONFIDENCE_SLOPE = 0.35
"""Of a word's confidence over the logarithm of its chance, near 1. Tesseract has the same slope,
over the least likely step alone; over all of them, what is no text gets less."""
SMALLEST_CHANCE = 1e-9
ALTERED = 2
"""Most characters changed towards the list."""
_EDGES = "\"'“”‘’«»()[]{},.;:!?…-–/*"

_Numbers = NDArray[np.float64]
_Run = tuple[int, int, int]
"""An output, its first step and the one after its last."""


@dataclass(frozen=True)
class ReadWord:
    """A word: its text, its confidence on Tesseract's scale (0 to 1), its steps."""

    text: str
    confidence: float
    first: int
    end: int


def words(steps: Steps, model: LineModel) -> list[ReadWord]:
    """The words of a line, in their order."""
    runs = _runs(steps, model)
    sure = np.log(np.maximum(_surely(steps, runs, model), SMALLEST_CHANCE))
    path = np.log(np.maximum(steps.chances[:, 0].astype(np.float64), SMALLEST_CHANCE))
    out = []
    for start, end, word in _split(runs, len(sure), model):
        text = "".join(model.characters[label] for label, _, _ in word)
        chance = float(sure[start:end].sum())
        if model.words and not _known(text, model.words) and any(map(str.isalpha, text)):
            listed, less = _listed(text, steps, word, path[start:end], model)
            chance = chance + less if listed != text else UNLISTED * chance
            text = listed
        confidence = math.exp(CONFIDENCE_SLOPE * (chance - STEP_COST))
        out.append(ReadWord(text, min(confidence, 1.0), word[0][1], word[-1][2]))
    return out


def quality(steps: Steps, model: LineModel) -> float:
    """Mean chance of the characters, 0 to 1: what is no text has little."""
    written = steps.labels[:, 0] != model.blank
    return float(steps.chances[written, 0].mean()) if written.any() else 0.0


def _runs(steps: Steps, model: LineModel) -> list[_Run]:
    """Steps in a row with the same output, without blanks.

    Where the likeliest output flickers between two characters with no blank between them, it is one
    character: the one with more chance in all.
    """
    labels = steps.labels[:, 0]
    starts = np.flatnonzero(np.diff(labels, prepend=-1))
    ends = np.append(starts[1:], len(labels))
    runs: list[_Run] = []
    for run in zip(labels[starts].tolist(), starts.tolist(), ends.tolist(), strict=True):
        label, first, end = run
        if label == model.blank or not model.characters[label]:
            continue
        if runs and runs[-1][2] == first and _flickers(steps, runs[-1], run):
            before, begun, _ = runs[-1]
            likelier = max((before, label), key=lambda one: _mass(steps, one, begun, end))
            runs[-1] = (likelier, begun, end)
        else:
            runs.append(run)
    return runs


def _flickers(steps: Steps, one: _Run, other: _Run) -> bool:
    """Whether each of two runs nearly was the other."""
    return other[0] in steps.labels[one[2] - 1, 1:] and one[0] in steps.labels[other[1], 1:]


def _mass(steps: Steps, label: int, first: int, end: int) -> float:
    there = steps.labels[first:end] == label
    return float(steps.chances[first:end][there].sum())


def _surely(steps: Steps, runs: list[_Run], model: LineModel) -> _Numbers:
    """How sure each step is.

    Whether a step at the edge of a character still, or already, belongs to it is no doubt about
    what is written: there the chances of the blank and the character count together.
    """
    labels, chances = steps.labels, steps.chances.astype(np.float64)
    sure = chances[:, 0].copy()
    for label, first, end in runs:
        peak = first + int(chances[first:end, 0].argmax())
        for at in range(max(first - 1, 0), min(end + 1, len(sure))):
            pair = {int(labels[at, 0]), int(labels[at, 1])}
            if at != peak and pair == {label, model.blank}:
                sure[at] = chances[at, 0] + chances[at, 1]
    return sure


def _split(runs: list[_Run], steps: int, model: LineModel) -> Iterator[tuple[int, int, list[_Run]]]:
    """The runs of each word with the steps that it is made of, blanks around it too."""
    start, word = 0, list[_Run]()
    for run in runs:
        if model.characters[run[0]] != " ":
            word.append(run)
            continue
        if word:
            yield start, run[1], word
        start, word = run[2], []
    if word:
        yield start, steps, word


def _listed(
    text: str, steps: Steps, word: list[_Run], path: _Numbers, model: LineModel
) -> tuple[str, float]:
    """The word of the list that is nearly as likely, and how much less; else the word as read."""
    likely = float(path.sum())
    bar = UNLISTED * likely - (UNLISTED - 1) * STEP_COST * len(path)
    letters = [model.characters[label] for label, _, _ in word]
    places = [(at, *other) for at, run in enumerate(word) for other in _others(steps, run, model)]
    for count in range(1, ALTERED + 1):
        best, best_score = text, -math.inf
        for changes in itertools.combinations(places, count):
            score = likely + sum(less for _, _, less in changes)
            if score < bar or score <= best_score:
                continue
            changed = letters.copy()
            for at, other, _ in changes:
                changed[at] = other
            if _known("".join(changed), model.words):
                best, best_score = "".join(changed), score
        if best != text:
            return best, best_score - likely
    return text, 0.0


def _others(steps: Steps, run: _Run, model: LineModel) -> Iterator[tuple[str, float]]:
    """What a character may be instead: with the logarithm of how many times less likely."""
    label, first, end = run
    own = np.where(steps.labels[first:end] == label, steps.chances[first:end], 0).max(axis=1)
    peak = int(own.argmax())
    mine = max(float(own[peak]), SMALLEST_CHANCE)
    labels, chances = steps.labels[first + peak].tolist(), steps.chances[first + peak].tolist()
    for other, chance in zip(labels, chances, strict=True):
        if other not in {label, model.blank} and model.characters[other].strip():
            yield model.characters[other], math.log(max(chance, SMALLEST_CHANCE) / mine)


def _known(text: str, known: frozenset[str]) -> bool:
    bare = text.strip(_EDGES)
    return bare in known or bare.lower() in known
