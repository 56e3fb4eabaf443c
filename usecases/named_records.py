"""A dossier as another system's record, by the names of its adapter (:mod:`schemas.record_names`).

What the adapter does not name is not looked up: a manifest is read only where it asks for a field.
What is not known is null, so that nobody takes a guess for a fact.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from pathlib import Path

from pydantic import JsonValue

from schemas.delivery import News
from schemas.dossier import Role, Stage
from schemas.errors import SohoaError
from schemas.field import Field
from schemas.manifest import Manifest
from schemas.procedure import Procedure
from schemas.record_names import Fact, Papers, Value
from storage import Document, Dossier, KeptObject, ObjectKind
from usecases.components import known_procedures
from usecases.type_names import type_names

_ROLES = {Papers.components: Role.component, Papers.results: Role.result}
_LISTED = frozenset(Stage) - {Stage.rejected, Stage.withdrawn, Stage.split_up, Stage.failed}
"""Stages of documents that a record lists."""


@dataclass(frozen=True)
class Change:
    """What is delivered: a change of a dossier."""

    delivery: str
    news: News
    number: int
    at: datetime
    document_id: int | None


@dataclass(frozen=True)
class Told:
    """A dossier of which something is told.

    Attributes:
        documents: all of them.
        manifest_of: gives a document's manifest, or raises that it cannot be had.
        names: of the departments, by identifier.
        successor: how a document is called in another dossier.
        codes: DocCodes of the documents' signed files, by their ids.
        types: the folder of the office's own document types.
        change: what is delivered; None: the record stands alone.
    """

    dossier: Dossier
    documents: Sequence[Document]
    objects: Sequence[KeptObject]
    zone: tzinfo
    manifest_of: Callable[[Document], Manifest]
    names: Mapping[str, str] = field(default_factory=dict)
    successor: Callable[[int], str] = str
    codes: Mapping[int, str] = field(default_factory=dict)
    types: Path | None = None
    change: Change | None = None

    @property
    def document(self) -> Document | None:
        """The one that the change is of."""
        wanted = self.change.document_id if self.change else None
        return next((one for one in self.documents if one.id == wanted), None)


def record_of(
    told: Told, names: Mapping[str, Value], document: Document | None = None
) -> dict[str, JsonValue]:
    """The record in these names.

    Args:
        told: the dossier.
        names: of the record; what each stands for.
        document: whose facts those of a document are; None: of the change, or unknown.
    """
    return {name: _value(told, value, document) for name, value in names.items()}


def _value(told: Told, value: Value, document: Document | None) -> JsonValue:
    if value.each is not None:
        listed = [
            one
            for one in told.documents
            if one.role is _ROLES[value.each] and one.stage in _LISTED and not one.split
        ]
        return [record_of(told, value.record, one) for one in listed]
    if value.field:
        return _called(value, _field(told, value.field, document))
    if value.fact is not None:
        return _called(value, _FACTS[value.fact](told, document or told.document), told.zone)
    return value.constant


def _called(value: Value, found: object, zone: tzinfo = UTC) -> JsonValue:
    """A value as the system writes it."""
    if found is None:
        return None
    if isinstance(found, datetime):
        local = found.astimezone(zone)
        return f"{local:{value.format}}" if value.format else local.isoformat(timespec="seconds")
    if isinstance(found, str) and value.part is not None:
        number, _, notation = found.partition("/")
        found = number if value.part == "number" else notation
    if value.values is not None:
        key = str(found).lower() if isinstance(found, bool) else str(found)
        return value.values.get(key, value.otherwise)
    return found if isinstance(found, (bool, int)) else str(found)


def _field(told: Told, names: Sequence[str], document: Document | None) -> str | None:
    """The first of these fields that a paper has: the document, else the components in order."""
    own = document or told.document
    papers = [own] if own else [one for one in told.documents if one.role is Role.component]
    for paper in papers:
        fields = _fields(told, paper)
        found = (fields.get(name) for name in names)
        for one in found:
            if isinstance(one, Field) and one.value:
                return one.value
    return None


def _fields(told: Told, document: Document) -> Mapping[str, object]:
    try:
        return told.manifest_of(document).fields
    except SohoaError:  # it is lost, or the store is away: null, and the rest is told all the same
        return {}


def _procedure(told: Told) -> Procedure | None:
    """The one procedure that the papers tell, if it is one."""
    known = known_procedures(told.documents)
    return known.procedures[0] if known and len(known.procedures) == 1 else None


def _stage(told: Told, document: Document) -> str:
    """Where the document came to by the change, whatever happened since; else where it is."""
    change = told.change
    if change is not None and change.document_id == document.id:
        return change.news.value
    return document.stage.value


def _type_name(told: Told, document: Document) -> str:
    return type_names(told.types, "vi").get(document.document_type or "", document.name)


def _path(told: Told, document: Document) -> str | None:
    for kept in told.objects:
        if document.owns(kept) and kept.kind is ObjectKind.signed:
            return f"{kept.bucket}/{kept.key}"
    return None


def _of_document(
    read: Callable[[Told, Document], object],
) -> Callable[[Told, Document | None], object]:
    return lambda told, document: None if document is None else read(told, document)


def _of_change(read: Callable[[Change], object]) -> Callable[[Told, Document | None], object]:
    return lambda told, _: None if told.change is None else read(told.change)


_FACTS: dict[Fact, Callable[[Told, Document | None], object]] = {
    Fact.delivery: _of_change(lambda change: change.delivery),
    Fact.news: _of_change(lambda change: change.news.value),
    Fact.number: _of_change(lambda change: change.number),
    Fact.at: _of_change(lambda change: change.at),
    Fact.dossier: lambda told, _: told.dossier.code,
    Fact.official_code: lambda told, _: None if told.dossier.provisional else told.dossier.code,
    Fact.first_code: lambda told, _: told.dossier.first_code,
    Fact.department: lambda told, _: told.dossier.department,
    Fact.department_name: lambda told, _: told.names.get(told.dossier.department),
    Fact.procedure: lambda told, _: one.code if (one := _procedure(told)) else None,
    Fact.procedure_name: lambda told, _: one.names.vi if (one := _procedure(told)) else None,
    Fact.received_at: lambda told, _: told.dossier.created_at,
    Fact.due_at: lambda told, _: told.dossier.due_at,
    Fact.stage: lambda told, _: told.dossier.stage.value,
    Fact.digitised: lambda told, _: any(
        one.role is Role.component and one.stage in _LISTED - {Stage.received}
        for one in told.documents
    ),
    Fact.document: _of_document(lambda _, one: one.number),
    Fact.document_label: _of_document(lambda _, one: one.label),
    Fact.document_code: _of_document(lambda told, one: told.codes.get(one.id)),
    Fact.document_role: _of_document(lambda _, one: one.role.value),
    Fact.document_type: _of_document(lambda _, one: one.document_type),
    Fact.document_type_name: _of_document(_type_name),
    Fact.document_stage: _of_document(_stage),
    Fact.document_file_name: _of_document(lambda _, one: one.name),
    Fact.document_pages: _of_document(lambda _, one: one.pages),
    Fact.document_sha256: _of_document(lambda _, one: one.signed_sha256),
    Fact.document_path: _of_document(_path),
    Fact.document_successor: _of_document(
        lambda told, one: told.successor(one.superseded_by) if one.superseded_by else None
    ),
}
