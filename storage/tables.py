"""The ledger's tables, as the queries see them. Their history is in ``storage/migrations``."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

METADATA = sa.MetaData()


class Utc(sa.types.TypeDecorator[datetime]):
    """An aware time, kept in UTC; SQLite stores it without a zone."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Refuse naive times: they would be taken for UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("times in the ledger must be aware")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """UTC, whatever the session's time zone is."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class CanonicalJson(sa.types.TypeDecorator[Any]):
    """JSON as text that is the same, byte for byte, in every database."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> str:
        """See :func:`canonical`."""
        return canonical(value)

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> Any:
        """The value again."""
        return None if value is None else json.loads(value)


def canonical(value: Any) -> str:
    """JSON with sorted keys and without spaces."""
    return json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )


class ClerkText(sa.types.TypeDecorator[str]):
    """A file name or path, whatever bytes it has.

    Linux gives the bytes of a name that is not UTF-8 as lone surrogates, which no database takes:
    such a text is kept as a JSON string, which spells them out.
    """

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> str | None:
        """As it is, where that is possible."""
        if value is None:
            return None
        plain = not value.startswith('"') and not any(
            "\ud800" <= letter <= "\udfff" or letter == "\0" for letter in value
        )
        return value if plain else json.dumps(value)

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> str | None:
        """As it was."""
        if value is None or not value.startswith('"'):
            return value
        text: str = json.loads(value)
        return text


def as_text(moment: datetime | None) -> str | None:
    """A time as events write it: UTC, ISO 8601."""
    return None if moment is None else moment.astimezone(UTC).isoformat(timespec="microseconds")


GUARDED = (
    "number",
    "role",
    "claim_id",
    "source_sha256",
    "source_bytes",
    "media_type",
    "document_type",
    "stage",
    "failed_from",
    "manifest_sha256",
    "pdfa_sha256",
    "signed_sha256",
    "pages",
    "error_code",
    "duplicate_of",
    "part_of",
    "attached_to",
    "source_pages",
    "split",
    "reading_sha256",
    "doubts",
    "superseded_by",
    "changes",
)
"""Columns of a document that its events prove; a clerk's names stay out of events."""


def guarded_columns(values: Mapping[str, Any]) -> dict[str, Any]:
    """Of a document's new values those that its event must say, as JSON."""
    return {name: values[name] for name in GUARDED if name in values}


_KEY = sa.Integer
_SHA256 = sa.String(64)
_CODE = sa.String(80)
_STAGE = sa.String(20)

