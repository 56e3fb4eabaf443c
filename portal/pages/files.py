"""Style sheets and scripts, whether the desk is well, and which language it speaks."""

from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, Response

from portal.rules import Pages, Who
from portal.sessions import path_within, remember_language
from portal.texts import LANGUAGES
from portal.visit import AVisit
from schemas.errors import NotFound

pages = Pages()

FOR_EVER = "public, max-age=31536000, immutable"


@pages.get("/healthz", Who.open)
async def healthz() -> Response:
    """That the desk answers; it says nothing of the rooms."""
    return PlainTextResponse("ok")


@pages.get("/static/{version}/{name}", Who.open)
async def static(version: str, name: str, visit: AVisit) -> Response:
    """A style sheet or a script; its address changes with what is in it."""
    asset = visit.desk.assets.get(version, name)
    if asset is None:
        raise HTTPException(404)
    return Response(asset.content, media_type=asset.media_type, headers={"Cache-Control": FOR_EVER})


@pages.get("/language/{code}", Who.open)
async def language(code: str, visit: AVisit, next: str = "/") -> Response:
    """Remember which language this browser's pages are written in, and go back."""
    if code not in LANGUAGES:
        raise NotFound("service.no_page")
    answer = visit.go(path_within(next))
    remember_language(answer, code, secure=visit.desk.options.secure)
    return answer
