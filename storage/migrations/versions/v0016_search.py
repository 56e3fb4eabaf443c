"""The search index of what was published. It is a cache: ``sohoa ledger reindex`` fills it."""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0016_search"
down_revision = "0015_grants"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables, the index of the database's own kind, and the key of fingerprints."""
    op.create_table(
        "search_entry",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("document_id", sa.Integer, sa.ForeignKey("document.id"), nullable=False),
        sa.Column("packed", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("document_id", name="search_entry_document"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "search_number",
        sa.Column("mark", sa.String(32), primary_key=True),
        sa.Column("entry_id", sa.Integer, sa.ForeignKey("search_entry.id"), primary_key=True),
    )
    op.create_index("search_number_by_entry", "search_number", ["entry_id"])
    op.create_table("search_word", sa.Column("word", sa.String(120), primary_key=True))
    key = op.create_table(
        "search_key",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("key", sa.String(64), nullable=False),
    )
    op.execute(sa.insert(key).values(id=1, key=secrets.token_hex(32)))
    if op.get_bind().dialect.name == "sqlite":
        # Words are cut and folded before they come here, so every byte above ASCII is of a word.
        op.execute(
            "CREATE VIRTUAL TABLE search_text USING"
            " fts5(words, content='', detail=none, tokenize=\"ascii tokenchars '_='\")"
        )
    else:
        op.execute("CREATE TABLE search_text (id integer PRIMARY KEY, words tsvector NOT NULL)")
        op.execute("CREATE INDEX search_text_words ON search_text USING gin (words)")
