"""The search index of what was published: a cache in the ledger's own database.

Everything in it can be made again from the store and the ledger, and it holds personal data, so it
stays where the ledger is. Whose a document is, whether it was withdrawn and what may be reached is
never taken from it: the rows of the ledger say so, in the same statement.
"""

import hmac
import re
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from pydantic import Field

from schemas import search_terms
from schemas.dossier import Stage
from schemas.errors import InputRejected
from storage import search_match
from storage.database import Database
from storage.listing import MOST, PublishedRow, begins_with
from storage.proving import Clock
from storage.search_filter import SearchFilter
from storage.search_indexed import (
    Given,
    Indexed,
    SearchText,
    narrow_words,
    narrowed,
    packed,
    recent_words,
    unpacked,
    within,
)
from storage.search_match import Asked, Either, Fit, Step, Word
from storage.search_tables import search_entry, search_key, search_number, search_word
from storage.sharing import standing
from storage.sharing_tables import sharing_grant
from storage.tables import document, dossier

SHOWN = (Stage.published.value, Stage.withdrawn.value)
"""Stages of what is found; what was withdrawn says so."""
_CODE = re.compile(r"(?=.*[0-9])[A-Z0-9.]+(?:-[A-Z0-9]+)+", re.IGNORECASE)


class FoundRow(PublishedRow):
    """A document that fits a question."""

    stage: Stage
    superseded_by: int | None
    fit: Fit
    text: SearchText | None = Field(None, repr=False)


class PersonRow(PublishedRow):
    """A document that bears an identity number."""

    stage: Stage
    superseded_by: int | None
    dossier_id: int
    received_at: datetime


_COLUMNS = (
    document.c.id.label("document_id"),
    document.c.number,
    document.c.role,
    document.c.document_type,
    document.c.pages,
    document.c.updated_at.label("published_at"),
    document.c.stage,
    document.c.superseded_by,
    dossier.c.code.label("dossier"),
    dossier.c.department,
)
_TEXT = sa.table("search_text", sa.column("rowid"), sa.column("id"), sa.column("words"))

INTO_SQLITE = sa.text("INSERT INTO search_text (rowid, words) VALUES (:id, :words)")
INTO_POSTGRESQL = sa.text(
    "INSERT INTO search_text (id, words) VALUES (:id, array_to_tsvector(CAST(:words AS text[])))"
)

_LAST = sa.select(sa.func.max(search_entry.c.id))


