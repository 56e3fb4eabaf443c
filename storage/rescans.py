"""Pages, or whole documents, that somebody wants scanned again, and what comes of it.

Asking, each picture that arrives, refusing one, giving up and accepting are events. Accepting is
one transaction: the new scan is entered, and the document is read again with it or gives its place.
"""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from pydantic import Field

from schemas.dossier import Stage
from schemas.errors import Conflict, NotFound
from schemas.page import Frozen
from storage.approvals import because
from storage.chain import Writing, writing
from storage.changing import expect_under_review
from storage.database import Database
from storage.proving import Clock
from storage.queries import document_by_id, dossier_by_id
from storage.records import Document, Sha256
from storage.replacing import NewScan, replace
from storage.rescan_tables import rescan
from storage.tables import document, dossier, reason

ASKED, ARRIVED, REFUSED, GIVEN_UP = (
    "rescan_asked",
    "rescan_arrived",
    "rescan_refused",
    "rescan_given_up",
)
"""Kinds of events."""
ACCEPTED, WITHDRAWN = "accepted", "withdrawn"
"""Outcomes of a request."""
OPEN_AT = (Stage.received, Stage.digitised, Stage.in_review)
"""Stages of a document that a new scan is of use to: it may be read again for another page."""
MOST_TRIES = 20
"""Pictures that one address for a phone takes."""
_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_NO_PICTURE = ("picture_sha256", "picture_bytes", "picture_media", "picture_by", "picture_at")


class Picture(Frozen):
    """A scan that arrived for a request."""

    sha256: Sha256
    bytes: int
    media_type: str
    by: str


class Rescan(Frozen):
    """A request, with where its document is."""

    id: int
    code: str
    document_id: int
    page: int | None = Field(description="of the document as it was seen; None: all of it")
    manifest_sha256: Sha256
    reason: str = Field(repr=False)
    asked_by: str
    asked_at: datetime
    link_until: datetime | None
    picture_sha256: Sha256 | None
    picture_bytes: int | None
    picture_media: str | None
    picture_by: str | None
    picture_at: datetime | None
    outcome: str | None
    ended_by: str | None
    ended_at: datetime | None
    answered_by: int | None
    department: str
    dossier: str
    number: int
    stage: Stage
    document_manifest: Sha256 | None = Field(description="of the document as it stands")

    @property
    def open(self) -> bool:
        """A new scan is still of use: the document waits, or is just being read again."""
        return self.ended_at is None and self.stage in OPEN_AT


_OWN = (
    "id", "code", "document_id", "page", "manifest_sha256", "asked_by", "asked_at", "link_until",
    *_NO_PICTURE, "outcome", "ended_by", "ended_at", "answered_by",
)  # fmt: skip
_SELECT = (
    sa.select(
        *(rescan.c[name] for name in _OWN),
        reason.c.text.label("reason"),
        dossier.c.department,
        dossier.c.code.label("dossier"),
        document.c.number,
        document.c.stage,
        document.c.manifest_sha256.label("document_manifest"),
    )
    .join(document, document.c.id == rescan.c.document_id)
    .join(dossier, dossier.c.id == document.c.dossier_id)
    .join(reason, reason.c.id == rescan.c.reason_id)
)
# few requests wait, many documents do: SQLite would begin with these, were the stage's index of use
_OPEN = (
    rescan.c.ended_at.is_(None),
    document.c.stage.concat("").in_([stage.value for stage in OPEN_AT]),
)


