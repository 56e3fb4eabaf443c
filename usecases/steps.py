"""What happens to a dossier, step by step. Each step may be repeated at any time.

A step takes the documents that stand at its stage, looks for its own finished output, works only
where there is none, and then tells the ledger. Linked documents follow their first one in the
ledger and are passed over here.
"""

import asyncio
import errno
import functools
import logging
import traceback
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from shutil import rmtree

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
from usecases.composing import doubts_of
from usecases.context import ACTOR, AppContext
from usecases.digitise import Progress, silent
from usecases.doc_codes import metadata_in_store
from usecases.documents import digitised, work_lost
from usecases.due import note_due
from usecases.files import fingerprint
from usecases.index import put_index
from usecases.originals import ORIGINAL_ENDINGS
from usecases.public_codes import codes_drawn, public_code
from usecases.register import with_register
from usecases.remaking import (
    adopt_signed,
    beginning_again,
    set_aside,
    signed_name,
    whole_pdf,
    whole_signed,
)
from usecases.rooms import Rooms
from usecases.search_index import try_to_index
from usecases.workspace import Made, load_manifest, manifest_path, still_there

log = logging.getLogger(__name__)

MAX_ATTEMPTS = 5
"""Runs of the flow after which an unexpected error is no longer tried again."""

_PASSING = (ServiceUnavailable, ConfigurationError, MissingDependency, NotTrusted)


def unwatched(_document: Document) -> Progress:
    """The progress of documents that nobody watches."""
    return silent


async def read(
    context: AppContext, dossier: Dossier, progress: Callable[[Document], Progress] = unwatched
) -> None:
    """Received documents become a searchable PDF/A and a manifest, or are rejected.

    A scan of several documents is split, and these are then read in their turn.
    """

    async def act(document: Document) -> None:
        try:
            made = await digitised(context, dossier, document, progress(document))
        except InputRejected as reason:
            await asyncio.to_thread(
                context.ledger.reject, document.id, reason.code, reason.params, ACTOR
            )
            return
        if made is None:
            return
        manifest = made.manifest
        if manifest.document_type == COVER_SHEET:
            await asyncio.to_thread(_take_code, context, dossier, manifest)
        if context.registry is not None:
            await asyncio.to_thread(context.workspace(document).keep_made, made)  # not read again
            manifest = await asyncio.to_thread(
                with_register, context, context.registry, dossier, document, manifest
            )
        await asyncio.to_thread(_digitised, context, document, Made(manifest, made.pdfa_sha256))

    while await asyncio.to_thread(_own, context, dossier, Stage.received):
        await each(context, dossier, Stage.received, act, together=context.pool.workers)
        dossier = await asyncio.to_thread(context.ledger.dossier_by_id, dossier.id)


