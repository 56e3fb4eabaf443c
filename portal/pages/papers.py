"""The components of a dossier, and the papers that are printed of it."""

from typing import Annotated

from fastapi import Form
from starlette.responses import Response

from portal.rules import Pages
from portal.visit import AVisit, Visit
from schemas.checklist_views import PaperKind, Register
from usecases import papers
from usecases.caller import Right

pages = Pages()

ARegister = Annotated[Register, Form()]


@pages.post("/dossiers/{dossier}/components/{component}/replaced", Right.review)
def replaced(
    visit: AVisit,
    dossier: str,
    component: str,
    found_in: ARegister = Register.population,
    department: str | None = None,
) -> Response:
    """Data of a register stand for the paper."""
    papers.replace_by_data(
        visit.caller, visit.rooms, dossier, component, found_in, department=department
    )
    return _back(visit, dossier, department, "replaced")


@pages.post("/dossiers/{dossier}/components/{component}/asked", Right.review)
def asked(visit: AVisit, dossier: str, component: str, department: str | None = None) -> Response:
    """The paper is asked for again."""
    papers.ask_again(visit.caller, visit.rooms, dossier, component, department=department)
    return _back(visit, dossier, department, "asked_again")


@pages.post("/dossiers/{dossier}/papers/{paper}", Right.review)
def paper(visit: AVisit, dossier: str, paper: PaperKind, department: str | None = None) -> Response:
    """A paper to be printed; each time is an event."""
    if paper is PaperKind.cover_sheet:
        drawn = papers.cover_sheet(visit.caller, visit.rooms, dossier, department=department)
        named = f'inline; filename="{PaperKind.cover_sheet}.pdf"'
        headers = {"Content-Disposition": named}
        return Response(drawn, media_type="application/pdf", headers=headers)
    found = papers.paper(visit.caller, visit.rooms, dossier, paper, department=department)
    return visit.page("paper.html", found=found)


def _back(visit: Visit, dossier: str, department: str | None, done: str) -> Response:
    unit = f"?department={department}" if department else ""
    return visit.go(f"/dossiers/{dossier}{unit}", done=done)
