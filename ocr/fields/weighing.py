"""From readings to evidence: which value they point at, and whether they agree on it.

How sure that makes a value, and whether it is accepted, is for :mod:`ocr.fields.acceptance`.
"""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from rapidfuzz import fuzz

from ocr.fields.dot_leaders import with_likely_units
from ocr.fields.evidence import PRINT, Evidence, nothing
from ocr.fields.plausible import dots_below, is_usual_word, plausibility
from ocr.fields.sureness import (
    CERTAIN,
    CLOSE,
    DECIDES,
    DECISIVE,
    FEWEST_WORDS,
    FIGURES,
    GUESSED,
    LEAST_OF_ROW,
    NEARLY_CERTAIN,
    OUT_OF_USE,
    PROPOSING,
    SHORTEST_NEAR,
    SOMEWHAT,
    SURE_FIGURES,
    SURE_OF_PEN,
    VOTES_WITH,
    WEIGHT,
)
from ocr.fields.vocabulary import is_named, is_nearly_named
from ocr.fields.voting import Voted, voted
from schemas.field import Check, Reading
from schemas.page import Box
from schemas.validators import FieldType, checks_of, folded, normalised, places, streets

_LOST = re.compile(r"\d\D+0\d\D|0\d\D+1\D")
"""A day of one figure before a month that is filled up with a nought, or a month of one after
such a day: 3 to 9 may stand alone by Decree 30, a 1 is part of 10, 11 or 12."""

SEXES = ("Nam", "Nữ")


class Opinions(NamedTuple):
    """What readers said of one field, and what is known of it."""

    kind: FieldType
    readings: Sequence[Reading]
    required: bool = False
    page: int | None = None
    box: Box | None = None
    checks: tuple[Check, ...] = ()
    validators: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    """The usual values: nearly all that occurs."""
    exact: bool = False
    """Whether what was printed is known to the pixel: dots below that are seen were written."""
    names: tuple[str, ...] = ()
    """Persons the document names: addresses are often made of names."""
    by_pen: bool = False
    """Whether a pen may have written it: every reader that agrees must be sure itself."""

    @property
    def floor(self) -> float:
        """How sure a reader must be for its agreement to count."""
        if self.by_pen:
            return LEAST_OF_ROW if self.kind in FIGURES else SURE_OF_PEN
        return SURE_FIGURES if self.kind in FIGURES else GUESSED


def weigh(said: Opinions) -> Evidence:
    """The value that most is said for, with the check whether its readers agree, and the checks
    of its kind. Nothing read at all: evidence of nothing."""
    readings = tuple(r for r in said.readings if r.text.strip())
    bare = nothing(said.kind, required=said.required, page=said.page, box=said.box)
    if not readings:
        return bare._replace(checks=said.checks)
    values = [(normalised(said.kind, r.text), r) for r in readings]
    usual = said.words or (SEXES if said.kind is FieldType.sex else ())
    value, supporters = _best(values, said.kind, usual)
    if value is None:
        raw = max(readings, key=lambda r: r.confidence)
        unreadable = Check(name="readable", passed=False)
        return bare._replace(
            raw=folded(raw.text), readings=readings, checks=(*said.checks, unreadable)
        )
    agreed = _agreed(values, supporters, said.floor)
    nearly = not agreed and _nearly(said, value, values, supporters, usual)
    if not agreed and not nearly and (merged := _word_by_word(said.kind, readings)):
        value, nearly = merged.text, merged.proven
    checks = (
        Check(name="readers_nearly_agree" if nearly else "readers_agree", passed=agreed or nearly),
        *checks_of(said.kind, value, said.validators),
        *_of_a_person(said, value),
        *_whole_figures(said, supporters),
        *_not_twice(said, value),
        *_ink(said),
        *said.checks,
    )
    raw_text = folded(supporters[0].text)
    return bare._replace(value=value, raw=raw_text, readings=readings, checks=checks)


