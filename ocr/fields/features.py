"""What is known of a value that was read, as the features that confidence is fitted on."""

import math
from typing import NamedTuple

from rapidfuzz import fuzz

from ocr.fields.evidence import PRINT
from ocr.fields.plausible import plausibility
from ocr.fields.sureness import (
    AGREEMENT,
    DECISIVE,
    FIGURES,
    LINED,
    NUMBERED,
    PROPOSING,
    RECOGNISING,
)
from schemas.document_type import Column, FieldSpec
from schemas.field import Check, Field
from schemas.validators import FieldType, normalised, places

STRONG = frozenset(
    {
        "personal_number_matches", "same_person", "date_in_words", "name_usual", "known_units",
        "address_of_person", "same_place", "initials_fit",
    }
)  # fmt: skip
"""Checks that chance alone would hardly pass."""

VOCABULARY = "in_vocabulary"
"""The check that passes where a value is an entry of a vocabulary."""

LETTERS = (10, 60)
"""Of a printed line: how sure the line model is of the first many letters in a row says the same of
short and long ones; and no line is longer than the second."""

ANOTHER_ROW = -2.0
"""What the feature ``row`` is where both networks together say something else."""

NETWORKS = frozenset({"pens", "figures"})
"""The readers that look at figures one by one."""

LANGUAGE = frozenset({"name_usual", "name_syllables", "known_units"})
"""Checks that say what the feature ``odd`` says."""


class Features(NamedTuple):
    """What is known of a value, each a plain number."""

    one: float
    agreement: float
    """Kinds of readers that say this value beyond the first, at most 2."""
    nearly: float
    """1 where readers differ as little as :mod:`ocr.fields.weighing` lets pass."""
    dissent: float
    """Kinds of readers that say something else although two agree."""
    top: float
    low: float
    """Log-odds of the surest and the least sure of its readers, within 6."""
    soft_failures: float
    hard_failures: float
    strong_passes: float
    figures: float
    name: float
    length: float
    """Logarithm of the number of characters, where no two readers agree."""
    length_agreed: float
    """The same where they do."""
    usual: float
    """1 where the value is one of the field's usual values, of which a sex is always."""
    odd: float
    """How unlikely the value is as language: 1 for each halving, at most 3; 0 where two readers
    agree."""
    odd_agreed: float
    """The same where readers of two kinds agree."""
    alike: float
    """Where no two agree: how like the value the nearest other reading is, 0 to 1, squared."""
    proven: float
    """1 where the readers of a print agree on every letter, though none may say all of it."""
    sure: float
    """Log-odds of the reader a printed value stands on: the line model, whatever it says; of
    numbers and dates the surest that says them. 0 where there is none."""
    torn: float
    """How unlike the value the line model's reading is, in tenths of its letters, at most 3."""
    symbol: float
    """1 for numbers of documents."""
    known: float
    """1 where readers only had to tell which entry of a vocabulary stands there."""
    row: float
    """Of figures by pen: log-odds that each is what is said, by both networks together; -2 where
    together they say something else, 0 where they did not look."""
    lined: float
    """Of figures by pen: 1 where the line model says the same, and does not guess."""
    row_lined: float
    """``row`` where the line model says the same, which counts for more the surer the row is."""


OF_PRINT = frozenset(
    {
        "one", "proven", "sure", "torn", "soft_failures", "hard_failures", "strong_passes",
        "figures", "name", "symbol", "known", "length",
    }
)  # fmt: skip
"""The features of administrative papers: printed lines that are voted on letter by letter, so that
no reader has to say all of a value."""

OF_ROWS = frozenset(
    {
        "one", "top", "low", "soft_failures", "hard_failures", "strong_passes", "row", "lined",
        "row_lined",
    }
)  # fmt: skip
"""The features of figures by pen: two networks look at each figure, the line model at the row."""

OF_WRITING = (
    frozenset(Features._fields)
    - {"proven", "sure", "torn", "symbol", "known", "row", "lined", "row_lined"}
)  # fmt: skip
"""The features of forms, cards and papers with labels."""


