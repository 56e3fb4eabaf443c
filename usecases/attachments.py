"""A file that holds other papers is not one paper: these become documents of their own."""

import asyncio
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath
from shutil import rmtree
from typing import TYPE_CHECKING

from ocr import AttachedFile, AttachedKind, FormKind, Inspection, tasks
from schemas.dossier import INSIDE
from schemas.errors import InputRejected
from schemas.manifest import (
    ATTACHED_DATA,
    ATTACHED_LEFT,
    ATTACHED_TAKEN,
    FORM_UNSURE,
    PORTFOLIO,
    Manifest,
)
from schemas.page import PageReading
from usecases.caller import SERVICE
from usecases.files import fit_name

if TYPE_CHECKING:
    from ocr import ReaderPool
    from storage import Document
    from usecases.context import AppContext

DEEPEST = 3
"""Files within files that are opened."""
MOST_OF_A_CLAIM = 500
"""Files taken out of those of one claim, whatever they lie in."""
COVER_WORDS = 60
"""A portfolio's pages with fewer words are a cover: "open this portfolio in ..."."""
PLACEHOLDER_WORDS = 150
"""Pages of a dynamic form with fewer are its placeholder: "please wait", in every language."""


def refuse_placeholder(inspection: Inspection, pages: Sequence[PageReading]) -> None:
    """A form whose pages are made by the viewer has none here.

    Raises:
        InputRejected: ``reading.dynamic_form``.
    """
    if inspection.holding.form is FormKind.dynamic and _words(pages) < PLACEHOLDER_WORDS:
        raise InputRejected("reading.dynamic_form")


def notes_on(inspection: Inspection, attached: Iterable[AttachedFile]) -> tuple[str, ...]:
    """Codes for the manifest: what the file holds besides its pages."""
    kinds = {one.kind for one in attached}
    found = {
        ATTACHED_TAKEN: AttachedKind.paper in kinds,
        ATTACHED_DATA: AttachedKind.data in kinds,
        ATTACHED_LEFT: AttachedKind.left in kinds,
        PORTFOLIO: inspection.holding.portfolio,
        FORM_UNSURE: inspection.holding.form in {FormKind.dynamic, FormKind.unsure},
        "reading.form_static": inspection.holding.form is FormKind.static,
    }
    return tuple(code for code, holds in found.items() if holds)


def only_cover(
    inspection: Inspection, pages: Sequence[PageReading], attached: Iterable[AttachedFile]
) -> bool:
    """Whether the pages are nothing but the cover of a portfolio whose papers were taken out."""
    kinds = {one.kind for one in attached}
    return (
        inspection.holding.portfolio
        and AttachedKind.paper in kinds
        and AttachedKind.left not in kinds
        and _words(pages) < COVER_WORDS
    )


def cover_alone(manifest: Manifest) -> bool:
    """Whether a document under review is the cover of a portfolio, which is never signed."""
    words = sum(page.words for page in manifest.pages)
    return PORTFOLIO in manifest.warnings and words < COVER_WORDS


def _words(pages: Sequence[PageReading]) -> int:
    return sum(len(page.words) for page in pages)


async def taken_out(path: Path, folder: Path, pool: "ReaderPool") -> tuple[AttachedFile, ...]:
    """The files inside ``path``, papers written to ``folder``; one that is left where none can."""
    try:
        return await pool.on_file(tasks.take_out, path, folder, pool.options, pages=1)
    except InputRejected:
        return (AttachedFile(kind=AttachedKind.left),)


async def attached_documents(
    context: "AppContext", document: "Document", source: Path, inspection: Inspection
) -> tuple[AttachedFile, ...]:
    """The papers inside a document become documents of its dossier; all that lies inside.

    Each is put into the store as an original of its own, before the ledger knows of it. Doing it
    twice is the same as once. The pages of a scan are passed over: the scan was asked.
    """
    if not inspection.holding.files or document.part_of is not None:
        return ()
    if await asyncio.to_thread(_too_many, context, document):
        return (AttachedFile(kind=AttachedKind.left),)
    folder = context.workspace(document).draft(INSIDE)
    try:
        found = await taken_out(source, folder, context.pool)
        papers = [one for one in found if one.kind is AttachedKind.paper]
        if papers:
            await asyncio.to_thread(_enter, context, document, folder, papers)
    finally:
        await asyncio.to_thread(rmtree, folder, ignore_errors=True)
    return found


def _too_many(context: "AppContext", document: "Document") -> bool:
    depth, container = 0, document.attached_to
    while container is not None:
        depth, container = depth + 1, context.ledger.document(container).attached_to
    claimed = context.ledger.claimed(document.claim_id)
    inside = sum(one.attached_to is not None for one in claimed)
    return depth >= DEEPEST or inside >= MOST_OF_A_CLAIM


def _enter(
    context: "AppContext", document: "Document", folder: Path, papers: list[AttachedFile]
) -> None:
    from storage import NewFile  # noqa: PLC0415 - the engine alone keeps no ledger

    beside = PurePosixPath(document.relative)
    below = beside.with_name(fit_name(beside.name, INSIDE))
    files = []
    for one in papers:
        sha256, size = context.originals.keep(document.claim_id, folder / one.name)
        files.append(
            NewFile(
                relative=str(below / one.name),
                name=one.name,
                role=document.role,
                sha256=sha256,
                bytes=size,
            )
        )
    context.objects.sync()
    context.ledger.attach(document.id, files, SERVICE.name)
