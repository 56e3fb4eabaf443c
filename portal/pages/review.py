"""Review: what is doubtful of a document, one doubt at a time, beside the page it stands on."""

import re
import secrets
from contextlib import suppress
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Query
from starlette.responses import Response

from portal import texts
from portal.pictures import picture_answer
from portal.rules import Pages
from portal.visit import AVisit
from schemas.dossier import Stage
from schemas.errors import Conflict, NotFound
from schemas.page import Box
from schemas.review_views import NextView
from usecases.caller import Right
from usecases.queue import queue_totals
from usecases.rescanning import open_of
from usecases.review_leases import hold, let_go
from usecases.reviewing import next_review, review

pages = Pages()

_ZONE = re.compile(r"(\d{1,5}),(\d{1,5}),(\d{1,5}),(\d{1,5})")


def address_of(found: NextView) -> str:
    """Where a document is reviewed."""
    return f"/review/{found.dossier}/{found.number}?department={found.department}"


@pages.get("/review", Right.review)
def next_page(
    visit: AVisit,
    after: Annotated[str | None, Query(max_length=100)] = None,
    number: int | None = None,
    department: Annotated[str | None, Query(max_length=100)] = None,
) -> Response:
    """The document that waits first; with ``after`` the one that comes after that."""
    if after is not None and number is not None:
        with suppress(NotFound, Conflict):
            let_go(visit.caller, visit.rooms, after, number, department=department)
    found = next_review(
        visit.caller, visit.rooms, after=after, number=number, department=department
    )
    if found.dossier is None:
        return visit.page("review_none.html", waiting=found.waiting)
    return visit.go(address_of(found), done=visit.request.query_params.get("done"))


@pages.get("/review/{dossier}/{number}", Right.review)
def review_page(
    visit: AVisit, dossier: str, number: int, department: str | None = None
) -> Response:
    """A document under review."""
    try:
        shown = review(
            visit.caller,
            visit.rooms,
            dossier,
            number,
            department=department,
        )
    except Conflict as error:  # it went on, or cannot be shown: others still wait
        said = error.sentence(visit.language)
        return visit.page(
            "review_gone.html", status=409, sentence=said, code=dossier, number=number
        )
    mark = secrets.token_hex(8)
    opened = hold(visit.caller, visit.rooms, dossier, number, mark=mark, department=department)
    if not opened.own:
        return visit.page("review_held.html", shown=shown, held=opened)
    waiting = queue_totals(visit.caller, visit.rooms.ledger, Stage.in_review).documents
    return visit.page(
        "review.html",
        shown=shown,
        review=shown.model_dump(mode="json", exclude_defaults=True),
        waiting=waiting,
        mark=mark,
        words=texts.for_script("review", visit.language),
        rescans=open_of(visit.caller, visit.rooms, dossier, number=number, department=department),
    )


@pages.post("/review/{dossier}/{number}/take-over", Right.review)
def take_over(visit: AVisit, dossier: str, number: int, department: str | None = None) -> Response:
    """Somebody else has it open, and this person goes on with it."""
    hold(visit.caller, visit.rooms, dossier, number, take_over=True, department=department)
    query = urlencode({"department": department or ""})
    return visit.go(f"/review/{dossier}/{number}?{query}")


@pages.get("/review/{dossier}/{number}/picture/{page}", Right.review)
def picture(
    visit: AVisit,
    dossier: str,
    number: int,
    page: int,
    zone: str | None = None,
    pdf: Annotated[str | None, Query(min_length=16, max_length=64)] = None,
    department: str | None = None,
) -> Response:
    """A page, or a zone of it; for ever the same where the PDF's hash is in the address."""
    return picture_answer(
        visit, dossier, number, page, zone=_zone(zone), pdf=pdf, department=department
    )


def _zone(text: str | None) -> Box | None:
    """Four whole numbers of points."""
    if text is None:
        return None
    found = _ZONE.fullmatch(text)
    if found is None:
        raise NotFound("usecase.no_page")
    left, top, right, bottom = map(float, found.groups())
    return left, top, right, bottom
