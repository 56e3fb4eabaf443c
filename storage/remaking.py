"""Work files that were lost or damaged: what the ledger says of a document goes back with them.

Nothing here touches what is stored, and every step back is an event. The caller has looked for the
file and did not find it whole.
"""

import sqlalchemy as sa

from schemas.dossier import Stage
from schemas.errors import Conflict
from storage.chain import Writing
from storage.moves import decided_before, linked, move, stands_elsewhere, void_approvals
from storage.queries import document_by_id
from storage.records import Document, ObjectKind, Sha256
from storage.tables import stored_object

REMADE, BEGUN_AGAIN, SIGNATURE_LOST = "remade", "begun_again", "signature_lost"
"""Kinds of events."""

_BEFORE_SIGNING = (
    Stage.digitised,
    Stage.in_review,
    Stage.awaiting_approval,
    Stage.ready_to_sign,
)


def remade(
    transaction: Writing, document_id: int, before: Sha256, after: Sha256, *, actor: str
) -> Document:
    """See :meth:`storage.Ledger.remade`."""
    now = _own(transaction, document_id)
    if now.stage in _BEFORE_SIGNING and now.pdfa_sha256 == after:
        return now
    if now.stage not in _BEFORE_SIGNING or now.pdfa_sha256 != before:
        raise stands_elsewhere(now, Stage.ready_to_sign)
    return move(
        transaction,
        now,
        {"pdfa_sha256": after},
        kind=REMADE,
        actor=actor,
        hash_before=before,
        hash_after=after,
        data={"file": "pdfa"},
    )


def begin_again(
    transaction: Writing, document_id: int, manifest_sha256: Sha256, *, lost: str, actor: str
) -> Document:
    """See :meth:`storage.Ledger.begin_again`."""
    now = _own(transaction, document_id)
    if now.manifest_sha256 != manifest_sha256:
        raise decided_before(now)
    if now.stage not in (*_BEFORE_SIGNING, Stage.signed):
        raise stands_elsewhere(now, Stage.ready_to_sign)
    _never_stored(transaction, now)
    return move(
        transaction,
        now,
        {
            "stage": Stage.received.value,
            "manifest_sha256": None,
            "pdfa_sha256": None,
            "signed_sha256": None,
            "reading_sha256": None,
            "doubts": None,
        },
        kind=BEGUN_AGAIN,
        actor=actor,
        hash_before=now.current_sha256,
        hash_after=now.source_sha256,
        data={
            "from": now.stage.value,
            "to": Stage.received.value,
            "file": lost,
            **void_approvals(transaction, now),
        },
    )


def signature_lost(
    transaction: Writing, document_id: int, signed_sha256: Sha256, *, actor: str
) -> Document:
    """See :meth:`storage.Ledger.signature_lost`."""
    now = _own(transaction, document_id)
    if now.stage is not Stage.signed or now.signed_sha256 != signed_sha256:
        raise stands_elsewhere(now, Stage.signed)
    _never_stored(transaction, now)
    return move(
        transaction,
        now,
        {"stage": Stage.ready_to_sign.value, "signed_sha256": None},
        kind=SIGNATURE_LOST,
        actor=actor,
        hash_before=signed_sha256,
        hash_after=now.pdfa_sha256,
        data={"from": now.stage.value, "to": Stage.ready_to_sign.value, "file": "signed"},
    )


def _own(transaction: Writing, document_id: int) -> Document:
    now = document_by_id(transaction.connection, document_id)
    if now.duplicate_of is not None:
        raise linked(transaction, now)
    return now


def _never_stored(transaction: Writing, now: Document) -> None:
    """A revision that left the machine is never signed a second time."""
    stored = sa.select(stored_object.c.id).where(
        stored_object.c.document_id == now.id,
        stored_object.c.kind.in_([ObjectKind.signed.value, ObjectKind.renewed.value]),
    )
    if transaction.connection.execute(stored).first() is not None:
        raise Conflict("storing.signature_stored", document=now.label)
