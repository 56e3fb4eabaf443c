"""Queries on the ledger; rows become records here."""

import random
from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa

from schemas.dossier import Stage
from schemas.errors import Conflict, NotFound
from storage.chain import as_event
from storage.records import Claim, Document, Dossier, Event, KeptObject, ObjectKind
from storage.tables import claim, document, dossier, event, stored_object

_UNSETTLED = tuple(stage.value for stage in Stage if not stage.settled)
_THROUGH = (Stage.published.value, Stage.withdrawn.value, Stage.rejected.value)
_OBJECT = tuple(stored_object.c[name] for name in KeptObject.model_fields)


# Statements of every run are built once: building them is most of what they cost.
_DOSSIER = sa.select(dossier).where(dossier.c.id == sa.bindparam("id"))
_DOCUMENT = sa.select(document).where(document.c.id == sa.bindparam("id"))
_DOCUMENTS = (
    sa.select(document)
    .where(document.c.dossier_id == sa.bindparam("id"))
    .order_by(document.c.number)
)
_CLAIMED = (
    sa.select(document).where(document.c.claim_id == sa.bindparam("id")).order_by(document.c.id)
)
_PARTS = (
    sa.select(document)
    .where(document.c.part_of == sa.bindparam("id"), document.c.duplicate_of.is_(None))
    .order_by(document.c.id)
)
_TO_DO = sa.select(document.c.dossier_id).where(
    document.c.stage.in_(_UNSETTLED), document.c.duplicate_of.is_(None)
)
_OF_CLAIM = document.c.claim_id == claim.c.claim_id
_TO_TEND = (
    sa.select(claim)
    .where(
        claim.c.closed_at.is_(None),
        claim.c.inbox == sa.bindparam("inbox"),
        sa.or_(
            ~sa.exists().where(_OF_CLAIM, document.c.stage.not_in(_THROUGH)),
            sa.exists().where(_OF_CLAIM, document.c.stage == Stage.rejected.value),
        ),
    )
    .order_by(claim.c.created_at, claim.c.claim_id)
)
_PENDING = (
    sa.select(dossier)
    .where(
        dossier.c.id.in_(_TO_DO),
        sa.or_(dossier.c.lease_until.is_(None), dossier.c.lease_until <= sa.bindparam("now")),
        sa.or_(
            dossier.c.next_attempt_at.is_(None), dossier.c.next_attempt_at <= sa.bindparam("now")
        ),
    )
    .order_by(dossier.c.created_at, dossier.c.id)
    .limit(sa.bindparam("limit"))
)


def dossier_by_code(connection: sa.Connection, code: str, department: str | None) -> Dossier | None:
    """See :meth:`storage.Ledger.dossier`."""
    rows: Sequence[sa.RowMapping] = ()
    for column in (dossier.c.code, dossier.c.first_code):
        query = sa.select(dossier).where(column == code)
        if department is not None:
            query = query.where(dossier.c.department == department)
        rows = rows or connection.execute(query).mappings().all()
    if len(rows) > 1:
        departments = ", ".join(sorted(row["department"] for row in rows))
        raise Conflict("storing.ambiguous_code", dossier=code, departments=departments)
    return Dossier(**rows[0]) if rows else None


def dossier_by_id(connection: sa.Connection, dossier_id: int) -> Dossier:
    """See :meth:`storage.Ledger.dossier_by_id`."""
    row = connection.execute(_DOSSIER, {"id": dossier_id}).mappings().first()
    if row is None:
        raise NotFound("storing.no_dossier")
    return Dossier(**row)


def dossiers(
    connection: sa.Connection,
    department: str | None,
    since: datetime | None,
    stage: Stage | None,
) -> list[Dossier]:
    """See :meth:`storage.Ledger.dossiers`."""
    query = sa.select(dossier).order_by(dossier.c.created_at, dossier.c.id)
    if department is not None:
        query = query.where(dossier.c.department == department)
    if since is not None:
        query = query.where(dossier.c.updated_at >= since)
    if stage is not None:
        query = query.where(dossier.c.stage == stage.value)
    return [Dossier(**row) for row in connection.execute(query).mappings()]


def dossier_counts(
    connection: sa.Connection, departments: Collection[str] | None
) -> dict[str, int]:
    """See :meth:`storage.Ledger.dossier_counts`."""
    query = (
        sa.select(dossier.c.department, sa.func.count())
        .where(of_departments(departments))
        .group_by(dossier.c.department)
    )
    return {name: count for name, count in connection.execute(query)}


def documents(connection: sa.Connection, dossier_id: int) -> list[Document]:
    """See :meth:`storage.Ledger.documents`."""
    return [
        Document(**row) for row in connection.execute(_DOCUMENTS, {"id": dossier_id}).mappings()
    ]


def of_departments(departments: Collection[str] | None) -> sa.ColumnElement[bool]:
    """That a dossier is of one of these; holds for every one where they are ``None``."""
    return sa.true() if departments is None else dossier.c.department.in_(sorted(departments))


def documents_of(
    connection: sa.Connection, dossier_ids: Sequence[int]
) -> dict[int, list[Document]]:
    """See :meth:`storage.Ledger.documents_of`."""
    found: dict[int, list[Document]] = {one: [] for one in dossier_ids}
    query = sa.select(document).where(document.c.dossier_id.in_(dossier_ids))
    for row in connection.execute(
        query.order_by(document.c.dossier_id, document.c.number)
    ).mappings():
        found[row["dossier_id"]].append(Document(**row))
    return found


def document_by_id(connection: sa.Connection, document_id: int) -> Document:
    """See :meth:`storage.Ledger.document`."""
    row = connection.execute(_DOCUMENT, {"id": document_id}).mappings().first()
    if row is None:
        raise NotFound("storing.no_document")
    return Document(**row)


