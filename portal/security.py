"""What stands around every answer: headers, the name of this site, a line of the log."""

import logging
import time
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from portal.options import PortalOptions

log = logging.getLogger("portal.access")

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    # with "no-referrer" browsers call the origin of a form of our own "null"
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
HSTS = "max-age=31536000"
HEALTH = "/healthz"
"""Asked every few seconds, and not worth a line."""


class Fence:
    """Adds the headers, answers this site's names alone, and writes one line a request.

    The line has the route's pattern instead of the address: an address may hold what somebody
    searched for.
    """

    def __init__(self, app: ASGIApp, options: PortalOptions) -> None:
        self.app = app
        self.options = options

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on; headers are added on the way back."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun, status = time.monotonic(), 500

        async def fenced(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._add_headers(MutableHeaders(scope=message))
            await send(message)

        if self._is_named_right(scope):
            await self.app(scope, receive, fenced)
        else:
            await PlainTextResponse("", status_code=421)(scope, receive, fenced)
        route = getattr(scope.get("route"), "path", "-")
        took = 1000 * (time.monotonic() - begun)
        if route != HEALTH:
            log.info("%s %s %d %.0f ms", scope["method"], route, status, took)

    def _add_headers(self, headers: MutableHeaders) -> None:
        for name, value in HEADERS.items():
            headers.setdefault(name, value)
        headers.setdefault("Cache-Control", "no-store")
        if self.options.secure:
            headers.setdefault("Strict-Transport-Security", HSTS)

    def _is_named_right(self, scope: Scope) -> bool:
        """A stranger's page must not reach the desk by pointing its own name here."""
        if self.options.hosts is None:
            return True
        try:
            name = urlsplit(f"//{Headers(scope=scope).get('host', '')}").hostname
        except ValueError:
            return False
        return name in self.options.hosts
