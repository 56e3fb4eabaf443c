"""A page of a document, or a zone of one, as the answer to a request."""

import asyncio
import textwrap
from collections.abc import Coroutine
from typing import Any

from starlette.responses import Response

from portal.visit import Visit
from schemas.errors import NotAllowed
from schemas.page import Box
from schemas.views import PagePicture
from usecases.identity_pictures import HIDDEN
from usecases.pictures import page_picture, result_picture

FOR_EVER = "private, max-age=31536000, immutable"


def picture_answer(
    visit: Visit,
    dossier: str,
    number: int,
    page: int,
    *,
    zone: Box | None = None,
    pdf: str | None = None,
    department: str | None = None,
) -> Response:
    """A page or a zone; kept for ever by the browser where the PDF's hash is in the address.

    That of an identity paper is kept nowhere, so that each view is written down; who may not see it
    is shown a grey page with the reason.

    Raises:
        NotAllowed, NotFound, Conflict, InputRejected, ServiceUnavailable: as
            :func:`usecases.pictures.page_picture`.
    """
    return _answer(
        visit,
        page_picture(
            visit.caller,
            visit.rooms,
            visit.desk.drawer,
            dossier,
            number,
            page,
            zone=zone,
            pdf=pdf,
            department=department,
        ),
        lasting=pdf is not None,
    )


def result_picture_answer(
    visit: Visit, dossier: str, number: int, page: int, *, pdf: str | None, department: str | None
) -> Response:
    """A page of what was published, as :func:`picture_answer`.

    Raises:
        NotAllowed, NotFound, Conflict, InputRejected, ServiceUnavailable: as
            :func:`usecases.pictures.result_picture`.
    """
    drawing = result_picture(
        visit.caller,
        visit.rooms,
        visit.desk.drawer,
        dossier,
        number,
        page,
        pdf=pdf,
        department=department,
    )
    return _answer(visit, drawing, lasting=pdf is not None)


def _answer(visit: Visit, drawing: Coroutine[Any, Any, PagePicture], *, lasting: bool) -> Response:
    try:
        drawn = asyncio.run(drawing)  # in a thread: the ledger and the file are read here
    except NotAllowed as error:
        if error.code != HIDDEN:
            raise
        return _placeholder(visit, error)
    kept = {"Cache-Control": FOR_EVER} if lasting and not drawn.sensitive else {}
    headers = {"ETag": f'"{drawn.sha256}"', **kept}
    return Response(drawn.content, media_type=drawn.media_type, headers=headers)


def _placeholder(visit: Visit, error: NotAllowed) -> Response:
    words = textwrap.wrap(error.sentence(visit.language), 34)
    drawn = visit.desk.render("hidden_page.svg", {"words": words})
    return Response(drawn, media_type="image/svg+xml")
