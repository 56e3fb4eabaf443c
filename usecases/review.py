"""A person settles the doubts of a dossier; the flow then goes on by itself."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import JsonValue

from schemas.document_type import Column, DocumentType, FieldSpec, document_type
from schemas.dossier import Stage
from schemas.errors import Conflict, InputRejected
from schemas.field import Field, FieldStatus, FieldValue, Reading, Table
from schemas.manifest import SEVERAL_DOCUMENTS, Manifest
from schemas.validators import checks_of, normalised
from storage import Document, Dossier, Ledger, Settlement
from usecases.attachments import cover_alone
from usecases.caller import Caller, Right
from usecases.dossiers import permit_dossier
from usecases.workspace import Workspace, load_manifest

PERSON = "person"
"""The reader's name where a value was typed or confirmed by a person."""


_FIRM = {"date", "sex", "personal_number", "phone", "email"}
"""Checks that a typed value must pass."""


@dataclass(frozen=True)
class Assignment:
    """``--set 2/full_name=…``: a value for a field; ``number`` None where only one has it."""

    number: int | None
    path: str
    value: str

    @classmethod
    def parse(cls, text: str) -> "Assignment":
        """From ``FIELD=VALUE`` or ``NUMBER/FIELD=VALUE``.

        Raises:
            InputRejected: it is not written like that.
        """
        target, equals, value = text.partition("=")
        number, slash, path = target.strip().rpartition("/")
        if not equals or not path or (slash and not number.isdecimal()):
            raise InputRejected("flow.bad_assignment")
        return cls(int(number) if slash else None, path, " ".join(value.split()))


@dataclass(frozen=True)
class Doubt:
    """A document under review and its manifest."""

    document: Document
    manifest: Manifest


def doubts(ledger: Ledger, work: Path, dossier: Dossier, number: int | None = None) -> list[Doubt]:
    """The documents of ``dossier`` that wait for a person, or the one with that ``number``."""
    return [
        Doubt(document, load_manifest(Workspace(work / str(document.id)), document, ledger))
        for document in ledger.documents(dossier.id)
        if document.stage is Stage.in_review
        and document.duplicate_of is None
        and number in {None, document.number}
    ]


def settle(
    caller: Caller,
    ledger: Ledger,
    work: Path,
    dossier: Dossier,
    assignments: Sequence[Assignment],
    *,
    accept: bool,
    number: int | None = None,
    keep_together: bool = False,
    types: Path | None = None,
    pass_unseen: Collection[str] = (),
    seen: str = "",
) -> list[Document]:
    """Apply what a person decided and send the documents on to signing.

    Nothing is changed unless every doubt of every document is settled: by an assignment, or all
    others by ``accept``. The reading as it was stays in the field's ``readers`` and ``raw``.
    ``number`` is that of the one document to settle. Whether a file is one document is settled by
    ``keep_together`` alone, or by :func:`usecases.splitting.split_by_person`. ``types`` is the
    folder of the office's own document types, ``pass_unseen`` as for :meth:`Manifest.asks`, and
    ``seen`` as for :func:`see_the_same`.

    Raises:
        NotAllowed: the caller settles no doubts.
        NotFound: the dossier is not theirs.
        Conflict: nothing is under review, or doubts would remain.
        InputRejected: an assignment names no field, or one of several documents, or its value
            cannot be one of that field.
    """
    permit_dossier(caller, Right.review, dossier)
    waiting = doubts(ledger, work, dossier, number)
    if not waiting:
        raise nothing_waits(ledger, dossier, number)
    see_the_same(waiting, seen)
    changes = _by_document(waiting, assignments)
    several = [one.document for one in waiting if one.manifest.undecided()]
    if several and not keep_together:
        example = f"{dossier.code}/{several[0].number}"
        raise Conflict("flow.split_undecided", count=len(several), document=example)
    decided = [
        (doubt.document, _decide(doubt.manifest, changes[doubt.document.id], accept, types))
        for doubt in waiting
    ]
    left = [
        f"{document.number}/{path}"
        for document, manifest in decided
        for path in (*manifest.doubtful(), *([] if accept else _unseen(manifest, pass_unseen)))
    ]
    if left:
        raise Conflict("flow.still_doubtful", count=len(left), fields=", ".join(left))
    settlements = []
    for document, manifest in decided:
        if cover_alone(manifest):
            continue
        said: dict[str, JsonValue] = {
            "set": list[JsonValue](sorted(changes[document.id])),
            "decision": secrets.token_hex(8),
        }
        if document in several:
            said["kept_together"] = True
        settlements.append(
            Settlement(
                document_id=document.id,
                manifest=Workspace(work / str(document.id)).keep_manifest(manifest),
                based_on=document.manifest_sha256 or "",
                data=said,
            )
        )
    settled = ledger.settle_all(settlements, caller.name)
    covers = [one for one in decided if cover_alone(one[1])]
    return settled + [_kept_unsigned(ledger, work, *one, caller.name) for one in covers]


