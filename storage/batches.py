"""Batches as rows: what one person approved at one moment, and what became of each file.

What was approved never changes. That a file was signed, or refused, is an event of its own. Names
of people and files stand in the rows alone, the event has their salted mark.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from pydantic import JsonValue

from schemas.batch import (
    ApprovedBatch,
    Batch,
    BatchItem,
    BatchPage,
    BatchSummary,
    ItemEnd,
    NewBatch,
)
from schemas.errors import Conflict, NotFound, NotTrusted
from storage import chain, marks
from storage.chain import Writing
from storage.signing_tables import batch, batch_item
from storage.tables import as_text, canonical

APPROVED, ENDED = "batch_approved", "batch_item_ended"
"""Kinds of events."""
MOST = 500

_BY_KEY = sa.select(batch).where(batch.c.key == sa.bindparam("key"))
_ITEMS = (
    sa.select(batch_item)
    .where(batch_item.c.batch_id == sa.bindparam("batch"))
    .order_by(batch_item.c.number)
)
_ITEM = (
    sa.select(batch_item)
    .join(batch, batch.c.id == batch_item.c.batch_id)
    .where(batch.c.key == sa.bindparam("key"), batch_item.c.number == sa.bindparam("at"))
)
_NEW = tuple(NewBatch.model_fields)


def approve(
    transaction: Writing, new: ApprovedBatch, ended: Sequence[BatchItem], *, actor: str
) -> Batch:
    """See :meth:`storage.Ledger.approve_batch`."""
    known = find(transaction.connection, new.key)
    if known is not None:
        if _approved(known) != _approved(new):
            raise Conflict("storing.known_otherwise")
        return known
    salt = marks.new_salt()
    said = transaction.append(APPROVED, actor, data=_said(new, salt))
    batch_id: int = transaction.connection.execute(
        sa.insert(batch)
        .values(**{name: getattr(new, name) for name in _NEW}, salt=salt, event_seq=said["seq"])
        .returning(batch.c.id)
    ).scalar_one()
    transaction.connection.execute(
        sa.insert(batch_item),
        [
            {
                **one.model_dump(include={"source", "sha256", "out"}),
                "batch_id": batch_id,
                "number": number,
                "ended_as": ItemEnd.waiting.value,
                "adopted": False,
                "attempts": 0,
            }
            for number, one in enumerate(new.items, start=1)
        ],
    )
    for item in ended:
        end_item(transaction, new.key, item, actor=actor)
    return _there(transaction.connection, new.key)


def end_item(transaction: Writing, key: str, new: BatchItem, *, actor: str) -> BatchItem:
    """See :meth:`storage.Ledger.end_batch_item`."""
    given = {"key": key, "at": new.number}
    row = transaction.connection.execute(_ITEM, given).mappings().first()
    if row is None:
        raise NotFound("storing.no_batch")
    before = _item(row)
    if _outcome(before, key) == _outcome(new, key):
        return before
    transaction.connection.execute(
        sa.update(batch_item)
        .where(batch_item.c.batch_id == row["batch_id"], batch_item.c.number == new.number)
        .values(
            ended_as=new.end.value,
            signed_sha256=new.signed_sha256,
            adopted=new.adopted,
            error=new.error,
            attempts=new.attempts,
        )
    )
    transaction.append(
        ENDED,
        actor,
        hash_before=before.sha256,
        hash_after=new.signed_sha256,
        data=_outcome(new, key),
    )
    return before.model_copy(
        update={
            name: getattr(new, name)
            for name in ("end", "signed_sha256", "adopted", "error", "attempts")
        }
    )


def find(connection: sa.Connection, key: str) -> Batch | None:
    """See :meth:`storage.Ledger.batch`."""
    row = connection.execute(_BY_KEY, {"key": key}).mappings().first()
    return None if row is None else _batch(connection, row)


def proven(connection: sa.Connection, key: str) -> Batch | None:
    """See :meth:`storage.Ledger.proven_batch`."""
    row = connection.execute(_BY_KEY, {"key": key}).mappings().first()
    if row is None:
        return None
    now = _batch(connection, row)
    said = chain.told(connection, row["event_seq"], "batch", key)
    if not said or said[0]["data"] != _said(now, row["salt"]):
        raise NotTrusted("storing.signing_unproven")
    last = {one["data"].get("item"): one for one in said[1:]}
    for item in now.items:
        event = last.pop(item.number, None)
        if event is None:
            agrees = item.end is ItemEnd.waiting
        else:
            hashes = (event["hash_before"], event["hash_after"])
            agrees = event["data"] == _outcome(item, key) and hashes == (
                item.sha256,
                item.signed_sha256,
            )
        if not agrees:
            raise NotTrusted("storing.signing_unproven")
    if last:
        raise NotTrusted("storing.signing_unproven")
    return now


def page(
    connection: sa.Connection, *, approved_by: str | None, after: int | None, limit: int
) -> BatchPage:
    """See :meth:`storage.Ledger.batches`."""
    limit = max(1, min(limit, MOST))
    counts = [
        sa.func.sum(sa.case((batch_item.c.ended_as == end.value, 1), else_=0)).label(end.value)
        for end in ItemEnd
    ]
    query = (
        sa.select(batch.c.id, *(batch.c[name] for name in _NEW), *counts)
        .join(batch_item, batch_item.c.batch_id == batch.c.id)
        .group_by(batch.c.id)
        .order_by(batch.c.id.desc())
        .limit(limit + 1)
    )
    if after is not None:
        query = query.where(batch.c.id < after)
    if approved_by is not None:
        query = query.where(batch.c.approved_by == approved_by)
    rows = connection.execute(query).mappings().all()
    shown = [
        BatchSummary(**{name: value for name, value in row.items() if name != "id"})
        for row in rows[:limit]
    ]
    more = int(rows[limit - 1]["id"]) if len(rows) > limit else None
    return BatchPage(batches=tuple(shown), next=more)


def _there(connection: sa.Connection, key: str) -> Batch:
    found = find(connection, key)
    if found is None:
        raise NotFound("storing.no_batch")
    return found


def _batch(connection: sa.Connection, row: sa.RowMapping) -> Batch:
    items = connection.execute(_ITEMS, {"batch": row["id"]}).mappings()
    return Batch(**{name: row[name] for name in _NEW}, items=tuple(_item(one) for one in items))


def _item(row: sa.RowMapping) -> BatchItem:
    names = ("number", "source", "sha256", "out", "signed_sha256", "adopted", "error", "attempts")
    return BatchItem(**{name: row[name] for name in names}, end=row["ended_as"])


def _approved(one: ApprovedBatch | Batch) -> str:
    """What was approved, as a text to be marked."""
    # names may hold bytes that are not UTF-8: spelled out
    files = [[ascii(item.source), item.sha256, ascii(item.out)] for item in one.items]
    head = [one.profile, one.role, one.number, one.approved_by, as_text(one.approved_at)]
    return canonical([head, files])


def _said(one: ApprovedBatch | Batch, salt: str) -> dict[str, JsonValue]:
    """What the event of an approval says."""
    return {
        "batch": one.key,
        "files": len(one.items),
        "mark": marks.mark(salt, _approved(one)),
    }


def _outcome(item: BatchItem, key: str) -> dict[str, JsonValue]:
    """What the event of a file says."""
    return {
        "batch": key,
        "item": item.number,
        "end": item.end.value,
        "signed": item.signed_sha256,
        "error": item.error,
    }
