"""Who may sign in: accounts, their sessions, tokens of systems, and who saw what."""

import sqlalchemy as sa
from alembic import op

revision = "0009_accounts"
down_revision = "0008_routes"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_SHA256 = sa.String(64)
_NAME = sa.String(64)


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "account",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("name", _NAME, nullable=False),
        sa.Column("folded", _NAME, nullable=False, unique=True),
        sa.Column("password", sa.Text),
        sa.Column("subject", sa.String(400), unique=True),
        sa.Column("duties", sa.Text, nullable=False),
        sa.Column("departments", sa.Text),
        sa.Column("must_change", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("disabled", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("password_at", _TIME),
    )
    op.create_table(
        "session",
        sa.Column("sha256", _SHA256, primary_key=True),
        sa.Column("account_id", sa.Integer, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("seen_at", _TIME, nullable=False),
        sa.Column("ended_at", _TIME),
    )
    op.create_index("session_by_account", "session", ["account_id"])
    op.create_table(
        "token",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("name", _NAME, nullable=False),
        sa.Column("folded", _NAME, nullable=False, unique=True),
        sa.Column("sha256", _SHA256, nullable=False, unique=True),
        sa.Column("duties", sa.Text, nullable=False),
        sa.Column("departments", sa.Text),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("ends_at", _TIME, nullable=False),
        sa.Column("ended_at", _TIME),
    )
    op.create_table(
        "attempt",
        sa.Column("key", _SHA256, primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("last_at", _TIME, nullable=False),
        sa.Column("locked_until", _TIME),
    )
    op.create_index("attempt_by_time", "attempt", ["last_at"])
    op.create_table(
        "access",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("dossier_id", sa.Integer, sa.ForeignKey("dossier.id")),
        sa.Column("document_id", sa.Integer, sa.ForeignKey("document.id")),
        sa.Column("object", sa.String(200)),
    )
    op.create_index("access_by_dossier", "access", ["dossier_id"])
    op.create_index("access_by_actor", "access", ["actor", "at"])
