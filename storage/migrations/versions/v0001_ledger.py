"""The first tables: dossiers, claims, documents, objects and the event log."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_SHA256 = sa.String(64)

_SQLITE_APPEND_ONLY = (
    "CREATE TRIGGER event_no_update BEFORE UPDATE ON event"
    " BEGIN SELECT RAISE(ABORT, 'the event log is append-only'); END",
    "CREATE TRIGGER event_no_delete BEFORE DELETE ON event"
    " BEGIN SELECT RAISE(ABORT, 'the event log is append-only'); END",
    # INSERT OR REPLACE deletes without firing the trigger above
    "CREATE TRIGGER event_in_order BEFORE INSERT ON event"
    " WHEN NEW.seq <> (SELECT COALESCE(MAX(seq), 0) + 1 FROM event)"
    " BEGIN SELECT RAISE(ABORT, 'events are appended one by one'); END",
)
_POSTGRES_APPEND_ONLY = (
    "CREATE FUNCTION event_append_only() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN RAISE EXCEPTION 'the event log is append-only'; END $$",
    "CREATE TRIGGER event_no_change BEFORE UPDATE OR DELETE ON event"
    " FOR EACH ROW EXECUTE FUNCTION event_append_only()",
    "CREATE TRIGGER event_no_truncate BEFORE TRUNCATE ON event"
    " FOR EACH STATEMENT EXECUTE FUNCTION event_append_only()",
)


def upgrade() -> None:
    """Create everything."""
    _dossiers_and_claims()
    _documents()
    _objects()
    _events()
    statements = (
        _SQLITE_APPEND_ONLY if op.get_bind().dialect.name == "sqlite" else _POSTGRES_APPEND_ONLY
    )
    for statement in statements:
        op.execute(statement)


def _dossiers_and_claims() -> None:
    op.create_table(
        "dossier",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("department", sa.String(63), nullable=False),
        sa.Column("code", sa.String(80), nullable=False),
        sa.Column("provisional", sa.Boolean, nullable=False),
        sa.Column("stage", sa.String(20), nullable=False),
        sa.Column("lease_owner", sa.String(200)),
        sa.Column("lease_until", _TIME),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_attempt_at", _TIME),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.Column("warnings", sa.Text, nullable=False),
        sa.UniqueConstraint("department", "code", name="dossier_code"),
    )
    op.create_index("dossier_by_code", "dossier", ["code"])
    op.create_table(
        "claim",
        sa.Column("claim_id", sa.String(80), primary_key=True),
        sa.Column("dossier_id", sa.Integer, sa.ForeignKey("dossier.id"), nullable=False),
        sa.Column("folder", sa.Text, nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("closed_at", _TIME),
    )
    op.create_index("claim_by_dossier", "claim", ["dossier_id"])
    op.create_index(
        "claim_open",
        "claim",
        ["dossier_id"],
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )


def _documents() -> None:
    op.create_table(
        "document",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("dossier_id", sa.Integer, sa.ForeignKey("dossier.id"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("claim_id", sa.String(80), sa.ForeignKey("claim.claim_id"), nullable=False),
        sa.Column("relative", sa.Text, nullable=False),
        sa.Column("source_sha256", _SHA256, nullable=False),
        sa.Column("source_bytes", sa.BigInteger, nullable=False),
        sa.Column("media_type", sa.String(100)),
        sa.Column("document_type", sa.String(100)),
        sa.Column("stage", sa.String(20), nullable=False),
        sa.Column("failed_from", sa.String(20)),
        sa.Column("manifest_sha256", _SHA256),
        sa.Column("pdfa_sha256", _SHA256),
        sa.Column("signed_sha256", _SHA256),
        sa.Column("pages", sa.Integer),
        sa.Column("error_code", sa.String(100)),
        sa.Column("error_params", sa.Text, nullable=False),
        sa.Column("duplicate_of", sa.Integer, sa.ForeignKey("document.id")),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.UniqueConstraint("dossier_id", "number", name="document_number"),
    )
    op.create_index("document_by_claim", "document", ["claim_id"])
    op.create_index("document_by_source", "document", ["source_sha256"])
    op.create_index("document_by_stage", "document", ["stage"])
    op.create_index(
        "document_by_duplicate",
        "document",
        ["duplicate_of"],
        sqlite_where=sa.text("duplicate_of IS NOT NULL"),
        postgresql_where=sa.text("duplicate_of IS NOT NULL"),
    )


def _objects() -> None:
    op.create_table(
        "stored_object",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("dossier_id", sa.Integer, sa.ForeignKey("dossier.id"), nullable=False),
        sa.Column("document_id", sa.Integer, sa.ForeignKey("document.id")),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("bucket", sa.String(63), nullable=False),
        sa.Column("key", sa.String(1024), nullable=False),
        sa.Column("version_id", sa.String(200)),
        sa.Column("sha256", _SHA256, nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Column("retain_until", _TIME),
        sa.Column("recorded_at", _TIME, nullable=False),
        sa.UniqueConstraint("bucket", "key", name="stored_object_key"),
    )
    op.create_index("stored_object_by_dossier", "stored_object", ["dossier_id"])
    op.create_index("stored_object_by_document", "stored_object", ["document_id"])


def _events() -> None:
    op.create_table(
        "event",
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(60), nullable=False),
        sa.Column("dossier_id", sa.Integer, sa.ForeignKey("dossier.id")),
        sa.Column("document_id", sa.Integer, sa.ForeignKey("document.id")),
        sa.Column("hash_before", _SHA256),
        sa.Column("hash_after", _SHA256),
        sa.Column("data", sa.Text, nullable=False),
        sa.Column("prev_hash", _SHA256, nullable=False),
        sa.Column("hash", _SHA256, nullable=False),
    )
    op.create_index("event_by_dossier", "event", ["dossier_id", "seq"])
    op.create_index("event_by_document", "event", ["document_id", "seq"])
    head = op.create_table(
        "chain_head",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("hash", _SHA256, nullable=False),
    )
    op.bulk_insert(head, [{"id": 1, "seq": 0, "hash": "0" * 64}])
