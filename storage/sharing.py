"""The one rule of reach: what is of somebody's departments, and what others share with these.

Whoever asks for documents has :func:`reached_by` in the query itself, so that lists, counts,
suggestions and single reads follow the same rule. The grants are in :mod:`storage.grants`.
"""

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from pydantic import Field

from schemas.dossier import Stage
from schemas.page import Frozen
from schemas.sharing import Shared
from storage.sharing_tables import sharing_grant
from storage.tables import document, dossier

SHOWN_TO_OTHERS = frozenset({Stage.published, Stage.withdrawn})
"""What another department may see at all."""


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

    def asks(self, new: NewGrant) -> bool:
        """Whether it says what ``new`` says."""
        return self.model_dump(include=set(NewGrant.model_fields)) == new.model_dump()

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
    given = sharing_grant.c
    procedures, types, dossiers = (
        _to(departments, now, kind)
        for kind in (Shared.procedure, Shared.document_type, Shared.dossier)
    )
    typed = sa.select(given.giver, given.subject).where(types)
    givers = sa.select(given.giver).where(procedures)
    return sa.or_(
        dossier.c.department.in_(sorted(departments)),
        dossier.c.id.in_(sa.select(given.dossier_id).where(dossiers)),
        sa.tuple_(dossier.c.department, document.c.document_type).in_(typed),
        sa.and_(dossier.c.department.in_(givers), _every_procedure(procedures)),
    )


def near(
    departments: Collection[str],
    now: datetime,
    among: sa.ColumnElement[bool],
    *,
    document_type: str | None = None,
) -> sa.CompoundSelect[tuple[int]]:
    """Ids of the dossiers, some more than once, among which is all that :func:`reached_by` holds.

    They may be more than that: each part follows an index, so that a few are found at once.

    Args:
        departments: whose reach it is.
        now: aware.
        among: a condition on ``dossier`` that holds for each of them.
        document_type: documents of this type alone are looked for.
    """
    given, ids = sharing_grant.c, sa.select(dossier.c.id).where(among)
    dossiers = _to(departments, now, Shared.dossier)
    others = sa.select(given.giver).where(
        _to(departments, now, Shared.procedure, Shared.document_type)
    )
    if document_type is not None:
        typed = given.kind == Shared.document_type.value
        others = others.where(sa.or_(~typed, given.subject == document_type))
    return sa.union_all(
        ids.where(dossier.c.department.in_(sorted(departments))),
        ids.where(dossier.c.id.in_(sa.select(given.dossier_id).where(dossiers))),
        ids.where(dossier.c.department.in_(others)),
    )


def _to(departments: Collection[str], now: datetime, *kinds: Shared) -> sa.ColumnElement[bool]:
    """That a grant of these kinds lets one of these departments have something now."""
    given = sharing_grant.c
    return sa.and_(
        given.receiver.in_(sorted(departments)),
        given.kind.in_([one.value for one in kinds]),
        (given.dossier_id.is_not(None) if Shared.dossier in kinds else sa.true()),
        standing(now),
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
