"""Indexes from which the indicators of a period are counted."""

from alembic import op

revision = "0011_figures"
down_revision = "0010_intake_keys"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add them; one statement each, some seconds where there are a million documents."""
    op.create_index(
        "document_indicators",
        "document",
        ["dossier_id", "role", "stage", "split", "document_type", "updated_at"],
    )
    op.create_index("dossier_by_arrival", "dossier", ["created_at", "department"])
