"""What people do to single documents, told to the ledger: decide, approve, send back, withdraw."""

from collections.abc import Collection, Sequence
from datetime import datetime

from schemas.dossier import Stage
from schemas.work import ApprovalRule, QueuePage, QueueTotals
from storage import approvals, decisions, queueing, sheets
from storage.chain import writing
from storage.deciding import Deciding
from storage.records import (
    Approval,
    Decision,
    Document,
    Dossier,
    InStead,
    NewDecision,
    Reason,
    Sha256,
)


class Approving(Deciding):
    """The part of :class:`storage.Ledger` for the work of people on single documents.

    Each call names the state that it is based on. Of two that were made on the same state the
    first one counts, the other is refused with ``storing.decided_before``; the same one again
    changes nothing.
    """

    # Review

    def decide(
        self, document_id: int, new: Sequence[NewDecision], actor: str, *, based_on: Sha256
    ) -> list[Decision]:
        """Save what a person said of doubts, all or none; the decisions that stand for it.

        Args:
            document_id: of a document under review.
            new: one decision a path.
            actor: who says so.
            based_on: hash of the manifest that the person saw.

        Raises:
            Conflict: it is not under review, or with another manifest; ``storing.field_decided``,
                somebody else said otherwise of a field meanwhile.
            NotFound: no such document.
        """
        with writing(self._database, self._clock()) as transaction:
            return decisions.decide(transaction, document_id, new, based_on=based_on, actor=actor)

    def undo(self, document_id: int, ids: Sequence[int], actor: str) -> list[Decision]:
        """These decisions stand no longer, all or none; those that were undone before stay so.

        A finished review that nobody approved yet is open again by it.

        Raises:
            Conflict: the document went on, or ``storing.approved_already``.
            NotFound: no such document, or it has no such decision.
        """
        with writing(self._database, self._clock()) as transaction:
            return decisions.undo(transaction, document_id, ids, actor=actor)

    def undo_sheet(self, key: str, actor: str) -> int:
        """All that was decided by a sheet stands no longer, all or none; how many that were.

        Raises:
            Conflict: one of its documents went on, or ``storing.approved_already``.
        """
        with writing(self._database, self._clock()) as transaction:
            made = sheets.decided_by(transaction.connection, key)
            for document_id, ids in made.items():
                decisions.undo(transaction, document_id, ids, actor=actor)
            sheets.note_undone(transaction.connection, key, transaction.now)
            return sum(map(len, made.values()))

    def decisions(self, document_id: int) -> list[Decision]:
        """Every decision on a document, undone ones among them, in the order they were made."""
        with self._database.read() as connection:
            return decisions.every(connection, document_id)

    def standing_decisions(self, document: Document) -> list[Decision]:
        """The decisions on what was read of a document that stand."""
        base = document.reading_sha256 or document.manifest_sha256
        with self._database.read() as connection:
            return decisions.standing(connection, document.id, base)

    def decided_among(self, document_ids: Sequence[int]) -> set[tuple[int, Sha256, str]]:
        """Of some documents: id, manifest that was read, and path of what stands decided."""
        with self._database.read() as connection:
            return decisions.decided_paths(connection, document_ids)

    def said_lately(self, document_type: str, department: str) -> list[tuple[str, str]]:
        """What people of a department typed on papers of a type: path and value, the last first.

        Only the last decisions of the office are looked through, so that it costs the same in a
        large ledger as in a small one.
        """
        with self._database.read() as connection:
            return decisions.said_lately(connection, document_type, department)

    # Approval

    def approve(
        self,
        document_id: int,
        actor: str,
        *,
        manifest_sha256: Sha256,
        rule: ApprovalRule,
        pages_seen: Collection[int] = (),
        why: str = "",
        stead: InStead | None = None,
    ) -> Document:
        """A signer says that a document may be signed; it goes on when ``rule`` is fulfilled.

        Args:
            document_id: of a document that awaits approval.
            actor: who says so.
            manifest_sha256: hash of the manifest that the signer saw.
            rule: how many must say so, and who may not.
            pages_seen: numbers of the pages that were shown to the signer; the event has them.
            why: the signer's words, where something speaks against it; kept as a reason.
            stead: in whose stead, where it is not in their own name.

        Raises:
            Conflict: it does not await approval, or with another manifest;
                ``storing.approver_reviewed``, the rule wants other eyes than the reviewer's;
                ``storing.delegation_over``.
            NotFound: no such document.
        """
        with writing(self._database, self._clock()) as transaction:
            return approvals.approve(
                transaction,
                document_id,
                manifest_sha256,
                rule=rule,
                actor=actor,
                pages_seen=pages_seen,
                why=why,
                stead=stead,
            )

    def refuse_approval(
        self,
        document_id: int,
        reason: str,
        actor: str,
        *,
        based_on: Sha256 | None = None,
        stead: InStead | None = None,
    ) -> Document:
        """A signer refuses: the document goes back to review, with its decisions, and a reason.

        Args:
            document_id: of a document that awaits approval.
            reason: the signer's words; kept in a row of its own, the event has its mark.
            actor: who says so.
            based_on: hash of the manifest that was seen; None: whichever it is.
            stead: in whose stead, where it is not in their own name.

        Raises:
            Conflict: it does not await approval, or with another manifest; or
                ``storing.delegation_over``.
            InputRejected: ``storing.no_reason``.
            NotFound: no such document.
        """
        with writing(self._database, self._clock()) as transaction:
            return approvals.send_back(
                transaction,
                document_id,
                approvals.REFUSED,
                reason,
                based_on=based_on,
                actor=actor,
                stead=stead,
            )

    def reopen(
        self, document_id: int, reason: str, actor: str, *, based_on: Sha256 | None = None
    ) -> Document:
        """Back to review, before it is signed; nothing happens to one that is under review.

        Raises:
            Conflict: it is signed already, was not digitised yet, or has another manifest.
            InputRejected: ``storing.no_reason``.
            NotFound: no such document.
        """
        with writing(self._database, self._clock()) as transaction:
            return approvals.send_back(
                transaction, document_id, approvals.REOPENED, reason, based_on=based_on, actor=actor
            )

    def withdraw(
        self, document_id: int, reason: str, actor: str, *, superseded_by: int | None = None
    ) -> Document:
        """What was published counts no longer; its objects stay. Repeating changes nothing.

        Args:
            document_id: of a published document.
            reason: a person's words.
            actor: who says so.
            superseded_by: the published document that takes its place.

        Raises:
            Conflict: it is not published, or ``storing.cannot_supersede``.
            InputRejected: ``storing.no_reason``.
            NotFound: no such document.
        """
        with writing(self._database, self._clock()) as transaction:
            return approvals.withdraw(
                transaction, document_id, reason, by=superseded_by, actor=actor
            )

    def approvals(self, document_id: int) -> list[Approval]:
        """Every approval of a document, void ones among them."""
        with self._database.read() as connection:
            return approvals.approvals(connection, document_id)

    def reasons(self, document_id: int) -> list[Reason]:
        """Why a document was sent back or withdrawn, oldest first."""
        with self._database.read() as connection:
            return approvals.reasons(connection, document_id)

    # What waits, and until when

    def set_due(
        self, dossier_id: int, procedures: Sequence[str], due_at: datetime | None, actor: str
    ) -> Dossier:
        """Note which procedures a dossier may be of, and when its result is due.

        Raises:
            NotFound: no such dossier.
        """
        with writing(self._database, self._clock()) as transaction:
            return approvals.set_due(transaction, dossier_id, procedures, due_at, actor=actor)

    def queue(
        self,
        stage: Stage,
        filters: queueing.QueueFilter = queueing.EVERYTHING,
        *,
        after: str | None = None,
        limit: int = 50,
    ) -> QueuePage:
        """The documents at ``stage``: due first, then oldest first; linked ones left out.

        Args:
            stage: where they wait.
            filters: which of them.
            after: ``next`` of the page before; pages stay in order while documents come and go.
            limit: how many at most.

        Raises:
            InputRejected: ``storing.bad_cursor``.
        """
        with self._database.read() as connection:
            return queueing.page(connection, stage, filters, after, limit, self._clock())

    def queue_totals(
        self, stage: Stage, filters: queueing.QueueFilter = queueing.EVERYTHING
    ) -> QueueTotals:
        """How many documents and doubts wait at ``stage``."""
        with self._database.read() as connection:
            return queueing.totals(connection, stage, filters, self._clock())
