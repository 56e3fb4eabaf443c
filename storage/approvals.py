"""A signer approves a document or not; documents are reopened, withdrawn, superseded."""

from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa
from pydantic import JsonValue

from schemas.dossier import Stage
from schemas.errors import Conflict, InputRejected
from schemas.work import ApprovalRule
from storage import delegations, marks
from storage.chain import Writing
from storage.decisions import reviewers
from storage.moves import (
    DECIDED,
    decided_before,
    linked,
    move,
    stands_elsewhere,
    void_approvals,
)
from storage.queries import document_by_id, dossier_by_id
from storage.records import Approval, Document, Dossier, InStead, Reason, Sha256, voices
from storage.tables import approval, as_text, dossier, event, reason

APPROVED, REFUSED, REOPENED, WITHDRAWN = "approved", "approval_refused", "reopened", "withdrawn"
"""Kinds of events; those of reasons are the same."""

_APPROVALS = (
    sa.select(approval)
    .where(approval.c.document_id == sa.bindparam("document"))
    .order_by(approval.c.id)
)
_REASON = tuple(reason.c[name] for name in Reason.model_fields)


def approvals(connection: sa.Connection, document_id: int) -> list[Approval]:
    """Every approval of a document, void ones among them."""
    rows = connection.execute(_APPROVALS, {"document": document_id}).mappings()
    return [Approval(**row) for row in rows]


def reasons(connection: sa.Connection, document_id: int) -> list[Reason]:
    """Why a document was sent back or withdrawn, oldest first."""
    query = sa.select(*_REASON).where(reason.c.document_id == document_id).order_by(reason.c.id)
    return [Reason(**row) for row in connection.execute(query).mappings()]


def approve(
    transaction: Writing,
    document_id: int,
    manifest_sha256: Sha256,
    *,
    rule: ApprovalRule,
    actor: str,
    pages_seen: Collection[int] = (),
    why: str = "",
    stead: InStead | None = None,
) -> Document:
    """See :meth:`storage.Ledger.approve`."""
    connection = transaction.connection
    now = _own(transaction, document_id)
    valid = [one for one in approvals(connection, now.id) if not one.void]
    if any(one.made_by == actor and one.manifest_sha256 == manifest_sha256 for one in valid):
        return now  # said before
    if now.stage is not Stage.awaiting_approval:
        known = now.stage in DECIDED or now.stage is Stage.in_review
        raise decided_before(now) if known else stands_elsewhere(now, Stage.awaiting_approval)
    if now.manifest_sha256 != manifest_sha256:
        raise decided_before(now)
    _see_delegated(transaction, now, stead)
    behind = {actor} | ({stead.name} if stead else set())
    if rule is ApprovalRule.four_eyes and behind & _reviewers(connection, now):
        raise Conflict("storing.approver_reviewed", document=now.label)
    data = _entered(transaction, now, manifest_sha256, actor, stead)
    if pages_seen:
        data["pages_seen"] = list[JsonValue](sorted(set(pages_seen)))
    if why.strip():
        data |= because(transaction, now, APPROVED, why, actor)
    if voices(approvals(connection, now.id)) < rule.signers:
        transaction.append(
            APPROVED,
            actor,
            dossier_id=now.dossier_id,
            document_id=now.id,
            hash_after=manifest_sha256,
            data=data,
        )
        return now
    return move(
        transaction,
        now,
        {"stage": Stage.ready_to_sign.value},
        kind=APPROVED,
        actor=actor,
        hash_before=now.manifest_sha256,
        hash_after=manifest_sha256,
        data={**data, "from": now.stage.value, "to": Stage.ready_to_sign.value},
    )


def _entered(
    transaction: Writing, now: Document, manifest_sha256: Sha256, actor: str, stead: InStead | None
) -> dict[str, JsonValue]:
    """Write down an approval; what the event says of it."""
    made: int = transaction.connection.execute(
        sa.insert(approval)
        .values(
            document_id=now.id,
            manifest_sha256=manifest_sha256,
            made_by=actor,
            made_at=transaction.now,
            made_for=stead.name if stead else None,
        )
        .returning(approval.c.id)
    ).scalar_one()
    said: dict[str, JsonValue] = {"id": made, "manifest": manifest_sha256}
    return {"approval": said | _told_of(stead), **_told_of(stead)}


def _reviewers(connection: sa.Connection, now: Document) -> set[str]:
    """Who decided what the manifest says, and who said that its review was finished."""
    finished = sa.select(event.c.actor).where(
        event.c.document_id == now.id,
        event.c.kind == "reviewed",
        event.c.hash_after == now.manifest_sha256,
    )
    return reviewers(connection, now) | set(connection.execute(finished).scalars())


