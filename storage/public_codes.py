"""The public codes of documents: made once, before a document is signed, and never changed.

One may be reserved for a paper that is drawn before the ledger knows it: it becomes the code of the
document on which it is found.

The event tells a code's fingerprint alone. Beside the code stands what a check may show or ask for
that the document's other rows do not hold: the signer's title, and salted marks of the last figures
of the persons' numbers.
"""

import secrets
from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from pydantic import Field

from schemas.page import Frozen
from schemas.public_code import fingerprint, new_code
from storage import marks
from storage.chain import Writing, writing
from storage.database import Database
from storage.proving import Clock
from storage.queries import document_by_id
from storage.records import KeptObject, ObjectKind, Sha256
from storage.tables import METADATA, CanonicalJson, Utc, stored_object

PUBLIC_CODE_MADE = "public_code_made"
"""Kind of the event; its data have the ``fingerprint``."""

public_code = sa.Table(
    "public_code",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("document_id", sa.Integer, sa.ForeignKey("document.id"), unique=True),
    sa.Column("code", sa.String(26), nullable=False),
    sa.Column("fingerprint", sa.String(64), nullable=False, unique=True),
    sa.Column("signer_title", sa.String(100)),
    sa.Column("figures", CanonicalJson, nullable=False),
    sa.Column("salt", sa.String(32), nullable=False),
    sa.Column("made_at", Utc, nullable=False),
)


class PublicCode(Frozen):
    """A document's public code, and what goes with it."""

    document_id: int | None = Field(description="None: reserved for a paper that is not here yet")
    code: str = Field(repr=False)
    fingerprint: Sha256
    signer_title: str | None
    figures: tuple[str, ...] = Field(repr=False, description="marks of the last figures")
    salt: str = Field(repr=False)
    made_at: datetime

    def knows(self, figures: str) -> bool:
        """Whether these are the last figures of a person's number; all marks are looked at."""
        said = marks.mark(self.salt, figures) or ""
        return any([secrets.compare_digest(said, one) for one in self.figures])


class LookedUp(Frozen):
    """What was found for a fingerprint; ``row`` is some other code's where ``hit`` is false."""

    row: PublicCode | None
    hit: bool


_ROW = tuple(public_code.c[name] for name in PublicCode.model_fields)
_OF = sa.select(*_ROW).where(public_code.c.document_id == sa.bindparam("id"))
_WANTED = (
    sa.select(public_code.c.id)
    .where(public_code.c.fingerprint == sa.bindparam("wanted"))
    .scalar_subquery()
)
_ANY = sa.select(sa.func.min(public_code.c.id)).scalar_subquery()
_LOOK_UP = sa.select(*_ROW).where(public_code.c.id == sa.func.coalesce(_WANTED, _ANY))
_RESERVED = sa.select(public_code.c.id).where(public_code.c.document_id.is_(None)).limit(1)
_SIGNED_AS = (
    sa.select(*(stored_object.c[name] for name in KeptObject.model_fields))
    .where(
        stored_object.c.sha256 == sa.bindparam("sha256"),
        stored_object.c.kind.in_([ObjectKind.signed.value, ObjectKind.renewed.value]),
    )
    .order_by(stored_object.c.id)
)


class PublicCodes:
    """The public codes of a ledger. Made by :attr:`storage.Ledger.public_codes`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def reserve(self, actor: str) -> str:
        """A code for a paper that is drawn, and signed, before the ledger knows it."""
        with writing(self._database, self._clock()) as transaction:
            code = _insert(transaction, None, marks.new_salt(), {"figures": []})
            transaction.append(PUBLIC_CODE_MADE, actor, data={"fingerprint": fingerprint(code)})
            return code

    def has_reserved(self) -> bool:
        """Whether a code waits for its paper."""
        with self._database.read() as connection:
            return connection.execute(_RESERVED).first() is not None

    def make(
        self,
        document_id: int,
        actor: str,
        *,
        signer_title: str | None,
        figures: Collection[str],
        drawn: Collection[str] = (),
    ) -> str:
        """The code of a document that is about to be signed: the same one, however often asked.

        Args:
            document_id: which.
            actor: who signs.
            signer_title: of who signed the paper, in words that name nobody.
            figures: the last figures of the persons' numbers on it; only marks of them are kept.
            drawn: what may be codes on it already; the first that was reserved is its code.

        Raises:
            NotFound: no such document.
        """
        with writing(self._database, self._clock()) as transaction:
            connection = transaction.connection
            now, known = document_by_id(connection, document_id), _of(connection, document_id)
            found = known or _first_reserved(connection, drawn)
            salt = marks.new_salt() if found is None else found.salt
            said: dict[str, Any] = {
                "document_id": now.id,
                "signer_title": signer_title,
                "figures": sorted(marks.mark(salt, one) or "" for one in figures),
            }
            if found is None:
                code = _insert(transaction, now.id, salt, said)
            else:  # it was read again since, or is the paper that this one was reserved for
                code = found.code
                connection.execute(
                    sa.update(public_code)
                    .where(public_code.c.fingerprint == found.fingerprint)
                    .values(**said)
                )
            if known is None:
                transaction.append(
                    PUBLIC_CODE_MADE,
                    actor,
                    dossier_id=now.dossier_id,
                    document_id=now.id,
                    data={"fingerprint": fingerprint(code)},
                )
            return code

    def of(self, document_id: int) -> PublicCode | None:
        """The code of a document; None where it has none."""
        with self._database.read() as connection:
            return _of(connection, document_id)

    def look_up(self, wanted: Sha256) -> LookedUp:
        """The code with this fingerprint. A miss does what a hit does: it reads another row."""
        with self._database.read() as connection:
            found = connection.execute(_LOOK_UP, {"wanted": wanted}).mappings().first()
        row = None if found is None else PublicCode(**found)
        return LookedUp(
            row=row, hit=secrets.compare_digest(wanted, "" if row is None else row.fingerprint)
        )

    def signed_as(self, sha256: Sha256) -> list[KeptObject]:
        """The signed files with these bytes, renewed ones among them; one at most as a rule."""
        with self._database.read() as connection:
            rows = connection.execute(_SIGNED_AS, {"sha256": sha256}).mappings()
            return [KeptObject(**row) for row in rows]


def _of(connection: sa.Connection, document_id: int) -> PublicCode | None:
    row = connection.execute(_OF, {"id": document_id}).mappings().first()
    return None if row is None else PublicCode(**row)


def _first_reserved(connection: sa.Connection, drawn: Collection[str]) -> PublicCode | None:
    for one in drawn:
        row = connection.execute(_LOOK_UP, {"wanted": fingerprint(one)}).mappings().first()
        if row is not None and row["fingerprint"] == fingerprint(one) and not row["document_id"]:
            return PublicCode(**row)
    return None


def _insert(transaction: Writing, document_id: int | None, salt: str, said: dict[str, Any]) -> str:
    code = new_code()
    transaction.connection.execute(
        sa.insert(public_code).values(
            **{**said, "document_id": document_id},
            code=code,
            fingerprint=fingerprint(code),
            salt=salt,
            made_at=transaction.now,
        )
    )
    return code
