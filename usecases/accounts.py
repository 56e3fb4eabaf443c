"""Accounts of people: who may sign in, with which duties, for which departments."""

from collections.abc import Collection
from typing import Any

from schemas.account import AccountView, NewAccountView, folded
from schemas.errors import InputRejected, NotAllowed, NotFound
from storage import Account, LastOne, NewAccount
from usecases import passwords
from usecases.attempts import forgive, let_in, must_wait
from usecases.caller import Caller, Duty, Right, permit
from usecases.given import departments_for, duties_for, name_for, shown, within
from usecases.rooms import Rooms

PERSON = "user:"
"""What stands before an account's name where events say who did something."""
_AN_OPERATOR = LastOne(Duty.operator.value, "sign_in.last_operator")
"""Somebody must be left who keeps accounts."""


def accounts(caller: Caller, rooms: Rooms) -> tuple[AccountView, ...]:
    """The accounts that are within the caller's departments, by name.

    Raises:
        NotAllowed: they do not keep accounts.
    """
    permit(caller, Right.administer)
    return tuple(
        _view(one) for one in rooms.ledger.accounts.all() if within(caller, one.departments)
    )


def add(
    caller: Caller,
    rooms: Rooms,
    name: str,
    duties: Collection[Duty],
    departments: Collection[str] | None = None,
    *,
    password: str | None = None,
) -> NewAccountView:
    """Make an account.

    Args:
        caller: who makes it; nobody gives what is beyond their own departments.
        rooms: the ledger.
        name: what the person types to sign in.
        duties: one at least.
        departments: by identifier or name; None is all of them.
        password: theirs; without one a one-time password is made and answered.

    Raises:
        NotAllowed: they do not keep accounts.
        NotFound: there is no such department, or it is not theirs.
        InputRejected: the name cannot be one, no duty, or a weak password.
        Conflict: ``storing.account_known``.
    """
    made, password_shown = _new(caller, rooms, name, duties, departments, password)
    entered = rooms.ledger.accounts.add(made, caller.name)
    assert entered is not None  # noqa: S101 - only a first account is not entered
    return _new_view(entered, password_shown)


def add_first(caller: Caller, rooms: Rooms, name: str) -> NewAccountView | None:
    """Make an account with all duties where there is none at all; else ``None``.

    Raises:
        NotAllowed: they do not keep accounts.
        InputRejected: the name cannot be one.
    """
    made, password = _new(caller, rooms, name, tuple(Duty), None, None)
    entered = rooms.ledger.accounts.add(made, caller.name, first=True)
    return None if entered is None else _new_view(entered, password)


def change(
    caller: Caller,
    rooms: Rooms,
    name: str,
    *,
    duties: Collection[Duty] | None = None,
    departments: Collection[str] | None = None,
    everywhere: bool = False,
) -> AccountView:
    """Give an account other duties or departments; its sessions have them at once.

    Args:
        caller: who does so; nobody gives what is beyond their own departments.
        rooms: the ledger.
        name: of the account.
        duties: all that it has from now on; None: as before.
        departments: all, by identifier or name; None: as before.
        everywhere: all departments that the caller has.

    Raises:
        NotAllowed: they do not keep accounts.
        NotFound: there is no such account or department, or it is not theirs.
        InputRejected: no duty; or ``sign_in.outside_account``, a provider of identities says them.
        Conflict: ``sign_in.last_operator``.
    """
    found = _named(caller, rooms, name)
    if found.subject is not None:
        raise InputRejected("sign_in.outside_account")
    columns: dict[str, Any] = {}
    if duties is not None:
        columns["duties"] = duties_for(duties)
    if everywhere or departments is not None:
        columns["departments"] = departments_for(caller, rooms, None if everywhere else departments)
    changed = rooms.ledger.accounts.change(
        found.id,
        caller.name,
        "account_changed",
        sessions_end=False,
        left=_AN_OPERATOR,
        **columns,
    )
    return _view(changed)


def disable(caller: Caller, rooms: Rooms, name: str) -> AccountView:
    """Nobody signs in by this account any more, and its sessions end at once.

    Raises:
        NotAllowed: they do not keep accounts.
        NotFound: there is no such account within their departments.
        Conflict: ``sign_in.last_operator``.
    """
    found = _named(caller, rooms, name)
    changed = rooms.ledger.accounts.change(
        found.id, caller.name, "account_disabled", left=_AN_OPERATOR, disabled=True
    )
    return _view(changed)


