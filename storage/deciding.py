"""What a person decides, told to the ledger: each names the state it was based on."""

from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from storage import decisions, manifests, moves, splitting
from storage.chain import writing
from storage.records import Document, NewPart, Settlement, Sha256
from storage.restoring import Restoring


class Deciding(Restoring):
    """The part of :class:`storage.Ledger` where a decision moves documents on.

    Of two that were made on the same state the first one counts; the other is refused.
    """

    def settle(
        self,
        document_id: int,
        manifest_sha256: Sha256,
        actor: str,
        *,
        based_on: Sha256,
        data: Mapping[str, JsonValue] | None = None,
    ) -> Document:
        """A person decided: from ``in_review`` to ``ready_to_sign`` with the manifest as it is now.

        ``based_on`` is the hash of the manifest that the person saw. The event has the manifest's
        hash before and after. ``data`` must not hold values of fields. Repeating with the same
        manifest and data changes nothing.

        Raises:
            Conflict: the document is not in review, or somebody else decided first.
            NotFound: no such document.
        """
        with writing(self._database, self._clock()) as transaction:
            return decisions.settle(
                transaction,
                document_id,
                manifest_sha256,
                based_on=based_on,
                actor=actor,
                data=dict(data or {}),
            )

    def settle_all(self, settlements: Sequence[Settlement], actor: str) -> list[Document]:
        """:meth:`settle` several documents, all or none; their manifests are kept until stored."""
        with writing(self._database, self._clock()) as transaction:
            return [
                decisions.settle(
                    transaction,
                    one.document_id,
                    manifest_sha256=manifests.keep(
                        transaction.connection, one.document_id, one.manifest
                    ),
                    based_on=one.based_on,
                    actor=actor,
                    data=one.data,
                    to=one.to,
                    made=one.decisions,
                    seen=one.standing,
                )
                for one in settlements
            ]

    def split(
        self,
        document_id: int,
        parts: Sequence[NewPart],
        actor: str,
        *,
        media_type: str,
        pages: int,
        manifest_sha256: Sha256 = "",
        manifest: bytes | None = None,
        based_on: Sha256 | None = None,
        decision: str | None = None,
        left_out: Sequence[int] = (),
    ) -> list[Document]:
        """The documents in a scan become documents of their own; these documents.

        The scan moves from ``received`` or ``in_review`` to ``split``: its original is stored, it
        is not signed. Each part begins as ``received``, with the scan's hash and its pages of it.
        A part whose cover sheet names a dossier of this department joins it; where there is none,
        a dossier under a provisional code gets the code that all parts name, else one is opened.
        ``based_on`` is the hash of the manifest that a person saw; None before there is one.
        ``left_out`` are pages of the scan that are in no part: cover sheets and empty ones.
        Repeating with the same parts and ``decision`` (any name for this one) changes nothing.

        Raises:
            Conflict: the document stands elsewhere, is linked, was split otherwise, or somebody
                else decided first; ``storing.pages_lost``, ``parts`` and ``left_out`` together
                are not each of its pages once.
            NotFound: no such document.
        """
        with writing(self._database, self._clock()) as transaction:
            if manifest is not None:
                manifest_sha256 = manifests.keep(transaction.connection, document_id, manifest)
            return splitting.split(
                transaction,
                document_id,
                parts,
                actor=actor,
                based_on=based_on,
                decision=decision,
                left_out=left_out,
                shown={
                    "manifest_sha256": manifest_sha256,
                    "media_type": media_type,
                    "pages": pages,
                },
            )

    def retry(
        self, dossier_id: int, actor: str, *, seen: Sequence[Document] | None = None
    ) -> list[Document]:
        """Send the failed documents of a dossier back to where they failed; these documents.

        Args:
            dossier_id: whose.
            actor: who says so.
            seen: its documents as the person saw them; None: whatever failed.

        Raises:
            Conflict: one that was seen failed stands elsewhere by now: somebody else was first.
            NotFound: no such dossier.
        """
        with writing(self._database, self._clock()) as transaction:
            return moves.retry(transaction, dossier_id, actor, seen)
