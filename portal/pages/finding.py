"""Finding by words and by person."""

from datetime import date
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from fastapi import Form, Query
from starlette.responses import Response

from portal.rules import Pages
from portal.searches import KeptSearch
from portal.visit import AVisit
from schemas.dossier import Role
from schemas.search_terms import identity_number
from usecases.caller import Right
from usecases.finding import find_person, find_text
from usecases.office_days import begins, ends

pages = Pages()

ON_A_PAGE = 25

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
