"""What may be asked of the ledger."""

from collections.abc import Collection, Sequence
from datetime import datetime

from schemas.department import Department
from schemas.dossier import Stage
from storage import activity, departments, figures, indicators, listing, manifests, offices, queries
from storage.activity import FailedDocument, FailedWith, HourCount, InHand
from storage.database import Database
from storage.day_counts import DayCounts
from storage.figures import StageCount
from storage.indicators import Audited, Decided, DocumentTimes, Indicators, Period, Readings
from storage.listing import DossierFilter, PublishedFilter, PublishedRow, WaitingCount
from storage.records import Claim, Document, Dossier, Event, KeptObject, Sha256


class LedgerReads:
    """The part of :class:`storage.Ledger` that changes nothing."""

    def __init__(self, database: Database) -> None:
        """``database`` holds the ledger's tables."""
        self._database = database
        self._day_counts = DayCounts()

    def departments(self) -> list[Department]:
        """Every known department, by identifier."""
        with self._database.read() as connection:
            return departments.departments(connection)

    def known_common(self, name: str) -> str | None:
        """What every host of this ledger has in common under that name, once one has said it."""
        with self._database.read() as connection:
            return offices.known(connection, name)

    def dossier(self, code: str, department: str | None = None) -> Dossier | None:
        """The dossier with this code, or ``None``.

        Raises:
            Conflict: several departments have it and ``department`` is not given.
        """
        with self._database.read() as connection:
            return queries.dossier_by_code(connection, code, department)

    def dossier_by_id(self, dossier_id: int) -> Dossier:
        """The dossier with this id.

        Raises:
            NotFound: there is none.
        """
        with self._database.read() as connection:
            return queries.dossier_by_id(connection, dossier_id)

    def dossier_counts(self, departments: Collection[str] | None = None) -> dict[str, int]:
        """How many dossiers each of these departments has, where it has any; None: of all."""
        with self._database.read() as connection:
            return queries.dossier_counts(connection, departments)

    def noted(self, dossier_id: int, kinds: Collection[str]) -> list[Event]:
        """The events of these kinds of a dossier, oldest first."""
        with self._database.read() as connection:
            return queries.noted(connection, dossier_id, kinds)

    def dossiers(
        self,
        *,
        department: str | None = None,
        since: datetime | None = None,
        stage: Stage | None = None,
    ) -> list[Dossier]:
        """Dossiers, oldest first; ``since`` compares with the last change."""
        with self._database.read() as connection:
            return queries.dossiers(connection, department, since, stage)

    def dossier_page(
        self, wanted: DossierFilter, *, after: int | None = None, limit: int = 50
    ) -> tuple[list[Dossier], int | None]:
        """Dossiers, the newest first, and where the next page begins if there is one.

        Args:
            wanted: which of them.
            after: where the page begins: what the page before said.
            limit: how many at most.
        """
        with self._database.read() as connection:
            return listing.dossiers(connection, wanted, after, limit)

    def published_page(
        self, wanted: PublishedFilter, *, after: str | None = None, limit: int = 50
    ) -> tuple[list[PublishedRow], str | None]:
        """Published documents, the last published first, and where the next page begins.

        Args:
            wanted: which of them.
            after: where the page begins: what the page before said.
            limit: how many at most.

        Raises:
            InputRejected: ``storing.bad_cursor``.
        """
        with self._database.read() as connection:
            return listing.published(connection, wanted, after, limit)

    def waiting_counts(self, stages: Collection[Stage]) -> list[WaitingCount]:
        """How many documents wait at these stages, by department; linked ones left out."""
        with self._database.read() as connection:
            return listing.waiting(connection, tuple(stages))

    def documents(self, dossier_id: int) -> list[Document]:
        """The documents of a dossier by number; empty for an unknown dossier."""
        with self._database.read() as connection:
            return queries.documents(connection, dossier_id)

    def documents_of(self, dossier_ids: Sequence[int]) -> dict[int, list[Document]]:
        """The documents of several dossiers, by the dossier's id."""
        with self._database.read() as connection:
            return queries.documents_of(connection, dossier_ids)

    def document(self, document_id: int) -> Document:
        """One document.

        Raises:
            NotFound: there is none.
        """
        with self._database.read() as connection:
            return queries.document_by_id(connection, document_id)

    def documents_among(self, document_ids: Sequence[int]) -> list[Document]:
        """Those of some documents that there are, in the order in which they were named."""
        with self._database.read() as connection:
            return queries.documents_among(connection, document_ids)

    def stage_counts(self, departments: Collection[str] | None = None) -> list[StageCount]:
        """How many documents stand where, of these departments or of all; split scans left out."""
        with self._database.read() as connection:
            return figures.stage_counts(connection, departments)

    def manifest(self, document_id: int, sha256: Sha256) -> bytes | None:
        """A manifest that is kept until it is stored, by its hash; None where it is not."""
        with self._database.read() as connection:
            return manifests.kept(connection, document_id, sha256)

    def attached(self, document_id: int) -> list[Document]:
        """The documents that came inside a document, linked ones among them."""
        with self._database.read() as connection:
            return queries.attached(connection, document_id)

    def claims(self, dossier_id: int, *, open_only: bool = False) -> list[Claim]:
        """The claims of a dossier, oldest first."""
        with self._database.read() as connection:
            return queries.claims(connection, dossier_id, open_only=open_only)

    def claim(self, claim_id: str) -> Claim:
        """One claim.

        Raises:
            NotFound: there is none.
        """
        with self._database.read() as connection:
            return queries.claim_by_id(connection, claim_id)

    def claimed(self, claim_id: str) -> list[Document]:
        """The documents of a claim, those that its cover sheets gave to other dossiers, too."""
        with self._database.read() as connection:
            return queries.claimed(connection, claim_id)

    def parts(self, scan_id: int) -> list[Document]:
        """The documents a scan was split into, in whichever dossier; linked ones left out."""
        with self._database.read() as connection:
            return queries.parts(connection, scan_id)

    def open_claims(self) -> list[Claim]:
        """The claims of all dossiers whose sources still lie in the inbox, oldest first."""
        with self._database.read() as connection:
            return queries.open_claims(connection)

    def claims_to_tend(self, inbox: str) -> list[Claim]:
        """The open claims of an inbox in which a file may move: all is through, or one is rejected.

        Args:
            inbox: the name under which they were registered.
        """
        with self._database.read() as connection:
            return queries.claims_to_tend(connection, inbox)

    def claims_among(self, claim_ids: Sequence[str]) -> list[Claim]:
        """Those of some claims that are known."""
        with self._database.read() as connection:
            return queries.claims_among(connection, claim_ids)

    def some_objects(self, bucket: str, count: int, largest: int) -> list[KeptObject]:
        """Objects on record in a bucket: the last one, and others from anywhere, to look at.

        Args:
            bucket: the bucket's full name.
            count: how many at most.
            largest: bytes; larger ones are left out.
        """
        with self._database.read() as connection:
            return queries.some_objects(connection, bucket, count, largest)

    def objects(self, dossier_id: int) -> list[KeptObject]:
        """What is stored of a dossier, with the objects of the documents its own are linked to."""
        with self._database.read() as connection:
            return queries.objects(connection, dossier_id)

    # What goes on, and what was done in a period

    def moving_counts(self, departments: Collection[str] | None = None) -> list[StageCount]:
        """As :meth:`stage_counts`, of the stages that are neither the end nor published."""
        with self._database.read() as connection:
            return activity.moving_counts(connection, departments)

    def per_hour(
        self, hours: Sequence[datetime], departments: Collection[str] | None = None
    ) -> list[HourCount]:
        """Documents that came past each stage between one of ``hours`` and the next, by kind."""
        with self._database.read() as connection:
            return activity.per_hour(connection, hours, departments)

    def in_hand(
        self, now: datetime, departments: Collection[str] | None = None, *, limit: int = 50
    ) -> list[InHand]:
        """Unfinished documents of dossiers that a process has leased, longest waiting first."""
        with self._database.read() as connection:
            return activity.in_hand(connection, now, departments, limit)

    def failed_with(
        self, departments: Collection[str] | None = None, *, limit: int = 500
    ) -> list[FailedWith]:
        """Failed documents counted by their error and its parameters, most first."""
        with self._database.read() as connection:
            return activity.failed_with(connection, departments, limit)

    def failed_documents(
        self,
        departments: Collection[str] | None = None,
        *,
        error_code: str | None = None,
        limit: int = 500,
    ) -> list[FailedDocument]:
        """Failed documents, the last ones first; of one error or all."""
        with self._database.read() as connection:
            return activity.failed_documents(connection, departments, error_code, limit)

    def indicators(self, period: Period, now: datetime) -> list[Indicators]:
        """Counts of the dossiers of a period by department; what is due is compared with ``now``.

        *Digitised* has a component whose type is known; *late* has a result after it was due, or
        none though it is due.
        """
        with self._database.read(snapshot=True) as connection:
            return self._day_counts.indicators(connection, period, now)

    def some_dossiers(self, period: Period, every: int) -> list[int]:
        """The ids of about one in ``every`` of a period's dossiers, always the same ones."""
        with self._database.read() as connection:
            return indicators.some_dossiers(connection, period, every)

    def document_times(self, dossiers: Collection[int]) -> list[DocumentTimes]:
        """When the documents of these dossiers came past their stages."""
        with self._database.read() as connection:
            return indicators.document_times(connection, dossiers)

    def readings(self, dossiers: Collection[int]) -> list[Readings]:
        """The documents of these dossiers by type, with the doubts they had when read."""
        with self._database.read() as connection:
            return indicators.readings(connection, dossiers)

    def decided_paths(self, dossiers: Collection[int]) -> list[Decided]:
        """What people decided of the documents of these dossiers, by type, path and kind."""
        with self._database.read() as connection:
            return indicators.decided(connection, dossiers)

    def audited_paths(self, dossiers: Collection[int]) -> list[Audited]:
        """What came of accepted values of these dossiers that people looked at all the same."""
        with self._database.read() as connection:
            return indicators.audited(connection, dossiers)
