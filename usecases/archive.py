"""Keeping signatures provable: archive time stamps renewed before they run out.

What is stored is never written over: a renewed file is an object of its own beside the signed one,
and the dossier gets one more index.
"""

import fcntl
import itertools
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import Field, ValidationError

from schemas.dossier import Stage
from schemas.durable import write_durably
from schemas.errors import Conflict, Damaged, NotFound, ServiceUnavailable, SohoaError
from schemas.messages import sentence
from schemas.page import Frozen
from signing import Renewal, Renewed, Signer
from storage import Document, Dossier, KeptObject, ObjectKind
from usecases.caller import Caller, Right, permit
from usecases.context import ACTOR, AppContext
from usecases.fixity import note_damage, note_missing
from usecases.index import put_index

FOLDER = "archive"
KNOWN = "known.json"


class Tally(Frozen):
    """What became of the files that are stored."""

    current: int = 0
    renewed: int = 0
    waiting: int = 0
    """A service is away; they are taken up again next time."""
    refused: int = 0
    """Not valid any more: nothing is added to them, and a person must look."""


class _Known(Frozen):
    """Until when the archive time stamps hold, by the hash of the file: found out once."""

    until: dict[str, datetime] = Field(default_factory=dict)


def renew(path: Path, signer: Signer, *, days: int = 365) -> Renewed:
    """Renew the archive time stamp of one file; whatever goes wrong is an outcome.

    Args:
        path: a signed PDF; it is replaced as a whole or not at all.
        signer: whose time-stamp authority.
        days: how near the end of the last time stamp's certificate must be.
    """
    try:
        return signer.renew(path, days=days)
    except (ServiceUnavailable, OSError) as exc:
        code = exc.code if isinstance(exc, SohoaError) else "flow.no_room"
        return Renewed(outcome=Renewal.waiting, error=code)
    except SohoaError as exc:
        return Renewed(outcome=Renewal.refused, error=exc.code)


def renew_stored(
    caller: Caller,
    context: AppContext,
    *,
    days: int = 365,
    stopped: Callable[[], bool] = lambda: False,
) -> Tally:
    """Renew what is published and runs out within ``days``. Repeating it changes nothing.

    Args:
        caller: who wants it.
        context: the rooms; its work folder keeps what is known of each file.
        days: how near the end of the last time stamp's certificate must be.
        stopped: asked before each file; the rest is left to the next time.

    Raises:
        NotAllowed: they do not keep the office running.
        ServiceUnavailable: the store is away, or another process does this now.
        NotTrusted: the ledger contradicts itself; see :meth:`storage.Ledger.prove`.
    """
    permit(caller, Right.operate)
    folder = context.work / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    with _held(folder):
        known = dict(_read(folder / KNOWN).until)
        counts = dict.fromkeys(Renewal, 0)
        try:
            for dossier in context.ledger.dossiers():
                if stopped():
                    break
                kept = context.ledger.objects(dossier.id)
                added = unlisted(kept)
                for document, last in _last_of(context, dossier, kept):
                    if stopped():
                        break
                    outcome = _one(context, dossier, document, last, known, days)
                    counts[outcome] += 1
                    added = added or outcome is Renewal.renewed
                if added:
                    put_index(context.ledger, context.objects, context.work, dossier)
        finally:
            write_durably(folder / KNOWN, _Known(until=known).model_dump_json().encode())
    return Tally(**{outcome.value: count for outcome, count in counts.items()})


def unlisted(kept: Sequence[KeptObject]) -> bool:
    """Whether a file was renewed since the last index: a run was cut off before the next one."""
    kinds = [one.kind for one in kept if one.kind in {ObjectKind.renewed, ObjectKind.index}]
    return bool(kinds) and kinds[-1] is ObjectKind.renewed


def _last_of(
    context: AppContext, dossier: Dossier, kept: Sequence[KeptObject]
) -> Iterator[tuple[Document, KeptObject]]:
    """The published documents of a dossier, each with its signed file as it was renewed last."""
    for document in context.ledger.documents(dossier.id):
        own = [
            one
            for one in kept
            if one.document_id == document.id
            and one.kind in {ObjectKind.signed, ObjectKind.renewed}
        ]
        if document.stage in {Stage.published, Stage.withdrawn} and own:
            yield document, own[-1]


def _one(
    context: AppContext,
    dossier: Dossier,
    document: Document,
    last: KeptObject,
    known: dict[str, datetime],
    days: int,
) -> Renewal:
    """Look at one file, if it is time to, and store what was renewed."""
    until = known.get(last.sha256)
    if until is not None and until - context.clock() > timedelta(days=days):
        return Renewal.current
    context.ledger.prove(dossier.id)
    path = context.work / FOLDER / f"{document.id}.pdf"
    path.unlink(missing_ok=True)  # left by a run that was cut off
    try:
        context.objects.get(
            last.bucket, last.key, path, version_id=last.version_id, sha256=last.sha256
        )
        found = renew(path, context.signer, days=days)
        if found.outcome is Renewal.renewed and found.sha256 is not None:
            _store(context, dossier, document, path)
            known.pop(last.sha256, None)
        sha256 = found.sha256 or last.sha256
        if found.until is not None:
            known[sha256] = found.until
        if found.outcome is Renewal.refused and found.error is not None:
            words = sentence("signing.archive_refused", "vi", document=document.label)
            context.ledger.warn(dossier.id, words)
        return found.outcome
    except (Damaged, NotFound) as error:
        if isinstance(error, NotFound):
            note_missing(context.ledger, last)
        else:
            note_damage(context.ledger, last)
        return Renewal.refused  # the others go on
    finally:
        path.unlink(missing_ok=True)


def _store(context: AppContext, dossier: Dossier, document: Document, path: Path) -> None:
    bucket = context.objects.options.results_bucket
    for number in itertools.count(1):
        key = f"{dossier.department}/{dossier.code}/{document.label}-renewed-{number:03d}.pdf"
        try:
            stored = context.objects.put(bucket, key, path, media_type="application/pdf")
        except Conflict:
            if number > 999:
                raise
            continue  # renewed before, or left by a run that was cut off
        break
    context.objects.sync()
    context.ledger.record_object(
        stored,
        kind=ObjectKind.renewed,
        dossier_id=dossier.id,
        document_id=document.id,
        actor=ACTOR,
    )


def _read(path: Path) -> _Known:
    try:
        return _Known.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return _Known()  # found out again


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as exc:
        raise ServiceUnavailable("signing.archive_in_progress") from exc
    finally:
        os.close(handle)


__all__ = ["Renewal", "Renewed", "Tally", "renew", "renew_stored"]
