"""Whom a route lets in. There is one way to add a route, and it takes a rule.

The rule is asked before anything of the request's body is read. What a person may do to a certain
dossier is asked by the use case, which answers another department's as one that is not there.
"""

import asyncio
import logging
import time
import traceback
from collections.abc import Callable, Coroutine, MutableMapping
from dataclasses import dataclass
from enum import Enum
from typing import Any
from urllib.parse import urlencode

from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from portal.desk import Desk
from portal.refusals import refusal
from portal.sessions import from_here, is_own_word, token_of
from portal.uploads import is_multipart, upload_of
from portal.visit import Visit, language_of
from schemas.errors import InputRejected, NotAllowed, SohoaError
from usecases.caller import Right
from usecases.sign_in import entered, system

log = logging.getLogger("portal")

SAFE = frozenset({"GET", "HEAD"})
SMALL = 64 * 1024
"""Bytes of a body where a route says nothing else."""
BODY_SECONDS, BODY_RATE = 20.0, 8 * 1024
"""A body may take so many seconds, and one more for each so many bytes that have come."""
FIELD, HEADER = "csrf", "x-csrf-token"
PREFECTS = "prefect-csrf-token"
"""The header in which Prefect's page sends the same word."""


class Who(Enum):
    """Whom a route lets in, where no right is asked for."""

    open = "open"
    """Everybody, and nobody is asked who they are: files, health."""
    anybody = "anybody"
    """Everybody; who has signed in is known."""
    signed_in = "signed_in"
    """Who has signed in, whatever they may."""


@dataclass(frozen=True)
class Rule:
    """The rule of a route.

    Attributes:
        lets_in: a right, or who without one.
        largest: bytes of a body.
        api: for systems and scripts: answers are JSON, tokens count.
        during_change: also for who must change their password first.
        streams: its handler reads a multipart body itself, as it comes (:mod:`portal.uploads`).
        file: it answers with a file (:mod:`portal.sending`).
        asks: its POST changes nothing of anybody's, so that other sites' pages, and pages that tell
            no site where they are, may send it.
    """

    lets_in: Right | Who
    largest: int = SMALL
    api: bool = False
    during_change: bool = False
    streams: bool = False
    file: bool = False
    asks: bool = False


class NotSignedIn(NotAllowed):
    """Nobody has signed in, or the session has ended."""


class ChangeFirst(NotAllowed):
    """The password is a one-time one."""


