"""Registering a claim: the first transaction of every dossier."""

from typing import Any

import sqlalchemy as sa

from schemas.dossier import Stage
from schemas.errors import NotFound
from storage.chain import Writing
from storage.moves import MIRRORED, refresh_dossier
from storage.queries import document_by_id, dossier_by_id
from storage.records import Document, NewClaim, NewFile, Registered
from storage.tables import claim, document, dossier


def register(transaction: Writing, new: NewClaim) -> Registered:
    """See :meth:`storage.Ledger.register`."""
    connection = transaction.connection
    known = connection.execute(
        sa.select(claim.c.dossier_id).where(claim.c.claim_id == new.claim_id)
    ).scalar()
    if known is not None:
        return _registered(connection, known, new.claim_id, created=False)
    dossier_id = _dossier(transaction, new)
    connection.execute(
        sa.insert(claim).values(
            claim_id=new.claim_id,
            dossier_id=dossier_id,
            folder=new.folder,
            created_at=transaction.now,
        )
    )
    transaction.append(
        "claimed",
        new.actor,
        dossier_id=dossier_id,
        data={"claim": new.claim_id, "files": len(new.files)},
    )
    last = connection.execute(
        sa.select(sa.func.max(document.c.number)).where(document.c.dossier_id == dossier_id)
    ).scalar()
    for number, file in enumerate(new.files, start=(last or 0) + 1):
        _document(transaction, new, file, dossier_id, number)
    refresh_dossier(transaction, dossier_id)
    return _registered(connection, dossier_id, new.claim_id, created=True)


def close_claim(transaction: Writing, claim_id: str, actor: str) -> None:
    """See :meth:`storage.Ledger.close_claim`."""
    connection = transaction.connection
    found = connection.execute(
        sa.select(claim.c.dossier_id, claim.c.closed_at).where(claim.c.claim_id == claim_id)
    ).first()
    if found is None:
        raise NotFound("storing.no_claim")
    if found.closed_at is not None:
        return
    connection.execute(
        sa.update(claim).where(claim.c.claim_id == claim_id).values(closed_at=transaction.now)
    )
    transaction.append("claim_closed", actor, dossier_id=found.dossier_id, data={"claim": claim_id})


def _registered(
    connection: sa.Connection, dossier_id: int, claim_id: str, *, created: bool
) -> Registered:
    rows = connection.execute(
        sa.select(document).where(document.c.claim_id == claim_id).order_by(document.c.number)
    )
    return Registered(
        dossier=dossier_by_id(connection, dossier_id),
        documents=tuple(Document(**row) for row in rows.mappings()),
        created=created,
    )


def _dossier(transaction: Writing, new: NewClaim) -> int:
    """The id of the claim's dossier, made where there is none."""
    connection = transaction.connection
    found = connection.execute(
        sa.select(dossier.c.id, dossier.c.warnings).where(
            dossier.c.department == new.department, dossier.c.code == new.code
        )
    ).first()
    if found is not None:
        warnings = list(dict.fromkeys([*found.warnings, *new.warnings]))
        if warnings != found.warnings:
            connection.execute(
                sa.update(dossier).where(dossier.c.id == found.id).values(warnings=warnings)
            )
        return int(found.id)
    dossier_id: int = connection.execute(
        sa.insert(dossier)
        .values(
            department=new.department,
            code=new.code,
            provisional=new.provisional,
            stage=Stage.received.value,
            attempts=0,
            created_at=transaction.now,
            updated_at=transaction.now,
            warnings=list(dict.fromkeys(new.warnings)),
        )
        .returning(dossier.c.id)
    ).scalar_one()
    transaction.append(
        "opened",
        new.actor,
        dossier_id=dossier_id,
        data={
            "department": new.department,
            "dossier": new.code,
            "provisional": new.provisional,
        },
    )
    return dossier_id


def _document(
    transaction: Writing, new: NewClaim, file: NewFile, dossier_id: int, number: int
) -> None:
    """Enter one file, linked to the first document with its bytes where there is one."""
    connection = transaction.connection
    values: dict[str, Any] = {
        "dossier_id": dossier_id,
        "number": number,
        "role": file.role.value,
        "name": file.name,
        "claim_id": new.claim_id,
        "relative": file.relative,
        "source_sha256": file.sha256,
        "source_bytes": file.bytes,
        "media_type": file.media_type,
        "stage": Stage.received.value,
        "error_params": {},
        "created_at": transaction.now,
        "updated_at": transaction.now,
    }
    first = _first_with_bytes(connection, new.department, file)
    if first is not None:
        row = (
            connection.execute(
                sa.select(*(document.c[name] for name in MIRRORED)).where(document.c.id == first)
            )
            .mappings()
            .one()
        )
        values |= {"duplicate_of": first, **row}
    document_id: int = connection.execute(
        sa.insert(document).values(**values).returning(document.c.id)
    ).scalar_one()
    transaction.append(
        "received",
        new.actor,
        dossier_id=dossier_id,
        document_id=document_id,
        hash_after=file.sha256,
        data={"number": number, "role": file.role.value, "bytes": file.bytes},
    )
    if first is not None:
        original = document_by_id(connection, first)
        transaction.append(
            "linked",
            new.actor,
            dossier_id=dossier_id,
            document_id=document_id,
            hash_before=file.sha256,
            hash_after=original.current_sha256,
            data={"to": first, "stage": original.stage.value},
        )


def _first_with_bytes(connection: sa.Connection, department: str, file: NewFile) -> int | None:
    found = connection.execute(
        sa.select(document.c.id)
        .join(dossier, dossier.c.id == document.c.dossier_id)
        .where(
            document.c.source_sha256 == file.sha256,
            dossier.c.department == department,
            document.c.role == file.role.value,
            document.c.duplicate_of.is_(None),
            document.c.stage.not_in([Stage.rejected.value, Stage.failed.value]),
        )
        .order_by(document.c.id)
        .limit(1)
    ).scalar()
    return None if found is None else int(found)
