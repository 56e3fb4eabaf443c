"""QR codes that a paper has already, read as a telephone does."""

from pathlib import Path

import pypdfium2 as pdfium
import zxingcpp

from schemas.errors import InputRejected
from schemas.public_code import LENGTH, is_code

_DPI = 200.0
_MOST = 20
"""Codes of a page that are looked at."""


def drawn_codes(path: Path) -> tuple[str, ...]:
    """What may be public codes on the first and the last page: what their QR codes end with.

    Runs where PDFium may: in a process of its own.

    Raises:
        InputRejected: ``signing.not_a_pdf``.
    """
    found: dict[str, None] = {}
    try:
        with pdfium.PdfDocument(path) as document:
            for number in sorted({0, len(document) - 1}):
                picture = document[number].render(scale=_DPI / 72, grayscale=True).to_pil()
                for one in zxingcpp.read_barcodes(picture)[:_MOST]:
                    if is_code(one.text[-LENGTH:]):
                        found[one.text[-LENGTH:]] = None
    except pdfium.PdfiumError as error:
        raise InputRejected("signing.not_a_pdf") from error
    return tuple(found)
