"""What happens to a dossier, step by step. Each step may be repeated at any time.

A step takes the documents that stand at its stage, looks for its own finished output, works only
where there is none, and then tells the ledger. Linked documents follow their first one in the
ledger and are passed over here.
"""

import asyncio
import errno
import functools
import logging
import shutil
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path

from flows.desk import Made, load_manifest, manifest_path
from flows.digitise import Progress, silent
from flows.documents import digitised
from flows.files import fingerprint
from flows.index import put_index
from flows.office import ACTOR, Office
from flows.outlet import finish_claim, reject_file
from flows.register import with_register
from flows.remaking import beginning_again, expect_source, set_aside, whole_pdf, whole_signed
from schemas.dossier import COVER_SHEET, Stage
from schemas.errors import (
    ConfigurationError,
    Conflict,
    InputRejected,
    MissingDependency,
    NotTrusted,
    ServiceUnavailable,
    SohoaError,
)
from schemas.field import Field, FieldStatus
from schemas.manifest import Manifest
from schemas.messages import sentence
from signing import SignerRole
from storage import Document, Dossier, ObjectKind, StoredObject

log = logging.getLogger(__name__)

MAX_ATTEMPTS = 5
"""Runs of the flow after which an unexpected error is no longer tried again."""

_PASSING = (ServiceUnavailable, ConfigurationError, MissingDependency, NotTrusted)

ORIGINAL_ENDINGS = {
    "application/pdf": ".pdf",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/tiff": ".tif",
    "image/heic": ".heic",
    "image/webp": ".webp",
    "image/avif": ".avif",
    "image/jp2": ".jp2",
}


def unwatched(_document: Document) -> Progress:
    """The progress of documents that nobody watches."""
    return silent


async def read(
    office: Office, dossier: Dossier, progress: Callable[[Document], Progress] = unwatched
) -> None:
    """Received documents become a searchable PDF/A and a manifest, or are rejected.

    A scan of several documents is split, and these are then read in their turn.
    """

    async def act(document: Document) -> None:
        try:
            made = await digitised(office, dossier, document, progress(document))
        except InputRejected as reason:
            await asyncio.to_thread(_reject, office, dossier, document, reason)
            return
        if made is None:
            return
        manifest = made.manifest
        if manifest.document_type == COVER_SHEET:
            await asyncio.to_thread(_take_code, office, dossier, manifest)
        if office.registry is not None:
            await asyncio.to_thread(office.desk(document).keep_made, made)  # not read again
            manifest = await asyncio.to_thread(
                with_register, office, office.registry, dossier, document, manifest
            )
        await asyncio.to_thread(_digitised, office, document, Made(manifest, made.pdfa_sha256))

    while await asyncio.to_thread(_own, office, dossier, Stage.received):
        await each(office, dossier, Stage.received, act, together=office.pool.workers)
        dossier = await asyncio.to_thread(office.ledger.dossier_by_id, dossier.id)


def _digitised(office: Office, document: Document, made: Made) -> None:
    """Keep what was made, then tell the ledger what the document became."""
    manifest = made.manifest
    content = office.desk(document).keep_made(made)
    office.ledger.advance(
        document.id,
        Stage.received,
        Stage.digitised,
        actor=ACTOR,
        document_type=manifest.document_type,
        media_type=manifest.source.media_type,
        pages=len(manifest.pages),
        manifest=content,
        pdfa_sha256=made.pdfa_sha256,
    )


def _take_code(office: Office, dossier: Dossier, manifest: Manifest) -> None:
    """A cover sheet that came as a file of its own names its dossier, or says another one."""
    field = manifest.fields.get("dossier_code")
    if isinstance(field, Field) and field.value and field.status is FieldStatus.accepted:
        now = office.ledger.recode(dossier.id, field.value, ACTOR)
        if field.value not in {now.code, now.first_code}:
            text = sentence("flow.cover_contradicts", office.language, code=field.value)
            office.ledger.warn(dossier.id, text)


def _reject(office: Office, dossier: Dossier, document: Document, reason: InputRejected) -> None:
    """Ledger first; the file then follows, now or when the claim is closed.

    Pages of a scan stay in the scan.
    """
    office.ledger.reject(document.id, reason.code, reason.params, ACTOR)
    if document.part_of is None:
        source = office.source(dossier, document)
        reject_file(office.inbox.root, source, dossier.department, dossier.code, reason)


async def decide(office: Office, dossier: Dossier) -> None:
    """Documents that a person must see wait for one; the others go on."""

    def act(document: Document) -> None:
        manifest = load_manifest(office.desk(document), document, office.ledger)
        asked = manifest.needs_person(office.pool.options.pass_unseen)
        to = Stage.in_review if asked else Stage.ready_to_sign
        office.ledger.advance(document.id, Stage.digitised, to, actor=ACTOR)

    await each(office, dossier, Stage.digitised, in_thread(beginning_again(office, act)))


async def sign(office: Office, dossier: Dossier) -> None:
    """The PDF/A of each document gets the copy signature of the digitising unit, exactly once.

    The ledger's rows are proven by its events first: what is signed is what was read and reviewed.
    """

    proven: dict[int, Document] = {}

    def prove(document: Document) -> Document:
        if proven.get(document.id) != document:
            proven.update({one.id: one for one in office.ledger.prove(dossier.id).documents})
        return proven[document.id]

    async def act(document: Document) -> None:
        now = await asyncio.to_thread(prove, document)
        pdf = await whole_pdf(office, dossier, now)
        if pdf is not None:
            await asyncio.to_thread(_sign, office, dossier, now, pdf)

    await each(office, dossier, Stage.ready_to_sign, act)


