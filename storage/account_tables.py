"""The tables of who may sign in, and of what they saw; see :mod:`storage.tables`."""

import sqlalchemy as sa

from storage.tables import METADATA, Utc

_NAME = sa.String(64)
_SHA256 = sa.String(64)


class Words(sa.types.TypeDecorator[frozenset[str]]):
    """A set of words without spaces, as text with a space between two; ``None`` stays."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: frozenset[str] | None, dialect: sa.Dialect) -> str | None:
        """Sorted, so that the same set is the same text."""
        return None if value is None else " ".join(sorted(value))

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> frozenset[str] | None:
        """The set again."""
        return None if value is None else frozenset(value.split())


account = sa.Table(
    "account",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("name", _NAME, nullable=False),
    sa.Column("folded", _NAME, nullable=False, unique=True),
    sa.Column("password", sa.Text),
    sa.Column("subject", sa.String(400), unique=True),
    sa.Column("duties", Words, nullable=False),
    sa.Column("departments", Words),
    sa.Column("must_change", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("disabled", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("created_at", Utc, nullable=False),
    sa.Column("password_at", Utc),
)
"""``password`` is an argon2 hash, ``subject`` whom an outside provider of identities knows."""

session = sa.Table(
    "session",
    METADATA,
    sa.Column("sha256", _SHA256, primary_key=True),
    sa.Column("account_id", sa.Integer, sa.ForeignKey("account.id"), nullable=False),
    sa.Column("created_at", Utc, nullable=False),
    sa.Column("seen_at", Utc, nullable=False),
    sa.Column("ended_at", Utc),
    sa.Index("session_by_account", "account_id"),
)

token = sa.Table(
    "token",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("name", _NAME, nullable=False),
    sa.Column("folded", _NAME, nullable=False, unique=True),
    sa.Column("sha256", _SHA256, nullable=False, unique=True),
    sa.Column("duties", Words, nullable=False),
    sa.Column("departments", Words),
    sa.Column("created_at", Utc, nullable=False),
    sa.Column("ends_at", Utc, nullable=False),
    sa.Column("ended_at", Utc),
)

approval_delegation = sa.Table(
    "approval_delegation",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("giver_id", sa.Integer, sa.ForeignKey("account.id"), nullable=False),
    sa.Column("delegate_id", sa.Integer, sa.ForeignKey("account.id"), nullable=False),
    sa.Column("begins_at", Utc, nullable=False),
    sa.Column("ends_at", Utc, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("salt", sa.String(32), nullable=False),
    sa.Column("made_by", sa.String(200), nullable=False),
    sa.Column("made_at", Utc, nullable=False),
    sa.Column("ended_by", sa.String(200)),
    sa.Column("ended_at", Utc),
    sa.Index("delegation_by_delegate", "delegate_id", "ends_at"),
)
"""Who approves in whose stead; ``ends_at`` is the first moment at which they do so no more."""

attempt = sa.Table(
    "attempt",
    METADATA,
    sa.Column("key", _SHA256, primary_key=True),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("last_at", Utc, nullable=False),
    sa.Column("locked_until", Utc),
    sa.Index("attempt_by_time", "last_at"),
)
"""How often somebody tried to sign in, by the hash of the name or of the address they came from.

A name nobody has is counted like any other, so that the answer does not tell whether it is one.
"""

access = sa.Table(
    "access",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("at", Utc, nullable=False),
    sa.Column("actor", sa.String(200), nullable=False),
    sa.Column("kind", sa.String(40), nullable=False),
    sa.Column("dossier_id", sa.Integer, sa.ForeignKey("dossier.id")),
    sa.Column("document_id", sa.Integer, sa.ForeignKey("document.id")),
    sa.Column("object", sa.String(200)),
    sa.Column("departments", Words),
    sa.Column("purpose", sa.Text),
    sa.Index("access_by_dossier", "dossier_id"),
    sa.Index("access_by_actor", "actor", "at"),
)
"""Who saw what, and when: sensitive pictures, and who signed in. Changes nothing, so no event.

``departments`` and ``purpose`` say from where, and what for, another department's papers were read.
"""
