"""A person changes what a document is before it goes on: it is read again, or it is rejected.

The files stay as they came. Each act is one event that says what held before and what holds now,
and names the state that it was based on: of two that were made on the same state the first counts.
"""

import sqlalchemy as sa
from pydantic import JsonValue

from schemas.changes import NO_CHANGES, Changes
from schemas.dossier import Stage
from storage.approvals import because
from storage.chain import Writing
from storage.moves import decided_before, linked, move, stands_elsewhere, void_approvals
from storage.queries import document_by_id
from storage.records import Document, Sha256
from storage.rescan_tables import review_lease

TURNED, TYPE_CHANGED, PAGE_REPLACED = "page_turned", "type_changed", "page_replaced"
"""Kinds of events after which a document is read again."""
REJECTED = "rejected"
BY_PERSON = "flow.rejected_by_person"
"""The sentence of a document that a person rejected; their reason stands in a row of its own."""


def change(
    transaction: Writing,
    document_id: int,
    changes: Changes,
    kind: str,
    *,
    based_on: Sha256,
    actor: str,
    hash_after: Sha256 | None = None,
) -> Document:
    """See :meth:`storage.Ledger.change`; ``hash_after`` is that of a page that was scanned anew."""
    now = document_by_id(transaction.connection, document_id)
    if now.stage is Stage.received and now.changes == changes:
        return now  # said before
    expect_under_review(transaction, now, based_on)
    end_lease(transaction.connection, now.id)
    before = (now.changes or NO_CHANGES).model_dump(mode="json")
    after = changes.model_dump(mode="json")
    return move(
        transaction,
        now,
        {
            "stage": Stage.received.value,
            "manifest_sha256": None,
            "pdfa_sha256": None,
            "reading_sha256": None,
            "doubts": None,
            "changes": after,
        },
        kind=kind,
        actor=actor,
        hash_before=now.current_sha256,
        hash_after=hash_after or now.source_sha256,
        data={
            "from": now.stage.value,
            "to": Stage.received.value,
            "before": {**before, "read_as": now.document_type},
            "after": after,
            **void_approvals(transaction, now),
        },
    )


def reject(
    transaction: Writing, document_id: int, why: str, *, based_on: Sha256, actor: str
) -> Document:
    """See :meth:`storage.Ledger.reject_by_person`."""
    now = document_by_id(transaction.connection, document_id)
    if now.stage is Stage.rejected and now.error_code == BY_PERSON:
        return now
    expect_under_review(transaction, now, based_on)
    end_lease(transaction.connection, now.id)
    said: dict[str, JsonValue] = {"from": now.stage.value, "code": BY_PERSON}
    return move(
        transaction,
        now,
        {
            "stage": Stage.rejected.value,
            "failed_from": None,
            "error_code": BY_PERSON,
            "error_params": {},
        },
        kind=REJECTED,
        actor=actor,
        hash_before=now.current_sha256,
        hash_after=None,
        data={**said, **because(transaction, now, REJECTED, why, actor)},
    )


def expect_under_review(transaction: Writing, now: Document, based_on: Sha256) -> None:
    """See that a document is under review, with the manifest that was seen.

    Raises:
        Conflict: it is not, or it is linked to another.
    """
    if now.duplicate_of is not None:
        raise linked(transaction, now)
    if now.stage is Stage.received:
        raise stands_elsewhere(now, Stage.in_review)
    if now.stage is not Stage.in_review or now.manifest_sha256 != based_on:
        raise decided_before(now)


def end_lease(connection: sa.Connection, document_id: int) -> None:
    """Nobody has a document open for review any more: it went on."""
    connection.execute(sa.delete(review_lease).where(review_lease.c.document_id == document_id))
