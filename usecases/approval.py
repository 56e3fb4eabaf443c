"""A signer says that documents may be signed, or sends them back; what was sent on is reopened."""

from collections.abc import Sequence

from schemas.dossier import Stage
from schemas.errors import Conflict, NotFound
from schemas.work import DEFAULT_APPROVAL, ApprovalOptions
from storage import Document, Dossier, Ledger
from usecases.caller import Caller, Right
from usecases.scope import permit_dossier, reached


def awaiting(ledger: Ledger, dossier: Dossier, number: int | None = None) -> list[Document]:
    """The documents of a dossier that wait for a signer's word, or the one with that number."""
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
) -> Document:
    """The caller approves a document as they saw it; it goes on when its rule is fulfilled.

    Approving twice counts once.

    Args:
        caller: who approves.
        ledger: where it is kept.
        document_id: which document.
        seen: hash of the manifest that was shown.
        options: who approves what in this office.

    Raises:
        Conflict: it does not await approval with this manifest; ``storing.approver_reviewed``.
        NotAllowed, NotFound: the caller may not.
    """
    _, document = reached(caller, Right.approve, ledger, document_id)
    rule = options.rule(document.role)
    return ledger.approve(document.id, caller.name, manifest_sha256=seen, rule=rule)


def approve_waiting(
    caller: Caller,
    ledger: Ledger,
    dossier: Dossier,
    number: int | None = None,
    *,
    options: ApprovalOptions = DEFAULT_APPROVAL,
    seen: str = "",
) -> list[Document]:
    """The caller approves all documents of a dossier that wait for it, or one of them.

    Raises:
        Conflict: none waits, or as :func:`approve`; those before it are approved.
        NotAllowed, NotFound: the caller may not.
    """
    permit_dossier(caller, Right.approve, dossier)
    waiting = _waiting(ledger, dossier, number, seen)
    return [
        approve(caller, ledger, one.id, seen=one.manifest_sha256 or "", options=options)
        for one in waiting
    ]


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
        ledger.refuse_approval(one.id, reason, caller.name, based_on=one.manifest_sha256)
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


def document_of(ledger: Ledger, dossier: Dossier, number: int) -> Document:
    """The document with this number.

    Raises:
        NotFound: ``storing.no_document``.
    """
    for document in ledger.documents(dossier.id):
        if document.number == number:
            return document
    raise NotFound("storing.no_document")


def _waiting(ledger: Ledger, dossier: Dossier, number: int | None, seen: str) -> Sequence[Document]:
    found = awaiting(ledger, dossier, number)
    if not found:
        raise Conflict("flow.not_awaiting", dossier=dossier.code)
    for one in found:
        if not (one.manifest_sha256 or "").startswith(seen.lower()):
            raise Conflict("storing.decided_before", document=one.label)
    return found
