"""What people sign outside of any dossier, told to the ledger: routes and batches."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Literal

from schemas.batch import ApprovedBatch, Batch, BatchItem, BatchPage
from schemas.route import NewRoute, Route, RoutePage, TurnTaken
from storage import batches, leases, routes
from storage.approving import Approving
from storage.chain import writing
from storage.signing_tables import batch, route

_TABLES = {"route": route, "batch": batch}


class SigningActs(Approving):
    """The part of :class:`storage.Ledger` for routes and batches.

    Each act names what it is based on, is idempotent, and is an event.
    """

    # Several signers, one after the other

    def begin_route(self, new: NewRoute, actor: str, *, taken: Sequence[TurnTaken] = ()) -> Route:
        """Enter a route, with the turns that were taken before the ledger knew it.

        The same one again changes nothing.

        Raises:
            Conflict: ``storing.known_otherwise``, its key names another route; or
                ``storing.turn_taken``, ``taken`` has gaps.
        """
        with writing(self._database, self._clock()) as transaction:
            return routes.begin(transaction, new, taken, actor=actor)

    def take_turn(self, key: str, new: TurnTaken, actor: str) -> Route:
        """Somebody signed, or refused, at their turn. The same one again changes nothing.

        Raises:
            Conflict: ``storing.turn_taken``, it is not this turn's time.
            NotFound: no such route.
        """
        with writing(self._database, self._clock()) as transaction:
            return routes.take_turn(transaction, key, new, actor=actor)

    def route(self, key: str) -> Route | None:
        """A route as its rows have it, to be shown; None where there is none."""
        with self._database.read() as connection:
            return routes.find(connection, key)

    def proven_route(self, key: str) -> Route | None:
        """A route as its events prove it, to be acted on; None where there is none.

        Raises:
            NotTrusted: its rows are not what its events say, the event log is not intact, or
                something in the ledger waits for an operator.
        """
        return self._proved(lambda connection: routes.proven(connection, key))

    def routes(
        self,
        *,
        begun_by: str | None = None,
        open_only: bool = False,
        after: int | None = None,
        limit: int = 50,
    ) -> RoutePage:
        """Routes, the newest first.

        Args:
            begun_by: only those of this actor.
            open_only: only those in which somebody is to sign yet.
            after: ``next`` of the page before.
            limit: how many at most.
        """
        with self._database.read() as connection:
            return routes.page(
                connection, begun_by=begun_by, open_only=open_only, after=after, limit=limit
            )

    # Many files, one approval

    def approve_batch(
        self, new: ApprovedBatch, actor: str, *, ended: Sequence[BatchItem] = ()
    ) -> Batch:
        """Enter what was approved, with what became of files before the ledger knew it.

        The same one again changes nothing.

        Raises:
            Conflict: ``storing.known_otherwise``, its key names another batch.
        """
        with writing(self._database, self._clock()) as transaction:
            return batches.approve(transaction, new, ended, actor=actor)

    def end_batch_item(self, key: str, item: BatchItem, actor: str) -> BatchItem:
        """A file was signed, or refused. The same again changes nothing.

        Raises:
            NotFound: no such batch, or it has no such file.
        """
        with writing(self._database, self._clock()) as transaction:
            return batches.end_item(transaction, key, item, actor=actor)

    def batch(self, key: str) -> Batch | None:
        """A batch as its rows have it, to be shown; None where there is none."""
        with self._database.read() as connection:
            return batches.find(connection, key)

    def proven_batch(self, key: str) -> Batch | None:
        """A batch as its events prove it, to be acted on; None where there is none.

        Raises:
            NotTrusted: as :meth:`proven_route`.
        """
        return self._proved(lambda connection: batches.proven(connection, key))

    def batches(
        self, *, approved_by: str | None = None, after: int | None = None, limit: int = 50
    ) -> BatchPage:
        """Batches, the newest first.

        Args:
            approved_by: only those that this person approved.
            after: ``next`` of the page before.
            limit: how many at most.
        """
        with self._database.read() as connection:
            return batches.page(connection, approved_by=approved_by, after=after, limit=limit)

    # Who works on one of them

    def hold(
        self,
        what: Literal["route", "batch"],
        key: str,
        owner: str,
        seconds: float,
        *,
        dead: str | None = None,
    ) -> bool:
        """Work on a route or batch alone for ``seconds``; the same owner may prolong it.

        Args:
            what: a route or a batch.
            key: of which one.
            owner: unique; of several exactly one gets ``True``.
            seconds: how long, from now.
            dead: how the names of owners begin that are known to be gone.
        """
        now, length = self._clock(), timedelta(seconds=seconds)
        with self._database.write() as connection:
            return leases.hold(
                connection, _TABLES[what], key, owner, dead=dead, now=now, length=length
            )

    def let_go(self, what: Literal["route", "batch"], key: str, owner: str) -> None:
        """Others may work on it; nothing happens where ``owner`` has lost it."""
        with self._database.write() as connection:
            leases.let_go(connection, _TABLES[what], key, owner)
