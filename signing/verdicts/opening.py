# mypy: disable-error-code="no-untyped-call"
# pyHanko ships py.typed but leaves much of its reading interface without annotations.
"""Opening a PDF that may be anything, and running pyHanko's coroutines from anywhere."""

import asyncio
import mmap
import os
import re
import sys
import threading
from collections.abc import Coroutine
from typing import IO, Any, TypeVar

from pyhanko.pdf_utils.reader import PdfFileReader

from signing.verdicts.views import Reader, TooMuch

_HEADER_WITHIN = 1024  # bytes a reader searches for %PDF- (ISO 32000-1, annex H.3.4.1)
_TRAILER_WITHIN = 65536  # bytes at the end searched for startxref; 1024 by the same annex

_OBJECTS = 8_388_607  # in a PDF at most (ISO 32000-1, annex C)
_DEPTH = 20_000
"""Calls within calls: pyHanko follows every chain to its end, and bookmarks are one."""

_XREF = re.compile(rb"\d obj\s*<<[^>]{0,20000}?/XRef\b[^>]{0,200000}>>")
_COUNTS = re.compile(rb"/Index\s*\[([\d\s]*)\]")
_SIZE = re.compile(rb"/Size\s+(\d{1,20})")

_T = TypeVar("_T")


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


def _endless(stream: IO[bytes]) -> bool:
    """Whether a cross-reference stream says that it has more entries than a PDF can have.

    pyHanko would count through all of them, also where nothing is left to read.
    """
    with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
        for found in _XREF.finditer(content):
            said = _COUNTS.search(found[0])
            counts = [] if said is None else [int(one) for one in said[1].split()[1::2]]
            size = _SIZE.search(found[0])
            if max(sum(counts), 0 if size is None or counts else int(size[1])) > _OBJECTS:
                return True
    return False


def frame(stream: IO[bytes]) -> bool:
    """Whether the stream has a PDF's beginning and end where readers look for them.

    Asked before pyHanko is: it walks back from the end of the file byte by byte, for minutes in a
    sparse file of 2 GB.
    """
    stream.seek(0)
    begins = b"%PDF-" in stream.read(_HEADER_WITHIN)
    size = stream.seek(0, os.SEEK_END)
    stream.seek(max(0, size - _TRAILER_WITHIN))
    ends = b"startxref" in stream.read()
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
    if _endless(stream):
        raise TooMuch
    sys.setrecursionlimit(max(sys.getrecursionlimit(), _DEPTH))
    reader = Reader(stream)
    if reader.encrypted:
        outcome = reader.decrypt("")
        if outcome.status.name == "FAILED":
            raise Encrypted
    _ = reader.root["/Pages"]
    return reader
