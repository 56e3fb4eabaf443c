"""What was published: listed, shown one by one, and taken away as one file at a time."""

import asyncio
from datetime import date
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from fastapi import Form, Query
from starlette.responses import Response

from portal.pictures import result_picture_answer
from portal.refusals import ask_for_purpose
from portal.rules import Pages
from portal.sending import sent
from portal.sessions import path_within
from portal.texts import known
from portal.visit import AVisit, Visit
from schemas.dossier import Role
from schemas.errors import InputRejected, SohoaError
from schemas.search_views import SignatureShown
from usecases.caller import Right
from usecases.dossier_zip import dossier_zip
from usecases.downloads import evidence_file, manifest_file, signed_file
from usecases.find import result_page
from usecases.office_days import begins, ends
from usecases.purposes import say_purpose
from usecases.result_shown import result_shown, signature_shown

pages = Pages()

ON_A_PAGE = 30
MOST_PAGES = 24
"""Pages of a document that are shown; the others are in its file."""


@pages.get("/results", Right.find)
def results_page(
    visit: AVisit,
    code: str = "",
    department: str = "",
    type: str = "",
    role: Role | Literal[""] = "",
    since: date | Literal[""] = "",
    until: date | Literal[""] = "",
    after: str | None = None,
) -> Response:
    """Published documents, the last published first."""
    zone = ZoneInfo(visit.desk.options.timezone)
    found = result_page(
        visit.caller,
        visit.rooms,
        code=code.strip(),
        department=department,
        document_type=type,
        role=role or None,
        since=begins(since, zone) if since else None,
        until=ends(until, zone) if until else None,
        after=after,
        limit=ON_A_PAGE,
    )
    asked = {
        "code": code.strip(),
        "department": department,
        "type": type,
        "role": role,
        "since": since,
        "until": until,
    }
    may = {right.value for right in visit.caller.rights}
    return visit.page("results.html", found=found, asked=asked, may=may)


@pages.get("/results/{dossier}/{number}/signed.pdf", Right.fetch)
def signed(dossier: str, number: int, visit: AVisit, department: str = "") -> Response:
    """The signed PDF of a document."""
    return sent(
        signed_file(
            visit.caller, visit.rooms, dossier, number, department=department,
            purpose=visit.purpose,
        ),
        visit.request,
    )  # fmt: skip


@pages.get("/results/{dossier}/{number}/manifest.json", Right.fetch)
def manifest(dossier: str, number: int, visit: AVisit, department: str = "") -> Response:
    """The manifest of a document."""
    return sent(
        manifest_file(
            visit.caller, visit.rooms, dossier, number, department=department,
            purpose=visit.purpose,
        ),
        visit.request,
    )  # fmt: skip


@pages.get("/results/{dossier}/evidence.asice", Right.fetch)
def evidence(dossier: str, visit: AVisit, department: str = "") -> Response:
    """The evidence of a dossier."""
    return sent(
        evidence_file(
            visit.caller, visit.rooms, dossier, department=department, purpose=visit.purpose
        )
    )


@pages.post("/results/{dossier}/purpose", Right.find)
def purpose(
    dossier: str,
    visit: AVisit,
    purpose: Annotated[str, Form(max_length=2000)] = "",
    department: Annotated[str, Form(max_length=100)] = "",
    next: Annotated[str, Form(max_length=1000)] = "/results",
) -> Response:
    """What another department's dossier is read for; then on to what was asked for."""
    try:
        say_purpose(visit.caller, visit.rooms, dossier, purpose, department=department)
    except InputRejected as error:
        return ask_for_purpose(visit, error, dossier, department, path_within(next), purpose)
    return visit.go(path_within(next))


@pages.get("/results/{dossier}/dossier.zip", Right.fetch)
def archive(dossier: str, visit: AVisit, department: str = "") -> Response:
    """The published documents of a dossier, with its evidence."""
    return sent(
        dossier_zip(
            visit.caller, visit.rooms, dossier, department=department, purpose=visit.purpose
        )
    )


@pages.get("/results/{dossier}/{number}", Right.find)
def one_result(dossier: str, number: int, visit: AVisit, department: str = "") -> Response:
    """One result: fields, pages, the verdict on its signature, history.

    Stands behind the files of a dossier, whose names are no numbers.
    """
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
