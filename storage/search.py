"""The search index of what was published: a cache in the ledger's own database.

Everything in it can be made again from the store and the ledger, and it holds personal data, so it
stays where the ledger is. Whose a document is, whether it was withdrawn and what may be reached is
never taken from it: the rows of the ledger say so, in the same statement.
"""

import hmac
import json
import re
import zlib
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from pydantic import Field

from schemas.dossier import Stage
from schemas.errors import InputRejected
from schemas.page import Frozen
from storage import search_match, search_terms
from storage.database import Database
from storage.listing import MOST, PublishedFilter, PublishedRow, conditions, of_code
from storage.proving import Clock
from storage.search_match import Fit, Step
from storage.search_tables import search_entry, search_key, search_number, search_word
from storage.tables import document, dossier

SHOWN = (Stage.published.value, Stage.withdrawn.value)
"""Stages of what is found; what was withdrawn says so."""
_LONGEST_VALUE = 100
_VOCABULARY = re.compile(r"[a-z]{2,7}")
"""Plain syllables; the longest has seven letters (*nghiêng*)."""
_CODE = re.compile(r"(?=.*[0-9])[A-Z0-9.]+(?:-[A-Z0-9]+)+", re.IGNORECASE)


class SearchText(Frozen):
    """What a document says, as it is indexed."""

    values: tuple[tuple[str, str], ...] = Field((), repr=False, description="path and value")
    pages: tuple[str, ...] = Field((), repr=False)


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


