"""What people confirmed or typed, kept to learn from: the picture of a zone and its text.

Nothing is kept while papers are worked on: what was published says which values people confirmed,
and the pictures are cut anew from the originals. The next time only what was published since is
looked at, so that what was removed after its time does not come back.
"""

import logging
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from ocr import ReaderPool, lessons, tasks
from schemas.document_type import document_type
from schemas.durable import write_durably
from schemas.errors import SohoaError
from schemas.manifest import Manifest, walk_fields
from usecases.audit_sample import PERSON
from usecases.caller import SERVICE
from usecases.context import AppContext
from usecases.digitise import silent
from usecases.documents import reading
from usecases.learning import School
from usecases.published import Published, published
from usecases.rooms import Rooms

log = logging.getLogger(__name__)

MARK = "collected-until"
"""A file with the moment up to which published documents were looked at."""
OVERLAP = timedelta(minutes=10)
"""Looked at again, since a document may be published while others are looked at."""


async def collect(context: AppContext, school: School) -> int:
    """Keep the lines that people confirmed in what was published since the last time.

    Args:
        context: the rooms; originals are read again in processes of their own.
        school: where the lines go; nothing is kept where the office does not allow it.

    Returns:
        How many lines were not kept before.

    Raises:
        ServiceUnavailable: the store does not answer; what was kept so far stays.
    """
    if not school.options.collect:
        return 0
    begun, new = school.clock(), 0
    rooms = Rooms(context.ledger, context.work, lambda: context.objects)
    async with ReaderPool(school.reading, 1) as pool:
        reader = replace(context, pool=pool)
        for one in published(SERVICE, rooms, since=_since(school)):
            async for path, text, kind, picture in _confirmed(reader, school, one):
                line = lessons.line(text, kind, lessons.Source.correction, school.clock())
                line = line.model_copy(update={"document": one.document.id, "field": path})
                new += lessons.keep_worthwhile(school.lines, picture, line)
    write_durably(school.folder / MARK, begun.isoformat().encode(), 0o600)
    return new


def _since(school: School) -> datetime:
    """From when on documents are looked at: the last time, no further back than lines are kept."""
    oldest = school.clock() - timedelta(days=school.options.keep_days)
    try:
        said = datetime.fromisoformat((school.folder / MARK).read_text("ascii").strip())
    except (OSError, ValueError):
        return oldest
    return max(oldest, said - OVERLAP)


async def _confirmed(
    context: AppContext, school: School, one: Published
) -> AsyncIterator[tuple[str, str, str, bytes]]:
    """Each confirmed value of a document with the picture of its zone: path, text, kind, PNG."""
    manifest, types = one.manifest, school.reading.types
    known = document_type(manifest.document_type or "", manifest.form_version, types)
    if known is None or known.layout != "form" or known.geometry is None:
        return
    said = dict(_said(manifest))
    specs = {path: known.value_spec(path) for path in said}
    wanted = {p: s.type.value for p, s in specs.items() if s and s.type.value in lessons.KINDS}
    if not wanted:
        return
    try:
        pictures = await _pictures(context, one, known.key)
    except SohoaError as error:  # one document less to learn from
        log.warning("document %d teaches nothing: %s", one.document.id, error.code)
        return
    for path, kind in wanted.items():
        if path in pictures:
            yield path, said[path], kind, pictures[path]


def _said(manifest: Manifest) -> Iterator[tuple[str, str]]:
    """What people confirmed or typed, by the path of its field."""
    for path, field in walk_fields(manifest.fields):
        if field.value and any(reader.reader == PERSON for reader in field.readers):
            yield path, field.value


async def _pictures(context: AppContext, one: Published, type_key: str) -> dict[str, bytes]:
    source: Path = context.originals.path(one.document)
    async with reading(context, source, one.document, silent) as read:
        pool, pages = context.pool, len(read.pages)
        notes = await pool.on_file(tasks.annotations, read.path, pages=pages)
        work = (read.path, read.pages, notes, pool.options, type_key)
        found: dict[str, bytes] = await pool.on_file(tasks.zone_pictures, *work, pages=pages)
    return found
