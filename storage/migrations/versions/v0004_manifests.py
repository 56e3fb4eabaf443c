"""Manifests kept until they are stored; documents that came inside another one."""

import sqlalchemy as sa
from alembic import op

revision = "0004_manifests"
down_revision = "0003_departments"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table and the column."""
    op.create_table(
        "kept_manifest",
        sa.Column("document_id", sa.Integer, sa.ForeignKey("document.id"), primary_key=True),
        sa.Column("sha256", sa.String(64), primary_key=True),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
    # Alembic adds a foreign key by ALTER TABLE ADD CONSTRAINT, which SQLite has not.
    op.execute("ALTER TABLE document ADD COLUMN attached_to INTEGER REFERENCES document (id)")
    op.create_index(
        "document_by_container",
        "document",
        ["attached_to"],
        sqlite_where=sa.text("attached_to IS NOT NULL"),
        postgresql_where=sa.text("attached_to IS NOT NULL"),
    )
