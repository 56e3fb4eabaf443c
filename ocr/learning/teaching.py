"""From lines whose text is known to an adapter, and to figures of what it changed.

Lines are put into the order in which they were kept: an older part is learned from, the newest part
is held back and only measured. Nothing of a line that is held back goes into the adapter but one
number, by which its probabilities are made true.
"""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein

from ocr.learning.adapter_file import adapter_file
from ocr.learning.ctc_gradient import fits, loss_and_slope
from ocr.learning.fitting import BATCH, Example, fitted, shuffled
from ocr.learning.likeness import Likeness, likeness_of, of_every_line
from ocr.learning.network import Weights, forward, stacked, untaught
from ocr.recognition.adapter import Adapter, Card, Errors, Hidden
from ocr.recognition.line_model import SIZE
from ocr.recognition.line_picture import Image
from ocr.recognition.line_reader import (
    MODEL_SHA256,
    LineReader,
    columns_of,
    line_classifier,
    line_reader,
)

NARROWING = 1.1
"""Lines by pen are set so much wider than they are."""
HELD_BACK = 0.2
"""Share of the lines that is measured, not learned from."""
ROUNDS = 30
"""Times that each line is learned from."""
FEWEST_STEPS, MOST_STEPS = 150, 2400
ALIKE = 150
"""Lines, and as many in print, from which an adapter knows what it was taught with."""
COOLINGS = tuple(np.linspace(0.8, 3.0, 12).tolist())


class Taught(NamedTuple):
    """A line to learn from or to measure: its picture, its text, where it comes from."""

    picture: Image
    text: str
    source: str = ""


class Lesson(NamedTuple):
    """What came of teaching."""

    content: bytes
    """The adapter's file."""
    card: Card


def divided(lines: Sequence[Taught]) -> tuple[Sequence[Taught], Sequence[Taught]]:
    """The older part, to learn from, and the newest, to measure; ``lines`` are oldest first."""
    held = round(HELD_BACK * len(lines))
    return lines[: len(lines) - held], lines[len(lines) - held :]


def teach(
    lines: Sequence[Taught],
    held_back: Sequence[Taught],
    in_print: Sequence[Image],
    *,
    name: str,
    now: datetime,
    start: tuple[str, Weights] | None = None,
    taught: Sequence[Adapter] = (),
    narrowing: float = NARROWING,
    steps: int | None = None,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> Lesson:
    """Teach the line reader.

    Args:
        lines: to learn from; those with other characters than the model's, or too short for their
            text, are left out.
        held_back: to measure, as read with ``taught`` and with what was learned.
        in_print: lines of print, which are to be read as ever; none: the adapter reads every line.
        name: of the adapter.
        now: when.
        start: an adapter's name and weights to go on from; None: from the model as it is.
        taught: the adapters in use.
        narrowing: how the lines are set.
        steps: batches to learn from; None: as many as the lines need.
        seed: of what is drawn by chance.
        progress: told how many steps are done, of how many.

    Raises:
        MissingDependency: the line model is not installed.
        ValueError: there is nothing to learn from.
    """
    begun = time.process_time()
    reader = line_reader()
    rng = np.random.default_rng(seed)
    examples = [one for line in lines for one in example_of(reader, line, narrowing)]
    if not examples:
        raise ValueError("no lines to learn from")
    known = line_classifier()
    first = start[1] if start else untaught(known.weights, known.bias, rng)
    rounds = ROUNDS * -(-len(examples) // BATCH)
    count = steps or min(MOST_STEPS, max(FEWEST_STEPS, rounds))
    weights = fitted(
        first,
        shuffled(examples, rng),
        count,
        rng,
        (lambda step, _: progress(step, count)) if progress else None,
    )
    checked = [one for line in held_back for one in example_of(reader, line, narrowing)]
    alike = alikeness(reader, [line.picture for line in lines], in_print, rng)
    card = Card(
        name=name,
        model=MODEL_SHA256,
        narrowing=narrowing,
        made_at=now,
        lines=len(examples),
        sources=dict(Counter(line.source for line in lines)),
        begun_from=start[0] if start else None,
    )
    cooling = cooling_of(weights, checked)
    trial = Adapter(adapter_file(weights, alike, card, cooling))
    card = card.model_copy(
        update={
            "before": errors(reader, held_back, taught),
            "after": errors(reader, held_back, [trial, *taught]),
            "seconds": round(time.process_time() - begun, 1),
        }
    )
    return Lesson(adapter_file(weights, alike, card, cooling), card)


def example_of(reader: LineReader, line: Taught, narrowing: float) -> list[Example]:
    """The line as an example, or none: it is cut in two, or its text does not fit it."""
    hidden = reader.hidden(line.picture, narrowing)
    columns = columns_of(line.text)
    if len(hidden) != 1 or columns is None or not fits(columns, len(hidden[0])):
        return []
    return [Example(hidden[0].astype(np.float16), columns)]


def alikeness(
    reader: LineReader,
    pictures: Sequence[Image],
    in_print: Sequence[Image],
    rng: np.random.Generator,
) -> Likeness:
    """What tells the lines that were learned from those in print, by the model's own eyes."""
    if not in_print:
        return of_every_line(SIZE)
    chosen = rng.permutation(len(pictures))[:ALIKE]
    mine = _means([reader.hidden(pictures[k]) for k in chosen])
    others = _means([reader.hidden(picture) for picture in in_print[:ALIKE]])
    return likeness_of(mine, others)


def _means(hidden: Sequence[Sequence[Hidden]]) -> NDArray[np.float32]:
    return np.stack([np.concatenate(parts).mean(axis=0) for parts in hidden if parts])


def cooling_of(weights: Weights, examples: Sequence[Example]) -> float:
    """What logits are divided by, so that texts are as likely as they are right."""
    if not examples:
        return 1.0
    losses = np.zeros(len(COOLINGS))
    for at in range(0, len(examples), BATCH):
        part = examples[at : at + BATCH]
        stack = stacked([one.hidden for one in part])
        logits = forward(weights, stack).logits
        texts = [one.columns for one in part]
        for k, cooling in enumerate(COOLINGS):
            losses[k] += loss_and_slope(logits / np.float32(cooling), stack.spans, texts)[0].sum()
    return float(COOLINGS[int(losses.argmin())])


def errors(reader: LineReader, lines: Sequence[Taught], taught: Sequence[Adapter]) -> Errors:
    """How lines are read, freely, with these adapters."""
    wrong = letters = exact = 0
    for line in lines:
        seen = reader.look(line.picture, taught)
        read = " ".join(word.text for word in seen.words()) if seen else ""
        text = " ".join(line.text.split())
        wrong += Levenshtein.distance(read, text)
        letters += len(text)
        exact += read == text
    return Errors(
        lines=len(lines),
        characters=round(wrong / max(letters, 1), 4),
        exact=round(exact / max(len(lines), 1), 4),
    )
