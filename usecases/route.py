"""Several signers, one after the other: who, in which order, by whose right; refusal with reason.

A route is a folder: ``route.json`` says who signs as what and never changes, ``decisions.jsonl``
tells what each did, a line a decision, on the disk before it counts. ``0.pdf`` is the document,
``N.pdf`` the document after the N-th signature. Killed in between, the same call goes on, and the
signer adopts what was left whole.
"""

import os
import shutil
from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path

from pydantic import Field, ValidationError, model_validator

from schemas.durable import fsync_folder, held, write_durably
from schemas.errors import Conflict, InputRejected, ServiceUnavailable
from schemas.page import Frozen
from signing import ProfileName, Profiles, Signer, SignerRole, shipped_profiles
from usecases.caller import Caller, Right, permit
from usecases.files import fingerprint

ROUTE = "route.json"
DECISIONS = "decisions.jsonl"


class Turn(Frozen):
    """One signer's turn. Signing again after others (counter-signature) is a turn of its own."""

    person: str = Field(min_length=1, repr=False)
    profile: ProfileName
    role: SignerRole


class Delegation(Frozen):
    """One person may sign for another from one day to another, both included."""

    of: str = Field(min_length=1, repr=False)
    to: str = Field(min_length=1, repr=False)
    first: date
    last: date
    basis: str = Field(min_length=1, description="number of the paper that says so")

    @model_validator(mode="after")
    def _in_order(self) -> "Delegation":
        if self.last < self.first or self.of == self.to:
            raise ValueError("a delegation to oneself, or one that ends before it begins")
        return self


class Route(Frozen):
    """Who signs a document, in order."""

    sha256: str
    turns: tuple[Turn, ...] = Field(min_length=1)
    delegations: tuple[Delegation, ...] = ()


class Action(StrEnum):
    """What somebody did at their turn."""

    signed = "signed"
    refused = "refused"


class Decision(Frozen):
    """One turn taken."""

    turn: int = Field(ge=1)
    actor: str = Field(repr=False)
    action: Action
    at: datetime
    sha256: str | None = None
    reason: str | None = Field(None, repr=False)
    basis: str | None = None
    """The delegation's paper, where somebody signed for another."""


class Standing(Frozen):
    """How a route stands."""

    route: Route
    decisions: tuple[Decision, ...]

    @property
    def refused(self) -> bool:
        """Somebody refused; nobody signs any more."""
        return any(one.action is Action.refused for one in self.decisions)

    @property
    def turn(self) -> int | None:
        """Whose turn it is, from 1; None when it is over."""
        done = len(self.decisions)
        return None if self.refused or done == len(self.route.turns) else done + 1


def begin(
    caller: Caller,
    folder: Path,
    source: Path,
    turns: Sequence[Turn],
    delegations: Sequence[Delegation] = (),
    profiles: Profiles | None = None,
) -> Standing:
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
    chosen = [known.chosen(turn.profile, turn.role) for turn in turns]
    if any(profile.locks for profile in chosen[:-1]):
        raise InputRejected("signing.route_locked_early")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with held(folder / "lock", ServiceUnavailable("signing.batch_in_progress")):
        if (folder / ROUTE).exists():
            raise Conflict("signing.route_exists")
        temporary = folder / ".0.pdf.part"
        shutil.copyfile(source, temporary)
        with temporary.open("rb") as copied:
            os.fsync(copied.fileno())
        temporary.rename(folder / "0.pdf")
        fsync_folder(folder)
        route = Route(
            sha256=fingerprint(folder / "0.pdf")[0],
            turns=tuple(turns),
            delegations=tuple(delegations),
        )
        write_durably(folder / ROUTE, route.model_dump_json(indent=1).encode())
    return Standing(route=route, decisions=())


