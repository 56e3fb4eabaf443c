"""Where a PDF ends, and what may stand behind it.

Programs that copy in blocks fill the last one with zeros, some of DOS's age close a file with 0x1A,
and neither is damage or a change. pyHanko looks back a kilobyte for ``%%EOF`` and no further
(MatthiasValvekens/pyHanko#173, closed as stale). To be removed when it passes over filling
of any length, before the end of the file and before that of a signed revision.
"""

import os
from collections.abc import Callable
from typing import IO, Any

from pyhanko.pdf_utils import reader as pyhanko_reader
from pyhanko.sign.validation import pdf_embedded

FILLING = b"\x00\t\n\x0c\r \x1a"
"""Bytes that mean nothing behind the end of a file."""

_CHUNK = 1 << 16
_FARTHEST = 64 << 20  # bytes of filling that are looked through


def content_end(stream: IO[bytes], end: int | None = None) -> int:
    """Where what stands before ``end`` (the file's own when unset) ends without any filling.

    At most 64 MB are looked through; the answer lies that far before ``end`` then.
    """
    at = stream.seek(0, os.SEEK_END) if end is None else end
    farthest = max(0, at - _FARTHEST)
    while at > farthest:
        begin = max(farthest, at - _CHUNK)
        stream.seek(begin)
        rest = stream.read(at - begin).rstrip(FILLING)
        if rest:
            return begin + len(rest)
        at = begin
    return at


_process_data_at_eof: Callable[[Any], int] = pyhanko_reader.process_data_at_eof


def before_filling(stream: Any) -> int:
    """What ``startxref`` says before a place, with or without filling between the two.

    pyHanko asks from the file's last byte, or from the first one behind a signature's bytes.

    Raises:
        PdfReadError: there is none within the last kilobyte before the filling.
    """
    at = stream.tell()
    size = stream.seek(0, os.SEEK_END)
    end = content_end(stream, size if at + 1 >= size else at)
    # a line is read backwards from its last byte
    stream.seek(max(0, end - 1))
    return _process_data_at_eof(stream)


pyhanko_reader.process_data_at_eof = before_filling  # there is no seam
pdf_embedded.process_data_at_eof = before_filling  # type: ignore[attr-defined]
