"""What departments share with each other: given, received, ended."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from fastapi import Form
from starlette.responses import Response

from portal.rules import Pages
from portal.visit import AVisit, Visit
from schemas.errors import InputRejected, NotFound
from schemas.sharing import Shared
from usecases import grants
from usecases.caller import Right

pages = Pages()

Text = Annotated[str, Form(max_length=1000)]
Day = Annotated[date | Literal[""], Form()]


@pages.get("/sharing", Right.share)
def sharing_page(visit: AVisit, dossier: str = "", department: str = "") -> Response:
    """What is shared; an address may name a dossier that is to be."""
    return _page(visit, {"dossier": dossier, "giver": department})


@pages.post("/sharing", Right.share)
def share(
    visit: AVisit,
    giver: Text = "",
    receiver: Text = "",
    what: Text = "",
    dossier: Text = "",
    first: Day = "",
    last: Day = "",
    reason: Text = "",
) -> Response:
    """Share something from day to day."""
    said = {
        "giver": giver, "receiver": receiver, "what": what, "dossier": dossier,
        "first": first, "last": last, "reason": reason,
    }  # fmt: skip
    kind, _, subject = what.partition(":")
    if dossier.strip():
        kind, subject = Shared.dossier.value, dossier
    if kind not in set(Shared) or (what and dossier.strip()):
        return _page(visit, said, visit.text("sharing.one_of"), 400)
    try:
        if not first or not last:
            raise InputRejected("usecase.sharing_days", most=grants.LONGEST.days // 366)
        grants.share(
            visit.caller, visit.rooms, giver, receiver, Shared(kind), subject, first, last, reason,
            zone=_zone(visit),
        )  # fmt: skip
    except (InputRejected, NotFound) as error:
        return _page(visit, said, error.sentence(visit.language), 400)
    return visit.go("/sharing", done="shared")


@pages.post("/sharing/{number}/end", Right.share)
def end(visit: AVisit, number: int) -> Response:
    """One counts no more from now on."""
    grants.end_sharing(visit.caller, visit.rooms, number)
    return visit.go("/sharing", done="sharing_ended")


def _page(
    visit: Visit, said: Mapping[str, object], sentence: str | None = None, status: int = 200
) -> Response:
    today = visit.rooms.clock().astimezone(_zone(visit)).date()
    last = date(today.year, 12, 31)
    nothing = {"receiver": "", "what": "", "first": today, "last": last, "reason": ""}
    found = grants.sharing(visit.caller, visit.rooms)
    return visit.page(
        "sharing.html", status=status, found=found, said=nothing | dict(said), sentence=sentence
    )


def _zone(visit: Visit) -> ZoneInfo:
    return ZoneInfo(visit.desk.options.timezone)
