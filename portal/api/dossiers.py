"""``/api/v1/dossiers``: handing in for other systems, and how far a dossier is.

``POST`` takes ``multipart/form-data``: files called ``component`` or ``result``, and the fields
``department`` and ``code``, both of which may be left out by who has one department and no code.
The header ``Idempotency-Key`` names the hand-in: the same again is answered alike, and is there
once (draft-ietf-httpapi-idempotency-key-header).
"""

from typing import Annotated

from fastapi import Header, Response

from portal.handing_in import LARGEST_BODY, as_papers, handed_in
from portal.rules import Pages
from portal.visit import AVisit
from schemas.desk_views import DossierState, HandInView
from usecases.caller import Right
from usecases.following import dossier_state

pages = Pages()


@pages.post("/api/v1/dossiers", Right.submit, largest=LARGEST_BODY, streams=True)
async def hand_in(
    visit: AVisit, response: Response, idempotency_key: Annotated[str, Header()] = ""
) -> HandInView:
    """Hand in the papers of a dossier."""
    made = await handed_in(visit, as_papers(idempotency_key))
    response.status_code = 202
    response.headers["Location"] = f"/api/v1/dossiers/{made.dossier}"
    return made


@pages.get("/api/v1/dossiers/{dossier}", Right.look)
def state(dossier: str, visit: AVisit, department: str | None = None) -> DossierState:
    """How far a dossier is."""
    return dossier_state(visit.caller, visit.rooms, dossier, department=department)