class Rescans:
    """What is to be scanned again. Made by :attr:`storage.Ledger.rescans`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def ask(
        self, document_id: int, page: int | None, why: str, actor: str, *, based_on: Sha256
    ) -> Rescan:
        """Ask for a page, or with None the document; one that is asked for already is that one.

        Raises:
            Conflict: the document is not under review, with that manifest, any more.
            InputRejected: ``storing.no_reason``.
            NotFound: no such document.
        """
        with writing(self._database, self._clock()) as transaction:
            connection = transaction.connection
            now = document_by_id(connection, document_id)
            expect_under_review(transaction, now, based_on)
            known = _of_document(connection, now.id, page)
            if known is not None:
                return known
            code = "QL-" + "".join(secrets.choice(_ALPHABET) for _ in range(6))
            said = because(transaction, now, ASKED, why, actor)
            row = {
                "code": code,
                "document_id": now.id,
                "page": page,
                "manifest_sha256": based_on,
                "reason_id": said["reason"]["id"],  # type: ignore[index,call-overload]
                "asked_by": actor,
                "asked_at": transaction.now,
            }
            connection.execute(sa.insert(rescan).values(**row))
            data = {"rescan": code, "page": page, **said}
            transaction.append(
                ASKED, actor, dossier_id=now.dossier_id, document_id=now.id,
                hash_before=based_on, data=data,
            )  # fmt: skip
            return _named(connection, code)

    def named(self, code: str) -> Rescan:
        """The request with this code.

        Raises:
            NotFound: ``storing.no_rescan``.
        """
        with self._database.read() as connection:
            return _named(connection, code)

    def open(self, departments: Collection[str] | None, dossier_id: int | None = None,
             document_id: int | None = None) -> list[Rescan]:  # fmt: skip
        """The requests that wait, oldest first; of these departments, or None of all."""
        query = _SELECT.where(*_OPEN).order_by(rescan.c.id)
        if departments is not None:
            query = query.where(dossier.c.department.in_(departments))
        if dossier_id is not None:
            query = query.where(document.c.dossier_id == dossier_id)
        if document_id is not None:
            query = query.where(document.c.id == document_id)
        with self._database.read() as connection:
            return [Rescan(**row) for row in connection.execute(query).mappings()]

    def unmet(self, document_id: int) -> str | None:
        """The code of a request that was not ended, at whichever stage its document is."""
        query = sa.select(rescan.c.code).where(
            rescan.c.document_id == document_id, rescan.c.ended_at.is_(None)
        )
        with self._database.read() as connection:
            code: str | None = connection.execute(query.order_by(rescan.c.id)).scalar()
            return code

    def link(self, code: str, sha256: Sha256, length: timedelta) -> Rescan:
        """A one-time address for a phone; the one before it opens nothing any more.

        Args:
            code: of the request.
            sha256: hash of what the address holds.
            length: how long it opens.

        Raises:
            Conflict: ``storing.rescan_ended``.
            NotFound: ``storing.no_rescan``.
        """
        with self._database.write() as connection:
            expect_open(_named(connection, code))
            connection.execute(
                sa.update(rescan)
                .where(rescan.c.code == code)
                .values(link_sha256=sha256, link_until=self._clock() + length, link_tries=0)
            )
            return _named(connection, code)

    def linked(self, sha256: Sha256) -> Rescan | None:
        """The request that an address opens; None where it never did, or does no more."""
        with self._database.read() as connection:
            row = connection.execute(self._by_link(sha256)).mappings().first()
        return None if row is None else Rescan(**row)

    def arrived(self, code: str, picture: Picture, link: Sha256 | None = None) -> Rescan:
        """A scan is there, in place of the one before.

        Args:
            code: of the request.
            picture: what arrived.
            link: the address that it came by, which must still open.

        Raises:
            Conflict: ``storing.rescan_ended``: nobody waits for it; ``storing.rescan_tries``.
            NotFound: ``storing.no_rescan``; the address opens nothing any more.
        """
        with writing(self._database, self._clock()) as transaction:
            connection = transaction.connection
            if link is not None:
                _try(connection, self._by_link(link))
            now = expect_open(_named(connection, code))
            if now.picture_sha256 == picture.sha256:
                return now
            values = {
                "picture_sha256": picture.sha256,
                "picture_bytes": picture.bytes,
                "picture_media": picture.media_type,
                "picture_by": picture.by,
                "picture_at": transaction.now,
            }
            _update(connection, now, values)
            _tell(transaction, now, ARRIVED, picture.by, now.picture_sha256, picture.sha256)
            return _named(connection, code)

    def refuse(self, code: str, sha256: Sha256, actor: str) -> Rescan:
        """That scan is of no use; another may come.

        Raises:
            Conflict: another one has arrived meanwhile, or the request has ended.
            NotFound: ``storing.no_rescan``.
        """
        with writing(self._database, self._clock()) as transaction:
            now = _seen(transaction.connection, code, sha256)
            _update(transaction.connection, now, dict.fromkeys(_NO_PICTURE))
            _tell(transaction, now, REFUSED, actor, sha256, None)
            return _named(transaction.connection, code)

    def give_up(self, code: str, actor: str) -> Rescan:
        """Nobody need scan it again. Repeating changes nothing.

        Raises:
            Conflict: ``storing.rescan_ended``: a scan was accepted.
            NotFound: ``storing.no_rescan``.
        """
        with writing(self._database, self._clock()) as transaction:
            now = _named(transaction.connection, code)
            if now.outcome == WITHDRAWN:
                return now
            if now.ended_at is not None:
                raise Conflict("storing.rescan_ended", code=code)
            _end(transaction, now, WITHDRAWN, actor)
            _tell(transaction, now, GIVEN_UP, actor, now.picture_sha256, None)
            return _named(transaction.connection, code)

    def accept(self, code: str, scan: NewScan, actor: str) -> tuple[Rescan, Document]:
        """The scan that arrived takes the place of the page, or of the document.

        Args:
            code: of the request.
            scan: what the store has of it.
            actor: who says so.

        Returns:
            The request, and the document that is read now. Repeating changes nothing.

        Raises:
            Conflict: another one has arrived meanwhile, the request has ended, or the document
                went on.
            NotFound: ``storing.no_rescan``.
        """
        with writing(self._database, self._clock()) as transaction:
            connection = transaction.connection
            known = _named(connection, code)
            if known.outcome == ACCEPTED and known.picture_sha256 == scan.sha256:
                read_now = known.answered_by if known.page is None else known.document_id
                return known, document_by_id(connection, read_now or 0)
            now = _seen(connection, code, scan.sha256)
            if now.stage is not Stage.in_review:
                raise Conflict("storing.rescan_reading")
            kept, read = replace(transaction, now.document_id, now.page, scan, actor,
                                 based_on=now.document_manifest or "")  # fmt: skip
            _end(transaction, now, ACCEPTED, actor, answered_by=kept)
            return _named(connection, code), read

    def _by_link(self, sha256: Sha256) -> sa.Select[Any]:
        return _SELECT.where(
            *_OPEN, rescan.c.link_sha256 == sha256, rescan.c.link_until > self._clock()
        )


def expect_open(now: Rescan) -> Rescan:
    """See that a new scan is of use still.

    Raises:
        Conflict: ``storing.rescan_ended``.
    """
    if not now.open:
        raise Conflict("storing.rescan_ended", code=now.code)
    return now


def _named(connection: sa.Connection, code: str) -> Rescan:
    row = connection.execute(_SELECT.where(rescan.c.code == code)).mappings().first()
    if row is None:
        raise NotFound("storing.no_rescan")
    return Rescan(**row)


def _seen(connection: sa.Connection, code: str, sha256: Sha256) -> Rescan:
    """The open request, with the scan that somebody has looked at."""
    now = expect_open(_named(connection, code))
    if now.picture_sha256 != sha256:
        raise Conflict("storing.rescan_other", code=code)
    return now


def _of_document(connection: sa.Connection, document_id: int, page: int | None) -> Rescan | None:
    query = _SELECT.where(*_OPEN, rescan.c.document_id == document_id)
    query = query.where(rescan.c.page.is_(None) if page is None else rescan.c.page == page)
    row = connection.execute(query).mappings().first()
    return None if row is None else Rescan(**row)


def _try(connection: sa.Connection, by_link: sa.Select[Any]) -> None:
    """Count what a phone sent."""
    row = connection.execute(by_link).mappings().first()
    if row is None:
        raise NotFound("storing.link_ended")
    counted = connection.execute(
        sa.update(rescan)
        .where(rescan.c.id == row["id"], rescan.c.link_tries < MOST_TRIES)
        .values(link_tries=rescan.c.link_tries + 1)
    )
    if counted.rowcount != 1:
        raise Conflict("storing.rescan_tries")


def _update(connection: sa.Connection, now: Rescan, values: dict[str, Any]) -> None:
    connection.execute(sa.update(rescan).where(rescan.c.id == now.id).values(**values))


def _end(
    transaction: Writing, now: Rescan, outcome: str, actor: str, answered_by: int | None = None
) -> None:
    values = {
        "outcome": outcome,
        "ended_by": actor,
        "ended_at": transaction.now,
        "link_sha256": None,
        "link_until": None,
        "answered_by": answered_by,
    }
    _update(transaction.connection, now, values)


def _tell(
    transaction: Writing,
    now: Rescan,
    kind: str,
    actor: str,
    before: Sha256 | None,
    after: Sha256 | None,
) -> None:
    home = dossier_by_id(
        transaction.connection,
        document_by_id(transaction.connection, now.document_id).dossier_id,
    )
    transaction.append(
        kind,
        actor,
        dossier_id=home.id,
        document_id=now.document_id,
        hash_before=before,
        hash_after=after,
        data={"rescan": now.code, "page": now.page},
    )
