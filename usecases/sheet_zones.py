"""What is put on a sheet of zones: which of a document's, how many, and what is planted. Pure.

Zones that are alike are compared much faster side by side than one by one in their documents. Who
only presses Enter would accept everything: some zones show a value that is known to be wrong, and
who overlooks such gets smaller sheets for a while.
"""

import random
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from schemas.document_type import DocumentType
from schemas.field import Field, FieldStatus
from schemas.manifest import Manifest
from schemas.messages import Language
from schemas.page import Box
from schemas.validators import FieldType, is_syllable, normalised, parse_iso
from usecases.called_fields import field_type_of, label_of, word

One = TypeVar("One")

SIZES = (40, 20, 10)
"""Zones on a sheet; the attentive get the first."""
MISSED, FOUND, LOOKED_BACK = 2, 4, 8
"""So many of the last planted ones missed: a smaller sheet; found in a row: a larger one."""
PLANTED_ONE_IN = 10
FEWEST = 5
"""Nothing is planted among fewer."""
LEAST_SURE = 0.8
"""Confidence from which a value is for a sheet.

A wrong one is looked at, marked, and settled by its document's review all the same. By the
keystroke-level model (``training/benches/keystrokes.py``) a zone costs 0.97 s with one in ten
planted, and 2.05 s more where it is marked; accepting it in its review costs 1.63 s: sheets are
worth while as long as fewer than 18 of 100 are wrong.
"""
LONGEST, LONGEST_TEXT = 32, 24
"""Characters: longer values are not compared at a glance."""
TEXT = "text."
"""Before the name of a field of plain text: those of one name are a kind."""
_UNLIKE = frozenset({FieldType.text, FieldType.organisation, FieldType.doc_type, FieldType.email})
"""Kinds of values that look different from place to place."""
_DATES = frozenset({FieldType.date, FieldType.date_or_year})
_TONES = (
    "aáàảãạ", "ăắằẳẵặ", "âấầẩẫậ", "eéèẻẽẹ", "êếềểễệ", "iíìỉĩị", "oóòỏõọ", "ôốồổỗộ", "ơớờởỡợ",
    "uúùủũụ", "ưứừửữự", "yýỳỷỹỵ",
)  # fmt: skip
_FREE_FIGURES = {FieldType.personal_id: 6, FieldType.phone: 3}
"""So many figures at the beginning say where, or what; another one there would not be plausible."""


@dataclass(frozen=True)
class Zone:
    """A field of a document that may stand on a sheet; points of the upright page."""

    path: str
    kind: str
    label: str
    value: str
    page: int
    box: Box
    size: tuple[float, float]
    doubtful: bool
    """A person is asked, and it is likely enough right for a sheet."""


def kind_of(known: DocumentType | None, path: str, value: str | None) -> str | None:
    """Of which kind a value is, for sheets; None for one that is not compared at a glance."""
    found = field_type_of(known, path)
    if not value or found is None or len(value) > LONGEST:
        return None
    if found not in _UNLIKE:
        return found.value
    short = found is FieldType.text and len(value) <= LONGEST_TEXT
    return TEXT + path.rpartition(".")[2] if short else None


def kind_called(kind: str, label: str, language: Language) -> str:
    """What people call a kind; ``label`` is that of one of its zones."""
    return label if kind.startswith(TEXT) else word(f"kind_{kind}", language)


def zones_in(
    manifest: Manifest, known: DocumentType | None, language: Language
) -> tuple[Zone, ...]:
    """The short values of a document of which the place is known, sure ones among them."""
    sizes = {one.number: (one.width, one.height) for one in manifest.pages}
    found = []
    for path, field in manifest.walk():
        kind = kind_of(known, path, field.value)
        if kind is None or field.box is None or field.page not in sizes:
            continue
        found.append(
            Zone(
                path=path,
                kind=kind,
                label=label_of(known, path, language),
                value=field.value or "",
                page=field.page,
                box=field.box,
                size=sizes[field.page],
                doubtful=_is_doubtful(field),
            )
        )
    return tuple(found)


