"""Who has a document open: the page that shows it says so every minute, and when it is left."""

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from portal.rules import Pages
from portal.visit import AVisit
from schemas.work import HeldView
from usecases import review_leases
from usecases.caller import Right

pages = Pages()

Department = Annotated[str | None, Query(max_length=100)]


@pages.post("/api/v1/review/{dossier}/{number}/lease", Right.review)
def hold(visit: AVisit, dossier: str, number: int, department: Department = None) -> HeldView:
    """Keep it open; who has it now."""
    return review_leases.hold(visit.caller, visit.rooms, dossier, number, department=department)


@pages.post("/api/v1/review/{dossier}/{number}/leave", Right.review)
def leave(
    visit: AVisit,
    dossier: str,
    number: int,
    department: Department = None,
    mark: Annotated[str | None, Query(max_length=32)] = None,
) -> Response:
    """The page with this mark was left."""
    review_leases.let_go(
        visit.caller, visit.rooms, dossier, number, mark=mark, department=department
    )
    return Response(status_code=204)