def _word_by_word(kind: FieldType, readings: Sequence[Reading]) -> Voted | None:
    """A longer text put together of the words that both kinds of readers say, or that language
    knows where only one says them; None where there is nothing to put together."""
    looks = [r.text for r in readings if _kind(r) == "tesseract"]
    line = next((r for r in readings if _kind(r) == "line"), None)
    if kind is not FieldType.text or line is None or not looks:
        return None
    if min(len(text.split()) for text in (*looks, line.text)) < FEWEST_WORDS:
        return None
    if max(fuzz.ratio(line.text, look) for look in looks) < VOTES_WITH:
        return None  # of a pen Tesseract reads no word
    looks = [with_likely_units(look, said=line.text) for look in looks]
    text = with_likely_units(line.text, said=" ".join(looks))
    units = {
        word
        for reading in (*looks, text)
        for place in (*places(reading), *streets(reading))
        if place.known
        for word in place.name.split()
    }
    merged = voted(looks, text, lambda word: word.strip(",.") in units or is_usual_word(word))
    alike = all(_with_figures(look) == _with_figures(text) for look in looks)
    return merged if alike else merged._replace(proven=False)  # language knows no figures


def _agreed(
    values: list[tuple[str | None, Reading]], supporters: Sequence[Reading], floor: float
) -> bool:
    """Whether enough is said for a value.

    One decisive reader, or two of different kinds (``tesseract``, ``line``) that are each at least
    as sure as ``floor`` and not less sure than a third that says otherwise, or every look of the
    only kind there is, and two of them at least.
    """
    if any(r.reader in DECISIVE for r in supporters):
        return True
    supporters = [r for r in supporters if r.reader not in PROPOSING]
    values = [(value, r) for value, r in values if r.reader not in PROPOSING]
    if len({_kind(r) for _, r in values}) > 1:
        surest: dict[str, float] = {}
        for reading in supporters:
            if reading.confidence >= floor:
                kind = _kind(reading)
                surest[kind] = max(surest.get(kind, 0.0), reading.confidence)
        return len(surest) > 1 and _dissent(values, surest) <= min(surest.values())
    sure = all(reading.confidence >= floor for reading in supporters)
    return sure and len(supporters) > 1 and len(supporters) == len(values)


def _dissent(values: list[tuple[str | None, Reading]], agreeing: Mapping[str, float]) -> float:
    """How sure a further kind of reader is that says something else; 0 where none does."""
    kinds = [(_kind(r), r.confidence) for value, r in values if value is not None]
    return max((sure for kind, sure in kinds if kind not in agreeing), default=0.0)


def _of_a_person(said: Opinions, value: str) -> tuple[Check, ...]:
    """That an e-mail address is made of a person's name. Made of another it says nothing; a letter
    away from a person's it was hardly read right."""
    if said.kind is not FieldType.email:
        return ()
    if _is_own(said, value):
        return (Check(name="address_of_person", passed=True, blocking=False),)
    if is_nearly_named(value.partition("@")[0], said.names):
        return (Check(name="address_of_person", passed=False),)
    return ()


def _whole_figures(said: Opinions, supporters: Sequence[Reading]) -> tuple[Check, ...]:
    """That no figure of a date was lost: who writes the month as *01* writes no day as *2*."""
    if said.kind is not FieldType.date or any(r.reader in DECISIVE for r in supporters):
        return ()
    lost = any(_LOST.match(reading.text) for reading in supporters)
    return (Check(name="figures_whole", passed=False),) if lost else ()


def _not_twice(said: Opinions, value: str) -> tuple[Check, ...]:
    """That no word stands twice in a row: readers double what they are unsure of (*trú trú*). Names
    may (*Minh Minh*), and in print no reader is so unsure."""
    if said.kind is not FieldType.text and not (said.kind is FieldType.name and said.by_pen):
        return ()
    words = [word.strip(",.;").casefold() for word in value.split()]
    twice = any(a == b and a.isalpha() for a, b in pairwise(words))
    return (Check(name="words_once", passed=False),) if twice else ()


def _ink(said: Opinions) -> tuple[Check, ...]:
    """That it was printed, where a pen may have written it."""
    return (Check(name=PRINT, passed=False, blocking=False),) if said.by_pen else ()


def _is_own(said: Opinions, address: str) -> bool:
    return is_named(address.partition("@")[0], said.names)


