"""What a person says of a sheet of zones. Opening one, and its pictures, are of the page."""

from portal.rules import Pages
from portal.visit import AVisit
from schemas.carpet_views import SaidSheet, SheetDone, SheetUndone
from usecases import carpet
from usecases.caller import Right

pages = Pages()


@pages.post("/api/v1/carpet/{sheet}/accept", Right.review)
def accept(visit: AVisit, sheet: str, said: SaidSheet) -> SheetDone:
    """What is marked is wrong, all else stands on the paper; said again it changes nothing."""
    return carpet.accept(visit.caller, visit.rooms, sheet, said.wrong)


@pages.post("/api/v1/carpet/{sheet}/undo", Right.review)
def undo(visit: AVisit, sheet: str) -> SheetUndone:
    """Take back all that was decided by a sheet, all or none."""
    return carpet.undo_sheet(visit.caller, visit.rooms, sheet)
