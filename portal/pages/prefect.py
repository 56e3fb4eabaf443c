"""Prefect's own page, for operators; see :mod:`portal.forwarding`."""

from starlette.responses import Response

from portal.forwarding import BASE, forwarded
from portal.rules import Pages
from portal.visit import AVisit
from usecases.caller import Right

pages = Pages()

LARGEST = 1 << 20


@pages.get(BASE, Right.operate)
def front(visit: AVisit) -> Response:
    """Its first page."""
    return visit.go(f"{BASE}/")


@pages.every(f"{BASE}/{{rest:path}}", Right.operate, largest=LARGEST)
async def prefect(visit: AVisit, rest: str) -> Response:
    """Whatever Prefect's page asks for."""
    return await forwarded(visit)
