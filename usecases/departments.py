"""The departments: which there are, what they are called, whose a held folder is."""

from collections.abc import Callable

from schemas.department import Department, named
from schemas.views import DepartmentView
from usecases.caller import Caller, Right, permit
from usecases.dossiers import known_department, own_departments
from usecases.rooms import Rooms


def departments(caller: Caller, rooms: Rooms) -> tuple[DepartmentView, ...]:
    """The caller's departments, by identifier, with how many dossiers each has.

    Raises:
        NotAllowed: they may look at none.
    """
    known = own_departments(caller, Right.look, rooms.ledger)
    counts = rooms.ledger.dossier_counts([one.id for one in known])
    return tuple(
        DepartmentView(id=one.id, name=one.name, dossiers=counts.get(one.id, 0)) for one in known
    )


def add(caller: Caller, rooms: Rooms, name: str, identifier: str | None = None) -> Department:
    """Make a department known; its identifier is spelled from its name where none is given.

    Raises:
        NotAllowed: they do not keep the office running.
        InputRejected: as :func:`schemas.department.named`.
        Conflict: there is one of that identifier or name.
    """
    permit(caller, Right.operate)
    new = named(name, identifier)
    rooms.ledger.add_department(new, caller.name)
    return new


def rename(caller: Caller, rooms: Rooms, department: str, name: str) -> Department:
    """Call a department otherwise; its identifier stays in every key.

    Raises:
        NotAllowed: they do not keep the office running.
        NotFound: there is none of that name.
        InputRejected: as :func:`schemas.department.named`.
    """
    changed = named(name, known_department(caller, Right.operate, rooms.ledger, department))
    rooms.ledger.rename_department(changed, caller.name)
    return changed


def assign(
    caller: Caller, rooms: Rooms, held: str, department: str, move: Callable[[str, str], None]
) -> str:
    """Say whose a folder is that waits in the inbox; the department's identifier.

    Args:
        caller: who says so.
        rooms: the ledger.
        held: the code of the folder.
        department: whose it is.
        move: moves the folder of that code to the department of that identifier.

    Raises:
        NotAllowed: they do not keep the office running.
        NotFound: there is no such department, or no such folder.
    """
    unit = known_department(caller, Right.operate, rooms.ledger, department)
    move(held, unit)
    said = {"held": held, "department": unit}
    rooms.ledger.note(None, None, caller.name, "held_assigned", data=dict(said))
    return unit
