"""Whether what this process itself appended to a file can show on no page, told without drawing.

For files just signed, whose structure was judged before: nothing but evidence and a time stamp
follows the signature, every byte of it accounted for. What is left is how another reader finds its
way; where PDFium takes both revisions as they are, without mending their cross-references, it finds
the same objects, and the one page that was written anew (its list of annotations) is compared.
"""

import ctypes
from contextlib import suppress
from typing import IO

import pypdfium2 as pdfium
from pypdfium2 import raw

from signing.verdicts.draw_revisions import open_revision


def plainly_same(stream: IO[bytes], ends: list[int]) -> bool:
    """Whether the revisions that end there show what the whole file shows.

    ``False``: that is not plain, and the pages are to be drawn. PDFium is not for several threads.
    """
    descriptor = stream.fileno()
    size = stream.seek(0, 2)
    with suppress(pdfium.PdfiumError, OSError, ValueError):
        now = _page(open_revision(descriptor, size))
        return now is not None and all(
            _page(open_revision(descriptor, end)) == now for end in ends if end != size
        )
    return False


_Page = tuple[int, tuple[float, float], int, int, tuple[float, ...]]


def _page(document: pdfium.PdfDocument) -> _Page | None:
    """The number of pages, and of the first one the size, rotation, objects and where they are."""
    try:
        if not raw.FPDF_DocumentHasValidCrossReferenceTable(document):
            return None
        page = document[0]
        box = raw.FS_RECTF()
        raw.FPDF_GetPageBoundingBox(page, ctypes.byref(box))
        return (
            len(document),
            page.get_size(),
            page.get_rotation(),
            int(raw.FPDFPage_CountObjects(page)),
            (box.left, box.bottom, box.right, box.top),
        )
    finally:
        document.close()
