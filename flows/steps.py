"""What happens to a dossier, step by step. Each step may be repeated at any time.

A step takes the documents that stand at its stage, looks for its own finished output, works only
where there is none, and then tells the ledger. Linked documents follow their first one in the
ledger and are passed over here.
"""

import asyncio
import errno
import itertools
import json
import logging
import os
import shutil
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path

from flows.desk import load_manifest, manifest_path
from flows.digitise import Progress, digitise, silent
from flows.files import fingerprint, write_durably
from flows.office import ACTOR, Office
from flows.outlet import finish_claim, reject_file
from flows.register import with_register
from schemas.dossier import Role, Stage
from schemas.errors import (
    ConfigurationError,
    Conflict,
    InputRejected,
    MissingDependency,
    NotFound,
    ServiceUnavailable,
    SohoaError,
)
from schemas.manifest import Manifest
from schemas.procedure import checklist
from signing import SignerRole
from storage import Document, Dossier, KeptObject, ObjectKind

log = logging.getLogger(__name__)

MAX_ATTEMPTS = 5
"""Runs of the flow after which an unexpected error is no longer tried again."""

COVER_SHEET = "phieu_bia"
"""The document type of the sheet that `sohoa coversheet` draws."""

ORIGINAL_ENDINGS = {
    "application/pdf": ".pdf",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/tiff": ".tif",
    "image/heic": ".heic",
    "image/webp": ".webp",
}


def unwatched(_document: Document) -> Progress:
    """The progress of documents that nobody watches."""
    return silent


async def read(
    office: Office, dossier: Dossier, progress: Callable[[Document], Progress] = unwatched
) -> None:
    """Received documents become a searchable PDF/A and a manifest, or are rejected."""

    async def act(document: Document) -> None:
        source = office.source(dossier, document)
        try:
            manifest = await _digitised(office, source, document, progress(document))
        except InputRejected as reason:
            await asyncio.to_thread(_reject, office, dossier, document, source, reason)
            return
        if office.registry is not None:
            manifest = await asyncio.to_thread(
                with_register, office, office.registry, dossier, document, manifest
            )
        desk = office.desk(document)
        await asyncio.to_thread(
            office.ledger.advance,
            document.id,
            Stage.received,
            Stage.digitised,
            actor=ACTOR,
            document_type=manifest.document_type,
            media_type=manifest.source.media_type,
            pages=len(manifest.pages),
            manifest_sha256=fingerprint(desk.manifest)[0],
            pdfa_sha256=fingerprint(desk.pdf)[0],
        )

    await each(office, dossier, Stage.received, act, together=office.pool.workers)


async def _digitised(
    office: Office, source: Path, document: Document, progress: Progress
) -> Manifest:
    desk = office.desk(document)
    if desk.manifest.exists() and desk.pdf.exists():
        found = Manifest.model_validate_json(desk.manifest.read_bytes())
        if found.source.sha256 == document.source_sha256:
            return found
    if not os.path.lexists(source):
        raise NotFound("flow.source_missing", document=document.label)
    if source.is_symlink() or not source.is_file():
        raise InputRejected("flow.not_a_file")
    desk.folder.mkdir(parents=True, exist_ok=True)
    made = await digitise(
        source, desk.pdf, desk.manifest, pool=office.pool, trust=office.trust, progress=progress
    )
    if made.source.sha256 != document.source_sha256:
        desk.manifest.unlink()
        raise InputRejected("flow.changed_after_claim")
    return made


def _reject(
    office: Office, dossier: Dossier, document: Document, source: Path, reason: InputRejected
) -> None:
    """Ledger first; the file then follows, now or when the claim is closed."""
    office.ledger.reject(document.id, reason.code, reason.params, ACTOR)
    reject_file(office.inbox.root, source, dossier.department, dossier.code, reason)


async def decide(office: Office, dossier: Dossier) -> None:
    """Documents with a doubtful field or an unread page wait for a person; the others go on."""

    def act(document: Document) -> None:
        manifest = load_manifest(office.desk(document), document)
        to = Stage.in_review if manifest.needs_person() else Stage.ready_to_sign
        office.ledger.advance(document.id, Stage.digitised, to, actor=ACTOR)

    await each(office, dossier, Stage.digitised, in_thread(act))


