"""The engine alone: one scan becomes a searchable PDF/A and a manifest. No services, no Prefect."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from flows.files import write_durably
from ocr import Inspection, ReaderPool, annotations, extract
from schemas.manifest import Manifest, PageReport
from schemas.page import PageReading
from schemas.verdict import SignatureReport
from signing import Trust, verify

Progress = Callable[[int, int], None]
"""Called with pages read and pages in all, after each page."""


def silent(done: int, total: int) -> None:
    """A progress that nobody watches."""


async def digitise(
    source: Path,
    pdf: Path,
    manifest: Path,
    *,
    pool: ReaderPool,
    trust: Trust,
    progress: Progress = silent,
) -> Manifest:
    """Digitise ``source`` into ``pdf`` (PDF/A-2b with a text layer) and ``manifest`` (JSON).

    The manifest is renamed into place last: where it stands, the PDF is complete.

    Raises:
        InputRejected: the file cannot be processed; the sentence says why.
    """
    inspection = await pool.inspect(source)
    pages = await _read_pages(source, inspection, pool, progress)
    limit = pool.options.seconds_per_page * max(1, len(pages))
    notes = await pool.run(annotations, source, timeout=limit)
    extraction = await pool.run(extract, source, pages, notes, pool.options, timeout=limit)
    signatures: tuple[SignatureReport, ...] = ()
    if inspection.signed:
        signatures = (await pool.run(verify, source, trust, timeout=limit)).signatures
    composed = await pool.compose(source, inspection, pages, pdf)
    made = Manifest(
        source=inspection.source,
        document_type=extraction.document_type,
        form_version=extraction.form_version,
        legal_basis=extraction.legal_basis,
        pages=tuple(PageReport.of(page) for page in pages),
        fields=extraction.fields,
        signatures=signatures,
        warnings=(
            *(warning for page in pages for warning in page.warnings),
            *extraction.warnings,
            *composed,
        ),
    )
    write_durably(manifest, made.model_dump_json(indent=2).encode())
    return made


async def _read_pages(
    source: Path, inspection: Inspection, pool: ReaderPool, progress: Progress
) -> tuple[PageReading, ...]:
    """Read the pages side by side, a few ahead of the workers, in page order."""
    ahead = asyncio.Semaphore(2 * pool.workers)
    done = 0

    async def read(number: int) -> PageReading:
        nonlocal done
        async with ahead:
            page = await pool.read_page(source, number)
        done += 1
        progress(done, inspection.pages)
        return page

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(read(n)) for n in range(1, inspection.pages + 1)]
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None
    return tuple(task.result() for task in tasks)
