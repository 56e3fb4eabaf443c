"""What departments share with each other; what somebody read another department's papers for."""

import sqlalchemy as sa
from alembic import op

revision = "0015_grants"
down_revision = "0014_delegations"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the table and the columns."""
    op.create_table(
        "sharing_grant",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("giver", sa.String(63), nullable=False),
        sa.Column("receiver", sa.String(63), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("subject", sa.String(100), nullable=False),
        sa.Column("dossier_id", sa.Integer, sa.ForeignKey("dossier.id")),
        sa.Column("begins_at", _TIME, nullable=False),
        sa.Column("ends_at", _TIME),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("salt", sa.String(32), nullable=False),
        sa.Column("rule", sa.String(100)),
        sa.Column("made_by", sa.String(200), nullable=False),
        sa.Column("made_at", _TIME, nullable=False),
        sa.Column("ended_by", sa.String(200)),
        sa.Column("ended_at", _TIME),
    )
    op.create_index("grant_by_receiver", "sharing_grant", ["receiver", "kind", "giver"])
    op.create_index("grant_by_giver", "sharing_grant", ["giver"])
    op.add_column("access", sa.Column("departments", sa.Text))
    op.add_column("access", sa.Column("purpose", sa.Text))
