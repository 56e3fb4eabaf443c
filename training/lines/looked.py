"""Drawn lines as the line model sees them.

Lines are drawn, looked at once, and kept as the numbers of the model's last hidden layer (16-bit
floats) with their texts, in parts of some hundred lines: training then never runs the model again.
A part follows from the seed and its number; parts that are there are left as they are, so that a
broken run goes on where it was.
"""

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.random import Generator, default_rng
from numpy.typing import NDArray

from ocr.recognition.looks import WIDTHS
from training.lines import hands, papers, texts
from training.lines.papers import Grey

SEED = 20261130
PART = 250
"""Lines of a part."""

PRINTED = 0.15
"""Of all lines, print: what is learned of pens must not harm it."""
STROKES = 0.55
"""Of the others, so many are written by strokes."""
SMALL = (14.0, 30.0)
"""Heights of a small x, pixels before the scanner."""

_PRINTS = "be-vietnam-pro noto-serif tinos arimo carlito gelasio lora source-serif-4 roboto-slab"
PRINT_FACES = frozenset(_PRINTS.split())
_BENCHED = "patrick-hand itim sriracha dancing-script mansalva shantell-sans playpen-sans"
HELD_BACK = frozenset(_BENCHED.split())
"""Fonts that the drawn benches are written in: never trained on."""
HELD_PEOPLE = 4
"""The last of the 20 people are never trained on, either."""


class Material(NamedTuple):
    """Whom and what lines are drawn with."""

    letters: hands.Letters
    pens: tuple[hands.Face, ...]
    prints: tuple[hands.Face, ...]


def material(archive: Path, fonts: Path, *, held: bool = False) -> Material:
    """The material for training; ``held``: that which is kept back from it."""
    known = hands.letters(archive)
    people = known.small[-HELD_PEOPLE:] if held else known.small[:-HELD_PEOPLE]
    every = {face.files[0].parent.parent.name: face for face in hands.faces(fonts)}
    kept = {name: face for name, face in every.items() if (name in HELD_BACK) == held}
    return Material(
        known._replace(small=people),
        tuple(face for name, face in kept.items() if name not in PRINT_FACES),
        tuple(face for name, face in every.items() if name in PRINT_FACES),
    )


def drawn(rng: Generator, made_of: Material) -> tuple[str, Grey, bool]:
    """A line: its text, its picture, whether it is print."""
    text = texts.text(rng)
    height = float(rng.uniform(*SMALL))
    printed = bool(rng.random() < PRINTED)
    strokes = bool(rng.random() < STROKES)

    def ink(said: str) -> hands.Ink:
        if printed or not strokes:
            every = made_of.prints if printed else made_of.pens
            face = every[int(rng.integers(len(every)))]
            return hands.by_font(said, face, made_of.letters, height, rng, printed=printed)
        return hands.by_strokes(said, made_of.letters, height, rng)

    written = ink(text)
    if not printed:
        written = papers.worn(papers.bent(written, rng), rng)
    return text, papers.on_paper(written, height, ink(text[::-1]), rng), printed


class Seen(NamedTuple):
    """Lines as the model's last hidden layer has them."""

    hidden: NDArray[np.float16]
    """All steps of all lines, one after the other, shape (steps, 512)."""
    ends: NDArray[np.int64]
    """After which step each line ends."""
    texts: NDArray[np.str_]
    printed: NDArray[np.bool_]


def part(
    number: int, made_of: Material, look: Callable[[Grey, float], NDArray[np.float16] | None]
) -> Seen:
    """The lines of a part; ``look`` gives a line's hidden layer at a width, None where it is cut
    in two."""
    rng = default_rng((SEED, number))
    steps, said, printed = list[NDArray[np.float16]](), list[str](), list[bool]()
    for _ in range(PART):
        text, picture, print_ = drawn(rng, made_of)
        width = WIDTHS[0] if print_ else float(rng.choice(WIDTHS, p=(0.35, 0.4, 0.25)))
        hidden = look(picture, width)
        # as many steps as letters at least, and one between two that are the same
        if hidden is None or len(hidden) <= len(text) + _doubled(text):
            continue
        steps.append(hidden)
        said.append(text)
        printed.append(print_)
    ends = np.cumsum([len(one) for one in steps])
    return Seen(np.concatenate(steps), ends, np.array(said), np.array(printed))


def _doubled(text: str) -> int:
    return sum(a == b for a, b in pairwise(text))


def kept(folder: Path) -> Iterator[Seen]:
    """The parts in a folder, in order."""
    for path in sorted(folder.glob("part-*.npz")):
        with np.load(path) as loaded:
            yield Seen(**{name: loaded[name] for name in Seen._fields})


def keep(folder: Path, number: int, seen: Seen) -> None:
    """Write a part, whole or not at all."""
    path = folder / f"part-{number:04d}.npz"
    with path.with_suffix(".tmp").open("wb") as file:
        np.savez(file, **seen._asdict())
    path.with_suffix(".tmp").rename(path)
