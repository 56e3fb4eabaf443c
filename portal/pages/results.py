"""What was published: found, and taken away as one file at a time."""

from datetime import date
from typing import Literal
from zoneinfo import ZoneInfo

from starlette.responses import Response, StreamingResponse

from portal.rules import Pages
from portal.visit import AVisit
from schemas.dossier import Role
from usecases.caller import Right
from usecases.downloads import TakenFile, evidence_file, manifest_file, signed_file
from usecases.find import result_page
from usecases.office_days import begins, ends

pages = Pages()

ON_A_PAGE = 30


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
    return _sent(signed_file(visit.caller, visit.rooms, dossier, number, department=department))


@pages.get("/results/{dossier}/{number}/manifest.json", Right.fetch)
def manifest(dossier: str, number: int, visit: AVisit, department: str = "") -> Response:
    """The manifest of a document."""
    return _sent(manifest_file(visit.caller, visit.rooms, dossier, number, department=department))


@pages.get("/results/{dossier}/evidence.asice", Right.fetch)
def evidence(dossier: str, visit: AVisit, department: str = "") -> Response:
    """The evidence of a dossier."""
    return _sent(evidence_file(visit.caller, visit.rooms, dossier, department=department))


def _sent(file: TakenFile) -> Response:
    """To be saved, never opened as a page of this site."""
    headers = {
        "Content-Disposition": f'attachment; filename="{file.name}"',
        "Content-Length": str(file.size),
    }
    if file.sha256 is not None:
        headers["ETag"] = f'"{file.sha256}"'
    return StreamingResponse(file.blocks(), media_type=file.media_type, headers=headers)
