"""What is to be scanned again: the list at the counter, and one request with its two ways."""

import asyncio
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Form
from starlette.responses import Response

from portal.one_file import in_thread, received
from portal.pictures import FOR_EVER
from portal.refusals import status_of
from portal.rules import Pages
from portal.visit import AVisit, Visit
from schemas.errors import SohoaError
from schemas.rescan_views import LinkView
from usecases import rescanning
from usecases.caller import Right

pages = Pages()

LARGEST = 100_000_000
"""Bytes of a scan that is brought as a file."""
Text = Annotated[str, Form(max_length=1000)]


@pages.get("/rescans", Right.review)
def requests(visit: AVisit) -> Response:
    """What waits for a new scan, oldest first."""
    found = rescanning.waiting(visit.caller, visit.rooms)
    now = rescanning.rescans_now(visit.caller, found)
    return visit.page("rescans.html", found=found, now=now)


@pages.get("/rescans/{rescan}", Right.review)
def request_page(visit: AVisit, rescan: str) -> Response:
    """One request: why, the two ways to meet it, and what has arrived."""
    return _page(visit, rescan)


@pages.post("/rescans/{rescan}/qr", Right.review)
def new_code(visit: AVisit, rescan: str) -> Response:
    """The same page with a new code for a telephone, which is shown this once."""
    found = rescanning.rescan(visit.caller, visit.rooms, rescan)
    public = visit.desk.options.public
    if public is None or not found.open:
        return _page(visit, rescan)
    making = rescanning.phone_link(visit.caller, visit.rooms, visit.desk.drawer, rescan, public)
    try:
        return _page(visit, rescan, link=asyncio.run(making))
    except SohoaError as error:
        return _page(visit, rescan, error=error)


@pages.post("/rescans/{rescan}/file", Right.review, largest=LARGEST, streams=True)
async def bring(visit: AVisit, rescan: str) -> Response:
    """A scan comes as a file."""
    caller, rooms, pool = visit.caller, visit.rooms, visit.desk.drawer
    try:
        async with received(visit, caller.name) as drop:
            await in_thread(rescanning.bring(caller, rooms, pool, rescan, drop))
    except SohoaError as error:
        return _page(visit, rescan, error=error)
    return visit.go(f"/rescans/{rescan}#state")


@pages.get("/rescans/{rescan}/picture/{sha256}", Right.review)
def picture(visit: AVisit, rescan: str, sha256: str) -> Response:
    """What has arrived, small enough for a screen."""
    shown = rescanning.picture(visit.caller, visit.rooms, rescan, sha256)
    headers = {"Cache-Control": FOR_EVER}
    return Response(shown.content, media_type=shown.media_type, headers=headers)


@pages.post("/rescans/{rescan}/accept", Right.review)
def accept(visit: AVisit, rescan: str, seen: Text) -> Response:
    """What has arrived takes its place, and is read."""
    try:
        sent = rescanning.accept(visit.caller, visit.rooms, rescan, seen=seen)
    except SohoaError as error:
        return _page(visit, rescan, error=error)
    query = urlencode({"department": sent.department})
    return visit.go(f"/dossiers/{sent.dossier}?{query}", done="scan_accepted")


@pages.post("/rescans/{rescan}/refuse", Right.review)
def refuse(visit: AVisit, rescan: str, seen: Text) -> Response:
    """What has arrived is of no use."""
    try:
        rescanning.refuse(visit.caller, visit.rooms, rescan, seen=seen)
    except SohoaError as error:
        return _page(visit, rescan, error=error)
    return visit.go(f"/rescans/{rescan}", done="scan_refused")


@pages.post("/rescans/{rescan}/give-up", Right.review)
def give_up(visit: AVisit, rescan: str) -> Response:
    """Nobody need scan it again."""
    rescanning.give_up(visit.caller, visit.rooms, rescan)
    return visit.go("/rescans", done="rescan_given_up")


def _page(
    visit: Visit, rescan: str, *, link: LinkView | None = None, error: SohoaError | None = None
) -> Response:
    found = rescanning.rescan(visit.caller, visit.rooms, rescan)
    return visit.page(
        "rescan.html",
        status=200 if error is None else status_of(error),
        found=found,
        link=link,
        sentence=None if error is None else error.sentence(visit.language),
        reachable=visit.desk.options.public is not None,
        most=LARGEST // 1_000_000,
    )
