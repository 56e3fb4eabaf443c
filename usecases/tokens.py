"""Tokens by which other systems ask: made, listed, ended."""

import hashlib
import secrets
from collections.abc import Collection
from datetime import timedelta

from schemas.account import NewTokenView, TokenView, folded
from schemas.errors import InputRejected, NotFound
from storage import NewToken
from usecases.caller import Caller, Duty, Right, permit
from usecases.given import departments_for, duties_for, name_for, shown, within
from usecases.rooms import Rooms

SYSTEM = "system:"
"""What stands before a token's name where events say who did something."""
MARK = "sohoa_"
"""What tokens begin with, so that scanners for secrets find one that was left somewhere."""
LONGEST_DAYS = 3650


def tokens(caller: Caller, rooms: Rooms) -> tuple[TokenView, ...]:
    """The tokens that are within the caller's departments, by name; those that ended, too.

    Raises:
        NotAllowed: they do not keep accounts.
    """
    permit(caller, Right.administer)
    found = (one for one in rooms.ledger.tokens.all() if within(caller, one.departments))
    return tuple(TokenView.model_validate(shown(one, TokenView)) for one in found)


def add(
    caller: Caller,
    rooms: Rooms,
    name: str,
    duties: Collection[Duty],
    departments: Collection[str] | None = None,
    *,
    days: int = 365,
) -> NewTokenView:
    """Make a token for a system; it is answered once and kept nowhere.

    Args:
        caller: who makes it; nobody gives what is beyond their own departments.
        rooms: the ledger.
        name: of the system; events say ``system:NAME``.
        duties: one at least.
        departments: by identifier or name; None is all of them.
        days: until it ends.

    Raises:
        NotAllowed: they do not keep accounts.
        NotFound: there is no such department, or it is not theirs.
        InputRejected: the name cannot be one, no duty, or no such number of days.
        Conflict: ``storing.token_known``.
    """
    named = name_for(caller, name)
    units = departments_for(caller, rooms, departments)
    granted = duties_for(duties)
    if not 0 < days <= LONGEST_DAYS:
        raise InputRejected("sign_in.token_days", most=LONGEST_DAYS)
    secret = MARK + secrets.token_urlsafe(32)
    made = rooms.ledger.tokens.add(
        NewToken(
            name=named.name,
            folded=named.folded,
            sha256=fingerprint(secret),
            duties=granted,
            departments=units,
            ends_at=rooms.clock() + timedelta(days=days),
        ),
        caller.name,
    )
    return NewTokenView.model_validate(shown(made, TokenView) | {"token": secret})


def end(caller: Caller, rooms: Rooms, name: str) -> TokenView:
    """A token is worth nothing from now on.

    Raises:
        NotAllowed: they do not keep accounts.
        NotFound: ``storing.no_token``, or it is beyond their departments.
    """
    permit(caller, Right.administer)
    found = rooms.ledger.tokens.named(folded(name))
    if found is None or not within(caller, found.departments):
        raise NotFound("storing.no_token")
    return TokenView.model_validate(
        shown(rooms.ledger.tokens.end(found.id, caller.name), TokenView)
    )


def fingerprint(secret: str) -> str:
    """What the ledger keeps of a token or of a session's: 256 random bits need no salt."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
