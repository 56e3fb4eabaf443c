"""The tables of pages to be scanned again and of who reviews what; see :mod:`storage.tables`."""

import sqlalchemy as sa

from storage.tables import METADATA, Utc

_SHA256 = sa.String(64)
_WHO = sa.String(200)

rescan = sa.Table(
    "rescan",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("code", sa.String(16), nullable=False, unique=True),
    sa.Column("document_id", sa.Integer, sa.ForeignKey("document.id"), nullable=False),
    sa.Column("page", sa.Integer),
    sa.Column("manifest_sha256", _SHA256, nullable=False),
    sa.Column("reason_id", sa.Integer, sa.ForeignKey("reason.id"), nullable=False),
    sa.Column("asked_by", _WHO, nullable=False),
    sa.Column("asked_at", Utc, nullable=False),
    sa.Column("link_sha256", _SHA256, unique=True),
    sa.Column("link_until", Utc),
    sa.Column("link_tries", sa.Integer, nullable=False, server_default="0"),
    sa.Column("picture_sha256", _SHA256),
    sa.Column("picture_bytes", sa.BigInteger),
    sa.Column("picture_media", sa.String(100)),
    sa.Column("picture_by", _WHO),
    sa.Column("picture_at", Utc),
    sa.Column("outcome", sa.String(20)),
    sa.Column("ended_by", _WHO),
    sa.Column("ended_at", Utc),
    sa.Column("answered_by", sa.Integer, sa.ForeignKey("document.id")),
    sa.Index("rescan_by_document", "document_id"),
)
"""A page, or without one a document, that somebody wants scanned again. ``link_sha256`` is the hash
of what the one-time address for a phone holds. What became of it is in events: the row says what
waits."""
_OPEN = rescan.c.ended_at.is_(None)
sa.Index("rescan_open", rescan.c.id, sqlite_where=_OPEN, postgresql_where=_OPEN)

review_lease = sa.Table(
    "review_lease",
    METADATA,
    sa.Column("document_id", sa.Integer, sa.ForeignKey("document.id"), primary_key=True),
    sa.Column("holder", _WHO, nullable=False),
    sa.Column("mark", sa.String(32), nullable=False),
    sa.Column("since", Utc, nullable=False),
    sa.Column("until", Utc, nullable=False),
    sa.Index("review_lease_by_end", "until"),
)
"""Who has a document open for review, until when; no part of the event log. ``mark`` is that of the
page they opened last: the one before it, which ends later, does not let go."""
