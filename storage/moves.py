"""Moving documents from stage to stage, each move one event and one transaction."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from pydantic import JsonValue

from schemas.dossier import NEXT, Stage, dossier_stage
from schemas.errors import Conflict
from storage import manifests
from storage.chain import Writing
from storage.queries import document_by_id, documents, dossier_by_id
from storage.records import Document
from storage.tables import approval, document, dossier, event, guarded_columns

Params = Mapping[str, str | int | float]

MIRRORED = (
    "stage",
    "failed_from",
    "media_type",
    "document_type",
    "manifest_sha256",
    "pdfa_sha256",
    "signed_sha256",
    "pages",
    "error_code",
    "error_params",
    "split",
    "reading_sha256",
    "doubts",
    "superseded_by",
    "changes",
)
"""What a linked document shows of the first one."""

_OTHERWISE = {Stage.failed, Stage.rejected, Stage.split_up, Stage.withdrawn}
"""Stages that have moves of their own."""

_BY_PEOPLE = {Stage.failed, Stage.awaiting_approval, Stage.published}
"""Stages that only a person's word ends."""

DECIDED = {
    Stage.awaiting_approval,
    Stage.ready_to_sign,
    Stage.split_up,
    Stage.signed,
    Stage.stored,
    Stage.published,
    Stage.withdrawn,
    Stage.rejected,
}
"""Stages that a document under review goes to."""

_STAGES = sa.select(document.c.stage).where(document.c.dossier_id == sa.bindparam("dossier"))
_SHOW_STAGE = (
    sa.update(dossier)
    .where(dossier.c.id == sa.bindparam("dossier"))
    .values(stage=sa.bindparam("new_stage"), updated_at=sa.bindparam("now"))
)


def advance(
    transaction: Writing,
    document_id: int,
    expect: Stage,
    to: Stage,
    *,
    actor: str,
    hash_before: str | None,
    hash_after: str | None,
    columns: Mapping[str, str | int | None],
    manifest: bytes | None = None,
) -> Document:
    """See :meth:`storage.Ledger.advance`."""
    now = document_by_id(transaction.connection, document_id)
    given = {name: value for name, value in columns.items() if value is not None}
    if manifest is not None:
        given["manifest_sha256"] = manifests.keep(transaction.connection, now.id, manifest)
    if to is Stage.digitised and "manifest_sha256" in given:
        given["reading_sha256"] = given["manifest_sha256"]
    back = to is Stage.in_review and expect is not Stage.digitised
    if to not in NEXT[expect] or to in _OTHERWISE or expect in _BY_PEOPLE or back:
        raise Conflict("storing.move_not_allowed", expected=expect.value, to=to.value)
    if now.duplicate_of is not None:
        raise linked(transaction, now)
    if now.stage is to and _same(transaction, now, given, hash_after):
        return now
    if now.stage is not expect:
        raise stands_elsewhere(now, expect)
    after = now.model_copy(update=given)
    return move(
        transaction,
        now,
        {"stage": to.value, **given},
        kind=to.value,
        actor=actor,
        hash_before=hash_before or now.current_sha256,
        hash_after=hash_after or after.current_sha256,
        data={"from": expect.value},
    )


def end(
    transaction: Writing, document_id: int, to: Stage, code: str, *, params: Params, actor: str
) -> Document:
    """Reject a document or let it fail, as ``to`` says: see :class:`storage.Ledger`."""
    now = document_by_id(transaction.connection, document_id)
    if now.duplicate_of is not None:
        raise linked(transaction, now)
    if now.stage is to and now.error_code == code:
        return now
    if to not in NEXT[now.stage]:
        raise Conflict("storing.move_not_allowed", expected=now.stage.value, to=to.value)
    return move(
        transaction,
        now,
        {
            "stage": to.value,
            "failed_from": now.stage.value if to is Stage.failed else None,
            "error_code": code,
            "error_params": dict(params),
        },
        kind=to.value,
        actor=actor,
        hash_before=now.current_sha256,
        hash_after=None,
        data={"from": now.stage.value, "code": code},
    )


