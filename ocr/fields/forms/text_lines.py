"""A line of text or a name by pen: what is likeliest by the line and by what is known of words.

Where the first look is sure, it is taken as it is: print is never set right by a list. Else the
line is looked at in other widths, what all looks make likely is weighed with the lists of names and
units (:mod:`ocr.fields.lexicon`, :mod:`ocr.fields.addresses`), and the others that may stand there
are kept for a person.
"""

import re
import string
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import islice, product
from typing import NamedTuple

from ocr.fields.addresses import names_a_chain, with_known_units
from ocr.fields.language import language, text_repairs
from ocr.fields.lexicon import Words, lexicon
from ocr.fields.plausible import evened, plausibility
from ocr.fields.sureness import KNOWN_CHAIN, SURE_LOOK
from ocr.fields.zone_reader import Image
from ocr.recognition.adapter import Adapter
from ocr.recognition.line_reader import Hypothesis, Line, LineReader
from ocr.recognition.looks import Looks, looks
from schemas.validators import FieldType, folded

LONGEST_SEX = 5
"""Characters that readers make of three, an ``N`` of two strokes being two."""

KEPT = 8
"""Readings that are weighed against one another."""

FORMED, MOST_FORMS = 3, 120
"""Readings of a name whose words are set beside the list, and forms of each at most."""

LONGEST_NAME = 4
"""Words of a name whose every word is set beside the list."""

_GROWN = re.compile(r"(?<=[a-zà-ỹđ])(?=[A-ZÀ-ỸĐ][a-zà-ỹđ])")
"""Where two words were read as one: *TùngMậu*."""

SEARCHED = 5
"""Of which so many are looked at for the units they may mean."""


@cache
def letters_of_names() -> frozenset[str]:
    """The characters that stand in a name."""
    letters = language().letters
    return frozenset(letters + letters.upper() + string.ascii_letters + " '")


class Again(NamedTuple):
    """What it takes to look at a line once more."""

    image: Image
    model: LineReader
    taught: Sequence[Adapter] = ()
    agreed: str = ""
    """What another reader says of it: where that is the same, nobody looks again."""


def likeliest(
    line: Line, kind: FieldType, alphabet: Iterable[str] | None, again: Again | None
) -> tuple[Hypothesis, ...]:
    """The readings of a line, the likeliest first.

    Args:
        line: the first look at it.
        kind: the kind of value that it is.
        alphabet: the only characters that occur; None: all, or those of names.
        again: for further looks; None: the first is all there is.
    """
    if kind is FieldType.name:
        alphabet = letters_of_names()
    held = frozenset(alphabet) if alphabet is not None else None
    read = as_language(line.read(held, best=4), kind)
    words = lexicon(kind) if again else None
    if again is None or words is None or not read or read[0].confidence >= SURE_LOOK:
        return read
    if tidy(read[0].text, kind) == again.agreed:
        return read
    seen = looks(again.model, again.image, line, again.taught)
    return weighed(seen, read, kind, held, words)


def as_language(read: Sequence[Hypothesis], kind: FieldType) -> tuple[Hypothesis, ...]:
    """Readings in order: usual names before unusual, possible syllables before impossible."""
    return tuple(sorted(read, key=lambda one: -_fits(one, kind)))


def weighed(
    seen: Looks,
    read: Sequence[Hypothesis],
    kind: FieldType,
    alphabet: frozenset[str] | None,
    words: Words,
) -> tuple[Hypothesis, ...]:
    """What several looks and the lists make of a line, the likeliest first."""
    known = seen.read(alphabet, best=KEPT, prior=words)
    texts = [one.text for one in (*known, *seen.read(alphabet, best=KEPT), *read)]
    texts += [apart for text in texts[:SEARCHED] if (apart := _GROWN.sub(" ", text)) != text]
    if kind is FieldType.name:
        texts += [form for text in texts[:FORMED] for form in _listed(text, words)]
    else:
        texts += [form for text in texts[:SEARCHED] for form in with_known_units(text)]
    prior = _OfUnits(words) if kind is FieldType.text else words
    return seen.ranked(list(dict.fromkeys(texts)), prior)


def _listed(text: str, words: Words) -> Iterator[str]:
    """A name with each of its words as one that is listed; nothing of a long one."""
    said = _GROWN.sub(" ", text).split()
    if len(said) <= LONGEST_NAME:
        near = [dict.fromkeys((word, *words.near(place, word))) for place, word in enumerate(said)]
        yield from islice(map(" ".join, product(*near)), MOST_FORMS)


class _OfUnits:
    """The words of addresses, and that the units named last lie in one another."""

    def __init__(self, words: Words) -> None:
        self.begin, self.after, self.end = words.begin, words.after, words.end
        self._words = words

    def logarithm(self, text: str) -> float:
        """The logarithm for a whole text."""
        return self._words.logarithm(text) + KNOWN_CHAIN * names_a_chain(text)


def _fits(one: Hypothesis, kind: FieldType) -> float:
    return one.confidence * plausibility(kind, tidy(one.text, kind))


def tidy(text: str, kind: FieldType) -> str:
    """Without what dot leaders and rules leave at the ends of a reading, and inside a name."""
    text = folded(text)
    if kind is FieldType.name:
        text = evened(folded(re.sub(r"[^\w' ]|[\d_]", " ", text)))
        # small and capital ones of one shape, told apart by their height alone
        text = re.sub(r"(?<!\S)[cosuưvxz](?=\w)", lambda letter: letter[0].upper(), text)
    if kind is FieldType.sex and text.endswith("am") and len(text) <= LONGEST_SEX:
        return "Nam"  # one of two: only its first letter was read otherwise
    if kind is FieldType.date:
        # strokes between the figures read as figures: no date has ten
        text = re.sub(r"^(\d\d)[/147](\d\d)[/147](\d{4})$", r"\1/\2/\3", text)
    if kind is FieldType.text:
        for pattern, meant in text_repairs():
            text = pattern.sub(meant, text)
    return text.strip(" .,:;_-–—'`‘’\"|~*·…")
