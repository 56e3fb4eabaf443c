"""What a person may do to a document under review as a whole: each says what happens next."""

import secrets
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Form
from starlette.responses import Response

from portal.refusals import status_of
from portal.rules import Pages
from portal.visit import AVisit, Visit
from schemas.errors import Conflict, InputRejected, SohoaError
from schemas.rescan_views import SentOn
from usecases import changing, rescanning, reviewing
from usecases.caller import Right
from usecases.review_leases import hold

pages = Pages()

Text = Annotated[str, Form(max_length=2000)]


@pages.get("/review/{dossier}/{number}/change", Right.review)
def change_page(
    visit: AVisit, dossier: str, number: int, department: str | None = None
) -> Response:
    """Everything that may be done, folded."""
    return _page(visit, dossier, number, department)


@pages.post("/review/{dossier}/{number}/rescan", Right.review)
def ask_rescan(
    visit: AVisit,
    dossier: str,
    number: int,
    seen: Text,
    page: Text = "",
    reason: Text = "",
    department: str | None = None,
) -> Response:
    """Ask for a page, or all of it, to be scanned again."""
    wanted = int(page) if page.isascii() and page.isdecimal() and len(page) < 6 else None
    try:
        found = rescanning.ask(
            visit.caller, visit.rooms, dossier, number, wanted, reason,
            seen=seen, department=department,
        )  # fmt: skip
    except (Conflict, InputRejected) as error:
        return _page(visit, dossier, number, department, error, "rescan")
    return visit.go(f"/rescans/{found.code}", done="rescan_asked")


@pages.post("/review/{dossier}/{number}/divide", Right.review)
def divide(
    visit: AVisit,
    dossier: str,
    number: int,
    seen: Text,
    ranges: Text = "",
    department: str | None = None,
) -> Response:
    """The file becomes several documents."""
    try:
        reviewing.split(
            visit.caller, visit.rooms, dossier, number, ranges, seen=seen, department=department
        )
    except (Conflict, InputRejected) as error:
        return _page(visit, dossier, number, department, error, "divide")
    return visit.go("/review", done="was_divided")


@pages.post("/review/{dossier}/{number}/together", Right.review)
def together(
    visit: AVisit, dossier: str, number: int, seen: Text, department: str | None = None
) -> Response:
    """What seems to be several documents is one."""
    try:
        sent = changing.keep_together(
            visit.caller, visit.rooms, dossier, number, seen=seen, department=department
        )
    except (Conflict, InputRejected) as error:
        return _page(visit, dossier, number, department, error, "divide")
    return visit.go(_address(sent), done="was_kept_together")


@pages.post("/review/{dossier}/{number}/turn", Right.review)
def turn(
    visit: AVisit,
    dossier: str,
    number: int,
    seen: Text,
    page: Annotated[int, Form()],
    degrees: Annotated[int, Form()],
    department: str | None = None,
) -> Response:
    """A page lies wrong: it is turned, and the document is read again."""
    try:
        changing.turn_page(
            visit.caller, visit.rooms, dossier, number, page, degrees,
            seen=seen, department=department,
        )  # fmt: skip
    except (Conflict, InputRejected) as error:
        return _page(visit, dossier, number, department, error, "turn")
    return visit.go("/review", done="was_turned")


@pages.post("/review/{dossier}/{number}/type", Right.review)
def change_type(
    visit: AVisit,
    dossier: str,
    number: int,
    seen: Text,
    document_type: Text,
    department: str | None = None,
) -> Response:
    """It is another paper than was thought: its fields are read again."""
    try:
        changing.change_type(
            visit.caller, visit.rooms, dossier, number, document_type,
            seen=seen, department=department,
        )  # fmt: skip
    except (Conflict, InputRejected) as error:
        return _page(visit, dossier, number, department, error, "type")
    return visit.go("/review", done="type_was_changed")


@pages.post("/review/{dossier}/{number}/reject", Right.review)
def reject(
    visit: AVisit,
    dossier: str,
    number: int,
    seen: Text,
    reason: Text = "",
    department: str | None = None,
) -> Response:
    """The paper is not taken."""
    try:
        changing.reject(
            visit.caller, visit.rooms, dossier, number, reason, seen=seen, department=department
        )
    except (Conflict, InputRejected) as error:
        return _page(visit, dossier, number, department, error, "reject")
    return visit.go("/review", done="was_rejected")


def _address(sent: SentOn) -> str:
    query = urlencode({"department": sent.department})
    return f"/review/{sent.dossier}/{sent.number}?{query}"


def _page(
    visit: Visit,
    dossier: str,
    number: int,
    department: str | None,
    error: SohoaError | None = None,
    act: str = "",
) -> Response:
    """The page; after a refusal with its sentence, the act unfolded."""
    try:
        shown = changing.to_change(
            visit.caller, visit.rooms, dossier, number, department=department
        )
    except Conflict as gone:  # it went on, or cannot be shown: others still wait
        said = gone.sentence(visit.language)
        return visit.page(
            "review_gone.html", status=409, sentence=said, code=dossier, number=number
        )
    mark = secrets.token_hex(8)
    opened = hold(visit.caller, visit.rooms, dossier, number, mark=mark, department=department)
    if not opened.own:  # the review's page says who has it
        sent = SentOn(department=shown.department, dossier=shown.dossier, number=shown.number)
        return visit.go(_address(sent))
    return visit.page(
        "change.html",
        status=200 if error is None else status_of(error),
        shown=shown,
        sentence=None if error is None else error.sentence(visit.language),
        act=act,
        mark=mark,
        turns=changing.TURNS,
    )
