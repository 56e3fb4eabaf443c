"""Looking through what is kept: does every object still have the bytes that were put, is it held?

Archivists call this a fixity check. It goes from dossier to dossier, keeps nothing but where it is,
may stop at any time and goes on from there. What is wrong becomes a finding of the ledger; what is
right again ends one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import Field, ValidationError

from schemas.durable import held, write_durably
from schemas.errors import Damaged, NotFound, ServiceUnavailable
from schemas.page import Frozen
from schemas.verdict import Verdict
from signing import Guard, Trust
from storage import (
    Dossier,
    Head,
    KeptObject,
    Ledger,
    LedgerFinding,
    ListedVersion,
    ObjectInfo,
    ObjectKind,
    Objects,
)

FOLDER = "fixity"

DAMAGED = "object_damaged"
MISSING = "object_missing"
HIDDEN = "object_hidden"
OVERWRITTEN = "object_overwritten"
UNLOCKED = "object_unlocked"
SIGNATURE = "signature_not_valid"
HEAD = "head_not_in_ledger"
OF_OBJECTS = (DAMAGED, MISSING, HIDDEN, OVERWRITTEN, UNLOCKED, SIGNATURE)

_UNSOUND = {Verdict.altered, Verdict.broken, Verdict.unsigned, Verdict.unreadable}
_TOLERANCE = timedelta(seconds=2)
"""Stores keep times in whole seconds."""
_SEQ, _HASH, _AT = "ledger-seq", "ledger-hash", "ledger-at"


class FixityProgress(Frozen):
    """How far a look has come, and what it saw."""

    started_at: datetime
    after: int = Field(0, description="id of the last dossier that was looked at")
    dossiers: int = 0
    objects: int = 0
    bytes: int = 0
    signatures: int = 0
    wrong: int = Field(0, description="objects for which something was found")
    unrecorded: int = Field(
        0, description="objects that the ledger does not name: left by runs that were cut off"
    )
    ended_at: datetime | None = None


Seen = Callable[[FixityProgress, int], None]
"""Told after each dossier: how far, and how many dossiers there are."""


def unseen(_looked: FixityProgress, _dossiers: int) -> None:
    """For a look that nobody watches."""


@dataclass(frozen=True)
class Archive:
    """What is looked through, and whose signatures count.

    Attributes:
        folder: where progress and the file at hand lie; made where it is missing.
        clock: the time now, aware.
    """

    ledger: Ledger
    objects: Objects
    trust: Trust
    folder: Path
    clock: Callable[[], datetime]


def as_metadata(head: Head) -> dict[str, str]:
    """The end of the event log, as an index carries it into the store."""
    return {_SEQ: str(head.seq), _HASH: head.hash, _AT: head.at.astimezone(UTC).isoformat()}


def head_in(metadata: Mapping[str, str]) -> Head | None:
    """The end of the event log that an index carries; ``None`` for older ones."""
    try:
        return Head.model_validate(
            {"seq": metadata[_SEQ], "hash": metadata[_HASH], "at": metadata[_AT]}
        )
    except (KeyError, ValidationError):
        return None


def note_damage(ledger: Ledger, kept: KeptObject) -> None:
    """Write down that an object's bytes are not those that were put."""
    ledger.found(DAMAGED, _place(kept), dossier_id=kept.dossier_id, document_id=kept.document_id)


def note_missing(ledger: Ledger, kept: KeptObject) -> Damaged:
    """Write down that the store does not have an object any more; the error that says so."""
    place = _place(kept)
    ledger.found(MISSING, place, dossier_id=kept.dossier_id, document_id=kept.document_id)
    return Damaged(f"finding.{MISSING}", place=place)


def last_look(folder: Path, name: str = "night") -> FixityProgress | None:
    """How far the look of that name came, or when it ended."""
    try:
        return FixityProgress.model_validate_json((folder / f"{name}.json").read_bytes())
    except (OSError, ValidationError):
        return None


def look_through(
    archive: Archive,
    *,
    name: str = "night",
    until: datetime | None = None,
    seen: Seen = unseen,
    stopped: Callable[[], bool] = lambda: False,
) -> FixityProgress:
    """Look at every object of the ledger in the store, from where the last look stopped.

    Compared are the bytes (SHA-256) of the version on record, its retention, whether it is still
    the newest under its key and no mark hides it, the signatures of signed files, and the end of
    the event log that indexes carry. A look that had ended begins anew.

    Args:
        archive: what is looked through.
        name: of the look; the night and an operator have each their own.
        until: stop then; the rest is left to the next time.
        seen: told after each dossier.
        stopped: asked before each object; ``True`` stops.

    Raises:
        ServiceUnavailable: the store is away, or another process does this now.
        ConfigurationError: the store refuses, or has no such bucket.
    """
    folder = archive.folder
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    busy = ServiceUnavailable("flow.look_in_progress")
    with held(folder / f"{name}.lock", busy), Guard(archive.trust) as guard:
        looked = last_look(folder, name)
        if looked is None or looked.ended_at is not None:
            looked = FixityProgress(started_at=archive.clock())
        total = archive.ledger.count_dossiers()
        look = _Look(archive, guard, folder / f"{name}.pdf", stopped)
        try:
            while ids := archive.ledger.dossier_ids(looked.after, 50):
                for dossier_id in ids:
                    late = until is not None and archive.clock() >= until
                    counts = None if late or stopped() else look.dossier(dossier_id)
                    if counts is None:
                        return looked
                    looked = _added(looked, dossier_id, counts)
                    seen(looked, total)
                _keep(folder / f"{name}.json", looked)
            looked = looked.model_copy(update={"ended_at": archive.clock()})
        finally:  # also when a person stops it, or the store goes away
            _keep(folder / f"{name}.json", looked)
        return looked


