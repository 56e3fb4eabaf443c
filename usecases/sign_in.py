"""How somebody becomes a caller: a password, a session, a token. Nobody asks yet, so none is first.

An unknown name, a wrong password and a disabled account are answered alike, after as long.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from schemas.account import folded
from schemas.errors import NotAllowed
from storage import Account
from usecases import attempts, passwords
from usecases.accounts import PERSON
from usecases.caller import Caller, Duty
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
    until = attempts.must_wait(rooms, name, peer)
    if until is not None:
        seconds = max(1, round((until - rooms.clock()).total_seconds()))
        raise SignInRefused("sign_in.wait", seconds=seconds)
    account = rooms.ledger.accounts.named(folded(name))
    known = account.password if account is not None and not account.disabled else None
    if not passwords.fits(password, known) or account is None:
        raise SignInRefused("sign_in.refused")
    attempts.let_in(rooms, name, peer)
    return begin(rooms, account, before=before)


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
    )
    return Entered(name=account.name, caller=caller, must_change=account.must_change)


def sign_out(rooms: Rooms, token: str) -> None:
    """The session ends, here and wherever its token was taken to."""
    rooms.ledger.sessions.end(fingerprint(token))


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
