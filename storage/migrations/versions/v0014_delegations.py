"""Who approves in whose stead, from when to when; and in whose stead an approval was given."""

import sqlalchemy as sa
from alembic import op

revision = "0014_delegations"
down_revision = "0013_rescans"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the table and the column."""
    op.create_table(
        "approval_delegation",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("giver_id", sa.Integer, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("delegate_id", sa.Integer, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("begins_at", _TIME, nullable=False),
        sa.Column("ends_at", _TIME, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("salt", sa.String(32), nullable=False),
        sa.Column("made_by", sa.String(200), nullable=False),
        sa.Column("made_at", _TIME, nullable=False),
        sa.Column("ended_by", sa.String(200)),
        sa.Column("ended_at", _TIME),
    )
    op.create_index("delegation_by_delegate", "approval_delegation", ["delegate_id", "ends_at"])
    op.add_column("approval", sa.Column("made_for", sa.String(200)))
