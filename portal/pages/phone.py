"""What a telephone sees by a one-time address: a place to take a picture, and nothing else."""

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from portal.one_file import in_thread, received
from portal.refusals import status_of
from portal.rules import Pages, Who
from portal.visit import AVisit, Visit
from schemas.errors import NotFound, SohoaError
from schemas.rescan_views import PhoneView
from usecases import phone_scans

pages = Pages()


@pages.get("/phone/{token}", Who.anybody)
def phone_page(visit: AVisit, token: str) -> Response:
    """What is asked for."""
    try:
        return _page(visit, phone_scans.asked(visit.rooms, token))
    except NotFound as error:
        return _gone(visit, error)


@pages.post("/phone/{token}", Who.anybody, largest=phone_scans.LARGEST + 100_000, streams=True)
async def send_picture(visit: AVisit, token: str) -> Response:
    """A picture comes; as often as it takes."""
    rooms, pool = visit.rooms, visit.desk.drawer
    try:
        asked = await run_in_threadpool(phone_scans.asked, rooms, token)
        async with received(visit, f"phone {asked.code}") as drop:
            await in_thread(phone_scans.send(rooms, pool, token, drop))
    except NotFound as error:
        return _gone(visit, error)
    except SohoaError as error:
        return _page(visit, asked, error)
    return visit.go(f"/phone/{token}")


def _page(visit: Visit, asked: PhoneView, error: SohoaError | None = None) -> Response:
    return visit.page(
        "phone.html",
        status=200 if error is None else status_of(error),
        asked=asked,
        sentence=None if error is None else error.sentence(visit.language),
        most=phone_scans.LARGEST // 1_000_000,
    )


def _gone(visit: Visit, error: SohoaError) -> Response:
    said = error.sentence(visit.language)
    return visit.page("phone_gone.html", status=404, sentence=said)
