"""A person settles doubts: one decision a row, until all are settled and the document goes on.

Of two decisions on one field the first one counts, unless the second one names it as the one that
it takes the place of. Values are personal data: they stand in the row, the event has their mark.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from pydantic import JsonValue

from schemas.dossier import Stage
from schemas.errors import Conflict, NotFound
from schemas.work import DecisionKind
from storage import marks
from storage.chain import Writing
from storage.moves import DECIDED, decided_before, last_event, linked, move, stands_elsewhere
from storage.queries import document_by_id
from storage.records import Decision, Document, NewDecision, Sha256
from storage.tables import approval, decision, document, dossier

_RECORD = tuple(decision.c[name] for name in Decision.model_fields)
_STANDING = (
    sa.select(*_RECORD)
    .where(decision.c.document_id == sa.bindparam("document"), decision.c.undone_at.is_(None))
    .order_by(decision.c.id)
)
_BY_KEY = sa.select(*_RECORD).where(
    decision.c.document_id == sa.bindparam("document"), decision.c.key == sa.bindparam("named")
)
_ALL = (
    sa.select(*_RECORD)
    .where(decision.c.document_id == sa.bindparam("document"))
    .order_by(decision.c.id)
)

LATELY = 2000
"""How many of the last decisions are looked through for what was typed before."""


def every(connection: sa.Connection, document_id: int) -> list[Decision]:
    """Every decision on a document, undone ones among them, in the order they were made."""
    rows = connection.execute(_ALL, {"document": document_id}).mappings()
    return [Decision(**row) for row in rows]


def standing(
    connection: sa.Connection, document_id: int, manifest_sha256: Sha256 | None
) -> list[Decision]:
    """The decisions that stand, of those made on this manifest."""
    rows = connection.execute(_STANDING, {"document": document_id}).mappings()
    return [Decision(**row) for row in rows if row["manifest_sha256"] == manifest_sha256]


def decided_paths(
    connection: sa.Connection, document_ids: Sequence[int]
) -> set[tuple[int, Sha256, str]]:
    """See :meth:`storage.Ledger.decided_among`."""
    place = (decision.c.document_id, decision.c.manifest_sha256, decision.c.path)
    query = sa.select(*place).where(
        decision.c.document_id.in_(document_ids), decision.c.undone_at.is_(None)
    )
    return {(row[0], row[1], row[2]) for row in connection.execute(query)}


def said_lately(
    connection: sa.Connection, document_type: str, department: str
) -> list[tuple[str, str]]:
    """See :meth:`storage.Ledger.said_lately`."""
    lately = sa.select(decision).order_by(decision.c.id.desc()).limit(LATELY).subquery()
    query = (
        sa.select(lately.c.path, lately.c.value)
        .join(document, document.c.id == lately.c.document_id)
        .join(dossier, dossier.c.id == document.c.dossier_id)
        .where(
            lately.c.kind == DecisionKind.value.value,
            lately.c.undone_at.is_(None),
            document.c.document_type == document_type,
            dossier.c.department == department,
        )
        .order_by(lately.c.id.desc())
    )
    return [(path, value) for path, value in connection.execute(query)]


def decide(
    transaction: Writing,
    document_id: int,
    new: Sequence[NewDecision],
    *,
    based_on: Sha256,
    actor: str,
) -> list[Decision]:
    """See :meth:`storage.Ledger.decide`."""
    now = document_by_id(transaction.connection, document_id)
    known = [_by_key(transaction, now, one.key) for one in new]
    if new and all(known):
        return [one for one in known if one is not None]
    under_review(transaction, now, based_on)
    return record(transaction, now, new, actor)


def undo(
    transaction: Writing, document_id: int, ids: Sequence[int], *, actor: str
) -> list[Decision]:
    """See :meth:`storage.Ledger.undo`."""
    connection = transaction.connection
    now = document_by_id(connection, document_id)
    found = {one.id: one for one in every(connection, now.id)}
    if not set(ids) <= set(found):
        raise NotFound("storing.no_decision")
    left = [one for one in ids if found[one].undone_at is None]
    if not left:
        return [found[one] for one in ids]
    if now.stage is Stage.awaiting_approval and now.duplicate_of is None:
        now = _taken_back(transaction, now, actor)
    under_review(transaction, now, found[left[0]].manifest_sha256)
    _set_undone(transaction, left, actor)
    transaction.append(
        "decision_undone",
        actor,
        dossier_id=now.dossier_id,
        document_id=now.id,
        hash_before=now.manifest_sha256,
        data={"undone": list(left)},
    )
    return [one for one in every(connection, now.id) if one.id in ids]


def settle(
    transaction: Writing,
    document_id: int,
    manifest_sha256: Sha256,
    *,
    based_on: Sha256,
    actor: str,
    data: Mapping[str, JsonValue],
    to: Stage = Stage.ready_to_sign,
    made: Sequence[NewDecision] = (),
    seen: Sequence[int] | None = None,
) -> Document:
    """See :meth:`storage.Ledger.settle` and :class:`storage.Settlement`."""
    now = document_by_id(transaction.connection, document_id)
    if now.duplicate_of is not None:
        raise linked(transaction, now)
    move_of = {"from": Stage.in_review.value, "to": to.value}
    if now.stage is to and now.manifest_sha256 == manifest_sha256:
        said = last_event(transaction, now, "reviewed")
        known = {} if said is None else json.loads(said)
        known.pop("columns", None)  # what the move set, not what the person said
        if known == {**data, **move_of}:
            return now
    under_review(transaction, now, based_on)
    there = [one.id for one in standing(transaction.connection, now.id, based_on)]
    if seen is not None and there != sorted(seen):
        raise decided_before(now)  # one was made, or undone, since the manifest was put together
    if made:
        record(transaction, now, made, actor)
    return move(
        transaction,
        now,
        {"stage": to.value, "manifest_sha256": manifest_sha256},
        kind="reviewed",
        actor=actor,
        hash_before=now.manifest_sha256,
        hash_after=manifest_sha256,
        data={**data, **move_of},
    )


def reviewers(connection: sa.Connection, now: Document) -> set[str]:
    """Who decided anything that stands in a document's manifest as it is now."""
    base = now.reading_sha256 or now.manifest_sha256
    return {one.made_by for one in standing(connection, now.id, base)}


