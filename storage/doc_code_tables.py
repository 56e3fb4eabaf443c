"""The tables of DocCodes and of what people say documents are; see :mod:`storage.tables`."""

import sqlalchemy as sa

from storage.tables import METADATA, CanonicalJson, Utc

doc_code = sa.Table(
    "doc_code",
    METADATA,
    sa.Column("document_id", sa.Integer, sa.ForeignKey("document.id"), primary_key=True),
    sa.Column("agency", sa.String(12), nullable=False),
    sa.Column("field", sa.String(5), nullable=False),
    sa.Column("serial", sa.Integer, nullable=False),
    sa.Column("read", CanonicalJson, nullable=False, server_default="null"),
    sa.Column("given_at", Utc, nullable=False),
    sa.UniqueConstraint("agency", "field", "serial", name="doc_code_serial"),
)
"""One row a document, never changed but for ``read``: what its manifest says it is, made from it
once since a list cannot open every manifest; null until that was done."""

doc_description = sa.Table(
    "doc_description",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("document_id", sa.Integer, sa.ForeignKey("document.id")),
    sa.Column("department", sa.String(63)),
    sa.Column("source_sha256", sa.String(64)),
    sa.Column("key", sa.String(64), unique=True),
    sa.Column("said", CanonicalJson, nullable=False),
    sa.Column("salt", sa.String(32), nullable=False),
    sa.Column("made_by", sa.String(200), nullable=False),
    sa.Column("made_at", Utc, nullable=False),
    sa.Index("doc_description_by_document", "document_id", "id"),
    sa.Index("doc_description_by_source", "source_sha256", "department"),
)
"""What somebody said a document is: of one that is there (``document_id``), or with the file that
they handed in (``department``, ``source_sha256``, ``key`` of the hand-in). Rows are added, never
changed; the newest counts. ``said`` may hold personal data: events have its salted mark."""

link_key = sa.Table(
    "link_key",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("key", sa.LargeBinary, nullable=False),
    sa.Column("made_at", Utc, nullable=False),
)
"""One row, id 1: what all hosts of the ledger sign short-lived links with."""
