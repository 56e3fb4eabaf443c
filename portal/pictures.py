"""A page of a document, or a zone of one, as the answer to a request."""

import asyncio

from starlette.responses import Response

from portal.visit import Visit
from schemas.page import Box
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

    Raises:
        NotAllowed, NotFound, Conflict, InputRejected, ServiceUnavailable: as
            :func:`usecases.pictures.page_picture`.
    """
    drawn = asyncio.run(  # in a thread: the ledger and the file are read here
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
        )
    )
    kept = {"Cache-Control": FOR_EVER} if pdf else {}
    headers = {"ETag": f'"{drawn.sha256}"', **kept}
    return Response(drawn.content, media_type=drawn.media_type, headers=headers)
