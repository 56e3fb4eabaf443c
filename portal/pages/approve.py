"""The sign gate: what awaits approval on one sheet, and one document of it at a time."""

import asyncio
from typing import Annotated

from fastapi import Form
from starlette.responses import Response

from portal.pictures import picture_answer
from portal.rules import Pages
from portal.visit import AVisit
from usecases import contact_sheet
from usecases.caller import Right
from usecases.pictures import signature_place

pages = Pages()

AN_HOUR = "private, max-age=3600"
"""What is asked again: settings may change where a stamp stands."""
Chosen = Annotated[list[str], Form()]
Text = Annotated[str, Form(max_length=1000)]


@pages.get("/approve", Right.approve)
def sheet(visit: AVisit, after: str | None = None) -> Response:
    """Everything that awaits approval, due first."""
    found = contact_sheet.contact_sheet(visit.caller, visit.rooms, after=after)
    return visit.page("approve.html", found=found, told=())


@pages.post("/approve", Right.approve)
def approve_chosen(visit: AVisit, chosen: Chosen = [], shown: Chosen = []) -> Response:  # noqa: B006
    """Approve what was chosen, each for itself; the same sheet, with what became of them."""
    told = contact_sheet.approve_shown(visit.caller, visit.rooms, _named(chosen), _pages(shown))
    found = contact_sheet.contact_sheet(visit.caller, visit.rooms)
    return visit.page("approve.html", found=found, told=told)


@pages.get("/approve/{dossier}/{number}", Right.approve)
def document(visit: AVisit, dossier: str, number: int, department: str | None = None) -> Response:
    """One document with all its pages and fields."""
    found = contact_sheet.document_to_approve(
        visit.caller, visit.rooms, dossier, number, department=department
    )
    return visit.page("approve_document.html", one=found.document, fields=found.fields)


@pages.post("/approve/{dossier}/{number}", Right.approve)
def approve_document(
    visit: AVisit,
    dossier: str,
    number: int,
    seen: Text,
    department: str | None = None,
    shown: Chosen = [],  # noqa: B006
    why: Text = "",
) -> Response:
    """Approve it as it was seen."""
    numbers = [one for found in _pages(shown).values() for one in found]
    told = contact_sheet.approve_one(
        visit.caller, visit.rooms, dossier, number,
        seen=seen, pages_seen=numbers, why=why, department=department,
    )  # fmt: skip
    waits = told.stage is contact_sheet.AWAITING
    return visit.go("/approve", done="approved_waits" if waits else "approved")


@pages.post("/approve/{dossier}/{number}/refuse", Right.approve)
def refuse(
    visit: AVisit,
    dossier: str,
    number: int,
    seen: Text,
    department: str | None = None,
    reason: Text = "",
) -> Response:
    """Send it back to review, with a reason."""
    contact_sheet.refuse_one(
        visit.caller, visit.rooms, dossier, number, reason, seen=seen, department=department
    )
    return visit.go("/approve", done="refused")


@pages.get("/approve/pages/{sha256}/{dossier}/{number}/{page}", Right.approve)
def picture(
    visit: AVisit, sha256: str, dossier: str, number: int, page: int, department: str | None = None
) -> Response:
    """A page as it will be signed; the address has the hash of its PDF/A, so it never changes."""
    return picture_answer(visit, dossier, number, page, pdf=sha256, department=department)


@pages.get("/approve/place/{sha256}/{dossier}/{number}", Right.approve)
def place(
    visit: AVisit, sha256: str, dossier: str, number: int, department: str | None = None
) -> Response:
    """A drawing to lay over the first page: where the stamp will stand."""
    finding = signature_place(
        visit.caller,
        visit.rooms,
        visit.desk.drawer,
        dossier,
        number,
        of=sha256,
        department=department,
    )
    box = asyncio.run(finding)
    drawn = visit.desk.render("approve_place.svg", {"box": box, "t": visit.text})
    return Response(drawn, media_type="image/svg+xml", headers={"Cache-Control": AN_HOUR})


def _named(chosen: list[str]) -> dict[int, str]:
    """``12:HASH`` of each box that was ticked; what is not written like that is left out."""
    found = (one.partition(":") for one in chosen[:500])
    return {int(name): seen for name, _, seen in found if name.isdecimal() and len(name) < 10}


def _pages(shown: list[str]) -> dict[int, list[int]]:
    """``12:1,5``: the pages of a document that were shown."""
    return {
        name: [int(page) for page in told.split(",") if page.isdecimal() and len(page) < 7]
        for name, told in _named(shown).items()
    }
