"""Hexadecimal strings and names read in one go.

pyHanko reads them byte by byte; a signature's ``/Contents`` are some ten thousand, most of them
filling, and took a third of the time of a verification. No upstream issue is known. To be removed
when ``pyhanko.pdf_utils.generic.read_hex_string_from_stream`` reads them in blocks.
"""

import os
import re
from collections.abc import Callable
from functools import cache
from typing import Any

from pyhanko.pdf_utils import generic, misc

_CHUNK = 8192
_ALLOWED = b"0123456789abcdefABCDEF\x00\t\n\x0c\r "
_BLANK = b"\x00\t\n\x0c\r "

_by_digits = generic.read_hex_string_from_stream


def read_hex_string(stream: Any) -> Any:
    """The string whose ``<`` comes next, as a PDF object.

    What is not only digits and blanks is left to pyHanko, so that it says the same of it.

    Raises:
        PdfStreamError: it has no end, or something else in it.
    """
    begin = stream.tell()
    stream.read(1)
    parts: list[bytes] = []
    while True:
        chunk = stream.read(_CHUNK)
        end = chunk.find(b">")
        parts.append(chunk if end < 0 else chunk[:end])
        if end >= 0:
            break
        if not chunk or chunk.translate(None, _ALLOWED):
            stream.seek(begin)
            return _by_digits(stream)
    digits = b"".join(parts)
    if digits.translate(None, _ALLOWED):
        stream.seek(begin)
        return _by_digits(stream)
    stream.seek(end + 1 - len(chunk), os.SEEK_CUR)
    digits = digits.translate(None, _BLANK)
    if len(digits) % 2:
        digits += b"0"
    return generic.pdf_string(bytes.fromhex(digits.decode("ascii")))


_FEW = 24  # bytes in which most names end
_until_class: Callable[..., tuple[bytes, bool]] = misc._read_until_class


@cache
def _one_of(letters: bytes) -> re.Pattern[bytes]:
    return re.compile(b"[" + re.escape(letters) + b"]")


def read_until(class_chars: bytes, stream: Any, maxchars: int | None = None) -> tuple[bytes, bool]:
    """What comes before the first of some bytes, which is read too; whether the stream ended."""
    if maxchars:
        return _until_class(class_chars, stream, maxchars)
    parts = b""
    while chunk := stream.read(_FEW):
        found = _one_of(class_chars).search(chunk)
        if found is not None:
            stream.seek(found.end() - len(chunk), os.SEEK_CUR)
            return parts + chunk[: found.start()], False
        parts += chunk
    return parts, True


def read_in_one_go() -> None:
    """Have pyHanko read them so, wherever it is used in this process; there is no seam."""
    generic.read_hex_string_from_stream = read_hex_string
    misc._read_until_class = read_until
