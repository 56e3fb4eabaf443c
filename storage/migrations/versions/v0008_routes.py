"""Routes (several signers in turn) and batches (one approval, many files) as rows."""

import sqlalchemy as sa
from alembic import op

revision = "0008_routes"
down_revision = "0007_hosts"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_SHA256 = sa.String(64)
_SALT = sa.String(32)
_LEASE = (("lease_owner", sa.String(200)), ("lease_until", _TIME))


def upgrade() -> None:
    """Add the tables. What folders of earlier versions hold comes in when it is gone on with."""
    _routes()
    _batches()


def _routes() -> None:
    op.create_table(
        "route",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("key", sa.String(40), nullable=False),
        sa.Column("folder", sa.Text, nullable=False),
        sa.Column("sha256", _SHA256, nullable=False),
        sa.Column("salt", _SALT, nullable=False),
        sa.Column("begun_by", sa.String(200), nullable=False),
        sa.Column("begun_at", _TIME, nullable=False),
        sa.Column("event_seq", sa.BigInteger, nullable=False),
        *(sa.Column(name, kind) for name, kind in _LEASE),
        sa.UniqueConstraint("key", name="route_key"),
    )
    op.create_table(
        "route_turn",
        sa.Column("route_id", sa.Integer, sa.ForeignKey("route.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("profile", sa.String(100), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("taken_by", sa.Text),
        sa.Column("taken_at", _TIME),
        sa.Column("ended_as", sa.String(20)),
        sa.Column("signed_sha256", _SHA256),
        sa.Column("reason", sa.Text),
        sa.Column("basis", sa.Text),
        sa.Column("salt", _SALT),
    )
    op.create_table(
        "delegation",
        sa.Column("route_id", sa.Integer, sa.ForeignKey("route.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("of_person", sa.Text, nullable=False),
        sa.Column("to_person", sa.Text, nullable=False),
        sa.Column("first_day", sa.Date, nullable=False),
        sa.Column("last_day", sa.Date, nullable=False),
        sa.Column("basis", sa.Text, nullable=False),
    )


def _batches() -> None:
    op.create_table(
        "batch",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("key", sa.String(40), nullable=False),
        sa.Column("folder", sa.Text, nullable=False),
        sa.Column("profile", sa.String(100), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("number", sa.Text),
        sa.Column("salt", _SALT, nullable=False),
        sa.Column("approved_by", sa.Text, nullable=False),
        sa.Column("approved_at", _TIME, nullable=False),
        sa.Column("event_seq", sa.BigInteger, nullable=False),
        *(sa.Column(name, kind) for name, kind in _LEASE),
        sa.UniqueConstraint("key", name="batch_key"),
    )
    op.create_table(
        "batch_item",
        sa.Column("batch_id", sa.Integer, sa.ForeignKey("batch.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("sha256", _SHA256, nullable=False),
        sa.Column("out", sa.Text, nullable=False),
        sa.Column("ended_as", sa.String(20), nullable=False),
        sa.Column("signed_sha256", _SHA256),
        sa.Column("adopted", sa.Boolean, nullable=False),
        sa.Column("error", sa.String(100)),
        sa.Column("attempts", sa.Integer, nullable=False),
    )