department = sa.Table(
    "department",
    METADATA,
    sa.Column("id", sa.String(63), primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("created_at", Utc, nullable=False),
)

dossier = sa.Table(
    "dossier",
    METADATA,
    sa.Column("id", _KEY, primary_key=True, autoincrement=True),
    sa.Column("department", sa.String(63), nullable=False),
    sa.Column("code", _CODE, nullable=False),
    sa.Column("provisional", sa.Boolean, nullable=False),
    sa.Column("stage", _STAGE, nullable=False),
    sa.Column("lease_owner", sa.String(200)),
    sa.Column("lease_until", Utc),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("next_attempt_at", Utc),
    sa.Column("created_at", Utc, nullable=False),
    sa.Column("updated_at", Utc, nullable=False),
    sa.Column("warnings", CanonicalJson, nullable=False),
    sa.Column("first_code", _CODE),
    sa.Column("procedures", sa.Text),
    sa.Column("due_at", Utc),
    sa.UniqueConstraint("department", "code", name="dossier_code"),
    sa.Index("dossier_by_code", "code"),
    sa.Index("dossier_by_first_code", "first_code", "department"),
    sa.Index("dossier_by_department", "department", "id"),
    sa.Index("dossier_by_stage", "stage", "id"),
    sa.Index("dossier_by_arrival", "created_at", "department"),
)

claim = sa.Table(
    "claim",
    METADATA,
    sa.Column("claim_id", sa.String(80), primary_key=True),
    sa.Column("dossier_id", _KEY, sa.ForeignKey("dossier.id"), nullable=False),
    sa.Column("folder", ClerkText, nullable=False),
    sa.Column("inbox", sa.String(200)),
    sa.Column("created_at", Utc, nullable=False),
    sa.Column("closed_at", Utc),
    sa.Index("claim_by_dossier", "dossier_id"),
)
_OPEN = claim.c.closed_at.is_(None)
sa.Index("claim_open", claim.c.dossier_id, sqlite_where=_OPEN, postgresql_where=_OPEN)

document = sa.Table(
    "document",
    METADATA,
    sa.Column("id", _KEY, primary_key=True, autoincrement=True),
    sa.Column("dossier_id", _KEY, sa.ForeignKey("dossier.id"), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("role", sa.String(20), nullable=False),
    sa.Column("name", ClerkText, nullable=False),
    sa.Column("claim_id", sa.String(80), sa.ForeignKey("claim.claim_id"), nullable=False),
    sa.Column("relative", ClerkText, nullable=False),
    sa.Column("source_sha256", _SHA256, nullable=False),
    sa.Column("source_bytes", sa.BigInteger, nullable=False),
    sa.Column("media_type", sa.String(100)),
    sa.Column("document_type", sa.String(100)),
    sa.Column("stage", _STAGE, nullable=False),
    sa.Column("failed_from", _STAGE),
    sa.Column("manifest_sha256", _SHA256),
    sa.Column("pdfa_sha256", _SHA256),
    sa.Column("signed_sha256", _SHA256),
    sa.Column("pages", sa.Integer),
    sa.Column("error_code", sa.String(100)),
    sa.Column("error_params", CanonicalJson, nullable=False),
    sa.Column("duplicate_of", _KEY, sa.ForeignKey("document.id")),
    sa.Column("part_of", _KEY, sa.ForeignKey("document.id")),
    sa.Column("source_pages", CanonicalJson, nullable=False, server_default="[]"),
    sa.Column("split", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("attached_to", _KEY, sa.ForeignKey("document.id")),
    sa.Column("reading_sha256", _SHA256),
    sa.Column("doubts", sa.Integer),
    sa.Column("superseded_by", _KEY, sa.ForeignKey("document.id")),
    sa.Column("changes", CanonicalJson),
    sa.Column("created_at", Utc, nullable=False),
    sa.Column("updated_at", Utc, nullable=False),
    sa.UniqueConstraint("dossier_id", "number", name="document_number"),
    sa.Index("document_by_claim", "claim_id"),
    sa.Index("document_by_source", "source_sha256"),
    sa.Index("document_by_stage", "stage", "updated_at", "id"),
    sa.Index(
        "document_indicators", "dossier_id", "role", "stage", "split", "document_type", "updated_at"
    ),
)
# Partial: SQLite would otherwise look for unfinished documents among all that are not linked.
_LINKED = document.c.duplicate_of.is_not(None)
sa.Index(
    "document_by_duplicate",
    document.c.duplicate_of,
    sqlite_where=_LINKED,
    postgresql_where=_LINKED,
)
_PART = document.c.part_of.is_not(None)
sa.Index("document_by_scan", document.c.part_of, sqlite_where=_PART, postgresql_where=_PART)
_ATTACHED = document.c.attached_to.is_not(None)
sa.Index(
    "document_by_container",
    document.c.attached_to,
    sqlite_where=_ATTACHED,
    postgresql_where=_ATTACHED,
)

kept_manifest = sa.Table(
    "kept_manifest",
    METADATA,
    sa.Column("document_id", _KEY, sa.ForeignKey("document.id"), primary_key=True),
    sa.Column("sha256", _SHA256, primary_key=True),
    sa.Column("content", sa.LargeBinary, nullable=False),
)
"""Manifests of documents that are not stored yet; see :mod:`storage.manifests`."""

decision = sa.Table(
    "decision",
    METADATA,
    sa.Column("id", _KEY, primary_key=True, autoincrement=True),
    sa.Column("document_id", _KEY, sa.ForeignKey("document.id"), nullable=False),
    sa.Column("manifest_sha256", _SHA256, nullable=False),
    sa.Column("path", sa.String(200), nullable=False),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("value", sa.Text),
    sa.Column("salt", sa.String(32), nullable=False),
    sa.Column("key", sa.String(64), nullable=False),
    sa.Column("made_by", sa.String(200), nullable=False),
    sa.Column("made_at", Utc, nullable=False),
    sa.Column("undone_by", sa.String(200)),
    sa.Column("undone_at", Utc),
    sa.UniqueConstraint("document_id", "key", name="decision_key"),
)
"""What a person said of a doubt. ``value`` is personal data: events hold its salted mark only."""
_STANDING = decision.c.undone_at.is_(None)
sa.Index(
    "decision_standing",
    decision.c.document_id,
    decision.c.manifest_sha256,
    decision.c.path,
    unique=True,
    sqlite_where=_STANDING,
    postgresql_where=_STANDING,
)

approval = sa.Table(
    "approval",
    METADATA,
    sa.Column("id", _KEY, primary_key=True, autoincrement=True),
    sa.Column("document_id", _KEY, sa.ForeignKey("document.id"), nullable=False),
    sa.Column("manifest_sha256", _SHA256, nullable=False),
    sa.Column("made_by", sa.String(200), nullable=False),
    sa.Column("made_at", Utc, nullable=False),
    sa.Column("void", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("made_for", sa.String(200)),
    sa.Index("approval_by_document", "document_id"),
)
"""That somebody said a document may be signed; ``void`` since it went back to review.

``made_for`` names in whose stead they said so.
"""

reason = sa.Table(
    "reason",
    METADATA,
    sa.Column("id", _KEY, primary_key=True, autoincrement=True),
    sa.Column("document_id", _KEY, sa.ForeignKey("document.id"), nullable=False),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("salt", sa.String(32), nullable=False),
    sa.Column("made_by", sa.String(200), nullable=False),
    sa.Column("made_at", Utc, nullable=False),
    sa.Index("reason_by_document", "document_id"),
)
"""Why a document was sent back or withdrawn, in a person's words; events hold the salted mark."""

stored_object = sa.Table(
    "stored_object",
    METADATA,
    sa.Column("id", _KEY, primary_key=True, autoincrement=True),
    sa.Column("dossier_id", _KEY, sa.ForeignKey("dossier.id"), nullable=False),
    sa.Column("document_id", _KEY, sa.ForeignKey("document.id")),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("bucket", sa.String(63), nullable=False),
    sa.Column("key", sa.String(1024), nullable=False),
    sa.Column("version_id", sa.String(200)),
    sa.Column("sha256", _SHA256, nullable=False),
    sa.Column("bytes", sa.BigInteger, nullable=False),
    sa.Column("retain_until", Utc),
    sa.Column("recorded_at", Utc, nullable=False),
    sa.UniqueConstraint("bucket", "key", name="stored_object_key"),
    sa.Index("stored_object_by_dossier", "dossier_id"),
    sa.Index("stored_object_by_document", "document_id"),
    sa.Index("stored_object_by_sha256", "sha256"),
)

event = sa.Table(
    "event",
    METADATA,
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", Utc, nullable=False),
    sa.Column("actor", sa.String(200), nullable=False),
    sa.Column("kind", sa.String(60), nullable=False),
    sa.Column("dossier_id", _KEY, sa.ForeignKey("dossier.id")),
    sa.Column("document_id", _KEY, sa.ForeignKey("document.id")),
    sa.Column("hash_before", _SHA256),
    sa.Column("hash_after", _SHA256),
    sa.Column("data", sa.Text, nullable=False),
    sa.Column("prev_hash", _SHA256, nullable=False),
    sa.Column("hash", _SHA256, nullable=False),
    sa.Index("event_by_dossier", "dossier_id", "seq"),
    sa.Index("event_by_document", "document_id", "seq"),
)
"""Append-only: triggers refuse changes. ``data`` is the text that was hashed."""
_ACCEPTED = event.c.kind == "ledger_accepted"
sa.Index("event_accepted", event.c.seq, sqlite_where=_ACCEPTED, postgresql_where=_ACCEPTED)

office = sa.Table(
    "office",
    METADATA,
    sa.Column("name", sa.String(40), primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)
"""What every host of the office must have in common, see :mod:`storage.offices`."""

chain_head = sa.Table(
    "chain_head",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("hash", _SHA256, nullable=False),
)
"""One row, id 1: the last event. Writers queue on it, and a missing tail is found by it."""

finding = sa.Table(
    "finding",
    METADATA,
    sa.Column("id", _KEY, primary_key=True, autoincrement=True),
    sa.Column("code", sa.String(60), nullable=False),
    sa.Column("place", sa.String(1100), nullable=False),
    sa.Column("dossier_id", _KEY),
    sa.Column("document_id", _KEY),
    sa.Column("stops", sa.Boolean, nullable=False),
    sa.Column("found_at", Utc, nullable=False),
    sa.Column("ended_at", Utc),
)
_NOT_ENDED = finding.c.ended_at.is_(None)
sa.Index("finding_open", finding.c.id, sqlite_where=_NOT_ENDED, postgresql_where=_NOT_ENDED)
"""What looks through ledger and store found wrong. No keys to other tables: rows may be missing."""
