"""Who approves in whose stead (*ủy quyền phê duyệt*), from day to day.

A signer delegates to somebody of a department that is both's. Within the days the delegate may
approve and refuse there what the signer could; what they say is recorded as said in that one's
stead. What was delegated to somebody they cannot delegate further, and one person stays one voice.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from schemas.account import DelegationView, folded
from schemas.errors import InputRejected, NotFound
from storage import Account, ApprovalDelegation, NewDelegation
from usecases.accounts import PERSON
from usecases.caller import Caller, Duty, Right, permit
from usecases.given import within
from usecases.office_days import begins, ends
from usecases.rooms import Rooms

LONGEST = timedelta(days=366)
DELEGATES = frozenset({Duty.clerk.value, Duty.signer.value})
"""Duties one of which a delegate has: they see the papers that are to be approved."""


def delegations(caller: Caller, rooms: Rooms) -> tuple[DelegationView, ...]:
    """Those that the caller gave or was given, or that are within departments they keep.

    Raises:
        NotAllowed: they approve nothing and keep no accounts.
    """
    _permit_to_see(caller)
    found = rooms.ledger.delegations.all()
    return tuple(_view(rooms, one) for one in reversed(found) if _theirs(caller, one))


def people(caller: Caller, rooms: Rooms) -> tuple[str, ...]:
    """Names of the accounts to which the caller may delegate.

    Raises:
        NotAllowed: they approve nothing.
    """
    permit(caller, Right.approve)
    mine = rooms.ledger.accounts.named(folded(caller.name.removeprefix(PERSON)))
    if mine is None or Duty.signer not in mine.duties:
        return ()
    return tuple(one.name for one in rooms.ledger.accounts.all() if _fits(mine, one))


def delegate(
    caller: Caller,
    rooms: Rooms,
    to: str,
    first: date,
    last: date,
    reason: str,
    *,
    zone: ZoneInfo,
    giver: str | None = None,
) -> DelegationView:
    """Let somebody approve in a signer's stead.

    Args:
        caller: who says so: the signer, or who keeps the signer's account and signs, too.
        rooms: the ledger.
        to: name of the account that may approve.
        first: the first day, in the office's zone.
        last: the last day.
        reason: why, for the record; no event has it.
        zone: the office's.
        giver: name of the signer's account, where it is not the caller's.

    Raises:
        NotAllowed: they approve nothing themselves, or the account is not theirs.
        NotFound: there is no such account.
        InputRejected: the days are over, in the wrong order or too many; no reason; or
            ``sign_in.cannot_delegate``: the two have no department in common, one is disabled, the
            first signs nothing, or the second never sees such papers.
    """
    permit(caller, Right.approve)
    own = caller.name.removeprefix(PERSON)
    mine = rooms.ledger.accounts.named(folded(giver or own))
    if mine is None:
        raise NotFound("storing.no_account")
    if mine.name != own:
        permit(caller, Right.administer)
        if not within(caller, mine.departments):
            raise NotFound("storing.no_account")
    theirs = rooms.ledger.accounts.named(folded(to))
    if theirs is None:
        raise NotFound("storing.no_account")
    if not _fits(mine, theirs):
        raise InputRejected("sign_in.cannot_delegate")
    starts, stops = begins(first, zone), ends(last, zone)
    if first > last or stops <= rooms.clock() or stops - starts > LONGEST:
        raise InputRejected("sign_in.delegation_days", most=LONGEST.days)
    if not reason.strip():
        raise InputRejected("usecase.no_reason")
    new = NewDelegation(
        giver_id=mine.id,
        delegate_id=theirs.id,
        begins_at=starts,
        ends_at=stops,
        reason=reason.strip(),
    )
    return _view(rooms, rooms.ledger.delegations.add(new, caller.name))


def end(caller: Caller, rooms: Rooms, number: int) -> DelegationView:
    """A delegation counts no more from now on.

    Args:
        caller: who gave it, who was given it, or who keeps the giver's account.
        rooms: the ledger.
        number: of it.

    Raises:
        NotAllowed: they approve nothing and keep no accounts.
        NotFound: there is none of that number, or it is not theirs.
    """
    _permit_to_see(caller)
    for one in rooms.ledger.delegations.all():
        if one.id == number and _theirs(caller, one):
            return _view(rooms, rooms.ledger.delegations.end(one.id, caller.name))
    raise NotFound("storing.no_delegation")


def _permit_to_see(caller: Caller) -> None:
    if not caller.may(Right.administer):
        permit(caller, Right.approve)


def _theirs(caller: Caller, one: ApprovalDelegation) -> bool:
    own = caller.name.removeprefix(PERSON) in {one.giver, one.delegate}
    return own or (caller.may(Right.administer) and within(caller, one.giver_departments))


def _fits(giver: Account, delegate: Account) -> bool:
    """Whether one may approve in the other's stead."""
    units = (giver.departments, delegate.departments)
    common = None in units or bool(_of(units[0]) & _of(units[1]))
    fit = Duty.signer.value in giver.duties and bool(DELEGATES & delegate.duties)
    return common and fit and giver.id != delegate.id and not (giver.disabled or delegate.disabled)


def _of(units: Iterable[str] | None) -> frozenset[str]:
    return frozenset(units or ())


def _view(rooms: Rooms, one: ApprovalDelegation) -> DelegationView:
    now = rooms.clock()
    stands = one.ended_at is None and one.begins_at <= now < one.ends_at
    return DelegationView(
        number=one.id,
        giver=one.giver,
        delegate=one.delegate,
        departments=None if one.departments is None else tuple(sorted(one.departments)),
        first=one.begins_at,
        last=one.ends_at - timedelta(seconds=1),
        reason=one.reason,
        made_by=one.made_by,
        made_at=one.made_at,
        ended_by=one.ended_by,
        ended_at=one.ended_at,
        stands=stands,
        over=one.ended_at is not None or one.ends_at <= now,
    )
