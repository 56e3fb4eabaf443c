"""Several signers, one after the other: who, in which order, by whose right; refusal with reason.

Who signs as what, and what each did, is in the ledger. The document is in the folder that the
person named: ``0.pdf`` as it was given, ``N.pdf`` with the N-th signature. Killed in between, the
same call goes on, and the signer adopts what was left whole.
"""

import os
import secrets
import shutil
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from schemas.durable import fsync_folder
from schemas.errors import Conflict, InputRejected, NotFound
from schemas.route import Delegation, NewRoute, Route, RoutePage, Turn, TurnEnd, TurnTaken
from signing import Profiles, Signer, SignerRole, shipped_profiles
from storage import Ledger
from usecases.caller import Caller, Right, permit
from usecases.files import fingerprint
from usecases.old_folders import ROUTE, old_route
from usecases.signing_folders import SigningFolder


def begin(
    caller: Caller,
    ledger: Ledger,
    folder: Path,
    source: Path,
    turns: Sequence[Turn],
    delegations: Sequence[Delegation] = (),
    profiles: Profiles | None = None,
) -> Route:
    """Start a route for ``source``, which is copied into ``folder``.

    ``profiles`` are those the office knows; those shipped when unset.

    Raises:
        NotAllowed: the caller signs nothing.
        NotFound: a turn's profile is none of them.
        Conflict: ``folder`` holds a route already.
        InputRejected: a turn comes after one that locks the document.
    """
    permit(caller, Right.sign)
    known = shipped_profiles() if profiles is None else profiles
    chosen = [known.chosen(turn.profile, SignerRole(turn.role)) for turn in turns]
    if any(profile.locks for profile in chosen[:-1]):
        raise InputRejected("signing.route_locked_early")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    own = SigningFolder(ledger, folder, "route")
    with own.alone():
        if own.taken() or (folder / ROUTE).exists():
            raise Conflict("signing.route_exists")
        key = own.new_key(lambda: secrets.token_hex(16))
        if ledger.route(key) is None:
            _copy(source, folder / "0.pdf")
            sha256 = fingerprint(folder / "0.pdf")[0]
        else:  # cut off right after the row was written
            sha256 = fingerprint(source.resolve())[0]
        new = NewRoute(
            key=key,
            folder=str(folder.absolute()),
            sha256=sha256,
            turns=tuple(turns),
            delegations=tuple(delegations),
        )
        try:
            route = ledger.begin_route(new, caller.name)
        except Conflict as exc:
            raise Conflict("signing.route_exists") from exc
        own.keep_key()
    return route


def show(caller: Caller, ledger: Ledger, folder: Path) -> Route:
    """How the route of ``folder`` stands.

    Raises:
        NotAllowed: the caller may look at none.
        Conflict: there is none, it is another ledger's, or what version 0.1 wrote cannot be read.
    """
    permit(caller, Right.look)
    key = _taken_up(caller, SigningFolder(ledger, folder, "route"), ledger)
    return _there(ledger.route(key))


def look(caller: Caller, ledger: Ledger, key: str) -> Route:
    """How a route of the list stands.

    Raises:
        NotAllowed: the caller may look at none.
        NotFound: there is none with this key, or it is not in the caller's list.
    """
    permit(caller, Right.look)
    found = ledger.route(key)
    if found is None or (caller.departments is not None and found.begun_by != caller.name):
        raise NotFound("storing.no_route")
    return found


def routes(
    caller: Caller,
    ledger: Ledger,
    *,
    open_only: bool = False,
    after: int | None = None,
    limit: int = 50,
) -> RoutePage:
    """The routes of the ledger, the newest first.

    A route is no department's: who looks after some departments only sees those they began.

    Args:
        caller: who asks.
        ledger: where they are.
        open_only: only those in which somebody is to sign yet.
        after: ``next`` of the page before.
        limit: how many at most.

    Raises:
        NotAllowed: the caller may look at none.
    """
    permit(caller, Right.look)
    mine = None if caller.departments is None else caller.name
    return ledger.routes(begun_by=mine, open_only=open_only, after=after, limit=limit)


