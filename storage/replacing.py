"""A new scan in the place of a page, or of a whole document; the old ones stay as they are."""

from typing import Any

import sqlalchemy as sa
from pydantic import Field

from schemas.changes import NO_CHANGES, NewPage
from schemas.dossier import Stage
from schemas.page import Frozen
from storage import manifests
from storage.chain import Writing
from storage.changing import PAGE_REPLACED, change, end_lease, expect_under_review
from storage.intake import DESK, enter, next_number
from storage.moves import move, refresh_dossier
from storage.queries import document_by_id
from storage.records import Document, Sha256
from storage.tables import claim

SCANNED_AGAIN = "scanned_again"
"""The kind of the event that a document gives its place to a new scan of it."""


class NewScan(Frozen):
    """A scan that is in the store already, held under its claim."""

    claim_id: str
    name: str = Field(description="given by the desk; what the sender called it is not kept")
    sha256: Sha256
    size: int = Field(description="in bytes")
    media_type: str
    manifest: bytes = Field(repr=False, description="of the scan as a file; where it is a page")


def replace(
    transaction: Writing,
    document_id: int,
    page: int | None,
    scan: NewScan,
    actor: str,
    *,
    based_on: Sha256,
) -> tuple[int, Document]:
    """Enter ``scan`` in the dossier of a document under review, in its place or that of a page.

    A page's scan is kept like one that was split: its original is stored, it is never signed; the
    document is read again with it. A document's scan is a document like others; the old one is
    kept like one that was split, and names it as its successor.

    Returns:
        The id of the document that keeps the new scan, and the document that is read now.

    Raises:
        Conflict: the document is not under review, with that manifest, any more.
    """
    now = document_by_id(transaction.connection, document_id)
    expect_under_review(transaction, now, based_on)
    kept = _entered(transaction, now, scan, actor, of_page=page is not None)
    if page is None:
        end_lease(transaction.connection, now.id)
        move(
            transaction,
            now,
            {"stage": Stage.split_up.value, "split": True, "superseded_by": kept.id},
            kind=SCANNED_AGAIN,
            actor=actor,
            hash_before=now.source_sha256,
            hash_after=scan.sha256,
            data={"from": now.stage.value, "to": Stage.split_up.value, "by": kept.id},
        )
        read = kept
    else:
        of_scan = now.source_pages[page - 1] if now.source_pages else page
        new = NewPage(document=kept.id, sha256=scan.sha256)
        changes = (now.changes or NO_CHANGES).replace(of_scan, new)
        read = change(
            transaction, now.id, changes, PAGE_REPLACED, based_on=based_on, actor=actor,
            hash_after=scan.sha256,
        )  # fmt: skip
    refresh_dossier(transaction, now.dossier_id)
    return kept.id, document_by_id(transaction.connection, read.id)


def _entered(
    transaction: Writing, now: Document, scan: NewScan, actor: str, *, of_page: bool
) -> Document:
    """The scan as a document of the dossier, with a claim of its own."""
    connection = transaction.connection
    connection.execute(
        sa.insert(claim).values(
            claim_id=scan.claim_id,
            dossier_id=now.dossier_id,
            folder="",
            inbox=DESK,
            created_at=transaction.now,
        )
    )
    transaction.append(
        "claimed", actor, dossier_id=now.dossier_id, data={"claim": scan.claim_id, "files": 1}
    )
    values: dict[str, Any] = {
        "dossier_id": now.dossier_id,
        "number": next_number(connection, now.dossier_id),
        "role": now.role.value,
        "name": scan.name,
        "claim_id": scan.claim_id,
        "relative": scan.name,
        "source_sha256": scan.sha256,
        "source_bytes": scan.size,
        "media_type": scan.media_type,
        "stage": Stage.received.value,
        "error_params": {},
        "created_at": transaction.now,
        "updated_at": transaction.now,
    }
    kept = enter(transaction, values, actor)
    if not of_page:
        return kept
    return move(
        transaction,
        kept,
        {
            "stage": Stage.split_up.value,
            "split": True,
            "pages": 1,
            "manifest_sha256": manifests.keep(connection, kept.id, scan.manifest),
        },
        kind="page_kept",
        actor=actor,
        hash_before=scan.sha256,
        hash_after=scan.sha256,
        data={"from": Stage.received.value, "to": Stage.split_up.value, "of": now.id},
    )
