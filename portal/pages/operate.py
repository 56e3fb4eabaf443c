"""The operators' page: services, what is in hand, what failed; it renews itself."""

from typing import Annotated

from fastapi import Form
from starlette.responses import Response

from portal.rules import Pages
from portal.visit import AVisit, Visit
from schemas.operating import GroupRetried
from usecases.caller import Right
from usecases.operating import operating, retry_group
from usecases.retrying import retry

pages = Pages()

Word = Annotated[str, Form(max_length=200)]


@pages.get("/operate", Right.operate)
def page(visit: AVisit) -> Response:
    """Everything that an operator looks at."""
    return _shown(visit, "operate.html")


@pages.get("/operate/now", Right.operate)
def fragment(visit: AVisit) -> Response:
    """What changes on that page, for its script."""
    return _shown(visit, "operate_now.html")


@pages.post("/operate/retry", Right.retry)
def retry_again(
    visit: AVisit, reason: Word = "", dossier: Word = "", department: Word = ""
) -> Response:
    """Try again what failed for one reason, or what failed of one dossier."""
    if dossier:
        again = retry(visit.caller, visit.rooms, dossier, department=department or None)
        told = GroupRetried(
            retried=tuple(f"{dossier}/{number}" for number in again.retried), sentences=()
        )
    else:
        told = retry_group(visit.caller, visit.rooms, reason)
    return _shown(visit, "operate.html", told)


def _shown(visit: Visit, template: str, told: GroupRetried | None = None) -> Response:
    machine = visit.desk.machine
    return visit.page(
        template,
        now=operating(visit.caller, visit.rooms),
        machine=machine() if machine else None,
        told=told,
    )
