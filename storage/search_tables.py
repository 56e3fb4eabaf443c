"""The tables of the search index; see :mod:`storage.search`.

``search_text`` stands beside them and is of the database's own kind: in SQLite an FTS5 table
without content and places, in PostgreSQL a table with a ``tsvector`` of words without places. Its
history is in ``storage/migrations`` alone.
"""

import sqlalchemy as sa

from storage.tables import METADATA

search_entry = sa.Table(
    "search_entry",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("document_id", sa.Integer, sa.ForeignKey("document.id"), nullable=False),
    sa.Column("packed", sa.LargeBinary, nullable=False),
    sa.UniqueConstraint("document_id", name="search_entry_document"),
    sqlite_autoincrement=True,
)
"""One row a document that was published; ``id`` grows with the time of publishing.

Numbers are given once: words of an entry that was replaced stay in SQLite's index, under a number
that nobody has. ``packed`` is what the document says, to show where something was found: personal
data.
"""

search_number = sa.Table(
    "search_number",
    METADATA,
    sa.Column("mark", sa.String(32), primary_key=True),
    sa.Column("entry_id", sa.Integer, sa.ForeignKey("search_entry.id"), primary_key=True),
    sa.Index("search_number_by_entry", "entry_id"),
)
"""Which documents bear an identity number, by its keyed fingerprint."""

search_word = sa.Table(
    "search_word",
    METADATA,
    sa.Column("word", sa.String(120), primary_key=True),
)
"""Words and whole values of what is indexed, without accents: what a mistyped one may have been."""

search_key = sa.Table(
    "search_key",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("key", sa.String(64), nullable=False),
)
"""One row, id 1: what fingerprints of identity numbers are made with; it stays in the ledger."""
