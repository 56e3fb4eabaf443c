"""What printed labels are called: one vocabulary, so that the same thing is the same in every form.

:func:`named` looks a label up in ``labels.yaml``; what stands there nowhere gets an id of its
words and a kind by them, and is a guess. What is usual in a field (words, checks) comes from
the shipped types that have a field of that id.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from rapidfuzz import fuzz

from schemas.document_type import DocumentType, FieldSpec, Rule, document_types
from schemas.shipped_data import shipped_data
from schemas.validators import FieldType, plain

LIKE = 90.0
"""Likeness, 0 to 100, from which a label that was read is one of the vocabulary."""

SAME = 97.0
"""Likeness from which it is that one, and not another person's."""

LIKE_HEADING = 78.0
"""Likeness from which a heading over a signature is a known one: capitals are read worse."""

LONGEST_ID = 4
"""Words of a label that make an id."""

_NUMBER = re.compile(r"^\W*(\(?\d{1,2}(\.\d{1,2})*[.,)]+|[IVXL]{1,4}[.,)]|[a-zđ][.)])\s*")
_REMARK = re.compile(r"\([^()]*\)")


class Named(NamedTuple):
    """A label's id and kind, and what is known of such a field."""

    id: str
    type: FieldType
    label: str
    """As the vocabulary spells it; as it was read where it stands nowhere."""
    en: str | None = None
    required: bool = False
    id_known: bool = True
    type_known: bool = True


class _Entry(NamedTuple):
    id: str
    type: FieldType
    en: str | None
    required: bool
    label: str


def bare(label: str) -> str:
    """A label without number, remark and what ends it: ``10. Lý do (nếu có):`` is *Lý do*."""
    text = _REMARK.sub(" ", _NUMBER.sub("", label))
    return " ".join(text.strip(" .,:;-–—(\"'®").split())


def number_of(label: str) -> str:
    """The number a label begins with, as printed; empty where it has none."""
    found = _NUMBER.match(label)
    return found.group(0).strip() if found else ""


def named(label: str, like: DocumentType | None = None, *, column: bool = False) -> Named:
    """What a label is called.

    Args:
        label: as it was read, with its number and colon or without.
        like: a type whose labels come first.
        column: whether it heads a column of a table.
    """
    said = bare(label)
    found = _looked_up(said, like, column=column, least=SAME)
    if found is not None:
        return found
    for person, endings in _vocabulary()["persons"].items():
        for ending in endings:
            base = _before(said, ending)
            whose = _looked_up(base) if base else None
            if whose is not None:
                name = whose.id.removeprefix("full_")
                label = f"{whose.label} {ending}"
                return whose._replace(id=f"{person}_{name}", label=label, en=None)
    if found := _looked_up(said, like, column=column):
        return found
    kind = kind_of(said)
    return Named(
        slug(said), kind or FieldType.text, said, id_known=False, type_known=kind is not None
    )


class Signer(NamedTuple):
    """Who signs at a place."""

    id: str
    heading: str
    """As the vocabulary spells it; as it was read where it stands nowhere."""
    known: bool


def signer(heading: str) -> Signer:
    """Who signs under a heading."""
    said = _compact(bare(heading))
    best, near = Signer(slug(bare(heading)), heading, known=False), LIKE_HEADING
    for who, headings in _vocabulary()["signers"].items():
        for text in headings:
            score = fuzz.ratio(said, _compact(text))
            if score > near:
                best, near = Signer(who, text, known=True), score
    return best


def corrected(label: str, name: Named) -> str:
    """A label as it was read, spelt as the vocabulary has it."""
    said, number = bare(label), number_of(label)
    if re.fullmatch(r"\d{1,2}[,)]+\.?", number):  # a full stop read as something else
        label = label.replace(number, f"{re.sub(r'[^0-9]', '', number)}.", 1)
    if (
        not name.id_known
        or said not in label
        or fuzz.ratio(_compact(said), _compact(name.label)) < LIKE
    ):
        return label
    return label.replace(said, name.label)


def persons() -> tuple[str, ...]:
    """Whom ids may speak of: the prefixes *father*, *head*, ..."""
    return tuple(_vocabulary()["persons"])


def kind_of(label: str) -> FieldType | None:
    """The kind that the words of a label tell; None where they tell none."""
    said = plain(label)
    for kind, pattern in _vocabulary()["kinds"]:
        if re.search(pattern, said):
            return FieldType(kind)
    return None


def slug(text: str) -> str:
    """An id made of the first words of a text."""
    words = re.findall(r"[a-z0-9]+", plain(text))[:LONGEST_ID]
    name = "_".join(words) or "field"
    return name if name[0].isalpha() else f"f_{name}"


@cache
def usual(field_id: str) -> FieldSpec | None:
    """The shipped field of that id that tells most of its values."""
    same = [f for t in document_types() for f in t.fields if f.id == field_id and not f.columns]
    return max(same, key=lambda f: len(f.words) + len(f.validators)) if same else None


@cache
def usual_words(field_id: str) -> tuple[str, ...]:
    """Usual values of a field or a column of that id in the shipped types."""
    fields = [f for t in document_types() for f in t.fields]
    lists = [f.words for f in fields if f.id == field_id]
    lists += [c.words for f in fields for c in f.columns if c.id == field_id]
    return max(lists, key=len, default=())


def rules_for(ids: set[str], tables: dict[str, set[str]]) -> tuple[Rule, ...]:
    """The checks between fields that a form with these fields and tables gets."""
    found = []
    for raw in _vocabulary()["rules"]:
        rule = Rule.model_validate(raw)
        known = tables.get(rule.table, set()) if rule.table else ids
        if set(rule.fields.values()) <= known:
            found.append(rule)
    return tuple(found)


def _looked_up(
    said: str, like: DocumentType | None = None, *, column: bool = False, least: float = LIKE
) -> Named | None:
    """The entry that is most like a label."""
    entries = [*_of_type(like)] if like else []
    entries += [*_entries("columns")] if column else []
    best: tuple[float, _Entry] | None = None
    for entry in (*entries, *_entries("fields")):
        score = fuzz.ratio(_compact(said), _compact(entry.label))
        if score >= least and (best is None or score > best[0]):
            best = (score, entry)
    if best is None:
        return None
    entry = best[1]
    return Named(entry.id, entry.type, entry.label, entry.en, entry.required)


def _of_type(like: DocumentType) -> Iterator[_Entry]:
    for field in like.fields:
        for label in field.labels:
            en = field.names.en if field.names else None
            yield _Entry(field.id, field.type, en, field.required, bare(label.text))


def _compact(text: str) -> str:
    """Without accents and spaces: readers lose spaces in small print."""
    return plain(text).replace(" ", "")


@cache
def _entries(section: str) -> tuple[_Entry, ...]:
    return tuple(
        _Entry(name, FieldType(one["type"]), one.get("en"), bool(one.get("required")), bare(label))
        for name, one in _vocabulary()[section].items()
        for label in one["labels"]
    )


def _before(said: str, ending: str) -> str | None:
    """What of a label stands before the person it ends in."""
    words, last = said.split(), plain(ending).split()
    if len(words) <= len(last) or [plain(w) for w in words[-len(last) :]] != last:
        return None
    return " ".join(words[: -len(last)]).strip(" ,")


@cache
def _vocabulary() -> dict:  # type: ignore[type-arg]
    return dict(shipped_data("schemas", "labels"))
