"""``GET /api/v1/me``: who asks, and what they may."""

from portal.rules import Pages, Who
from portal.visit import AVisit
from schemas.account import PersonView

pages = Pages()


@pages.get("/api/v1/me", Who.signed_in)
def me(visit: AVisit) -> PersonView:
    """Who asks, and what they may."""
    caller = visit.caller
    return PersonView(
        name=caller.name,
        duties=tuple(sorted(caller.duties)),
        rights=tuple(sorted(right.value for right in caller.rights)),
        departments=None if caller.departments is None else tuple(sorted(caller.departments)),
    )
