"""Which department lets which other one have what of its own, and the documents that so reach it.

A grant is entered and ended, never removed; both are events, which name the departments, the
times, and have the salted mark of the reason.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter

import sqlalchemy as sa

from schemas.errors import NotFound
from storage import marks, queries
from storage.chain import Writing, writing
from storage.database import Database
from storage.proving import Clock, Proving
from storage.records import Document, Dossier
from storage.sharing import Grant, NewGrant, Reach, reached_by, standing
from storage.sharing_tables import sharing_grant
from storage.tables import as_text, document, dossier

_COLUMNS = tuple(sharing_grant.c[name] for name in Grant.model_fields)
_ALL = sa.select(*_COLUMNS).order_by(sharing_grant.c.id)
_BY_ID = _ALL.where(sharing_grant.c.id == sa.bindparam("id"))


class Grants:
    """The grants of a ledger. Made by :attr:`storage.Ledger.grants`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def all(self, departments: Collection[str] | None = None) -> list[Grant]:
        """Every grant that one of these departments gave or got, the first made first.

        Args:
            departments: None: of all.
        """
        query = _ALL
        if departments is not None:
            units = sorted(departments)
            query = query.where(
                sa.or_(sharing_grant.c.giver.in_(units), sharing_grant.c.receiver.in_(units))
            )
        with self._database.read() as connection:
            return [Grant(**row) for row in connection.execute(query).mappings()]

    def givers(self, departments: Collection[str] | None) -> list[str]:
        """The departments that share something with one of these now; None: with any."""
        query = sa.select(sharing_grant.c.giver).distinct().where(standing(self._clock()))
        if departments is not None:
            query = query.where(sharing_grant.c.receiver.in_(sorted(departments)))
        with self._database.read() as connection:
            return sorted(connection.execute(query).scalars())

    def add(self, new: NewGrant, actor: str) -> Grant:
        """Enter a grant."""
        salt = marks.new_salt()
        with writing(self._database, self._clock()) as transaction:
            row = transaction.connection.execute(
                sa.insert(sharing_grant)
                .values(**new.model_dump(), salt=salt, made_by=actor, made_at=transaction.now)
                .returning(*_COLUMNS)
            ).mappings()
            made = Grant(**row.one())
            _tell(transaction, "grant_added", actor, made, marks.mark(salt, made.reason))
            return made

    def end(self, key: int, actor: str) -> Grant:
        """It counts no more from now on. Repeating it changes nothing.

        Raises:
            NotFound: ``storing.no_grant``.
        """
        with writing(self._database, self._clock()) as transaction:
            known = _found(transaction.connection, key)
            if known.ended_at is not None:
                return known
            transaction.connection.execute(
                sa.update(sharing_grant)
                .where(sharing_grant.c.id == key)
                .values(ended_at=transaction.now, ended_by=actor)
            )
            ended = _found(transaction.connection, key)
            _tell(transaction, "grant_ended", actor, ended, None)
            return ended


class Sharing(Proving):
    """The part of :class:`storage.Ledger` for what departments share."""

    @property
    def grants(self) -> Grants:
        """Who lets whom have what."""
        return Grants(self._database, self._clock)

    def reached_documents(
        self, reach: Reach, code: str, *, department: str | None = None
    ) -> list[tuple[Dossier, tuple[Document, ...]]]:
        """The dossiers of this code, each with those of its documents that are reached.

        Those that have the code now, else those that had it provisionally. A dossier of which
        nothing is reached is left out; of another department's there is only what was published,
        or withdrawn since.

        Args:
            reach: whose.
            code: of the dossiers.
            department: of this one alone, by its identifier.
        """
        with self._database.read() as connection:
            for column in (dossier.c.code, dossier.c.first_code):
                query = _DOCUMENTS.where(column == code, reach.condition())
                if department is not None:
                    query = query.where(dossier.c.department == department)
                ids = list(connection.execute(query).scalars())
                if ids:
                    return _by_dossier(connection, ids)
        return []

    def shared_documents(
        self, reach: Reach, *, department: str | None = None, since: datetime | None = None
    ) -> Iterator[tuple[Dossier, tuple[Document, ...]]]:
        """What other departments share, dossier by dossier, the first made first.

        Dossiers are read one at a time, so that many cost no memory.

        Args:
            reach: whose; who has everything has nothing of others.
            department: what this one shares alone, by its identifier.
            since: documents changed then or later.
        """
        if reach.departments is None:
            return
        query = _DOCUMENTS.where(
            reach.condition(), dossier.c.department.not_in(sorted(reach.departments))
        )
        if department is not None:
            query = query.where(dossier.c.department == department)
        if since is not None:
            query = query.where(document.c.updated_at >= since)
        query = query.add_columns(document.c.dossier_id)
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        for _, several in groupby(rows, key=itemgetter(1)):
            with self._database.read() as connection:
                yield from _by_dossier(connection, [key for key, _ in several])

    def reached_among(self, reach: Reach, document_ids: Collection[int]) -> frozenset[int]:
        """Which of these documents the departments own or were given, whatever their stage."""
        query = _DOCUMENTS.where(
            document.c.id.in_(sorted(document_ids)), reached_by(reach.departments, reach.now)
        )
        with self._database.read() as connection:
            return frozenset(connection.execute(query).scalars())


_DOCUMENTS = (
    sa.select(document.c.id)
    .join(dossier, dossier.c.id == document.c.dossier_id)
    .order_by(document.c.dossier_id, document.c.number)
)


def _by_dossier(
    connection: sa.Connection, ids: Sequence[int]
) -> list[tuple[Dossier, tuple[Document, ...]]]:
    found: dict[int, list[Document]] = {}
    for one in queries.documents_among(connection, ids):
        found.setdefault(one.dossier_id, []).append(one)
    return [
        (queries.dossier_by_id(connection, key), tuple(documents))
        for key, documents in found.items()
    ]


def _found(connection: sa.Connection, key: int) -> Grant:
    row = connection.execute(_BY_ID, {"id": key}).mappings().first()
    if row is None:
        raise NotFound("storing.no_grant")
    return Grant(**row)


def _tell(transaction: Writing, kind: str, actor: str, about: Grant, mark: str | None) -> None:
    transaction.append(
        kind,
        actor,
        dossier_id=about.dossier_id,
        data={
            "grant": about.id,
            "giver": about.giver,
            "receiver": about.receiver,
            "kind": about.kind.value,
            "subject": about.subject,
            "begins_at": as_text(about.begins_at),
            "ends_at": as_text(about.ends_at),
            **({"rule": about.rule} if about.rule else {}),
            **({"reason_mark": mark} if mark else {}),
        },
    )
