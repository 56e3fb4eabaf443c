"""The engine alone: one scan becomes a searchable PDF/A and a manifest. No services, no Prefect."""

import asyncio
import logging
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ocr import (
    AttachedFile,
    AttachedKind,
    Composed,
    Inspection,
    PackedPages,
    ReaderPool,
    pack,
    tasks,
)
from schemas.changes import NO_CHANGES, Changes
from schemas.door import Named
from schemas.durable import write_durably
from schemas.errors import InputRejected
from schemas.manifest import (
    ATTACHED_TAKEN,
    ATTACHED_UNOPENED,
    FIELDS_UNREAD,
    SEVERAL_DOCUMENTS,
    Extraction,
    Manifest,
    PageReport,
    Part,
    PartReason,
    Source,
    cover_pages,
    page_groups,
    pages_left_out,
    pages_of,
)
from schemas.page import PageReading
from schemas.verdict import FileVerdict, SignatureReport
from usecases.attachments import DEEPEST, notes_on, refuse_placeholder, taken_out

if TYPE_CHECKING:
    from signing import Trust

log = logging.getLogger(__name__)

Progress = Callable[[int, int], None]
"""Called with pages read and pages in all, after each page."""

VERIFY = Named("signing", "verify")
"""Done by a worker; what it takes, pyHanko, is not imported by who asks for it."""

HOPELESS = 8
"""Pages given up, none read: the file is at fault, and every page may cost minutes."""


def silent(done: int, total: int) -> None:
    """A progress that nobody watches."""


@dataclass(frozen=True)
class ReadFile:
    """A file whose pages are read, and the documents it seems to hold."""

    path: Path
    inspection: Inspection
    pages: PackedPages
    parts: tuple[Part, ...]


async def digitise(
    source: Path,
    pdf: Path,
    manifest: Path,
    *,
    pool: ReaderPool,
    trust: "Trust",
    progress: Progress = silent,
) -> Manifest:
    """Digitise ``source`` into ``pdf`` (PDF/A-2b with a text layer) and ``manifest`` (JSON).

    A page that cannot be read stays in the document without words, marked in the manifest. The
    manifest is renamed into place last: where it stands, the PDF is complete.

    Raises:
        InputRejected: the file cannot be processed, or none of its pages; the sentence says why.
    """
    read = await read_file(source, pool=pool, progress=progress)
    notes = await unopened(read, pool)
    made = await make_document(read, pdf, pool=pool, trust=trust, notes=notes)
    write_durably(manifest, made.model_dump_json(indent=2).encode())
    return made


async def read_file(
    source: Path,
    *,
    pool: ReaderPool,
    progress: Progress = silent,
    known: PackedPages | None = None,
    propose: bool = True,
    turns: Mapping[int, int] | None = None,
) -> ReadFile:
    """Read the pages of a file, and see which documents it holds; signed files are one.

    Args:
        source: the file.
        pool: who reads.
        progress: told after each page.
        known: its pages, where they were read before.
        propose: whether to look for several documents in it.
        turns: page → degrees that set it upright, where a person has said so.

    Raises:
        InputRejected: as :func:`digitise`.
    """
    inspection = await pool.inspect(source)
    pages = known
    if pages is None or len(pages) != inspection.pages:
        pages = await _Reading(source, inspection, pool, progress, turns or {}).run()
    refuse_placeholder(inspection, pages)
    one = inspection.signed or not propose
    return ReadFile(source, inspection, pages, () if one else await _proposal(source, pages, pool))


async def make_document(
    read: ReadFile,
    pdf: Path,
    *,
    pool: ReaderPool,
    trust: "Trust",
    source: Source | None = None,
    notes: Sequence[str] = (),
    changes: Changes = NO_CHANGES,
) -> Manifest:
    """Make ``pdf`` of a file that is read, and its manifest, which is not written.

    ``source`` is what the manifest names instead of the file: the scan it was cut from. ``notes``
    are warnings to go with those of the pages, ``changes`` what people said before.

    Raises:
        InputRejected: the file cannot be composed.
    """
    path, inspection, pages = read.path, read.inspection, read.pages
    signatures: tuple[SignatureReport, ...] = ()
    if inspection.signed:
        verdict: FileVerdict = await pool.on_file(VERIFY, path, trust, pages=len(pages))
        signatures = verdict.signatures
    told = changes.document_type
    composed, extraction = await _composed_and_extracted(read, pdf, signatures, pool, told)
    reports = [
        PageReport.of(page, shown) for page, shown in zip(pages, composed.shown, strict=True)
    ]
    noted = [*notes, *(warning for page in pages for warning in page.warnings)]
    noted += [SEVERAL_DOCUMENTS] if len(read.parts) > 1 else []
    source = source or inspection.source
    drawn = (extraction.fields, _identity(source), pool.options.audit_share)
    fields = await pool.on_file(tasks.audited, *drawn, pages=1)
    return Manifest(
        source=source,
        document_type=extraction.document_type,
        form_version=extraction.form_version,
        legal_basis=extraction.legal_basis,
        pages=tuple(reports),
        fields=fields,
        signatures=signatures,
        warnings=tuple(dict.fromkeys((*noted, *extraction.warnings, *composed.warnings))),
        parts=read.parts,
        changes=changes,
    )