@dataclass
class _Counts:
    objects: int = 0
    bytes: int = 0
    signatures: int = 0
    wrong: int = 0
    unrecorded: int = 0


class _Look:
    """One look, with what it needs for every object."""

    def __init__(
        self, archive: Archive, guard: Guard, path: Path, stopped: Callable[[], bool]
    ) -> None:
        self._archive = archive
        self._guard = guard
        self._path = path
        self._stopped = stopped

    def dossier(self, dossier_id: int) -> _Counts | None:
        """Look at the objects of one dossier; ``None`` where it was stopped before the last."""
        ledger = self._archive.ledger
        dossier = ledger.dossier_by_id(dossier_id)
        open_before = [one for one in ledger.findings(dossier_id) if one.code in OF_OBJECTS]
        own = [one for one in ledger.objects(dossier_id) if one.dossier_id == dossier_id]
        versions = self._versions(dossier, own)
        counts = _Counts()
        for kept in own:
            if self._stopped():
                return None
            wrong = self._object(kept, versions.pop((kept.bucket, kept.key), []), counts)
            counts.objects += 1
            counts.wrong += wrong is not None
            self._write_down(kept, wrong, open_before)
        counts.unrecorded = len(versions)
        return counts

    def _versions(
        self, dossier: Dossier, own: list[KeptObject]
    ) -> dict[tuple[str, str], list[ListedVersion]]:
        """Everything that stands in the store under the dossier's codes."""
        found: dict[tuple[str, str], list[ListedVersion]] = {}
        prefixes = {(one.bucket, one.key.rpartition("/")[0] + "/") for one in own}
        for bucket, prefix in sorted(prefixes):
            for one in self._archive.objects.versions(bucket, prefix):
                found.setdefault((bucket, one.key), []).append(one)
        return found

    def _object(
        self, kept: KeptObject, versions: list[ListedVersion], counts: _Counts
    ) -> str | None:
        """The code of what is wrong with an object."""
        signed = kept.kind in {ObjectKind.signed, ObjectKind.renewed}
        try:
            info = self._read(kept, keep=signed)
        except NotFound:
            return MISSING
        except Damaged:
            return DAMAGED
        counts.bytes += kept.bytes
        newest = next((one for one in versions if one.newest), None)
        if newest is not None and newest.deleted:
            return HIDDEN
        if newest is not None and kept.version_id and newest.version_id != kept.version_id:
            return OVERWRITTEN
        if not self._is_held(kept):
            return UNLOCKED
        if signed:
            counts.signatures += 1
            if self._guard.verify(self._path).verdict.verdict in _UNSOUND:
                return SIGNATURE
        if kept.kind is ObjectKind.index:
            self._compare_head(kept, info)
        return None

    def _read(self, kept: KeptObject, *, keep: bool) -> ObjectInfo:
        objects, where = self._archive.objects, (kept.bucket, kept.key)
        if not keep:
            return objects.check(*where, version_id=kept.version_id, sha256=kept.sha256)
        return objects.get(*where, self._path, version_id=kept.version_id, sha256=kept.sha256)

    def _is_held(self, kept: KeptObject) -> bool:
        """Whether the version is still locked for as long as the ledger says."""
        due = kept.retain_until
        if due is None or due <= self._archive.clock():
            return True
        held = self._archive.objects.held_until(kept.bucket, kept.key, kept.version_id)
        return held is not None and held >= due - _TOLERANCE

    def _compare_head(self, kept: KeptObject, info: ObjectInfo) -> None:
        """The log must hold the end that the store has under lock."""
        head = head_in(info.metadata)
        if head is not None and not self._archive.ledger.holds(head):
            self._archive.ledger.found(HEAD, _place(kept), dossier_id=kept.dossier_id, stops=True)

    def _write_down(
        self, kept: KeptObject, wrong: str | None, open_before: list[LedgerFinding]
    ) -> None:
        ledger, place = self._archive.ledger, _place(kept)
        ended = [one.id for one in open_before if one.place == place and one.code != wrong]
        ledger.end_findings(ended)
        if wrong is not None:
            ledger.found(wrong, place, dossier_id=kept.dossier_id, document_id=kept.document_id)
        self._path.unlink(missing_ok=True)


def _place(kept: KeptObject) -> str:
    return f"{kept.bucket}/{kept.key}"


def _added(looked: FixityProgress, dossier_id: int, counts: _Counts) -> FixityProgress:
    return looked.model_copy(
        update={
            "after": dossier_id,
            "dossiers": looked.dossiers + 1,
            "objects": looked.objects + counts.objects,
            "bytes": looked.bytes + counts.bytes,
            "signatures": looked.signatures + counts.signatures,
            "wrong": looked.wrong + counts.wrong,
            "unrecorded": looked.unrecorded + counts.unrecorded,
        }
    )


def _keep(path: Path, looked: FixityProgress) -> None:
    write_durably(path, looked.model_dump_json().encode())