class Search:
    """The search index of a ledger. Made by :attr:`storage.Ledger.search`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._sqlite = database.is_sqlite

    # Filling

    def put(self, document_id: int, text: SearchText) -> None:
        """Index a document, and those that are linked to it; the same again changes nothing."""
        packed = _packed(text)
        with self._database.write() as connection:
            for row in _with_links(connection, document_id):
                known = connection.execute(
                    sa.select(search_entry.c.id, search_entry.c.packed).where(
                        search_entry.c.document_id == row.id
                    )
                ).first()
                if known is not None and known.packed == packed:
                    continue
                if known is not None:
                    self._forget(connection, known.id)
                self._insert(connection, row, text, packed)

    def clear(self) -> None:
        """Forget all of it; it is filled again by what is missing."""
        with self._database.write() as connection:
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
        with self._database.read() as connection:
            found = connection.execute(query.order_by(document.c.id).limit(limit))
            return list(found.scalars())

    def _insert(
        self, connection: sa.Connection, row: sa.Row[Any], text: SearchText, packed: bytes
    ) -> None:
        entry: int = connection.execute(
            sa.insert(search_entry)
            .values(document_id=row.id, packed=packed)
            .returning(search_entry.c.id)
        ).scalar_one()
        words = Indexed.of(text, narrow_words(row.department, row.document_type, row.role))
        given = {"id": entry, "plain": words.plain, "marked": words.marked}
        if self._sqlite:
            statement = "INSERT INTO search_text (rowid, plain, marked) VALUES (:id, :plain, :marked)"
        else:
            given = {"id": entry, "words": words.vector}
            statement = "INSERT INTO search_text (id, words) VALUES (:id, CAST(:words AS tsvector))"
        connection.execute(sa.text(statement), given)
        self._learn(connection, words.vocabulary)
        for number in sorted(words.numbers):
            mark = _mark(_key(connection), number)
            connection.execute(sa.insert(search_number).values(mark=mark, entry_id=entry))

    def _learn(self, connection: sa.Connection, words: Collection[str]) -> None:
        for word in sorted(set(words) - _known(connection, words)):
            self._database.insert_missing(connection, search_word, word=word)

    def _forget(self, connection: sa.Connection, entry: int) -> None:
        connection.execute(sa.delete(search_number).where(search_number.c.entry_id == entry))
        connection.execute(sa.delete(search_entry).where(search_entry.c.id == entry))
        if not self._sqlite:
            connection.execute(sa.text("DELETE FROM search_text WHERE id = :id"), {"id": entry})

    # Asking

    def find(
        self,
        question: str,
        wanted: PublishedFilter,
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
        marked = search_terms.marked_words(question)[: search_terms.MOST_WORDS]
        found: list[tuple[int, int, FoundRow]] = []
        with self._database.read(snapshot=True) as connection:
            way: list[Step | None] = [None] if _CODE.fullmatch(question.strip()) else []
            way += search_match.steps(marked, lambda words: _known(connection, words))
            for at in range(begin, len(way)):
                last = before if at == begin else None
                step, left = way[at], limit + 1 - len(found)
                rows = (
                    self._by_code(connection, question.strip(), wanted, last, left)
                    if step is None
                    else self._by_words(connection, step, wanted, last, left)
                )
                found += [(at, key, row) for key, row in rows]
                if len(found) > limit:
                    break
        following = None
        if len(found) > limit:
            at, key, _ = found[limit - 1]
            following = f"{at}.{key}"
        return [row for _, _, row in found[:limit]], following

    def by_number(
        self, number: str, departments: Collection[str] | None, limit: int = 500
    ) -> list[PersonRow]:
        """The documents that bear an identity number, those of the newest dossier first."""
        columns = (*_COLUMNS, document.c.dossier_id, dossier.c.created_at.label("received_at"))
        wanted = PublishedFilter(
            departments=None if departments is None else frozenset(departments)
        )
        with self._database.read() as connection:
            query = (
                sa.select(*columns)
                .select_from(_entries(search_number.join(search_entry)))
                .where(
                    search_number.c.mark == _mark(_key(connection), number),
                    *self._shown(wanted),
                )
                .order_by(document.c.dossier_id.desc(), document.c.number)
                .limit(limit)
            )
            return [PersonRow(**row) for row in connection.execute(query).mappings()]

    def fingerprint(self, number: str) -> str:
        """What the access log calls an identity number: nobody can tell it without the ledger."""
        with self._database.read() as connection:
            return _mark(_key(connection), number)

    def _shown(self, wanted: PublishedFilter) -> list[sa.ColumnElement[bool]]:
        return [
            document.c.stage.in_(SHOWN), document.c.split.is_(sa.false()), *conditions(wanted)
        ]  # fmt: skip

    def _by_code(
        self,
        connection: sa.Connection,
        code: str,
        wanted: PublishedFilter,
        before: int | None,
        limit: int,
    ) -> list[tuple[int, FoundRow]]:
        query = (
            sa.select(*_COLUMNS)
            .join(dossier, dossier.c.id == document.c.dossier_id)
            .where(document.c.dossier_id.in_(of_code(connection, code)), *self._shown(wanted))
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
        wanted: PublishedFilter,
        before: int | None,
        limit: int,
    ) -> list[tuple[int, FoundRow]]:
        asked = _narrowed(step.asked, wanted)
        key = _TEXT.c.rowid if self._sqlite else _TEXT.c.id
        if self._sqlite:
            matches = sa.text("search_text MATCH :asked").bindparams(
                asked=search_match.for_sqlite(asked)
            )
        else:
            matches = sa.text("search_text.words @@ CAST(:asked AS tsquery)").bindparams(
                asked=search_match.for_postgresql(asked)
            )
        query = (
            sa.select(*_COLUMNS, key.label("entry"), search_entry.c.packed)
            .select_from(_entries(_TEXT.join(search_entry, search_entry.c.id == key)))
            .where(matches, *self._shown(wanted))
            .order_by(key.desc())
            .limit(limit)
        )
        if before is not None:
            query = query.where(key < before)
        found = []
        for row in connection.execute(query).mappings():
            columns = dict(row)
            entry, packed = columns.pop("entry"), columns.pop("packed")
            found.append((entry, FoundRow(**columns, fit=step.fit, text=_unpacked(packed))))
        return found


class Indexed(Frozen):
    """A document as words."""

    plain: str = Field(repr=False)
    marked: str = Field(repr=False)
    vector: str = Field(repr=False, description="both, as a literal of a tsvector")
    vocabulary: frozenset[str] = Field(repr=False)
    numbers: frozenset[str] = Field(repr=False)

    @classmethod
    def of(cls, text: SearchText, narrow: Iterable[str]) -> "Indexed":
        """The words of a text, whole values as one word each, and what it is narrowed by."""
        marked: list[str] = []
        values: list[str] = []
        for _, value in text.values:
            words = search_terms.marked_words(value)
            marked += words
            if len(words) in search_terms.VALUE_WORDS:
                values.append(search_terms.as_one(search_terms.unmarked(words)))
        for page in text.pages:
            marked += search_terms.marked_words(page)
        marked = marked[: search_terms.MOST_INDEXED]
        plain = search_terms.unmarked(marked)
        values = [one for one in dict.fromkeys(values) if len(one) <= _LONGEST_VALUE]
        whole = [*values, *narrow]
        known = {one for one in plain if _VOCABULARY.fullmatch(one)}
        known |= {one for one in values if one.replace("_", "").isalpha()}
        numbers = set[str]().union(
            *(search_terms.numbers(one) for one in (*(v for _, v in text.values), *text.pages))
        )
        return cls(
            plain=" ".join((*plain, *whole)),
            marked=" ".join(marked),
            vector=_vector(plain, marked, whole),
            vocabulary=frozenset(known),
            numbers=frozenset(numbers),
        )


def narrow_words(department: str, document_type: str | None, role: str) -> list[str]:
    """Words that no text has, by which a question is narrowed before rows are looked at."""
    named = (("d", department), ("t", document_type or ""), ("r", role))
    return [f"__{kind}_{re.sub(r'[^a-z0-9]', '_', name.lower())}" for kind, name in named if name]


def _narrowed(asked: search_match.Asked, wanted: PublishedFilter) -> search_match.Asked:
    """With what the index knows of the filter; the rows are asked all the same."""
    every: list[search_match.Asked] = [asked]
    if wanted.departments is not None:
        units = sorted(narrow_words(one, None, "")[0] for one in wanted.departments)
        if units:
            every.append(search_match.Either(tuple(search_match.Phrase((one,)) for one in units)))
    narrow = narrow_words("", wanted.document_type, wanted.role.value if wanted.role else "")
    every += [search_match.Phrase((one,)) for one in narrow]
    return every[0] if len(every) == 1 else search_match.Every(tuple(every))


def _vector(plain: Sequence[str], marked: Sequence[str], whole: Sequence[str]) -> str:
    places: dict[str, list[int]] = {}
    for at, (one, other) in enumerate(zip(plain, marked, strict=True), 1):
        places.setdefault(one, []).append(at)
        places.setdefault(f"={other}", []).append(at)
    told = [f"'{word}':{','.join(map(str, at[:255]))}" for word, at in places.items()]
    return " ".join((*told, *(f"'{word}'" for word in whole if word not in places)))


def _entries(begin: sa.FromClause) -> sa.Join:
    return begin.join(document, document.c.id == search_entry.c.document_id).join(
        dossier, dossier.c.id == document.c.dossier_id
    )


def _with_links(connection: sa.Connection, document_id: int) -> Sequence[sa.Row[Any]]:
    columns = (document.c.id, document.c.document_type, document.c.role, dossier.c.department)
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


def _mark(key: bytes, number: str) -> str:
    return hmac.digest(key, number.encode(), "sha256").hex()[:32]


def _packed(text: SearchText) -> bytes:
    content = json.dumps([text.values, text.pages], ensure_ascii=False, separators=(",", ":"))
    return zlib.compress(content.encode())


def _unpacked(packed: bytes) -> SearchText:
    values, pages = json.loads(zlib.decompress(packed))
    return SearchText(values=tuple((path, value) for path, value in values), pages=tuple(pages))


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
