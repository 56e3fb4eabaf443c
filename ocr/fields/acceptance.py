"""Whether a value is accepted, how sure it is, and why a person looks: one policy, all layouts.

Readers and rules bring :class:`~ocr.fields.evidence.Evidence`. Here, and nowhere else, it becomes a
field:

- a failed firm check is never outvoted: a person looks, and every such check is a reason;
- readers that share nothing must agree, by a check that says so;
- what a text layer, a code, a signature or a certificate says needs no second reader;
- everything else is as sure as the model of its layout says, and is accepted from the threshold
  that keeps to ``reading.wanted_error`` on.
"""

import hashlib
from collections.abc import Callable, Mapping
from typing import NamedTuple

from ocr.fields.calibration import Calibration
from ocr.fields.evidence import TYPE_KNOWN, Evidence, EvidenceTable, Found, firm_failures
from ocr.fields.features import features_of, written_by_pen
from ocr.fields.sureness import (
    AGREEMENT,
    CONTRADICTED,
    DECISIVE,
    LONE,
    RECOGNISING,
)
from schemas.document_type import Column, DocumentType, FieldSpec
from schemas.field import Check, Field, FieldStatus, FieldValue, Table, reasons_of

UNSURE = "reasons.unsure"
NOTHING_READ = "reasons.nothing_read"


class Policy(NamedTuple):
    """What was fitted for the layout at hand, and what the office wants."""

    model: Calibration
    wanted: float
    """Of the accepted values, so many may be wrong."""


def decide(evidence: Evidence, policy: Policy, spec: FieldSpec | Column | None = None) -> Field:
    """The field that follows from ``evidence``: its confidence, its status, the reasons for it.

    Args:
        evidence: what the readers brought.
        policy: by which it is decided.
        spec: what the document's type says of the field; None: nothing.
    """
    field = Field(
        value=evidence.value,
        raw=evidence.raw,
        status=FieldStatus.review,
        page=evidence.page,
        box=evidence.box,
        readers=evidence.readings,
        checks=evidence.checks,
    )
    if evidence.value is None:
        return _without_value(field, required=evidence.required)
    spec = spec or Column(id="value", type=evidence.kind)
    sure, enough = _weighed(field, spec, policy)
    reasons = _reasons(field, enough=enough)
    if any(check.name == TYPE_KNOWN and not check.passed for check in field.checks):
        sure *= CONTRADICTED
    status = FieldStatus.review if reasons else FieldStatus.accepted
    update = {"confidence": round(min(sure, 1.0), 4), "status": status, "reasons": reasons}
    return field.model_copy(update=update)


def decided(
    found: Mapping[str, Found], policy: Policy, spec: DocumentType | None = None
) -> dict[str, FieldValue]:
    """All fields of a document, cells of tables among them."""
    fields: dict[str, FieldValue] = {}
    for name, evidence in found.items():
        known = spec.field(name) if spec else None
        if isinstance(evidence, EvidenceTable):
            columns = {column.id: column for column in known.columns} if known else {}
            rows = tuple(
                {key: decide(cell, policy, columns.get(key)) for key, cell in row.items()}
                for row in evidence.rows
            )
            fields[name] = Table(rows=rows)
        else:
            fields[name] = decide(evidence, policy, known)
    return fields


def _without_value(field: Field, *, required: bool) -> Field:
    """Something that cannot be read, or nothing: missing, but where something must stand."""
    if field.raw is not None:
        return field.model_copy(update={"reasons": reasons_of(field.checks)})
    if required:
        reasons = (NOTHING_READ, *reasons_of(field.checks))
        return field.model_copy(update={"reasons": reasons})
    return field.model_copy(update={"status": FieldStatus.missing})


def _weighed(field: Field, spec: FieldSpec | Column, policy: Policy) -> tuple[float, bool]:
    """How sure the value is, and whether that is enough."""
    told = [r.confidence for r in field.readers if r.reader in DECISIVE]
    known = [r.confidence for r in field.readers if r.reader in RECOGNISING]
    if told or known:
        sure = max(told or known)
        spoken_against = bool(firm_failures(field.checks))
        enough = bool(told) or sure >= 1 - LONE * policy.wanted
        return sure * CONTRADICTED if spoken_against else sure, enough
    features = features_of(spec, field)
    if features is None:  # nobody read it
        return 0.0, False
    model = policy.model.written(spec.type, by_pen=written_by_pen(field))
    sure = model.confidence(features)
    return sure, _agreed(field) and sure >= model.threshold(spec.type, policy.wanted)


def _agreed(field: Field) -> bool:
    return any(check.name in AGREEMENT and check.passed for check in field.checks)


def _reasons(field: Field, *, enough: bool) -> tuple[str, ...]:
    """Why a person looks; empty where nobody has to."""
    if failed := reasons_of(field.checks):
        return failed
    # what speaks against it without forbidding
    return () if enough else (UNSURE, *reasons_of(field.checks, blocking=False))


def audited(fields: Mapping[str, FieldValue], seed: str, share: float) -> dict[str, FieldValue]:
    """A share of the accepted fields sent to a person all the same, with the check ``audit``.

    Which ones follows from ``seed`` (the document's hash) and the field's path, so that doing it
    twice is doing it once, and nobody can tell beforehand.
    """
    if share <= 0:
        return dict(fields)

    def one(path: str, field: Field) -> Field:
        drawn = int.from_bytes(hashlib.sha256(f"{seed}/{path}".encode()).digest()[:6], "big")
        if field.status is not FieldStatus.accepted or drawn >= share * 2**48:
            return field
        audit = Check(name="audit", passed=False, blocking=False)
        checks, reasons = (*field.checks, audit), (f"reasons.{audit.name}",)
        return field.model_copy(
            update={"status": FieldStatus.review, "checks": checks, "reasons": reasons}
        )

    return {name: _each(name, value, one) for name, value in fields.items()}


def _each(name: str, value: FieldValue, change: Callable[[str, Field], Field]) -> FieldValue:
    if isinstance(value, Field):
        return change(name, value)
    rows = tuple(
        {key: change(f"{name}.{n}.{key}", cell) for key, cell in row.items()}
        for n, row in enumerate(value.rows)
    )
    return Table(rows=rows)
