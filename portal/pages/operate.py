"""The operators' page: services, what is in hand, what failed; it renews itself."""

from typing import Annotated

from fastapi import Form
from starlette.responses import Response

from portal.rules import Pages
from portal.visit import AVisit, Visit
from schemas.delivery import RetriedDeliveries
from schemas.operating import GroupRetried
from usecases.caller import Right
from usecases.operating import operating, retry_group
from usecases.retrying import retry
from usecases.targets import deliveries, retry_deliveries, targets

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


@pages.post("/operate/deliver", Right.retry)
def deliver_again(visit: AVisit, target: Word = "") -> Response:
    """Send again what was given up for one system."""
    sent = retry_deliveries(visit.caller, visit.rooms, target)
    return _shown(visit, "operate.html", sent=sent)


def _shown(
    visit: Visit,
    template: str,
    told: GroupRetried | None = None,
    sent: RetriedDeliveries | None = None,
) -> Response:
    machine = visit.desk.machine
    told_systems = [one for one in targets(visit.caller, visit.rooms) if one.counts]
    return visit.page(
        template,
        now=operating(visit.caller, visit.rooms),
        systems=told_systems,
        given_up=deliveries(visit.caller, visit.rooms, dead=True) if told_systems else (),
        machine=machine() if machine else None,
        told=told,
        sent=sent,
    )