def _kept_unsigned(
    ledger: Ledger, work: Path, document: Document, manifest: Manifest, actor: str
) -> Document:
    """A portfolio whose page is a cover is stored as it is: its papers are documents already."""
    ledger.split(
        document.id,
        (),
        actor,
        manifest=Workspace(work / str(document.id)).keep_manifest(manifest),
        based_on=document.manifest_sha256,
        decision=secrets.token_hex(8),
        media_type=manifest.source.media_type,
        pages=len(manifest.pages),
        left_out=document.source_pages or tuple(range(1, len(manifest.pages) + 1)),
    )
    return ledger.document(document.id)


def see_the_same(waiting: Sequence[Doubt], seen: str) -> None:
    """See that documents are what the person saw, where they said it.

    Args:
        waiting: the documents that are decided on.
        seen: how the hash of the manifest began that was shown to them.

    Raises:
        Conflict: ``storing.decided_before``.
    """
    for one in waiting:
        if not (one.document.manifest_sha256 or "").startswith(seen.lower()):
            raise Conflict("storing.decided_before", document=one.document.label)


def nothing_waits(ledger: Ledger, dossier: Dossier, number: int | None) -> Conflict:
    """Why nothing is under review: somebody else decided, or nothing ever was in doubt."""
    decided = {one.document_id for one in ledger.events(dossier.id) if one.kind == "reviewed"}
    for document in ledger.documents(dossier.id):
        if number in {None, document.number} and (document.id in decided or document.split):
            return Conflict("flow.decided_already", document=f"{dossier.code}/{document.number}")
    return Conflict("flow.not_in_review", dossier=dossier.code)


def _unseen(manifest: Manifest, pass_unseen: Collection[str]) -> list[str]:
    """What only ``accept`` settles: pages without words, a type that is not known, and the like."""
    codes = (code.partition(".")[2] for code in manifest.asks(pass_unseen))
    return [*(f"pages.{number}" for number in manifest.unread()), *codes]


def _by_document(
    waiting: Sequence[Doubt], assignments: Sequence[Assignment]
) -> dict[int, dict[str, str]]:
    """Document id → path → value."""
    known = {doubt.document.id: {path for path, _ in doubt.manifest.walk()} for doubt in waiting}
    changes: dict[int, dict[str, str]] = {document_id: {} for document_id in known}
    for one in assignments:
        matching = [
            doubt.document
            for doubt in waiting
            if one.path in known[doubt.document.id] and one.number in {None, doubt.document.number}
        ]
        if not matching:
            names = ", ".join(sorted(set().union(*known.values())))
            raise InputRejected("flow.unknown_field", field=one.path, known=names)
        if len(matching) > 1:
            example = f"{matching[0].number}/{one.path}"
            raise InputRejected("flow.ambiguous_field", field=one.path, example=example)
        changes[matching[0].id][one.path] = one.value
    return changes


def _decide(
    manifest: Manifest, changes: dict[str, str], accept: bool, types: Path | None
) -> Manifest:
    known = document_type(manifest.document_type or "", manifest.form_version, types)

    def field(path: str, before: Field) -> Field:
        if path in changes:
            return _checked(known, path, before, changes[path])
        if accept and before.status is FieldStatus.review:
            return _confirmed(before)
        return before

    fields: dict[str, FieldValue] = {}
    for name, value in manifest.fields.items():
        if isinstance(value, Table):
            rows = tuple(
                {column: field(f"{name}.{index}.{column}", cell) for column, cell in row.items()}
                for index, row in enumerate(value.rows)
            )
            fields[name] = Table(rows=rows)
        else:
            fields[name] = field(name, value)
    update: dict[str, object] = {"fields": fields}
    if manifest.undecided():  # a person kept it together
        left = tuple(code for code in manifest.warnings if code != SEVERAL_DOCUMENTS)
        update |= {"parts": (), "warnings": left}
    return manifest.model_copy(update=update)


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


def _confirmed(before: Field) -> Field:
    """The field as read, with a person's word for it; one without a value is missing, they say."""
    return _typed(before, before.value or "")
