"""A published document is withdrawn, or another one takes its place."""

from typing import Annotated

from fastapi import Form
from starlette.responses import Response

from portal.rules import Pages
from portal.visit import AVisit
from usecases.caller import Right
from usecases.withdrawal import withdraw_named

pages = Pages()


@pages.post("/dossiers/{dossier}/withdrawn", Right.withdraw)
def withdrawn(
    visit: AVisit,
    dossier: str,
    number: Annotated[int, Form(ge=1)],
    reason: Annotated[str, Form(max_length=2000)] = "",
    by: Annotated[str, Form(max_length=200)] = "",
    department: str | None = None,
) -> Response:
    """It counts no longer; everybody who checks it is told so from now on."""
    withdraw_named(
        visit.caller,
        visit.rooms,
        dossier,
        number,
        reason,
        by=by.strip() or None,
        department=department,
    )
    unit = f"?department={department}" if department else ""
    return visit.go(f"/dossiers/{dossier}{unit}", done="superseded" if by else "withdrawn")
