"""One request: who asks, in which language, and how they are answered."""

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Annotated, Any
from urllib.parse import unquote, urlencode

from fastapi import Depends
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse

from portal import texts
from portal.desk import Desk
from portal.navigation import Place
from portal.sessions import LANGUAGE, own_word, path_within
from schemas.errors import SohoaError
from schemas.messages import Language, sentence
from usecases import rescanning
from usecases.caller import Caller, Right
from usecases.rooms import Rooms
from usecases.sign_in import Entered

PURPOSE = "sohoa-purpose"
NOBODY = Caller(name="nobody", duties=frozenset())


@dataclass(frozen=True)
class Visit:
    """A request and who sent it.

    Attributes:
        caller: to be handed to use cases; who has not signed in may nothing.
        entered: the person, where it is one that has signed in.
        token: of their session.
    """

    desk: Desk
    request: Request
    language: Language
    caller: Caller = NOBODY
    entered: Entered | None = None
    token: str | None = None

    @property
    def rooms(self) -> Rooms:
        """What use cases work with; their sentences are in the person's language."""
        return replace(self.desk.rooms, language=self.language)

    @property
    def peer(self) -> str:
        """The address that the request came from."""
        return self.request.client.host if self.request.client else "?"

    @property
    def places(self) -> tuple[Place, ...]:
        """The entries of the navigation that are theirs."""
        if self.entered is None or self.entered.must_change:
            return ()
        return tuple(one for one in self.desk.places if self.caller.may(one.right))

    @property
    def here(self) -> str:
        """The address of this page, to come back to."""
        path, query = self.request.url.path, self.request.url.query
        return path_within(f"{path}?{query}" if query else path)

    @property
    def purpose(self) -> str | None:
        """What a system says that it reads another department's papers for.

        In the header ``Sohoa-Purpose``, UTF-8 and percent-encoded (RFC 3986): headers are ASCII.
        """
        said = self.request.headers.get(PURPOSE)
        return unquote(said) if said else None

    def text(self, key: str, /, **params: str | int | float) -> str:
        """Words of the pages in the person's language."""
        return texts.text(key, self.language, **params)

    def page(self, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
        """A page made of a template of ``portal/templates``."""
        done = self.request.query_params.get("done", "")
        given = {
            "visit": self,
            "t": self.text,
            "s": lambda code, **params: sentence(code, self.language, **params),
            "csrf": own_word(self.token) if self.token and self.entered else "",
            "rescans_wait": self._rescans_wait(),
            "notice": self.text(f"done.{done}") if texts.known(f"done.{done}") else None,
        }
        return HTMLResponse(self.desk.render(template, {**given, **values}), status_code=status)

    def _rescans_wait(self) -> int | None:
        """How much is to be scanned again; None to whom this is nothing."""
        if self.entered is None or self.entered.must_change or not self.caller.may(Right.review):
            return None
        with suppress(SohoaError):  # the page itself says what is wrong
            return len(rescanning.waiting(self.caller, self.rooms))
        return None

    def go(self, path: str, *, done: str | None = None) -> RedirectResponse:
        """On to another page, by GET; ``done`` is a key of ``texts/done.yaml`` shown there."""
        joint = "&" if "?" in path else "?"
        address = path if done is None else f"{path}{joint}{urlencode({'done': done})}"
        return RedirectResponse(address, status_code=303)


def language_of(request: Request, desk: Desk) -> Language:
    """What the browser was told to remember, else the office's."""
    chosen = request.cookies.get(LANGUAGE)
    return next((one for one in texts.LANGUAGES if one == chosen), desk.options.language)


def _visit(request: Request) -> Visit:
    visit: Visit = request.state.visit
    return visit


AVisit = Annotated[Visit, Depends(_visit)]
"""What a handler takes: ``def queue_page(visit: AVisit) -> Response``."""
