"""The ledger: what is true of every dossier and document, and who did what when.

All methods are synchronous, short, and safe to call from several processes and threads at once.
Every write is one transaction that either happened whole or not at all, whenever the process dies.
Times are aware and in UTC.

Any method may raise :class:`schemas.errors.ServiceUnavailable` when the database does not answer
or stays locked by another process; the call may then be repeated.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self

from pydantic import JsonValue, SecretStr

from schemas.department import Department
from schemas.dossier import Stage
from storage import (
    attaching,
    chain,
    departments,
    intake,
    leases,
    ledger_records,
    moves,
    offices,
    queries,
    splitting,
)
from storage.at_review import AtReview
from storage.chain import writing
from storage.database import Database
from storage.entering import Entering
from storage.grants import Sharing
from storage.options import LedgerOptions
from storage.proving import Clock
from storage.records import (
    ChainReport,
    Document,
    Dossier,
    Event,
    KeptObject,
    NewClaim,
    NewFile,
    ObjectKind,
    Registered,
    StoredObject,
)
from storage.search import Search
from storage.signing_acts import SigningActs


def utc_now() -> datetime:
    """The machine's time, in UTC."""
    return datetime.now(UTC)


class Ledger(SigningActs, Entering, AtReview, Sharing):
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
        options = LedgerOptions(url=SecretStr(where)) if isinstance(where, str) else where
        database = Database(options)
        database.migrate()
        return cls(database, clock)

    def close(self) -> None:
        """Give the connections back."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def search(self) -> Search:
        """The index of what was published."""
        return Search(self._database, self._clock)

    # Departments

    def add_department(self, new: Department, actor: str) -> Department:
        """See :func:`storage.departments.add`."""
        with writing(self._database, self._clock()) as transaction:
            return departments.add(transaction, new, actor)

    def rename_department(self, changed: Department, actor: str) -> Department:
        """See :func:`storage.departments.rename`."""
        with writing(self._database, self._clock()) as transaction:
            return departments.rename(transaction, changed, actor)

    # Intake

    def register(self, claim: NewClaim) -> Registered:
        """Enter a claim: its dossier unless it is there, its documents, the first events.

        The same ``claim_id`` again returns what was registered, whatever else the claim says now.
        A dossier with this department and code gets the documents added. A file whose bytes are
        known in the same department and role, in a document not rejected, failed, withdrawn,
        becomes a *linked* document: ``duplicate_of`` names the first one, whose stage, hashes and
        error it shows from now on; nothing is to be done for it.
        """
        with writing(self._database, self._clock()) as transaction:
            return intake.register(transaction, claim)

    def attach(self, document_id: int, files: Sequence[NewFile], actor: str) -> list[Document]:
        """Enter the files that came inside a document as documents of its dossier; all of them.

        They belong to the document's claim and have its role; ``relative`` is where they were
        written below it. One with bytes that are known is linked, as in :meth:`register`. Linked
        documents with the same bytes get links to them in their own dossiers. Repeating changes
        nothing.

        Raises:
            Conflict: the document is linked to another.
            NotFound: no such document.
        """
        with writing(self._database, self._clock()) as transaction:
            return attaching.attach(transaction, document_id, files, actor)

    # Work to do

    def pending(self, now: datetime, limit: int) -> list[Dossier]:
        """Dossiers that want a run of the flow, oldest first.

        No live lease, ``next_attempt_at`` reached, and a document of its own (not linked) that is
        not settled. What is left to do in an inbox, :meth:`claims_to_tend` says.
        """
        with self._database.read() as connection:
            return queries.pending(connection, now, limit)

    def lease(self, dossier_id: int, owner: str, seconds: float, now: datetime) -> bool:
        """Take the dossier for ``seconds``; of several callers exactly one gets ``True``.

        Counts an attempt. A live lease refuses its own owner too: see :meth:`renew`.
        """
        with self._database.write() as connection:
            return leases.take(connection, dossier_id, owner, now, timedelta(seconds=seconds))

    def renew(self, dossier_id: int, owner: str, seconds: float, now: datetime) -> bool:
        """Prolong a lease to ``now + seconds``; ``False`` when ``owner`` has lost it."""
        with self._database.write() as connection:
            return leases.prolong(connection, dossier_id, owner, now, timedelta(seconds=seconds))

    def release(self, dossier_id: int, owner: str, retry_at: datetime | None = None) -> None:
        """Give a lease back; nothing happens when it was lost.

        With ``retry_at`` the dossier is not pending before then and its attempts stay counted;
        without, they start again from 0.
        """
        with self._database.write() as connection:
            leases.give_back(connection, dossier_id, owner, retry_at)

    def end_leases(self, owner: str) -> int:
        """End every lease of an owner known to be dead; how many there were."""
        with self._database.write() as connection:
            return leases.end_all(connection, owner)

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
        doubts: int | None = None,
        manifest: bytes | None = None,
        manifest_sha256: str | None = None,
        pdfa_sha256: str | None = None,
        signed_sha256: str | None = None,
    ) -> Document:
        """Move a document from stage ``expect`` to ``to`` and note what is given (not ``None``).

        ``manifest`` is kept until it is stored, and its hash noted. ``doubts`` is how many
        things in it a person must settle.
        The event gets ``hash_before`` and ``hash_after``; where not given, the document's
        ``current_sha256`` before and after. Linked documents and all dossiers concerned follow in
        the same transaction. Repeating a move that was made, with the same values, changes nothing.

        Raises:
            Conflict: the document stands elsewhere, or there with other hashes; the move is not in
                ``schemas.dossier.NEXT``; the document is linked to another; ``to`` is ``failed``
                or ``rejected``, which :meth:`fail` and :meth:`reject` do, or ``expect`` is
                ``failed``, which :meth:`retry` undoes, or a stage that only a person's word ends.
            NotFound: no such document.
        """
        columns = {
            "document_type": document_type,
            "media_type": media_type,
            "pages": pages,
            "doubts": doubts,
            "manifest_sha256": manifest_sha256,
            "pdfa_sha256": pdfa_sha256,
            "signed_sha256": signed_sha256,
        }
        with writing(self._database, self._clock()) as transaction:
            return moves.advance(
                transaction,
                document_id,
                expect,
                to,
                actor=actor,
                hash_before=hash_before,
                hash_after=hash_after,
                columns=columns,
                manifest=manifest,
            )

    def recode(self, dossier_id: int, code: str, actor: str) -> Dossier:
        """A dossier under a provisional code gets its own; it is found under both.

        Nothing happens where it has its own, or another dossier of the department has that code.
        """
        with writing(self._database, self._clock()) as transaction:
            splitting.recode(transaction, dossier_id, code, actor)
            return queries.dossier_by_id(transaction.connection, dossier_id)

    def reject(
        self, document_id: int, code: str, params: Mapping[str, str | int | float], actor: str
    ) -> Document:
        """The document cannot be taken: stage ``rejected`` with the sentence's code.

        Raises:
            Conflict: it is past the stages that may be rejected (received, in review).
            NotFound: no such document.
        """
        with writing(self._database, self._clock()) as transaction:
            return moves.end(
                transaction, document_id, Stage.rejected, code, params=params, actor=actor
            )

    def fail(
        self, document_id: int, code: str, params: Mapping[str, str | int | float], actor: str
    ) -> Document:
        """A step failed for good: stage ``failed``, remembering where it stood.

        Raises:
            Conflict: it is in a stage that cannot fail.
            NotFound: no such document.
        """
        with writing(self._database, self._clock()) as transaction:
            return moves.end(
                transaction, document_id, Stage.failed, code, params=params, actor=actor
            )

    def close_claim(self, claim_id: str, actor: str) -> None:
        """The claim's sources were moved to ``done/`` or ``rejected/``. Repeating is harmless.

        Raises:
            NotFound: no such claim.
        """
        with writing(self._database, self._clock()) as transaction:
            intake.close_claim(transaction, claim_id, actor)

    def adopt_claim(self, claim_id: str, inbox: str) -> None:
        """The claim's files lie in that inbox, and the store has them. Not part of the event log.

        For claims of earlier versions, and of an inbox that was called otherwise.
        """
        with self._database.write() as connection:
            intake.adopt_claim(connection, claim_id, inbox)

    def common(self, name: str, value: str) -> str:
        """What every host of this ledger has in common, as the first of them said it.

        Args:
            name: of the thing.
            value: entered where the ledger knows none yet.
        """
        known = self.known_common(name)
        if known is not None:
            return known
        with writing(self._database, self._clock()) as transaction:
            return offices.common(transaction, name, value)

    def replace_common(self, name: str, value: str, reason: str, actor: str) -> None:
        """Every host has another one in common from here on, as the event ``office_replaced`` says.

        Raises:
            NotFound: ``storing.nothing_common``, there is none yet.
        """
        with writing(self._database, self._clock()) as transaction:
            offices.replace(transaction, name, value, reason, actor)

    def warn(self, dossier_id: int, text: str) -> None:
        """Add a warning to a dossier, once. The text is not put into the event log.

        Raises:
            NotFound: no such dossier.
        """
        with writing(self._database, self._clock()) as transaction:
            ledger_records.warn(transaction, dossier_id, text)

    def note(
        self,
        dossier_id: int | None,
        document_id: int | None,
        actor: str,
        kind: str,
        *,
        data: Mapping[str, JsonValue] | None = None,
        hash_before: str | None = None,
        hash_after: str | None = None,
    ) -> Event:
        """Append an event that moves nothing. ``data`` must be without personal data."""
        with writing(self._database, self._clock()) as transaction:
            return ledger_records.note(
                transaction,
                dossier_id,
                document_id,
                actor,
                kind,
                data=dict(data or {}),
                hash_before=hash_before,
                hash_after=hash_after,
            )

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
        with writing(self._database, self._clock()) as transaction:
            return ledger_records.record_object(
                transaction,
                KeptObject(
                    **stored.model_dump(),
                    kind=kind,
                    dossier_id=dossier_id,
                    document_id=document_id,
                ),
                actor,
            )

    # The event log

    def events(
        self, dossier_id: int | None = None, after_seq: int = 0, limit: int | None = None
    ) -> list[Event]:
        """Events after ``after_seq`` in the order they happened."""
        with self._database.read() as connection:
            return queries.events(connection, dossier_id, after_seq, limit)

    def verify_chain(self) -> ChainReport:
        """Compute every hash of the event log again.

        Finds an event that was changed, inserted, removed or reordered. Somebody who can write to
        the database and rewrites *all* events from some point on is only found by comparing the
        last hash with one kept elsewhere.
        """
        return chain.verify(self._database)