def features_of(spec: FieldSpec | Column, field: Field) -> Features | None:
    """The features of a field that holds a value.

    None where nothing was read, and where a text layer, an annotation or a code said it, or what
    was recognised is no reading: the model knows nothing of them.
    """
    if field.value is None or not field.readers:
        return None
    if any(reading.reader in DECISIVE | RECOGNISING for reading in field.readers):
        return None
    kind = spec.type
    said: dict[str, list[tuple[bool, float]]] = {}
    meant: set[str | None] = {field.value}
    if not any(check.blocking and not check.passed for check in field.checks):
        # a value set right beyond doubt, such as *tai số*, was read as it can be read
        meant.add(normalised(kind, field.raw or ""))
    for reading in field.readers:
        if reading.reader in PROPOSING:
            continue
        same = normalised(kind, reading.text) in meant
        said.setdefault(reading.reader.split("-")[0], []).append((same, reading.confidence))
    row = kind in FIGURES and written_by_pen(field)
    together = _row(kind, field) if row else 0.0
    lined = _lined(kind, field) if row else 0.0
    weighed = [looks for name, looks in said.items() if name in NETWORKS or not row]
    sure = [c for looks in weighed for same, c in looks if same] or [0.05]
    supporting = sum(any(same for same, _ in looks) for looks in said.values())
    others = [c for c in field.checks if c.name not in AGREEMENT]
    soft = [c for c in others if c.name not in LANGUAGE | {VOCABULARY, PRINT}]
    told = any(c.name == VOCABULARY and c.passed for c in others)
    known = float(told or field.value in spec.words)
    length = math.log(len(field.value) + 1)
    odd = min(-math.log2(plausibility(kind, field.value)), 3.0)
    return Features(
        one=1.0,
        agreement=float(min(max(supporting - 1, 0), 2)),
        nearly=float(any(c.name == "readers_nearly_agree" and c.passed for c in field.checks)),
        dissent=float(len(said) - supporting) if supporting > 1 else 0.0,
        top=_log_odds(max(sure)),
        low=_log_odds(min(sure)),
        soft_failures=float(sum(not c.passed and not c.blocking for c in soft)),
        hard_failures=float(sum(not c.passed and c.blocking for c in others)),
        strong_passes=float(sum(_is_strong(check, field.value) for check in others)),
        figures=float(kind in FIGURES),
        name=float(kind is FieldType.name),
        length=0.0 if supporting > 1 else length,
        length_agreed=length if supporting > 1 else 0.0,
        usual=float(field.value in spec.words or kind is FieldType.sex),
        odd=0.0 if supporting > 1 else odd,
        odd_agreed=odd if supporting > 1 else 0.0,
        alike=_alike(kind, field) if supporting < 2 else 0.0,
        proven=float(any(c.name in AGREEMENT and c.passed for c in field.checks)),
        sure=0.0 if known else _sureness(kind, field),
        torn=0.0 if known or kind in NUMBERED else _torn(kind, field),
        symbol=float(kind is FieldType.doc_number),
        known=known,
        row=together,
        lined=lined,
        row_lined=lined * together,
    )


def _row(kind: FieldType, field: Field) -> float:
    together = [r for r in field.readers if r.reader in PROPOSING]
    if not together:
        return 0.0
    same = normalised(kind, together[0].text) == field.value
    return _log_odds(together[0].confidence) if same else ANOTHER_ROW


def _lined(kind: FieldType, field: Field) -> float:
    said = [r for r in field.readers if r.reader == "line" and r.confidence >= LINED]
    return float(any(normalised(kind, r.text) == field.value for r in said))


def written_by_pen(field: Field) -> bool:
    """Whether a pen may have written the value."""
    return any(check.name == PRINT and not check.passed for check in field.checks)


def _is_strong(check: Check, value: str) -> bool:
    """Whether a check passed that chance would not; a text that names no unit names none right."""
    if check.name == "known_units" and not places(value):
        return False
    return check.passed and check.name in STRONG


def _alike(kind: FieldType, field: Field) -> float:
    """How like the value the nearest reading is that says something else; 0 where there is none."""
    said = [reading for reading in field.readers if reading.reader not in PROPOSING]
    read = [normalised(kind, reading.text) for reading in said]
    others = [value for value in read if value is not None and value != field.value]
    near = max((fuzz.ratio(field.value or "", other) / 100 for other in others), default=0.0)
    return float(near**2)


def _sureness(kind: FieldType, field: Field) -> float:
    """The log-odds of the reader that a printed value stands on, for ten letters of it."""
    if kind in NUMBERED:
        day = (field.value or "")[-2:] if kind is FieldType.date else None
        said = [
            r.confidence
            for r in field.readers
            if r.reader != "line" and (r.text == day or normalised(kind, r.text) == field.value)
        ]
        return _log_odds(max(said)) if said else 0.0
    said = [r.confidence for r in field.readers if r.reader == "line"]
    if not said:
        return 0.0
    length = min(max(len(field.value or ""), LETTERS[0]), LETTERS[1])
    return _log_odds(min(said) ** (LETTERS[0] / length))


def _torn(kind: FieldType, field: Field) -> float:
    """How unlike the value what the line model reads is; 0 where it was not asked."""
    said = [normalised(kind, r.text) for r in field.readers if r.reader == "line"]
    near = max((fuzz.ratio(field.value or "", text or "") / 100 for text in said), default=1.0)
    return min(10 * (1 - near), 3.0)


def _log_odds(confidence: float) -> float:
    clipped = min(max(confidence, 0.0025), 0.9975)
    return math.log(clipped / (1 - clipped))
