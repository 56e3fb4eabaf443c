"""Files that came inside a document: documents of its dossier, with bytes of their own."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from schemas.dossier import Stage
from storage.chain import Writing
from storage.intake import (
    enter,
    first_with_bytes,
    follow,
    link_attachment,
    mirrored,
    next_number,
)
from storage.moves import linked, refresh_dossier
from storage.queries import document_by_id, dossier_by_id
from storage.records import Document, NewFile
from storage.tables import document

_COPIES = (
    sa.select(document.c.id)
    .where(document.c.duplicate_of == sa.bindparam("id"))
    .order_by(document.c.id)
)


def attach(
    transaction: Writing, document_id: int, files: Sequence[NewFile], actor: str
) -> list[Document]:
    """See :meth:`storage.Ledger.attach`."""
    connection = transaction.connection
    container = document_by_id(connection, document_id)
    if container.duplicate_of is not None:
        raise linked(transaction, container)
    copies = connection.execute(_COPIES, {"id": container.id}).scalars().all()
    made = [_one(transaction, container, file, actor) for file in files]
    homes = {container.dossier_id}
    for copy in (document_by_id(connection, one) for one in copies):
        if copy.attached_to is not None and copy.attached_to == container.id:
            continue  # the file holds itself
        for one in made:
            link_attachment(transaction, one, copy, actor)
        homes.add(copy.dossier_id)
    for home in sorted(homes):
        refresh_dossier(transaction, home)
    return made


def _one(transaction: Writing, container: Document, file: NewFile, actor: str) -> Document:
    """Enter one file, unless it is there; linked to the first document with its bytes, if any."""
    connection = transaction.connection
    there = sa.select(document.c.id).where(
        document.c.claim_id == container.claim_id,
        document.c.relative == file.relative,
        document.c.attached_to == container.id,
    )
    known = connection.execute(there).scalar()
    if known is not None:
        return document_by_id(connection, known)
    department = dossier_by_id(connection, container.dossier_id).department
    values: dict[str, Any] = {
        "dossier_id": container.dossier_id,
        "number": next_number(connection, container.dossier_id),
        "role": container.role.value,
        "name": file.name,
        "claim_id": container.claim_id,
        "relative": file.relative,
        "source_sha256": file.sha256,
        "source_bytes": file.bytes,
        "stage": Stage.received.value,
        "attached_to": container.id,
        "error_params": {},
        "created_at": transaction.now,
        "updated_at": transaction.now,
    }
    first = first_with_bytes(connection, department, file)
    if first is not None:
        values |= {"duplicate_of": first, **mirrored(connection, first)}
    entered = enter(transaction, values, actor)
    if first is not None and first != container.id:
        follow(transaction, first, entered, actor, frozenset({container.id}))
    return entered