def _digitised(context: AppContext, document: Document, made: Made) -> None:
    """Keep what was made, then tell the ledger what the document became."""
    manifest = made.manifest
    workspace = context.workspace(document)
    content = workspace.keep_made(made)
    pdf = workspace.find_pdf(made.pdfa_sha256)
    if pdf is not None:
        context.objects.keep_made(document.claim_id, pdf)
    context.ledger.advance(
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


def _take_code(context: AppContext, dossier: Dossier, manifest: Manifest) -> None:
    """A cover sheet that came as a file of its own names its dossier, or says another one."""
    field = manifest.fields.get("dossier_code")
    if isinstance(field, Field) and field.value and field.status is FieldStatus.accepted:
        now = context.ledger.recode(dossier.id, field.value, ACTOR)
        if field.value not in {now.code, now.first_code}:
            text = sentence("flow.cover_contradicts", context.language, code=field.value)
            context.ledger.warn(dossier.id, text)


async def decide(context: AppContext, dossier: Dossier) -> None:
    """Documents that a person must see, or approve, wait for one; the others go on."""
    pass_unseen = context.pool.options.pass_unseen

    def act(document: Document) -> None:
        manifest = load_manifest(context.workspace(document), document, context.ledger)
        asked = manifest.needs_person(pass_unseen)
        to = Stage.in_review if asked else context.approval.gate(document.role)
        doubts = len(doubts_of(manifest, pass_unseen)) if asked else 0
        context.ledger.advance(document.id, Stage.digitised, to, actor=ACTOR, doubts=doubts)

    await each(context, dossier, Stage.digitised, in_thread(beginning_again(context, act)))
    await asyncio.to_thread(note_due, context, dossier)


async def sign(context: AppContext, dossier: Dossier) -> None:
    """The PDF/A of each document gets the copy signature of the digitising unit, exactly once.

    The ledger's rows are proven by its events first: what is signed is what was read and reviewed.
    """

    proven: dict[int, Document] = {}

    def prove(document: Document) -> Document:
        if proven.get(document.id) != document:
            proven.update({one.id: one for one in context.ledger.prove(dossier.id).documents})
        return proven[document.id]

    async def act(document: Document) -> None:
        now = await asyncio.to_thread(prove, document)
        pdf = await whole_pdf(context, dossier, now)
        if pdf is not None:
            drawn = await codes_drawn(context, now, pdf)
            await asyncio.to_thread(_sign, context, dossier, now, pdf, drawn)

    await each(context, dossier, Stage.ready_to_sign, act)


def _sign(
    context: AppContext, dossier: Dossier, document: Document, pdf: Path, drawn: Sequence[str]
) -> None:
    """Sign ``pdf``, keep the signed file in the store, and tell the ledger.

    The store keeps one signed file of a PDF/A, whoever made it: where one stands there, from a host
    that was cut off before the ledger knew, it is the one that counts.
    """
    out = context.workspace(document).signed_beside(pdf)
    name = signed_name(document)
    code = public_code(
        context, document, drawn
    )  # in the ledger first: repeated, it draws the same one
    kept = context.objects.made(document.claim_id, name)
    if kept is None:
        _sign_here(context, dossier, document, pdf, out, code)
        kept = context.objects.keep_made(document.claim_id, out, name)
    if kept != fingerprint(out)[0]:
        adopt_signed(context, document, pdf, out, kept)
    context.ledger.advance(
        document.id, Stage.ready_to_sign, Stage.signed, actor=ACTOR, signed_sha256=kept
    )


def _sign_here(
    context: AppContext, dossier: Dossier, document: Document, pdf: Path, out: Path, code: str
) -> None:
    """Sign ``pdf``, with its public code, into ``out``, unless it was.

    A file that stands where the signed one goes, and is not it, is one that was damaged before the
    ledger knew of it: it never left this folder, and an event says that it was set aside.
    """
    sign_it = functools.partial(
        context.signer.sign,
        pdf,
        out,
        role=SignerRole.seal,
        reference=f"{dossier.code}/{document.label}",
        public_code=code,
    )
    try:
        sign_it()
    except Conflict as error:
        if error.code != "signing.out_exists":
            raise
        found, _ = fingerprint(out)
        set_aside(out)
        context.ledger.note(
            dossier.id, document.id, ACTOR, "signature_set_aside", hash_before=found
        )
        sign_it()


async def store(context: AppContext, dossier: Dossier) -> None:
    """Original, signed artefact and manifest go to the object store and are read back.

    Of a split scan, its original and its manifest; of its documents, the scan as the original.
    """

    def act(document: Document) -> None:
        _store_original(context, document)
        results, workspace = context.objects.options.results_bucket, context.workspace(document)
        key = f"{dossier.department}/{dossier.code}/{document.label}"
        path = manifest_path(workspace, document, context.ledger)
        if not document.split:
            signed = whole_signed(context, document, results, key + ".pdf")
            if signed is None:
                return
            put = context.objects.put(
                results,
                key + ".pdf",
                signed,
                media_type="application/pdf",
                metadata=metadata_in_store(context, document),
            )
            _record(context, put, ObjectKind.signed, document)
        put = context.objects.put(results, key + ".json", path, media_type="application/json")
        _record(context, put, ObjectKind.manifest, document)
        context.objects.sync()
        context.ledger.advance(document.id, document.stage, Stage.stored, actor=ACTOR)

    for stage in (Stage.split_up, Stage.signed):
        await each(context, dossier, stage, in_thread(beginning_again(context, act)))


def _store_original(context: AppContext, document: Document) -> None:
    """The file as it came in, once; of a document that is part of a scan, the scan."""
    scan = document
    if document.part_of is not None:
        scan = context.ledger.document(document.part_of)
    home = context.ledger.dossier_by_id(scan.dossier_id)
    if any(
        kept.document_id == scan.id and kept.kind is ObjectKind.original
        for kept in context.ledger.objects(home.id)
    ):
        return
    source = context.originals.path(document)
    media = scan.media_type or "application/octet-stream"
    key = f"{home.department}/{home.code}/{scan.label}{ORIGINAL_ENDINGS.get(media, '.bin')}"
    bucket = context.objects.options.originals_bucket
    put = context.objects.put(bucket, key, source, media_type=media)
    _record(context, put, ObjectKind.original, scan)


def _record(
    context: AppContext, stored: StoredObject, kind: ObjectKind, document: Document
) -> None:
    """Keys name no person: department, dossier, role and number only."""
    context.ledger.record_object(
        stored, kind=kind, dossier_id=document.dossier_id, document_id=document.id, actor=ACTOR
    )


async def publish(context: AppContext, dossier: Dossier) -> None:
    """Write the dossier's index; what is published can be found from now on."""
    stored = _own(context, dossier, Stage.stored)
    if any(not document.split for document in stored):
        await asyncio.to_thread(put_index, context.ledger, context.objects, context.work, dossier)

    async def act(document: Document) -> None:
        if not document.split:
            await try_to_index(rooms, context.pool, document)
        await asyncio.to_thread(done, document)

    def done(document: Document) -> None:
        context.ledger.advance(document.id, Stage.stored, Stage.published, actor=ACTOR)
        if not document.split:  # the pages of a scan are for its documents
            rmtree(context.workspace(document).folder, ignore_errors=True)

    rooms = Rooms(context.ledger, context.work, lambda: context.objects)
    await each(context, dossier, Stage.stored, act)
    if stored:
        await asyncio.to_thread(context.ledger.keep_head)


def _own(context: AppContext, dossier: Dossier, stage: Stage) -> list[Document]:
    return [
        document
        for document in context.ledger.documents(dossier.id)
        if document.stage is stage and document.duplicate_of is None
    ]


Act = Callable[[Document], Awaitable[None]]


def in_thread(act: Callable[[Document], None]) -> Act:
    """The blocking ``act`` as one that does not hold up the other dossiers."""

    async def threaded(document: Document) -> None:
        await asyncio.to_thread(act, document)

    return threaded


async def each(
    context: AppContext, dossier: Dossier, stage: Stage, act: Act, *, together: int = 1
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
        folder = context.workspace(document).folder
        async with turn:
            folder.mkdir(parents=True, exist_ok=True)
            with still_there(folder) as stands:
                try:
                    await act(document)
                except Exception as error:  # every failure is an outcome; see `classify_failure`
                    if await asyncio.to_thread(_moved_on, context, document, error):
                        return
                    failure, lasting = classify_failure(error, stage, dossier)
                    if not stands():
                        failure, lasting = work_lost(document), False
                    failures.append(failure)
                    if lasting:
                        await asyncio.to_thread(
                            context.ledger.fail, document.id, failure.code, failure.params, ACTOR
                        )

    documents = await asyncio.to_thread(_own, context, dossier, stage)
    async with asyncio.TaskGroup() as group:
        for document in documents:
            group.create_task(one(document))
    if failures:
        raise failures[0] from None


def _moved_on(context: AppContext, document: Document, error: Exception) -> bool:
    """Whether somebody else was faster: another process, or a person. That is no failure."""
    codes = {"storing.stands_elsewhere", "storing.decided_before"}
    if not isinstance(error, Conflict) or error.code not in codes:
        return False
    return context.ledger.document(document.id).stage is not document.stage


def classify_failure(error: Exception, stage: Stage, dossier: Dossier) -> tuple[SohoaError, bool]:
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
