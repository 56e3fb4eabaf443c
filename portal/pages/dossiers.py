"""The dossiers, page by page, and one of them with all that is known of it."""

from typing import Annotated, Literal

from fastapi import Query
from starlette.responses import Response

from portal.pictures import picture_answer
from portal.rules import Pages
from portal.texts import known
from portal.visit import AVisit
from schemas.checklist_views import Register
from schemas.dossier import Stage
from usecases.caller import Right
from usecases.identity_pictures import accesses
from usecases.look import dossier_page
from usecases.overview import overview

pages = Pages()

ON_A_PAGE = 50
LARGEST_IDENTIFIER = 2**31 - 1
"""Of a row: larger numbers are an error of the database, not of who asks."""
MOST_PAGES = 24
"""Pages of a document that are shown; the others are in its file."""
LINES = 40
"""Lines of the time line that are shown at once; the older ones are folded."""


@pages.get("/dossiers", Right.look)
def dossiers_page(
    visit: AVisit,
    code: str = "",
    department: str = "",
    stage: Stage | Literal[""] = "",
    after: Annotated[int | None, Query(ge=0, le=LARGEST_IDENTIFIER)] = None,
) -> Response:
    """The dossiers, the newest first."""
    found = dossier_page(
        visit.caller,
        visit.rooms,
        code=code.strip(),
        department=department,
        stage=stage or None,
        after=after,
        limit=ON_A_PAGE,
    )
    asked = {"code": code.strip(), "department": department, "stage": stage}
    return visit.page("dossiers.html", found=found, asked=asked, stages=list(Stage))


@pages.get("/dossiers/{dossier}", Right.look)
def dossier_shown(
    dossier: str, visit: AVisit, department: str = "", document: int | None = None
) -> Response:
    """One dossier, with the fields of one of its documents."""
    found = overview(
        visit.caller, visit.rooms, dossier, department=department or None, number=document
    )
    rights = {right.value for right in visit.caller.rights}
    return visit.page(
        "dossier.html",
        found=found,
        may=rights,
        lines=LINES,
        known=known,
        registers=list(Register),
        seen=accesses(visit.caller, visit.rooms, dossier, department=department or None),
        most=MOST_PAGES,
    )


@pages.get("/dossiers/{dossier}/{number}/pages/{page}", Right.look)
def page_shown(
    visit: AVisit,
    dossier: str,
    number: int,
    page: int,
    pdf: Annotated[str | None, Query(min_length=16, max_length=64)] = None,
    department: str | None = None,
) -> Response:
    """A page of a document."""
    return picture_answer(visit, dossier, number, page, pdf=pdf, department=department)