def documents_among(connection: sa.Connection, document_ids: Sequence[int]) -> list[Document]:
    """See :meth:`storage.Ledger.documents_among`."""
    query = sa.select(document).where(document.c.id.in_(document_ids))
    found = {row["id"]: Document(**row) for row in connection.execute(query).mappings()}
    return [found[one] for one in document_ids if one in found]


def claimed(connection: sa.Connection, claim_id: str) -> list[Document]:
    """See :meth:`storage.Ledger.claimed`."""
    return [Document(**row) for row in connection.execute(_CLAIMED, {"id": claim_id}).mappings()]


def parts(connection: sa.Connection, scan_id: int) -> list[Document]:
    """See :meth:`storage.Ledger.parts`."""
    return [Document(**row) for row in connection.execute(_PARTS, {"id": scan_id}).mappings()]


def attached(connection: sa.Connection, document_id: int) -> list[Document]:
    """See :meth:`storage.Ledger.attached`."""
    query = sa.select(document).where(document.c.attached_to == document_id).order_by(document.c.id)
    return [Document(**row) for row in connection.execute(query).mappings()]


def claim_by_id(connection: sa.Connection, claim_id: str) -> Claim:
    """See :meth:`storage.Ledger.claim`."""
    query = sa.select(claim).where(claim.c.claim_id == claim_id)
    row = connection.execute(query).mappings().first()
    if row is None:
        raise NotFound("storing.no_claim")
    return Claim(**row)


def claims(connection: sa.Connection, dossier_id: int, *, open_only: bool) -> list[Claim]:
    """See :meth:`storage.Ledger.claims`."""
    query = (
        sa.select(claim)
        .where(claim.c.dossier_id == dossier_id)
        .order_by(claim.c.created_at, claim.c.claim_id)
    )
    if open_only:
        query = query.where(claim.c.closed_at.is_(None))
    return [Claim(**row) for row in connection.execute(query).mappings()]


def open_claims(connection: sa.Connection) -> list[Claim]:
    """See :meth:`storage.Ledger.open_claims`."""
    query = (
        sa.select(claim)
        .where(claim.c.closed_at.is_(None))
        .order_by(claim.c.created_at, claim.c.claim_id)
    )
    return [Claim(**row) for row in connection.execute(query).mappings()]


def claims_to_tend(connection: sa.Connection, inbox: str) -> list[Claim]:
    """See :meth:`storage.Ledger.claims_to_tend`."""
    return [Claim(**row) for row in connection.execute(_TO_TEND, {"inbox": inbox}).mappings()]


def claims_among(connection: sa.Connection, claim_ids: Sequence[str]) -> list[Claim]:
    """See :meth:`storage.Ledger.claims_among`."""
    query = sa.select(claim).where(claim.c.claim_id.in_(claim_ids))
    return [Claim(**row) for row in connection.execute(query).mappings()]


def objects(connection: sa.Connection, dossier_id: int) -> list[KeptObject]:
    """See :meth:`storage.Ledger.objects`."""
    linked = sa.select(document.c.duplicate_of).where(
        document.c.dossier_id == dossier_id, document.c.duplicate_of.is_not(None)
    )
    scans = sa.select(document.c.part_of).where(
        document.c.dossier_id == dossier_id, document.c.part_of.is_not(None)
    )
    query = (
        sa.select(*_OBJECT)
        .where(
            sa.or_(
                stored_object.c.dossier_id == dossier_id,
                stored_object.c.document_id.in_(linked),
                sa.and_(
                    stored_object.c.document_id.in_(scans),
                    stored_object.c.kind == ObjectKind.original.value,
                ),
            )
        )
        .order_by(stored_object.c.id)
    )
    return [KeptObject(**row) for row in connection.execute(query).mappings()]


def some_objects(
    connection: sa.Connection, bucket: str, count: int, largest: int
) -> list[KeptObject]:
    """See :meth:`storage.Ledger.some_objects`."""
    fitting = (
        sa.select(*_OBJECT)
        .where(stored_object.c.bucket == bucket, stored_object.c.bytes <= largest)
        .limit(1)
    )
    last = connection.execute(sa.select(sa.func.max(stored_object.c.id))).scalar()
    found: dict[str, KeptObject] = {}
    places = [last, *(random.randint(1, last) for _ in range(count - 1))] if last else []  # noqa: S311
    for place in places:
        query = fitting.where(stored_object.c.id <= place).order_by(stored_object.c.id.desc())
        for row in connection.execute(query).mappings():
            found[row["key"]] = KeptObject(**row)
    return list(found.values())


def pending(connection: sa.Connection, now: datetime, limit: int) -> list[Dossier]:
    """See :meth:`storage.Ledger.pending`."""
    rows = connection.execute(_PENDING, {"now": now, "limit": limit}).mappings()
    return [Dossier(**row) for row in rows]


def events(
    connection: sa.Connection, dossier_id: int | None, after_seq: int, limit: int | None
) -> list[Event]:
    """See :meth:`storage.Ledger.events`."""
    query = sa.select(event).where(event.c.seq > after_seq).order_by(event.c.seq).limit(limit)
    if dossier_id is not None:
        query = query.where(event.c.dossier_id == dossier_id)
    return [as_event(dict(row)) for row in connection.execute(query).mappings()]


def noted(connection: sa.Connection, dossier_id: int, kinds: Collection[str]) -> list[Event]:
    """See :meth:`storage.Ledger.noted`."""
    query = (
        sa.select(event)
        .where(event.c.dossier_id == dossier_id, event.c.kind.in_(sorted(kinds)))
        .order_by(event.c.seq)
    )
    return [as_event(dict(row)) for row in connection.execute(query).mappings()]
