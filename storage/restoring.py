"""What the ledger is told when a work file was lost: the part of it for files made again."""

from storage import remaking
from storage.chain import writing
from storage.proving import Proving
from storage.records import Document, Sha256


class Restoring(Proving):
    """The part of :class:`storage.Ledger` for work files that are made again from the original."""

    def remade(self, document_id: int, before: Sha256, after: Sha256, actor: str) -> Document:
        """The PDF/A with hash ``before`` was lost; the one made again has ``after``.

        Only before it is signed. The manifest, with what a person decided, stays.

        Raises:
            Conflict: the document is signed already, or names another PDF/A.
            NotFound: no such document.
        """
        with writing(self._database, self._clock()) as transaction:
            return remaking.remade(transaction, document_id, before, after, actor=actor)

    def begin_again(
        self, document_id: int, manifest_sha256: Sha256, actor: str, *, lost: str = "manifest"
    ) -> Document:
        """The manifest was lost and nothing else holds it: back to ``received``, to be read anew.

        Raises:
            Conflict: the document names another manifest by now, stands where that is of no use,
                or its signed file is stored already.
            NotFound: no such document.
        """
        with writing(self._database, self._clock()) as transaction:
            return remaking.begin_again(
                transaction, document_id, manifest_sha256, lost=lost, actor=actor
            )

    def signature_lost(self, document_id: int, signed_sha256: Sha256, actor: str) -> Document:
        """A signed file was lost before it was stored: back to ``ready_to_sign``.

        The caller has asked the store: this revision never left the machine.

        Raises:
            Conflict: the document names another signed file, or the ledger knows it as stored.
            NotFound: no such document.
        """
        with writing(self._database, self._clock()) as transaction:
            return remaking.signature_lost(transaction, document_id, signed_sha256, actor=actor)
