"""Work files that were lost or damaged are made again from the original, each as an event.

What is on the desk can always be made again: manifests are kept in the ledger as well, pages are
read from the original. Of a signed file it is asked first whether it left the machine: a revision
that did is never signed a second time.
"""

import asyncio
import logging
import os
from collections.abc import Callable
from pathlib import Path

from schemas.dossier import Stage
from schemas.errors import Conflict, NotFound
from schemas.messages import sentence
from storage import Document, Dossier, Ledger
from usecases.context import ACTOR, AppContext
from usecases.digitise import silent
from usecases.documents import reading
from usecases.files import fingerprint
from usecases.workspace import MANIFEST_LOST, Workspace, load_manifest, manifest_path

log = logging.getLogger(__name__)


def expect_source(path: Path, document: Document) -> None:
    """See that the original, or the scan, is what was taken in.

    Raises:
        NotFound: ``flow.source_missing``.
        Conflict: ``flow.source_damaged``.
    """
    if not os.path.lexists(path):
        raise NotFound("flow.source_missing", document=document.label)
    if fingerprint(path)[0] != document.source_sha256:
        raise Conflict("flow.source_damaged", document=document.label)


async def whole_pdf(context: AppContext, dossier: Dossier, document: Document) -> Path | None:
    """The PDF/A of a document that is to be signed; made again where it was lost.

    None where the document had to begin again from the original.

    Raises:
        NotFound, Conflict: the original is missing or damaged.
    """
    workspace = context.workspace(document)
    found = await asyncio.to_thread(workspace.find_pdf, document.pdfa_sha256)
    if found is not None:
        return found
    log.warning("%s/%s: the PDF/A is made again", dossier.code, document.label)
    try:
        manifest = await asyncio.to_thread(load_manifest, workspace, document, context.ledger)
    except Conflict:
        await asyncio.to_thread(begin_again, context, document)
        return None
    source = context.source(dossier, document)
    await asyncio.to_thread(expect_source, source, document)
    draft = workspace.draft()
    try:
        async with reading(context, source, document, silent) as read:
            made = await context.pool.compose(read.path, read.inspection, read.pages, draft)
        if made.shown != tuple(page.shown for page in manifest.pages):
            await asyncio.to_thread(begin_again, context, document)
            return None
        sha256 = await asyncio.to_thread(workspace.keep_pdf, draft)
    finally:
        draft.unlink(missing_ok=True)
    if sha256 != document.pdfa_sha256:
        before = document.pdfa_sha256 or ""
        await asyncio.to_thread(context.ledger.remade, document.id, before, sha256, ACTOR)
    return workspace.find_pdf(sha256)


def begin_again(context: AppContext, document: Document) -> None:
    """Send a document whose manifest was lost back to be read again, and say so.

    Raises:
        Conflict: its signed file is stored already.
        ServiceUnavailable: the store does not say whether it is.
    """
    if document.stage is Stage.signed and _in_store(context, document):
        raise Conflict("storing.signature_stored", document=document.label)
    reviewed = any(
        event.document_id == document.id and event.kind == "reviewed"
        for event in context.ledger.events(document.dossier_id)
    )
    context.ledger.begin_again(document.id, document.manifest_sha256 or "", ACTOR)
    if reviewed:
        text = sentence("flow.decisions_lost", context.language, document=document.label)
        context.ledger.warn(document.dossier_id, text)


def _in_store(context: AppContext, document: Document) -> bool:
    """Whether something stands where the signed file of a document goes, known or not."""
    home = context.ledger.dossier_by_id(document.dossier_id)
    key = f"{home.department}/{home.code}/{document.label}.pdf"
    out = context.workspace(document).draft()
    try:
        context.objects.get(context.objects.options.results_bucket, key, out)
    except NotFound:
        return False
    finally:
        out.unlink(missing_ok=True)
    return True


def lost_in_review(ledger: Ledger, work: Path, dossier: Dossier) -> list[Document]:
    """The documents under review whose manifest is gone: only reading them again helps."""
    found = []
    for document in ledger.documents(dossier.id):
        if document.stage is Stage.in_review and document.duplicate_of is None:
            try:
                manifest_path(Workspace(work / str(document.id)), document, ledger)
            except Conflict:
                found.append(document)
    return found


def beginning_again(
    context: AppContext, act: Callable[[Document], None]
) -> Callable[[Document], None]:
    """``act``; a document whose manifest is lost begins again instead."""

    def acted(document: Document) -> None:
        try:
            act(document)
        except Conflict as error:
            if error.code != MANIFEST_LOST or document.split:
                raise
            begin_again(context, document)

    return acted


def whole_signed(context: AppContext, document: Document, bucket: str, key: str) -> Path | None:
    """The signed file of a document, from the desk, else from the store.

    None where it was lost before it was stored: the document then stands at ``ready_to_sign``.

    Args:
        office: the rooms.
        document: at stage ``signed``.
        bucket: where its signed file goes.
        key: under which key.

    Raises:
        Conflict: other bytes stand in the store.
        ServiceUnavailable: the store does not answer, so nobody knows.
    """
    workspace = context.workspace(document)
    found = workspace.find_signed(document.pdfa_sha256, document.signed_sha256)
    if found is not None:
        return found
    out = workspace.folder / f"signed-{document.pdfa_sha256}.pdf"
    set_aside(out)
    try:
        context.objects.get(bucket, key, out, sha256=document.signed_sha256)
        return out
    except NotFound:
        log.warning("%s: the signed file was lost before it was stored", document.label)
    context.ledger.signature_lost(document.id, document.signed_sha256 or "", ACTOR)
    return None


def set_aside(path: Path) -> None:
    """Move a damaged file out of the way; it stays beside its successor until all is stored."""
    if os.path.lexists(path):
        path.replace(path.with_name(f"damaged-{path.name}"))
