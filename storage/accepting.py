"""An operator accepts the ledger as it stands, or restores rows: :meth:`storage.Ledger.accept`."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from schemas.errors import Conflict, NotTrusted
from storage import acts, findings, queries
from storage.chain import START, Position, Writing, accepted_breaks, head_of, last_of, walk
from storage.moves import refresh_dossier
from storage.replay import BASELINE, DossierState, contradictions, proven_state, state_of_rows
from storage.tables import chain_head, claim, document, dossier, finding, stored_object

ACCEPTED = "ledger_accepted"


@dataclass(frozen=True)
class Accepted:
    """What was taken as it stands, or set back, and where the log ends now."""

    breaks: int
    dossiers: int
    restored: int
    end: Position


def accept(
    connection: sa.Connection, now: datetime, reason: str, actor: str, *, restore: bool
) -> Accepted:
    """Everything in one transaction of the caller's.

    Raises:
        Conflict: ``storing.row_beyond_repair``.
    """
    lost = _mend_end(connection)
    transaction = Writing(connection, now)
    done = walk(connection, START, accepted=accepted_breaks(connection), stop=False)
    wrong = list(_wrong(connection))
    for dossier_id in wrong:
        if restore:
            _restore(transaction, dossier_id)
        else:
            _take(transaction, dossier_id, actor)
    for dossier_id in wrong:  # at the end: a document may have gone back to its dossier
        if restore:
            _show_stage(transaction, dossier_id)
        if contradictions(connection, dossier_id):
            raise _beyond_repair(connection, dossier_id)
    taken, restored = ([], wrong) if restore else (wrong, [])
    transaction.append(
        ACCEPTED,
        actor,
        data={
            "reason": reason,
            "breaks": [{"seq": one.seq, "fingerprint": one.fingerprint} for one in done.breaks],
            "lost": lost,
            "dossiers": list(taken),
            "restored": list(restored),
        },
    )
    stops = sa.select(finding.c.id).where(finding.c.ended_at.is_(None), finding.c.stops)
    findings.ended(transaction, now, list(connection.execute(stops).scalars()), actor)
    transaction.finish()
    end = head_of(connection) or START
    return Accepted(len(done.breaks) + (lost > 0), len(taken), len(restored), end)


def _mend_end(connection: sa.Connection) -> int:
    """Let the log end where its last event stands; how many events are missing after that."""
    last, head = last_of(connection), head_of(connection)
    if head == last:
        return 0
    connection.execute(sa.delete(chain_head))
    connection.execute(sa.insert(chain_head).values(id=1, seq=last.seq, hash=last.hash))
    return max(1, (head.seq if head else 0) - last.seq)


def _wrong(connection: sa.Connection) -> Iterator[int]:
    """The dossiers whose rows contradict their events."""
    for dossier_id in connection.execute(sa.select(dossier.c.id).order_by(dossier.c.id)).scalars():
        if contradictions(connection, dossier_id):
            yield dossier_id


def _take(transaction: Writing, dossier_id: int, actor: str) -> None:
    """The rows as they stand are the state from here on."""
    connection = transaction.connection
    try:
        refresh_dossier(transaction, dossier_id)
        queries.dossier_by_id(connection, dossier_id)
        queries.documents(connection, dossier_id)
        queries.objects(connection, dossier_id)
    except (ValueError, NotTrusted):
        raise _beyond_repair(connection, dossier_id) from None
    state, _ = state_of_rows(connection, dossier_id)
    transaction.append(BASELINE, actor, dossier_id=dossier_id, data=state.as_data())


def _restore(transaction: Writing, dossier_id: int) -> None:
    """The rows become what the events say."""
    connection = transaction.connection
    try:
        said = proven_state(connection, dossier_id)
        rows, _ = state_of_rows(connection, dossier_id)
        _restore_rows(transaction, dossier_id, said, rows)
    except (ValueError, KeyError, TypeError):
        raise _beyond_repair(connection, dossier_id) from None


def _show_stage(transaction: Writing, dossier_id: int) -> None:
    try:
        refresh_dossier(transaction, dossier_id)
    except ValueError:
        raise _beyond_repair(transaction.connection, dossier_id) from None


def _restore_rows(
    transaction: Writing, dossier_id: int, said: DossierState, rows: DossierState
) -> None:
    connection = transaction.connection
    columns = {**said.columns, "due_at": _moment(said.columns.get("due_at"))}
    connection.execute(sa.update(dossier).where(dossier.c.id == dossier_id).values(**columns))
    for document_id, columns in said.documents.items():
        connection.execute(
            sa.update(document)
            .where(document.c.id == document_id)
            .values(**columns, dossier_id=dossier_id)
        )
    acts.restore(connection, said.acts, rows.acts, transaction.now)
    for name, closed in said.claims.items():
        if rows.claims.get(name) != closed:
            connection.execute(
                sa.update(claim)
                .where(claim.c.claim_id == name)
                .values(dossier_id=dossier_id, closed_at=transaction.now if closed else None)
            )
    for (bucket, key), columns in said.objects.items():
        at = (stored_object.c.bucket == bucket, stored_object.c.key == key)
        values = {**_object_row(columns), "dossier_id": dossier_id}
        if (bucket, key) in rows.objects:
            connection.execute(sa.update(stored_object).where(*at).values(**values))
        else:
            connection.execute(sa.delete(stored_object).where(*at))
            values |= {"bucket": bucket, "key": key, "recorded_at": transaction.now}
            connection.execute(sa.insert(stored_object).values(**values))
    for bucket, key in set(rows.objects) - set(said.objects):
        connection.execute(
            sa.delete(stored_object).where(
                stored_object.c.bucket == bucket,
                stored_object.c.key == key,
                stored_object.c.dossier_id == dossier_id,
            )
        )


def _object_row(columns: dict[str, Any]) -> dict[str, Any]:
    row = {name: value for name, value in columns.items() if name != "version"}
    return row | {
        "version_id": columns["version"],
        "retain_until": _moment(columns["retain_until"]),
    }


def _moment(text: str | None) -> datetime | None:
    """A time as events write it."""
    return datetime.fromisoformat(text) if text else None


def _beyond_repair(connection: sa.Connection, dossier_id: int) -> Conflict:
    query = sa.select(dossier.c.code).where(dossier.c.id == dossier_id)
    code = connection.execute(query).scalar() or str(dossier_id)
    return Conflict("storing.row_beyond_repair", dossier=code)
