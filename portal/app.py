"""The desk as an application: pages, answers, and what stands around them."""

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from http import HTTPStatus

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.telemetry import TelemetryConfig
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Match

import portal.api
import portal.pages
from portal.desk import Desk
from portal.navigation import PLACES
from portal.options import PortalOptions
from portal.refusals import refusal
from portal.rules import Pages, RuledRoute, bad_request
from portal.security import Fence
from portal.visit import Visit, language_of
from schemas.errors import InputRejected, NotFound, SohoaError
from schemas.operating import MachineView, PrefectServer
from usecases.passwords import nobodys
from usecases.rooms import Rooms

NO_TELEMETRY: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}
"""FastAPI's own would take down what was sent, and send it wherever the environment says."""


def make_app(
    rooms: Rooms,
    options: PortalOptions,
    machine: Callable[[], MachineView] | None = None,
    prefect: Callable[[], PrefectServer | None] = lambda: None,
) -> FastAPI:
    """The application, for a server.

    Args:
        rooms: opened for as long as it runs; the ledger may be asked from many threads.
        options: what the office says.
        machine: tells operators how services and machine are; answers at once.
        prefect: where this machine's Prefect runs now, to pass operators on to its page.
    """
    nobodys()
    app = FastAPI(
        title="Sohoa", docs_url=None, redoc_url=None, openapi_url=None, telemetry=NO_TELEMETRY
    )
    app.router.redirect_slashes = False
    routes = list(_routes())
    app.router.routes[:] = routes
    paths = {one.path for one in routes}
    places = tuple(one for one in PLACES if one.path in paths)
    app.state.desk = Desk(rooms, options, places, machine, prefect)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _not_understood)
    app.add_middleware(Fence, options=options)
    return app


def _routes() -> Iterator[RuledRoute]:
    """Of every module of ``portal.pages`` and ``portal.api``."""
    for room in (portal.pages, portal.api):
        for found in pkgutil.iter_modules(room.__path__):
            pages = importlib.import_module(f"{room.__name__}.{found.name}").pages
            assert isinstance(pages, Pages)  # noqa: S101 - a mistake in the program
            yield from pages.routes


_SAID = {
    404: NotFound("service.no_page"),
    405: InputRejected("service.bad_request"),
    408: InputRejected("service.body_too_slow"),
    413: InputRejected("service.body_too_large"),
}


async def _refused(request: Request, error: Exception) -> Response:
    """No such page, no such method, too large or slow a body.

    What a form is sent to is no page: who comes there by the address bar, or back from another
    language or from signing in, is led to the page the form stands on.
    """
    assert isinstance(error, HTTPException)  # noqa: S101 - for the type checker
    api = request.url.path.startswith("/api/")
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED and request.method == "GET" and not api:
        return RedirectResponse(_page_above(request), status_code=HTTPStatus.SEE_OTHER)
    said = _SAID.get(error.status_code, bad_request())
    answer = _answer(request, said, error.status_code)
    answer.headers.update(error.headers or {})
    return answer


def _page_above(request: Request) -> str:
    """The nearest page above an address that is none."""
    path = request.url.path
    while path:
        path = path.rpartition("/")[0]
        scope = {**request.scope, "path": path or "/"}
        if any(route.matches(scope)[0] is Match.FULL for route in request.app.routes):
            return path or "/"
    return "/"


async def _not_understood(request: Request, _error: Exception) -> Response:
    """A value is missing or cannot be: it is not repeated."""
    return _answer(request, bad_request(), 422)


def _answer(request: Request, said: SohoaError, status: int) -> Response:
    desk: Desk = request.app.state.desk
    visit = Visit(desk, request, language_of(request, desk))
    return refusal(visit, said, api=request.url.path.startswith("/api/"), status=status)
