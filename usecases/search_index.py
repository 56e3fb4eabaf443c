"""Filling the search index of what was published. It is a cache: all of it can be made again."""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

from pydantic import Field

from ocr import ReaderPool, tasks
from schemas.errors import SohoaError
from schemas.manifest import Manifest
from schemas.page import Frozen
from storage import Document, SearchText
from usecases.caller import Caller, Right, permit
from usecases.overview import manifest_of
from usecases.pictures import document_pdf
from usecases.rooms import Rooms

log = logging.getLogger(__name__)

_AT_ONCE = 200
"""Documents that are asked for at a time."""
_IN_VAIN = 20
"""So many failures one after the other end a run: the store is away."""
_NO_WORDS = frozenset({"true", "false"})


class Indexed(Frozen):
    """What became of documents that were not in the index."""

    indexed: int = 0
    failed: int = Field(0, description="their files could not be read; tried again the next time")


def text_of(manifest: Manifest, pages: tuple[str, ...]) -> SearchText:
    """What is indexed of a document: the values of its fields, and its pages. Pure."""
    values = tuple(
        (path, field.value)
        for path, field in manifest.walk()
        if field.value and field.value not in _NO_WORDS
    )
    return SearchText(values=values, pages=pages)


async def put_into_index(rooms: Rooms, pool: ReaderPool, document: Document) -> None:
    """Index a document; the same again changes nothing.

    Args:
        rooms: the ledger, the work folder, and the store where that lacks a file.
        pool: reads the text of its pages.
        document: signed already.

    Raises:
        SohoaError: its files are nowhere whole, cannot be read, or the store does not answer.
    """

    def made() -> SearchText:
        manifest = manifest_of(rooms, document)
        with document_pdf(rooms, document) as path:
            pages = asyncio.run(_pages(pool, path, document.pages or len(manifest.pages)))
        return text_of(manifest, pages)

    text = await asyncio.to_thread(made)
    await asyncio.to_thread(rooms.ledger.search.put, document.id, text)


async def try_to_index(rooms: Rooms, pool: ReaderPool, document: Document) -> bool:
    """Index a document where that can be done; what cannot is said in the log and done later.

    Publishing never waits for it: the index is not what is true, and a search finds the document
    by its code all the same.
    """
    try:
        await put_into_index(rooms, pool, document)
    except (SohoaError, OSError) as error:
        code = error.code if isinstance(error, SohoaError) else type(error).__name__
        log.warning("%d: not in the search index yet: %s", document.id, code)
        return False
    return True


async def index_missing(
    rooms: Rooms,
    pool: ReaderPool,
    *,
    stopped: Callable[[], bool] = lambda: False,
    seen: Callable[[int], None] = lambda _done: None,
) -> Indexed:
    """Index whatever was published and is not in the index; it may be stopped at any time.

    Args:
        rooms: the ledger and the store.
        pool: reads the text of pages.
        stopped: whether to stop after the document at hand.
        seen: told how many documents were looked at.
    """
    done, failed, in_vain, after = 0, 0, 0, 0
    while ids := await asyncio.to_thread(rooms.ledger.search.missing, after, _AT_ONCE):
        for one in ids:
            if stopped() or in_vain >= _IN_VAIN:
                return Indexed(indexed=done, failed=failed)
            document = await asyncio.to_thread(rooms.ledger.document, one)
            whole = await try_to_index(rooms, pool, document)
            done, failed = done + whole, failed + (not whole)
            in_vain = 0 if whole else in_vain + 1
            seen(done + failed)
        after = ids[-1]
    return Indexed(indexed=done, failed=failed)


def reindex(
    caller: Caller,
    rooms: Rooms,
    pool: ReaderPool,
    *,
    everything: bool = False,
    seen: Callable[[int], None] = lambda _done: None,
) -> Indexed:
    """Fill the index with what it lacks, or make it anew.

    Cut off at any moment, the same call goes on. While it is made anew, less is found.

    Args:
        caller: who wants it.
        rooms: the ledger and the store.
        pool: reads the text of pages.
        everything: forget what is there first.
        seen: told how many documents were looked at.

    Raises:
        NotAllowed: they do not keep the office running.
        ServiceUnavailable: the ledger's database does not answer.
    """
    permit(caller, Right.operate)
    if everything:
        rooms.ledger.search.clear()
    return asyncio.run(index_missing(rooms, pool, seen=seen))


async def _pages(pool: ReaderPool, path: Path, pages: int) -> tuple[str, ...]:
    return await pool.on_file(tasks.page_texts, path, pages, pages=pages)
