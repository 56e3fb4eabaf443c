"""The tables of news for other systems; see :mod:`storage.tables`."""

import sqlalchemy as sa

from storage.account_tables import Words
from storage.tables import METADATA, Utc

delivery_target = sa.Table(
    "delivery_target",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("name", sa.String(64), nullable=False),
    sa.Column("folded", sa.String(64), nullable=False, unique=True),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("departments", Words),
    sa.Column("events", Words, nullable=False),
    sa.Column("adapter", sa.String(60), nullable=False),
    sa.Column("plain", sa.Boolean, nullable=False),
    sa.Column("made_by", sa.String(200), nullable=False),
    sa.Column("made_at", Utc, nullable=False),
    sa.Column("ended_by", sa.String(200)),
    sa.Column("ended_at", Utc),
    sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
    sa.Column("failing_since", Utc),
    sa.Column("retry_at", Utc),
    sa.Column("last_delivered_at", Utc),
)
"""A system that is told. Its secret is not here. ``failures`` in a row; ``retry_at``: it is left
alone until then."""

delivery = sa.Table(
    "delivery",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("target_id", sa.Integer, sa.ForeignKey("delivery_target.id"), nullable=False),
    sa.Column("dossier_id", sa.Integer, sa.ForeignKey("dossier.id"), nullable=False),
    sa.Column("document_id", sa.Integer, sa.ForeignKey("document.id")),
    sa.Column("news", sa.String(40), nullable=False),
    sa.Column("key", sa.String(32), nullable=False, unique=True),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("at", Utc, nullable=False),
    sa.Column("since", Utc, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("retry_at", Utc, nullable=False),
    sa.Column("lease_owner", sa.String(200)),
    sa.Column("lease_until", Utc),
    sa.Column("body", sa.Text),
    sa.Column("error", sa.String(60)),
    sa.Column("status", sa.Integer),
    sa.Column("dead_at", Utc),
    sa.Column("delivered_at", Utc),
    sa.Column("acknowledged_at", Utc),
    sa.Column("asked_key", sa.String(64), unique=True),
    sa.Index("delivery_by_dossier", "dossier_id", "id"),
)
"""One piece of news for one system, entered with the event of that ``seq``.

The ``id`` is the order within a dossier and a target. ``body`` is what was sent first, kept until
it is delivered, so that every try says the same. ``since``: the days it is tried count from then.
"""
_OPEN = delivery.c.delivered_at.is_(None)
sa.Index(
    "delivery_open",
    delivery.c.target_id,
    delivery.c.dossier_id,
    delivery.c.id,
    sqlite_where=_OPEN,
    postgresql_where=_OPEN,
)
