"""The departments of the ledger: added and renamed by operators, never removed."""

import sqlalchemy as sa

from schemas.department import Department, Departments
from schemas.errors import Conflict, NotFound
from storage.chain import Writing
from storage.tables import department

_ALL = sa.select(department.c.id, department.c.name).order_by(department.c.id)


def departments(connection: sa.Connection) -> list[Department]:
    """Every known department, by identifier."""
    return [Department(**row) for row in connection.execute(_ALL).mappings()]


def add(transaction: Writing, new: Department, actor: str) -> Department:
    """Make a department known. Repeating it with the same name changes nothing.

    Raises:
        Conflict: its identifier, or what a folder of its name is called, is another one's.
    """
    known = departments(transaction.connection)
    if new in known:
        return new
    _expect_free(new, known)
    transaction.connection.execute(
        sa.insert(department).values(id=new.id, name=new.name, created_at=transaction.now)
    )
    transaction.append("department_added", actor, data={"department": new.id})
    return new


def rename(transaction: Writing, changed: Department, actor: str) -> Department:
    """Call the department ``changed.id`` otherwise; its identifier stays in every key.

    Raises:
        NotFound: it is not known.
        Conflict: a folder of that name is another department's.
    """
    known = departments(transaction.connection)
    if changed in known:
        return changed
    others = [one for one in known if one.id != changed.id]
    if len(others) == len(known):
        raise NotFound("storing.no_department", department=changed.id)
    _expect_free(changed, others)
    transaction.connection.execute(
        sa.update(department).where(department.c.id == changed.id).values(name=changed.name)
    )
    transaction.append("department_renamed", actor, data={"department": changed.id})
    return changed


def _expect_free(wanted: Department, others: list[Department]) -> None:
    """A folder is of one department: neither name nor identifier may be another's."""
    taken = Departments(others)
    for name in (wanted.id, wanted.name):
        other = taken.of(name)
        if other is not None:
            raise Conflict("storing.department_known", department=other)