class RuledRoute(APIRoute):
    """A route with its rule."""

    def __init__(self, path: str, endpoint: Callable[..., Any], *, rule: Rule, method: str) -> None:
        self.rule = rule
        super().__init__(
            path,
            endpoint,
            methods=[method],
            response_model=None if not rule.api else _view_of(endpoint),
            include_in_schema=rule.api,
        )

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler behind the rule; whatever goes wrong is a sentence."""
        answer = super().get_route_handler()
        rule = self.rule

        async def guarded(request: Request) -> Response:
            desk: Desk = request.app.state.desk
            streamed = rule.streams and is_multipart(request)
            bounded = _bounded(request, SMALL if rule.streams and not streamed else rule.largest)
            visit = Visit(desk, bounded, language_of(bounded, desk))
            try:
                visit = await _admitted(visit, rule)
                bounded.state.visit = visit
                return await answer(bounded)
            except (HTTPException, RequestValidationError):
                raise
            except NotSignedIn as error:
                if rule.api or bounded.method not in SAFE:
                    return refusal(visit, error, api=rule.api, status=401)
                query = urlencode({"next": visit.here})
                return RedirectResponse(f"/sign-in?{query}", status_code=303)
            except ChangeFirst as error:
                if rule.api or bounded.method not in SAFE:
                    return refusal(visit, error, api=rule.api)
                return RedirectResponse("/password", status_code=303)
            except SohoaError as error:
                return refusal(visit, error, api=rule.api)
            except Exception as error:  # its text may quote a value: where it was is enough
                frames = "".join(traceback.format_tb(error.__traceback__))
                log.error("%s failed: %s\n%s", self.path, type(error).__name__, frames)
                return refusal(visit, SohoaError("service.page_failed"), api=rule.api)

        return guarded


class Pages:
    """The routes of one module, put on the application by :func:`portal.app.make_app`."""

    def __init__(self) -> None:
        self.routes: list[RuledRoute] = []

    def get(
        self, path: str, lets_in: Right | Who, **rule: Any
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """A page, or under ``/api/`` an answer; see :class:`Rule`."""
        return self._add("GET", path, lets_in, rule)

    def post(
        self, path: str, lets_in: Right | Who, **rule: Any
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """What changes something; its own pages alone are heard."""
        return self._add("POST", path, lets_in, rule)

    def put(
        self, path: str, lets_in: Right | Who, **rule: Any
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """What replaces something; its own pages alone are heard."""
        return self._add("PUT", path, lets_in, rule)

    def head(
        self, path: str, lets_in: Right | Who, **rule: Any
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """What a page or a file is like, without it."""
        return self._add("HEAD", path, lets_in, rule)

    def every(
        self, path: str, lets_in: Right | Who, **rule: Any
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """A route of each method, for what is passed on; changes are heard from own pages alone."""

        def add(endpoint: Callable[..., Any]) -> Callable[..., Any]:
            for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
                self._add(method, path, lets_in, rule)(endpoint)
            return endpoint

        return add

    def _add(
        self, method: str, path: str, lets_in: Right | Who, rule: dict[str, Any]
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        made = Rule(lets_in, api=path.startswith("/api/"), **rule)

        def add(endpoint: Callable[..., Any]) -> Callable[..., Any]:
            self.routes.append(RuledRoute(path, endpoint, rule=made, method=method))
            return endpoint

        return add


async def _admitted(visit: Visit, rule: Rule) -> Visit:
    """The visit with who asks, if they may.

    Raises:
        NotSignedIn: somebody must sign in.
        ChangeFirst: they must change their password.
        NotAllowed: they lack the right, or another site sent them.
    """
    request = visit.request
    if rule.lets_in is Who.open:
        return visit
    bearer = _bearer(request) if rule.api else None
    if bearer is not None:
        caller = await run_in_threadpool(system, visit.rooms, bearer)
        if caller is None:
            raise NotSignedIn("sign_in.needed")
        visit = Visit(visit.desk, request, visit.language, caller)
    else:
        visit = await _person(visit, rule)
    if isinstance(rule.lets_in, Right) and not visit.caller.may(rule.lets_in):
        raise NotAllowed("usecase.not_allowed", right=rule.lets_in.value)
    return visit


async def _person(visit: Visit, rule: Rule) -> Visit:
    request, desk = visit.request, visit.desk
    changes = request.method not in SAFE and not rule.asks
    if changes and not from_here(request):
        raise NotAllowed("sign_in.other_site")
    token = token_of(request, secure=desk.options.secure)
    person = None
    if token is not None:
        person = await run_in_threadpool(entered, desk.rooms, token, desk.lifetime)
    if person is None:
        if rule.lets_in is not Who.anybody:
            raise NotSignedIn("sign_in.needed")
        return Visit(desk, request, visit.language, token=token)
    visit = Visit(desk, request, visit.language, person.caller, person, token)
    if person.must_change and not rule.during_change:
        raise ChangeFirst("sign_in.change_first")
    if (
        changes
        and rule.lets_in is not Who.anybody
        and not is_own_word(token or "", await _said(request, streams=rule.streams))
    ):
        raise NotAllowed("sign_in.other_site")
    return visit


async def _said(request: Request, *, streams: bool) -> str | None:
    """The word of the page's own, from a header or the form: its first field, where it streams."""
    for header in (HEADER, PREFECTS):
        if header in request.headers:
            return request.headers[header]
    if streams and is_multipart(request):
        return await upload_of(request).first_field(FIELD)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in {"application/x-www-form-urlencoded", "multipart/form-data"}:
        return None
    said = (await request.form()).get(FIELD)
    return said if isinstance(said, str) else None


def _bearer(request: Request) -> str | None:
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else None


def _bounded(request: Request, largest: int) -> Request:
    """The request, with a body that ends in an error where it is too large or too slow."""
    said = request.headers.get("content-length", "0")
    if not said.isdecimal() or int(said) > largest:
        raise HTTPException(413)
    taken, whole = 0, False
    receive, begun = request.receive, time.monotonic()

    async def bounded() -> MutableMapping[str, Any]:
        nonlocal taken, whole
        if whole:  # what is waited for now is that somebody goes away
            return await receive()
        left = begun + BODY_SECONDS + taken / BODY_RATE - time.monotonic()
        try:
            message = await asyncio.wait_for(receive(), max(0.05, left))
        except TimeoutError:
            raise HTTPException(408, headers={"Connection": "close"}) from None
        taken += len(message.get("body", b""))
        whole = not message.get("more_body", False)
        if taken > largest:
            raise HTTPException(413)
        return message

    return Request(request.scope, bounded)


def _view_of(endpoint: Callable[..., Any]) -> Any:
    """What an answer for systems is made of, as its annotation says."""
    found = endpoint.__annotations__.get("return")
    is_response = isinstance(found, type) and issubclass(found, Response)
    return None if is_response else found


def bad_request() -> InputRejected:
    """The request lacks something, or has what cannot be: nothing of it is repeated."""
    return InputRejected("service.bad_request")