def _nearly(
    said: Opinions,
    value: str,
    values: Sequence[tuple[str | None, Reading]],
    supporters: Sequence[Reading],
    usual: Sequence[str],
) -> bool:
    """Whether a text is sure although Tesseract has some of its letters otherwise.

    The line model must be all but certain, the text usual throughout, the other reading close,
    and no dot below a vowel in question: those come and go with leaders in any reading. Where the
    print is known to the pixel they can only go, so that a dot that one reader sees is there.
    """
    kind = said.kind
    others = [other for other, reading in values if other is not None and other != value]
    if kind is FieldType.email:
        return not said.by_pen and _nearly_the_same_address(said, value, others)
    sure = max((r.confidence for r in supporters if _kind(r) == "line"), default=0.0)
    if sure < NEARLY_CERTAIN or kind in FIGURES:
        return False
    same = len({_kind(r) for r in supporters if r.confidence >= GUESSED}) > 1
    if said.by_pen and kind is not FieldType.sex:  # of two words one is hardly read for the other
        return same and value in usual  # nor one of few for another by both
    if len({_kind(r) for r in supporters}) > 1:  # the other one guessed the same
        return True
    if value in usual:  # one of few, and nobody says another of them
        return not any(other in usual for other in others)
    if kind not in {FieldType.name, FieldType.text} or len(value) < SHORTEST_NEAR:
        return False
    if plausibility(kind, value) < 1.0:
        return False
    alike = max((fuzz.ratio(value, other) for other in others), default=0.0)
    if alike < CLOSE:
        return kind is FieldType.name and sure >= CERTAIN and alike >= SOMEWHAT
    mine = dots_below(value)
    return any(
        _with_figures(value) == _with_figures(other)
        and _same_dots(mine, dots_below(other), said.exact)
        for other in others
    )


def _with_figures(text: str) -> list[str]:
    """The words of a text that hold figures, which language cannot tell from others."""
    return [word.strip(",.;:") for word in text.split() if any(c.isdigit() for c in word)]


def _nearly_the_same_address(said: Opinions, value: str, others: Sequence[str]) -> bool:
    """Whether an e-mail address is its owner's name in a usual domain, and what the name does not
    say, the figures after it, is read the same by another reader."""
    if not value.endswith(tuple(said.words)) or not _is_own(said, value):
        return False
    return any(
        _beside_letters(value) == _beside_letters(other) and fuzz.ratio(value, other) >= CLOSE
        for other in others
    )


def _beside_letters(address: str) -> tuple[str, str]:
    """The marks in an address before its domain, and the figures it ends with there."""
    local = address.partition("@")[0]
    marks = "".join(c for c in local if not c.isalnum())
    return marks, local[len(local.rstrip("0123456789")) :]


def _same_dots(mine: Sequence[bool], others: Sequence[bool], exact: bool) -> bool:
    """Whether each word has the dots the other reader saw; where they only get lost, or more."""
    if len(mine) != len(others):
        return False
    return all(a == b or (exact and a) for a, b in zip(mine, others, strict=True))


def _kind(reading: Reading) -> str:
    return reading.reader.split("-")[0]


def _best(
    values: list[tuple[str | None, Reading]], field: FieldType, usual: Sequence[str]
) -> tuple[str | None, list[Reading]]:
    """The value most is said for: each kind of reader counts once, with its surest look; a usual
    value is likelier than another."""
    said: dict[str, dict[str, float]] = {}
    for value, reading in values:
        if value is not None:
            extra = DECIDES if reading.reader in DECISIVE else 0.0
            kinds = said.setdefault(value, {})
            kind = _kind(reading)
            likely = reading.confidence * WEIGHT.get(kind, 1.0) + extra
            kinds[kind] = max(kinds.get(kind, 0.0), likely)
    if not said:
        return None, []
    best = max(
        said,
        key=lambda value: (
            sum(said[value].values())
            * plausibility(field, value)
            * (1.0 if value in usual else OUT_OF_USE)
        ),
    )
    support = [r for v, r in values if v == best]
    return best, sorted(support, key=lambda r: r.reader not in DECISIVE)
