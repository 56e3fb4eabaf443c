"""A signer says that documents may be signed, or sends them back; what was sent on is reopened."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from schemas.document_type import document_type
from schemas.dossier import Stage
from schemas.errors import Conflict, NotFound, SohoaError
from schemas.field import Table
from schemas.manifest import Manifest
from schemas.work import DEFAULT_APPROVAL, ApprovalOptions
from storage import Document, Dossier, InStead, Ledger
from usecases.caller import Caller, Right, permit
from usecases.dossiers import document_of, permit_dossier, reached
from usecases.unreadable import expect_no_rescan
from usecases.workspace import kept_manifest


def awaiting(ledger: Ledger, dossier: Dossier, number: int | None = None) -> list[Document]:
    """The documents of a dossier that wait for approval, or the one with that number."""
    return [
        document
        for document in ledger.documents(dossier.id)
        if document.stage is Stage.awaiting_approval
        and document.duplicate_of is None
        and number in {None, document.number}
    ]


def approve(
    caller: Caller,
    ledger: Ledger,
    document_id: int,
    *,
    seen: str,
    options: ApprovalOptions = DEFAULT_APPROVAL,
    types: Path | None = None,
    pages_seen: Collection[int] = (),
    why: str = "",
) -> Document:
    """The caller approves a document as they saw it; it goes on when its rule is fulfilled.

    Approving twice counts once.

    Args:
        caller: who approves.
        ledger: where it is kept.
        document_id: which document.
        seen: hash of the manifest that was shown.
        options: who approves what in this office.
        types: the folder of the office's own document types.
        pages_seen: numbers of the pages that were shown, for the event.
        why: why it is approved though a required field is empty; kept as a reason where one is.

    Raises:
        Conflict: it does not await approval with this manifest; ``storing.approver_reviewed``;
            ``storing.delegation_over``; ``flow.required_empty``, a required field has no value and
            no reason is given; ``usecase.rescan_waits``, something of it is to be scanned again.
        NotAllowed, NotFound: the caller may not.
    """
    dossier, document = reached(caller, Right.approve, ledger, document_id)
    expect_no_rescan(ledger, document)
    rule = options.rule(document.role)
    empty: tuple[str, ...] = ()
    if document.stage is Stage.awaiting_approval and document.manifest_sha256 == seen:
        empty = required_empty(kept_manifest(ledger, document), types)
    if empty and not why.strip():
        fields = ", ".join(empty)
        raise Conflict("flow.required_empty", document=document.label, fields=fields)
    return ledger.approve(
        document.id,
        caller.name,
        manifest_sha256=seen,
        rule=rule,
        pages_seen=_of_document(pages_seen, document),
        why=why if empty else "",
        stead=_stead(caller, dossier),
    )


def _stead(caller: Caller, dossier: Dossier) -> InStead | None:
    """In whose stead the caller approves or refuses what is of this dossier."""
    found = caller.in_stead(dossier.department)
    return InStead(delegation=found.delegation, name=found.name) if found else None


def required_empty(manifest: Manifest | None, types: Path | None) -> tuple[str, ...]:
    """Paths of the fields that the document's type requires, and that have no value.

    They were asked about, and a person said that nothing stands there, or nobody can read it. What
    was not looked for at all is no field of the manifest; the document as a whole was passed then.
    """
    if manifest is None:
        return ()
    known = document_type(manifest.document_type or "", manifest.form_version, types)
    if known is None:
        return ()
    required = {spec.id for spec in known.fields if spec.required}
    return tuple(
        name
        for name, value in manifest.fields.items()
        if name in required and not (value.rows if isinstance(value, Table) else value.value)
    )


def _of_document(pages: Collection[int], document: Document) -> tuple[int, ...]:
    return tuple(sorted(one for one in set(pages) if 1 <= one <= (document.pages or 0)))


def approve_waiting(
    caller: Caller,
    ledger: Ledger,
    dossier: Dossier,
    number: int | None = None,
    *,
    options: ApprovalOptions = DEFAULT_APPROVAL,
    types: Path | None = None,
    seen: str = "",
    why: str = "",
) -> list[Document]:
    """The caller approves all documents of a dossier that wait for it, or one of them.

    Raises:
        Conflict: none waits, or as :func:`approve`; those before it are approved.
        NotAllowed, NotFound: the caller may not.
    """
    permit_dossier(caller, Right.approve, dossier)
    waiting = _waiting(ledger, dossier, number, seen)
    return [
        approve(
            caller,
            ledger,
            one.id,
            seen=one.manifest_sha256 or "",
            options=options,
            types=types,
            why=why,
        )
        for one in waiting
    ]


@dataclass(frozen=True)
class Approved:
    """What became of one document of several that were approved together."""

    document_id: int
    stage: Stage | None = None
    """Where it stands now; None: it was refused."""
    error: SohoaError | None = None
    """Why it was refused."""


def approve_many(
    caller: Caller,
    ledger: Ledger,
    chosen: Mapping[int, str],
    *,
    options: ApprovalOptions = DEFAULT_APPROVAL,
    types: Path | None = None,
    pages_seen: Mapping[int, Collection[int]] | None = None,
) -> list[Approved]:
    """The caller approves many documents at once, each in a transaction of its own.

    One that is refused does not hold up the others. Cut off in between, the same call approves what
    is missing, and nothing twice.

    Args:
        caller: who approves.
        ledger: where it is kept.
        chosen: document id → hash of the manifest that was shown.
        options: who approves what in this office.
        types: the folder of the office's own document types.
        pages_seen: document id → numbers of the pages that were shown.

    Raises:
        NotAllowed: the caller approves nothing.
        ServiceUnavailable: the ledger does not answer; the same call goes on later.
    """
    permit(caller, Right.approve)
    results: list[Approved] = []
    for document_id, seen in chosen.items():
        try:
            now = approve(
                caller,
                ledger,
                document_id,
                seen=seen,
                options=options,
                types=types,
                pages_seen=(pages_seen or {}).get(document_id, ()),
            )
        except (Conflict, NotFound) as error:
            results.append(Approved(document_id=document_id, error=error))
        else:
            results.append(Approved(document_id=document_id, stage=now.stage))
    return results


def refuse(
    caller: Caller,
    ledger: Ledger,
    dossier: Dossier,
    number: int | None,
    reason: str,
    *,
    seen: str = "",
) -> list[Document]:
    """The caller refuses: the documents go back to review with a reason.

    Raises:
        Conflict: none waits for approval, or somebody else decided first.
        InputRejected: no reason is given.
        NotAllowed, NotFound: the caller may not.
    """
    permit_dossier(caller, Right.approve, dossier)
    return [
        ledger.refuse_approval(
            one.id,
            reason,
            caller.name,
            based_on=one.manifest_sha256,
            stead=_stead(caller, dossier),
        )
        for one in _waiting(ledger, dossier, number, seen)
    ]


def reopen(caller: Caller, ledger: Ledger, dossier: Dossier, number: int, reason: str) -> Document:
    """Send a document back to review, with a reason, before it is signed.

    Raises:
        Conflict: it was not digitised yet, or is signed already.
        InputRejected: no reason is given.
        NotAllowed, NotFound: the caller may not, or there is no such document.
    """
    permit_dossier(caller, Right.review, dossier)
    document = document_of(ledger, dossier, number)
    return ledger.reopen(document.id, reason, caller.name)


def _waiting(ledger: Ledger, dossier: Dossier, number: int | None, seen: str) -> Sequence[Document]:
    found = awaiting(ledger, dossier, number)
    if not found:
        raise Conflict("flow.not_awaiting", dossier=dossier.code)
    for one in found:
        if not (one.manifest_sha256 or "").startswith(seen.lower()):
            raise Conflict("storing.decided_before", document=one.label)
    return found