async def unopened(read: ReadFile, pool: ReaderPool) -> tuple[str, ...]:
    """What a file holds besides its pages, as warnings: papers inside it call a person."""
    attached: tuple[AttachedFile, ...] = ()
    if read.inspection.holding.files:
        with tempfile.TemporaryDirectory(prefix="sohoa-") as folder:
            attached = await taken_out(read.path, Path(folder), pool)
    return tuple(
        ATTACHED_UNOPENED if code == ATTACHED_TAKEN else code
        for code in notes_on(read.inspection, attached)
    )


async def digitise_attached(
    read: ReadFile, folder: Path, *, pool: ReaderPool, trust: "Trust", name: str = "attached"
) -> tuple[tuple[str, ...], dict[str, Manifest]]:
    """Digitise the papers inside a file into ``folder``: ``attached-1.pdf``, ``.json``, ...

    Those inside these are ``attached-1-1`` and so on, to the depth of :data:`DEEPEST`. One that
    cannot be processed is left inside.

    Returns:
        Warnings for the file's own manifest; the manifests of the papers by name.
    """
    if not read.inspection.holding.files:
        return notes_on(read.inspection, ()), {}
    if name.count("-") >= DEEPEST:
        left = AttachedFile(kind=AttachedKind.left)
        return notes_on(read.inspection, (left,)), {}
    made: dict[str, Manifest] = {}
    with tempfile.TemporaryDirectory(prefix="sohoa-") as place:
        found = list(await taken_out(read.path, Path(place), pool))
        for at, one in enumerate(found):
            if one.kind is not AttachedKind.paper:
                continue
            mine = f"{name}-{at + 1}"
            try:
                paper = await read_file(Path(place) / one.name, pool=pool)
                notes, inner = await digitise_attached(
                    paper, folder, pool=pool, trust=trust, name=mine
                )
                folder.mkdir(parents=True, exist_ok=True)
                said = {"inside": read.inspection.source.sha256}
                source = paper.inspection.source.model_copy(update=said)
                made[mine] = await make_document(
                    paper,
                    folder / f"{mine}.pdf",
                    pool=pool,
                    trust=trust,
                    source=source,
                    notes=notes,
                )
                write_durably(
                    folder / f"{mine}.json", made[mine].model_dump_json(indent=2).encode()
                )
                made |= inner
            except InputRejected:
                found[at] = AttachedFile(kind=AttachedKind.left)
    return notes_on(read.inspection, found), made


async def digitise_parts(
    read: ReadFile, folder: Path, *, pool: ReaderPool, trust: "Trust"
) -> list[Manifest]:
    """Digitise each document that a file seems to hold into ``folder``: ``1.pdf``, ``1.json``, ...

    As proposed, whether sure or not; none where it is one document. Every page of the file is in
    one of them, except cover sheets and empty pages.

    Raises:
        InputRejected: a document cannot be cut out or composed; ``flow.pages_lost``.
    """
    groups = page_groups(read.parts)
    if len(groups) < 2 and not any(part.reason is PartReason.cover for part in read.parts):
        return []
    pages_left_out([pages_of(group) for group in groups], read.pages, cover_pages(read.parts))
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for number, pages in enumerate(map(pages_of, groups), start=1):
        out = folder / f".{number}.cut{read.path.suffix}"
        try:
            await pool.on_file(tasks.cut, read.path, pages, out, pages=len(pages))
            known = PackedPages(
                pack(read.pages[page - 1].model_copy(update={"number": at}))
                for at, page in enumerate(pages, start=1)
            )
            part = await read_file(out, pool=pool, known=known, propose=False)
            source = read.inspection.source.model_copy(update={"pages": pages})
            target, manifest = folder / f"{number}.pdf", folder / f"{number}.json"
            made.append(await make_document(part, target, pool=pool, trust=trust, source=source))
            write_durably(manifest, made[-1].model_dump_json(indent=2).encode())
        finally:
            out.unlink(missing_ok=True)
    return made