def _see_delegated(transaction: Writing, now: Document, stead: InStead | None) -> None:
    """See that a delegation stands, for the department of the document.

    Raises:
        Conflict: ``storing.delegation_over``.
    """
    if stead is None:
        return
    found = delegations.standing(transaction.connection, stead.delegation, transaction.now)
    units = found.departments if found else frozenset()
    unit = dossier_by_id(transaction.connection, now.dossier_id).department
    if units is not None and unit not in units:
        raise Conflict("storing.delegation_over", document=now.label)


def _told_of(stead: InStead | None) -> dict[str, JsonValue]:
    return {} if stead is None else {"for": stead.name, "delegation": stead.delegation}


def send_back(
    transaction: Writing,
    document_id: int,
    kind: str,
    why: str,
    *,
    based_on: Sha256 | None,
    actor: str,
    stead: InStead | None = None,
) -> Document:
    """See :meth:`storage.Ledger.refuse_approval` and :meth:`storage.Ledger.reopen`."""
    now = _own(transaction, document_id)
    _see_delegated(transaction, now, stead)
    if based_on is not None and now.manifest_sha256 != based_on:
        raise decided_before(now)
    if kind == REOPENED and now.stage is Stage.in_review:
        return now
    from_stages = {Stage.awaiting_approval} | ({Stage.ready_to_sign} if kind == REOPENED else set())
    if now.stage not in from_stages:
        known = now.stage in DECIDED or now.stage is Stage.in_review
        raise decided_before(now) if known else stands_elsewhere(now, Stage.awaiting_approval)
    base = now.reading_sha256 or now.manifest_sha256
    return move(
        transaction,
        now,
        {"stage": Stage.in_review.value, "manifest_sha256": base},
        kind=kind,
        actor=actor,
        hash_before=now.manifest_sha256,
        hash_after=base,
        data={
            "from": now.stage.value,
            "to": Stage.in_review.value,
            **void_approvals(transaction, now),
            **because(transaction, now, kind, why, actor),
            **_told_of(stead),
        },
    )


def withdraw(
    transaction: Writing, document_id: int, why: str, *, by: int | None, actor: str
) -> Document:
    """See :meth:`storage.Ledger.withdraw`."""
    now = _own(transaction, document_id)
    if now.stage is Stage.withdrawn and now.superseded_by == by:
        return now
    if now.stage is not Stage.published or now.split:
        raise Conflict("storing.not_published", document=now.label)
    if by is not None:
        other = document_by_id(transaction.connection, by)
        if other.stage is not Stage.published or other.split or now.id in _same_as(other):
            raise Conflict("storing.cannot_supersede", document=other.label)
    return move(
        transaction,
        now,
        {"stage": Stage.withdrawn.value, "superseded_by": by},
        kind=WITHDRAWN,
        actor=actor,
        hash_before=now.current_sha256,
        hash_after=now.current_sha256,
        data={"from": now.stage.value, **because(transaction, now, WITHDRAWN, why, actor)},
    )


def set_due(
    transaction: Writing,
    dossier_id: int,
    procedures: Sequence[str],
    due_at: datetime | None,
    *,
    actor: str,
) -> Dossier:
    """See :meth:`storage.Ledger.set_due`."""
    connection = transaction.connection
    now = dossier_by_id(connection, dossier_id)
    if (now.procedures, now.due_at) == (tuple(procedures), due_at):
        return now
    codes = " ".join(procedures) or None
    connection.execute(
        sa.update(dossier)
        .where(dossier.c.id == dossier_id)
        .values(procedures=codes, due_at=due_at, updated_at=transaction.now)
    )
    transaction.append(
        "due",
        actor,
        dossier_id=dossier_id,
        data={"columns": {"procedures": codes, "due_at": as_text(due_at)}},
    )
    return dossier_by_id(connection, dossier_id)


def because(
    transaction: Writing, now: Document, kind: str, why: str, actor: str
) -> dict[str, JsonValue]:
    """Write down a reason; what the event says of it."""
    text, salt = why.strip(), marks.new_salt()
    if not text:
        raise InputRejected("storing.no_reason")
    made: int = transaction.connection.execute(
        sa.insert(reason)
        .values(
            document_id=now.id,
            kind=kind,
            text=text,
            salt=salt,
            made_by=actor,
            made_at=transaction.now,
        )
        .returning(reason.c.id)
    ).scalar_one()
    return {"reason": {"id": made, "mark": marks.mark(salt, text)}}


def _own(transaction: Writing, document_id: int) -> Document:
    now = document_by_id(transaction.connection, document_id)
    if now.duplicate_of is not None:
        raise linked(transaction, now)
    return now


def _same_as(other: Document) -> set[int]:
    return {other.id, other.duplicate_of or other.id}
