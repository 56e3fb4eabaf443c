"""Text that stands only in annotations: the stamps digital signatures draw."""

from pathlib import Path

from ocr.values import Annotation


def annotations(path: Path) -> tuple[Annotation, ...]:
    """The texts of all annotation appearances of a PDF, page by page, in drawing order.

    Returns an empty tuple for pictures. ``box`` is in points of the page as a viewer shows it;
    where :attr:`PageReading.rotation` is not 0, turn it by that with :func:`ocr.geometry.turned`.
    """
    raise NotImplementedError
