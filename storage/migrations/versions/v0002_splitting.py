"""Scans that hold several documents; the code a dossier had before its own was known."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    # Alembic adds a foreign key by ALTER TABLE ADD CONSTRAINT, which SQLite has not.
    op.execute("ALTER TABLE document ADD COLUMN part_of INTEGER REFERENCES document (id)")
    op.add_column(
        "document", sa.Column("source_pages", sa.Text, nullable=False, server_default="[]")
    )
    op.add_column(
        "document", sa.Column("split", sa.Boolean, nullable=False, server_default=sa.false())
    )
    op.add_column("dossier", sa.Column("first_code", sa.String(80)))
    op.create_index(
        "document_by_scan",
        "document",
        ["part_of"],
        sqlite_where=sa.text("part_of IS NOT NULL"),
        postgresql_where=sa.text("part_of IS NOT NULL"),
    )
    op.create_index("dossier_by_first_code", "dossier", ["first_code"])
