"""What was found wrong; of each dossier that is there, one event with its state as it stands.

Events before this step do not say every column that they changed. The state of a dossier is proven
from its last ``baseline`` on.
"""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005_trust"
down_revision = "0004_manifests"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_DOCUMENT = (
    "id, number, role, claim_id, source_sha256, source_bytes, media_type, document_type, stage,"
    " failed_from, manifest_sha256, pdfa_sha256, signed_sha256, pages, error_code, duplicate_of,"
    " part_of, attached_to, source_pages, split"
)
_OBJECT = "document_id, kind, bucket, key, version_id, sha256, bytes, retain_until"


def upgrade() -> None:
    """Add the table and the events."""
    op.create_table(
        "finding",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("code", sa.String(60), nullable=False),
        sa.Column("place", sa.String(1100), nullable=False),
        sa.Column("dossier_id", sa.Integer),
        sa.Column("document_id", sa.Integer),
        sa.Column("stops", sa.Boolean, nullable=False),
        sa.Column("found_at", _TIME, nullable=False),
        sa.Column("ended_at", _TIME),
    )
    not_ended = sa.text("ended_at IS NULL")
    op.create_index(
        "finding_open", "finding", ["id"], sqlite_where=not_ended, postgresql_where=not_ended
    )
    accepted = sa.text("kind = 'ledger_accepted'")
    op.create_index(
        "event_accepted", "event", ["seq"], sqlite_where=accepted, postgresql_where=accepted
    )
    _record_what_is_there(op.get_bind())


def _record_what_is_there(connection: sa.Connection) -> None:
    head = connection.execute(sa.text("SELECT seq, hash FROM chain_head WHERE id = 1")).first()
    if head is None:
        return  # the chain is broken already, as `sohoa doctor` says
    seq, last, now = head.seq, head.hash, datetime.now(UTC)
    events = sa.table(
        "event",
        *(sa.column(name) for name in ("seq", "actor", "kind", "dossier_id", "data")),
        sa.column("at", _TIME),
        sa.column("prev_hash"),
        sa.column("hash"),
    )
    ids = connection.execute(sa.text("SELECT id FROM dossier ORDER BY id")).scalars().all()
    for dossier_id in ids:
        seq += 1
        data = _canonical(_state(connection, dossier_id))
        said = ["sohoa-event-1", seq, now.isoformat(timespec="microseconds"), "sohoa", "baseline"]
        text = _canonical([*said, dossier_id, None, None, None, data, last])
        digest = hashlib.sha256(text.encode()).hexdigest()
        connection.execute(
            sa.insert(events).values(
                seq=seq,
                at=now,
                actor="sohoa",
                kind="baseline",
                dossier_id=dossier_id,
                data=data,
                prev_hash=last,
                hash=digest,
            )
        )
        last = digest
    connection.execute(
        sa.text("UPDATE chain_head SET seq = :seq, hash = :hash WHERE id = 1"),
        {"seq": seq, "hash": last},
    )


def _state(connection: sa.Connection, dossier_id: int) -> dict[str, Any]:
    """The dossier's rows without a clerk's words, as :mod:`storage.replay` reads them."""

    def rows(query: str) -> list[dict[str, Any]]:
        found = connection.execute(sa.text(query), {"id": dossier_id}).mappings()
        return [dict(row) for row in found]

    (dossier,) = rows(
        "SELECT department, code, first_code, provisional FROM dossier WHERE id = :id"
    )
    dossier["provisional"] = bool(dossier["provisional"])
    documents = rows(f"SELECT {_DOCUMENT} FROM document WHERE dossier_id = :id ORDER BY id")  # noqa: S608 - constants
    for one in documents:
        one |= {"source_pages": json.loads(one["source_pages"]), "split": bool(one["split"])}
    claims = rows("SELECT claim_id, closed_at FROM claim WHERE dossier_id = :id ORDER BY claim_id")
    objects = rows(f"SELECT {_OBJECT} FROM stored_object WHERE dossier_id = :id ORDER BY id")  # noqa: S608
    for one in objects:
        one["retain_until"] = _as_text(one["retain_until"])
        one["version"] = one.pop("version_id")
    return {
        "columns": dossier,
        "documents": documents,
        "claims": {one["claim_id"]: one["closed_at"] is not None for one in claims},
        "objects": objects,
    }


def _as_text(moment: datetime | str | None) -> str | None:
    if moment is None:
        return None
    known = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    aware = known.replace(tzinfo=UTC) if known.tzinfo is None else known.astimezone(UTC)
    return aware.isoformat(timespec="microseconds")


def _canonical(value: Any) -> str:
    return json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )
