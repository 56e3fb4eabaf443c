"""What people do to documents: decisions of a review, approvals, and what waits for whom."""

from datetime import datetime
from enum import StrEnum

from pydantic import Field as Describe

from schemas.dossier import Role, Stage
from schemas.page import Frozen


class DecisionKind(StrEnum):
    """What a person said of one doubt (*quyết định rà soát*)."""

    value = "value"
    """This stands on the paper."""
    confirmed = "confirmed"
    """What was read stands there."""
    missing = "missing"
    """Nothing stands there."""
    unreadable = "unreadable"
    """Something stands there that nobody can read."""
    passed = "passed"
    """What was read may stand, though nobody looked: ``--accept``, of values that were picked."""
    seen = "seen"
    """The page, or the document as a whole, was looked at and may pass."""
    together = "together"
    """The file is one document, though it seemed to be several."""


class ApprovalRule(StrEnum):
    """Who must approve a document before it is signed (*phê duyệt*)."""

    none = "none"
    """Nobody: it is signed by itself."""
    one = "one"
    """A signer."""
    four_eyes = "four_eyes"
    """Two signers, neither of whom reviewed it."""

    @property
    def signers(self) -> int:
        """How many different people must approve."""
        return {ApprovalRule.none: 0, ApprovalRule.one: 1, ApprovalRule.four_eyes: 2}[self]


class ApprovalOptions(Frozen):
    """Who approves what, as the office says."""

    components: ApprovalRule = Describe(
        ApprovalRule.none,
        description="papers handed in, which get the copy signature",
    )
    results: ApprovalRule = Describe(
        ApprovalRule.one, description="results of the procedure, which have legal effect"
    )

    def rule(self, role: Role) -> ApprovalRule:
        """The rule for a document of this role."""
        return self.results if role is Role.result else self.components

    def gate(self, role: Role) -> Stage:
        """Where a document without open doubts goes."""
        waits = self.rule(role) is not ApprovalRule.none
        return Stage.awaiting_approval if waits else Stage.ready_to_sign


DEFAULT_APPROVAL = ApprovalOptions()


class QueueEntry(Frozen):
    """A document that waits for a person (*hàng chờ*)."""

    document_id: int
    number: int = Describe(description="of the document in its dossier")
    role: Role
    document_type: str | None
    pages: int | None
    manifest_sha256: str | None
    dossier: str
    department: str
    procedures: tuple[str, ...] = Describe(description="those that the dossier may be of")
    received_at: datetime
    since: datetime = Describe(description="when it last moved")
    due_at: datetime | None
    doubts: int | None = Describe(description="that it had when it was read; None: not counted")
    decided: int = Describe(description="decisions on it that stand")
    approvals: int = Describe(description="signers who have approved it so far")


class QueuePage(Frozen):
    """A page of a queue, and where the next one begins."""

    entries: tuple[QueueEntry, ...]
    next: str | None = Describe(description="for the page after this; None where there is none")


class QueueTotals(Frozen):
    """How much waits in a queue."""

    documents: int
    doubts: int = Describe(description="without a decision yet, of the documents that were counted")


class HeldView(Frozen):
    """Somebody has a document open for review."""

    by: str
    own: bool = Describe(description="the person who looks has it themselves")
    since: datetime
