"""Fits the adapter for pens that comes with the wheel: ``python -m training.fit_lines ...``.

    python -m training.fit_lines LATIN.ZIP FONTS FOLDER [PARTS [CYCLES]]

``LATIN.ZIP`` is the Latin part of Omniglot (MIT), ``FONTS`` a folder of fonts from the packages
``@fontsource/*`` (OFL), one folder each (``training/lines/fonts.txt`` lists them). Lines are drawn
and looked at part by part into ``FOLDER`` (:mod:`training.lines.looked`), then the adapter is
fitted in cycles, each going on from the last; after each it lies in ``FOLDER`` with its card. What
is there already is not made again, so that a broken run goes on. Two hours on two cores, others
working beside it: 64 parts (15,200 lines), 3 cycles. ``FOLDER/pens.onnx`` belongs into
``ocr/recognition/data``.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np
from numpy.random import Generator, default_rng
from numpy.typing import NDArray

from ocr.learning.adapter_file import adapter_file, weights_in
from ocr.learning.ctc_gradient import fits
from ocr.learning.fitting import BATCH, Example, fitted
from ocr.learning.likeness import Likeness, likeness_of
from ocr.learning.network import Weights, forward, stacked, untaught
from ocr.learning.teaching import cooling_of
from ocr.recognition import ctc
from ocr.recognition.line_reader import MODEL_SHA256, columns_of, line_classifier, line_reader
from schemas.learning import Card, Errors
from training.lines.looked import Seen, keep, kept, material, part
from training.lines.papers import Grey

PARTS, CYCLES = 64, 3
HELD_BACK = 0
"""The number of the part whose hands and fonts are not learned from."""
ROUNDS = 4
"""Times that each line is learned from in a cycle."""
TOGETHER = 4
"""Parts that are mixed at a time."""
NARROWING = 1.1
LINES = "drawn lines: open fonts (OFL) and letters of Omniglot (MIT); no real paper among them"


def look_at_parts(archive: Path, fonts: Path, folder: Path, parts: int) -> None:
    """Draw the parts that are missing, the held back one first, and look at them."""
    reader = line_reader()

    def look(picture: Grey, width: float) -> NDArray[np.float16] | None:
        hidden = reader.hidden(picture, width)
        return hidden[0].astype(np.float16) if len(hidden) == 1 else None

    for number in range(parts + 1):
        if (folder / f"part-{number:04d}.npz").is_file():
            continue
        made_of = material(archive, fonts, held=number == HELD_BACK)
        seen = part(number, made_of, look)
        keep(folder, number, seen)
        _say(f"part {number}: {len(seen.texts)} lines")


def examples(seen: Seen) -> list[Example]:
    """The lines of a part whose texts the model can say."""
    starts = [0, *seen.ends[:-1].tolist()]
    found = []
    for start, end, text in zip(starts, seen.ends.tolist(), seen.texts.tolist(), strict=True):
        columns = columns_of(text)
        if columns is not None and fits(columns, end - start):
            found.append(Example(seen.hidden[start:end], columns))
    return found


def batches(parts: Sequence[Sequence[Example]], rng: Generator) -> Iterator[Sequence[Example]]:
    """Batches without end; lines of some parts are mixed at a time."""
    while True:
        order = rng.permutation(len(parts)).tolist()
        for at in range(0, len(order), TOGETHER):
            mixed = [one for number in order[at : at + TOGETHER] for one in parts[number]]
            chosen = rng.permutation(len(mixed)).tolist()
            for start in range(0, len(chosen), BATCH):
                yield [mixed[k] for k in chosen[start : start + BATCH]]


def error_of(weights: Weights, held: Sequence[Example]) -> Errors:
    """How the lines that were held back are read, freely."""
    from rapidfuzz.distance import Levenshtein  # noqa: PLC0415  # only measured with

    wrong = letters = exact = 0
    for at in range(0, len(held), BATCH):
        some = held[at : at + BATCH]
        stack = stacked([one.hidden for one in some])
        logits = forward(weights, stack).logits.astype(np.float64)
        for (start, end), one in zip(stack.spans, some, strict=True):
            steps = logits[start:end] - np.logaddexp.reduce(logits[start:end], 1, keepdims=True)
            read = [span.character for span in ctc.best_path(steps)]
            wrong += Levenshtein.distance(read, list(one.columns))
            letters += len(one.columns)
            exact += read == list(one.columns)
    characters = round(wrong / max(letters, 1), 4)
    return Errors(lines=len(held), characters=characters, exact=round(exact / len(held), 4))


def alike(parts: Sequence[Seen]) -> Likeness:
    """What tells writing from print."""
    means, printed = list[NDArray[np.float32]](), list[bool]()
    for seen in parts:
        starts = [0, *seen.ends[:-1].tolist()]
        for start, end in zip(starts, seen.ends.tolist(), strict=True):
            means.append(seen.hidden[start:end].astype(np.float32).mean(axis=0))
        printed += seen.printed.tolist()
    every, of_print = np.stack(means), np.array(printed, np.bool_)
    return likeness_of(every[~of_print], every[of_print])


def fit(folder: Path, cycles: int) -> None:
    """Fit cycle by cycle; after each the adapter is in ``folder``."""
    seen = list(kept(folder))
    held, parts = examples(seen[HELD_BACK]), [examples(one) for one in seen[1:]]
    lines = sum(map(len, parts))
    known = line_classifier()
    weights = untaught(known.weights, known.bias, default_rng(1))
    before = error_of(weights, held)
    _say(f"{lines} lines; held back, before: {before.characters:.4f}")
    for cycle in range(cycles):
        path = folder / f"cycle-{cycle}.onnx"
        if path.is_file():
            weights = weights_in(path.read_bytes())
            continue
        rng = default_rng((2, cycle))
        count = ROUNDS * lines // BATCH
        weights = fitted(weights, batches(parts, rng), count, rng, _told(count))
        after = error_of(weights, held)
        _say(f"cycle {cycle}: {after.characters:.4f}")
        card = Card(
            name="pens",
            model=MODEL_SHA256,
            narrowing=NARROWING,
            made_at=datetime.now(UTC),
            lines=lines,
            sources={"drawn": lines},
            before=before,
            after=after,
            data=LINES,
        )
        content = adapter_file(weights, alike(seen[1:]), card, cooling_of(weights, held))
        for name in (path, folder / "pens.onnx"):
            name.with_suffix(".tmp").write_bytes(content)
            name.with_suffix(".tmp").rename(name)


def _told(count: int) -> Callable[[int, float], None]:
    def told(step: int, loss: float) -> None:
        if step % 100 == 0:
            _say(f"{step}/{count} {loss:.3f}")

    return told


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main(archive: Path, fonts: Path, folder: Path, parts: int, cycles: int) -> None:
    """Draw, look, fit."""
    cv2.setNumThreads(1)
    folder.mkdir(parents=True, exist_ok=True)
    look_at_parts(archive, fonts, folder, parts)
    fit(folder, cycles)


if __name__ == "__main__":
    _archive, _fonts, _folder, *_counts = sys.argv[1:]
    _parts, _cycles = (*map(int, _counts), *(PARTS, CYCLES)[len(_counts) :])
    main(Path(_archive), Path(_fonts), Path(_folder), _parts, _cycles)
