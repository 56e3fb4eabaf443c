"""What was published: found, and taken away as one file at a time."""

from datetime import date
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from fastapi import Form
from starlette.responses import Response

from portal.refusals import ask_for_purpose
from portal.rules import Pages
from portal.sending import sent
from portal.sessions import path_within
from portal.visit import AVisit
from schemas.dossier import Role
from schemas.errors import InputRejected
from usecases.caller import Right
from usecases.dossier_zip import dossier_zip
from usecases.downloads import evidence_file, manifest_file, signed_file
from usecases.find import result_page
from usecases.office_days import begins, ends
from usecases.purposes import say_purpose

pages = Pages()

ON_A_PAGE = 40


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
