"""``POST /api/v1/events``: what other systems tell, in the names of their adapter.

The header ``Idempotency-Key`` names the event: the same again is answered alike, and done once.
"""

from typing import Annotated, Any

from fastapi import Body, Header

from portal.rules import Pages
from portal.visit import AVisit
from schemas.delivery import InboundAnswer
from usecases.caller import Right
from usecases.inbound import tell

pages = Pages()


@pages.post("/api/v1/events", Right.find)
def take(
    visit: AVisit,
    event: Annotated[dict[str, Any], Body()],
    idempotency_key: Annotated[str, Header()] = "",
) -> InboundAnswer:
    """Acknowledge what was delivered, or ask to be told how a dossier stands."""
    return tell(visit.caller, visit.rooms, idempotency_key, event)
