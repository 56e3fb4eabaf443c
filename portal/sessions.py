"""The session's cookie, and the word that a page's own forms know and other sites do not."""

import hashlib
import hmac
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

LANGUAGE = "language"
_YEAR = 365 * 24 * 3600


def cookie_name(*, secure: bool) -> str:
    """``__Host-`` keeps another site of the same domain from setting it; it needs TLS."""
    return "__Host-sohoa" if secure else "sohoa"


def token_of(request: Request, *, secure: bool) -> str | None:
    """The token that the browser has, if any."""
    return request.cookies.get(cookie_name(secure=secure)) or None


def hand_over(response: Response, token: str, *, secure: bool) -> None:
    """Give the browser its token: out of reach of scripts, and sent to this site's own pages alone.

    It lasts as long as the browser runs; how long it is worth something the ledger says.
    """
    response.set_cookie(
        cookie_name(secure=secure), token, path="/", secure=secure, httponly=True, samesite="strict"
    )


def take_away(response: Response, *, secure: bool) -> None:
    """The browser forgets its token."""
    response.delete_cookie(
        cookie_name(secure=secure), path="/", secure=secure, httponly=True, samesite="strict"
    )


def remember_language(response: Response, language: str, *, secure: bool) -> None:
    """What this browser's pages are written in."""
    response.set_cookie(
        LANGUAGE, language, max_age=_YEAR, path="/", secure=secure, httponly=True, samesite="lax"
    )


def remember_journey(response: Response, journey: str, *, secure: bool) -> None:
    """What must fit when a person comes back from a provider of identities: ten minutes long.

    ``lax``: they come back by a link of another site, with which a strict cookie is not sent.
    """
    response.set_cookie(
        _journey_name(secure=secure), journey, max_age=600, path="/", secure=secure,
        httponly=True, samesite="lax",
    )  # fmt: skip


def journey_of(request: Request, *, secure: bool) -> str | None:
    """What was remembered of a journey."""
    return request.cookies.get(_journey_name(secure=secure))


def forget_journey(response: Response, *, secure: bool) -> None:
    """It has ended, well or not: what was remembered serves once."""
    response.delete_cookie(
        _journey_name(secure=secure), path="/", secure=secure, httponly=True, samesite="lax"
    )


def _journey_name(*, secure: bool) -> str:
    return cookie_name(secure=secure) + "-outside"


def own_word(token: str) -> str:
    """What forms and scripts of a session's pages send along (CSRF token).

    Made from the session's token, which it does not reveal; other sites can read neither.
    """
    return hashlib.sha256(f"csrf\0{token}".encode()).hexdigest()


def is_own_word(token: str, said: str | None) -> bool:
    """Whether a request comes from a page of this session."""
    return hmac.compare_digest(own_word(token).encode(), (said or "").encode("utf-8", "replace"))


def from_here(request: Request) -> bool:
    """Whether a request that changes something was sent by a page of this site, or by no browser.

    Browsers say with every such request where it comes from (``Origin``, ``Sec-Fetch-Site``).
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None and site not in {"same-origin", "none"}:
        return False
    origin = request.headers.get("origin")
    if origin is None:
        return True
    said = urlsplit(origin)
    return (said.scheme, said.netloc) == (request.url.scheme, request.headers.get("host", ""))


def path_within(wanted: str | None) -> str:
    """Where to go on, if it is a place of this site; else the first page.

    ``//host`` and ``/\\host`` are other sites to a browser.
    """
    text = wanted or "/"
    sound = (
        text.startswith("/")
        and not text.startswith(("//", "/\\"))
        and text.isprintable()
        and "\\" not in text
    )
    return text if sound else "/"
