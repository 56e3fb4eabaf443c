"""What a file is, before any page is read."""

from pathlib import Path

from ocr.options import ReadingOptions
from ocr.values import Inspection


def inspect(path: Path, options: ReadingOptions) -> Inspection:
    """Kind, hash, pages of a file, told by its content; raises ``InputRejected``."""
    raise NotImplementedError
