"""Entries that move no document: stored objects, warnings, notes."""

from collections.abc import Mapping

import sqlalchemy as sa
from pydantic import JsonValue

from schemas.errors import Conflict
from storage.chain import Writing, as_event
from storage.queries import document_by_id, dossier_by_id
from storage.records import Event, KeptObject
from storage.tables import as_text, dossier, stored_object


def record_object(transaction: Writing, kept: KeptObject, actor: str) -> KeptObject:
    """See :meth:`storage.Ledger.record_object`."""
    connection = transaction.connection
    columns = [stored_object.c[name] for name in KeptObject.model_fields]
    row = (
        connection.execute(
            sa.select(*columns).where(
                stored_object.c.bucket == kept.bucket, stored_object.c.key == kept.key
            )
        )
        .mappings()
        .first()
    )
    if row is not None:
        known = KeptObject(**row)
        same = known.model_copy(
            update={"version_id": kept.version_id, "retain_until": kept.retain_until}
        )
        if same != kept:
            raise Conflict("storing.object_known_otherwise", bucket=kept.bucket, key=kept.key)
        return known
    connection.execute(
        sa.insert(stored_object).values(
            **{**kept.model_dump(), "kind": kept.kind.value, "recorded_at": transaction.now}
        )
    )
    transaction.append(
        "object_stored",
        actor,
        dossier_id=kept.dossier_id,
        document_id=kept.document_id,
        hash_after=kept.sha256,
        data={
            "kind": kept.kind.value,
            "bucket": kept.bucket,
            "key": kept.key,
            "version": kept.version_id,
            "bytes": kept.bytes,
            "retain_until": as_text(kept.retain_until),
        },
    )
    return kept


def warn(transaction: Writing, dossier_id: int, text: str) -> None:
    """See :meth:`storage.Ledger.warn`."""
    known = dossier_by_id(transaction.connection, dossier_id).warnings
    if text in known:
        return
    transaction.connection.execute(
        sa.update(dossier)
        .where(dossier.c.id == dossier_id)
        .values(warnings=[*known, text], updated_at=transaction.now)
    )
    transaction.append("warned", "sohoa", dossier_id=dossier_id, data={"warnings": len(known) + 1})


def note(
    transaction: Writing,
    dossier_id: int | None,
    document_id: int | None,
    actor: str,
    kind: str,
    *,
    data: Mapping[str, JsonValue],
    hash_before: str | None,
    hash_after: str | None,
) -> Event:
    """See :meth:`storage.Ledger.note`."""
    if document_id is not None:
        document_by_id(transaction.connection, document_id)
    if dossier_id is not None:
        dossier_by_id(transaction.connection, dossier_id)
    return as_event(
        transaction.append(
            kind,
            actor,
            dossier_id=dossier_id,
            document_id=document_id,
            hash_before=hash_before,
            hash_after=hash_after,
            data=data,
        )
    )
