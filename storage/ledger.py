"""The ledger: what is true of every dossier and document, and who did what when.

All methods are synchronous, short, and safe to call from several processes and threads at once.
Every write is one transaction that either happened whole or not at all, whenever the process dies.
Times are aware and in UTC.

Any method may raise :class:`schemas.errors.ServiceUnavailable` when the database does not answer
or stays locked by another process; the call may then be repeated.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from pydantic import JsonValue

from schemas.dossier import Stage
from storage.options import LedgerOptions
from storage.records import (
    ChainReport,
    Claim,
    Document,
    Dossier,
    Event,
    KeptObject,
    NewClaim,
    ObjectKind,
    Registered,
    StoredObject,
)

Clock = Callable[[], datetime]
"""Gives the time now, aware."""


def utc_now() -> datetime:
    """The machine's time, in UTC."""
    return datetime.now(UTC)


class Ledger:
    """The ledger in a database. Made by :meth:`open`; a context manager that closes."""

    @classmethod
    def open(cls, where: str | LedgerOptions, *, clock: Clock = utc_now) -> Self:
        """Connect to ``where`` (an address or options) and bring its tables up to date.

        A new SQLite file is created with mode 600.

        Raises:
            ConfigurationError: not an address of SQLite or PostgreSQL, or the ledger was written
                by a newer Sohoa, or its file system cannot carry a write-ahead log.
            ServiceUnavailable: the database does not answer.
        """
        raise NotImplementedError

    def close(self) -> None:
        """Give the connections back."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # Intake

    def register(self, claim: NewClaim) -> Registered:
        """Enter a claim: its dossier unless it is there, its documents, the first events.

        The same ``claim_id`` again returns what was registered, whatever else the claim says now.
        A dossier with this department and code gets the documents added. A file whose bytes are
        known in the same department and role, in a document neither rejected nor failed, becomes
        a *linked* document: ``duplicate_of`` names the first one, whose stage, hashes and error it
        shows from now on; nothing is to be done for it.
        """
        raise NotImplementedError

    # Asking

    def dossier(self, code: str, department: str | None = None) -> Dossier | None:
        """The dossier with this code, or ``None``.

        Raises:
            Conflict: several departments have it and ``department`` is not given.
        """
        raise NotImplementedError

    def dossier_by_id(self, dossier_id: int) -> Dossier:
        """The dossier with this id.

        Raises:
            NotFound: there is none.
        """
        raise NotImplementedError

    def dossiers(
        self,
        *,
        department: str | None = None,
        since: datetime | None = None,
        stage: Stage | None = None,
    ) -> list[Dossier]:
        """Dossiers, oldest first; ``since`` compares with the last change."""
        raise NotImplementedError

    def documents(self, dossier_id: int) -> list[Document]:
        """The documents of a dossier by number; empty for an unknown dossier."""
        raise NotImplementedError

    def document(self, document_id: int) -> Document:
        """One document.

        Raises:
            NotFound: there is none.
        """
        raise NotImplementedError

    def claims(self, dossier_id: int, *, open_only: bool = False) -> list[Claim]:
        """The claims of a dossier, oldest first."""
        raise NotImplementedError

    def objects(self, dossier_id: int) -> list[KeptObject]:
        """What is stored of a dossier, with the objects of the documents its own are linked to."""
        raise NotImplementedError

    # Work to do

    def pending(self, now: datetime, limit: int) -> list[Dossier]:
        """Dossiers that want a run of the flow, oldest first.

        No live lease, ``next_attempt_at`` reached, and either

        - a document of its own (not linked) that is not settled, or
        - an open claim whose documents are all published or rejected: what is left is to move the
          sources out of the claim (and to write the index) and to :meth:`close_claim`. So a crash
          before the move loses nothing, and a dossier of linked documents only gets its turn when
          the first documents are through.
        """
        raise NotImplementedError

    def lease(self, dossier_id: int, owner: str, seconds: float, now: datetime) -> bool:
        """Take the dossier for ``seconds``; of several callers exactly one gets ``True``.

        Counts an attempt. A live lease refuses its own owner too: see :meth:`renew`.
        """
        raise NotImplementedError

    def renew(self, dossier_id: int, owner: str, seconds: float, now: datetime) -> bool:
        """Prolong a lease to ``now + seconds``; ``False`` when ``owner`` has lost it."""
        raise NotImplementedError

    def release(self, dossier_id: int, owner: str, retry_at: datetime | None = None) -> None:
        """Give a lease back; nothing happens when it was lost.

        With ``retry_at`` the dossier is not pending before then and its attempts stay counted;
        without, they start again from 0.
        """
        raise NotImplementedError

    def end_leases(self, owner: str) -> int:
        """End every lease of an owner known to be dead; how many there were."""
        raise NotImplementedError

    # Moving on

    def advance(
        self,
        document_id: int,
        expect: Stage,
        to: Stage,
        *,
        actor: str,
        hash_before: str | None = None,
        hash_after: str | None = None,
        document_type: str | None = None,
        media_type: str | None = None,
        pages: int | None = None,
        manifest_sha256: str | None = None,
        pdfa_sha256: str | None = None,
        signed_sha256: str | None = None,
    ) -> Document:
        """Move a document from stage ``expect`` to ``to`` and note what is given (not ``None``).

        The event gets ``hash_before`` and ``hash_after``; where not given, the document's
        ``current_sha256`` before and after. Linked documents and all dossiers concerned follow in
        the same transaction. Repeating a move that was made, with the same values, changes nothing.

        Raises:
            Conflict: the document stands elsewhere, or there with other hashes; the move is not in
                ``schemas.dossier.NEXT``; the document is linked to another; ``to`` is ``failed``
                or ``rejected``, which :meth:`fail` and :meth:`reject` do.
            NotFound: no such document.
        """
        raise NotImplementedError

    def settle(
        self,
        document_id: int,
        manifest_sha256: str,
        actor: str,
        *,
        pdfa_sha256: str | None = None,
        data: Mapping[str, JsonValue] | None = None,
    ) -> Document:
        """A person decided: from ``in_review`` to ``ready_to_sign`` with the manifest as it is now.

        The event has the manifest's hash before and after. ``data`` must not hold values of
        fields. Repeating with the same manifest changes nothing.

        Raises:
            Conflict: the document is not in review.
            NotFound: no such document.
        """
        raise NotImplementedError

    def reject(
        self, document_id: int, code: str, params: Mapping[str, str | int | float], actor: str
    ) -> Document:
        """The document cannot be taken: stage ``rejected`` with the sentence's code.

        Raises:
            Conflict: it is past the stages that may be rejected (received, in review).
            NotFound: no such document.
        """
        raise NotImplementedError

    def fail(
        self, document_id: int, code: str, params: Mapping[str, str | int | float], actor: str
    ) -> Document:
        """A step failed for good: stage ``failed``, remembering where it stood.

        Raises:
            Conflict: it is in a stage that cannot fail.
            NotFound: no such document.
        """
        raise NotImplementedError

    def retry(self, dossier_id: int, actor: str) -> list[Document]:
        """Send the failed documents of a dossier back to where they failed; these documents.

        Raises:
            NotFound: no such dossier.
        """
        raise NotImplementedError

    def close_claim(self, claim_id: str, actor: str) -> None:
        """The claim's sources were moved to ``done/`` or ``rejected/``. Repeating is harmless.

        Raises:
            NotFound: no such claim.
        """
        raise NotImplementedError

    def warn(self, dossier_id: int, text: str) -> None:
        """Add a warning to a dossier, once. The text is not put into the event log.

        Raises:
            NotFound: no such dossier.
        """
        raise NotImplementedError

    def note(
        self,
        dossier_id: int | None,
        document_id: int | None,
        actor: str,
        kind: str,
        data: Mapping[str, JsonValue] | None = None,
        hash_before: str | None = None,
        hash_after: str | None = None,
    ) -> Event:
        """Append an event that moves nothing. ``data`` must be without personal data."""
        raise NotImplementedError

    def record_object(
        self,
        stored: StoredObject,
        *,
        kind: ObjectKind,
        dossier_id: int,
        document_id: int | None = None,
        actor: str,
    ) -> KeptObject:
        """Note that an object stands in the store. Repeating with the same bytes changes nothing.

        Raises:
            Conflict: the ledger knows other bytes, or another owner, under this bucket and key.
        """
        raise NotImplementedError

    # The event log

    def events(
        self, dossier_id: int | None = None, after_seq: int = 0, limit: int | None = None
    ) -> list[Event]:
        """Events after ``after_seq`` in the order they happened."""
        raise NotImplementedError

    def verify_chain(self) -> ChainReport:
        """Compute every hash of the event log again.

        Finds an event that was changed, inserted, removed or reordered. Somebody who can write to
        the database and rewrites *all* events from some point on is only found by comparing the
        last hash with one kept elsewhere.
        """
        raise NotImplementedError
