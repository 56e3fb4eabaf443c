"""Prefect's own page behind the desk's sign-in: requests are passed on, credentials added here.

The browser never has Prefect's password. What Prefect's page asks first (``ui-settings``) is
answered here: that its API is below this path, that nobody needs to sign in again, and that each
change carries a token (Prefect's own protection against other sites), which is the word of the
desk's session. So the desk's rules hold for it as for any page.
"""

import base64
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from portal.sessions import own_word
from portal.visit import Visit
from schemas.errors import NotFound, ServiceUnavailable
from schemas.operating import PrefectServer

BASE = "/prefect"
"""Where it is, here and on Prefect's server."""
SETTINGS, WORD = f"{BASE}/ui-settings", f"{BASE}/api/csrf-token"
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
"""What Prefect's page needs: its picture of a run (Pixi) compiles code and draws in workers, and
its parts write styles. It calls nobody else: the newer page of Prefect, which would, is off.
"""
SECONDS = 60.0
_ASKED = frozenset(
    {"accept", "accept-encoding", "accept-language", "content-type", "if-none-match",
     "if-modified-since", "range"}
)  # fmt: skip
_ANSWERED = frozenset(
    {"content-type", "content-encoding", "content-length", "content-range", "etag",
     "last-modified", "cache-control", "vary"}
)  # fmt: skip


async def forwarded(visit: Visit) -> Response:
    """Prefect's answer to a request below ``/prefect``.

    Raises:
        NotFound: ``service.no_prefect``, this desk has no Prefect of its own, or it does not run.
        ServiceUnavailable: ``service.prefect_away``.
    """
    server = visit.desk.prefect()
    if server is None:
        raise NotFound("service.no_prefect")
    request = visit.request
    headers = {"Content-Security-Policy": POLICY}
    if request.url.path == SETTINGS:
        return JSONResponse(_settings(), headers=headers)
    if request.url.path == WORD:
        return JSONResponse(_word(visit), headers=headers)
    client = httpx.AsyncClient(
        base_url=server.address,
        timeout=SECONDS,
        trust_env=False,
        verify=False,  # noqa: S501 - plain HTTP on loopback; making a context costs 20 ms
    )
    try:
        answer = await client.send(await _passed_on(client, request, server), stream=True)
    except httpx.HTTPError as error:
        await client.aclose()
        raise ServiceUnavailable("service.prefect_away") from error
    return StreamingResponse(
        _bytes(answer),
        status_code=answer.status_code,
        headers=_kept(answer) | headers,
        background=BackgroundTask(client.aclose),
    )


async def _passed_on(
    client: httpx.AsyncClient, request: Request, server: PrefectServer
) -> httpx.Request:
    secret = server.auth.get_secret_value().encode()
    headers = {name: value for name, value in request.headers.items() if name in _ASKED}
    headers["authorization"] = f"Basic {base64.b64encode(secret).decode()}"
    query = request.url.query
    path = request.scope.get("raw_path", request.url.path.encode()).decode("ascii")
    address = path.partition("?")[0] + (f"?{query}" if query else "")
    return client.build_request(
        request.method, address, headers=headers, content=await request.body()
    )


async def _bytes(answer: httpx.Response) -> AsyncIterator[bytes]:
    """As they come, still compressed."""
    try:
        async for block in answer.aiter_raw():
            yield block
    finally:
        await answer.aclose()


def _kept(answer: httpx.Response) -> dict[str, str]:
    kept = {name: value for name, value in answer.headers.items() if name in _ANSWERED}
    if "location" in answer.headers:  # to this site alone
        to = urlsplit(answer.headers["location"])
        kept["location"] = to._replace(scheme="", netloc="").geturl()
    if answer.status_code == 200 and answer.request.url.path.startswith(f"{BASE}/assets/"):
        kept["cache-control"] = "private, max-age=31536000, immutable"
    return kept


def _settings() -> dict[str, Any]:
    return {
        "api_url": f"{BASE}/api",
        "csrf_enabled": True,
        "auth": None,
        "flags": [],
        "default_ui": "v1",
        "available_uis": ["v1"],
        "v1_base_url": BASE,
        "v2_base_url": None,
    }


def _word(visit: Visit) -> dict[str, Any]:
    """A token as Prefect's API gives one; it ends with the session, and is asked for again."""
    now = datetime.now(UTC)
    return {
        "id": "00000000-0000-0000-0000-000000000000",
        "created": now.isoformat(),
        "updated": now.isoformat(),
        "token": own_word(visit.token or ""),
        "client": visit.request.query_params.get("client", ""),
        "expiration": (now + timedelta(hours=1)).isoformat(),
    }
