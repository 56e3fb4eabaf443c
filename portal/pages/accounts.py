"""The accounts of an office, and what each may do where."""

from typing import Annotated

from fastapi import Form
from starlette.responses import Response

from portal.rules import Pages
from portal.visit import AVisit
from schemas.errors import Conflict, InputRejected
from usecases import accounts
from usecases.caller import Duty, Right
from usecases.dossiers import own_departments

pages = Pages()

Chosen = Annotated[list[str], Form(max_length=200)]


@pages.get("/accounts", Right.administer)
def accounts_page(visit: AVisit) -> Response:
    """Who may sign in."""
    return _page(visit)


@pages.post("/accounts", Right.administer)
def change(
    visit: AVisit,
    name: Annotated[str, Form(max_length=200)] = "",
    role: Chosen = [],  # noqa: B006
    department: Chosen = [],  # noqa: B006
    everywhere: Annotated[bool, Form()] = False,
) -> Response:
    """Other duties and departments of an account, from now on."""
    duties = [one for one in Duty if one.value in role]
    try:
        accounts.change(
            visit.caller,
            visit.rooms,
            name,
            duties=duties,
            departments=None if everywhere else department,
            everywhere=everywhere,
        )
    except (Conflict, InputRejected) as error:
        return _page(visit, error.sentence(visit.language), 400)
    return visit.go("/accounts", done="account_changed")


def _page(visit: AVisit, sentence: str | None = None, status: int = 200) -> Response:
    return visit.page(
        "accounts.html",
        status=status,
        found=accounts.accounts(visit.caller, visit.rooms),
        departments=own_departments(visit.caller, Right.administer, visit.rooms.ledger),
        duties=[one.value for one in Duty],
        sentence=sentence,
    )
