"""How somebody becomes a caller: a password, a session, a token. Nobody asks yet, so none is first.

An unknown name, a wrong password and a disabled account are answered alike, after as long.
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from schemas.account import account_name, folded
from schemas.errors import NotAllowed
from storage import Account, NewAccount
from usecases import attempts, passwords
from usecases.accounts import PERSON
from usecases.caller import SERVICE, ActingFor, Caller, Duty
from usecases.rooms import Rooms
from usecases.tokens import SYSTEM, fingerprint

TOUCHED_EVERY = timedelta(minutes=1)
"""How exactly it is known when a session was last used; each time costs a write."""


@dataclass(frozen=True)
class Lifetime:
    """How long sessions last: unused, and at all."""

    idle: timedelta = timedelta(minutes=30)
    longest: timedelta = timedelta(hours=12)


@dataclass(frozen=True)
class Entered:
    """A person who has signed in."""

    name: str
    caller: Caller
    must_change: bool
    """The password is a one-time one: they may change it, and nothing else."""


class SignInRefused(NotAllowed):
    """Nobody was let in: ``sign_in.refused``, or ``sign_in.wait`` where too many tried."""


def sign_in(rooms: Rooms, name: str, password: str, *, peer: str, before: str | None = None) -> str:
    """Let a person in; the token of a new session.

    Args:
        rooms: the ledger.
        name: of the account, in any spelling.
        password: theirs.
        peer: the address they come from.
        before: the token their browser had; its session ends, so that nobody can plant one.

    Raises:
        SignInRefused: they are not let in.
    """
    seconds = attempts.must_wait(rooms, name, peer)
    if seconds is not None:
        raise SignInRefused("sign_in.wait", seconds=seconds)
    account = rooms.ledger.accounts.named(folded(name))
    known = account.password if account is not None and not account.disabled else None
    if not passwords.fits(password, known) or account is None:
        raise SignInRefused("sign_in.refused")
    attempts.let_in(rooms, name, peer)
    return begin(rooms, account, before=before)


@dataclass(frozen=True)
class Outsider:
    """Whom an outside provider of identities sends, and what the office makes of their groups."""

    subject: str
    """Of the provider and the person; never given to another one."""
    name: str
    duties: frozenset[Duty]
    departments: frozenset[str] | None


def sign_in_from_outside(rooms: Rooms, who: Outsider, *, before: str | None = None) -> str:
    """Let in whom the provider has proved; the token of a new session.

    An account is made the first time; later its duties and departments become what they are now.
    An account that was made here is nobody's from outside, though it be called the same.

    Raises:
        SignInRefused: no duty, a name that is taken, or the account was disabled here.
        InputRejected: ``sign_in.bad_name``.
    """
    accounts = rooms.ledger.accounts
    known = accounts.of_subject(who.subject)
    duties = frozenset(str(duty) for duty in who.duties)
    if not who.duties:
        if known is not None:
            rooms.ledger.sessions.end_all(known.id)
        raise SignInRefused("sign_in.no_duty_outside")
    if known is not None and known.disabled:
        raise SignInRefused("sign_in.disabled_outside")
    if known is None:
        named = account_name(who.name)
        if accounts.named(named.folded) is not None:
            raise SignInRefused("sign_in.name_taken")
        new = NewAccount(
            name=named.name,
            folded=named.folded,
            subject=who.subject,
            duties=duties,
            departments=who.departments,
        )
        known = accounts.add(new, SERVICE.name)
        assert known is not None  # noqa: S101 - only a first account is not entered
    else:
        known = accounts.change(
            known.id, SERVICE.name, "account_changed", duties=duties, departments=who.departments
        )
    return begin(rooms, known, before=before)


def begin(rooms: Rooms, account: Account, *, before: str | None = None) -> str:
    """The token of a new session of an account that has proved who it is."""
    if before is not None:
        sign_out(rooms, before)
    token = secrets.token_urlsafe(32)
    rooms.ledger.sessions.begin(account.id, fingerprint(token), PERSON + account.name)
    return token


def entered(rooms: Rooms, token: str, lifetime: Lifetime, *, used: bool = True) -> Entered | None:
    """Whose session a token is of; None where it is none, has ended, or the account is disabled.

    Args:
        rooms: the ledger.
        token: of the session.
        lifetime: how long sessions last.
        used: the person did something; else it is only looked at whether it still stands.
    """
    sha256 = fingerprint(token)
    sessions = rooms.ledger.sessions
    found = sessions.standing(sha256, idle=lifetime.idle, longest=lifetime.longest)
    if found is None:
        return None
    if used and rooms.clock() - found.seen_at > min(TOUCHED_EVERY, lifetime.idle / 2):
        sessions.touch(sha256)
    account = found.account
    caller = Caller(
        name=PERSON + account.name,
        duties=_duties(account.duties),
        departments=account.departments,
        acting_for=tuple(_in_others_stead(rooms, account)),
    )
    return Entered(name=account.name, caller=caller, must_change=account.must_change)


def _in_others_stead(rooms: Rooms, account: Account) -> Iterator[ActingFor]:
    """For whom they may approve now; who gave it must still be a signer."""
    for one in rooms.ledger.delegations.to(account.id):
        if Duty.signer.value in one.giver_duties and one.departments != frozenset():
            yield ActingFor(PERSON + one.giver, one.id, one.departments)


def sign_out(rooms: Rooms, token: str) -> None:
    """The session ends, here and wherever its token was taken to."""
    rooms.ledger.sessions.end(fingerprint(token))


def number_of(rooms: Rooms, caller: Caller) -> str | None:
    """By what the ledger knows a person or a system, without their name; None for others."""
    kind, _, name = caller.name.partition(":")
    if kind + ":" == PERSON:
        account = rooms.ledger.accounts.named(folded(name))
        return None if account is None else f"u{account.id}"
    if kind + ":" == SYSTEM:
        token = rooms.ledger.tokens.named(folded(name))
        return None if token is None else f"t{token.id}"
    return None


def numbered_caller(rooms: Rooms, number: str) -> Caller | None:
    """Who has this number (:func:`number_of`), with what they may now; None where they are gone.

    A person is gone when their account is disabled or waits for a new password, a system when its
    token has ended. Nobody is let in by it: what they signed before is looked at again.
    """
    ledger, key = rooms.ledger, int(number[1:])
    if number.startswith("u"):
        account = ledger.accounts.with_id(key)
        if account is None or account.disabled or account.must_change:
            return None
        return Caller(PERSON + account.name, _duties(account.duties), account.departments)
    token = ledger.tokens.with_id(key)
    if token is None or token.ended_at is not None or token.ends_at <= rooms.clock():
        return None
    return Caller(SYSTEM + token.name, _duties(token.duties), token.departments)


def system(rooms: Rooms, token: str) -> Caller | None:
    """The system whose token this is; None where it is none, or has ended."""
    found = rooms.ledger.tokens.standing(fingerprint(token))
    if found is None:
        return None
    return Caller(
        name=SYSTEM + found.name, duties=_duties(found.duties), departments=found.departments
    )


def _duties(words: frozenset[str]) -> frozenset[Duty]:
    """Those that this version knows; a newer one's give nothing."""
    return frozenset(duty for duty in Duty if duty.value in words)