def enable(caller: Caller, rooms: Rooms, name: str) -> AccountView:
    """A disabled account may be used again.

    Raises:
        NotAllowed: they do not keep accounts.
        NotFound: there is no such account within their departments.
    """
    found = _named(caller, rooms, name)
    changed = rooms.ledger.accounts.change(found.id, caller.name, "account_enabled", disabled=False)
    forgive(rooms, found.folded)
    return _view(changed)


def reset(caller: Caller, rooms: Rooms, name: str) -> NewAccountView:
    """A new one-time password; every session of the account ends.

    Raises:
        NotAllowed: they do not keep accounts.
        NotFound: there is no such account within their departments.
    """
    found = _named(caller, rooms, name)
    password = passwords.one_time()
    changed = rooms.ledger.accounts.change(
        found.id,
        caller.name,
        "account_reset",
        password=passwords.hashed(password),
        must_change=True,
    )
    forgive(rooms, found.folded)
    return _new_view(changed, password)


def change_own_password(
    caller: Caller, rooms: Rooms, old: str, new: str, *, keep: str | None = None
) -> None:
    """Change one's own password; one's other sessions end.

    Args:
        caller: who has signed in.
        rooms: the ledger.
        old: the password, or the one-time one.
        new: what it shall be.
        keep: SHA-256 of the token of the session that goes on.

    Raises:
        NotAllowed: it is no person's account.
        InputRejected: ``sign_in.wrong_old_password``, a weak or unchanged new one, or
            ``sign_in.wait``, as for signing in: the session may be a stolen one.
    """
    account = _own(caller, rooms)
    seconds = must_wait(rooms, account.name)
    if seconds is not None:
        raise InputRejected("sign_in.wait", seconds=seconds)
    if not passwords.fits(old, account.password):
        raise InputRejected("sign_in.wrong_old_password")
    let_in(rooms, account.name)
    if passwords.fits(new, account.password):
        raise InputRejected("sign_in.same_password")
    kept = passwords.hashed(passwords.acceptable(new, account.name))
    rooms.ledger.accounts.change(
        account.id, caller.name, "password_changed", keep=keep, password=kept, must_change=False
    )


def end_own_sessions(caller: Caller, rooms: Rooms) -> None:
    """Sign out everywhere.

    Raises:
        NotAllowed: it is no person's account.
    """
    rooms.ledger.sessions.end_all(_own(caller, rooms).id)


def _own(caller: Caller, rooms: Rooms) -> Account:
    """The account of who asks.

    Raises:
        NotAllowed: it is none.
    """
    permit(caller, Right.own_account)
    name = caller.name.removeprefix(PERSON)
    found = rooms.ledger.accounts.named(folded(name)) if name != caller.name else None
    if found is None or found.disabled:
        raise NotAllowed("usecase.not_allowed", right=Right.own_account.value)
    return found


def _new(
    caller: Caller,
    rooms: Rooms,
    name: str,
    duties: Collection[Duty],
    departments: Collection[str] | None,
    password: str | None,
) -> tuple[NewAccount, str | None]:
    """An account to be added, and the one-time password where one was made."""
    named = name_for(caller, name)
    units = departments_for(caller, rooms, departments)
    granted = duties_for(duties)
    once = None if password is not None else passwords.one_time()
    kept = passwords.acceptable(password, named.name) if password is not None else once or ""
    new = NewAccount(
        name=named.name,
        folded=named.folded,
        password=passwords.hashed(kept),
        duties=granted,
        departments=units,
        must_change=once is not None,
    )
    return new, once


def _named(caller: Caller, rooms: Rooms, name: str) -> Account:
    """The account, where it is within the caller's departments.

    Raises:
        NotAllowed: they do not keep accounts.
        NotFound: ``storing.no_account``.
    """
    permit(caller, Right.administer)
    found = rooms.ledger.accounts.named(folded(name))
    if found is None or not within(caller, found.departments):
        raise NotFound("storing.no_account")
    return found


def _view(one: Account) -> AccountView:
    return AccountView.model_validate(shown(one, AccountView))


def _new_view(one: Account, password: str | None) -> NewAccountView:
    return NewAccountView.model_validate(shown(one, AccountView) | {"password": password})
