"""DocCodes of published documents, what people say these are, and the key of short-lived links."""

import sqlalchemy as sa
from alembic import op

revision = "0017_doc_codes"
down_revision = "0016_search"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "doc_code",
        sa.Column("document_id", sa.Integer, sa.ForeignKey("document.id"), primary_key=True),
        sa.Column("agency", sa.String(12), nullable=False),
        sa.Column("field", sa.String(5), nullable=False),
        sa.Column("serial", sa.Integer, nullable=False),
        sa.Column("read", sa.Text, nullable=False, server_default="null"),
        sa.Column("given_at", _TIME, nullable=False),
        sa.UniqueConstraint("agency", "field", "serial", name="doc_code_serial"),
    )
    op.create_table(
        "doc_description",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("document_id", sa.Integer, sa.ForeignKey("document.id")),
        sa.Column("department", sa.String(63)),
        sa.Column("source_sha256", sa.String(64)),
        sa.Column("key", sa.String(64), unique=True),
        sa.Column("said", sa.Text, nullable=False),
        sa.Column("salt", sa.String(32), nullable=False),
        sa.Column("made_by", sa.String(200), nullable=False),
        sa.Column("made_at", _TIME, nullable=False),
    )
    op.create_index("doc_description_by_document", "doc_description", ["document_id", "id"])
    op.create_index("doc_description_by_source", "doc_description", ["source_sha256", "department"])
    op.create_table(
        "link_key",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("key", sa.LargeBinary, nullable=False),
        sa.Column("made_at", _TIME, nullable=False),
    )
