"""Sheets of zones that one person looks at together, and what two people enter blind."""

import sqlalchemy as sa
from alembic import op

revision = "0012_sheets"
down_revision = "0011_figures"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_SHA256 = sa.String(64)


def upgrade() -> None:
    """Add the tables; nothing that is there changes."""
    _sheets()
    _entries()


def _sheets() -> None:
    op.create_table(
        "sheet",
        sa.Column("key", sa.String(32), primary_key=True),
        sa.Column("kind", sa.String(100), nullable=False),
        sa.Column("made_by", sa.String(200), nullable=False),
        sa.Column("made_at", _TIME, nullable=False),
        sa.Column("until", _TIME, nullable=False),
        sa.Column("answered_at", _TIME),
        sa.Column("closed_at", _TIME),
        sa.Column("undone_at", _TIME),
    )
    op.create_index("sheet_by_person", "sheet", ["made_by", "made_at"])
    op.create_index("sheet_by_time", "sheet", ["made_at"])
    op.create_table(
        "sheet_zone",
        sa.Column("sheet_key", sa.String(32), sa.ForeignKey("sheet.key"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("document_id", sa.Integer, sa.ForeignKey("document.id"), nullable=False),
        sa.Column("manifest_sha256", _SHA256, nullable=False),
        sa.Column("path", sa.String(200), nullable=False),
        sa.Column("planted", sa.Boolean, nullable=False),
        sa.Column("shown", sa.Text),
        sa.Column("held", sa.Boolean, nullable=False),
        sa.Column("wrong", sa.Boolean),
        sa.Column("decision_id", sa.Integer, sa.ForeignKey("decision.id")),
    )
    op.create_index(
        "sheet_zone_held",
        "sheet_zone",
        ["document_id", "manifest_sha256", "path"],
        unique=True,
        sqlite_where=sa.text("held IS 1"),
        postgresql_where=sa.text("held IS true"),
    )
    op.create_index(
        "sheet_zone_marked",
        "sheet_zone",
        ["document_id"],
        sqlite_where=sa.text("wrong IS 1 AND planted IS 0"),
        postgresql_where=sa.text("wrong IS true AND planted IS false"),
    )


def _entries() -> None:
    op.create_table(
        "entry_turn",
        sa.Column("document_id", sa.Integer, sa.ForeignKey("document.id"), primary_key=True),
        sa.Column("manifest_sha256", _SHA256, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("made_by", sa.String(200), nullable=False),
        sa.Column("moved_at", _TIME, nullable=False),
        sa.Column("done_at", _TIME),
    )
    op.create_table(
        "entry",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("document_id", sa.Integer, sa.ForeignKey("document.id"), nullable=False),
        sa.Column("manifest_sha256", _SHA256, nullable=False),
        sa.Column("turn", sa.Integer, nullable=False),
        sa.Column("path", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("value", sa.Text),
        sa.Column("salt", sa.String(32), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("made_at", _TIME, nullable=False),
        sa.UniqueConstraint("document_id", "manifest_sha256", "turn", "path", name="entry_path"),
    )
