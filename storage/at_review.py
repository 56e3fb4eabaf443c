"""What people do to a document while it is reviewed, besides settling its doubts."""

from schemas.changes import Changes
from storage import changing
from storage.chain import writing
from storage.proving import Proving
from storage.records import Document, Sha256
from storage.rescans import Rescans
from storage.review_leases import ReviewLeases


class AtReview(Proving):
    """The part of :class:`storage.Ledger` for documents that are open before somebody."""

    @property
    def rescans(self) -> Rescans:
        """What is to be scanned again."""
        return Rescans(self._database, self._clock)

    @property
    def review_leases(self) -> ReviewLeases:
        """Who has which document open."""
        return ReviewLeases(self._database, self._clock)

    def change(
        self, document_id: int, changes: Changes, kind: str, actor: str, *, based_on: Sha256
    ) -> Document:
        """A document under review is read again, with these changes; repeating changes nothing.

        Args:
            document_id: which.
            changes: all that holds from now on.
            kind: of the event: ``page_turned``, ``type_changed``.
            actor: who says so.
            based_on: hash of the manifest that the person saw.

        Raises:
            Conflict: it is not under review, with that manifest, any more, or is linked.
            NotFound: no such document.
        """
        with writing(self._database, self._clock()) as transaction:
            return changing.change(
                transaction, document_id, changes, kind, based_on=based_on, actor=actor
            )

    def reject_by_person(
        self, document_id: int, reason: str, actor: str, *, based_on: Sha256
    ) -> Document:
        """A person does not take a document; repeating changes nothing.

        Raises:
            Conflict: as :meth:`change`.
            InputRejected: ``storing.no_reason``.
            NotFound: no such document.
        """
        with writing(self._database, self._clock()) as transaction:
            return changing.reject(transaction, document_id, reason, based_on=based_on, actor=actor)
