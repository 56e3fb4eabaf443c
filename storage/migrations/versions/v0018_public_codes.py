"""The public code of each document, made before it is signed; files found by their hash."""

import sqlalchemy as sa
from alembic import op

revision = "0018_public_codes"
down_revision = "0017_doc_codes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table and the index."""
    op.create_table(
        "public_code",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("document_id", sa.Integer, sa.ForeignKey("document.id"), unique=True),
        sa.Column("code", sa.String(26), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False, unique=True),
        sa.Column("signer_title", sa.String(100)),
        sa.Column("figures", sa.Text, nullable=False),
        sa.Column("salt", sa.String(32), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("stored_object_by_sha256", "stored_object", ["sha256"])
