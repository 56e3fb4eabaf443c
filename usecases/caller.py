"""Who asks, and the one place that knows what they may.

A *caller* is a person, a system with a token, the service itself, or who sits at the machine and
runs the command. What a caller may follows from their duties (:class:`Duty`), and where they may it
from their departments. Every use case takes the caller first and asks :func:`permit`.
"""

import getpass
from dataclasses import dataclass
from enum import Enum, StrEnum

from schemas.errors import NotAllowed


class Duty(StrEnum):
    """What somebody is there for (*vai trò*)."""

    reader = "reader"
    """Finds and fetches results of their departments."""
    clerk = "clerk"
    """Hands scans in, settles doubts."""
    signer = "signer"
    """Approves and signs."""
    operator = "operator"
    """Keeps the office running: sees every department, decides on no document's content."""


class Right(Enum):
    """What may be done."""

    submit = "submit"
    look = "look"
    """See a dossier's stage, fields and doubts."""
    see_identity = "see_identity"
    """See pictures of identity papers; each view is written down."""
    review = "review"
    """Settle doubts; split scans; send back to review."""
    approve = "approve"
    """Say that a document may be signed."""
    sign = "sign"
    """Sign with one's own key; take one's turn in a route; refuse."""
    retry = "retry"
    """Take up again what failed."""
    withdraw = "withdraw"
    """Withdraw or supersede what was published."""
    find = "find"
    fetch = "fetch"
    """Take copies of what was published, and its evidence."""
    share = "share"
    figures = "figures"
    """Counts and times, without anybody's name."""
    operate = "operate"
    """Departments, trust in the ledger, upkeep of the store."""
    administer = "administer"
    """Accounts of people and tokens of systems, within one's own departments."""
    own_account = "own_account"
    """One's own password and sessions."""


_LOOKING = frozenset({Right.look, Right.find, Right.fetch, Right.figures, Right.own_account})
RIGHTS: dict[Duty, frozenset[Right]] = {
    Duty.reader: frozenset({Right.find, Right.fetch, Right.own_account}),
    Duty.clerk: _LOOKING | {Right.submit, Right.review, Right.see_identity},
    Duty.signer: _LOOKING
    | {
        Right.review,
        Right.see_identity,
        Right.approve,
        Right.sign,
        Right.withdraw,
        Right.share,
    },
    Duty.operator: frozenset(
        {
            Right.look,
            Right.retry,
            Right.figures,
            Right.operate,
            Right.administer,
            Right.own_account,
        }
    ),
}


@dataclass(frozen=True)
class ActingFor:
    """In whose stead a caller approves today, and where; ``departments`` None: in all."""

    name: str
    """Of the signer, as events record it."""
    delegation: int
    """Its id in the ledger, which looks again whether it stands."""
    departments: frozenset[str] | None


@dataclass(frozen=True)
class Caller:
    """Who asks. ``departments`` None: all of them."""

    name: str
    """As events record it: ``cli:root``, ``user:lan``, ``system:dvc``, ``sohoa``."""
    duties: frozenset[Duty]
    departments: frozenset[str] | None = None
    acting_for: tuple[ActingFor, ...] = ()
    """Signers in whose stead they may approve; never what those may in others' stead."""

    @property
    def rights(self) -> frozenset[Right]:
        """What the duties and delegations allow, anywhere."""
        return self._own | (frozenset({Right.approve}) if self.acting_for else frozenset())

    @property
    def _own(self) -> frozenset[Right]:
        return frozenset().union(*(RIGHTS[duty] for duty in self.duties))

    def where(self, right: Right) -> frozenset[str] | None:
        """The departments in which the caller may do this; None is all of them."""
        own = [self.departments] if right in self._own else []
        lent = [one.departments for one in self.acting_for] if right is Right.approve else []
        units = [frozenset[str]() if one is None else one for one in (*own, *lent)]
        return None if None in (*own, *lent) else frozenset[str]().union(*units)

    def may(self, right: Right, department: str | None = None) -> bool:
        """Whether the caller may do this, in this department."""
        if department is None:
            return right in self.rights
        units = self.where(right)
        return right in self.rights and (units is None or department in units)

    def in_stead(self, department: str) -> ActingFor | None:
        """In whose stead the caller approves there; None: in their own name, or not at all."""
        if Right.approve in self._own and (
            self.departments is None or department in self.departments
        ):
            return None
        for one in self.acting_for:
            if one.departments is None or department in one.departments:
                return one
        return None


def permit(caller: Caller, right: Right, department: str | None = None) -> None:
    """See that the caller may do this.

    A department that is not theirs is answered as one that has no such dossier: whether it has one
    is nobody else's business. So ask for the department when the dossier is looked up, and for the
    right before.

    Raises:
        NotAllowed: ``usecase.not_allowed``.
    """
    if not caller.may(right, department):
        raise NotAllowed("usecase.not_allowed", right=right.value)


def local_operator() -> Caller:
    """Who runs the command on the machine of the office: they hold its files, so they may all."""
    return Caller(name=f"cli:{getpass.getuser()}", duties=frozenset(Duty))


SERVICE = Caller(name="sohoa", duties=frozenset(Duty))
"""The service itself: what no person did."""
