"""Whether what this process itself appended to a file can show on no page, told without drawing.

For files just signed, whose structure was judged before: nothing but evidence and a time stamp
follows the signature, every byte of it accounted for. What is left is how another reader finds its
way; where PDFium takes both revisions as they are, without mending their cross-references, it finds
the same objects.
"""

import ctypes
from contextlib import suppress
from typing import IO

import pypdfium2 as pdfium
from pypdfium2 import raw

from signing.validation.draw_revisions import open_revision


def plainly_same(stream: IO[bytes], ends: list[int]) -> bool:
    """Whether the revisions that end there show what the whole file shows.

    ``False``: that is not plain, and the pages are to be drawn. PDFium is not for several threads.
    """
    descriptor = stream.fileno()
    size = stream.seek(0, 2)
    with suppress(pdfium.PdfiumError, OSError, ValueError):
        now = _pages(open_revision(descriptor, size))
        return now is not None and all(
            _pages(open_revision(descriptor, end)) == now for end in ends if end != size
        )
    return False


_Pages = tuple[int, float, float]


def _pages(document: pdfium.PdfDocument) -> _Pages | None:
    """The number of pages and the first one's size, if nothing had to be mended to find them."""
    try:
        if not raw.FPDF_DocumentHasValidCrossReferenceTable(document):
            return None
        size = raw.FS_SIZEF()
        if not raw.FPDF_GetPageSizeByIndexF(document, 0, ctypes.byref(size)):
            return None
        return len(document), size.width, size.height
    finally:
        document.close()
