"""How people call a field: the words of its document type, in their language. Pure."""

import re

from schemas.document_type import Column, DocumentType, FieldSpec, Names
from schemas.messages import Language, sentence
from schemas.validators import FieldType

_NUMBERING = re.compile(r"^\s*(?:\d{1,2}|[IVX]{1,4})\.\s+")


def label_of(known: DocumentType | None, path: str, language: Language) -> str:
    """What stands before the value on the paper, or what the type calls it.

    Args:
        known: the document's type, where it is known.
        path: a manifest's path: ``full_name``, ``members.0.dob``.
        language: of the words; what is only printed stays as printed.
    """
    spec = known.value_spec(path) if known else None
    column = path.rpartition(".")[2]
    if isinstance(spec, FieldSpec):
        return _of_field(spec, language)
    try:
        return sentence(f"called.{column}", language)
    except KeyError:
        printed = " ".join(spec.labels) if isinstance(spec, Column) else ""
        return printed or column.replace("_", " ")


def field_name(known: DocumentType | None, path: str, language: Language) -> str:
    """The whole name of a field: ``members.0.dob`` with its table and its row.

    Args:
        known: the document's type, where it is known.
        path: as for :func:`label_of`; ``members.dob`` for a column of all rows.
        language: of the words.
    """
    name, *cell = path.split(".")
    spec = known.field(name) if known else None
    own = _of_field(spec, language) if spec else name.replace("_", " ")
    if not cell:
        return own
    row = f", {group_of(path, language)}" if cell[0].isdecimal() else ""
    return f"{own}{row}: {label_of(known, path, language)}"


def type_name(known: DocumentType | None, language: Language) -> str | None:
    """The name of a type; None where it is not known."""
    return name_of(known.names, language) if known else None


def group_of(path: str, language: Language) -> str | None:
    """The row of a table's cell, counted from 1; None for a field of its own."""
    _, _, cell = path.partition(".")
    return word("row", language, number=int(cell.partition(".")[0]) + 1) if cell else None


def field_type_of(known: DocumentType | None, path: str) -> FieldType | None:
    """What kind of value it is; None where the type does not say."""
    spec = known.value_spec(path) if known else None
    return spec.type if spec else None


def usual_words(known: DocumentType | None, path: str) -> tuple[str, ...]:
    """The values that usually stand there."""
    spec = known.value_spec(path) if known else None
    return spec.words if spec else ()


def word(key: str, language: Language, **params: int) -> str:
    """A word for what is asked about and is no field."""
    return sentence(f"called.{key}", language, **params)


def reader_called(reader: str, language: Language) -> str:
    """How people call a reader; one of another version by its own name."""
    try:
        return word(f"reader_{reader}", language)
    except KeyError:
        return reader


def name_of(names: Names, language: Language) -> str:
    """One of the two."""
    return names.vi if language == "vi" else names.en


def _of_field(spec: FieldSpec, language: Language) -> str:
    """Its name, or its label as printed, without number and colon."""
    if spec.names is not None:
        return name_of(spec.names, language)
    if not spec.labels:
        return spec.id.replace("_", " ")
    vi, _, en = _NUMBERING.sub("", spec.labels[0].text).rstrip(" :.").partition(" / ")
    return en if en and language == "en" else vi
