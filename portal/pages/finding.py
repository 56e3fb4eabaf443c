"""Finding by words and by person, and the page of one result."""

import asyncio
from datetime import date
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from fastapi import Form, Query
from starlette.responses import Response

from portal.pictures import result_picture_answer
from portal.rules import Pages
from portal.searches import KeptSearch
from portal.texts import known
from portal.visit import AVisit, Visit
from schemas.dossier import Role
from schemas.errors import SohoaError
from schemas.search_terms import identity_number
from schemas.search_views import SignatureShown
from usecases.caller import Right
from usecases.finding import find_person, find_text
from usecases.office_days import begins, ends
from usecases.result_shown import result_shown, signature_shown

pages = Pages()

ON_A_PAGE = 25
MOST_PAGES = 24
"""Pages of a document that are shown; the others are in its file."""

Typed = Annotated[str, Form(max_length=300)]
Chosen = Annotated[str, Form(max_length=100)]
Day = Annotated[date | Literal[""], Form()]


@pages.post("/results/find", Right.find)
def asked(
    visit: AVisit,
    question: Typed = "",
    department: Chosen = "",
    type: Chosen = "",
    role: Annotated[Role | Literal[""], Form()] = "",
    since: Day = "",
    until: Day = "",
) -> Response:
    """Keep what somebody looks for, and go to what is found."""
    if not question.strip():
        return visit.go("/results")
    search = KeptSearch(
        question=" ".join(question.split()),
        department=department,
        document_type=type,
        role=role or None,
        since=str(since),
        until=str(until),
    )
    return visit.go(f"/results/found?search={visit.desk.searches.keep(visit.token or '', search)}")


@pages.get("/results/found", Right.find)
def found_page(
    visit: AVisit,
    search: Annotated[str, Query(max_length=40)] = "",
    after: Annotated[str | None, Query(max_length=20)] = None,
) -> Response:
    """What fits a question; what the office holds of a person where it is an identity number."""
    if not search:
        return visit.go("/results")
    kept = visit.desk.searches.find(visit.token or "", search)
    if kept is None:
        return visit.page("found_gone.html", status=404)
    number = identity_number(kept.question)
    if number is not None:
        held = find_person(visit.caller, visit.rooms, number)
        return visit.page("found_person.html", held=held, asked=kept)
    zone = ZoneInfo(visit.desk.options.timezone)
    found = find_text(
        visit.caller,
        visit.rooms,
        kept.question,
        department=kept.department,
        document_type=kept.document_type,
        role=kept.role,
        since=begins(date.fromisoformat(kept.since), zone) if kept.since else None,
        until=ends(date.fromisoformat(kept.until), zone) if kept.until else None,
        after=after,
        limit=ON_A_PAGE,
    )
    return visit.page("found.html", found=found, asked=kept, search=search)


@pages.get("/results/{dossier}/{number}", Right.find)
def result_page(dossier: str, number: int, visit: AVisit, department: str = "") -> Response:
    """One result: fields, pages, the verdict on its signature, history."""
    found = result_shown(visit.caller, visit.rooms, dossier, number, department=department or None)
    signature, unverified = _signature(visit, dossier, number, department or None)
    return visit.page(
        "result.html",
        found=found,
        signature=signature,
        unverified=unverified,
        may={right.value for right in visit.caller.rights},
        most=MOST_PAGES,
        known=known,
    )


def _signature(
    visit: Visit, dossier: str, number: int, department: str | None
) -> tuple[SignatureShown | None, str | None]:
    """The verdict, or a sentence why there is none: the rest of the page is there all the same."""
    looking = signature_shown(
        visit.caller, visit.rooms, visit.desk.drawer, dossier, number, department=department
    )
    try:
        return asyncio.run(looking), None  # in a thread: the store and the file are read here
    except SohoaError as error:
        return None, error.sentence(visit.language)


@pages.get("/results/{dossier}/{number}/pages/{page}", Right.fetch)
def page_shown(
    visit: AVisit,
    dossier: str,
    number: int,
    page: int,
    pdf: Annotated[str | None, Query(min_length=16, max_length=64)] = None,
    department: str | None = None,
) -> Response:
    """A page of a result."""
    return result_picture_answer(visit, dossier, number, page, pdf=pdf, department=department)
