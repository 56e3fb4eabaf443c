"""Document types as data: how one is recognised, which fields it has, where they lie.

One YAML file each under ``schemas/document_types/``, and in the folder where an office keeps its
own; adding a form touches no Python. A file may build on another by ``extends: NAME`` (its keys
win; fields with the same id are replaced); a file with ``abstract: true`` is only built upon.
:mod:`schemas.type_check` says what is wrong with a file, line by line.
"""

import re
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from schemas.errors import ConfigurationError
from schemas.page import Box, Frozen
from schemas.shipped_data import parsed
from schemas.validators.checks import check_names
from schemas.validators.kinds import FieldType

Layout = Literal["administrative", "form", "labelled"]
"""``administrative``: the boxes of Decree 30/2020, annex I. ``form``: printed labels at fixed
places. ``labelled``: printed labels wherever they stand, each with its value after or below it."""


def _regular(text: str) -> str:
    """A regular expression, refused where it is none or names no group ``value``."""
    try:
        groups = re.compile(text).groupindex
    except re.error:
        raise PydanticCustomError("types.bad_pattern", "not a regular expression") from None
    if "value" not in groups:
        raise PydanticCustomError("types.pattern_without_value", "no group named value")
    return text


Pattern = Annotated[str, AfterValidator(_regular)]
"""A regular expression whose group ``value`` is what the field holds."""


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
    needs: tuple[Sign, ...] = Field(
        (), description="signs without which a title is not enough (THÔNG BÁO of CT08)"
    )
    zone: float = Field(
        0.45, gt=0, le=1, description="the title stands in this upper part of the page"
    )


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
    alphabet: str | None = Field(None, description="the only characters that occur")
    words: tuple[str, ...] = Field((), description="usual values; agreement raises confidence")
    validators: tuple[str, ...] = ()


CodePart = Literal[
    "card.personal_id",
    "card.old_number",
    "card.full_name",
    "card.dob",
    "card.sex",
    "card.address",
    "card.issued",
    "mrz.expires",
    "dossier_code",
    "cover",
]
"""``card``: the identity card's QR code or, where that is not read, its machine-readable zone;
``dossier_code``: any code that is an official dossier code; ``cover``: a provisional one too."""


class Block(Frozen):
    """A place at a form's foot where somebody agrees and signs; points on the reference page."""

    id: str
    names: Names | None = None
    date: tuple[float, float, float] = Field(description="the printed date line: x0, x1, y")
    free: Box = Field(description="the paper below it: a sentence, a signature, a name")
    name: tuple[float, float, float] | None = Field(
        None, description="its own dot leader for a name"
    )
    pid: tuple[float, float, float] | None = Field(None, description="and for a personal number")


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
        (),
        description="lines to write on: x0, x1, y of the dot leader, points on the reference page",
    )
    box: Box | None = Field(None, description="cells or table, points on the reference page")
    head: float = Field(0.0, ge=0, description="height of a table's printed heading, points")
    columns: tuple[Column, ...] = ()
    blocks: tuple[Block, ...] = Field(
        (), description="a table's rows that are signed blocks, each at its own place"
    )
    alphabet: str | None = Field(None, description="the only characters that occur")
    words: tuple[str, ...] = Field((), description="usual values; agreement raises confidence")
    validators: tuple[str, ...] = ()
    where: Literal["after", "below"] = Field(
        "after", description="the value stands after its label, or on the lines below it"
    )
    lines: int = Field(1, ge=1, le=12, description="lines a value after its label may take")
    section: str | None = Field(
        None, description="printed text under which the label stands, up to the next section"
    )
    side: Literal["left", "right"] | None = Field(None, description="half of a two-column page")
    pattern: Pattern | None = Field(
        None, description="what of the text is the value; without labels: looked for in all lines"
    )
    code: CodePart | None = Field(None, description="the part of a QR code or MRZ that holds it")

    @property
    def placed(self) -> bool:
        """Whether the geometry says where the value stands."""
        return bool(self.zones or self.blocks) or self.box is not None

    @model_validator(mode="after")
    def _whole(self) -> "FieldSpec":
        if (self.shape == "table") != bool(self.columns):
            raise PydanticCustomError("types.columns_of_table", "columns belong to a table")
        if (self.shape == "cells") != bool(self.cells):
            raise PydanticCustomError("types.cells_of_cells", "cells belong to shape cells")
        if self.shape == "date_parts" and len(self.zones) not in {0, 3}:
            raise PydanticCustomError("types.three_zones", "day, month and year: three zones")
        return self


