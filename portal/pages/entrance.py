"""Signing in and out, and one's own password."""

from typing import Annotated

from fastapi import Form
from starlette.responses import Response

from portal.rules import Pages, Who
from portal.sessions import hand_over, path_within, take_away
from portal.visit import AVisit, Visit
from schemas.errors import InputRejected
from usecases.accounts import change_own_password, end_own_sessions
from usecases.sign_in import SignInRefused, sign_in, sign_out
from usecases.tokens import fingerprint

pages = Pages()


@pages.get("/sign-in", Who.anybody)
def ask(visit: AVisit, next: str = "/") -> Response:
    """Who are you?"""
    if visit.entered is not None:
        return visit.go(path_within(next))
    return visit.page("sign_in.html", next=path_within(next), username="", sentence=None)


@pages.post("/sign-in", Who.anybody, during_change=True)
def enter(
    visit: AVisit,
    username: Annotated[str, Form(max_length=200)] = "",
    password: Annotated[str, Form(max_length=1000)] = "",
    next: Annotated[str, Form()] = "/",
) -> Response:
    """Let a person in, under a new session."""
    try:
        token = sign_in(visit.rooms, username, password, peer=visit.peer, before=visit.token)
    except SignInRefused as error:
        waits = error.code == "sign_in.wait"
        return visit.page(
            "sign_in.html",
            status=429 if waits else 401,
            next=path_within(next),
            username=username,
            sentence=error.sentence(visit.language),
        )
    answer = visit.go(path_within(next))
    hand_over(answer, token, secure=visit.desk.options.secure)
    return answer


@pages.post("/sign-out", Who.signed_in, during_change=True)
def leave(visit: AVisit) -> Response:
    """End this session."""
    sign_out(visit.rooms, visit.token or "")
    visit.desk.searches.forget(visit.token or "")
    return _outside(visit)


@pages.post("/sign-out-everywhere", Who.signed_in)
def leave_everywhere(visit: AVisit) -> Response:
    """End every session of this account."""
    end_own_sessions(visit.caller, visit.rooms)
    return _outside(visit)


@pages.get("/password", Who.signed_in, during_change=True)
def password_page(visit: AVisit) -> Response:
    """One's own password; the first thing where it is a one-time one."""
    return visit.page("password.html", sentence=None)


@pages.post("/password", Who.signed_in, during_change=True)
def change_password(
    visit: AVisit,
    old: Annotated[str, Form(max_length=1000)] = "",
    new: Annotated[str, Form(max_length=1000)] = "",
    again: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    """Change it; one's other sessions end."""
    try:
        if new != again:
            raise InputRejected("sign_in.not_repeated")
        kept = fingerprint(visit.token or "")
        change_own_password(visit.caller, visit.rooms, old, new, keep=kept)
    except InputRejected as error:
        said = error.sentence(visit.language)
        return visit.page("password.html", status=400, sentence=said)
    return visit.go("/", done="password_changed")


def _outside(visit: Visit) -> Response:
    answer = visit.go("/sign-in", done="signed_out")
    take_away(answer, secure=visit.desk.options.secure)
    return answer
