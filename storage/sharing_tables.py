"""The table of what departments share with each other; see :mod:`storage.sharing`."""

import sqlalchemy as sa

from storage.tables import METADATA, Utc

sharing_grant = sa.Table(
    "sharing_grant",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("giver", sa.String(63), nullable=False),
    sa.Column("receiver", sa.String(63), nullable=False),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("subject", sa.String(100), nullable=False),
    sa.Column("dossier_id", sa.Integer, sa.ForeignKey("dossier.id")),
    sa.Column("begins_at", Utc, nullable=False),
    sa.Column("ends_at", Utc),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("salt", sa.String(32), nullable=False),
    sa.Column("rule", sa.String(100)),
    sa.Column("made_by", sa.String(200), nullable=False),
    sa.Column("made_at", Utc, nullable=False),
    sa.Column("ended_by", sa.String(200)),
    sa.Column("ended_at", Utc),
    sa.Index("grant_by_receiver", "receiver", "kind", "giver"),
    sa.Index("grant_by_giver", "giver"),
)
"""``ends_at`` is the first moment at which it counts no more; ``rule`` names what asked for it."""
