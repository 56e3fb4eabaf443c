"""Handing in at the desk: files go into the inbox, and one sees how far they are."""

import secrets
from urllib.parse import urlencode

from starlette.responses import Response

from portal.handing_in import LARGEST_BODY, as_papers, handed_in
from portal.refusals import status_of
from portal.rules import Pages
from portal.visit import AVisit
from schemas.dossier import MAX_CODE_LENGTH
from schemas.errors import SohoaError
from usecases.caller import Right
from usecases.files import LARGEST_FILE
from usecases.following import dossier_state
from usecases.handing_in import MOST_BYTES, MOST_FILES, departments_to_hand_in_to

pages = Pages()

MB = 1_000_000


@pages.get("/drop", Right.submit)
def drop_page(visit: AVisit) -> Response:
    """Choose files and hand them in."""
    return _page(visit)


@pages.post("/drop", Right.submit, largest=LARGEST_BODY, streams=True)
async def drop(visit: AVisit) -> Response:
    """Take the files of the form."""
    try:
        made = await handed_in(visit, as_papers(None))
    except SohoaError as error:
        said = error.sentence(visit.language)
        return _page(visit, sentence=said, status=status_of(error))
    query = urlencode({"department": made.department})
    return visit.go(f"/drop/{made.dossier}?{query}", done="handed_in")


@pages.get("/drop/{dossier}", Right.submit)
def dropped(dossier: str, visit: AVisit, department: str = "") -> Response:
    """How far a dossier is that was handed in."""
    state = dossier_state(visit.caller, visit.rooms, dossier, department=department or None)
    return visit.page("dropped.html", state=state)


def _page(visit: AVisit, *, sentence: str | None = None, status: int = 200) -> Response:
    return visit.page(
        "drop.html",
        status=status,
        sentence=sentence,
        key=secrets.token_urlsafe(24),
        departments=departments_to_hand_in_to(visit.caller, visit.rooms),
        here=visit.desk.options.inbox is not None,
        longest_code=MAX_CODE_LENGTH,
        most={"files": MOST_FILES, "file": LARGEST_FILE // MB, "all": MOST_BYTES // MB},
    )
