"""Document types as data: how one is recognised, which fields it has, where they lie.

One YAML file each under ``schemas/document_types/``; adding a form touches no Python. A file may
build on another by ``extends: NAME`` (its keys win; fields with the same id are replaced); a file
with ``abstract: true`` is only built upon.
"""

from functools import cache
from importlib.resources import files
from typing import Any, Literal

import yaml
from pydantic import Field, model_validator

from schemas.errors import ConfigurationError
from schemas.page import Box, Frozen
from schemas.validators.checks import check_names
from schemas.validators.kinds import FieldType

Layout = Literal["administrative", "form"]
"""``administrative``: the boxes of Decree 30/2020, annex I. ``form``: printed labels."""


class Names(Frozen):
    """A name for people, in both languages."""

    vi: str
    en: str


class Sign(Frozen):
    """One printed sign of a type: any of ``texts`` (variants), and how much it says."""

    texts: tuple[str, ...] = Field(min_length=1)
    weight: float = Field(1.0, gt=0)


class Recognition(Frozen):
    """How a type is told from others.

    ``titles`` are headings, compared without accents because scans lose them; ``symbols`` are the
    type's abbreviations in document numbers (``QĐ`` in ``15/QĐ-UBND``); ``signs`` tell versions of
    one form apart.
    """

    titles: tuple[str, ...] = ()
    symbols: tuple[str, ...] = ()
    signs: tuple[Sign, ...] = ()


class PrintedLabel(Frozen):
    """Text the form prints, and where it does in the type's reference geometry."""

    text: str
    box: Box | None = Field(None, description="points on the reference page")


class Column(Frozen):
    """One column of a table."""

    id: str
    type: FieldType
    labels: tuple[str, ...] = ()
    x: tuple[float, float] | None = Field(None, description="points on the reference page")
    required: bool = Field(True, description="in a row that is filled at all")
    shown: bool = Field(True, description="False: printed or running numbers, not a field")
    words: tuple[str, ...] = Field((), description="usual values; agreement raises confidence")
    validators: tuple[str, ...] = ()


class FieldSpec(Frozen):
    """One data field of a type."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    names: Names | None = None
    labels: tuple[PrintedLabel, ...] = Field((), description="variants of the printed label")
    type: FieldType = FieldType.text
    required: bool = False
    shape: Literal["line", "cells", "table", "date_parts"] = "line"
    cells: int = Field(0, ge=0, description="printed boxes, one character each")
    zones: tuple[tuple[float, float, float], ...] = Field(
        (), description="lines to write on: x0, x1, y of the leader, points on the reference page"
    )
    box: Box | None = Field(None, description="cells or table, points on the reference page")
    head: float = Field(0.0, ge=0, description="height of a table's printed heading, points")
    columns: tuple[Column, ...] = ()
    alphabet: str | None = Field(None, description="the only characters that occur")
    words: tuple[str, ...] = Field((), description="usual values; agreement raises confidence")
    validators: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _whole(self) -> "FieldSpec":
        if (self.shape == "table") != bool(self.columns):
            raise ValueError("columns belong to a table, and only to one")
        if (self.shape == "cells") != bool(self.cells):
            raise ValueError("cells belong to shape cells, and only to it")
        if self.shape == "date_parts" and len(self.zones) not in {0, 3}:
            raise ValueError("a date in parts has three zones: day, month, year")
        return self


class Rule(Frozen):
    """A rule over several fields; parameters name field ids (or columns of ``table``)."""

    rule: Literal["personal_number_matches", "same_when"]
    fields: dict[str, str]
    table: str | None = None
    equals: str | None = None


class Geometry(Frozen):
    """The reference page: its size, and printed text that is no field's label."""

    width: float = Field(gt=0)
    height: float = Field(gt=0)
    anchors: tuple[PrintedLabel, ...] = ()


class DocumentType(Frozen):
    """A type of document. ``key`` names it with its version."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    names: Names
    form_version: str | None = None
    legal_basis: str
    layout: Layout
    title: str | None = Field(None, description="as printed, for the field doc_type")
    recognise: Recognition
    fields: tuple[FieldSpec, ...]
    rules: tuple[Rule, ...] = ()
    geometry: Geometry | None = None
    vocabulary: dict[str, tuple[str, ...]] = Field({}, description="word lists of the layout")
    procedures: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """``ct01@66/2023``, or the id alone where the type has no versions."""
        return f"{self.id}@{self.form_version}" if self.form_version else self.id

    def field(self, field_id: str) -> FieldSpec | None:
        """The field of that id."""
        return next((field for field in self.fields if field.id == field_id), None)

    @model_validator(mode="after")
    def _consistent(self) -> "DocumentType":
        ids = [field.id for field in self.fields]
        if len(set(ids)) != len(ids):
            raise ValueError("a field id occurs twice")
        used = {name for f in self.fields for name in f.validators}
        used |= {name for f in self.fields for c in f.columns for name in c.validators}
        if unknown_checks := used - check_names():
            raise ValueError(f"unknown validators: {sorted(unknown_checks)}")
        for rule in self.rules:
            columns = next((f.columns for f in self.fields if f.id == rule.table), ())
            known = {column.id for column in columns} if rule.table else set(ids)
            if unknown := set(rule.fields.values()) - known:
                raise ValueError(f"rule {rule.rule} names unknown fields: {sorted(unknown)}")
        return self


def parse(text: str, base: dict[str, Any] | None = None) -> DocumentType:
    """A document type from YAML text; ``base`` is the raw content of the file it extends.

    Raises:
        ConfigurationError: ``fields.bad_document_type``.
    """
    try:
        raw = yaml.safe_load(text)
        return DocumentType.model_validate(_merge(base or {}, raw))
    except (yaml.YAMLError, ValueError, TypeError, AttributeError) as error:
        raise ConfigurationError("fields.bad_document_type") from error


@cache
def document_types() -> tuple[DocumentType, ...]:
    """Every type the project ships, in the order of their file names.

    Raises:
        ConfigurationError: ``fields.bad_document_type``.
    """
    folder = files("schemas").joinpath("document_types")
    raw = {
        entry.name.removesuffix(".yaml"): yaml.safe_load(entry.read_text("utf-8"))
        for entry in folder.iterdir()
        if entry.name.endswith(".yaml")
    }
    found = []
    for name in sorted(raw):
        if not raw[name].get("abstract"):
            try:
                found.append(DocumentType.model_validate(_resolved(name, raw)))
            except (ValueError, KeyError) as error:
                raise ConfigurationError("fields.bad_document_type") from error
    return tuple(found)


def document_type(type_id: str, form_version: str | None = None) -> DocumentType | None:
    """The shipped type of that id and version."""
    return next(
        (t for t in document_types() if t.id == type_id and t.form_version == form_version), None
    )


def _resolved(name: str, raw: dict[str, dict[str, Any]]) -> dict[str, Any]:
    own = raw[name]
    base = own.get("extends")
    return _merge(_resolved(base, raw) if base else {}, own)


def _merge(base: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    merged = {**base, **own}
    merged.pop("extends", None)
    merged.pop("abstract", None)
    if "fields" in base and "fields" in own:
        replaced = {field["id"] for field in own["fields"]}
        drop = set(own.get("without", ()))
        kept = [f for f in base["fields"] if f["id"] not in replaced | drop]
        merged["fields"] = [*kept, *own["fields"]]
    merged.pop("without", None)
    return merged
