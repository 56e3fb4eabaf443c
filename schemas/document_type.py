"""Document types as data: how one is recognised, which fields it has, where they lie.

One YAML file each under ``schemas/document_types/``, and in the folder where an office keeps its
own; adding a form touches no Python. A file may build on another by ``extends: NAME`` (its keys
win; fields with the same id are replaced); a file with ``abstract: true`` is only built upon.
:mod:`schemas.type_check` says what is wrong with a file, line by line.
"""

from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from schemas.errors import ConfigurationError
from schemas.field_spec import Block, Choice, Column, FieldSpec, Guessed, Names, PrintedLabel
from schemas.page import Frozen
from schemas.shipped_data import parsed
from schemas.validators.checks import check_names

__all__ = [
    "EVERY_FIELD",
    "Block",
    "Choice",
    "Column",
    "DocumentType",
    "FieldSpec",
    "Geometry",
    "Layout",
    "Names",
    "PrintedLabel",
    "Recognition",
    "Rule",
    "Sign",
    "document_type",
    "document_types",
    "known_types",
    "merged",
    "parse",
    "resolved",
    "shipped",
]

Layout = Literal["administrative", "form", "labelled"]
"""``administrative``: the boxes of Decree 30/2020, annex I. ``form``: printed labels at fixed
places. ``labelled``: printed labels wherever they stand, each with its value after or below it."""


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
    guessed: Guessed = ()

    @property
    def pages(self) -> int:
        """Pages of the form that hold something whose place is known."""
        numbers = [field.page for field in self.fields]
        numbers += [one.page for one in self.geometry.anchors] if self.geometry else []
        return max(numbers, default=1)

    def of_page(self, number: int) -> "DocumentType":
        """One page of the form as a form of one page."""
        fields = tuple(f.model_copy(update={"page": 1}) for f in self.fields if f.page == number)
        geometry = self.geometry
        if geometry is not None:
            own = [
                one.model_copy(update={"page": 1}) for one in geometry.anchors if one.page == number
            ]
            geometry = geometry.model_copy(update={"anchors": tuple(own)})
        return self.model_copy(update={"fields": fields, "geometry": geometry, "rules": ()})

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
