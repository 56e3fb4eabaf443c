"""A link to one published file, made at the desk to be passed on for some minutes."""

from zoneinfo import ZoneInfo

from starlette.responses import Response

from portal.rules import Pages
from portal.visit import AVisit
from usecases.caller import Right
from usecases.links import make_link
from usecases.shared_documents import code_of

pages = Pages()


@pages.post("/results/{dossier}/{number}/link", Right.fetch)
def result_link(dossier: str, number: int, visit: AVisit, department: str = "") -> Response:
    """Make a link to the signed file of a document."""
    code = code_of(visit.caller, visit.rooms, dossier, number, department=department)
    made = make_link(visit.caller, visit.rooms, code, purpose=visit.purpose)
    until = made.ends_at.astimezone(ZoneInfo(visit.desk.options.timezone))
    site = visit.desk.options.public or str(visit.request.base_url).rstrip("/")
    return visit.page(
        "result_link.html", made=made, until=f"{until:%d/%m/%Y %H:%M}", address=site + made.link
    )