class Rule(Frozen):
    """A rule over several fields; parameters name field ids (or columns of ``table``)."""

    rule: Literal["personal_number_matches", "same_when", "date_in_words"]
    fields: dict[str, str]
    table: str | None = None
    equals: str | None = None


class Geometry(Frozen):
    """The reference page: its size, and printed text that is no field's label."""

    width: float = Field(gt=0)
    height: float = Field(gt=0)
    anchors: tuple[PrintedLabel, ...] = ()


EVERY_FIELD = "*"


def _every_field(said: Any) -> Any:
    """``true`` for all fields, ``false`` for none."""
    return (EVERY_FIELD,) * said if isinstance(said, bool) else said


class DocumentType(Frozen):
    """A type of document. ``key`` names it with its version."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    names: Names
    form_version: str | None = None
    legal_basis: str
    source: str | None = Field(None, description="where the printed text was read")
    layout: Layout
    title: str | None = Field(None, description="as printed, for the field doc_type")
    recognise: Recognition
    fields: tuple[FieldSpec, ...]
    rules: tuple[Rule, ...] = ()
    geometry: Geometry | None = None
    stops: tuple[str, ...] = Field((), description="printed text that only ends a value")
    vocabulary: dict[str, tuple[str, ...]] = Field({}, description="word lists of the layout")
    procedures: tuple[str, ...] = ()
    sensitive: bool = Field(
        False,
        description="its pictures are sensitive personal data (Law 91/2025/QH15, Decree 356/2025):"
        " shown by role, each view written down",
    )
    double_entry: Annotated[tuple[str, ...], BeforeValidator(_every_field)] = Field(
        (), description="fields whose doubts two people settle, neither seeing the other; true: all"
    )

    def is_entered_twice(self, path: str) -> bool:
        """Whether two people settle a doubt at a manifest's path."""
        return bool({EVERY_FIELD, path.partition(".")[0]} & set(self.double_entry))

    @property
    def key(self) -> str:
        """``ct01@66/2023``, or the id alone where the type has no versions."""
        return f"{self.id}@{self.form_version}" if self.form_version else self.id

    def field(self, field_id: str) -> FieldSpec | None:
        """The field of that id."""
        return next((field for field in self.fields if field.id == field_id), None)

    def value_spec(self, path: str) -> "FieldSpec | Column | None":
        """What is known of the value at a manifest's path: ``full_name``, ``members.0.dob``."""
        name, *cell = path.split(".")
        spec = self.field(name)
        if spec is None or not cell:
            return spec
        return next((column for column in spec.columns if column.id == cell[-1]), None)

    @model_validator(mode="after")
    def _consistent(self) -> "DocumentType":
        ids = [field.id for field in self.fields]
        if len(set(ids)) != len(ids):
            twice = next(one for one in ids if ids.count(one) > 1)
            raise PydanticCustomError("types.id_twice", "a field id occurs twice", {"id": twice})
        used = {name for f in self.fields for name in f.validators}
        used |= {name for f in self.fields for c in f.columns for name in c.validators}
        if unknown_checks := used - check_names():
            named = {"names": ", ".join(sorted(unknown_checks))}
            raise PydanticCustomError("types.unknown_validators", "unknown validators", named)
        if unknown := set(self.double_entry) - {*ids, EVERY_FIELD}:
            named = {"names": ", ".join(sorted(unknown))}
            raise PydanticCustomError("types.double_entry_fields", "no such fields", named)
        for rule in self.rules:
            columns = next((f.columns for f in self.fields if f.id == rule.table), ())
            known = {column.id for column in columns} if rule.table else set(ids)
            if unknown := set(rule.fields.values()) - known:
                named = {"rule": rule.rule, "names": ", ".join(sorted(unknown))}
                raise PydanticCustomError("types.rule_fields", "a rule names no field", named)
        return self


