"""The way of a page."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ocr.options import ReadingOptions
from schemas.page import PageReading


def read_page(path: Path, number: int, options: ReadingOptions) -> PageReading:
    """Read page ``number`` (from 1) of a file that :func:`ocr.inspect` accepted."""
    raise NotImplementedError


def page_image(path: Path, number: int, rotation: int, dpi: float) -> NDArray[np.uint8]:
    """The page in grey, upright: uint8, shape (height, width), 255 is paper.

    ``rotation`` is :attr:`PageReading.rotation`; a pixel is ``72 / dpi`` points of the page's
    boxes. Not deskewed, without annotations' appearances.
    """
    raise NotImplementedError
