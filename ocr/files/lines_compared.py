"""Lines of a text layer beside what is read in their places.

A wrong ``/ToUnicode`` or a legacy encoding says other letters than the page shows: a few lines of
each font are read from what the text adds to the page, and compared.
"""

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from rapidfuzz.distance import Levenshtein

from ocr import geometry
from ocr.files.digital import LaidWord
from ocr.files.drawn_twice import DrawnTwice, Image
from ocr.files.pdf_size import in_shape_of
from ocr.options import ReadingOptions
from ocr.recognition.reader import reader

LINES_PER_FONT, MOST_LINES = 3, 9
FEWEST_LETTERS = 4
"""A font with fewer on the page is not judged."""
LOST = 3
"""Cost of a letter lost or added between two strings, where one read as another costs 1."""
WRONG_LETTERS = 0.12
"""Part of a font's letters that may be read differently."""
_ALIKE = tuple(
    map(frozenset, ("0oq", "1lijt!|", "5s", "8b", "2z", "6bg", "9gq", "uv", "ce", "yv", "hn", "il"))
)


@dataclass(frozen=True)
class _Line:
    font: int
    words: tuple[LaidWord, ...]

    @property
    def text(self) -> str:
        return _bare(" ".join(one.word.text for one in self.words))


def as_read(shown: Sequence[LaidWord], drawn: DrawnTwice, options: ReadingOptions) -> bool:
    """Whether a few lines of each font say what is read in their places."""
    chosen = _chosen(_lines(shown))
    if not chosen:
        return True
    pairs = list(zip(chosen, _read(chosen, drawn, options, together=True), strict=True))
    odd = [
        line for line, said in pairs if _errors(line.text, said) > WRONG_LETTERS * len(line.text)
    ]
    again = dict(zip(map(id, odd), _read(odd, drawn, options, together=False), strict=True))
    told: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for line, said in pairs:
        other = again.get(id(line), said)
        best = min((said, other), key=lambda one: _errors(line.text, one))
        told[line.font].append((line.text, best))
    return not any(_lies(pairs) for pairs in told.values())


def _lines(shown: Iterable[LaidWord]) -> list[_Line]:
    """Runs of words of one line, font and direction."""
    runs: list[list[LaidWord]] = []
    for one in shown:
        last = runs[-1][-1] if runs else None
        alike = last is not None and (last.word.line, last.font, last.turn) == (
            one.word.line,
            one.font,
            one.turn,
        )
        if alike:
            runs[-1].append(one)
        else:
            runs.append([one])
    return [_Line(run[0].font, tuple(run)) for run in runs]


def _chosen(lines: Sequence[_Line]) -> list[_Line]:
    """A few lines of each font, that have as many different letters as possible."""
    by_font: dict[int, list[_Line]] = defaultdict(list)
    for line in lines:
        if line.text:
            by_font[line.font].append(line)
    fonts = sorted(by_font.values(), key=lambda own: -sum(len(line.text) for line in own))
    fonts = [own for own in fonts if sum(len(line.text) for line in own) >= FEWEST_LETTERS]
    known: dict[int, set[str]] = defaultdict(set)
    chosen: list[_Line] = []
    for _ in range(LINES_PER_FONT):
        for own in fonts:
            if not own or len(chosen) >= MOST_LINES:
                continue
            there = known[own[0].font]
            best = max(own, key=lambda line: _worth(line.text, there))
            own.remove(best)
            there |= set(best.text)
            chosen.append(best)
    return chosen


def _worth(text: str, known: set[str]) -> tuple[int, int]:
    """New letters, and figures: a wrong one of those is not seen in the sense of a line."""
    figures = sum(char.isdigit() for char in text)
    return len(set(text) - known) + min(figures, 12), min(len(text), 60)


def _bare(text: str) -> str:
    """Letters and digits only, small."""
    return "".join(char for char in unicodedata.normalize("NFC", text).lower() if char.isalnum())


def _letter(char: str) -> str:
    """A letter without its marks."""
    return unicodedata.normalize("NFD", char)[0]