def under_review(transaction: Writing, now: Document, based_on: Sha256) -> None:
    """See that a document waits for review with the manifest that the person saw.

    Raises:
        Conflict: it is linked, stands elsewhere, or somebody else decided first.
    """
    if now.duplicate_of is not None:
        raise linked(transaction, now)
    if now.stage is not Stage.in_review:
        raise (
            decided_before(now) if now.stage in DECIDED else stands_elsewhere(now, Stage.in_review)
        )
    if now.manifest_sha256 != based_on:
        raise decided_before(now)


def _by_key(transaction: Writing, now: Document, key: str) -> Decision | None:
    given = {"document": now.id, "named": key}
    row = transaction.connection.execute(_BY_KEY, given).mappings().first()
    return None if row is None else Decision(**row)


def record(
    transaction: Writing, now: Document, new: Sequence[NewDecision], actor: str
) -> list[Decision]:
    """Write the decisions that are not there yet, as one event; those that stand now."""
    there = {one.path: one for one in standing(transaction.connection, now.id, now.manifest_sha256)}
    made: list[Decision] = []
    said: list[JsonValue] = []
    undone: list[int] = []
    for one in new:
        before = _by_key(transaction, now, one.key) or there.get(one.path)
        if before is not None and (before.key == one.key or _same(before, one)):
            made.append(before)
            continue
        if (before.id if before else None) != one.replaces:
            raise Conflict("storing.field_decided", document=now.label, field=one.path)
        if before is not None:
            undone.append(before.id)
            _set_undone(transaction, [before.id], actor)
        salt = marks.new_salt()
        written = _insert(transaction, now, one, salt, actor)
        made.append(written)
        there[one.path] = written
        mark = marks.mark(salt, one.value)
        said.append({"id": written.id, "path": one.path, "kind": one.kind.value, "mark": mark})
    if said:
        transaction.append(
            "decided",
            actor,
            dossier_id=now.dossier_id,
            document_id=now.id,
            hash_before=now.manifest_sha256,
            data={"decided": said, **({"undone": list(undone)} if undone else {})},
        )
    return made


def _same(before: Decision, new: NewDecision) -> bool:
    return (before.kind, before.value) == (new.kind, new.value)


def _insert(
    transaction: Writing, now: Document, new: NewDecision, salt: str, actor: str
) -> Decision:
    row = transaction.connection.execute(
        sa.insert(decision)
        .values(
            document_id=now.id,
            manifest_sha256=now.manifest_sha256,
            path=new.path,
            kind=new.kind.value,
            value=new.value,
            salt=salt,
            key=new.key,
            made_by=actor,
            made_at=transaction.now,
        )
        .returning(*_RECORD)
    ).mappings()
    return Decision(**row.one())


def _set_undone(transaction: Writing, ids: Sequence[int], actor: str) -> None:
    transaction.connection.execute(
        sa.update(decision)
        .where(decision.c.id.in_(ids), decision.c.undone_at.is_(None))
        .values(undone_by=actor, undone_at=transaction.now)
    )


def _taken_back(transaction: Writing, now: Document, actor: str) -> Document:
    """A finished review that nobody has approved yet is open again, with what was decided in it."""
    approved: sa.Select[Any] = sa.select(approval.c.id).where(
        approval.c.document_id == now.id, approval.c.void.is_(sa.false())
    )
    if transaction.connection.execute(approved).first() is not None:
        raise Conflict("storing.approved_already", document=now.label)
    base = now.reading_sha256 or now.manifest_sha256
    return move(
        transaction,
        now,
        {"stage": Stage.in_review.value, "manifest_sha256": base},
        kind="reopened",
        actor=actor,
        hash_before=now.manifest_sha256,
        hash_after=base,
        data={"from": now.stage.value, "to": Stage.in_review.value},
    )
