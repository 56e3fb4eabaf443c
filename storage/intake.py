"""Registering a claim: the first transaction of every dossier."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from pydantic import JsonValue

from schemas.dossier import INSIDE, Stage
from schemas.errors import NotFound
from storage import manifests
from storage.chain import Writing
from storage.moves import MIRRORED, refresh_dossier
from storage.queries import attached, document_by_id, dossier_by_code, dossier_by_id, parts
from storage.records import Document, NewClaim, NewFile, Registered
from storage.tables import claim, document, dossier, guarded_columns

_NO_FIRST = (Stage.rejected.value, Stage.failed.value, Stage.withdrawn.value)
"""Stages of documents that nothing is linked to: the same bytes may come again."""

DESK = "desk"
"""The inbox of claims that came by the desk alone: no folder holds their files, the store does.
What is scanned again is no paper of its own, so nothing is linked to it."""


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
            inbox=new.inbox,
            created_at=transaction.now,
        )
    )
    transaction.append(
        "claimed",
        new.actor,
        dossier_id=dossier_id,
        data={"claim": new.claim_id, "files": len(new.files)},
    )
    for file in new.files:
        _document(transaction, new, file, dossier_id)
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
    manifests.forget(connection, claim_id)
    transaction.append("claim_closed", actor, dossier_id=found.dossier_id, data={"claim": claim_id})


def adopt_claim(connection: sa.Connection, claim_id: str, inbox: str) -> None:
    """See :meth:`storage.Ledger.adopt_claim`."""
    connection.execute(sa.update(claim).where(claim.c.claim_id == claim_id).values(inbox=inbox))


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
    found = dossier_by_code(connection, new.code, new.department)
    if found is not None:
        warnings = list(dict.fromkeys([*found.warnings, *new.warnings]))
        if warnings != list(found.warnings):
            connection.execute(
                sa.update(dossier).where(dossier.c.id == found.id).values(warnings=warnings)
            )
        return found.id
    return open_dossier(
        transaction,
        new.department,
        new.code,
        provisional=new.provisional,
        warnings=new.warnings,
        actor=new.actor,
    )


def open_dossier(
    transaction: Writing,
    department: str,
    code: str,
    *,
    provisional: bool,
    warnings: Sequence[str] = (),
    actor: str,
) -> int:
    """The id of a new dossier, with its event."""
    dossier_id: int = transaction.connection.execute(
        sa.insert(dossier)
        .values(
            department=department,
            code=code,
            provisional=provisional,
            stage=Stage.received.value,
            attempts=0,
            created_at=transaction.now,
            updated_at=transaction.now,
            warnings=list(dict.fromkeys(warnings)),
        )
        .returning(dossier.c.id)
    ).scalar_one()
    transaction.append(
        "opened",
        actor,
        dossier_id=dossier_id,
        data={
            "department": department,
            "dossier": code,
            "provisional": provisional,
            "columns": {"department": department, "code": code, "provisional": provisional},
        },
    )
    return dossier_id


def _document(transaction: Writing, new: NewClaim, file: NewFile, dossier_id: int) -> None:
    """Enter one file, linked to the first document with its bytes where there is one."""
    connection = transaction.connection
    values: dict[str, Any] = {
        "dossier_id": dossier_id,
        "number": next_number(connection, dossier_id),
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
    first = first_with_bytes(connection, new.department, file)
    if first is not None:
        values |= {"duplicate_of": first, **mirrored(connection, first)}
    entered = enter(transaction, values, new.actor)
    if first is not None:
        follow(transaction, first, entered, new.actor)


def follow(
    transaction: Writing,
    first: int,
    copy: Document,
    actor: str,
    passed: frozenset[int] = frozenset(),
) -> None:
    """What became of the document ``first`` is linked for ``copy``, too: its parts, its files.

    ``passed`` are documents on the way here: a file may hold itself.
    """
    for part in parts(transaction.connection, first):
        link_part(transaction, part, copy, actor)
    for one in attached(transaction.connection, first):
        target = one.duplicate_of or one.id
        if target not in passed:
            linked = link_attachment(transaction, one, copy, actor)
            follow(transaction, target, linked, actor, passed | {first, target})


def link_attachment(
    transaction: Writing, attachment: Document, copy: Document, actor: str
) -> Document:
    """Enter a link to what came inside the document that ``copy`` is linked to; that link.

    A dossier that has the document twice has each of its files once.
    """
    connection = transaction.connection
    first = attachment.duplicate_of or attachment.id
    if attachment.dossier_id == copy.dossier_id:
        return attachment
    known = [one for one in attached(connection, copy.id) if one.duplicate_of == first]
    if known:
        return known[0]
    values = {
        "dossier_id": copy.dossier_id,
        "number": next_number(connection, copy.dossier_id),
        "role": copy.role.value,
        "name": attachment.name,
        "claim_id": copy.claim_id,
        "relative": f"{copy.relative}{INSIDE}/{attachment.name}",
        "source_sha256": attachment.source_sha256,
        "source_bytes": attachment.source_bytes,
        "duplicate_of": first,
        "attached_to": copy.id,
        "created_at": transaction.now,
        "updated_at": transaction.now,
        **mirrored(connection, first),
    }
    return enter(transaction, values, actor)


def mirrored(connection: sa.Connection, document_id: int) -> dict[str, Any]:
    """What a document linked to ``document_id`` shows of it, as columns."""
    columns = (document.c[name] for name in MIRRORED)
    row = connection.execute(sa.select(*columns).where(document.c.id == document_id)).mappings()
    return dict(row.one())


def enter(transaction: Writing, values: dict[str, Any], actor: str) -> Document:
    """Write a new document with its events: received, and linked where it is a duplicate."""
    connection = transaction.connection
    document_id: int = connection.execute(
        sa.insert(document).values(**values).returning(document.c.id)
    ).scalar_one()
    made = document_by_id(connection, document_id)
    of_scan: dict[str, JsonValue] = {}
    if made.part_of is not None:
        of_scan = {"scan": made.part_of, "pages": list(made.source_pages)}
    elif made.attached_to is not None:
        of_scan = {"inside": made.attached_to}
    transaction.append(
        "received",
        actor,
        dossier_id=made.dossier_id,
        document_id=document_id,
        hash_after=made.source_sha256,
        data={
            "number": made.number,
            "role": made.role.value,
            "bytes": made.source_bytes,
            **of_scan,
            "columns": guarded_columns(made.model_dump(mode="json")),
        },
    )
    if made.duplicate_of is not None:
        original = document_by_id(connection, made.duplicate_of)
        transaction.append(
            "linked",
            actor,
            dossier_id=made.dossier_id,
            document_id=document_id,
            hash_before=made.source_sha256,
            hash_after=original.current_sha256,
            data={"to": original.id, "stage": original.stage.value},
        )
    return made


def link_part(transaction: Writing, part: Document, scan: Document, actor: str) -> None:
    """Enter a link to ``part`` in the dossier of ``scan``, which has the same bytes as its own.

    A part that its cover sheet gave to another dossier is there already; a dossier that has the
    scan twice has each of its parts once.
    """
    connection = transaction.connection
    first = document_by_id(connection, part.part_of or part.id)
    if part.dossier_id != first.dossier_id or part.dossier_id == scan.dossier_id:
        return
    there = sa.select(document.c.id).where(
        document.c.dossier_id == scan.dossier_id, document.c.duplicate_of == part.id
    )
    if connection.execute(there).first() is not None:
        return
    values = part_values(connection, scan, part.source_pages, scan.dossier_id)
    values |= {
        "part_of": part.part_of,
        "name": part.name,
        "duplicate_of": part.id,
        "created_at": transaction.now,
        "updated_at": transaction.now,
        **mirrored(connection, part.id),
    }
    enter(transaction, values, actor)


def part_values(
    connection: sa.Connection, scan: Document, pages: Sequence[int], dossier_id: int
) -> dict[str, Any]:
    """The columns of a document that is made of ``pages`` of ``scan``, without its times."""
    inherited = scan.changes.inherited() if scan.changes else None
    return {
        "dossier_id": dossier_id,
        "number": next_number(connection, dossier_id),
        "role": scan.role.value,
        "claim_id": scan.claim_id,
        "relative": scan.relative,
        "source_sha256": scan.source_sha256,
        "source_bytes": scan.source_bytes,
        "stage": Stage.received.value,
        "part_of": scan.part_of or scan.id,
        "source_pages": list(pages),
        "changes": inherited.model_dump(mode="json") if inherited else None,
        "error_params": {},
    }


def next_number(connection: sa.Connection, dossier_id: int) -> int:
    """The number of a dossier's next document."""
    last = connection.execute(
        sa.select(sa.func.max(document.c.number)).where(document.c.dossier_id == dossier_id)
    ).scalar()
    return (last or 0) + 1


def first_with_bytes(connection: sa.Connection, department: str, file: NewFile) -> int | None:
    """The id of the document that a file with known bytes is linked to; None for a new one."""
    if not file.bytes:
        return None  # an empty file, a link, what may not be read: each is refused for itself
    found = connection.execute(
        sa.select(document.c.id)
        .join(dossier, dossier.c.id == document.c.dossier_id)
        .join(claim, claim.c.claim_id == document.c.claim_id)
        .where(
            sa.or_(claim.c.inbox.is_(None), claim.c.inbox != DESK),
            document.c.source_sha256 == file.sha256,
            dossier.c.department == department,
            document.c.role == file.role.value,
            document.c.duplicate_of.is_(None),
            document.c.part_of.is_(None),
            document.c.stage.not_in(_NO_FIRST),
        )
        .order_by(document.c.id)
        .limit(1)
    ).scalar()
    return None if found is None else int(found)
