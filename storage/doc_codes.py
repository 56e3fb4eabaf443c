"""DocCodes: given to a document once, never again to another; and what people say documents are.

A code is a row and an event of the chain. What somebody says a document is may hold personal data:
its event has the names of what was said and the salted mark of the rest.
"""

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from pydantic import Field, JsonValue

from schemas.doc_code import DocSeries
from schemas.page import Frozen
from storage import marks
from storage.chain import Writing, writing
from storage.database import Database
from storage.doc_code_tables import doc_code, doc_description, link_key
from storage.proving import Clock
from storage.queries import document_by_id
from storage.records import Document, Sha256
from storage.tables import canonical

KEY_BYTES = 32
Said = dict[str, str]
"""What a document is said to be: name → text."""


class NewCode(Frozen):
    """That a document shall have a code."""

    document_id: int
    agency: str
    field: str


class KnownCode(Frozen):
    """The code that a document has."""

    document_id: int
    series: DocSeries
    read: Said | None = Field(repr=False, description="by its manifest; None: not looked for yet")


class SaidDescription(Frozen):
    """What somebody said a document is; the newest of them counts."""

    said: Said = Field(repr=False)
    with_file: bool = Field(description="by who handed it in, not of one that was there")
    made_by: str
    made_at: datetime


_SERIES = (doc_code.c.agency, doc_code.c.field, doc_code.c.serial)
_HIGHEST = sa.select(sa.func.max(doc_code.c.serial)).where(
    doc_code.c.agency == sa.bindparam("agency"), doc_code.c.field == sa.bindparam("field")
)
_NAMED = sa.select(doc_code.c.document_id).where(
    doc_code.c.agency == sa.bindparam("agency"),
    doc_code.c.field == sa.bindparam("field"),
    doc_code.c.serial == sa.bindparam("serial"),
)
_UNREAD = sa.type_coerce(doc_code.c.read, sa.Text) == canonical(None)
_SAID = (
    doc_description.c.said,
    doc_description.c.document_id,
    doc_description.c.department,
    doc_description.c.source_sha256,
    doc_description.c.made_by,
    doc_description.c.made_at,
)