def _sign(office: Office, dossier: Dossier, document: Document, pdf: Path) -> None:
    """Sign ``pdf`` and tell the ledger.

    A file that stands where the signed one goes, and is not it, is one that was damaged before the
    ledger knew of it: it never left this folder, and an event says that it was set aside.
    """
    out = office.desk(document).signed_beside(pdf)
    sign_it = functools.partial(
        office.signer.sign,
        pdf,
        out,
        role=SignerRole.seal,
        reference=f"{dossier.code}/{document.label}",
    )
    try:
        signed = sign_it()
    except Conflict as error:
        if error.code != "signing.out_exists":
            raise
        found, _ = fingerprint(out)
        set_aside(out)
        office.ledger.note(dossier.id, document.id, ACTOR, "signature_set_aside", hash_before=found)
        signed = sign_it()
    office.ledger.advance(
        document.id, Stage.ready_to_sign, Stage.signed, actor=ACTOR, signed_sha256=signed.sha256
    )


async def store(office: Office, dossier: Dossier) -> None:
    """Original, signed artefact and manifest go to the object store and are read back.

    Of a split scan, its original and its manifest; of its documents, the scan as the original.
    """

    def act(document: Document) -> None:
        _store_original(office, dossier, document)
        results, desk = office.objects.options.results_bucket, office.desk(document)
        key = f"{dossier.department}/{dossier.code}/{document.label}"
        path = manifest_path(desk, document, office.ledger)
        if not document.split:
            signed = whole_signed(office, document, results, key + ".pdf")
            if signed is None:
                return
            put = office.objects.put(results, key + ".pdf", signed, media_type="application/pdf")
            _record(office, put, ObjectKind.signed, document)
        put = office.objects.put(results, key + ".json", path, media_type="application/json")
        _record(office, put, ObjectKind.manifest, document)
        office.objects.sync()
        office.ledger.advance(document.id, document.stage, Stage.stored, actor=ACTOR)

    for stage in (Stage.split_up, Stage.signed):
        await each(office, dossier, stage, in_thread(beginning_again(office, act)))


def _store_original(office: Office, dossier: Dossier, document: Document) -> None:
    """The file as it came in, once; of a document that is part of a scan, the scan."""
    scan = document
    if document.part_of is not None:
        scan = office.ledger.document(document.part_of)
    home = office.ledger.dossier_by_id(scan.dossier_id)
    if any(
        kept.document_id == scan.id and kept.kind is ObjectKind.original
        for kept in office.ledger.objects(home.id)
    ):
        return
    source = office.source(dossier, document)
    expect_source(source, document)
    media = scan.media_type or "application/octet-stream"
    key = f"{home.department}/{home.code}/{scan.label}{ORIGINAL_ENDINGS.get(media, '.bin')}"
    bucket = office.objects.options.originals_bucket
    put = office.objects.put(bucket, key, source, media_type=media)
    _record(office, put, ObjectKind.original, scan)


def _record(office: Office, stored: StoredObject, kind: ObjectKind, document: Document) -> None:
    """Keys name no person: department, dossier, role and number only."""
    office.ledger.record_object(
        stored, kind=kind, dossier_id=document.dossier_id, document_id=document.id, actor=ACTOR
    )


async def publish(office: Office, dossier: Dossier) -> None:
    """Write the dossier's index and give its sources to ``done/``."""
    stored = _own(office, dossier, Stage.stored)
    if any(not document.split for document in stored):
        await asyncio.to_thread(put_index, office, dossier)

    def act(document: Document) -> None:
        office.ledger.advance(document.id, Stage.stored, Stage.published, actor=ACTOR)

    await each(office, dossier, Stage.stored, in_thread(act))
    await asyncio.to_thread(close_claims, office, dossier)
    if stored:
        await asyncio.to_thread(office.ledger.keep_head)


def close_claims(office: Office, dossier: Dossier) -> None:
    """Sources of claims that are through go to ``done/`` or ``rejected/``; work files go."""
    for claim in office.ledger.claims(dossier.id, open_only=True):
        mine = office.ledger.claimed(claim.claim_id)
        if any(one.stage not in {Stage.published, Stage.rejected} for one in mine):
            continue
        folder = office.inbox.source(claim.claim_id, dossier.department, claim.folder, ".")
        for document in mine:
            if document.stage is Stage.rejected and document.part_of is None:
                reason = InputRejected(document.error_code or "", **document.error_params)
                source = folder / document.relative
                reject_file(office.inbox.root, source, dossier.department, dossier.code, reason)
        finish_claim(office.inbox.root, folder, dossier.department, dossier.code)
        office.ledger.close_claim(claim.claim_id, ACTOR)
        for document in mine:
            shutil.rmtree(office.desk(document).folder, ignore_errors=True)


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
                if await asyncio.to_thread(_moved_on, office, document, error):
                    return
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


def _moved_on(office: Office, document: Document, error: Exception) -> bool:
    """Whether somebody else was faster: another process, or a person. That is no failure."""
    codes = {"storing.stands_elsewhere", "storing.decided_before"}
    if not isinstance(error, Conflict) or error.code not in codes:
        return False
    return office.ledger.document(document.id).stage is not document.stage


def judge(error: Exception, stage: Stage, dossier: Dossier) -> tuple[SohoaError, bool]:
    """What a failure is, without personal data, and whether trying again is of no use.

    Services, disks and settings come back, and so does trust in the ledger when an operator says
    so; what contradicts the ledger does not get better; a mistake in a program gets
    ``MAX_ATTEMPTS``.
    """
    if isinstance(error, _PASSING):
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
