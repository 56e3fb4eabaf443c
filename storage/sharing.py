"""Which department lets which other one have what of its own: grants, and the one rule of reach.

A grant is entered and ended, never removed; both are events, which name the departments, the
times, and have the salted mark of the reason. Whoever asks for documents has :func:`reached_by` in
the query itself, so that lists, counts, suggestions and single reads follow the same rule.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from pydantic import Field

from schemas.dossier import Stage
from schemas.errors import NotFound
from schemas.page import Frozen
from storage import marks, queries
from storage.chain import Writing, writing
from storage.database import Database
from storage.proving import Clock, Proving
from storage.records import Document, Dossier
from storage.sharing_tables import sharing_grant
from storage.tables import as_text, document, dossier

SHOWN_TO_OTHERS = frozenset({Stage.published, Stage.withdrawn})
"""What another department may see at all."""


class Shared(StrEnum):
    """What a grant is of."""

    procedure = "procedure"
    """Dossiers of a procedure; one that may be of several, where each of them is shared."""
    document_type = "document_type"
    """Documents of a type, in any dossier."""
    dossier = "dossier"
    """All of one dossier."""


class NewGrant(Frozen):
    """That a department shall have something of another one's."""

    giver: str = Field(description="identifier of the department whose documents they are")
    receiver: str
    kind: Shared
    subject: str = Field(description="code of the procedure, type, or code of the dossier")
    dossier_id: int | None = Field(None, description="where it is of one dossier")
    begins_at: datetime
    ends_at: datetime | None = Field(description="from here on no more; None: until it is ended")
    reason: str = Field(repr=False)
    rule: str | None = Field(None, description="name of the rule that asked for it")


class Grant(NewGrant):
    """A grant as the ledger knows it."""

    id: int
    made_by: str
    made_at: datetime
    ended_by: str | None
    ended_at: datetime | None

    def stands(self, now: datetime) -> bool:
        """Whether it counts now."""
        over = self.ended_at is not None or (self.ends_at is not None and self.ends_at <= now)
        return self.begins_at <= now and not over


def standing(now: datetime) -> sa.ColumnElement[bool]:
    """That a grant counts now."""
    return sa.and_(
        sharing_grant.c.ended_at.is_(None),
        sharing_grant.c.begins_at <= now,
        sa.or_(sharing_grant.c.ends_at.is_(None), sharing_grant.c.ends_at > now),
    )


def reached_by(departments: Collection[str] | None, now: datetime) -> sa.ColumnElement[bool]:
    """That a document is of one of these departments, or shared with one of them now.

    A condition on a statement that joins ``document`` and ``dossier``. It says nothing of the
    stage: what is not published is nobody else's business, and the caller of this says so. Grants
    are few: each part is one small set that the database makes once for the statement.

    Args:
        departments: whose reach it is; None: everything.
        now: aware.
    """
    if departments is None:
        return sa.true()
    units = sorted(departments)
    given = sharing_grant.c

    def to_us(kind: Shared) -> sa.ColumnElement[bool]:
        return sa.and_(given.receiver.in_(units), given.kind == kind.value, standing(now))

    typed = sa.select(given.giver, given.subject).where(to_us(Shared.document_type))
    whole = sa.select(given.dossier_id).where(to_us(Shared.dossier), given.dossier_id.is_not(None))
    givers = sa.select(given.giver).where(to_us(Shared.procedure))
    return sa.or_(
        dossier.c.department.in_(units),
        dossier.c.id.in_(whole),
        sa.tuple_(dossier.c.department, document.c.document_type).in_(typed),
        sa.and_(dossier.c.department.in_(givers), _every_procedure(to_us(Shared.procedure))),
    )


def _every_procedure(to_us: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """That each procedure the dossier may be of is shared with one and the same department.

    The codes stand in one column with a space between two. What ``replace`` changes contains the
    code: unlike ``LIKE``, it takes no sign of it for another meaning.
    """
    codes = sa.literal(" ") + dossier.c.procedures + sa.literal(" ")
    count = sa.func.length(dossier.c.procedures) - sa.func.length(
        sa.func.replace(dossier.c.procedures, " ", "")
    )
    given = sharing_grant.c
    return (
        sa.select(given.receiver)
        .where(
            to_us,
            given.giver == dossier.c.department,
            sa.func.replace(codes, sa.literal(" ") + given.subject + sa.literal(" "), "") != codes,
        )
        .group_by(given.receiver)
        .having(sa.func.count(sa.distinct(given.subject)) > count)
        .correlate(dossier)
        .exists()
    )


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


class Reach(Frozen):
    """Whose documents somebody may have now: what :func:`reached_by` is asked with."""

    departments: frozenset[str] | None = Field(description="None: everything")
    now: datetime

    def condition(self) -> sa.ColumnElement[bool]:
        """That a document is reached: their own, or shared and published once.

        On a statement that joins ``document`` and ``dossier``. See :func:`reached_by`.
        """
        if self.departments is None:
            return sa.true()
        public = sa.and_(
            document.c.stage.in_(sorted(one.value for one in SHOWN_TO_OTHERS)),
            document.c.split.is_(sa.false()),
        )
        own = dossier.c.department.in_(sorted(self.departments))
        return sa.and_(reached_by(self.departments, self.now), sa.or_(own, public))

    def owns(self, department: str) -> bool:
        """Whether what is that department's is theirs without any grant."""
        return self.departments is None or department in self.departments


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
                query = _OF_CODE.where(column == code, reach.condition())
                if department is not None:
                    query = query.where(dossier.c.department == department)
                ids = list(connection.execute(query).scalars())
                if ids:
                    return _by_dossier(connection, ids)
        return []


_OF_CODE = (
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
