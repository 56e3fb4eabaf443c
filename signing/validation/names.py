"""PDF names as the bytes they are (ISO 32000-2, 7.3.5), also where these are not UTF-8.

pyHanko 0.38 refuses a byte above 126 that is not written as ``#xx`` (Word 2007 and DocuSign write
such names), and takes ``/F#E9`` and ``/F#C3#A9`` for the same name: written anew, a page's font
would get another name than its content uses. No upstream issue is known. To be removed when pyHanko
reads names as bytes.
"""

import re
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.misc import PdfWriteError

_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
_SPECIAL = re.compile(rb"[^!-~]|[#%()<>\[\]{}/]")


def decode(name_bytes: bytes) -> generic.NameObject:
    """A name from what stands behind its slash; bytes that are no UTF-8 become lone surrogates.

    A ``#`` that no two hexadecimal digits follow stands for itself, as in PDF 1.1.
    """
    held = _ESCAPE.sub(lambda found: bytes([int(found[1], 16)]), name_bytes)
    return generic.NameObject("/" + held.decode("utf-8", "surrogateescape"))


def encode(name: str) -> bytes:
    """A name as it is written, with its slash.

    Raises:
        PdfWriteError: it has no slash.
    """
    held = name.encode("utf-8", "surrogateescape")
    if held[:1] != b"/":
        raise PdfWriteError(f"{name!r} is no name")
    return b"/" + _SPECIAL.sub(lambda found: b"#%02X" % found[0][0], held[1:])


def _write(self: str, stream: Any, handler: Any = None, container_ref: Any = None) -> None:
    stream.write(encode(self))


def read_as_bytes() -> None:
    """Have pyHanko read and write names so, here and wherever it is used in this process."""
    generic._decode_name = decode  # there is no seam
    generic.NameObject.write_to_stream = _write  # type: ignore[method-assign]