def _is_doubtful(field: Field) -> bool:
    return field.status is FieldStatus.review and field.confidence >= LEAST_SURE


def sheet_size(found: Iterable[bool]) -> int:
    """How many zones somebody gets.

    Args:
        found: whether they found a planted value, of each that they were shown, the first first.
    """
    level, lately = 0, list[bool]()
    for one in found:
        lately = [*lately, one][-LOOKED_BACK:]
        if lately.count(False) >= MISSED and level < len(SIZES) - 1:
            level, lately = level + 1, []
        elif level and len(lately) >= FOUND and all(lately[-FOUND:]):
            level, lately = level - 1, []
    return SIZES[level]


def planted_count(zones: int) -> int:
    """How many wrong values are planted among so many zones on a sheet."""
    return 0 if zones < FEWEST else max(1, zones // PLANTED_ONE_IN)


def mixed(doubtful: Sequence[One], planted: Sequence[One], draw: random.Random) -> tuple[One, ...]:
    """Planted zones among the others, at places that nobody can tell; the others in their order."""
    total = len(doubtful) + len(planted)
    places = set(draw.sample(range(total), len(planted)))
    own, wrong = iter(doubtful), iter(planted)
    return tuple(next(wrong if place in places else own) for place in range(total))


def wrong_value(kind: str, truth: str, others: Collection[str], draw: random.Random) -> str | None:
    """A value that might stand there, and does not.

    One figure is another one; a name has a syllable of another, or another tone; else it is another
    one's value.

    Args:
        kind: of values, as :func:`kind_of` says.
        truth: what stands there, as manifests keep it.
        others: values of the same kind.
        draw: chance.

    Returns:
        None where nothing plausible is known.
    """
    field_type = None if kind.startswith(TEXT) else FieldType(kind)
    different = sorted({one for one in others if one and one != truth})
    if field_type is FieldType.sex:
        return next((one for one in ("Nam", "Nữ") if one != truth), None)
    if field_type is FieldType.name:
        return _another_name(truth, different, draw)
    if any(letter.isdigit() for letter in truth):
        return _another_figure(field_type, truth, draw)
    return draw.choice(different) if different else None


def _another_figure(field_type: FieldType | None, truth: str, draw: random.Random) -> str | None:
    """One figure changed, so that it still is a value of that type; in a year the last one."""
    first = _FREE_FIGURES.get(field_type, 0) if field_type is not None else 0
    places = [at for at, letter in enumerate(truth) if letter.isdigit() and at >= first]
    if field_type in _DATES:
        places = [at for at in places if at >= 3]
    tries = [(at, f"{figure}") for at in places for figure in range(10)]
    draw.shuffle(tries)
    for at, figure in tries:
        changed = f"{truth[:at]}{figure}{truth[at + 1 :]}"
        if changed != truth and _may_be(field_type, changed):
            return changed
    return None


def _may_be(field_type: FieldType | None, value: str) -> bool:
    if field_type in _DATES and parse_iso(value) is not None:
        return True
    return field_type is None or normalised(field_type, value) is not None


def _another_name(truth: str, others: Sequence[str], draw: random.Random) -> str | None:
    """Another one's last syllable, or the own one with another tone."""
    *before, last = truth.split()
    theirs = sorted({one.split()[-1] for one in others if len(one.split()) > 1} - {last})
    if theirs and before and draw.random() < 0.5:
        return " ".join([*before, draw.choice(theirs)])
    changed = [
        f"{last[:at]}{tone.upper() if letter.isupper() else tone}{last[at + 1 :]}"
        for at, letter in enumerate(last)
        for row in _TONES
        if letter.lower() in row
        for tone in row
        if tone != letter.lower()
    ]
    likely = [one for one in changed if is_syllable(one)] or changed
    if likely:
        return " ".join([*before, draw.choice(likely)])
    return draw.choice(others) if others else None