def standing(caller: Caller, folder: Path) -> Standing:
    """How the route in ``folder`` stands.

    Raises:
        NotAllowed: the caller may look at none.
        Conflict: there is none, or what is written down cannot be read or has gaps.
    """
    permit(caller, Right.look)
    return _standing(folder)


def _standing(folder: Path) -> Standing:
    try:
        route = Route.model_validate_json((folder / ROUTE).read_bytes())
    except (OSError, ValidationError) as exc:
        raise Conflict("signing.route_damaged") from exc
    decisions: list[Decision] = []
    path = folder / DECISIONS
    for line in path.read_bytes().splitlines() if path.exists() else ():
        try:
            decisions.append(Decision.model_validate_json(line))
        except ValidationError:
            continue  # cut off by a crash, or the empty line before a decision
    if [one.turn for one in decisions] != list(range(1, len(decisions) + 1)):
        raise Conflict("signing.route_damaged")
    return Standing(route=route, decisions=tuple(decisions))


def sign(caller: Caller, folder: Path, signer: Signer, *, actor: str, moment: datetime) -> Standing:
    """The next signature, by ``actor``: the person whose turn it is, or who signs for them today.

    ``moment`` is in the office's time zone: its day counts for delegations.

    Raises:
        NotAllowed: the caller signs nothing.
        Conflict: it is not their turn, the route is over, or a file is not what it was.
        ServiceUnavailable: a service is away, or another process works on this route.
    """
    permit(caller, Right.sign)
    with held(folder / "lock", ServiceUnavailable("signing.batch_in_progress")):
        now = _standing(folder)
        number, basis = _turn_of(now, actor, moment)
        turn = now.route.turns[number - 1]
        before = now.decisions[-1].sha256 if now.decisions else now.route.sha256
        source = folder / f"{number - 1}.pdf"
        if fingerprint(source)[0] != before:
            raise Conflict("signing.route_damaged")
        signed = signer.sign(
            source,
            folder / f"{number}.pdf",
            role=turn.role,
            profile=turn.profile,
            reference=basis,
            coming=[later.profile for later in now.route.turns[number:]],
        )
        decision = Decision(
            turn=number,
            actor=actor,
            action=Action.signed,
            at=moment,
            sha256=signed.sha256,
            basis=basis,
        )
        return _decided(folder, now, decision)


def refuse(caller: Caller, folder: Path, *, actor: str, reason: str, moment: datetime) -> Standing:
    """The person whose turn it is does not sign, and says why; the route ends here.

    Raises:
        NotAllowed: the caller signs nothing.
        Conflict: it is not their turn, or the route is over.
        InputRejected: no reason was given.
    """
    permit(caller, Right.sign)
    if not reason.strip():
        raise InputRejected("signing.route_no_reason")
    with held(folder / "lock", ServiceUnavailable("signing.batch_in_progress")):
        now = _standing(folder)
        number, basis = _turn_of(now, actor, moment)
        decision = Decision(
            turn=number,
            actor=actor,
            action=Action.refused,
            at=moment,
            reason=reason.strip(),
            basis=basis,
        )
        return _decided(folder, now, decision)


def _turn_of(now: Standing, actor: str, moment: datetime) -> tuple[int, str | None]:
    """The turn that ``actor`` takes, and the delegation it stands on."""
    number = now.turn
    if number is None:
        raise Conflict("signing.route_over")
    person = now.route.turns[number - 1].person
    if actor == person:
        return number, None
    today = moment.date()
    for one in now.route.delegations:
        if one.of == person and one.to == actor and one.first <= today <= one.last:
            return number, one.basis
    raise Conflict("signing.route_not_your_turn")


def _decided(folder: Path, now: Standing, decision: Decision) -> Standing:
    with (folder / DECISIONS).open("ab") as out:
        out.write(b"\n" + decision.model_dump_json().encode() + b"\n")
        out.flush()
        os.fsync(out.fileno())
    fsync_folder(folder)
    return Standing(route=now.route, decisions=(*now.decisions, decision))
