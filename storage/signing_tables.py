"""The ledger's tables of routes and batches: files that people sign outside of any dossier.

Names of people and files, and a person's words, are personal data: they stand in rows, the events
hold salted marks of them (:mod:`storage.marks`). ``event_seq`` is the event with which it began.
"""

import sqlalchemy as sa

from storage.tables import METADATA, ClerkText, Utc

_KEY = sa.Integer
_SHA256 = sa.String(64)
_SALT = sa.String(32)

route = sa.Table(
    "route",
    METADATA,
    sa.Column("id", _KEY, primary_key=True, autoincrement=True),
    sa.Column("key", sa.String(40), nullable=False),
    sa.Column("folder", ClerkText, nullable=False),
    sa.Column("sha256", _SHA256, nullable=False),
    sa.Column("salt", _SALT, nullable=False),
    sa.Column("begun_by", sa.String(200), nullable=False),
    sa.Column("begun_at", Utc, nullable=False),
    sa.Column("event_seq", sa.BigInteger, nullable=False),
    sa.Column("lease_owner", sa.String(200)),
    sa.Column("lease_until", Utc),
    sa.UniqueConstraint("key", name="route_key"),
)

route_turn = sa.Table(
    "route_turn",
    METADATA,
    sa.Column("route_id", _KEY, sa.ForeignKey("route.id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("profile", sa.String(100), nullable=False),
    sa.Column("role", sa.String(20), nullable=False),
    sa.Column("taken_by", sa.Text),
    sa.Column("taken_at", Utc),
    sa.Column("ended_as", sa.String(20)),
    sa.Column("signed_sha256", _SHA256),
    sa.Column("reason", sa.Text),
    sa.Column("basis", sa.Text),
    sa.Column("salt", _SALT),
)
"""Whose turn it is, and, from ``taken_by`` on, what became of it."""

delegation = sa.Table(
    "delegation",
    METADATA,
    sa.Column("route_id", _KEY, sa.ForeignKey("route.id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("of_person", sa.Text, nullable=False),
    sa.Column("to_person", sa.Text, nullable=False),
    sa.Column("first_day", sa.Date, nullable=False),
    sa.Column("last_day", sa.Date, nullable=False),
    sa.Column("basis", sa.Text, nullable=False),
)

batch = sa.Table(
    "batch",
    METADATA,
    sa.Column("id", _KEY, primary_key=True, autoincrement=True),
    sa.Column("key", sa.String(40), nullable=False),
    sa.Column("folder", ClerkText, nullable=False),
    sa.Column("profile", sa.String(100), nullable=False),
    sa.Column("role", sa.String(20), nullable=False),
    sa.Column("number", sa.Text),
    sa.Column("salt", _SALT, nullable=False),
    sa.Column("approved_by", sa.Text, nullable=False),
    sa.Column("approved_at", Utc, nullable=False),
    sa.Column("event_seq", sa.BigInteger, nullable=False),
    sa.Column("lease_owner", sa.String(200)),
    sa.Column("lease_until", Utc),
    sa.UniqueConstraint("key", name="batch_key"),
)

batch_item = sa.Table(
    "batch_item",
    METADATA,
    sa.Column("batch_id", _KEY, sa.ForeignKey("batch.id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("source", ClerkText, nullable=False),
    sa.Column("sha256", _SHA256, nullable=False),
    sa.Column("out", ClerkText, nullable=False),
    sa.Column("ended_as", sa.String(20), nullable=False),
    sa.Column("signed_sha256", _SHA256),
    sa.Column("adopted", sa.Boolean, nullable=False),
    sa.Column("error", sa.String(100)),
    sa.Column("attempts", sa.Integer, nullable=False),
)
