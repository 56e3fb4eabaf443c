"""What makes a photograph hard to read, said so that a person takes it again."""

import numpy as np
from numpy.typing import NDArray

from ocr.photographs.recognised import Photograph


def faults(flat: NDArray[np.uint8], dpi: float, own: float, found: Photograph) -> tuple[str, ...]:
    """Codes of sentences."""
    return ()
