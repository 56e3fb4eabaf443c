"""What was handed in over the network, by its key; and lists of many dossiers, page by page."""

import sqlalchemy as sa
from alembic import op

revision = "0010_intake_keys"
down_revision = "0009_accounts"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the table and the indexes."""
    op.create_table(
        "hand_in",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("department", sa.String(63), nullable=False),
        sa.Column("code", sa.String(80), nullable=False),
        sa.Column("provisional", sa.Boolean, nullable=False),
        sa.Column("files", sa.Integer, nullable=False),
        sa.Column("content", sa.String(64), nullable=False),
        sa.Column("made_by", sa.String(200), nullable=False),
        sa.Column("made_at", _TIME, nullable=False),
        sa.Column("held_until", _TIME),
        sa.Column("done_at", _TIME),
    )
    op.create_index("hand_in_by_code", "hand_in", ["code"])
    op.create_index("hand_in_by_time", "hand_in", ["made_at"])
    op.create_index("dossier_by_department", "dossier", ["department", "id"])
    op.create_index("dossier_by_stage", "dossier", ["stage", "id"])
    # with the department, or SQLite would look for a provisional code in the index of departments
    op.drop_index("dossier_by_first_code", "dossier")
    op.create_index("dossier_by_first_code", "dossier", ["first_code", "department"])
    op.drop_index("document_by_stage", "document")
    op.create_index("document_by_stage", "document", ["stage", "updated_at", "id"])
