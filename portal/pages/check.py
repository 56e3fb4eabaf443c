"""Anybody checks a document: by its public code, by its file, or on paper. Nobody signs in.

Whatever is not found is one answer, byte for byte: it repeats nothing of what was asked, and is
given after the same work. Addresses that ask for much that is not there wait before that work.
"""

import asyncio
from collections.abc import Callable
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo

from fastapi import Form
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from portal.paper_views import SECONDS
from portal.refusals import status_of
from portal.rules import Pages, Who
from portal.uploads import is_multipart, upload_of
from portal.visit import AVisit, Visit
from schemas.errors import InputRejected, NotFound, SohoaError
from usecases import public_check

pages = Pages()

LARGEST = 50_000_000
"""Bytes of a file that is sent here, where a browser cannot hash it."""
HEADERS = {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow, noarchive"}
_Found = TypeVar("_Found")


@pages.get("/check", Who.open)
async def check_page(visit: AVisit, code: str = "") -> Response:
    """The three ways to check; with ``code`` what the first of them says."""
    return await _by_code(visit, code) if code.strip() else _page(visit)


@pages.get("/check/paper/{token}/{page}", Who.open)
def paper_page(visit: AVisit, token: str, page: int) -> Response:
    """A page of a paper, with a mark across it; the address lasts some minutes."""
    desk = visit.desk
    document = desk.paper_views.opened(token, visit.rooms.clock())
    if document is None:
        return _page(visit, NotFound("check.view_ended"))
    drawing = public_check.paper_page(
        visit.rooms,
        desk.drawer,
        document,
        page,
        office=desk.options.office,
        zone=ZoneInfo(desk.options.timezone),
    )
    try:
        drawn = asyncio.run(drawing)  # in a thread: ledger, store and picture are worked on here
    except SohoaError as error:
        return _page(visit, error)
    return Response(drawn.content, media_type=drawn.media_type, headers=HEADERS)


@pages.get("/check/{public:path}", Who.open)
async def check_code(visit: AVisit, public: str) -> Response:
    """What a public code says: where the QR code on a paper leads."""
    return await _by_code(visit, public)


@pages.post("/check/file", Who.anybody, during_change=True, asks=True, streams=True,
            largest=LARGEST + 100_000)  # fmt: skip
async def check_file(visit: AVisit) -> Response:
    """Whether a file is the one that was signed: by its hash, or the file, which is not kept."""
    if not is_multipart(visit.request):
        return _page(visit, InputRejected("check.file_needed"))
    try:
        fields, hashed = await upload_of(visit.request).hashed()
    except InputRejected as error:
        return _page(visit, error)
    sha256, code = hashed or fields.get("sha256", ""), fields.get("code", "").strip()
    if not sha256:
        return _page(visit, InputRejected("check.file_needed"))

    def compared() -> dict[str, Any]:
        found = public_check.by_file(visit.rooms, sha256, code)
        return {"found": found.document, "likeness": found.likeness}

    return await _asked(visit, code, compared)


@pages.post("/check/paper", Who.anybody, during_change=True, asks=True)
async def check_paper(
    visit: AVisit,
    code: Annotated[str, Form(max_length=2000)] = "",
    figures: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """The pages of the paper that somebody holds, for some minutes."""
    if not code.strip():
        return visit.go("/check")

    def opened() -> dict[str, Any]:
        found = public_check.by_paper(visit.rooms, code, figures, peer=visit.peer)
        token = visit.desk.paper_views.issue(found.document_id, visit.rooms.clock())
        return {"found": found.document, "view": token, "shown": found.pages}

    return await _asked(visit, code, opened)


async def _by_code(visit: Visit, code: str) -> Response:
    def said() -> dict[str, Any]:
        return {"found": public_check.by_code(visit.rooms, code)}

    return await _asked(visit, code, said)


async def _asked(visit: Visit, code: str, answer: Callable[[], dict[str, Any]]) -> Response:
    """What ``answer`` finds, or the one page for what is not found, at its address's pace."""
    slowing, peer = visit.desk.slowing, visit.peer
    try:
        async with slowing.held(peer):
            try:
                found = await run_in_threadpool(answer)
            except NotFound:
                slowing.missed(peer)
                raise
            return await run_in_threadpool(_page, visit, None, code=code, **found)
    except SohoaError as error:
        return await run_in_threadpool(_page, visit, error)


def _page(visit: Visit, error: SohoaError | None = None, **found: Any) -> Response:
    given = {"found": None, "likeness": None, "view": None, "shown": 0, "code": "", **found}
    answer = visit.page(
        "check.html",
        status=200 if error is None else status_of(error),
        sentence=None if error is None else error.sentence(visit.language),
        minutes=SECONDS // 60,
        most=LARGEST // 1_000_000,
        **given,
    )
    answer.headers.update(HEADERS)
    return answer
