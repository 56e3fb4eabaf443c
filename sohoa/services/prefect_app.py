"""The embedded Prefect server, for this machine's own names alone (``uvicorn --factory``).

Prefect's newer page calls an analytics host even when analytics are off; the content security
policy lets a page talk to this server alone. Only this machine's own names are answered, so that a
stranger's page cannot reach the API by pointing its name at 127.0.0.1 (DNS rebinding).
"""

from urllib.parse import quote

from starlette.datastructures import MutableHeaders
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BASE = "/prefect"
"""Where the page is, and below it the API that it asks: the desk passes both on as they are."""
HOSTS = ("127.0.0.1", "localhost")
POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)


class Fence:
    """Adds the policy to every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on; headers are added on the way back."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if scope["path"].startswith(f"{BASE}/api/"):
            path = scope["path"].removeprefix(BASE)
            scope = {**scope, "path": path, "raw_path": quote(path).encode("ascii")}

        async def send_with_policy(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = POLICY
                headers["Referrer-Policy"] = "no-referrer"
                headers["X-Content-Type-Options"] = "nosniff"
            await send(message)

        await self.app(scope, receive, send_with_policy)


def create() -> ASGIApp:
    """Prefect's API, its page and its background services, fenced."""
    from prefect.server.api.server import create_app  # noqa: PLC0415 - a second, needed here alone

    return Fence(TrustedHostMiddleware(create_app(final=True), allowed_hosts=list(HOSTS)))