class Search:
    """The search index of a ledger. Made by :attr:`storage.Ledger.search`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.now = clock
        self._sqlite = database.is_sqlite

    # Filling

    def put(self, document_id: int, text: SearchText) -> None:
        """Index a document, and those that are linked to it; the same again changes nothing."""
        content = packed(text)
        with self.database.write() as connection:
            for row in _with_links(connection, document_id):
                known = connection.execute(
                    sa.select(search_entry.c.id, search_entry.c.packed).where(
                        search_entry.c.document_id == row.id
                    )
                ).first()
                if known is not None and known.packed == content:
                    continue
                if known is not None:
                    self._forget(connection, known.id)
                self._insert(connection, row, text, content)

    def clear(self) -> None:
        """Forget all of it; it is filled again by what is missing."""
        with self.database.write() as connection:
            for table in (search_number, search_entry, search_word):
                connection.execute(sa.delete(table))
            if self._sqlite:
                connection.execute(
                    sa.text("INSERT INTO search_text (search_text) VALUES ('delete-all')")
                )
            else:
                connection.execute(sa.text("DELETE FROM search_text"))

    def missing(self, after: int = 0, limit: int = 100) -> list[int]:
        """Ids of published and withdrawn documents that are not in the index, ascending."""
        query = (
            sa.select(document.c.id)
            .outerjoin(search_entry, search_entry.c.document_id == document.c.id)
            .where(
                document.c.id > after,
                document.c.stage.in_(SHOWN),
                document.c.split.is_(sa.false()),
                search_entry.c.id.is_(None),
            )
        )
        with self.database.read() as connection:
            found = connection.execute(query.order_by(document.c.id).limit(limit))
            return list(found.scalars())

    def _insert(
        self, connection: sa.Connection, row: Any, text: SearchText, content: bytes
    ) -> None:
        entry: int = connection.execute(
            sa.insert(search_entry)
            .values(document_id=row.id, packed=content)
            .returning(search_entry.c.id)
        ).scalar_one()
        words = Indexed.of(text, row.code, narrow_words(*row[1:5]))
        told = sorted((*words.words, *recent_words(entry)))
        if self._sqlite:
            connection.execute(INTO_SQLITE, {"id": entry, "words": " ".join(told)})
        else:
            connection.execute(INTO_POSTGRESQL, {"id": entry, "words": told})
        self._learn(connection, words.vocabulary)
        for number in sorted(words.numbers):
            mark = number_mark(_key(connection), number)
            connection.execute(sa.insert(search_number).values(mark=mark, entry_id=entry))

    def _learn(self, connection: sa.Connection, words: Collection[str]) -> None:
        for word in sorted(set(words) - _known(connection, words)):
            self.database.insert_missing(connection, search_word, word=word)

    def _forget(self, connection: sa.Connection, entry: int) -> None:
        connection.execute(sa.delete(search_number).where(search_number.c.entry_id == entry))
        connection.execute(sa.delete(search_entry).where(search_entry.c.id == entry))
        if not self._sqlite:
            connection.execute(sa.text("DELETE FROM search_text WHERE id = :id"), {"id": entry})

    # Asking

    def find(
        self,
        question: str,
        wanted: SearchFilter,
        *,
        after: str | None = None,
        limit: int = 50,
    ) -> tuple[list[FoundRow], str | None]:
        """The documents that fit, best first and among these the last published first.

        Args:
            question: codes, names, words; without identity numbers.
            wanted: which documents at all.
            after: where the page begins: what the page before said.
            limit: how many at most.

        Returns:
            The rows, and where the next page begins if there is one.

        Raises:
            InputRejected: ``storing.bad_cursor``.
        """
        limit = max(1, min(limit, MOST))
        begin, before = _place(after)
        if wanted.reach.departments == frozenset():
            return [], None
        marked = search_terms.marked_words(question)[: search_terms.MOST_WORDS]
        found: list[tuple[int, int, FoundRow]] = []
        with self.database.read(snapshot=True) as connection:
            way: list[Step | None] = [None] if _CODE.fullmatch(question.strip()) else []
            way += search_match.steps(marked, lambda words: _known(connection, words))
            for at in range(begin, len(way)):
                last = before if at == begin else None
                step, left = way[at], limit + 1 - len(found)
                if step is None:
                    rows = self._by_code(connection, question.strip(), wanted, last, left)
                else:
                    # Where every step before has come to its end, what it found is known.
                    seen = [row.document_id for *_, row in found] if after is None else None
                    rows = self._by_words(connection, step, wanted, last, left, seen)
                found += [(at, key, row) for key, row in rows]
                if len(found) > limit:
                    break
        following = None
        if len(found) > limit:
            at, key, _ = found[limit - 1]
            following = f"{at}.{key}"
        return [row for _, _, row in found[:limit]], following

    def by_number(self, number: str, wanted: SearchFilter, limit: int = 500) -> list[PersonRow]:
        """The documents that bear an identity number, those of the newest dossier first."""
        columns = (*_COLUMNS, document.c.dossier_id, dossier.c.created_at.label("received_at"))
        with self.database.read() as connection:
            query = (
                sa.select(*columns)
                .select_from(_entries(search_number.join(search_entry)))
                .where(
                    search_number.c.mark == number_mark(_key(connection), number),
                    document.c.stage.in_(SHOWN),
                    *wanted.conditions(),
                )
                .order_by(document.c.dossier_id.desc(), document.c.number)
                .limit(limit)
            )
            return [PersonRow(**row) for row in connection.execute(query).mappings()]

    def fingerprint(self, number: str) -> str:
        """What the access log calls an identity number: nobody can tell it without the ledger."""
        with self.database.read() as connection:
            return number_mark(_key(connection), number)

    def _by_code(
        self,
        connection: sa.Connection,
        code: str,
        wanted: SearchFilter,
        before: int | None,
        limit: int,
    ) -> list[tuple[int, FoundRow]]:
        query = (
            sa.select(*_COLUMNS)
            .join(dossier, dossier.c.id == document.c.dossier_id)
            .where(
                document.c.dossier_id.in_(begins_with(connection, code)),
                document.c.stage.concat("").in_(SHOWN),  # not by its index: it has them all
                *wanted.conditions(),
            )
            .order_by(document.c.id.desc())
            .limit(limit)
        )
        if before is not None:
            query = query.where(document.c.id < before)
        rows = connection.execute(query).mappings()
        return [(row["document_id"], FoundRow(**row, fit=Fit.code)) for row in rows]

    def _by_words(
        self,
        connection: sa.Connection,
        step: Step,
        wanted: SearchFilter,
        before: int | None,
        limit: int,
        seen: Collection[int] | None,
    ) -> list[tuple[int, FoundRow]]:
        asked = step.asked if seen is None else step.wanted
        asked = self._narrowed(connection, asked, wanted)
        if self._sqlite:  # goes through what fits in its order, and stops
            key: sa.ColumnElement[int] = _TEXT.c.rowid
            order = key
            rounds = [("search_text MATCH :asked", search_match.for_sqlite(asked))]
        else:  # finds all that fits and then sorts; so among the last ones first
            key = _TEXT.c.id
            order = key + 0  # else it might go through all of them in the order of its index
            last = before or connection.execute(_LAST).scalar() or 0
            lately = Either(tuple(Word(one) for one in recent_words(last, 2)))
            rounds = [
                ("search_text.words @@ CAST(:asked AS tsquery)", search_match.for_postgresql(one))
                for one in (narrowed(asked, [lately], ()), asked)
            ]
        query = (
            sa.select(*_COLUMNS, key.label("entry"), search_entry.c.packed)
            .select_from(_entries(_TEXT.join(search_entry, search_entry.c.id == key)))
            .where(document.c.stage.in_(SHOWN), *wanted.conditions())
            .order_by(order.desc())
            .limit(limit)
        )
        if seen:
            query = query.where(document.c.id.not_in(seen))
        if before is not None:
            query = query.where(order < before)
        found: list[tuple[int, FoundRow]] = []
        for matches, words in rounds:
            those = query.where(sa.text(matches).bindparams(asked=words))
            found = [_found(row, step.fit) for row in connection.execute(those).mappings()]
            if len(found) >= limit:
                break
        return found

    @staticmethod
    def _narrowed(connection: sa.Connection, asked: Asked, wanted: SearchFilter) -> Asked:
        parts = []
        if wanted.reach.departments is not None:
            units, grant = wanted.reach.departments, sharing_grant.c
            given = connection.execute(
                sa.select(*(grant[name] for name in Given.model_fields)).where(
                    grant.receiver.in_(sorted(units)), standing(wanted.reach.now)
                )
            ).mappings()
            parts.append(within(units, [Given(**row) for row in given]))
        role = wanted.role.value if wanted.role else None
        return narrowed(asked, parts, narrow_words(wanted.department, wanted.document_type, role))


def _found(row: sa.RowMapping, fit: Fit) -> tuple[int, FoundRow]:
    columns = dict(row)
    entry, content = columns.pop("entry"), columns.pop("packed")
    return entry, FoundRow(**columns, fit=fit, text=unpacked(content))


def _entries(begin: sa.FromClause) -> sa.Join:
    return begin.join(document, document.c.id == search_entry.c.document_id).join(
        dossier, dossier.c.id == document.c.dossier_id
    )


def _with_links(connection: sa.Connection, document_id: int) -> Sequence[Any]:
    columns = (
        document.c.id,
        dossier.c.department,
        document.c.document_type,
        document.c.role,
        document.c.dossier_id,
        dossier.c.code,
    )
    return connection.execute(
        sa.select(*columns)
        .join(dossier, dossier.c.id == document.c.dossier_id)
        .where(sa.or_(document.c.id == document_id, document.c.duplicate_of == document_id))
        .order_by(document.c.id)
    ).all()


def _known(connection: sa.Connection, words: Collection[str]) -> set[str]:
    query = sa.select(search_word.c.word).where(search_word.c.word.in_(sorted(words)))
    return set(connection.execute(query).scalars())


def _key(connection: sa.Connection) -> bytes:
    return bytes.fromhex(connection.execute(sa.select(search_key.c.key)).scalar_one())


def number_mark(key: bytes, number: str) -> str:
    """The fingerprint of an identity number."""
    return hmac.digest(key, number.encode(), "sha256").hex()[:32]


def _place(text: str | None) -> tuple[int, int | None]:
    """The step and the entry after which a page begins.

    Raises:
        InputRejected: ``storing.bad_cursor``.
    """
    if text is None:
        return 0, None
    found = re.fullmatch(r"([0-9]{1,2})\.([0-9]{1,9})", text, re.ASCII)
    if found is None:
        raise InputRejected("storing.bad_cursor")
    return int(found[1]), int(found[2])
