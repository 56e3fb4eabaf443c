"""Which dossier, which department: the one place where a name becomes what a caller may see.

What is another department's is answered exactly as what is not there at all.
"""

from collections.abc import Iterator

from schemas.department import Department, Departments
from schemas.dossier import department_id
from schemas.errors import Conflict, NotFound
from storage import Document, Dossier, Ledger
from usecases.caller import Caller, Right, permit


def find_dossier(
    caller: Caller, right: Right, ledger: Ledger, code: str, department: str | None = None
) -> Dossier:
    """The dossier that was named, by its code or the provisional one it had.

    Args:
        caller: who asks.
        right: what they want to do with it.
        ledger: where it is looked up.
        code: its code.
        department: by identifier or as people call it, where several may have that code.

    Raises:
        NotAllowed: they may do this with no dossier at all.
        NotFound: there is none, or it is of a department that is not theirs.
        Conflict: several of their departments have it.
    """
    permit(caller, right)
    unit = department_named(ledger, department)
    where = caller.where(right)
    if where is None:
        found = ledger.dossier(code, unit)
    else:
        units = where if unit is None else where & {unit}
        found = _only(code, [one for name in units if (one := ledger.dossier(code, name))])
    if found is None:
        raise NotFound("cli.no_dossier")
    return found


def _only(code: str, found: list[Dossier]) -> Dossier | None:
    """The one of that code; of the provisional one it had, only where none has it now."""
    named = [one for one in found if one.code == code] or found
    if len(named) > 1:
        departments = ", ".join(sorted(one.department for one in named))
        raise Conflict("storing.ambiguous_code", dossier=code, departments=departments)
    return named[0] if named else None


def permit_dossier(caller: Caller, right: Right, dossier: Dossier) -> None:
    """See that the caller may do this with a dossier that was looked up already.

    Raises:
        NotAllowed: they may do this with no dossier at all.
        NotFound: it is of a department that is not theirs.
    """
    permit(caller, right)
    if not caller.may(right, dossier.department):
        raise NotFound("cli.no_dossier")


def reached(
    caller: Caller, right: Right, ledger: Ledger, document_id: int
) -> tuple[Dossier, Document]:
    """The document and its dossier, where the caller may do this.

    Raises:
        NotAllowed: they may do this with no document at all.
        NotFound: there is none, or it is of a department that is not theirs.
    """
    permit(caller, right)
    document = ledger.document(document_id)
    dossier = ledger.dossier_by_id(document.dossier_id)
    if not caller.may(right, dossier.department):
        raise NotFound("storing.no_document")
    return dossier, document


def document_of(ledger: Ledger, dossier: Dossier, number: int) -> Document:
    """The document of a dossier with this number.

    Raises:
        NotFound: ``storing.no_document``.
    """
    for document in ledger.documents(dossier.id):
        if document.number == number:
            return document
    raise NotFound("storing.no_document")


def called(ledger: Ledger, document_id: int) -> str:
    """How a document is called among all dossiers: ``H17-261123-0001/result-002``."""
    document = ledger.document(document_id)
    return f"{ledger.dossier_by_id(document.dossier_id).code}/{document.label}"


def department_named(ledger: Ledger, department: str | None) -> str | None:
    """The identifier of the department that was named, if one was: by it, or as people call it.

    One that is not known gives an identifier, too: it has no dossiers.
    """
    if not department:
        return None
    return Departments(ledger.departments()).of(department) or department_id(department)


def known_department(caller: Caller, right: Right, ledger: Ledger, department: str) -> str:
    """The identifier of a department that there is, for the caller.

    Raises:
        NotAllowed: they may do this in no department.
        NotFound: there is none of that name, or it is not theirs.
    """
    permit(caller, right)
    found = Departments(ledger.departments()).of(department)
    if found is None or not caller.may(right, found):
        raise NotFound("cli.no_department")
    return found


def own_departments(caller: Caller, right: Right, ledger: Ledger) -> tuple[Department, ...]:
    """The departments in which the caller may do this, by identifier.

    Raises:
        NotAllowed: they may do this in no department.
    """
    permit(caller, right)
    return tuple(one for one in ledger.departments() if caller.may(right, one.id))


def narrowed(caller: Caller, ledger: Ledger, department: str | None) -> frozenset[str] | None:
    """The departments that a question of the caller's is about; None is all there are.

    Args:
        caller: who asks.
        ledger: knows how departments are called.
        department: the one they asked for, if they did; another's gives none.
    """
    unit = department_named(ledger, department)
    if caller.departments is None:
        return None if unit is None else frozenset({unit})
    return frozenset(one for one in caller.departments if unit in {None, one})


def departments_of(caller: Caller, department: str | None) -> tuple[str | None, ...]:
    """The departments to ask the ledger for, one question each; None is all of them.

    Args:
        caller: who asks.
        department: the identifier of the one they asked for, if they did.
    """
    if caller.departments is None:
        return (department,)
    return tuple(sorted(one for one in caller.departments if department in {None, one}))


def dossiers_of(
    caller: Caller, right: Right, ledger: Ledger, department: str | None = None
) -> Iterator[Dossier]:
    """Every dossier that the caller may do this with, oldest first within a department.

    Raises:
        NotAllowed: they may do this with no dossier at all.
    """
    permit(caller, right)
    for unit in departments_of(caller, department_named(ledger, department)):
        yield from ledger.dossiers(department=unit)
