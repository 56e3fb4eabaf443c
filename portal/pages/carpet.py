"""Review in bulk: doubtful zones of one kind on a sheet; what is wrong is marked."""

import asyncio
from typing import Annotated

from fastapi import Form
from starlette.responses import Response

from portal import texts
from portal.pictures import FOR_EVER
from portal.rules import Pages
from portal.visit import AVisit
from usecases import carpet
from usecases.caller import Right

pages = Pages()


@pages.get("/carpet", Right.review)
def kinds(visit: AVisit) -> Response:
    """What may be looked at in bulk."""
    return visit.page("carpet.html", found=carpet.carpet(visit.caller, visit.rooms))


@pages.post("/carpet", Right.review)
def open_sheet(visit: AVisit, kind: Annotated[str, Form(max_length=100)]) -> Response:
    """A sheet of that kind."""
    key = carpet.open_sheet(visit.caller, visit.rooms, kind)
    return visit.go("/carpet", done="no_zones") if key is None else visit.go(f"/carpet/{key}")


@pages.get("/carpet/{sheet}", Right.review)
def sheet_page(visit: AVisit, sheet: str) -> Response:
    """One's own sheet."""
    shown = carpet.sheet(visit.caller, visit.rooms, sheet)
    words = texts.for_script("carpet", visit.language)
    return visit.page("carpet_sheet.html", shown=shown, words=words)


@pages.get("/carpet/{sheet}/picture/{zone}", Right.review)
def picture(visit: AVisit, sheet: str, zone: int, *, wide: bool = False) -> Response:
    """The picture of a zone; its address tells of no dossier."""
    drawn = asyncio.run(  # in a thread: the ledger and the file are read here
        carpet.zone_picture(visit.caller, visit.rooms, visit.desk.drawer, sheet, zone, wide=wide)
    )
    headers = {"ETag": f'"{drawn.sha256}"', "Cache-Control": FOR_EVER}
    return Response(drawn.content, media_type=drawn.media_type, headers=headers)
