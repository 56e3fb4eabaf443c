"""Which host's inbox holds a claim; what the hosts of an office have in common."""

import sqlalchemy as sa
from alembic import op

revision = "0007_hosts"
down_revision = "0006_people"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column and the table. Claims that are open belong to nobody until a host has them."""
    op.add_column("claim", sa.Column("inbox", sa.String(200)))
    op.create_table(
        "office",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