def parse(text: str, base: dict[str, Any] | None = None) -> DocumentType:
    """A document type from YAML text; ``base`` is the raw content of the file it extends.

    Raises:
        ConfigurationError: ``fields.bad_document_type``.
    """
    try:
        raw = yaml.safe_load(text)
        return DocumentType.model_validate(merged(base or {}, raw))
    except (yaml.YAMLError, ValueError, TypeError, AttributeError) as error:
        raise ConfigurationError("fields.bad_document_type") from error


@cache
def document_types() -> tuple[DocumentType, ...]:
    """Every type the project ships, in the order of their file names.

    Raises:
        ConfigurationError: ``fields.bad_document_type``.
    """
    raw = shipped()
    return tuple(_built(name, raw) for name in sorted(raw) if not raw[name].get("abstract"))


@cache
def shipped() -> dict[str, dict[str, Any]]:
    """The files the project ships, as YAML gives them, by name without its ending."""
    folder = files("schemas").joinpath("document_types")
    return {
        entry.name.removesuffix(".yaml"): parsed(entry)
        for entry in folder.iterdir()
        if entry.name.endswith(".yaml")
    }


def known_types(folder: Path | None = None) -> tuple[DocumentType, ...]:
    """The shipped types and those of ``folder`` (``*.yaml``), read again when a file changes.

    A type of the folder takes the place of a shipped one with the same key, and may extend any
    shipped file by its name.

    Raises:
        ConfigurationError: ``types.bad_file`` names the file.
    """
    if folder is None or not folder.is_dir():
        return document_types()
    own = sorted(path for path in folder.glob("*.yaml") if not path.name.startswith("."))
    return _known(tuple((path, path.stat().st_mtime_ns, path.stat().st_size) for path in own))


@lru_cache(maxsize=4)
def _known(own: tuple[tuple[Path, int, int], ...]) -> tuple[DocumentType, ...]:
    raw = dict(shipped())
    for path, *_ in own:
        try:
            raw[path.stem] = dict(yaml.safe_load(path.read_text("utf-8")))
        except (OSError, ValueError, TypeError, yaml.YAMLError) as error:
            raise ConfigurationError("types.bad_file", file=path.name) from error
    found = {t.key: t for t in document_types()}
    for path, *_ in own:
        if not raw[path.stem].get("abstract"):
            try:
                built = _built(path.stem, raw)
            except ConfigurationError as error:
                raise ConfigurationError("types.bad_file", file=path.name) from error
            found[built.key] = built
    return tuple(found.values())


def document_type(
    type_id: str, form_version: str | None = None, folder: Path | None = None
) -> DocumentType | None:
    """The type of that id and version, shipped or of ``folder``."""
    return next(
        (t for t in known_types(folder) if t.id == type_id and t.form_version == form_version),
        None,
    )


def _built(name: str, raw: dict[str, dict[str, Any]]) -> DocumentType:
    try:
        return DocumentType.model_validate(resolved(name, raw))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ConfigurationError("fields.bad_document_type") from error


def resolved(name: str, raw: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The content of file ``name`` with what it extends.

    Raises:
        KeyError: it extends a file that is not there.
        RecursionError: files extend each other in a ring.
    """
    own = raw[name]
    base = own.get("extends")
    return merged(resolved(base, raw) if base else {}, own)


def merged(base: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """``own`` laid over ``base``; of the base's fields those stay that are not replaced."""
    both = {**base, **own}
    both.pop("extends", None)
    both.pop("abstract", None)
    if "fields" in base and "fields" in own:
        replaced = {field["id"] for field in own["fields"]}
        drop = set(own.get("without", ()))
        kept = [f for f in base["fields"] if f["id"] not in replaced | drop]
        both["fields"] = [*kept, *own["fields"]]
    both.pop("without", None)
    return both
