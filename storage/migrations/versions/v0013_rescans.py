"""Pages scanned again, what people change of a document, who has a document open for review."""

import sqlalchemy as sa
from alembic import op

revision = "0013_rescans"
down_revision = "0012_sheets"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_SHA256 = sa.String(64)
_WHO = sa.String(200)


def upgrade() -> None:
    """Add a column and two tables."""
    op.add_column("document", sa.Column("changes", sa.Text))
    op.create_table(
        "rescan",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("code", sa.String(16), nullable=False, unique=True),
        sa.Column("document_id", sa.Integer, sa.ForeignKey("document.id"), nullable=False),
        sa.Column("page", sa.Integer),
        sa.Column("manifest_sha256", _SHA256, nullable=False),
        sa.Column("reason_id", sa.Integer, sa.ForeignKey("reason.id"), nullable=False),
        sa.Column("asked_by", _WHO, nullable=False),
        sa.Column("asked_at", _TIME, nullable=False),
        sa.Column("link_sha256", _SHA256, unique=True),
        sa.Column("link_until", _TIME),
        sa.Column("link_tries", sa.Integer, nullable=False, server_default="0"),
        sa.Column("picture_sha256", _SHA256),
        sa.Column("picture_bytes", sa.BigInteger),
        sa.Column("picture_media", sa.String(100)),
        sa.Column("picture_by", _WHO),
        sa.Column("picture_at", _TIME),
        sa.Column("outcome", sa.String(20)),
        sa.Column("ended_by", _WHO),
        sa.Column("ended_at", _TIME),
        sa.Column("answered_by", sa.Integer, sa.ForeignKey("document.id")),
    )
    op.create_index("rescan_by_document", "rescan", ["document_id"])
    open_ones = sa.text("ended_at IS NULL")
    op.create_index(
        "rescan_open", "rescan", ["id"], sqlite_where=open_ones, postgresql_where=open_ones
    )
    op.create_table(
        "review_lease",
        sa.Column("document_id", sa.Integer, sa.ForeignKey("document.id"), primary_key=True),
        sa.Column("holder", _WHO, nullable=False),
        sa.Column("mark", sa.String(32), nullable=False),
        sa.Column("since", _TIME, nullable=False),
        sa.Column("until", _TIME, nullable=False),
    )
    op.create_index("review_lease_by_end", "review_lease", ["until"])