def _identity(source: Source) -> str:
    """What tells a document from all others, the same at every reading."""
    return source.sha256 + "".join(f"-{page}" for page in source.pages)


async def _composed_and_extracted(
    read: ReadFile,
    pdf: Path,
    signatures: tuple[SignatureReport, ...],
    pool: ReaderPool,
    told: str | None,
) -> tuple[Composed, Extraction]:
    """The PDF/A, and the fields meanwhile, where these are not read from its sheets.

    A document of one page is one worker's work: a second one would load models for it.

    Raises:
        InputRejected: the file cannot be composed.
    """
    path, pages = read.path, read.pages
    halves = any(page.halves for page in pages)
    if halves or len(pages) == 1:
        composed = await pool.compose(path, read.inspection, pages, pdf)
        sheets = pdf if halves else None
        return composed, await _extraction(path, pages, signatures, pool, sheets, told)
    try:
        async with asyncio.TaskGroup() as group:
            composing = group.create_task(pool.compose(path, read.inspection, pages, pdf))
            extracting = group.create_task(_extraction(path, pages, signatures, pool, None, told))
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None
    return composing.result(), extracting.result()


async def _extraction(
    source: Path,
    pages: PackedPages,
    signatures: tuple[SignatureReport, ...],
    pool: ReaderPool,
    sheets: Path | None,
    told: str | None,
) -> Extraction:
    """The data fields; where they cannot be read, none, and a warning that calls a person.

    ``sheets`` is the PDF/A where two pages lie on one of its sheets, ``told`` the type by a person.
    """
    try:
        notes = await pool.on_file(tasks.annotations, source, pages=len(pages))
        if sheets is not None:
            sides = (sheets, pages, notes, pool.options, signatures, told)
            return await pool.on_file(tasks.extract_sides, *sides, pages=2 * len(pages))
        work = (source, pages, notes, pool.options, None, signatures, told)
        return await pool.on_file(tasks.extract, *work, pages=len(pages))
    except InputRejected as reason:
        log.warning("the fields of a document could not be read: %s", reason)
        return Extraction(document_type=None, warnings=(FIELDS_UNREAD,))


async def _proposal(source: Path, pages: PackedPages, pool: ReaderPool) -> tuple[Part, ...]:
    """The documents the file seems to hold; none where it is one, or where that cannot be told."""
    if len(pages) == 1 and not pages[0].halves:
        return ()
    try:
        work = (source, pages, pool.options)
        return await pool.on_file(tasks.propose_parts, *work, pages=len(pages))
    except InputRejected as reason:
        log.warning("whether a file holds several documents could not be told: %s", reason)
        return ()


class _Reading:
    """The pages of one file, read side by side, a few ahead of the workers, in page order."""

    def __init__(
        self,
        source: Path,
        inspection: Inspection,
        pool: ReaderPool,
        progress: Progress,
        turns: Mapping[int, int],
    ) -> None:
        self._turns = turns
        self._source = source
        self._total = inspection.pages
        self._pool = pool
        self._progress = progress
        self._ahead = asyncio.Semaphore(2 * pool.workers)
        self._read = 0
        self._failures: list[InputRejected] = []

    async def run(self) -> PackedPages:
        """All pages, packed.

        Raises:
            InputRejected: no page could be read; the first one's reason.
        """
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._page(n)) for n in range(1, self._total + 1)]
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from None
        if not self._read:
            raise self._failures[0]
        return PackedPages(task.result() for task in tasks)

    async def _page(self, number: int) -> bytes:
        async with self._ahead:
            page = await self._read_or_kept(number)
        self._progress(self._read + len(self._failures), self._total)
        return pack(page)

    def _told(self, number: int) -> tuple[int, ...]:
        """How a person said that a page lies, if one did."""
        return (self._turns[number],) if number in self._turns else ()

    async def _read_or_kept(self, number: int) -> PageReading:
        try:
            page = await self._pool.read_page(self._source, number, *self._told(number))
        except InputRejected as reason:
            self._failures.append(reason)
            if self._total == 1 or (not self._read and len(self._failures) >= HOPELESS):
                raise
            return await self._pool.give_up(self._source, number, reason)
        self._read += 1
        return page
