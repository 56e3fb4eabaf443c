"""From what was read and what people decided of it to the manifest that is signed beside the paper.

Pure: the same reading and the same decisions give the same manifest, byte for byte, whoever puts
them together and when.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path

from schemas.document_type import Column, DocumentType, FieldSpec, document_type
from schemas.errors import InputRejected
from schemas.field import Check, Field, FieldStatus, FieldValue, Reading, Table
from schemas.manifest import SEVERAL_DOCUMENTS, Manifest
from schemas.validators import checks_of, normalised
from schemas.work import DecisionKind
from storage import Decision, NewDecision
from usecases.audit_sample import PERSON

PARTS = "parts"
"""The path of the question whether a file is one document."""

_FIRM = {"date", "sex", "personal_number", "phone", "email"}
"""Checks that a typed value must pass."""
_UNREADABLE = Check(name="readable", passed=False, blocking=False)
"""Kept with a field of which a person said that nobody can read it."""
_OF_FIELDS = {
    DecisionKind.value,
    DecisionKind.confirmed,
    DecisionKind.missing,
    DecisionKind.unreadable,
}


def doubts_of(manifest: Manifest, pass_unseen: Collection[str] = ()) -> tuple[str, ...]:
    """Paths of everything that a person must settle of a reading.

    Doubtful fields by their path, pages that were not read as ``pages.7``, why the document as a
    whole is asked about by the code of its sentence, and :data:`PARTS`.
    """
    pages = [f"pages.{number}" for number in manifest.unread()]
    parts = [PARTS] if manifest.undecided() else []
    return (*manifest.doubtful(), *pages, *manifest.asks(pass_unseen), *parts)


def expect_decidable(manifest: Manifest, new: NewDecision, types: Path | None) -> None:
    """See that a decision is one on this reading.

    Raises:
        InputRejected: there is no such path, the kind does not go with it, or the value cannot be
            one of that field.
    """
    fields = dict(manifest.walk())
    if new.path in fields:
        fits = new.kind in _OF_FIELDS
    elif new.path == PARTS:
        fits = new.kind is DecisionKind.together and manifest.undecided()
    else:
        pages = {f"pages.{page.number}" for page in manifest.pages}
        fits = new.kind is DecisionKind.seen and new.path in {*pages, *manifest.asks()}
    if not fits or (new.value is not None) is not (new.kind is DecisionKind.value):
        raise InputRejected("flow.unknown_field", field=new.path, known=", ".join(sorted(fields)))
    if new.kind is DecisionKind.value:
        tried(manifest, new.path, new.value or "", types)


def tried(manifest: Manifest, path: str, text: str, types: Path | None) -> Field:
    """The field at ``path`` as it would be with what a person typed, and the checks it passes.

    Raises:
        InputRejected: there is no such field, or the text cannot be a value of it.
    """
    fields = dict(manifest.walk())
    if path not in fields:
        raise InputRejected("flow.unknown_field", field=path, known=", ".join(sorted(fields)))
    known = document_type(manifest.document_type or "", manifest.form_version, types)
    return _checked(known, path, fields[path], text)


def composed(
    manifest: Manifest, decided: Iterable[Decision | NewDecision], types: Path | None
) -> Manifest:
    """The manifest with what people decided; the reading stays in each field's ``readers``.

    Args:
        manifest: as it was read.
        decided: one decision a path at most; a later one takes the place of an earlier one.
        types: the folder of the office's own document types.

    Raises:
        InputRejected: a value cannot be one of its field.
    """
    known = document_type(manifest.document_type or "", manifest.form_version, types)
    said = {one.path: one for one in decided}

    def field(path: str, before: Field) -> Field:
        return _as_said(known, path, before, said[path]) if path in said else before

    update: dict[str, object] = {"fields": _each_field(manifest.fields, field)}
    if PARTS in said and manifest.undecided():
        left = tuple(code for code in manifest.warnings if code != SEVERAL_DOCUMENTS)
        update |= {"parts": (), "warnings": left}
    return manifest.model_copy(update=update)


def _each_field(
    fields: Mapping[str, FieldValue], change: Callable[[str, Field], Field]
) -> dict[str, FieldValue]:
    changed: dict[str, FieldValue] = {}
    for name, value in fields.items():
        if isinstance(value, Table):
            rows = tuple(
                {column: change(f"{name}.{index}.{column}", cell) for column, cell in row.items()}
                for index, row in enumerate(value.rows)
            )
            changed[name] = Table(rows=rows)
        else:
            changed[name] = change(name, value)
    return changed


def _as_said(
    known: DocumentType | None, path: str, before: Field, said: Decision | NewDecision
) -> Field:
    if said.kind is DecisionKind.value:
        return _checked(known, path, before, said.value or "")
    if said.kind is DecisionKind.passed:
        status = FieldStatus.accepted if before.value else FieldStatus.missing
        return before.model_copy(update={"status": status, "reasons": ()})
    if said.kind is DecisionKind.confirmed:  # one without a value is missing, they say
        return _typed(before, before.value or "")
    left = _typed(before, "")
    if said.kind is DecisionKind.unreadable:
        return left.model_copy(update={"checks": (*before.checks, _UNREADABLE)})
    return left


def _checked(known: DocumentType | None, path: str, before: Field, text: str) -> Field:
    """The field with what a person typed, in the form the manifest keeps (dates ISO 8601).

    A person's word stands, also where it breaks a rule (the failed check is kept): only what cannot
    be a date, a sex, a personal number, a telephone or an e-mail at all is refused.

    Raises:
        InputRejected: it cannot be a value of this field.
    """
    spec = _spec(known, path)
    if spec is None or not text:
        return _typed(before, text)
    value = normalised(spec.type, text)
    if value is None:
        raise InputRejected("flow.invalid_value", field=path, rule=spec.type.value)
    checks = checks_of(spec.type, value, spec.validators)
    failed = [check.name for check in checks if check.name in _FIRM and not check.passed]
    if failed:
        raise InputRejected("flow.invalid_value", field=path, rule=failed[0])
    return _typed(before, value).model_copy(update={"checks": checks})


def _spec(known: DocumentType | None, path: str) -> FieldSpec | Column | None:
    """What the document's type says of the field at ``path``."""
    name, _, cell = path.partition(".")
    spec = known.field(name) if known else None
    if spec is None or not cell:
        return spec
    column = cell.partition(".")[2]
    return next((one for one in spec.columns if one.id == column), None)


def _typed(before: Field, value: str) -> Field:
    """The field with the value a person typed; an empty one says that nothing stands there."""
    reading = Reading(reader=PERSON, text=value, confidence=1.0)
    return before.model_copy(
        update={
            "value": value or None,
            "confidence": 1.0,
            "status": FieldStatus.accepted if value else FieldStatus.missing,
            "readers": (*before.readers, reading),
            "reasons": (),
        }
    )
