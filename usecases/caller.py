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
    Duty.clerk: _LOOKING | {Right.submit, Right.review},
    Duty.signer: _LOOKING | {Right.review, Right.approve, Right.sign, Right.withdraw, Right.share},
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
class Caller:
    """Who asks. ``departments`` None: all of them."""

    name: str
    """As events record it: ``cli:root``, ``user:lan``, ``system:dvc``, ``sohoa``."""
    duties: frozenset[Duty]
    departments: frozenset[str] | None = None

    @property
    def rights(self) -> frozenset[Right]:
        """What the duties allow, anywhere."""
        return frozenset().union(*(RIGHTS[duty] for duty in self.duties))

    def may(self, right: Right, department: str | None = None) -> bool:
        """Whether the caller may do this, in this department."""
        where = department is None or self.departments is None or department in self.departments
        return where and right in self.rights


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
