"""Signing in by a provider of identities: there, and back."""

from starlette.responses import RedirectResponse, Response

from portal.provider import Journey, Provider
from portal.rules import Pages, Who
from portal.sessions import (
    forget_journey,
    hand_over,
    journey_of,
    path_within,
    remember_journey,
)
from portal.visit import AVisit, Visit
from schemas.errors import NotFound, SohoaError
from usecases.sign_in import sign_in_from_outside

pages = Pages()

BACK = "/sign-in/outside/back"


@pages.get("/sign-in/outside", Who.anybody, during_change=True)
def set_out(visit: AVisit, next: str = "/") -> Response:
    """To the provider."""
    address, journey = _provider(visit).set_out(_back(visit), path_within(next))
    answer = RedirectResponse(address, status_code=303)
    remember_journey(answer, journey.packed(), secure=visit.desk.options.secure)
    return answer


@pages.get(BACK, Who.anybody, during_change=True)
def come_back(visit: AVisit) -> Response:
    """From the provider: a new session, or the sentence that says why not.

    The answer is a page that goes on by itself: with a redirect of another site's link browsers
    would not send the session's cookie.
    """
    secure = visit.desk.options.secure
    provider = _provider(visit)
    journey = Journey.unpacked(journey_of(visit.request, secure=secure))
    try:
        if journey is None:
            raise SohoaError("sign_in.outside_refused")
        query = visit.request.url.query
        who = provider.come_back(_back(visit), f"{_back(visit)}?{query}", journey)
        token = sign_in_from_outside(visit.rooms, who, before=visit.token)
    except SohoaError as error:
        said = error.sentence(visit.language)
        answer = visit.page("sign_in.html", status=401, next="/", username="", sentence=said)
    else:
        answer = visit.page("entered.html", next=path_within(journey.next))
        hand_over(answer, token, secure=secure)
    forget_journey(answer, secure=secure)
    return answer


def _provider(visit: Visit) -> Provider:
    """Raises NotFound where the office has none."""
    if visit.desk.provider is None:
        raise NotFound("service.no_page")
    return visit.desk.provider


def _back(visit: Visit) -> str:
    """The address that the provider sends people back to; it knows it beforehand."""
    url = visit.request.url
    return f"{url.scheme}://{url.netloc}{BACK}"