def take_turn(
    caller: Caller,
    ledger: Ledger,
    folder: Path,
    signer: Signer,
    *,
    person: str,
    moment: datetime,
) -> Route:
    """The next signature, by ``person``: whose turn it is, or who signs for them today.

    ``moment`` is in the office's time zone: its day counts for delegations.

    Raises:
        NotAllowed: the caller signs nothing.
        Conflict: it is not their turn, the route is over, or a file is not what it was.
        NotTrusted: the ledger contradicts itself.
        ServiceUnavailable: a service is away, or another process works on this route.
    """
    permit(caller, Right.sign)
    own = SigningFolder(ledger, folder, "route")
    key = _taken_up(caller, own, ledger)
    with own.working(key):
        now = _there(ledger.proven_route(key))
        number, basis = _turn_of(now, person, moment)
        turn = now.turns[number - 1]
        source = folder / f"{number - 1}.pdf"
        if fingerprint(source)[0] != now.current_sha256:
            raise Conflict("signing.route_damaged")
        signed = signer.sign(
            source,
            folder / f"{number}.pdf",
            role=SignerRole(turn.role),
            profile=turn.profile,
            reference=basis,
            coming=[later.profile for later in now.turns[number:]],
        )
        taken = TurnTaken(
            turn=number,
            person=person,
            end=TurnEnd.signed,
            at=moment,
            sha256=signed.sha256,
            basis=basis,
        )
        return ledger.take_turn(key, taken, caller.name)


def refuse(
    caller: Caller, ledger: Ledger, folder: Path, *, person: str, reason: str, moment: datetime
) -> Route:
    """The person whose turn it is does not sign, and says why; the route ends here.

    Raises:
        NotAllowed: the caller signs nothing.
        Conflict: it is not their turn, or the route is over.
        InputRejected: no reason was given.
        NotTrusted: the ledger contradicts itself.
        ServiceUnavailable: another process works on this route.
    """
    permit(caller, Right.sign)
    if not reason.strip():
        raise InputRejected("signing.route_no_reason")
    own = SigningFolder(ledger, folder, "route")
    key = _taken_up(caller, own, ledger)
    with own.working(key):
        number, basis = _turn_of(_there(ledger.proven_route(key)), person, moment)
        taken = TurnTaken(
            turn=number,
            person=person,
            end=TurnEnd.refused,
            at=moment,
            reason=reason.strip(),
            basis=basis,
        )
        return ledger.take_turn(key, taken, caller.name)


def _taken_up(caller: Caller, own: SigningFolder, ledger: Ledger) -> str:
    """The key of the folder's route, which comes into the ledger now where 0.1 wrote it down."""
    key = own.key()
    if key is not None:
        return key
    if not (own.folder / ROUTE).exists():
        raise Conflict("signing.route_damaged")
    with own.alone():
        if own.taken():  # by another process, since
            return _taken_up(caller, own, ledger)
        found = old_route(own.folder, own.new_key(lambda: secrets.token_hex(16)))
        if found is None:
            raise Conflict("signing.route_damaged")
        route = ledger.begin_route(found[0], caller.name, taken=found[1])
        own.keep_key()
    return route.key


def _there(route: Route | None) -> Route:
    if route is None:
        raise Conflict("signing.route_damaged")
    return route


def _copy(source: Path, out: Path) -> None:
    temporary = out.with_name(f".{out.name}.part")
    shutil.copyfile(source, temporary)
    with temporary.open("rb") as copied:
        os.fsync(copied.fileno())
    temporary.rename(out)
    fsync_folder(out.parent)


def _turn_of(now: Route, person: str, moment: datetime) -> tuple[int, str | None]:
    """The turn that ``person`` takes, and the delegation it stands on."""
    number = now.turn
    if number is None:
        raise Conflict("signing.route_over")
    of = now.turns[number - 1].person
    if person == of:
        return number, None
    today = moment.date()
    for one in now.delegations:
        if one.of == of and one.to == person and one.first <= today <= one.last:
            return number, one.basis
    raise Conflict("signing.route_not_your_turn")
