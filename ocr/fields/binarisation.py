"""Ink and paper of a strip told apart by its own greys."""

import numpy as np
from numpy.typing import NDArray

from ocr.fields.zone_reader import Image


def ink_of(image: Image) -> NDArray[np.uint8]:
    """Ink as 255, paper 0; the paper's own grey is taken from the strip."""
    darkest, paper = shades(image, 0.01, 0.8)
    level = min(paper - 40, 0.5 * (paper + darkest) + 10)
    return np.asarray((image < level) * 255, np.uint8)


def shades(image: Image, *shares: float) -> tuple[float, ...]:
    """The grey under which so large a part of the pixels lies, for each share: counted, not
    sorted; 0.8 is what paper has."""
    counts = np.cumsum(np.bincount(image.ravel(), minlength=256))
    return tuple(float(np.searchsorted(counts, share * image.size)) for share in shares)