def retry(
    transaction: Writing, dossier_id: int, actor: str, seen: Sequence[Document] | None
) -> list[Document]:
    """See :meth:`storage.Ledger.retry`. A linked document is retried where its first one is."""
    connection = transaction.connection
    dossier_by_id(connection, dossier_id)
    failed = [found for found in documents(connection, dossier_id) if found.stage is Stage.failed]
    for one in seen or ():
        if one not in failed and one.stage is Stage.failed:
            raise decided_before(one)
    for first_id in dict.fromkeys(found.duplicate_of or found.id for found in failed):
        first = document_by_id(connection, first_id)
        back = first.failed_from or Stage.received
        move(
            transaction,
            first,
            {"stage": back.value, "failed_from": None, "error_code": None, "error_params": {}},
            kind="retried",
            actor=actor,
            hash_before=first.current_sha256,
            hash_after=first.current_sha256,
            data={"to": back.value},
        )
        connection.execute(
            sa.update(dossier)
            .where(dossier.c.id == first.dossier_id)
            .values(attempts=0, next_attempt_at=None)
        )
    return [document_by_id(connection, found.id) for found in failed]


def void_approvals(transaction: Writing, now: Document) -> dict[str, JsonValue]:
    """The approvals of a document that goes back count no more; what its event says of them."""
    rows = transaction.connection.execute(
        sa.update(approval)
        .where(approval.c.document_id == now.id, approval.c.void.is_(sa.false()))
        .values(void=True)
        .returning(approval.c.id)
    )
    ids = sorted(rows.scalars())
    return {"void": list[JsonValue](ids)} if ids else {}


def refresh_dossier(transaction: Writing, dossier_id: int) -> None:
    """Bring a dossier's stage in line with its documents'."""
    stages = transaction.connection.execute(_STAGES, {"dossier": dossier_id}).scalars()
    transaction.connection.execute(
        _SHOW_STAGE,
        {
            "dossier": dossier_id,
            "new_stage": dossier_stage([Stage(stage) for stage in stages]).value,
            "now": transaction.now,
        },
    )


def move(
    transaction: Writing,
    now: Document,
    values: dict[str, Any],
    *,
    kind: str,
    actor: str,
    hash_before: str | None,
    hash_after: str | None,
    data: Mapping[str, JsonValue],
) -> Document:
    """Write a document's new values, for it and those linked to it, with their events."""
    connection = transaction.connection
    data = {**data, "columns": guarded_columns(values)}
    values["updated_at"] = transaction.now
    concerned = connection.execute(
        sa.update(document)
        .where(sa.or_(document.c.id == now.id, document.c.duplicate_of == now.id))
        .values(**values)
        .returning(document.c.id, document.c.dossier_id)
    ).all()
    for row in sorted(concerned, key=lambda row: (row.id != now.id, row.id)):
        follows = {} if row.id == now.id else {"linked_to": now.id}
        transaction.append(
            kind,
            actor,
            dossier_id=row.dossier_id,
            document_id=row.id,
            hash_before=hash_before,
            hash_after=hash_after,
            data={**data, **follows},
        )
    for dossier_id in sorted({row.dossier_id for row in concerned}):
        refresh_dossier(transaction, dossier_id)
    return document_by_id(connection, now.id)


def _same(
    transaction: Writing, now: Document, given: Mapping[str, Any], hash_after: str | None
) -> bool:
    """Whether the move to where the document stands was made with these values."""
    if any(getattr(now, name) != value for name, value in given.items()):
        return False
    if hash_after is None:
        return True
    noted = transaction.connection.execute(
        sa.select(event.c.hash_after)
        .where(event.c.document_id == now.id, event.c.kind == now.stage.value)
        .order_by(event.c.seq.desc())
        .limit(1)
    ).scalar()
    return noted == hash_after


def last_event(transaction: Writing, now: Document, kind: str) -> str | None:
    """The data of a document's last event of ``kind``, as stored."""
    found: str | None = transaction.connection.execute(
        sa.select(event.c.data)
        .where(event.c.document_id == now.id, event.c.kind == kind)
        .order_by(event.c.seq.desc())
        .limit(1)
    ).scalar()
    return found


def decided_before(now: Document) -> Conflict:
    """Somebody else decided first, on the same state."""
    return Conflict("storing.decided_before", document=now.label)


def stands_elsewhere(now: Document, expect: Stage) -> Conflict:
    """The document is not at the stage that was expected."""
    return Conflict(
        "storing.stands_elsewhere",
        document=now.label,
        stage=now.stage.value,
        expected=expect.value,
    )


def linked(transaction: Writing, now: Document) -> Conflict:
    """Nothing may be done with a document that follows another."""
    first = document_by_id(transaction.connection, now.duplicate_of or now.id)
    code = dossier_by_id(transaction.connection, first.dossier_id).code
    return Conflict("storing.document_linked", document=now.label, first=f"{code}/{first.label}")
