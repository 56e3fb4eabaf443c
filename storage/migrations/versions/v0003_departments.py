"""Departments that are known: those of the dossiers there are, and the one-stop unit."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0003_departments"
down_revision = "0002"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the table, and enter what was used until now under its own name."""
    table = op.create_table(
        "department",
        sa.Column("id", sa.String(63), primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
    )
    used = set(op.get_bind().execute(sa.text("SELECT DISTINCT department FROM dossier")).scalars())
    now = datetime.now(UTC)
    known = {one: one for one in sorted(used)} | {"mot-cua": "Một cửa"}
    op.bulk_insert(
        table, [{"id": one, "name": name, "created_at": now} for one, name in known.items()]
    )
