"""The tables of sheets of zones, and of what two people enter blind; see :mod:`storage.tables`."""

import sqlalchemy as sa

from storage.tables import METADATA, Utc

_KEY = sa.Integer
_SHA256 = sa.String(64)
_ACTOR = sa.String(200)

sheet = sa.Table(
    "sheet",
    METADATA,
    sa.Column("key", sa.String(32), primary_key=True),
    sa.Column("kind", sa.String(100), nullable=False),
    sa.Column("made_by", _ACTOR, nullable=False),
    sa.Column("made_at", Utc, nullable=False),
    sa.Column("until", Utc, nullable=False),
    sa.Column("answered_at", Utc),
    sa.Column("closed_at", Utc),
    sa.Column("undone_at", Utc),
    sa.Index("sheet_by_person", "made_by", "made_at"),
    sa.Index("sheet_by_time", "made_at"),
)
"""Doubtful zones of one kind that one person looks at; nobody else gets them ``until`` then."""

sheet_zone = sa.Table(
    "sheet_zone",
    METADATA,
    sa.Column("sheet_key", sa.String(32), sa.ForeignKey("sheet.key"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("document_id", _KEY, sa.ForeignKey("document.id"), nullable=False),
    sa.Column("manifest_sha256", _SHA256, nullable=False),
    sa.Column("path", sa.String(200), nullable=False),
    sa.Column("planted", sa.Boolean, nullable=False),
    sa.Column("shown", sa.Text),
    sa.Column("held", sa.Boolean, nullable=False),
    sa.Column("wrong", sa.Boolean),
    sa.Column("decision_id", _KEY, sa.ForeignKey("decision.id")),
)
"""``planted``: the value shown is known to be wrong; ``shown`` has it until the sheet is closed.
``wrong`` is what the person said, ``decision_id`` the decision that they made by it."""
_HELD = sheet_zone.c.held.is_(sa.true())
sa.Index(
    "sheet_zone_held",
    sheet_zone.c.document_id,
    sheet_zone.c.manifest_sha256,
    sheet_zone.c.path,
    unique=True,
    sqlite_where=_HELD,
    postgresql_where=_HELD,
)
MARKED = sa.and_(sheet_zone.c.wrong.is_(sa.true()), sheet_zone.c.planted.is_(sa.false()))
"""That somebody marked a zone as wrong, which then is for its document's review."""
sa.Index(
    "sheet_zone_marked", sheet_zone.c.document_id, sqlite_where=MARKED, postgresql_where=MARKED
)

entry_turn = sa.Table(
    "entry_turn",
    METADATA,
    sa.Column("document_id", _KEY, sa.ForeignKey("document.id"), primary_key=True),
    sa.Column("manifest_sha256", _SHA256, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("made_by", _ACTOR, nullable=False),
    sa.Column("moved_at", Utc, nullable=False),
    sa.Column("done_at", Utc),
)
"""Who enters a document first (1) and second (2), of those that are entered twice."""

entry = sa.Table(
    "entry",
    METADATA,
    sa.Column("id", _KEY, primary_key=True, autoincrement=True),
    sa.Column("document_id", _KEY, sa.ForeignKey("document.id"), nullable=False),
    sa.Column("manifest_sha256", _SHA256, nullable=False),
    sa.Column("turn", sa.Integer, nullable=False),
    sa.Column("path", sa.String(200), nullable=False),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("value", sa.Text),
    sa.Column("salt", sa.String(32), nullable=False),
    sa.Column("key", sa.String(64), nullable=False),
    sa.Column("made_at", Utc, nullable=False),
    sa.UniqueConstraint("document_id", "manifest_sha256", "turn", "path", name="entry_path"),
)
"""What one of the two says of a doubt. No decision yet, and shown to nobody else until both are
done. ``value`` is personal data: the event has its salted mark."""
