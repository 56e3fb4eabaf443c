"""Other systems that are told when a dossier changes, and what is on its way to them."""

import sqlalchemy as sa
from alembic import op

revision = "0019_outbox"
down_revision = "0018_public_codes"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "delivery_target",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("folded", sa.String(64), nullable=False, unique=True),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("departments", sa.Text),
        sa.Column("events", sa.Text, nullable=False),
        sa.Column("adapter", sa.String(60), nullable=False),
        sa.Column("plain", sa.Boolean, nullable=False),
        sa.Column("made_by", sa.String(200), nullable=False),
        sa.Column("made_at", _TIME, nullable=False),
        sa.Column("ended_by", sa.String(200)),
        sa.Column("ended_at", _TIME),
        sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
        sa.Column("failing_since", _TIME),
        sa.Column("retry_at", _TIME),
        sa.Column("last_delivered_at", _TIME),
    )
    op.create_table(
        "delivery",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("target_id", sa.Integer, sa.ForeignKey("delivery_target.id"), nullable=False),
        sa.Column("dossier_id", sa.Integer, sa.ForeignKey("dossier.id"), nullable=False),
        sa.Column("document_id", sa.Integer, sa.ForeignKey("document.id")),
        sa.Column("news", sa.String(40), nullable=False),
        sa.Column("key", sa.String(32), nullable=False, unique=True),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("since", _TIME, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("retry_at", _TIME, nullable=False),
        sa.Column("lease_owner", sa.String(200)),
        sa.Column("lease_until", _TIME),
        sa.Column("body", sa.Text),
        sa.Column("error", sa.String(60)),
        sa.Column("status", sa.Integer),
        sa.Column("dead_at", _TIME),
        sa.Column("delivered_at", _TIME),
        sa.Column("acknowledged_at", _TIME),
        sa.Column("asked_key", sa.String(64), unique=True),
    )
    op.create_index("delivery_by_dossier", "delivery", ["dossier_id", "id"])
    undelivered = sa.text("delivered_at IS NULL")
    op.create_index(
        "delivery_open",
        "delivery",
        ["target_id", "dossier_id", "id"],
        sqlite_where=undelivered,
        postgresql_where=undelivered,
    )
