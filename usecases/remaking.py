"""Work files that were lost or damaged are fetched or made again, the latter each as an event.

What lies in a document's folder is a cache: it is fetched from the store, manifests from the
ledger; where these have lost it, too, it is made again from the original. Of a signed file it is
asked first whether it left the machine: a revision that did is never signed a second time.
"""

import asyncio
import hashlib
import logging
import os
from collections.abc import Callable
from pathlib import Path

from schemas.dossier import Stage
from schemas.errors import Conflict, NotFound, ServiceUnavailable
from schemas.messages import sentence
from schemas.verdict import Verdict
from signing import Guard, Trust
from storage import Document, Dossier, Ledger
from usecases.context import ACTOR, AppContext
from usecases.digitise import silent
from usecases.documents import reading
from usecases.files import fingerprint
from usecases.workspace import MANIFEST_LOST, Workspace, load_manifest, manifest_path

log = logging.getLogger(__name__)


def signed_name(document: Document) -> str:
    """Under which name the store keeps the signed file of a document's PDF/A meanwhile."""
    return f"signed-{document.id}-{document.pdfa_sha256}"


async def whole_pdf(context: AppContext, dossier: Dossier, document: Document) -> Path | None:
    """The PDF/A of a document that is to be signed; made again where it was lost.

    None where the document had to begin again from the original.

    Raises:
        NotFound: the store has lost the original.
    """
    workspace = context.workspace(document)
    found = await asyncio.to_thread(_found_pdf, context, document)
    if found is not None:
        return found
    log.warning("%s/%s: the PDF/A is made again", dossier.code, document.label)
    try:
        manifest = await asyncio.to_thread(load_manifest, workspace, document, context.ledger)
    except Conflict:
        await asyncio.to_thread(begin_again, context, document)
        return None
    source = await asyncio.to_thread(context.originals.path, document)
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
    pdf = workspace.find_pdf(sha256)
    if pdf is not None:
        await asyncio.to_thread(context.objects.keep_made, document.claim_id, pdf)
    if sha256 != document.pdfa_sha256:
        before = document.pdfa_sha256 or ""
        await asyncio.to_thread(context.ledger.remade, document.id, before, sha256, ACTOR)
    return pdf


def _found_pdf(context: AppContext, document: Document) -> Path | None:
    """The PDF/A from this host's folder, else from the store; None where neither has it whole."""
    workspace, sha256 = context.workspace(document), document.pdfa_sha256
    found = workspace.find_pdf(sha256)
    if found is None and sha256 is not None:
        context.fetch_made(document, sha256, workspace.pdf(sha256), sha256)
        found = workspace.find_pdf(sha256)
    return found


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
    """Call ``act``; where a document's manifest is lost, the document begins again instead."""

    def acted(document: Document) -> None:
        try:
            act(document)
        except Conflict as error:
            if error.code != MANIFEST_LOST or document.split:
                raise
            begin_again(context, document)

    return acted


def whole_signed(context: AppContext, document: Document, bucket: str, key: str) -> Path | None:
    """The signed file of a document, from this host's folder, else from the store.

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
    if context.fetch_made(document, signed_name(document), out, document.signed_sha256):
        return out
    try:
        context.objects.get(bucket, key, out, sha256=document.signed_sha256)
        return out
    except NotFound:
        log.warning("%s: the signed file was lost before it was stored", document.label)
    context.objects.drop_made(document.claim_id, signed_name(document))
    context.ledger.signature_lost(document.id, document.signed_sha256 or "", ACTOR)
    return None


def adopt_signed(
    context: AppContext, document: Document, pdf: Path, out: Path, sha256: str
) -> None:
    """Take the signed file that another host kept in the store in place of one made here.

    It must be a valid revision of ``pdf``: whoever can write to the store is not believed.

    Raises:
        Conflict: ``flow.signed_foreign``: it is not.
        ServiceUnavailable: the store does not give it.
    """
    set_aside(out)
    if not context.fetch_made(document, signed_name(document), out, sha256):
        raise ServiceUnavailable(
            "storing.store_unavailable", endpoint=context.objects.options.endpoint
        )
    if not _revision_of(pdf, out) or not _valid(out, context.trust):
        set_aside(out)
        raise Conflict("flow.signed_foreign", document=document.label)


def _revision_of(pdf: Path, signed: Path) -> bool:
    """Whether ``signed`` is ``pdf`` with something appended."""
    left = pdf.stat().st_size
    digest = hashlib.sha256()
    with signed.open("rb") as stream:
        while left and (block := stream.read(min(left, 1 << 20))):
            digest.update(block)
            left -= len(block)
    return left == 0 and digest.hexdigest() == fingerprint(pdf)[0]


def _valid(signed: Path, trust: Trust) -> bool:
    with Guard(trust) as guard:
        return guard.verify(signed).verdict.verdict in {Verdict.valid, Verdict.valid_weak}


def set_aside(path: Path) -> None:
    """Move a damaged file out of the way; it stays beside its successor until all is stored."""
    if os.path.lexists(path):
        path.replace(path.with_name(f"damaged-{path.name}"))
