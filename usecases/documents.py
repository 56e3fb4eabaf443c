"""One received document becomes a manifest and a PDF/A; a scan of several, documents of its own."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path, PurePosixPath

from ocr import PackedPages, cut, tasks
from schemas.changes import NO_CHANGES
from schemas.errors import InputRejected, ServiceUnavailable
from schemas.manifest import Manifest, Source
from storage import Document, Dossier
from usecases.attachments import attached_documents, notes_on, only_cover
from usecases.context import ACTOR, AppContext
from usecases.digitise import Progress, ReadFile, make_document, read_file
from usecases.files import LARGEST_FILE
from usecases.originals import SPECIAL, TOO_LARGE
from usecases.splitting import Range, left_out, new_parts, of_scan, scan_manifest, sure_split
from usecases.workspace import Made, still_there

log = logging.getLogger(__name__)


async def digitised(
    context: AppContext, dossier: Dossier, document: Document, progress: Progress
) -> Made | None:
    """What ``document`` becomes, made unless it is in its workspace; None where it was split.

    Raises:
        InputRejected: the file cannot be processed.
        NotFound: the store has lost the file.
        ServiceUnavailable: the store does not answer.
    """
    workspace = context.workspace(document)
    found = await asyncio.to_thread(workspace.made)
    changes = document.changes or NO_CHANGES
    if found is not None and _same(found.manifest, document):
        return found
    if document.media_type == SPECIAL:
        raise InputRejected("flow.not_a_file")
    if document.media_type == TOO_LARGE:
        raise InputRejected("flow.file_too_large", most=LARGEST_FILE // 1_000_000)
    source = await asyncio.to_thread(context.originals.path, document)
    await asyncio.to_thread(workspace.sweep, context.clock().timestamp())
    async with reading(context, source, document, progress) as read:
        ranges, without = await asyncio.to_thread(_sure_split, read, dossier)
        if read.parts and not changes.of_pages:
            await asyncio.to_thread(_keep_pages, context, document, read)
        named = await asyncio.to_thread(_named, context, document, read)
        attached = await attached_documents(context, document, source, read.inspection)
        notes = notes_on(read.inspection, attached)
        if ranges or only_cover(read.inspection, read.pages, attached):
            if not ranges:  # a cover page alone: what it covers are documents of their own
                without = tuple(range(1, len(read.pages) + 1))
            said = scan_manifest(read, named, notes)
            await asyncio.to_thread(_split, context, document, said, ranges, without)
            return None
        draft = workspace.draft()
        try:
            manifest = await make_document(
                read, draft, pool=context.pool, trust=context.trust, source=named, notes=notes,
                changes=changes,
            )  # fmt: skip
            return Made(manifest, await asyncio.to_thread(workspace.keep_pdf, draft))
        finally:
            draft.unlink(missing_ok=True)


def _keep_pages(context: AppContext, document: Document, read: ReadFile) -> None:
    """The pages of a scan, for whoever reads the documents in it: here, and in the store."""
    workspace = context.workspace(document)
    workspace.keep_pages(read.pages)
    with suppress(OSError):  # they can be read again
        context.objects.keep_made(document.claim_id, workspace.pages, _pages_of(document))


def _kept_pages(context: AppContext, scan: Document, numbers: Sequence[int]) -> PackedPages | None:
    """Pages as they were read with their scan, by whichever host; None where they were not kept."""
    workspace = context.workspace(scan)
    found = workspace.kept_pages(numbers)
    if found is None and context.fetch_made(scan, _pages_of(scan), workspace.pages, None):
        found = workspace.kept_pages(numbers)
    return found


def _pages_of(scan: Document) -> str:
    return f"pages-{scan.id}"


def _named(context: AppContext, document: Document, read: ReadFile) -> Source:
    """What the manifest says of where the document came from."""
    inside = None
    if document.attached_to is not None:
        inside = context.ledger.document(document.attached_to).source_sha256
    return Source(
        name=PurePosixPath(document.relative).name,
        sha256=document.source_sha256,
        bytes=document.source_bytes,
        media_type=read.inspection.source.media_type,
        pages=document.source_pages,
        inside=inside,
    )


def _same(made: Manifest, document: Document) -> bool:
    """Whether it was made of the document as it stands: of its pages, with what people said."""
    source, changes = made.source, document.changes or NO_CHANGES
    own = (document.source_sha256, document.source_pages)
    return (source.sha256, source.pages) == own and made.changes == changes


@asynccontextmanager
async def reading(
    context: AppContext, source: Path, document: Document, progress: Progress
) -> AsyncIterator[ReadFile]:
    """The document's pages, as they were read with its scan where they were kept.

    Its file, cut from the scan where it is part of one, lies there until the block ends.

    Raises:
        InputRejected: ``flow.changed_after_claim``, or as :func:`usecases.digitise.read_file`.
        ServiceUnavailable: ``flow.work_lost``: the file was deleted before the block ended, so
            that nothing read from it counts.
    """
    folder = context.workspace(document).folder
    folder.mkdir(parents=True, exist_ok=True)
    reader = _whole if document.part_of is None else _part
    if document.changes is not None and document.changes.of_pages:
        reader = _changed
    with still_there(source, folder) as stands:
        try:
            async with reader(context, source, document, progress) as read:
                if stands():
                    yield read
        except InputRejected:
            if stands():
                raise
        if not stands():
            raise work_lost(document)


def work_lost(document: Document) -> ServiceUnavailable:
    """The folder of caches was deleted while a step worked there."""
    return ServiceUnavailable("flow.work_lost", document=document.label)


@asynccontextmanager
async def _whole(
    context: AppContext, source: Path, document: Document, progress: Progress
) -> AsyncIterator[ReadFile]:
    known = await asyncio.to_thread(context.workspace(document).kept_pages)
    read = await read_file(
        source, pool=context.pool, progress=progress, known=known, propose=not _told(document)
    )
    if read.inspection.source.sha256 != document.source_sha256:
        raise InputRejected("flow.changed_after_claim")
    yield read


@asynccontextmanager
async def _changed(
    context: AppContext, source: Path, document: Document, progress: Progress
) -> AsyncIterator[ReadFile]:
    """The pages as people changed them: read anew, some from newer scans, turned as was said."""
    changes = document.changes or NO_CHANGES
    pages = document.source_pages
    new = {}
    for number, page in changes.pages.items():
        kept = await asyncio.to_thread(context.ledger.document, page.document)
        new[number] = await asyncio.to_thread(context.originals.path, kept)
    if not pages:
        count = (await context.pool.inspect(source)).pages
        pages = tuple(range(1, count + 1))
    turns = {at: changes.turned[page] for at, page in enumerate(pages, 1) if page in changes.turned}
    ending = ".pdf" if new else PurePosixPath(document.relative).suffix
    out = context.workspace(document).draft(ending)
    try:
        if new.keys() & set(pages):
            work = (source, pages, new, out, context.pool.options)
            await context.pool.on_file(tasks.with_new_pages, *work, pages=len(pages))
        elif document.part_of is not None:
            await context.pool.on_file(cut, source, pages, out, pages=len(pages))
        asked = not _told(document) and (
            document.part_of is None
            or not await asyncio.to_thread(_decided_by_person, context, document)
        )
        yield await read_file(
            out if out.exists() else source,
            pool=context.pool,
            progress=progress,
            propose=asked,
            turns=turns,
        )
    finally:
        out.unlink(missing_ok=True)


@asynccontextmanager
async def _part(
    context: AppContext, source: Path, document: Document, progress: Progress
) -> AsyncIterator[ReadFile]:
    scan = await asyncio.to_thread(context.ledger.document, document.part_of or 0)
    pages = document.source_pages
    out = context.workspace(document).draft(PurePosixPath(document.relative).suffix)
    try:
        await context.pool.on_file(cut, source, pages, out, pages=len(pages))
        yield await read_file(
            out,
            pool=context.pool,
            progress=progress,
            known=await asyncio.to_thread(_kept_pages, context, scan, pages),
            propose=not _told(document)
            and not await asyncio.to_thread(_decided_by_person, context, document),
        )
    finally:
        out.unlink(missing_ok=True)


def _told(document: Document) -> bool:
    """Whether a person said what the document is: then it is one."""
    return document.changes is not None and document.changes.document_type is not None


def _decided_by_person(context: AppContext, part: Document) -> bool:
    """Whether a person said that these pages are one document."""
    return any(
        event.document_id == part.id and event.kind == "received" and event.actor != ACTOR
        for event in context.ledger.events(part.dossier_id)
    )


def _sure_split(read: ReadFile, dossier: Dossier) -> tuple[tuple[Range, ...], tuple[int, ...]]:
    """The documents in a scan, and its pages that are in none; no documents where a person must
    say, which they must wherever a page with something on it would be in none."""
    ranges = sure_split(read.parts, dossier)
    if not ranges:
        return (), ()
    try:
        return ranges, left_out(ranges, read.pages, read.parts)
    except InputRejected as reason:
        log.error("a proposed split is not carried out: %s", reason)
        return (), ()


def _split(
    context: AppContext,
    document: Document,
    manifest: Manifest,
    ranges: Sequence[Range],
    without: Sequence[int],
) -> None:
    """The scan's documents become documents of their own."""
    content = context.workspace(document).keep_manifest(manifest)
    context.ledger.split(
        document.id,
        new_parts(ranges, document),
        ACTOR,
        manifest=content,
        media_type=manifest.source.media_type,
        pages=len(manifest.pages),
        left_out=of_scan(without, document),
    )
