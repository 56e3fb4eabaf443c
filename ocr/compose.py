"""The searchable PDF/A-2b of a document that was read."""

from collections.abc import Sequence
from pathlib import Path

from ocr.options import ReadingOptions
from ocr.values import Inspection
from schemas.page import PageReading


def compose(
    path: Path,
    inspection: Inspection,
    pages: Sequence[PageReading],
    out: Path,
    options: ReadingOptions,
) -> tuple[str, ...]:
    """Write a PDF/A-2b with an invisible text layer to ``out``; returns warnings (codes)."""
    raise NotImplementedError
