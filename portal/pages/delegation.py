"""Approving in somebody's stead: who does so for whom, from day to day."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from fastapi import Form
from starlette.responses import Response

from portal.rules import Pages
from portal.visit import AVisit, Visit
from schemas.errors import InputRejected, NotFound
from usecases import delegations
from usecases.caller import Right

pages = Pages()

Text = Annotated[str, Form(max_length=1000)]
Day = Annotated[date | Literal[""], Form()]


@pages.get("/delegation", Right.approve)
def delegation_page(visit: AVisit) -> Response:
    """Whom one has delegated to, and who has delegated to one."""
    return _page(visit)


@pages.post("/delegation", Right.approve)
def delegate(
    visit: AVisit, to: Text = "", first: Day = "", last: Day = "", reason: Text = ""
) -> Response:
    """Delegate to somebody from day to day."""
    said = {"to": to, "first": first, "last": last, "reason": reason}
    try:
        if not first or not last:
            raise InputRejected("sign_in.delegation_days", most=delegations.LONGEST.days)
        delegations.delegate(visit.caller, visit.rooms, to, first, last, reason, zone=_zone(visit))
    except (InputRejected, NotFound) as error:
        return _page(visit, said, error.sentence(visit.language), 400)
    return visit.go("/delegation", done="delegated")


@pages.post("/delegation/{number}/end", Right.approve)
def end(visit: AVisit, number: int) -> Response:
    """One counts no more from now on."""
    delegations.end(visit.caller, visit.rooms, number)
    return visit.go("/delegation", done="delegation_ended")


def _page(
    visit: Visit,
    said: Mapping[str, object] | None = None,
    sentence: str | None = None,
    status: int = 200,
) -> Response:
    today = visit.rooms.clock().astimezone(_zone(visit)).date()
    return visit.page(
        "delegation.html",
        status=status,
        found=delegations.delegations(visit.caller, visit.rooms),
        people=delegations.people(visit.caller, visit.rooms),
        said=said or {"to": "", "first": today, "last": today, "reason": ""},
        sentence=sentence,
    )


def _zone(visit: Visit) -> ZoneInfo:
    return ZoneInfo(visit.desk.options.timezone)
