"""``/api/v1/documents``: the shared store under the names of letter 7197/BKHCN-CĐSQG.

``DocCode`` names a document and a version of its file. What other departments share is reached,
too; who reads such a document says what for, once a working day (``Sohoa-Purpose``).
"""

from datetime import date
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Header, Path, Query, Response
from starlette.responses import Response as Answer

from portal.handing_in import LARGEST_BODY, handed_in
from portal.rules import Pages, Who
from portal.sending import has_it, headed, not_modified, sent
from portal.visit import AVisit
from schemas.desk_views import HandInView
from schemas.dossier import Role
from schemas.errors import NotAllowed, NotFound
from schemas.shared_document import (
    DOC_CODE,
    Description,
    LinkView,
    SharedDocumentPage,
    SharedDocumentView,
)
from usecases import links, shared_documents
from usecases.caller import Caller, Right
from usecases.document_files import find_file
from usecases.importing import import_document
from usecases.office_days import begins, ends

pages = Pages()

DocCode = Annotated[str, Path(alias="DocCode", max_length=30, description=DOC_CODE)]
Purpose = Annotated[
    str | None,
    Header(
        alias="Sohoa-Purpose",
        description="what for, where another department shares it; UTF-8, percent-encoded",
    ),
]
"""Read by :attr:`portal.visit.Visit.purpose`; named here to be described."""


@pages.get("/api/v1/documents", Right.find)
def listed(
    visit: AVisit,
    dossier: Annotated[str | None, Query(max_length=80, description="a part of its code")] = None,
    department: Annotated[str | None, Query(max_length=100)] = None,
    document_type: Annotated[str | None, Query(max_length=100)] = None,
    role: Role | None = None,
    since: Annotated[date | None, Query(description="published on that day or later")] = None,
    until: Annotated[date | None, Query(description="published on that day or before")] = None,
    after: Annotated[str | None, Query(max_length=80, description="`Next` of a page")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> SharedDocumentPage:
    """Published documents, the last published first."""
    zone = ZoneInfo(visit.desk.options.timezone)
    return shared_documents.shared_page(
        visit.caller,
        visit.rooms,
        dossier=dossier,
        department=department,
        document_type=document_type,
        role=role,
        since=begins(since, zone) if since else None,
        until=ends(until, zone) if until else None,
        after=after,
        limit=limit,
    )


@pages.post("/api/v1/documents/import", Right.submit, largest=LARGEST_BODY, streams=True)
async def imported(
    visit: AVisit, response: Response, idempotency_key: Annotated[str, Header()] = ""
) -> HandInView:
    """A document comes in with its metadata, as a paper of a dossier."""
    made = await handed_in(visit, lambda *came: import_document(*came, key=idempotency_key))
    response.status_code = 202
    response.headers["Location"] = f"/api/v1/dossiers/{made.dossier}"
    return made


@pages.get("/api/v1/documents/{DocCode}", Right.find)
def metadata(visit: AVisit, code: DocCode, _purpose: Purpose = None) -> SharedDocumentView:
    """The metadata of a document, and the versions of its file."""
    return shared_documents.shared_document(visit.caller, visit.rooms, code, purpose=visit.purpose)


@pages.put("/api/v1/documents/{DocCode}", Right.review)
def describe(visit: AVisit, code: DocCode, said: Description) -> SharedDocumentView:
    """Say what a document is; what is left out is as it was read."""
    return shared_documents.describe(visit.caller, visit.rooms, code, said)


@pages.get("/api/v1/documents/download/{DocCode}", Right.fetch, file=True)
def download(visit: AVisit, code: DocCode, _purpose: Purpose = None) -> Answer:
    """The file that a DocCode names: whole, or a range of bytes."""
    return _given(visit, visit.caller, code)


@pages.head("/api/v1/documents/download/{DocCode}", Right.fetch, file=True)
def download_head(visit: AVisit, code: DocCode) -> Answer:
    """Name, size and hash of the file."""
    about = find_file(visit.caller, visit.rooms, code).version
    return headed(about.file_name, about.media_type, about.bytes, about.sha256)


@pages.post("/api/v1/documents/{DocCode}/links", Right.fetch)
def link(
    visit: AVisit,
    code: DocCode,
    minutes: Annotated[int, Query(ge=1, le=links.MOST_MINUTES)] = links.MINUTES,
    _purpose: Purpose = None,
) -> LinkView:
    """A link that opens the file for some minutes, to whoever has it."""
    return links.make_link(visit.caller, visit.rooms, code, minutes=minutes, purpose=visit.purpose)


@pages.get("/api/v1/documents/links/{link}", Who.open, file=True)
def by_link(visit: AVisit, link: Annotated[str, Path(max_length=600)]) -> Answer:
    """The file that a link opens, by the right of who made it."""
    maker, code = links.opened(visit.rooms, link)
    try:
        return _given(visit, maker, code, by_link=True)
    except (NotFound, NotAllowed):
        raise links.link_over() from None


def _given(visit: AVisit, caller: Caller, code: str, *, by_link: bool = False) -> Answer:
    found = find_file(caller, visit.rooms, code)
    if has_it(visit.request, found.version.sha256):
        return not_modified(found.version.sha256)
    purpose = None if by_link else visit.purpose
    ranged = "range" in visit.request.headers
    file = found.take(purpose=purpose, by_link=by_link, ranged=ranged)
    return sent(file, visit.request)
