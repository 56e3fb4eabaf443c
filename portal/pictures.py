"""A page of a document, or a zone of one, as the answer to a request."""

import asyncio
import textwrap

from starlette.responses import Response

from portal.visit import Visit
from schemas.errors import NotAllowed
from schemas.page import Box
from usecases.identity_pictures import HIDDEN
from usecases.pictures import page_picture

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
    """The picture; kept for ever by the browser where the PDF's hash is in the address.

    That of an identity paper is kept nowhere, so that each view is written down; who may not see it
    is shown a grey page with the reason.

    Raises:
        NotAllowed, NotFound, Conflict, InputRejected, ServiceUnavailable: as
            :func:`usecases.pictures.page_picture`.
    """
    drawing = page_picture(
        visit.caller,
        visit.rooms,
        visit.desk.drawer,
        dossier,
        number,
        page,
        zone=zone,
        pdf=pdf,
        department=department,
    )
    try:
        drawn = asyncio.run(drawing)  # in a thread: the ledger and the file are read here
    except NotAllowed as error:
        if error.code != HIDDEN:
            raise
        return _placeholder(visit, error)
    kept = {"Cache-Control": FOR_EVER} if pdf and not drawn.sensitive else {}
    headers = {"ETag": f'"{drawn.sha256}"', **kept}
    return Response(drawn.content, media_type=drawn.media_type, headers=headers)


def _placeholder(visit: Visit, error: NotAllowed) -> Response:
    words = textwrap.wrap(error.sentence(visit.language), 34)
    drawn = visit.desk.render("hidden_page.svg", {"words": words})
    return Response(drawn, media_type="image/svg+xml")