_SAID_OF = (
    sa.select(*_SAID)
    .where(doc_description.c.document_id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(doc_description.c.id)
)
_SAID_WITH_FILE = (
    sa.select(*_SAID)
    .where(
        doc_description.c.source_sha256.in_(sa.bindparam("sources", expanding=True)),
        doc_description.c.document_id.is_(None),
    )
    .order_by(doc_description.c.id)
)
_OF = sa.select(doc_code.c.document_id, *_SERIES, doc_code.c.read).where(
    doc_code.c.document_id.in_(sa.bindparam("ids", expanding=True))
)


class DocCodes:
    """The DocCodes of a ledger. Made by :attr:`storage.Ledger.doc_codes`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def of(self, document_ids: Collection[int]) -> dict[int, KnownCode]:
        """The codes that these documents have, by the documents' ids."""
        with self._database.read() as connection:
            return _known(connection, document_ids)

    def named(self, series: DocSeries) -> int | None:
        """The id of the document that has this code; None where none has."""
        with self._database.read() as connection:
            found: int | None = connection.execute(_NAMED, series._asdict()).scalar()
        return found

    def give(self, new: Sequence[NewCode], actor: str) -> dict[int, KnownCode]:
        """Give documents codes, the next of their series; who has one keeps it.

        One transaction: writers queue on the event log, so no two get the same.

        Args:
            new: documents; each is in it once.
            actor: who gives them.

        Raises:
            NotFound: no such document.
        """
        ids = [one.document_id for one in new]
        with writing(self._database, self._clock()) as transaction:
            there = _known(transaction.connection, ids)
            for one in new:
                if one.document_id not in there:
                    _give(transaction, one, actor)
            return _known(transaction.connection, ids)

    def note_read(self, document_id: int, read: Said) -> None:
        """What a document's manifest says it is; what was noted before stays.

        No event: the manifest says it, and an event has its hash.
        """
        with self._database.write() as connection:
            connection.execute(
                sa.update(doc_code)
                .where(doc_code.c.document_id == document_id, _UNREAD)
                .values(read=read)
            )

    def said(self, documents: Sequence[tuple[Document, str]]) -> dict[int, SaidDescription]:
        """What was said last of documents, each with its dossier's department, by their ids."""
        found: dict[int, SaidDescription] = {}
        with self._database.read() as connection:
            sources = {"sources": sorted({one.source_sha256 for one, _ in documents})}
            for row in connection.execute(_SAID_WITH_FILE, sources).mappings():
                for one, unit in documents:
                    if (row["source_sha256"], row["department"]) == (one.source_sha256, unit):
                        found[one.id] = _described(row)
            ids = {"ids": [one.id for one, _ in documents]}
            for row in connection.execute(_SAID_OF, ids).mappings():
                found[row["document_id"]] = _described(row)
        return found

    def describe(self, document: Document, said: Said, actor: str) -> None:
        """Somebody says what a document is; the same again changes nothing."""
        with writing(self._database, self._clock()) as transaction:
            query = (
                sa.select(doc_description.c.said)
                .where(doc_description.c.document_id == document.id)
                .order_by(doc_description.c.id.desc())
                .limit(1)
            )
            if transaction.connection.execute(query).scalar() == said:
                return
            _insert(
                transaction, "described", actor, said, document=document, document_id=document.id
            )

    def describe_handed_in(
        self, key: str, department: str, source_sha256: Sha256, said: Said, actor: str
    ) -> None:
        """Who hands a file in says what it is; the same hand-in says it once.

        Args:
            key: of the hand-in, as the ledger keeps it.
            department: whose dossier it is for.
            source_sha256: of the file.
            said: what it is.
            actor: who hands it in.
        """
        query = sa.select(doc_description.c.id).where(doc_description.c.key == key)
        with writing(self._database, self._clock()) as transaction:
            if transaction.connection.execute(query).first() is None:
                _insert(
                    transaction, "described_handed_in", actor, said,
                    key=key, department=department, source_sha256=source_sha256,
                )  # fmt: skip

    def link_key(self) -> bytes:
        """What the office's hosts sign short-lived links with; made when it is first asked for."""
        query = sa.select(link_key.c.key).where(link_key.c.id == 1)
        with self._database.read() as connection:
            known: bytes | None = connection.execute(query).scalar()
        if known is not None:
            return bytes(known)
        with self._database.write() as connection:
            made = secrets.token_bytes(KEY_BYTES)
            self._database.insert_missing(
                connection, link_key, id=1, key=made, made_at=self._clock()
            )
            return bytes(connection.execute(query).scalar_one())


def _known(connection: sa.Connection, document_ids: Collection[int]) -> dict[int, KnownCode]:
    return {
        row.document_id: KnownCode(
            document_id=row.document_id,
            series=DocSeries(row.agency, row.field, row.serial),
            read=row.read,
        )
        for row in connection.execute(_OF, {"ids": sorted(document_ids)})
    }


def _give(transaction: Writing, new: NewCode, actor: str) -> None:
    connection = transaction.connection
    dossier_id = document_by_id(connection, new.document_id).dossier_id
    highest = connection.execute(_HIGHEST, {"agency": new.agency, "field": new.field}).scalar()
    series = DocSeries(new.agency, new.field, (highest or 0) + 1)
    connection.execute(
        sa.insert(doc_code).values(
            document_id=new.document_id, given_at=transaction.now, read=None, **series._asdict()
        )
    )
    transaction.append(
        "doc_code_given",
        actor,
        dossier_id=dossier_id,
        document_id=new.document_id,
        data={"doc_code": str(series)},
    )


def _insert(
    transaction: Writing,
    kind: str,
    actor: str,
    said: Said,
    *,
    document: Document | None = None,
    **columns: Any,
) -> None:
    salt = marks.new_salt()
    transaction.connection.execute(
        sa.insert(doc_description).values(
            said=said, salt=salt, made_by=actor, made_at=transaction.now, **columns
        )
    )
    names: list[JsonValue] = list(sorted(said))
    transaction.append(
        kind,
        actor,
        dossier_id=document.dossier_id if document else None,
        document_id=document.id if document else None,
        hash_before=columns.get("source_sha256"),
        data={"names": names, "mark": marks.mark(salt, canonical(said))},
    )


def _described(row: sa.RowMapping) -> SaidDescription:
    return SaidDescription(
        said=row["said"],
        with_file=row["document_id"] is None,
        made_by=row["made_by"],
        made_at=row["made_at"],
    )
