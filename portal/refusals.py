"""What a person or a system is told when something cannot be done: a sentence, and no more."""

from starlette.responses import JSONResponse, Response

from portal.at_once import TooManyAtOnce
from portal.visit import Visit
from schemas.errors import (
    ConfigurationError,
    Conflict,
    InputRejected,
    NotAllowed,
    NotFound,
    NotTrusted,
    ServiceUnavailable,
    SohoaError,
)
from usecases.sharing import LONGEST_PURPOSE, PurposeNeeded

_STATUS: tuple[tuple[type[SohoaError], int], ...] = (
    (TooManyAtOnce, 429),
    (PurposeNeeded, 428),
    (NotFound, 404),
    (NotAllowed, 403),
    (InputRejected, 400),
    (Conflict, 409),
    (NotTrusted, 409),
    (ServiceUnavailable, 503),
    (ConfigurationError, 500),
)


def status_of(error: SohoaError) -> int:
    """The HTTP status of an outcome."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def refusal(visit: Visit, error: SohoaError, *, api: bool, status: int | None = None) -> Response:
    """The answer for an outcome: a page with its sentence, or the same as JSON."""
    code = status or status_of(error)
    sentence = error.sentence(visit.language)
    if api:
        said = {"error": {"code": error.code, "sentence": sentence}}
        return JSONResponse(said, status_code=code)
    if isinstance(error, PurposeNeeded) and visit.request.method == "GET":
        asked = visit.request.path_params.get("dossier", "")
        department = visit.request.query_params.get("department", "")
        return ask_for_purpose(visit, error, asked, department, visit.here)
    return visit.page("refused.html", status=code, sentence=sentence, code=code)


def ask_for_purpose(
    visit: Visit, error: SohoaError, dossier: str, department: str, next: str, said: str = ""
) -> Response:
    """The page that asks what another department's papers are read for.

    Args:
        visit: the request.
        error: why it is asked: nothing was said, or what cannot be.
        dossier: whose papers, by its code.
        department: whose dossier, as the address says it.
        next: where to go on to.
        said: what was said.
    """
    return visit.page(
        "purpose.html",
        status=status_of(error),
        sentence=error.sentence(visit.language),
        dossier=dossier,
        department=department,
        next=next,
        said=said,
        longest=LONGEST_PURPOSE,
    )