def _read(
    lines: Sequence[_Line], drawn: DrawnTwice, options: ReadingOptions, *, together: bool
) -> list[str]:
    """What is read of each line, from a picture of nothing but what the text adds."""
    crops = [_picture(line, drawn) for line in lines]
    if not crops:
        return []
    if together:
        return [_bare(text) for text in reader(options).read_lines(crops, drawn.paper_dpi)]
    return [
        _bare(" ".join(word.text for word in reader(options).read(crop, drawn.paper_dpi, 6)))
        for crop in crops
    ]


def _picture(line: _Line, drawn: DrawnTwice) -> Image:
    """The line upright, dark on white, with a margin, without what stands around its words."""
    boxes = [one.word.box for one in line.words]
    around = (
        min(box[0] for box in boxes),
        min(box[1] for box in boxes),
        max(box[2] for box in boxes),
        max(box[3] for box in boxes),
    )
    clean = np.zeros_like(drawn.crop(drawn.added, around))
    offset = (max(0, int(around[0] * drawn.dpi / 72)), max(0, int(around[1] * drawn.dpi / 72)))
    for box in boxes:
        part = drawn.crop(drawn.added, box)
        left = max(0, int(box[0] * drawn.dpi / 72)) - offset[0]
        top = max(0, int(box[1] * drawn.dpi / 72)) - offset[1]
        clean[top : top + part.shape[0], left : left + part.shape[1]] = part
    strongest = max(int(clean.max(initial=0)), 1)
    dark = 255 - np.minimum(clean.astype(np.uint16) * 255 // strongest, 255).astype(np.uint8)
    dark = in_shape_of(drawn.factors, dark, (1.0, 1.0))
    dark = geometry.turned_image(dark, -line.words[0].turn % 360)
    margin = max(8, dark.shape[0] // 3)
    return np.pad(dark, margin, constant_values=255)


def _errors(text: str, said: str) -> int:
    return int(Levenshtein.distance(text, said))


def _lies(pairs: Sequence[tuple[str, str]]) -> bool:
    """Whether a font's text differs from what is read, as a whole or always in one letter."""
    letters = sum(len(text) for text, _ in pairs)
    if letters < FEWEST_LETTERS:
        return False
    if sum(_errors(text, said) for text, said in pairs) > max(2.0, WRONG_LETTERS * letters):
        return True
    right, wrong = Counter[str](), Counter[tuple[str, str]]()
    for text, said in pairs:
        for one, other in _aligned(text, said):
            if one == other:
                right[one] += 1
            else:
                wrong[one, other] += 1
    return any(
        count >= _too_often(one, other)
        and count > 2 * right[one]
        and not any({one, other} <= alike for alike in _ALIKE)
        for (one, other), count in wrong.items()
    )


def _aligned(text: str, said: str) -> list[tuple[str, str]]:
    """The letters that stand for one another in two strings.

    A letter lost or added costs more than one read as another, or swapped letters would be taken
    for shifted ones: 6868 and 8686.
    """
    if text == said:
        return list(zip(text, said, strict=True))
    costs = [[LOST * column for column in range(len(said) + 1)]]
    for row, one in enumerate(text, 1):
        before, here = costs[-1], [LOST * row]
        for column, other in enumerate(said, 1):
            kept = before[column - 1] + (one != other)
            here.append(min(kept, before[column] + LOST, here[-1] + LOST))
        costs.append(here)
    pairs, row, column = list[tuple[str, str]](), len(text), len(said)
    while row and column:
        one, other = text[row - 1], said[column - 1]
        if costs[row][column] == costs[row - 1][column - 1] + (one != other):
            pairs.append((one, other))
            row, column = row - 1, column - 1
        elif costs[row][column] == costs[row - 1][column] + LOST:
            row -= 1
        else:
            column -= 1
    return pairs


def _too_often(one: str, other: str) -> int:
    """How often a letter may be read as another; figures matter, marks are easily misread."""
    if one.isdigit() and other.isdigit():
        return 2
    return 6 if _letter(one) == _letter(other) else 3
