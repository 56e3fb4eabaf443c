"""Words as lines and phrases: finding printed text on a page that was read with errors."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import groupby, pairwise
from statistics import median
from typing import NamedTuple

from rapidfuzz import fuzz

from schemas.page import Box, PageReading, Word
from schemas.validators import folded, plain


class Phrase(NamedTuple):
    """Neighbouring words of one line."""

    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        """The words with single spaces, NFC."""
        return folded(" ".join(word.text for word in self.words))

    @property
    def box(self) -> Box:
        """The box around all words, points."""
        return around(word.box for word in self.words)

    @property
    def confidence(self) -> float:
        """The least sure word decides."""
        return min((word.confidence for word in self.words), default=0.0)


class Found(NamedTuple):
    """Printed text found on a page: where, and how well it matched (0 to 100)."""

    phrase: Phrase
    score: float
    begins: bool = True
    ends: bool = True


def around(boxes: Iterable[Box]) -> Box:
    """The smallest box that holds all ``boxes``; at least one is needed."""
    listed = list(boxes)
    return (
        min(box[0] for box in listed),
        min(box[1] for box in listed),
        max(box[2] for box in listed),
        max(box[3] for box in listed),
    )


def height(box: Box) -> float:
    """Points from top to bottom."""
    return box[3] - box[1]


def middle(box: Box) -> tuple[float, float]:
    """The centre of a box."""
    return ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)


def lines(page: PageReading) -> list[Phrase]:
    """The page's lines in reading order, each from left to right."""
    by_line = sorted(page.words, key=lambda word: word.line)
    return [
        Phrase(tuple(sorted(group, key=lambda word: word.box[0])))
        for _, group in groupby(by_line, key=lambda word: word.line)
    ]


def rows(words: Sequence[Word]) -> list[Phrase]:
    """Words gathered into lines by their height on the page, top to bottom.

    Used where columns were cut apart, so that the reader's own line numbers no longer hold.
    """
    found: list[list[Word]] = []
    for word in sorted(words, key=lambda w: middle(w.box)[1]):
        if found:
            last = found[-1]
            centre = median(middle(w.box)[1] for w in last)
            tall = median(height(w.box) for w in last)
            if middle(word.box)[1] - centre < 0.5 * max(tall, 4.0):
                last.append(word)
                continue
        found.append([word])
    return [Phrase(tuple(sorted(row, key=lambda w: w.box[0]))) for row in found]


def columns(phrase: Phrase, factor: float = 1.6, least: float = 14.0) -> list[Phrase]:
    """A line cut where the space between words is wide (``factor`` heights, ``least`` points)."""
    tall = median(height(word.box) for word in phrase.words)
    cut = max(factor * tall, least)
    parts: list[list[Word]] = [[phrase.words[0]]]
    for before, word in pairwise(phrase.words):
        if word.box[0] - before.box[2] > cut:
            parts.append([])
        parts[-1].append(word)
    return [Phrase(tuple(part)) for part in parts]


wanted_text = lru_cache(maxsize=16384)(plain)
"""Printed text of a type as it is compared: the same few thousand on every page."""


def find(
    phrases: Sequence[Phrase],
    text: str,
    least: float = 82.0,
    plains: Sequence[str] | None = None,
) -> Found | None:
    """The run of words that looks most like ``text``; accents and case are not compared.

    Args:
        phrases: lines to look through.
        text: what is printed.
        least: score under which nothing is found, 0 to 100.
        plains: the lines' texts as they are compared, where they are looked through again and
            again: working them out costs more than comparing.
    """
    wanted = wanted_text(text)
    size = len(wanted.split())
    best: Found | None = None
    for phrase, whole in zip(phrases, plains or plain_texts(phrases), strict=True):
        if len(whole) < 0.6 * len(wanted):
            continue
        if fuzz.partial_ratio(wanted, whole, score_cutoff=least - 8) == 0:
            continue
        candidate = _best_run(phrase, wanted, size)
        if (
            candidate is not None
            and candidate.score >= least
            and (best is None or candidate.score > best.score)
        ):
            best = candidate
    return best


def plain_texts(phrases: Sequence[Phrase]) -> list[str]:
    """The phrases' texts as :func:`find` compares them."""
    return [plain(phrase.text) for phrase in phrases]


def _best_run(phrase: Phrase, wanted: str, size: int) -> Found | None:
    words = phrase.words
    texts = [plain(word.text) for word in words]
    best: Found | None = None
    for start in range(len(words)):
        for count in range(max(1, size - 2), size + 3):
            if start + count > len(words):
                break
            score = fuzz.ratio(wanted, " ".join(texts[start : start + count]))
            if best is None or score > best.score:
                run = texts[start : start + count]
                ends = wanted.split()
                best = Found(
                    Phrase(words[start : start + count]),
                    score,
                    fuzz.ratio(run[0], ends[0]) >= 75,
                    fuzz.ratio(run[-1], ends[-1]) >= 85,
                )
    return best
