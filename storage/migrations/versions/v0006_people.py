"""What people do: decisions, approvals and reasons as rows; due dates; withdrawn documents."""

import sqlalchemy as sa
from alembic import op

revision = "0006_people"
down_revision = "0005_trust"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_SHA256 = sa.String(64)


def upgrade() -> None:
    """Add the tables and the columns; what is there stays as it is, and as its events say."""
    op.add_column("dossier", sa.Column("procedures", sa.Text))
    op.add_column("dossier", sa.Column("due_at", _TIME))
    op.add_column("document", sa.Column("reading_sha256", _SHA256))
    op.add_column("document", sa.Column("doubts", sa.Integer))
    # Alembic adds a foreign key by ALTER TABLE ADD CONSTRAINT, which SQLite has not.
    op.execute("ALTER TABLE document ADD COLUMN superseded_by INTEGER REFERENCES document (id)")
    _decisions()
    _approvals()


def _decisions() -> None:
    op.create_table(
        "decision",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("document_id", sa.Integer, sa.ForeignKey("document.id"), nullable=False),
        sa.Column("manifest_sha256", _SHA256, nullable=False),
        sa.Column("path", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("value", sa.Text),
        sa.Column("salt", sa.String(32), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("made_by", sa.String(200), nullable=False),
        sa.Column("made_at", _TIME, nullable=False),
        sa.Column("undone_by", sa.String(200)),
        sa.Column("undone_at", _TIME),
        sa.UniqueConstraint("document_id", "key", name="decision_key"),
    )
    standing = sa.text("undone_at IS NULL")
    op.create_index(
        "decision_standing",
        "decision",
        ["document_id", "manifest_sha256", "path"],
        unique=True,
        sqlite_where=standing,
        postgresql_where=standing,
    )


def _approvals() -> None:
    op.create_table(
        "approval",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("document_id", sa.Integer, sa.ForeignKey("document.id"), nullable=False),
        sa.Column("manifest_sha256", _SHA256, nullable=False),
        sa.Column("made_by", sa.String(200), nullable=False),
        sa.Column("made_at", _TIME, nullable=False),
        sa.Column("void", sa.Boolean, nullable=False, server_default=sa.false()),
    )
    op.create_index("approval_by_document", "approval", ["document_id"])
    op.create_table(
        "reason",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("document_id", sa.Integer, sa.ForeignKey("document.id"), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("salt", sa.String(32), nullable=False),
        sa.Column("made_by", sa.String(200), nullable=False),
        sa.Column("made_at", _TIME, nullable=False),
    )
    op.create_index("reason_by_document", "reason", ["document_id"])