async def sign(office: Office, dossier: Dossier) -> None:
    """The PDF/A of each document gets the copy signature of the digitising unit, exactly once."""

    def act(document: Document) -> None:
        desk = office.desk(document)
        _expect(desk.pdf, document.pdfa_sha256, document)
        signed = office.signer.sign(
            desk.pdf,
            desk.signed,
            role=SignerRole.seal,
            reference=f"{dossier.code}/{document.label}",
        )
        office.ledger.advance(
            document.id,
            Stage.ready_to_sign,
            Stage.signed,
            actor=ACTOR,
            signed_sha256=signed.sha256,
        )

    await each(office, dossier, Stage.ready_to_sign, in_thread(act))


async def store(office: Office, dossier: Dossier) -> None:
    """Original, signed artefact and manifest go to the object store and are read back."""

    def act(document: Document) -> None:
        for kind, bucket, key, path, media_type in _objects_of(office, dossier, document):
            stored = office.objects.put(bucket, key, path, media_type=media_type)
            office.ledger.record_object(
                stored, kind=kind, dossier_id=dossier.id, document_id=document.id, actor=ACTOR
            )
        office.objects.sync()
        office.ledger.advance(document.id, Stage.signed, Stage.stored, actor=ACTOR)

    await each(office, dossier, Stage.signed, in_thread(act))


def _objects_of(
    office: Office, dossier: Dossier, document: Document
) -> list[tuple[ObjectKind, str, str, Path, str]]:
    """What is stored of a document: kind, bucket, key, file, media type. Keys name no person."""
    desk, source = office.desk(document), office.source(dossier, document)
    _expect(source, document.source_sha256, document)
    _expect(desk.signed, document.signed_sha256, document)
    media = document.media_type or "application/octet-stream"
    key = f"{dossier.department}/{dossier.code}/{document.label}"
    originals = office.objects.options.originals_bucket
    results = office.objects.options.results_bucket
    ending = ORIGINAL_ENDINGS.get(media, ".bin")
    return [
        (ObjectKind.original, originals, key + ending, source, media),
        (ObjectKind.signed, results, key + ".pdf", desk.signed, "application/pdf"),
        (
            ObjectKind.manifest,
            results,
            key + ".json",
            manifest_path(desk, document),
            "application/json",
        ),
    ]


async def publish(office: Office, dossier: Dossier) -> None:
    """Write the dossier's index and give its sources to ``done/``."""
    stored = _own(office, dossier, Stage.stored)
    if stored:
        await asyncio.to_thread(_put_index, office, dossier)

    def act(document: Document) -> None:
        office.ledger.advance(document.id, Stage.stored, Stage.published, actor=ACTOR)

    await each(office, dossier, Stage.stored, in_thread(act))
    await asyncio.to_thread(close_claims, office, dossier)


def _put_index(office: Office, dossier: Dossier) -> None:
    """One more index of the dossier: indexes are never overwritten, the highest number counts."""
    objects = office.ledger.objects(dossier.id)
    content = json.dumps(_index(office, dossier, objects), ensure_ascii=False, indent=2).encode()
    path = office.work / f"index-{dossier.id}.json"
    write_durably(path, content)
    bucket = office.objects.options.results_bucket
    known = sum(kept.kind is ObjectKind.index for kept in objects)
    for number in itertools.count(known + 1):
        key = f"{dossier.department}/{dossier.code}/index-{number:03d}.json"
        try:
            stored = office.objects.put(bucket, key, path, media_type="application/json")
        except Conflict:
            if number > known + 100:
                raise
            continue  # left by a run that was cut off before the ledger knew of it
        break
    office.objects.sync()
    office.ledger.record_object(stored, kind=ObjectKind.index, dossier_id=dossier.id, actor=ACTOR)
    path.unlink()


def _index(office: Office, dossier: Dossier, objects: list[KeptObject]) -> dict[str, object]:
    """What a department finds first. Made from the ledger only, so a repeat writes the same."""
    kept_columns = {"kind", "bucket", "key", "version_id", "sha256", "bytes"}
    return {
        "department": dossier.department,
        "dossier": dossier.code,
        "provisional": dossier.provisional,
        "checklist": _checklist(office.ledger.documents(dossier.id)),
        "documents": [
            {
                "number": document.number,
                "role": document.role,
                "name": document.name,
                "document_type": document.document_type,
                "pages": document.pages,
                "source_sha256": document.source_sha256,
                "signed_sha256": document.signed_sha256,
                "objects": [
                    kept.model_dump(mode="json", include=kept_columns)
                    for kept in objects
                    if document.owns(kept)
                ],
            }
            for document in office.ledger.documents(dossier.id)
            if document.stage in {Stage.stored, Stage.published}
        ],
    }


