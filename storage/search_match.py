"""What a question asks of the index, in steps from what fits best, and in both databases' words.

A later step leaves out what an earlier one has found, so that steps can be gone through one after
the other, and a page can begin anywhere in them.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from schemas import search_terms as terms

CANDIDATES = 24
"""Spellings of a mistyped word that are tried at most."""


class Fit(StrEnum):
    """How a document fits a question, best first."""

    code = "code"
    """Its dossier has that code."""
    marked = "marked"
    """As it was written, accents and tones included."""
    plain = "plain"
    """Without regard to accents and tones."""
    near = "near"
    """A value of it is written nearly so."""
    words = "words"
    """All words are in it, in any places."""
    near_words = "near_words"
    """All words are in it, some written nearly so."""


@dataclass(frozen=True)
class Word:
    """One word of the index."""

    text: str


@dataclass(frozen=True)
class Either:
    """One of these."""

    of: tuple["Asked", ...]


@dataclass(frozen=True)
class Every:
    """All of these."""

    of: tuple["Asked", ...]


@dataclass(frozen=True)
class Without:
    """The first, and not the second."""

    wanted: "Asked"
    unwanted: "Asked"


Asked = Word | Either | Every | Without


@dataclass(frozen=True)
class Step:
    """One step: how what it finds fits, and what it asks for.

    Attributes:
        unwanted: what the steps before have found.
    """

    fit: Fit
    wanted: Asked
    unwanted: Asked | None = None

    @property
    def asked(self) -> Asked:
        """What is wanted without what the steps before have found."""
        return self.wanted if self.unwanted is None else Without(self.wanted, self.unwanted)


Known = Callable[[Collection[str]], set[str]]
"""Which of these plain words and values are in the index."""


def steps(marked: Sequence[str], known: Known) -> list[Step]:
    """The steps of a question.

    Args:
        marked: its words, as written.
        known: asked where nothing but a mistyped word can be meant.
    """
    words = tuple(terms.unmarked(marked))
    if not words:
        return []
    found: list[Step] = []
    seen: Asked | None = None
    if tuple(marked) != words:
        seen = _phrase(terms.as_marked(marked))
        found.append(Step(Fit.marked, seen))
    phrase, value = _phrase(words), terms.as_one(words)
    if len(words) > 1:
        whole = Word(value)
        found.append(Step(Fit.plain, whole, seen))
        seen = whole if seen is None else Either((seen, whole))
    found.append(Step(Fit.plain, phrase, seen))
    others = known(terms.near(value)) if len(words) > 1 else set()
    likely: Asked | None = None
    if others:
        likely = Either(tuple(Word(one) for one in sorted(others)[:CANDIDATES]))
        found.append(Step(Fit.near, likely, phrase))
    before = phrase if likely is None else Either((phrase, likely))
    every = Every(tuple(Word(word) for word in words))
    if len(words) > 1:
        found.append(Step(Fit.words, every, before))
    corrected = _corrected(words, known)
    if corrected is not None:
        found.append(Step(Fit.near_words, corrected, before))
    return found


def _corrected(words: Sequence[str], known: Known) -> Asked | None:
    """The question with each word that is nowhere replaced by what it may have been."""
    there = known(words)
    meant: list[Asked] = []
    for word in words:
        if word in there or not word.isalpha():
            meant.append(Word(word))
            continue
        others = sorted(known(terms.near(word)))[:CANDIDATES]
        if not others:
            return None
        meant.append(Either(tuple(Word(one) for one in others)))
    changed = any(isinstance(one, Either) for one in meant)
    return Every(tuple(meant)) if changed else None


def _phrase(words: Sequence[str]) -> Asked:
    """Words that stand one after the other: each with its neighbour, in one place or in several.

    That is nearly as narrow as the places of words would be, and asks for rare things alone: of
    words like *công an phường* every second document has each.
    """
    pairs = terms.pairs(words)
    return Word(words[0]) if not pairs else Every(tuple(map(Word, pairs)))


def for_sqlite(asked: Asked) -> str:
    """As FTS5 asks. Words are of letters, figures, ``_`` and ``=``: nothing is to be escaped."""
    return _written(asked, '"', (" AND ", " OR ", " NOT "))


def for_postgresql(asked: Asked) -> str:
    """As a ``tsquery``."""
    return _written(asked, "'", (" & ", " | ", " & !"))


def _written(asked: Asked, quote: str, signs: tuple[str, str, str]) -> str:
    def of(part: Asked) -> str:
        match part:
            case Word(text):
                return f"{quote}{text}{quote}"
            case Every(parts):
                return "(" + signs[0].join(map(of, parts)) + ")"
            case Either(parts):
                return "(" + signs[1].join(map(of, parts)) + ")"
            case Without(wanted, unwanted):
                return f"({of(wanted)}{signs[2]}{of(unwanted)})"

    return of(asked)
