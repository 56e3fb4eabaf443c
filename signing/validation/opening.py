# mypy: disable-error-code="no-untyped-call"
# pyHanko ships py.typed but leaves much of its reading interface without annotations.
"""Opening a PDF that may be anything, and running pyHanko's coroutines from anywhere."""

import asyncio
import sys
import threading
from collections.abc import Coroutine
from typing import IO, Any, TypeVar

from pyhanko.pdf_utils.reader import PdfFileReader

from signing.validation.ending import content_end
from signing.validation.hex_strings import read_in_one_go
from signing.validation.views import LenientReader

_HEADER_WITHIN = 1024  # bytes a reader searches for %PDF- (ISO 32000-1, annex H.3.4.1)
_TRAILER_WITHIN = 65536  # bytes at the end searched for startxref; 1024 by the same annex

_DEPTH = 20_000
"""Calls within calls: pyHanko follows every chain to its end, and bookmarks are one."""

_T = TypeVar("_T")

read_in_one_go()


def run(work: Coroutine[Any, Any, _T]) -> _T:
    """Run a coroutine to its end, also where an event loop runs in this thread already."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    results: list[_T] = []
    errors: list[BaseException] = []

    def target() -> None:
        try:
            results.append(asyncio.run(work))
        except BaseException as exc:
            errors.append(exc)

    thread = threading.Thread(target=target)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return results[0]


class Encrypted(Exception):
    """The file wants a password."""


def frame(stream: IO[bytes]) -> bool:
    """Whether the stream has a PDF's beginning and end where readers look for them.

    Asked before pyHanko is: it walks back from the end of the file byte by byte, for minutes in a
    sparse file of 2 GB.
    """
    stream.seek(0)
    begins = b"%PDF-" in stream.read(_HEADER_WITHIN)
    size = content_end(stream)
    stream.seek(max(0, size - _TRAILER_WITHIN))
    ends = b"startxref" in stream.read(_TRAILER_WITHIN)
    stream.seek(0)
    return begins and ends


def open_pdf(stream: IO[bytes]) -> PdfFileReader:
    """A reader that takes what readers of the wild take.

    Raises:
        Encrypted: a password is needed.
        TooMuch: now or later, it asks for more than can be looked through.
        Exception: of many kinds, when it is no PDF.
    """
    if not frame(stream):
        raise ValueError("not a PDF")
    sys.setrecursionlimit(max(sys.getrecursionlimit(), _DEPTH))
    reader = LenientReader(stream)
    if reader.encrypted:
        outcome = reader.decrypt("")
        if outcome.status.name == "FAILED":
            raise Encrypted
    _ = reader.root["/Pages"]
    return reader
