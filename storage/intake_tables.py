"""The table of what was handed in over the network; see :mod:`storage.tables`."""

import sqlalchemy as sa

from storage.tables import METADATA, Utc

_SHA256 = sa.String(64)

hand_in = sa.Table(
    "hand_in",
    METADATA,
    sa.Column("key", _SHA256, primary_key=True),
    sa.Column("department", sa.String(63), nullable=False),
    sa.Column("code", sa.String(80), nullable=False),
    sa.Column("provisional", sa.Boolean, nullable=False),
    sa.Column("files", sa.Integer, nullable=False),
    sa.Column("content", _SHA256, nullable=False),
    sa.Column("made_by", sa.String(200), nullable=False),
    sa.Column("made_at", Utc, nullable=False),
    sa.Column("held_until", Utc),
    sa.Column("done_at", Utc),
    sa.Index("hand_in_by_code", "code"),
    sa.Index("hand_in_by_time", "made_at"),
)
"""``key`` is the hash of the sender's name and the key they gave; ``content`` that of the hashes
of the files. Changes nothing of a dossier, so it is no event: the inbox says what was handed in."""