def _checklist(documents: list[Document]) -> dict[str, object] | None:
    """The components a procedure asks for, ticked off; cover sheets and rejected files are none."""
    held = [
        document.document_type
        for document in documents
        if document.role is Role.component
        and document.document_type != COVER_SHEET
        and document.stage is not Stage.rejected
    ]
    known = checklist(held)
    if known is None:
        return None
    return {
        "procedures": [one.code for one in known.procedures],
        "components": [
            {
                "id": one.component.id,
                "name": one.component.names.vi,
                "required": one.component.required,
                "present": one.present,
            }
            for one in known.components
        ],
    }


def close_claims(office: Office, dossier: Dossier) -> None:
    """Sources of claims that are through go to ``done/`` or ``rejected/``; work files go."""
    documents = office.ledger.documents(dossier.id)
    for claim in office.ledger.claims(dossier.id, open_only=True):
        mine = [document for document in documents if document.claim_id == claim.claim_id]
        if any(one.stage not in {Stage.published, Stage.rejected} for one in mine):
            continue
        folder = office.inbox.source(claim.claim_id, dossier.department, claim.folder, ".")
        for document in mine:
            if document.stage is Stage.rejected:
                reason = InputRejected(document.error_code or "", **document.error_params)
                source = folder / document.relative
                reject_file(office.inbox.root, source, dossier.department, dossier.code, reason)
        if folder.exists():
            finish_claim(office.inbox.root, folder, dossier.department, dossier.code)
        office.ledger.close_claim(claim.claim_id, ACTOR)
        for document in mine:
            shutil.rmtree(office.desk(document).folder, ignore_errors=True)


def _expect(path: Path, sha256: str | None, document: Document) -> None:
    if not path.exists():
        raise NotFound("flow.source_missing", document=document.label)
    if fingerprint(path)[0] != sha256:
        raise Conflict("flow.output_damaged", document=document.label)


def _own(office: Office, dossier: Dossier, stage: Stage) -> list[Document]:
    return [
        document
        for document in office.ledger.documents(dossier.id)
        if document.stage is stage and document.duplicate_of is None
    ]


Act = Callable[[Document], Awaitable[None]]


def in_thread(act: Callable[[Document], None]) -> Act:
    """The blocking ``act`` as one that does not hold up the other dossiers."""

    async def threaded(document: Document) -> None:
        await asyncio.to_thread(act, document)

    return threaded


async def each(
    office: Office, dossier: Dossier, stage: Stage, act: Act, *, together: int = 1
) -> None:
    """Do ``act`` for each own document at ``stage``; one that cannot go on does not stop the rest.

    Args:
        together: how many documents at once.

    Raises:
        SohoaError: the first failure, after every document had its turn. A lasting one is in the
            ledger already; a passing one leaves its document where it stands.
    """
    failures: list[SohoaError] = []
    turn = asyncio.Semaphore(together)

    async def one(document: Document) -> None:
        async with turn:
            try:
                await act(document)
            except Exception as error:  # every failure is an outcome; see `judge`
                failure, lasting = judge(error, stage, dossier)
                failures.append(failure)
                if lasting:
                    await asyncio.to_thread(
                        office.ledger.fail, document.id, failure.code, failure.params, ACTOR
                    )

    documents = await asyncio.to_thread(_own, office, dossier, stage)
    async with asyncio.TaskGroup() as group:
        for document in documents:
            group.create_task(one(document))
    if failures:
        raise failures[0] from None


def judge(error: Exception, stage: Stage, dossier: Dossier) -> tuple[SohoaError, bool]:
    """What a failure is, without personal data, and whether trying again is of no use.

    Services, disks and settings come back; what contradicts the ledger does not get better; a
    mistake in a program gets ``MAX_ATTEMPTS``.
    """
    if isinstance(error, ServiceUnavailable | ConfigurationError | MissingDependency):
        return error, False
    if isinstance(error, SohoaError):
        return error, True
    if isinstance(error, OSError):
        name = errno.errorcode.get(error.errno or 0, type(error).__name__)
        return ServiceUnavailable("flow.no_room", error=name), False
    frames = "".join(traceback.format_tb(error.__traceback__))
    log.error("%s at %s: %s\n%s", dossier.code, stage, type(error).__name__, frames)
    unexpected = SohoaError(
        "flow.unexpected", step=stage.value, error=type(error).__name__, dossier=dossier.code
    )
    return unexpected, dossier.attempts >= MAX_ATTEMPTS
