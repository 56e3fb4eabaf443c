"""How commands name a dossier: its code, its department, and one of its documents."""

from typing import Annotated

import typer

from schemas.department import Departments
from schemas.dossier import department_id
from schemas.errors import NotFound
from storage import Dossier, Ledger

Code = Annotated[str, typer.Argument(help="Mã hồ sơ. / Dossier code.", show_default=False)]
Department = Annotated[str | None, typer.Option(help="Đơn vị. / Department.", show_default=False)]


def unit_of(ledger: Ledger, department: str | None) -> str | None:
    """The identifier of the department that was named, if one was: by it, or as people call it.

    One that is not known gives an identifier, too: it has no dossiers.
    """
    if not department:
        return None
    return Departments(ledger.departments()).of(department) or department_id(department)


def known_unit(ledger: Ledger, department: str) -> str:
    """The identifier of a department that there is.

    Raises:
        NotFound: there is none of that name.
    """
    found = Departments(ledger.departments()).of(department)
    if found is None:
        raise NotFound("cli.no_department")
    return found


def find_dossier(ledger: Ledger, code: str, department: str | None) -> Dossier:
    """The dossier that was named, by its code or the provisional one it had.

    Raises:
        NotFound: there is none.
        Conflict: several departments have it.
    """
    found = ledger.dossier(code, unit_of(ledger, department))
    if found is None:
        raise NotFound("cli.no_dossier")
    return found


def numbered(code: str) -> tuple[str, int | None]:
    """``H17-261123-0001/2`` is document 2 of the dossier; without a number, all of them."""
    dossier, slash, number = code.rpartition("/")
    return (dossier, int(number)) if slash and number.isdecimal() else (code, None)
